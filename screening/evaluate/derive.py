"""Computed values in place of reported ones: where the text names a formula, or the user allows one.

Text names a formula: computed, a measured value is shown and not used. No formula named: the reported value, computed
only where there is none (or only a stale one) and the user names a formula. A computed value is as old as its oldest
input; each input has to lie in the criterion's window, else within its own variable's maximum age.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from screening import variables
from screening.evaluate import calendar
from screening.evaluate.chart import Chart, Measure
from screening.evaluate.combine import NOT_AVAILABLE
from screening.evaluate.context import Context
from screening.evaluate.derived import Formula, FormulaError, compute, for_method, formulas
from screening.evaluate.exact import compare, convert
from screening.evaluate.ingredients import Ingredients, Lack, ingredients, plain, scopes
from screening.evaluate.limits import LimitOf, limit_of
from screening.evaluate.outcome import (
    FAILS,
    HOLDS,
    OPEN,
    DerivedUse,
    Evidence,
    ObservationUse,
    Outcome,
    Reason,
    Said,
    Scope,
    Threshold,
    Use,
    said,
    unknown,
)
from screening.evaluate.selection import scope, select
from screening.predicates import Comparison, Multiple, Op
from screening.truth import Truth, truth

Judge = Callable[[Chart], Outcome]


def formula_for(predicate: Comparison, context: Context) -> str | None:
    """The formula by which the variable may be computed here."""
    known = variables.catalogue()[predicate.variable].formulas
    if predicate.method is not None:
        named = for_method(predicate.variable, predicate.method)
        return named.id if named else None
    return next((formula for formula in known if formula in context.compute), None)


def derived(predicate: Comparison, context: Context, reported: Judge) -> Judge:
    """The judge of a value that the text, or else the user, wants computed."""
    computed = computation(predicate, context).judge
    if predicate.method is not None:
        return computed

    def judged(chart: Chart) -> Outcome:
        outcome = reported(chart)
        unavailable = outcome.truth is Truth.UNKNOWN and outcome.reason in NOT_AVAILABLE
        return computed(chart) if unavailable else outcome

    return judged


def computation(predicate: Comparison, context: Context) -> Computation:
    """A comparison of the computed value alone."""
    formula = formulas()[formula_for(predicate, context) or ""]
    limit = predicate.limit
    varies = isinstance(limit, Multiple) and limit.defined is None
    constant = None if varies else limit_of(predicate.variable, limit, context)
    return Computation(predicate, formula, context, constant, scopes(formula, context, predicate.window))


@dataclass(frozen=True, slots=True)
class Computation:
    """A comparison of a computed value, with everything worked out that does not depend on the patient."""

    predicate: Comparison
    formula: Formula
    context: Context
    limit_of: LimitOf | None  # None: the limit needs the reference range of a reported result
    scopes: Mapping[str, Scope]

    def said(self, chart: Chart) -> Said:
        """Truth and reason alone."""
        if self._lacks_first(chart):
            return OPEN[Reason.MISSING]
        holds = self._plainly(chart)
        return said(self.judge(chart)) if holds is None else HOLDS if holds else FAILS

    def _lacks_first(self, chart: Chart) -> bool:
        """Whether nothing is on record of the first input that is measured, nor anything wrong with the person's."""
        first = next(iter(self.scopes), None)
        return first is not None and self.formula.inputs[0].variable == first and not chart.results(first)

    def _plainly(self, chart: Chart) -> bool | None:
        """Whether the comparison holds where each input is one plain number; None: not so plain."""
        birth = chart.patient.birth
        if self.limit_of is None or (birth is not None and not birth.exact):
            return None
        given = plain(self.formula, self.scopes, chart, self.context.on)
        limit = self.limit_of(chart, _NO_MEASURE)
        if given is None or limit is None or limit.canonical is None or not self._applies(chart):
            return None
        value = _value_if_any(self.formula.id, tuple(given.items()))
        canonical = None if value is None else convert(self.predicate.variable, value, self.formula.unit)
        return None if canonical is None else compare(canonical, self.predicate.op, limit.canonical)

    def _applies(self, chart: Chart) -> bool:
        birth = chart.patient.birth
        return birth is None or self.formula.applies_at(calendar.completed(birth.first, self.context.on))

    def judge(self, chart: Chart) -> Outcome:
        """The outcome on the computed value."""
        found = ingredients(self.formula, self.scopes, chart, self.context.on)
        measured = self._measured(chart)
        if isinstance(found, Lack):
            use = self._use(None, found.inputs, lacking=found.variables)
            return unknown(self.predicate, found.reason, use, *found.scope, *measured)
        if not all(self.formula.applies_at(age) for age in found.ages):
            return unknown(self.predicate, Reason.METHOD_MISMATCH, self._use(None, found.inputs), *measured)
        if self.limit_of is None:
            return unknown(self.predicate, Reason.NO_REFERENCE_RANGE, self._use(None, found.inputs), *measured)
        return self._joined(found, self.limit_of(chart, _NO_MEASURE), measured)

    def _joined(self, found: Ingredients, limit: Threshold | None, measured: tuple[Evidence, ...]) -> Outcome:
        """All combinations of inputs that may be the right ones have to agree."""
        uses = [self._computed(found, index, limit) for index in range(len(found.combinations))]
        truths = {use.truth for use in uses}
        evidence = (*(uses if found.whole else _extremes(uses)), *measured)
        if len(truths) == 1 and Truth.UNKNOWN not in truths and (found.whole or self._beyond(uses, limit)):
            return Outcome(uses[0].truth or Truth.FALSE, None, self.predicate, (), evidence)
        reason = Reason.IMPLAUSIBLE if Truth.UNKNOWN in truths else found.doubt
        return unknown(self.predicate, reason, *evidence)

    def _beyond(self, uses: Sequence[DerivedUse], limit: Threshold | None) -> bool:
        """Whether what is untried, between the extremes, decides as they do: not where an equality lies between."""
        if self.predicate.op is not Op.EQ or uses[0].truth is Truth.TRUE or limit is None:
            return True
        edge = limit.canonical
        values = [
            convert(self.predicate.variable, use.value, self.formula.unit) for use in uses if use.value is not None
        ]
        known = [value > edge for value in values if value is not None and edge is not None]
        return len(set(known)) == 1

    def _computed(self, found: Ingredients, index: int, limit: Threshold | None) -> DerivedUse:
        given = found.combinations[index]
        try:
            value = _value(self.formula.id, tuple(given.items()))
        except FormulaError:
            return self._use(None, found.inputs)._replace(truth=Truth.UNKNOWN)
        canonical = convert(self.predicate.variable, value, self.formula.unit)
        if canonical is None or limit is None or limit.canonical is None:
            return self._use(value, found.inputs)._replace(truth=Truth.UNKNOWN, threshold=limit)
        holds = truth(compare(canonical, self.predicate.op, limit.canonical))
        return self._use(value, found.inputs)._replace(truth=holds, threshold=limit, given=tuple(given.items()))

    def _use(
        self, value: Fraction | None, inputs: tuple[ObservationUse, ...], lacking: tuple[str, ...] = ()
    ) -> DerivedUse:
        dates = [use.observation.date for use in inputs if use.observation.date is not None]
        oldest = min(dates, key=lambda when: when.first, default=None)
        formula = self.formula
        return DerivedUse(formula.variable, formula.id, value, formula.unit, oldest, inputs, lacking=lacking)

    def _measured(self, chart: Chart) -> tuple[Evidence, ...]:
        """A reported value, which the text does not ask for."""
        measures = chart.measures(self.predicate.variable)
        if not measures:
            return ()
        where = scope(self.context, self.predicate.window, None)
        latest = select(measures, where, self.context.on).latest
        return tuple(ObservationUse(measure.observation, Use.MEASURED, number=measure.value) for measure in latest)


def _extremes(uses: Sequence[DerivedUse]) -> list[DerivedUse]:
    """What is shown of many combinations: one that is impossible, the least and the greatest value."""
    computed = sorted((use for use in uses if use.value is not None), key=lambda use: use.value or 0)
    impossible = [use for use in uses if use.value is None]
    return [*impossible[:1], *computed[:1], *computed[1:][-1:]]


@lru_cache(maxsize=1 << 14)
def _value(formula: str, given: tuple[tuple[str, Fraction | str], ...]) -> Fraction:
    return Fraction(compute(formula, dict(given)))


def _value_if_any(formula: str, given: tuple[tuple[str, Fraction | str], ...]) -> Fraction | None:
    """None for inputs that are impossible."""
    try:
        return _value(formula, given)
    except FormulaError:
        return None


_NO_MEASURE = Measure(None, None, None, None, None)  # type: ignore[arg-type]
"""Stands where a limit needs no result."""
