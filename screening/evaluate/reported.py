"""Judging on reported results: which of them counts, what each says, and what all say together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from screening.evaluate import qualifiers
from screening.evaluate.chart import Chart, Measure
from screening.evaluate.outcome import ObservationUse, Outcome, Reason, Scope, Use, foremost, unknown
from screening.evaluate.sameday import one_fact
from screening.evaluate.selection import Selection, by_time, newer, select
from screening.predicates import Comparison, Op, OrdinalSet, Result
from screening.truth import Truth, every, some

Test = Callable[[Chart, Measure, Use], ObservationUse]
OnResults = Comparison | OrdinalSet | Result

UNUSABLE = frozenset({Reason.IMPLAUSIBLE, Reason.UNIT_MISSING, Reason.UNIT_INCOMPATIBLE})
"""A result with one of these decides nothing, and does not stand against another of the same day."""

UNREADABLE = frozenset({Reason.MISSING})
"""Likewise a qualitative result whose words say neither ("see comment"), or that has only a number."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A predicate on the results of one variable, with everything worked out that does not depend on the patient."""

    predicate: OnResults
    on: date
    scope: Scope
    test: Test
    asked: qualifiers.Asked | None = None
    aggregate: str | None = None
    qualitative: bool = False

    def judge(self, chart: Chart) -> Outcome:
        """The outcome on the latest result that counts; it says so if the anchor of its window is not known."""
        outcome = self._judged(chart)
        if self.scope.anchored or self.scope in outcome.evidence:
            return outcome
        return outcome._replace(evidence=(*outcome.evidence, self.scope))

    def _judged(self, chart: Chart) -> Outcome:
        variable = self.predicate.variable
        measures = chart.results(variable) if self.qualitative else chart.measures(variable)
        if not measures:
            return unknown(self.predicate, Reason.MISSING, self.scope)
        pool = measures if self.asked is None else self._fitting(measures, self.asked)
        if not pool:
            return self._mismatched(chart, measures)
        chosen = select(pool, self.scope, self.on)
        if not (chosen.latest and chosen.sure):
            return self._outdated(chart, chosen)
        latest = chosen.latest if self.aggregate else by_time(chosen.latest)
        worded = () if self.qualitative else newer(chart.worded(variable), latest, self.scope)
        if worded:
            return self._superseded(chart, worded, latest)
        uses = tuple([self.test(chart, measure, Use.USED) for measure in latest])
        if len(uses) == 1:
            verdict, reason = _said(uses[0])
        else:
            verdict, reason = self._together(uses)
        return Outcome(verdict, reason, self.predicate, (), uses + _later(chosen) if chosen.later else uses)

    def _superseded(self, chart: Chart, worded: tuple[Measure, ...], older: tuple[Measure, ...]) -> Outcome:
        """A newer result holds a number that cannot be read: the older one does not stand in for it."""
        unread = (ObservationUse(m.observation, Use.UNUSABLE, Truth.UNKNOWN, None, Reason.MISSING) for m in worded)
        return unknown(
            self.predicate, Reason.MISSING, *unread, *(self.test(chart, measure, Use.SUPERSEDED) for measure in older)
        )

    def _together(self, uses: tuple[ObservationUse, ...]) -> tuple[Truth, Reason | None]:
        idle = UNREADABLE if self.qualitative else UNUSABLE
        usable = tuple(use for use in uses if use.reason not in idle) or uses
        if self.aggregate and isinstance(self.predicate, Comparison):
            return aggregated(self.aggregate, self.predicate.op, usable)
        return agreed(self.predicate.variable, usable)

    def _fitting(self, measures: tuple[Measure, ...], asked: qualifiers.Asked) -> tuple[Measure, ...]:
        """Without the results that are on record as made by another method or under another condition."""
        return tuple([m for m in measures if not qualifiers.differs(asked, m.observation)])

    def _mismatched(self, chart: Chart, measures: tuple[Measure, ...]) -> Outcome:
        shown = select(measures, self.scope, self.on).latest
        uses = tuple(self.test(chart, measure, Use.OTHER_METHOD) for measure in shown)
        return unknown(self.predicate, Reason.METHOD_MISMATCH if uses else Reason.MISSING, *uses, self.scope)

    def _outdated(self, chart: Chart, chosen: Selection) -> Outcome:
        """No result certainly counts: what the newest one would give is shown."""
        nearest = chosen.latest or ((chosen.outside,) if chosen.outside else ())
        stale = Use.OUTSIDE if self.predicate.window else Use.STALE
        uses = tuple(self.test(chart, measure, stale) for measure in nearest)
        reason = Reason.STALE if uses else Reason.MISSING
        return unknown(self.predicate, reason, *uses, *_later(chosen), self.scope)


def _later(chosen: Selection) -> tuple[ObservationUse, ...]:
    return tuple(ObservationUse(measure.observation, Use.LATER, number=measure.value) for measure in chosen.later)


def _said(use: ObservationUse) -> tuple[Truth, Reason | None]:
    return (Truth.UNKNOWN if use.truth is None else use.truth), use.reason


def aggregated(how: str, op: Op, uses: Iterable[ObservationUse]) -> tuple[Truth, Reason | None]:
    """The comparison of the largest, the smallest or any of several values, without needing to know which it is.

    max ≤ limit when all are; max ≥ limit when some is; the smallest the other way round.
    """
    seen = [_said(use) for use in uses]
    downwards = op in (Op.LT, Op.LE)
    needs_all = downwards if how == "max" else how == "min" and op in (Op.GT, Op.GE)
    result = every(truth for truth, _ in seen) if needs_all else some(truth for truth, _ in seen)
    return result, foremost(reason for _, reason in seen) if result is Truth.UNKNOWN else None


def agreed(variable: str, uses: tuple[ObservationUse, ...]) -> tuple[Truth, Reason | None]:
    """The truth on which all results agree that may be the latest; else they conflict."""
    truths = {use.truth for use in uses}
    if len(truths) > 1:
        spokesman = one_fact(variable, uses)
        if spokesman is not None:
            return _said(spokesman)
        conflict = Truth.TRUE in truths and Truth.FALSE in truths
        return Truth.UNKNOWN, Reason.CONFLICTING if conflict else foremost(use.reason for use in uses)
    return _said(uses[0])[0], foremost(use.reason for use in uses)
