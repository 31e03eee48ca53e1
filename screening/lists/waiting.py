"""How long until time alone keeps nobody out: the days until a washout ends, if the record stays as it is."""

from __future__ import annotations

from dataclasses import replace

from screening.evaluate.chart import Chart
from screening.evaluate.context import Context
from screening.evaluate.interpreter import prepare
from screening.evaluate.outcome import Outcome
from screening.lists.moments import clock
from screening.patient.facts import Patient
from screening.ruleset.model import Rule
from screening.sections.model import Side
from screening.truth import Truth


def judged(rule: Rule, patient: Patient, context: Context) -> Outcome:
    """What a criterion comes to for a patient."""
    own = replace(context, criterion=rule.id, side=rule.side)
    return prepare(rule.predicate, own)(Chart(patient))


def keeps_out(rule: Rule, outcome: Outcome) -> bool:
    """Whether the criterion fails."""
    return outcome.truth is (Truth.TRUE if rule.side is Side.EXCLUSION else Truth.FALSE)


def days_until(rule: Rule, patient: Patient, context: Context, horizon: int) -> int | None:
    """The days from the screening date to the first on which the criterion no longer fails; None if it still does
    *horizon* days later."""
    for day in clock([rule], context).moments(patient, horizon):
        if not keeps_out(rule, judged(rule, patient, replace(context, on=day))):
            return (day - context.on).days
    return None


__all__ = ["days_until", "judged", "keeps_out"]
