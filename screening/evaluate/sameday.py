"""One result recorded twice: in its original and in the SI unit, rounded apart, on one day."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from screening.evaluate.exact import canonical
from screening.evaluate.outcome import ObservationUse


class _Rounded(NamedTuple):
    value: Fraction
    half_digit: Fraction  # half of its last digit, in canonical units


def one_fact(variable: str, uses: tuple[ObservationUse, ...]) -> ObservationUse | None:
    """The record to go by, if all are one result: equal within half the last digit of the coarser of each two.

    The one in the unit of the limit speaks (it needs no conversion), else the finest; None if they differ.
    """
    rounded = [_rounded(variable, use) for use in uses]
    known = [item for item in rounded if item is not None]
    if len(known) < len(uses) or not all(_alike(a, b) for a, b in combinations(known, 2)):
        return None
    ranked = sorted(range(len(uses)), key=lambda i: (not _in_limit_unit(uses[i]), known[i].half_digit))
    return uses[ranked[0]]


def _alike(a: _Rounded, b: _Rounded) -> bool:
    return abs(a.value - b.value) <= max(a.half_digit, b.half_digit)


def _in_limit_unit(use: ObservationUse) -> bool:
    return use.threshold is not None and use.threshold.unit == use.observation.unit


def _rounded(variable: str, use: ObservationUse) -> _Rounded | None:
    """The value and half its last digit; None for what is not one number of that variable."""
    number, observation = use.number, use.observation
    if number is None or observation.comparator is not None:
        return None
    value = canonical(variable, number, observation.unit, observation.raw_unit).value
    exponent = number.as_tuple().exponent
    if value is None or not isinstance(exponent, int):
        return None
    next_digit = canonical(variable, number + Decimal(1).scaleb(exponent), observation.unit, observation.raw_unit)
    return None if next_digit.value is None else _Rounded(value, (next_digit.value - value) / 2)
