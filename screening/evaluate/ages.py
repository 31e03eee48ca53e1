"""Age in completed units of the unit the text uses, at the screening date; and sex."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from screening.evaluate import calendar
from screening.evaluate.chart import Chart
from screening.evaluate.context import Context
from screening.evaluate.exact import Bounds, Exact, against, compare, exact
from screening.evaluate.outcome import FAILS, HOLDS, AgeUse, Outcome, Reason, Said, SexUse, said, unknown
from screening.patient.facts import DateSpan
from screening.predicates import Amount, Comparison, Op, Sex
from screening.truth import Truth, truth

AGE = "age"
"""The variable that is computed from the birth date."""

_FINER = {"a": ("mo", 12), "wk": ("d", 7)}
"""Where a limit is no whole number of its unit, the finer unit in which it is counted."""

_GROWS_INTO = frozenset({Op.GE, Op.GT})


def age(predicate: Comparison, context: Context) -> OfAge | None:
    """A limit on age; None where it says no unit."""
    limit = predicate.limit
    if not isinstance(limit, Amount) or limit.unit is None:
        return None
    number, unit = _counted(exact(limit.value), limit.unit)
    return OfAge(predicate, context.on, number.numerator if number.denominator == 1 else number, unit)


def _counted(value: Fraction, unit: str) -> tuple[Fraction, str]:
    """A limit of 2.5 years counts months.

    >>> _counted(Fraction(5, 2), "a")
    (Fraction(30, 1), 'mo')
    """
    if value.denominator == 1 or unit not in _FINER:
        return value, unit
    finer, factor = _FINER[unit]
    return value * factor, finer


@dataclass(frozen=True, slots=True)
class OfAge:
    """A limit on age, in the unit in which it is counted."""

    predicate: Comparison
    on: date
    limit: Exact
    unit: str

    def said(self, chart: Chart) -> Said:
        """Truth and reason alone."""
        birth = chart.patient.birth
        if birth is None or birth.first > self.on or not birth.exact:
            return said(self.judge(chart))
        completed = calendar.completed(birth.first, self.on, self.unit)
        return HOLDS if compare(completed, self.predicate.op, self.limit) else FAILS

    def judge(self, chart: Chart) -> Outcome:
        """Undecided only where a partial birth date leaves both answers open."""
        birth = chart.patient.birth
        if birth is None or birth.first > self.on:
            return unknown(self.predicate, Reason.MISSING)
        used = completed_age(birth, self.on, self.unit)
        never = self.predicate.op is Op.EQ and not isinstance(self.limit, int)  # no age is 2.5 completed days
        result = Truth.FALSE if never else against(Bounds(used.low, used.high), self.predicate.op, self.limit)
        if result is Truth.UNKNOWN:
            return unknown(self.predicate, Reason.MISSING, used)
        return Outcome(result, None, self.predicate, (), (used,), self._can_change(result, used.high))

    def _can_change(self, result: Truth, high: int) -> bool:
        """Nobody gets younger: only what lies ahead can come."""
        if self.predicate.op is Op.EQ:
            return result is Truth.TRUE or high < self.limit
        return (result is Truth.FALSE) is (self.predicate.op in _GROWS_INTO)


def completed_age(birth: DateSpan, on: date, unit: str) -> AgeUse:
    """Completed units; a partial birth date gives the least and the greatest they may be."""
    least, most = calendar.age(birth, on, unit)
    return AgeUse(birth, max(least, 0), most, unit)


def sex(predicate: Sex) -> Callable[[Chart], Outcome]:
    """The judge of a sex; one that is not recorded as male or female is not known."""

    def judge(chart: Chart) -> Outcome:
        recorded = chart.patient.sex
        if recorded not in ("male", "female"):
            return unknown(predicate, Reason.MISSING)
        return Outcome(truth(recorded == predicate.value), None, predicate, (), (SexUse(recorded),), recoverable=False)

    return judge
