"""Points of scales beside words that are none of their limits: "24 of 30 points", "= 3 or 4".

Each pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from screening import variables
from screening.parse.tokens import Token

_NEAR = 10  # tokens between a limit and the name of its scale
_JOINS = frozenset({"OR", "COMMA", "TO"})
_DIGITS = re.compile(r"\d(,\d)+")
_BETWEEN = frozenset({"FILL", "GLUE", "COLON", "EQ", "LPAR", "RPAR"})
_TEN = 10
_LEVELS = frozenset({"NUM", "LEVEL"})


def of_whole_scales(tokens: list[Token]) -> list[Token]:
    """ "MMSE ≥ 24 of 30 points", "at most 80 out of 100 on the KOOS": the length of the scale is no limit."""
    for at in range(1, len(tokens) - 1):
        before, of, whole = tokens[at - 1 : at + 2]
        if (before.type, whole.type) == ("NUM", "NUM") and of.text.lower() in ("of", "out of"):
            near = [*tokens[max(0, at - _NEAR) : at], *tokens[at + 2 : at + _NEAR]]
            if any(token.type == "SCALE" and _ends_at(token, whole) for token in near):
                of.type = whole.type = "FILL"
    return tokens


def _ends_at(scale: Token, whole: Token) -> bool:
    highest = variables.catalogue()[str(scale.value)].scale_max
    return whole.value.isdigit() and Decimal(whole.value) == highest


def listed_levels(tokens: list[Token]) -> list[Token]:
    """ "IGA = 3 or 4": the sign before the first of several levels says no more than that they are the levels."""
    for at in range(1, len(tokens) - 3):
        if tokens[at].type == "EQ" and tokens[at - 1].type == "SCALE" and _are_levels(tokens[at + 1 : at + 4]):
            tokens[at].type = "FILL"
    return tokens


def comma_levels(tokens: list[Token]) -> list[Token]:
    """ "ECOG PS: 0,1", "ECOG 0,1,2": no level has a decimal comma; each digit is a level of its own."""
    out: list[Token] = []
    for at, token in enumerate(tokens):
        if token.type != "NUM" or not _DIGITS.fullmatch(token.text) or not _is_whole_scale(tokens, at):
            out.append(token)
            continue
        for place, digit in enumerate(token.text, token.start):
            kind = "COMMA" if digit == "," else "NUM"
            out.append(Token(kind, digit, place, place + 1, digit, {kind: digit}))
    return out


def _is_whole_scale(tokens: Sequence[Token], at: int) -> bool:
    """Whether the name of a scale of few whole levels stands right before a number."""
    before = next((token for token in reversed(tokens[:at]) if token.type not in _BETWEEN), None)
    if before is None or before.type != "SCALE":
        return False
    highest = variables.catalogue()[str(before.value)].scale_max
    return highest is not None and highest < _TEN


def _are_levels(behind: Sequence[Token]) -> bool:
    one, join, other = behind
    return one.type in _LEVELS and join.type in _JOINS and other.type in _LEVELS


__all__ = ["comma_levels", "listed_levels", "of_whole_scales"]
