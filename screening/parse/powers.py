"""Powers of ten that lost their exponent: "platelets > 100 x 10/L" names no unit, and is read as if it gave none."""

from __future__ import annotations

from itertools import pairwise

from screening import variables
from screening.parse.tokens import Token

_TEN = "10"
_PER_VOLUME = frozenset({"/L", "/uL"})


def lost_exponents(tokens: list[Token]) -> list[Token]:
    """The tokens with "x 10/L" behind the limit of a cell count as nothing: its unit is assumed, not guessed."""
    named = None
    for at, (token, number) in enumerate(pairwise(tokens)):
        if token.type == "VAR":
            named = variables.catalogue()[str(token.value)]
        lost = token.type == "TIMES" and number.type == "NUM" and number.value == _TEN and 0 < at < len(tokens) - 2
        if not lost or named is None or named.family != "cells" or tokens[at - 1].type != "NUM":
            continue
        unit = tokens[at + 2]
        if unit.type == "UNIT" and unit.text.replace("µ", "u") in _PER_VOLUME:
            token.type = number.type = unit.type = "FILL"
            token.senses, number.senses, unit.senses = {}, {}, {}
    return tokens


__all__ = ["lost_exponents"]
