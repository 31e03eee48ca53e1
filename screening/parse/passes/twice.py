"""Both ends of a range written in two units: "7 % (53 mmol/mol) to 10 % (86 mmol/mol)".

The pass takes the tokens and gives the tokens, as in joining.py: the second forms become one range behind the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from screening.parse.tokens import ORDERING, Token

_JOINS = frozenset({"TO", "AND", "OR", "DASH"})
_SIGNS = ORDERING | {"NOT"}


class _End(NamedTuple):
    """One end in both forms: tokens[begin:number] is its sign, if any."""

    signs: list[Token]
    first: list[Token]
    opened: Token
    signs_again: list[Token]
    second: list[Token]
    closed: Token
    last: int


def ends_twice(tokens: list[Token]) -> list[Token]:
    """The tokens with the second forms of two ends behind the first forms."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        low = _end(tokens, at)
        high = (
            _end(tokens, low.last + 1) if low and low.last < len(tokens) and tokens[low.last].type in _JOINS else None
        )
        if low is None or high is None or not _alike(low, high):
            out.append(tokens[at])
            at += 1
            continue
        out.extend(_in_turn(low, tokens[low.last], high))
        at = high.last
    return out


def _end(tokens: Sequence[Token], at: int) -> _End | None:
    signs, at = _signs(tokens, at)
    if not _amount(tokens, at) or at + 2 >= len(tokens) or tokens[at + 2].type != "LPAR":
        return None
    again, inner = _signs(tokens, at + 3)
    if not _amount(tokens, inner) or inner + 2 >= len(tokens) or tokens[inner + 2].type != "RPAR":
        return None
    return _End(
        signs,
        list(tokens[at : at + 2]),
        tokens[at + 2],
        again or signs,
        list(tokens[inner : inner + 2]),
        tokens[inner + 2],
        inner + 3,
    )


def _signs(tokens: Sequence[Token], at: int) -> tuple[list[Token], int]:
    begin = at
    while at < len(tokens) and tokens[at].type in _SIGNS:
        at += 1
    return list(tokens[begin:at]), at


def _amount(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at].type == "NUM" and tokens[at + 1].type == "UNIT"


def _alike(low: _End, high: _End) -> bool:
    """Whether both ends are in the same two units, and both have a sign or neither."""
    units = [(end.first[1].value, end.second[1].value) for end in (low, high)]
    return units[0] == units[1] and units[0][0] != units[0][1] and bool(low.signs) == bool(high.signs)


def _in_turn(low: _End, join: Token, high: _End) -> list[Token]:
    between = Token("TO", "-", join.end, join.end, "-") if not low.signs else join
    first = [*low.signs, *low.first, join, *high.signs, *high.first]
    return [*first, low.opened, *low.signs_again, *low.second, between, *high.signs_again, *high.second, high.closed]


__all__ = ["ends_twice"]
