"""Numbers of something else than the name beside them: shares of cells, numbers of drugs, a scale in per cent."""

from __future__ import annotations

from collections.abc import Sequence

from screening import variables
from screening.parse.numbers import readings
from screening.parse.tokens import COMPARING, Token
from screening.resources import table

_KNOWN = table("measures")["shares"]
_CELLS = frozenset(_KNOWN["cells"])
EXPRESSED = frozenset(_KNOWN["expressed"])
TAKING = frozenset(_KNOWN["taking"])
_OF = frozenset(_KNOWN["links"])
_PERFORMANCE = frozenset(_KNOWN["performance"])
PERFORMANCE = frozenset(word for name in _PERFORMANCE for word in name.split())
_SHARED, _PERCENT = _KNOWN["levels"]
_FAR = 8  # tokens


def shares_of_cells(tokens: list[Token]) -> list[Token]:
    """ "CD19 expression on ≥ 20 % of the blasts": how many of the cells carry something, not how many there are."""
    for at, cells in enumerate(tokens):
        if cells.type != "VAR" or cells.value not in _CELLS:
            continue
        before = [token for token in tokens[max(0, at - _FAR) : at] if token.text.lower() not in _OF]
        if before and before[-1].value == "%" and _expressed(before):
            cells.type, cells.senses = "WORD", {}
    return tokens


def _expressed(before: Sequence[Token]) -> bool:
    return not EXPRESSED.isdisjoint(word for token in before for word in token.text.lower().split())


def numbers_of_drugs(tokens: list[Token]) -> list[Token]:
    """ "On no more than two antihypertensives" asks nobody to take any: a person counts them."""
    for at, sign in enumerate(tokens[1:-2], start=1):
        number, drug = tokens[at + 1 : at + 3]
        counted = sign.type in ("LT", "LE") and number.type == "NUM" and drug.type == "CONCEPT"
        if counted and tokens[at - 1].text.lower() in TAKING:
            tokens[at - 1].type = "JUDGE"
    return tokens


def percent_performance(tokens: list[Token]) -> list[Token]:
    """ "Performance status > 50 %": the scale that runs to a hundred."""
    if any(token.type == "SCALE" and token.value != _SHARED for token in tokens):
        return tokens
    for scale, sign, number in zip(tokens, tokens[1:], tokens[2:], strict=False):
        general = scale.type == "SCALE" and scale.value == _SHARED and scale.text.lower() in _PERFORMANCE
        if general and sign.type in COMPARING and number.type == "NUM":
            found = readings(number.value)
            if found and found[0] > (variables.catalogue()[_SHARED].scale_max or 0):
                scale.value, scale.senses = _PERCENT, {"SCALE": _PERCENT}
    return tokens


__all__ = ["EXPRESSED", "PERFORMANCE", "TAKING", "numbers_of_drugs", "percent_performance", "shares_of_cells"]
