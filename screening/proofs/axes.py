"""What a predicate demands of each variable, as sets of numbers: the ground on which limits are compared.

An *axis* is one number of a patient: a variable by one method, under the same qualifiers, in the same window, and in
absolute terms or as a multiple of ULN, LLN or baseline. Limits on different axes are never compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import NamedTuple

from screening import units, variables
from screening.predicates import (
    All,
    Amount,
    Any,
    Assumption,
    AtLeast,
    Choice,
    Comparison,
    Duration,
    Except,
    IfElse,
    Multiple,
    Not,
    OneMethod,
    Op,
    OrdinalSet,
    Predicate,
    Sex,
    Window,
)
from screening.proofs.intervals import EVERYTHING, NOTHING, Numbers, counted, limit, scaled
from screening.resources import table

AGE, SEX = "age", "sex"
_SEXES = {"male": Fraction(0), "female": Fraction(1)}
_MONTHS_OR_DAYS = {"a": ("months", 12), "mo": ("months", 1), "wk": ("days", 7), "d": ("days", 1)}
_FINER = {"a": ("mo", 12), "wk": ("d", 7)}  # in which a limit is counted that is no whole number


class Axis(NamedTuple):
    """One number of a patient."""

    variable: str
    scale: str = "absolute"  # or "ULN", "LLN", "baseline"; ages: "months" or "days"
    method: str | None = None
    qualifiers: tuple[str, ...] = ()
    window: Window | None = None
    aggregate: str | None = None


Demands = Mapping[Axis, Numbers]
"""For each axis the numbers that remain possible; an axis not in it is free."""


def demands(predicate: Predicate, truth: bool) -> Demands:
    """What must hold of each axis for *predicate* to be *truth*: never too narrow, so that an empty set is proof."""
    match predicate:
        case Comparison() | OrdinalSet() | Sex():
            found = exact(predicate, truth)
            return {found[0]: found[1]} if found else {}
        case Not(item):
            return demands(item, not truth)
        case All(items):
            return _combined([demands(item, truth) for item in items], together=truth)
        case Any(items):
            return _combined([demands(item, truth) for item in items], together=not truth)
        case Except(base, exception):
            return _combined([demands(base, truth), demands(exception, not truth)], together=truth)
        case IfElse(_, then, otherwise):
            return _either([demands(then, truth), demands(otherwise, truth)])
        case OneMethod(_, items) | AtLeast(_, items):
            return _either([demands(item, truth) for item in items])
        case Choice(readings=readings):
            return _either([demands(reading.predicate, truth) for reading in readings])
        case Assumption(reading=reading) if is_trusted(predicate):
            return demands(reading, truth)
        case _:
            return {}


def is_trusted(made: Assumption) -> bool:
    """Whether limits are compared although a reviewer has not confirmed them: the unit of "age ≥ 18", not its sense."""
    return made.code in table("lint")["settings"]["trusted_assumptions"]


def _combined(parts: list[Demands], *, together: bool) -> Demands:
    return _all(parts) if together else _either(parts)


def _all(parts: list[Demands]) -> Demands:
    axes = dict.fromkeys(axis for part in parts for axis in part)
    return {axis: meet(part.get(axis, EVERYTHING) for part in parts) for axis in axes}


def _either(parts: list[Demands]) -> Demands:
    axes = dict.fromkeys(axis for part in parts for axis in part if all(axis in other for other in parts))
    return {axis: join(part[axis] for part in parts) for axis in axes}


def meet(sets: Iterable[Numbers]) -> Numbers:
    """What all hold."""
    return reduce(Numbers.__and__, sets, EVERYTHING)


def join(sets: Iterable[Numbers]) -> Numbers:
    """What any holds."""
    return reduce(Numbers.__or__, sets, NOTHING)


# ---- limits that say exactly this


def exact(predicate: Predicate, truth: bool) -> tuple[Axis, Numbers] | None:
    """The axis and the numbers for which *predicate* is *truth*, if it speaks of a single axis and of nothing else.

    Of two readings of "older than 18" the written one counts.
    """
    match predicate:
        case Comparison():
            return _signed(_comparison(predicate), truth)
        case OrdinalSet():
            return _signed(_levels(predicate), truth)
        case Sex(value):
            return _signed((Axis(SEX), counted(Op.EQ, _SEXES[value])), truth) if value in _SEXES else None
        case Not(item):
            return exact(item, not truth)
        case All(items):
            return _same_axis(items, truth, together=truth)
        case Any(items):
            return _same_axis(items, truth, together=not truth)
        case Choice(code="strict-age", readings=readings):
            return exact(readings[0].predicate, truth)
        case Assumption(reading=reading) if is_trusted(predicate):
            return exact(reading, truth)
        case _:
            return None


def _signed(found: tuple[Axis, Numbers] | None, truth: bool) -> tuple[Axis, Numbers] | None:
    if found is None or truth:
        return found
    return found[0], ~found[1]


def _same_axis(items: tuple[Predicate, ...], truth: bool, *, together: bool) -> tuple[Axis, Numbers] | None:
    found = [exact(item, truth) for item in items]
    known = [one for one in found if one is not None]
    if len(known) < len(found) or len({axis for axis, _ in known}) != 1:
        return None
    return known[0][0], (meet if together else join)(numbers for _, numbers in known)


def _comparison(made: Comparison) -> tuple[Axis, Numbers] | None:
    if made.aggregate == "any":  # speaks of some one of several values, each time perhaps of another
        return None
    where = (made.method, made.qualifiers, plain_window(made.window), made.aggregate)
    if isinstance(made.limit, Multiple):
        if made.limit.defined:
            return _product(made, made.limit.factor, made.limit.defined, where)
        return Axis(made.variable, made.limit.of.value, *where), limit(made.op, Fraction(made.limit.factor))
    if made.variable == AGE:
        return _age(made.op, made.limit, where)
    numbers = absolute(made.variable, made.op, made.limit)
    return None if numbers is None else (Axis(made.variable, "absolute", *where), numbers)


def _product(made: Comparison, factor: Decimal, of: Amount, where: _Where) -> tuple[Axis, Numbers] | None:
    """A multiple of the ULN that the trial itself defines is an absolute limit."""
    numbers = absolute(made.variable, made.op, Amount(Decimal(factor) * Decimal(of.value), of.unit))
    return None if numbers is None else (Axis(made.variable, "absolute", *where), numbers)


def absolute(variable: str, op: Op, amount: Amount) -> Numbers | None:
    """The canonical values that an absolute limit admits; None where its unit does not convert."""
    try:
        value = units.canonical(variable, amount.value, amount.unit)
    except units.UnitError:
        return None
    step = step_of(variable)
    return counted(op, value, step) if step and value % step == 0 else limit(op, value)


def step_of(variable: str) -> Fraction | None:
    """By how much two neighbouring values of a scale or count differ; None for what is measured."""
    known = table("lint")["settings"]["steps"].get(variable)
    if known is not None:
        return Fraction(str(known))
    whole = variables.catalogue()[variable].kind in table("lint")["settings"]["whole_kinds"]
    return Fraction(1) if whole else None


def plain_window(window: Window | None) -> Window | None:
    """One window for all that hold the same days: 2 weeks are 14 days, a year 12 months, and a screening date that
    the text does not name is still the screening date."""
    if window is None:
        return None
    unit, size = {"wk": ("d", 7), "a": ("mo", 12)}.get(window.duration.unit, (window.duration.unit, 1))
    return replace(window, duration=Duration(window.duration.value * size, unit), stated=True)


_Where = tuple[str | None, tuple[str, ...], Window | None, str | None]


def _age(op: Op, amount: Amount, where: _Where) -> tuple[Axis, Numbers] | None:
    """Ages in completed units; years and months against each other, weeks and days against each other."""
    if amount.unit not in _MONTHS_OR_DAYS:
        return None
    value, unit = Fraction(amount.value), amount.unit
    if value.denominator != 1 and unit in _FINER:
        unit, factor = _FINER[unit]
        value *= factor
    scale, size = _MONTHS_OR_DAYS[unit]
    return Axis(AGE, scale, *where), scaled(counted(op, value), Fraction(size))


def _levels(made: OrdinalSet) -> tuple[Axis, Numbers]:
    step = step_of(made.variable) or Fraction(1)
    admitted = join(counted(Op.EQ, Fraction(value), step) for value in made.values)
    return Axis(made.variable, "absolute", None, made.qualifiers, plain_window(made.window)), _to_the_ends(
        made, admitted, step
    )


def _to_the_ends(made: OrdinalSet, admitted: Numbers, step: Fraction) -> Numbers:
    """A set that holds the scale's last level holds what lies beyond it: nothing does."""
    variable = variables.catalogue()[made.variable]
    if variable.scale_min is not None and made.values and min(made.values) == variable.scale_min:
        admitted |= counted(Op.LT, Fraction(variable.scale_min), step)
    if variable.scale_max is not None and made.values and max(made.values) == variable.scale_max:
        admitted |= counted(Op.GT, Fraction(variable.scale_max), step)
    return admitted


def finest(amount: Amount, variable: str) -> Fraction:
    """One unit of the last digit of a written limit, in canonical units: finer values nobody records.

    >>> finest(Amount(Decimal("18.5"), "kg/m2"), "bmi")
    Fraction(1, 10)
    """
    exponent = Decimal(amount.value).as_tuple().exponent
    digit = Fraction(10) ** min(int(exponent), 0)
    scale = units.conversion(variable, amount.unit).scale if amount.unit else Fraction(1)
    return digit * scale
