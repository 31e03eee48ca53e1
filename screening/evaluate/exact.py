"""Exact arithmetic on recorded values: thresholds must flip exactly, so nothing here is a binary float.

Conversions are remembered, because the same results come back in patient after patient.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from screening import units, variables
from screening.evaluate.outcome import Reason
from screening.predicates import Op
from screening.truth import Truth

_HOLDS: dict[Op, Callable[[int, int], bool]] = {
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
    Op.EQ: operator.eq,
}


Exact = Fraction | int
"""What is compared: never a binary float."""


def compare(left: Exact, op: Op, right: Exact) -> bool:
    """Whether left op right, by cross multiplication (both denominators are positive).

    >>> compare(Fraction("1.8"), Op.LE, Fraction("1.5") * Fraction("1.2"))
    True
    """
    return _HOLDS[op](left.numerator * right.denominator, right.numerator * left.denominator)


@lru_cache(maxsize=1 << 16)
def exact(value: Decimal) -> Fraction:
    """A recorded number as a fraction."""
    return Fraction(value)


class Bounds(NamedTuple):
    """What is known of a value: between *low* and *high* (None: no bound), each included or not."""

    low: Exact | None
    high: Exact | None
    low_in: bool = True
    high_in: bool = True


def against(bounds: Bounds, op: Op, limit: Exact) -> Truth:
    """Whether every, no or some value within the bounds satisfies the comparison."""
    if op is Op.EQ:
        return _equals(bounds, limit)
    below = _below(bounds, limit, strict=op in (Op.LT, Op.GE))
    return below if op in (Op.LT, Op.LE) else ~below


def _below(bounds: Bounds, limit: Exact, strict: bool) -> Truth:
    """Whether the value is < limit (*strict*) or ≤ limit."""
    low, high, low_in, high_in = bounds
    if high is not None and (high < limit or (high == limit and not (strict and high_in))):
        return Truth.TRUE
    if low is not None and (low > limit or (low == limit and (strict or not low_in))):
        return Truth.FALSE
    return Truth.UNKNOWN


def _equals(bounds: Bounds, limit: Exact) -> Truth:
    if bounds.low == bounds.high == limit:
        return Truth.TRUE
    outside = _below(bounds, limit, strict=True) is Truth.TRUE or _below(bounds, limit, strict=False) is Truth.FALSE
    return Truth.FALSE if outside else Truth.UNKNOWN


class Canonical(NamedTuple):
    """A value in its variable's canonical unit, or why it has none; *value* may stand beside *problem* IMPLAUSIBLE."""

    value: Fraction | None
    problem: Reason | None


_UNITLESS = frozenset({"scale", "ratio", "count"})


@lru_cache(maxsize=1 << 12)
def needs_unit(variable: str) -> bool:
    """Scales, ratios, counts and pH stand without a unit; everything else needs one."""
    known = variables.catalogue()[variable]
    return known.unit not in (None, "1") and known.kind not in _UNITLESS


def is_bare(unit: str | None) -> bool:
    """No unit, or one that says nothing: "1", "{score}"."""
    return unit is None or unit == "1" or (unit.startswith("{") and unit.endswith("}"))


@lru_cache(maxsize=1 << 16)
def canonical(variable: str, value: Decimal, unit: str | None, raw_unit: str | None) -> Canonical:
    """A recorded value in canonical units, checked for plausibility. No unit is ever guessed."""
    if not value.is_finite():
        return Canonical(None, Reason.IMPLAUSIBLE)
    if unit is None and raw_unit:
        return Canonical(None, Reason.UNIT_INCOMPATIBLE)
    if unit is None and needs_unit(variable):
        return Canonical(None, Reason.UNIT_MISSING)
    converted = convert(variable, Fraction(value), unit)
    if converted is None:
        return Canonical(None, Reason.UNIT_INCOMPATIBLE)
    return Canonical(converted, None if units.plausible(variable, converted) else Reason.IMPLAUSIBLE)


def convert(variable: str, value: Fraction, unit: str | None) -> Fraction | None:
    """*value* in canonical units; None where the unit does not fit the variable."""
    conversion = _conversion(variable, unit)
    return None if conversion is None else conversion(value)


def in_unit(variable: str, value: Fraction, unit: str | None) -> Fraction | None:
    """A canonical value expressed in *unit*; None where the unit does not fit the variable."""
    conversion = _conversion(variable, unit)
    return None if conversion is None else conversion.inverse(value)


_SAME = units.Conversion(Fraction(1))


@lru_cache(maxsize=1 << 12)
def _conversion(variable: str, unit: str | None) -> units.Conversion | None:
    """The conversion of a unit; what needs no unit stands as it is, also with a unit that says nothing."""
    if unit is not None:
        try:
            return units.conversion(variable, unit)
        except units.UnitError:
            pass
    return _SAME if is_bare(unit) and not needs_unit(variable) else None
