"""A length of time behind a parenthesis that belongs to what stands before it, where half-lives count beside it.

In "chemotherapy (except hydroxyurea) within 2 weeks or 5 half-lives, whichever is longer" the parenthesis parts the
treatment from its times; they are read as one piece, and the parenthesis behind them.
"""

from __future__ import annotations

from itertools import takewhile

from screening.build.limits.chunks import Chunk
from screening.parse.tokens import Token
from screening.parse.trees.clause import Element

_SMALL = ("FILL", "GLUE")


def rejoined(elements: list[Element]) -> list[Element]:
    """The elements with each such length of time beside what it dates."""
    out: list[Element] = []
    for element in elements:
        opened = _opened(out) if _is_length(element) else None
        if opened is None:
            out.append(element)
            continue
        named, behind = out[opened - 1].payload, element.payload
        tokens, windows = (*named.tokens, *behind.tokens), (*named.windows, *behind.windows)
        out[opened - 1] = Element("TEXT", Chunk(tokens, windows, (*named.loose, *behind.loose)))
    return out


def _is_length(element: Element) -> bool:
    """Whether words begin with a length of time, and half-lives stand beside it."""
    chunk = element.payload
    if element.type != "TEXT" or not isinstance(chunk, Chunk) or not chunk.windows:
        return False
    small = list(takewhile(lambda token: token.type in _SMALL, chunk.tokens))
    first = chunk.windows[0][1]
    return chunk.tokens[len(small)] is first and any(_halves(token) for token in chunk.tokens)


def _halves(token: Token) -> bool:
    return "HALFLIFE" in token.senses


def _opened(out: list[Element]) -> int | None:
    """Where the exception in parentheses opens that stands last, right behind words without a time of their own."""
    if not out or out[-1].type != "RPAR":
        return None
    at = next((at for at in range(len(out) - 1, 0, -1) if out[at].type == "LPAR"), 0)
    if at < 1 or out[at + 1].type != "EXCEPT" or out[at - 1].type != "TEXT":
        return None
    named = out[at - 1].payload
    return at if isinstance(named, Chunk) and not named.windows else None


__all__ = ["rejoined"]
