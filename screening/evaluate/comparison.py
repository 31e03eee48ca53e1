"""What one result says against the limit of a comparison, in exact arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from screening import variables
from screening.evaluate import qualifiers
from screening.evaluate.chart import Chart, Measure
from screening.evaluate.context import Context
from screening.evaluate.exact import Bounds, against, canonical, compare, exact
from screening.evaluate.limits import LimitOf, limit_of
from screening.evaluate.outcome import ObservationUse, Reason, Threshold, Use
from screening.evaluate.qualifiers import Effect
from screening.evaluate.reported import UNUSABLE, Reported
from screening.evaluate.selection import scope
from screening.predicates import Comparison, Op
from screening.truth import Truth, truth


def comparison(predicate: Comparison, context: Context) -> Reported:
    """A comparison on reported results."""
    variable = variables.catalogue()[predicate.variable]
    asked = qualifiers.asked(predicate)
    return Reported(
        predicate,
        context.on,
        scope(context, predicate.window, variable.max_age_days),
        Against(predicate, limit_of(predicate.variable, predicate.limit, context), asked).test,
        asked,
        predicate.aggregate or variable.aggregate,
    )


@dataclass(frozen=True, slots=True)
class Against:
    """A result against the limit of one comparison."""

    predicate: Comparison
    limit_of: LimitOf
    asked: qualifiers.Asked | None

    def test(self, chart: Chart, measure: Measure, use: Use) -> ObservationUse:
        """What the result says, or would say."""
        threshold = self.limit_of(chart, measure)
        observation, number = measure.observation, measure.value
        operands, reason = self._operands(measure, threshold)
        if operands is None:
            spoiled = Use.UNUSABLE if use is Use.USED and reason in UNUSABLE else use
            return ObservationUse(observation, spoiled, Truth.UNKNOWN, threshold, reason, number)
        if observation.comparator is None and self.asked is None:
            holds = compare(operands[0], self.predicate.op, operands[1])
            return ObservationUse(observation, use, Truth.TRUE if holds else Truth.FALSE, threshold, None, number)
        asked = None if use is Use.OTHER_METHOD else self.asked
        result, reason = self._holds(measure, *operands, asked)
        return ObservationUse(observation, use, result, threshold, reason, number)

    def _operands(
        self, measure: Measure, threshold: Threshold | None
    ) -> tuple[tuple[Fraction, Fraction] | None, Reason | None]:
        """Value and limit in one unit, or why that cannot be."""
        observation, number = measure.observation, measure.value
        if number is None:
            return None, Reason.MISSING
        unit = observation.unit
        value, problem = canonical(self.predicate.variable, number, unit, observation.raw_unit)
        same_unit = threshold is not None and unit is not None and unit == threshold.unit
        if problem is not None and not (problem is Reason.UNIT_INCOMPATIBLE and same_unit):
            return None, problem
        if threshold is None:
            return None, Reason.NO_REFERENCE_RANGE
        if same_unit:
            return (exact(number), threshold.value), None
        if value is None or threshold.canonical is None:
            return None, Reason.UNIT_INCOMPATIBLE
        return (value, threshold.canonical), None

    def _holds(
        self, measure: Measure, value: Fraction, limit: Fraction, asked: qualifiers.Asked | None
    ) -> tuple[Truth, Reason | None]:
        comparator = measure.observation.comparator
        effect = qualifiers.effect(asked, self.predicate.variable, measure.observation) if asked else None
        if comparator in (None, Op.EQ) and effect is None:
            return truth(compare(value, self.predicate.op, limit)), None
        result = against(bounds(value, comparator, effect), self.predicate.op, limit)
        if result is not Truth.UNKNOWN:
            return result, None
        return result, Reason.CENSORED if effect is None else Reason.QUALIFIER_UNKNOWN


def bounds(value: Fraction, comparator: Op | None, effect: Effect | None = None) -> Bounds:
    """What a censored value says, or one recorded without the qualifier asked for.

    >>> bounds(Fraction(90), None, Effect.RAISES)
    Bounds(low=None, high=Fraction(90, 1), low_in=True, high_in=True)
    """
    low_known = comparator in (None, Op.EQ, Op.GT, Op.GE) and effect in (None, Effect.LOWERS)
    high_known = comparator in (None, Op.EQ, Op.LT, Op.LE) and effect in (None, Effect.RAISES)
    low, high = value if low_known else None, value if high_known else None
    return Bounds(low, high, comparator is not Op.GT, comparator is not Op.LT)
