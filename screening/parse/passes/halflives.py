"""Half-lives: a window no calendar can compute ("28 days or 5 half-lives, whichever is longer").

Beside a length of time the words are passed over and marked; alone they become one token of type HALFLIFE.
"""

from __future__ import annotations

from screening.parse.tokens import Token

_UNIT = "{half-lives}"
_OPS = frozenset({"LT", "LE", "GT", "GE", "EQ", "POSTGE", "POSTLE"})
_BEFORE = frozenset({"NUM", "FILL", "TIMES", "TO", "GLUE", *_OPS})
_LINKS = frozenset({"OR", "COMMA", "AND", "LPAR", "SLASH"})
_AHEAD = 9  # tokens between "half-lives" and "whichever is longer"


def half_lives(tokens: list[Token]) -> list[Token]:
    """The same tokens with each mention of half-lives as one."""
    at = 0
    while at < len(tokens):
        if tokens[at].type == "HALFLIFE" or tokens[at].value == _UNIT:
            tokens, at = _one(tokens, at)
        at += 1
    return tokens


def _one(tokens: list[Token], at: int) -> tuple[list[Token], int]:
    first, last, which = _begin(tokens, at), *_end(tokens, at)
    linked = _linked(tokens, first)
    if linked is None and _time_follows(tokens, last):
        last += 1
        linked = first
    begin = first if linked is None else linked
    if linked is not None:
        last = _closed(tokens, begin, last)
    kind = "HALFLIFE" if linked is None else "FILL"
    start, end = tokens[begin], tokens[last - 1]
    text = " ".join(token.text for token in tokens[begin:last])
    made = Token(kind, which, start.start, end.end, text, {"HALFLIFE": which})
    return [*tokens[:begin], made, *tokens[last:]], begin


def _begin(tokens: list[Token], at: int) -> int:
    """Where "at least 5" before the word begins."""
    while at and tokens[at - 1].type in _BEFORE and tokens[at - 1].text.lower() not in ("for", "to"):
        at -= 1
    while tokens[at].type in ("FILL", "GLUE"):
        at += 1
    return at


def _end(tokens: list[Token], at: int) -> tuple[int, str]:
    """Behind "whichever is longer", and which of the two counts."""
    for here in range(at + 1, min(len(tokens), at + _AHEAD)):
        if tokens[here].type == "WHICHEVER":
            return here + 1, str(tokens[here].value)
        if tokens[here].type in ("SEMI", "DOT", "TIME", "NUM"):
            break
    return at + 1, "either"


def _linked(tokens: list[Token], first: int) -> int | None:
    """Where the link begins that joins the words to a length of time before them; None: nothing does."""
    at = first
    while at and tokens[at - 1].type in _LINKS | {"FILL"}:
        at -= 1
    return at if at < first and at and tokens[at - 1].type == "TIME" else None


def _time_follows(tokens: list[Token], last: int) -> bool:
    """Whether "or 4 weeks" follows."""
    if last + 1 >= len(tokens) or tokens[last].type not in ("OR", "COMMA", "SLASH"):
        return False
    kinds = [token.type for token in tokens[last + 1 : last + 5] if token.type not in ("FILL", *_OPS, "WITHIN")]
    return kinds[:2] == ["NUM", "TIME"]


def _closed(tokens: list[Token], begin: int, last: int) -> int:
    """Takes along the parenthesis or comma that closes the words."""
    depth = sum((token.type == "LPAR") - (token.type == "RPAR") for token in tokens[begin:last])
    while last < len(tokens) and ((tokens[last].type == "RPAR" and depth > 0) or _comma_before_anchor(tokens, last)):
        depth -= tokens[last].type == "RPAR"
        last += 1
    return last


def _comma_before_anchor(tokens: list[Token], at: int) -> bool:
    return tokens[at].type == "COMMA" and at + 1 < len(tokens) and tokens[at + 1].type in ("BEFORE", "AFTER")
