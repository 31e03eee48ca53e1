"""The inputs of a formula, from one patient's record: which are there, of which date, and what is lacking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import product
from math import prod

from screening import variables
from screening.evaluate import calendar
from screening.evaluate.chart import Chart, Measure
from screening.evaluate.context import Context
from screening.evaluate.derived import Formula, Input
from screening.evaluate.exact import canonical, in_unit
from screening.evaluate.outcome import ObservationUse, Reason, Scope, Use
from screening.evaluate.selection import by_time, plainly_latest, scope, select
from screening.patient.facts import Patient
from screening.predicates import Op, Window

Value = Fraction | str

MOST = 16
"""Combinations of inputs that are all tried where same-day results or partial dates leave several. Of more, those of
the least and the greatest inputs: every formula rises or falls with each input while the others stand still, so that
the least and the greatest value are among them."""


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Combinations of inputs that may be the right one. *doubt*: the reason, should they not agree.

    *whole*: all there are; else those among which the least and the greatest value are.
    """

    combinations: tuple[dict[str, Value], ...]
    whole: bool
    inputs: tuple[ObservationUse, ...]
    ages: tuple[int, ...]
    doubt: Reason


@dataclass(frozen=True, slots=True)
class Lack:
    """The inputs that keep a formula from being computed, and those that are there."""

    reason: Reason
    variables: tuple[str, ...]
    inputs: tuple[ObservationUse, ...]
    scope: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is for one input: alternatives, or the reason why there is none."""

    input: Input
    values: tuple[Value, ...] = ()
    uses: tuple[ObservationUse, ...] = ()
    reason: Reason | None = None
    scope: Scope | None = None


def ingredients(formula: Formula, scopes: Mapping[str, Scope], chart: Chart, on: date) -> Ingredients | Lack:
    """The inputs of a formula; *scopes*: the dates between which each counts."""
    pools = {needed.variable: _pool(needed, scopes, chart) for needed in formula.inputs}
    if formula.same_sample:
        pools = _one_sample(pools)
    found = [_find(needed, pools[needed.variable], scopes, chart, on) for needed in formula.inputs]
    uses = tuple(use for entry in found for use in entry.uses)
    lacking = [entry for entry in found if entry.reason is not None]
    if lacking:
        first = lacking[0]
        names = tuple(entry.input.variable for entry in lacking)
        return Lack(first.reason or Reason.MISSING, names, uses, (first.scope,) if first.scope else ())
    whole = prod(len(entry.values) for entry in found) <= MOST
    chosen = product(*(entry.values if whole else _ends(entry.values) for entry in found))
    combinations = tuple({n.variable: v for n, v in zip(formula.inputs, some, strict=True)} for some in chosen)
    doubt = Reason.CONFLICTING if any(len(entry.uses) > 1 for entry in found) else Reason.MISSING
    return Ingredients(combinations, whole, uses, _ages(chart, on), doubt)


def _ends(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """The least and the greatest number; words have no order, so that all of them stay.

    >>> _ends((Fraction(2), Fraction(1), Fraction(3))), _ends(("none", "mild"))
    ((Fraction(1, 1), Fraction(3, 1)), ('none', 'mild'))
    """
    numbers = [value for value in values if isinstance(value, Fraction)]
    if len(numbers) < len(values):
        return values
    return tuple(dict.fromkeys((min(numbers), max(numbers))))


def plain(formula: Formula, scopes: Mapping[str, Scope], chart: Chart, on: date) -> dict[str, Value] | None:
    """The inputs where each is one plain number, and those of one sample are of one; None: not so plain."""
    given: dict[str, Value] = {}
    moments = set()
    for needed in formula.inputs:
        measure = (
            None if needed.variable in ("age", "sex") else _newest(chart.measures(needed.variable), scopes, needed)
        )
        value = _of_person(needed, chart.patient, on) if measure is None else _value(needed, measure)[0]
        if value is None:
            return None
        given[needed.variable] = value
        if measure is not None:
            moments.add((measure.last, measure.time))
    return None if formula.same_sample and len(moments) > 1 else given


def _newest(measures: tuple[Measure, ...], scopes: Mapping[str, Scope], needed: Input) -> Measure | None:
    if measures and plainly_latest(measures[0], measures, scopes[needed.variable]):
        return measures[0]
    return None


def _of_person(needed: Input, patient: Patient, on: date) -> Value | None:
    """Age and sex, where they are known for sure."""
    if needed.variable == "sex":
        return patient.sex if patient.sex in ("female", "male") else None
    if needed.variable != "age" or patient.birth is None or not patient.birth.exact or patient.birth.first > on:
        return None
    return Fraction(calendar.completed(patient.birth.first, on))


def scopes(formula: Formula, context: Context, window: Window | None) -> dict[str, Scope]:
    """The dates between which each measured input counts."""
    measured = (needed for needed in formula.inputs if needed.variable not in ("age", "sex"))
    return {needed.variable: _scope(needed, context, window) for needed in measured}


def _ages(chart: Chart, on: date) -> tuple[int, ...]:
    birth = chart.patient.birth
    return () if birth is None else tuple(dict.fromkeys(calendar.age(birth, on)))


def _pool(needed: Input, scopes: Mapping[str, Scope], chart: Chart) -> tuple[Measure, ...]:
    """The results of an input that certainly lie in time."""
    where = scopes.get(needed.variable)
    if where is None:  # age and sex
        return ()
    results = chart.results(needed.variable) if needed.values else chart.measures(needed.variable)
    return tuple(measure for measure in results if _within(measure, where))


def _within(measure: Measure, where: Scope) -> bool:
    if measure.first is None or measure.last is None:
        return where.earliest is None
    return (where.earliest is None or where.earliest <= measure.first) and measure.last <= where.latest


def _scope(needed: Input, context: Context, window: Window | None) -> Scope:
    return scope(context, window, variables.catalogue()[needed.variable].max_age_days)


def _one_sample(pools: dict[str, tuple[Measure, ...]]) -> dict[str, tuple[Measure, ...]]:
    """Only results of the latest moment at which every input was measured."""
    moments = [{_moment(measure) for measure in pool} for pool in pools.values() if pool]
    if not moments or not (shared := set.intersection(*moments)):
        return dict.fromkeys(pools, ())
    newest = max(shared)
    return {name: tuple(m for m in pool if _moment(m) == newest) for name, pool in pools.items()}


def _moment(measure: Measure) -> tuple[date, str]:
    """Of undated results nobody knows the moment: any other counts as later."""
    return (measure.last or date.min, str(measure.time or ""))


def _find(needed: Input, pool: tuple[Measure, ...], scopes: Mapping[str, Scope], chart: Chart, on: date) -> _Found:
    if needed.variable == "sex":
        sex = chart.patient.sex
        return _Found(needed, (sex,)) if sex in ("male", "female") else _Found(needed, reason=Reason.MISSING)
    if needed.variable == "age":
        ages = tuple(Fraction(age) for age in _ages(chart, on) if age >= 0)
        return _Found(needed, ages, reason=None if ages else Reason.MISSING)
    where = scopes[needed.variable]
    latest = by_time(select(pool, where, on).latest)
    if not latest:
        stale = bool(chart.results(needed.variable))
        return _Found(needed, reason=Reason.STALE if stale else Reason.MISSING, scope=where if stale else None)
    return _usable(needed, latest)


def _usable(needed: Input, latest: tuple[Measure, ...]) -> _Found:
    uses = tuple(ObservationUse(measure.observation, Use.INPUT, number=measure.value) for measure in latest)
    values, reasons = zip(*(_value(needed, measure) for measure in latest), strict=True)
    known = tuple(dict.fromkeys(value for value in values if value is not None))
    return _Found(needed, known, uses, None if known else next(reason for reason in reasons if reason))


def _value(needed: Input, measure: Measure) -> tuple[Value | None, Reason | None]:
    """The input in the unit the formula asks for, or why not."""
    observation, number = measure.observation, measure.value
    if needed.values:
        word = (observation.text or "").strip().casefold()
        return (word, None) if word in needed.values else (None, Reason.MISSING)
    if number is None or observation.comparator not in (None, Op.EQ):
        return None, Reason.CENSORED
    value, problem = canonical(needed.variable, number, observation.unit, observation.raw_unit)
    if value is None or problem is not None:
        return None, problem
    converted = value if needed.unit is None else in_unit(needed.variable, value, needed.unit)
    return converted, Reason.UNIT_INCOMPATIBLE if converted is None else None
