"""Scales whose values are listed ("ECOG 0, 1 or 2"), and qualitative results ("hCG negative")."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from screening import variables
from screening.evaluate import qualifiers
from screening.evaluate.chart import Chart, Measure
from screening.evaluate.comparison import bounds
from screening.evaluate.context import Context
from screening.evaluate.exact import Bounds, against, canonical, exact
from screening.evaluate.outcome import ObservationUse, Reason, Use
from screening.evaluate.reported import UNUSABLE, Reported
from screening.evaluate.selection import scope
from screening.predicates import Op, OrdinalSet, Result
from screening.resources import table
from screening.truth import Truth, truth


def ordinal_set(predicate: OrdinalSet, context: Context) -> Reported:
    """A list of levels."""
    variable = variables.catalogue()[predicate.variable]
    asked = qualifiers.asked(predicate)
    where = scope(context, predicate.window, variable.max_age_days)
    among = _Among(predicate, variable.scale_min, variable.scale_max, asked)
    return Reported(predicate, context.on, where, among.test, asked)


@dataclass(frozen=True, slots=True)
class _Among:
    predicate: OrdinalSet
    scale_min: Decimal | None
    scale_max: Decimal | None
    asked: qualifiers.Asked | None

    def test(self, _: Chart, measure: Measure, use: Use) -> ObservationUse:
        """Whether the level is one of those listed."""
        observation, number = measure.observation, measure.value
        if number is None:
            return ObservationUse(observation, use, Truth.UNKNOWN, None, Reason.MISSING)
        value, problem = canonical(self.predicate.variable, number, observation.unit, observation.raw_unit)
        if value is None or problem is not None:
            spoiled = Use.UNUSABLE if use is Use.USED and problem in UNUSABLE else use
            return ObservationUse(observation, spoiled, Truth.UNKNOWN, None, problem, number)
        effect = qualifiers.effect(self.asked, self.predicate.variable, observation) if self.asked else None
        if observation.comparator in (None, Op.EQ) and effect is None:
            return ObservationUse(observation, use, truth(number in self.predicate.values), None, None, number)
        result = self._possible(bounds(value, observation.comparator, effect))
        unsure = Reason.CENSORED if effect is None else Reason.QUALIFIER_UNKNOWN
        return ObservationUse(observation, use, result, None, unsure if result is Truth.UNKNOWN else None, number)

    def _possible(self, known: Bounds) -> Truth:
        """Over the whole steps of the scale that the bounds leave."""
        if self.scale_min is None or self.scale_max is None:
            return Truth.UNKNOWN
        steps = range(int(self.scale_min), int(self.scale_max) + 1)
        left = [step for step in steps if _within(known, step)]
        listed = {step in self.predicate.values for step in left}
        return truth(listed.pop()) if len(listed) == 1 else Truth.UNKNOWN


def _within(known: Bounds, step: int) -> bool:
    value = exact(Decimal(step))
    above = known.low is None or against(Bounds(value, value), Op.GE if known.low_in else Op.GT, known.low)
    below = known.high is None or against(Bounds(value, value), Op.LE if known.high_in else Op.LT, known.high)
    return above in (True, Truth.TRUE) and below in (True, Truth.TRUE)


def result(predicate: Result, context: Context) -> Reported:
    """A qualitative result."""
    variable = variables.catalogue()[predicate.variable]
    where = scope(context, predicate.window, variable.max_age_days)
    return Reported(predicate, context.on, where, _Reads(predicate).test, qualitative=True)


@dataclass(frozen=True, slots=True)
class _Reads:
    predicate: Result

    def test(self, _: Chart, measure: Measure, use: Use) -> ObservationUse:
        """Whether the result reads as asked; words that say neither leave it open."""
        read = measure.observation.result or reading(measure.observation.text or "")
        if read is None:
            return ObservationUse(measure.observation, use, Truth.UNKNOWN, None, Reason.MISSING, measure.value)
        return ObservationUse(measure.observation, use, truth(read == self.predicate.value), None, None)


@cache
def _readings() -> dict[str, str]:
    """Recorded words → what they read as (rules/wording.toml)."""
    return {word.casefold(): value for value, words in table("wording")["results"].items() for word in words}


def reading(text: str) -> str | None:
    """A qualitative result in the words criteria use; None where it says neither.

    >>> reading("Not detected"), reading("NEG"), reading("see comment")
    ('negative', 'negative', None)
    """
    return _readings().get(text.strip().rstrip(".").casefold())
