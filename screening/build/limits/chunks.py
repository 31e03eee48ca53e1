"""The words between islands, collected: a chunk with the windows and loose formal pieces found among them."""

from __future__ import annotations

from typing import NamedTuple

from screening.build.common.context import Reader
from screening.build.limits.implied import (
    is_duration,
    of_others,
    unit_of,
)
from screening.parse.tokens import Token
from screening.parse.trees.clause import Element
from screening.parse.trees.tree import Bound, Island, Shape, Span2
from screening.text import Span


class Chunk(NamedTuple):
    """A TEXT element: tokens between connectives, and the windows found among them."""

    tokens: tuple[Token, ...]
    windows: tuple[tuple[Shape, Token, Token], ...] = ()
    loose: tuple[tuple[Token, Token], ...] = ()  # formal pieces that belong to no variable


class Chunker:
    """Collects the tokens between connectives."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.clear()

    def clear(self) -> None:
        """Forgets what was collected."""
        self.tokens: list[Token] = []
        self.windows: list[tuple[Shape, Token, Token]] = []
        self.loose: list[tuple[Token, Token]] = []

    def judged(self, tokens: list[Token]) -> None:
        """Words that only a person can weigh, with everything up to the next limit."""
        self.tokens.extend(tokens)

    def add(self, token: Token) -> None:
        """One more word."""
        self.tokens.append(token)

    def island(self, tokens: list[Token], island: Island) -> None:
        """An island that is no comparison of a variable: a window, or a loose formal piece."""
        first, last = tokens[island.first], tokens[island.last - 1]
        if island.shape.kind == "window" or (is_duration(island.shape) and not of_others(tokens, island.first)):
            self.windows.append((island.shape, first, last))
        else:
            self.loose.append((first, last))
        self.tokens.extend(tokens[island.first : island.last])

    def goes_on(self, out: list[Element]) -> None:
        """Takes back the words for a person right before a limit of no variable: it is theirs ("a node with a short
        axis of < 1.5 cm is acceptable"), and a person who weighs them must see it."""
        before = out[-1].payload if out and not self.tokens else None
        if isinstance(before, Chunk) and any(token.type == "JUDGE" for token in before.tokens):
            out.pop()
            self.tokens, self.windows, self.loose = list(before.tokens), list(before.windows), list(before.loose)

    @property
    def negates(self) -> bool:
        """Whether "no" stands here alone: what follows is negated."""
        said = [token for token in self.tokens if token.type not in ("FILL", "GLUE", "DASH", "BULLET")]
        return len(said) == 1 and said[0].denies

    @property
    def only_dates(self) -> bool:
        """Whether nothing but a length of time and small words was collected."""
        inside = [(first.start, last.end) for _, first, last in self.windows]
        rest = [one for one in self.tokens if not any(start <= one.start < end for start, end in inside)]
        return bool(inside) and all(token.type in ("FILL", "GLUE") for token in rest)

    @property
    def small(self) -> bool:
        """Whether only small words were collected."""
        return all(token.type in ("FILL", "GLUE") for token in self.tokens)

    def close(self) -> list[Element]:
        """The chunk so far as an element, none where there are no words; a new one begins."""
        if not self.tokens:
            return []
        chunk = Chunk(tuple(self.tokens), tuple(self.windows), tuple(self.loose))
        self.clear()
        return [Element("TEXT", chunk)]


def chunk_span(reader: Reader, chunk: Chunk) -> Span:
    """The place of a chunk."""
    return reader.span(chunk.tokens[0], chunk.tokens[-1])


def has_symbol(item: Bound | Span2) -> bool:
    """Whether something is compared, not merely named."""
    return isinstance(item, Span2) or item.op is not None


def unit_type(item: Bound | Span2) -> str | None:
    """UNIT or TIME, as the bound is measured; None without a unit."""
    unit = unit_of(item)
    return unit.type if unit else None
