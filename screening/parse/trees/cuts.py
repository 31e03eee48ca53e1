"""Where a limit may not end: between a number and its unit, or with the number of what is named next."""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import COMPARING, Token

_JOINS = frozenset({"AND", "COMMA"})
_NAMED = frozenset({"VAR", "WORD", "CONCEPT", "ORGAN", "MOD"})
_LIMITED = COMPARING | {"NUM", "COLON"}
_SHORT = 3  # tokens: "and", "at least", a number


def cuts(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether a limit of the tokens from *first* to before *last* would be cut off there."""
    if last >= len(tokens) or tokens[last - 1].type != "NUM":
        return False
    return tokens[last].type in ("UNIT", "TIME") or (last - first > _SHORT and _counts_next(tokens, last))


def _counts_next(tokens: Sequence[Token], last: int) -> bool:
    """ "DAS28 > 3.2 and at least 6 swollen joints": a number in words behind "and" counts what is named behind it."""
    join, sign = tokens[last - 3], tokens[last - 2]
    if join.type not in _JOINS or sign.type != "GE" or not sign.text[:1].isalpha():
        return False
    behind = tokens[last + 1].type if last + 1 < len(tokens) else ""
    return tokens[last].type in _NAMED and behind not in _LIMITED
