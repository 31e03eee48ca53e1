"""So many per cent above the upper limit of normal: "creatinine less than 25 % above ULN" is "< 1.25 × ULN"."""

from __future__ import annotations

from decimal import Decimal

from screening.parse.numbers import readings
from screening.parse.tokens import ORDERING, Token
from screening.resources import table

ABOVE = frozenset(table("reading")["percent_above"]["words"])
_HUNDRED = 100
_REACH = 3  # tokens from "above" to the reference ("above the institutional ULN")


def percents_above(tokens: list[Token]) -> list[Token]:
    """The tokens with each such share as a multiple of the reference; a comparison before the share stays."""
    for at in range(1, len(tokens) - 3):
        before, number, sign, above = tokens[at - 1 : at + 3]
        if number.type != "NUM" or sign.text != "%" or above.text.lower() not in ABOVE:
            continue
        between = tokens[at + 3 : at + 3 + _REACH]
        reference = next((one for one in between if one.type not in ("FILL", "GLUE")), None)
        share = readings(str(number.value))
        if reference is None or reference.type != "ULN" or before.type not in ORDERING or not share:
            continue
        number.value = str(1 + Decimal(share[0]) / _HUNDRED)
        sign.type, sign.value, sign.senses = "TIMES", "×", {}
        above.type, above.senses = "FILL", {}
    return tokens


__all__ = ["ABOVE", "percents_above"]
