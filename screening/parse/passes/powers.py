"""Powers of ten: as numbers ("10^4 copies/mL"), and with an exponent that was lost: "platelets > 100 x 10/L" names no
unit, and is read as if it gave none.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from screening import variables
from screening.parse.numbers import readings
from screening.parse.tokens import Token

_TEN = "10"
_RAISED = "^"
_LARGEST = 15  # an exponent of ten that a result can have
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


def powers_of_ten(tokens: list[Token]) -> list[Token]:
    """ "≥ 10^4 copies/mL", "2 × 10^3 IU/mL": the number that is written with an exponent of its own."""
    out = list(tokens)
    for at in range(len(tokens) - 3, -1, -1):
        if len(out) < at + 3:
            continue
        base, sign, exponent = out[at : at + 3]
        if (base.type, base.value, exponent.type) != ("NUM", _TEN, "NUM") or sign.text != _RAISED:
            continue
        unit = out[at + 3].type if len(out) > at + 3 else ""
        if unit != "UNIT" or not exponent.text.isdigit() or int(exponent.text) > _LARGEST:
            continue
        times = at > 1 and out[at - 1].type == "TIMES" and out[at - 2].type == "NUM"
        first = at - 2 if times else at
        factor = readings(str(out[first].value))[:1] if times else (Decimal(1),)
        if factor:
            number = format((factor[0] * 10 ** int(exponent.text)).normalize(), "f")
            out[first : at + 3] = [replace(out[first], value=number, end=exponent.end)]
    return out


__all__ = ["lost_exponents", "powers_of_ten"]
