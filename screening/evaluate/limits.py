"""What k × ULN is for one result: the trial's own ULN, else that result's reference range, else the range book.

Never a textbook default, never another result's range. Limits that differ, or fit no sex or age, are no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from screening.evaluate import calendar
from screening.evaluate.chart import Chart, Measure
from screening.evaluate.context import BookRange, Context
from screening.evaluate.exact import convert, exact
from screening.evaluate.outcome import ReferenceSource, Threshold
from screening.patient.facts import Patient, ReferenceRange
from screening.patient.ranges import contradictory, present
from screening.predicates import Amount, Limit, Multiple, Reference

LimitOf = Callable[[Chart, Measure], Threshold | None]

SERVING_TYPES = (None, "normal")
"""Types of reference range that serve as ULN or LLN; "therapeutic" or "critical" ones never do."""

_MONTHS = 12
"""Steps of a year in which ages are told: ranges of infants are given in fractions of a year."""

BASELINE = "baseline"
"""The qualifier of a result that is recorded as the patient's baseline."""


def limit_of(variable: str, limit: Limit, context: Context) -> LimitOf:
    """How to find the limit for a result; the same for all results where the text gives it."""
    if isinstance(limit, Amount):
        return _constant(_threshold(variable, exact(limit.value), limit.unit))
    if limit.defined is not None:
        return _constant(
            _multiple(variable, limit.factor, limit.defined.value, limit.defined.unit, ReferenceSource.TRIAL)
        )
    return _Multiples(variable, limit, context).of


def _constant(threshold: Threshold) -> LimitOf:
    return lambda _chart, _measure: threshold


@lru_cache(maxsize=1 << 14)
def _threshold(variable: str, value: Fraction, unit: str | None) -> Threshold:
    return Threshold(value, unit, convert(variable, value, unit))


@lru_cache(maxsize=1 << 14)
def _product(variable: str, factor: Decimal, of: Decimal, unit: str | None) -> tuple[Fraction, Fraction | None]:
    value = exact(factor) * exact(of)
    return value, convert(variable, value, unit)


def _multiple(variable: str, factor: Decimal, of: Decimal, unit: str | None, source: ReferenceSource) -> Threshold:
    """Built anew for each result, since 40 and 40.0 are one number but are shown as recorded."""
    value, canonical = _product(variable, factor, of, unit)
    return Threshold(value, unit, canonical, of, source)


@dataclass(frozen=True, slots=True)
class _Multiples:
    """k × a reference value that differs from result to result."""

    variable: str
    limit: Multiple
    context: Context

    def of(self, chart: Chart, measure: Measure) -> Threshold | None:
        """The limit for one result; None where there is no reference value."""
        if self.limit.of is Reference.BASELINE:
            return self._baseline(chart, measure)
        ranges = measure.observation.ranges
        if len(ranges) == 1 and (value := for_anybody(ranges[0], self.limit.of)) is not None:
            unit = ranges[0].unit or measure.observation.unit
            return _multiple(self.variable, self.limit.factor, value, unit, ReferenceSource.RESULT)
        own = self._own(chart.patient, measure)
        if own:
            return self._one(own, ReferenceSource.RESULT)
        return self._one(self._book(chart.patient, measure), ReferenceSource.BOOK)

    def _one(self, found: set[tuple[Decimal, str | None]], source: ReferenceSource) -> Threshold | None:
        """The limit, if all that was found is one value (in whatever unit)."""
        factor = self.limit.factor
        thresholds = [_multiple(self.variable, factor, value, unit, source) for value, unit in found]
        if len(thresholds) < 2:  # noqa: PLR2004 -- the common case: one range
            return thresholds[0] if thresholds else None
        distinct = {(threshold.canonical, None if threshold.canonical else threshold.value) for threshold in thresholds}
        return min(thresholds, key=str) if len(distinct) == 1 else None

    def _side(self, low: Decimal | None, high: Decimal | None) -> Decimal | None:
        """The limit asked for; one that is ≤ 0 is absent (databases write 0 for "none"), and so is a contradictory
        one."""
        if contradictory(low, high):
            return None
        return present(high if self.limit.of is Reference.ULN else low)

    def _serving(self, measure: Measure) -> list[ReferenceRange]:
        return [r for r in measure.observation.ranges if r.type in SERVING_TYPES and self._side(r.low, r.high)]

    def _own(self, patient: Patient, measure: Measure) -> set[tuple[Decimal, str | None]]:
        when = measure.last or self.context.on
        found = set()
        for r in self._serving(measure):
            value = self._side(r.low, r.high)
            unreadable = r.unit is None and r.raw_unit is not None
            if value is not None and not unreadable and suits(patient, when, r.sex, r.age_low, r.age_high):
                found.add((value, r.unit or measure.observation.unit))
        return found

    def _book(self, patient: Patient, measure: Measure) -> set[tuple[Decimal, str | None]]:
        when = measure.last or self.context.on
        rows = [row for row in self.context.ranges if self._in_force(row, measure, when)]
        suiting = [row for row in rows if suits(patient, when, row.sex, row.age_from, row.age_to)]
        sides = ((self._side(row.low, row.high), row.unit) for row in suiting)
        return {(value, unit) for value, unit in sides if value is not None}

    def _in_force(self, row: BookRange, measure: Measure, when: date) -> bool:
        if row.variable != self.variable or row.method not in (None, measure.observation.method):
            return False
        return (row.valid_from is None or row.valid_from <= when) and (row.valid_to is None or when <= row.valid_to)

    def _baseline(self, chart: Chart, measure: Measure) -> Threshold | None:
        """The one value recorded as baseline on the latest such date."""
        recorded = _baselines(chart.measures(self.variable), measure)
        values = {(m.value, m.observation.unit) for m in recorded if m.value is not None}
        return self._one(values, ReferenceSource.BASELINE)


def _baselines(measures: Iterable[Measure], measure: Measure) -> list[Measure]:
    """Baselines other than the result itself, of the latest date on which one was recorded."""
    found = [m for m in measures if BASELINE in m.observation.qualifiers and m.value and m is not measure]
    return [m for m in found if m.last == found[0].last]


def for_anybody(limits: ReferenceRange, of: Reference) -> Decimal | None:
    """The ULN or LLN of a range that is the same for any sex and age; None: not so plain."""
    if of is Reference.BASELINE or limits.sex is not None or limits.raw_unit is not None:
        return None
    if limits.age_low is not None or limits.age_high is not None or limits.type not in SERVING_TYPES:
        return None
    if contradictory(limits.low, limits.high):
        return None
    return present(limits.high if of is Reference.ULN else limits.low)


def suits(patient: Patient, when: date, sex: str | None, low: Decimal | None, high: Decimal | None) -> bool:
    """Whether a range for this sex and these ages (years) is the patient's; unknown sex or birth date fit none."""
    if sex is not None and sex != patient.sex:
        return False
    if low is None and high is None:
        return True
    if patient.birth is None:
        return False
    ages = [Fraction(months, _MONTHS) for months in calendar.age(patient.birth, when, "mo")]
    return all((low is None or age >= exact(low)) and (high is None or _up_to(age, high)) for age in ages)


def _up_to(age: Fraction, high: Decimal) -> bool:
    """A range "to 65" includes the day before the 66th birthday."""
    limit = exact(high)
    return age < limit + 1 if limit.denominator == 1 and limit >= 1 else age <= limit
