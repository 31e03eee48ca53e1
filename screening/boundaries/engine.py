"""What decides a case: any function from rules, a patient and a date to the outcome of every criterion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from screening.boundaries.settings import anchors
from screening.evaluate.attested import attested
from screening.evaluate.chart import Chart
from screening.evaluate.combine import Judge
from screening.evaluate.context import Context
from screening.evaluate.interpreter import prepare
from screening.evaluate.outcome import Outcome, Reason
from screening.explain.result import OutcomeWord
from screening.explain.verdict import outcome_word
from screening.patient.facts import Patient
from screening.predicates.meaning import neutral
from screening.ruleset.decisions import resolve
from screening.ruleset.identity import Same
from screening.ruleset.model import Rule, RuleSet
from screening.truth import Truth


class Answer(NamedTuple):
    """Pass, fail or unknown, and why unknown."""

    outcome: OutcomeWord
    reason: Reason | None = None


Engine = Callable[[RuleSet, Patient, date], Mapping[str, Answer]]
"""Decides every criterion (by id) of rules for one patient on one date. Every anchor of a window but the screening date
(first dose, enrolment) is taken to fall `rules/boundaries.toml: anchor_days` days later."""


def interpreter(rules: RuleSet, patient: Patient, on: date) -> Mapping[str, Answer]:
    """The engine of this program."""
    chart = Chart(patient)
    return {rule.id: answer(rule, judge(chart)) for rule, judge in judges(rules, on)}


def answer(rule: Rule, outcome: Outcome) -> Answer:
    """An outcome in the words of a report."""
    return worded(rule, outcome.truth, outcome.reason)


def worded(rule: Rule, truth: Truth, reason: Reason | None) -> Answer:
    """Truth and reason in the words of a report."""
    word = outcome_word(rule.side, truth, neutral(rule.predicate))
    return Answer(word, reason if word == "unknown" else None)


def judges(rules: RuleSet, on: date) -> tuple[tuple[Rule, Judge], ...]:
    """Every rule as decided, with its judge, worked out once."""
    return _judges(Same(rules), on)


@lru_cache(maxsize=256)
def _judges(same: Same, on: date) -> tuple[tuple[Rule, Judge], ...]:
    rules = resolve(same.rules)
    days = anchors((rule.predicate for rule in rules.rules), on)
    context = Context(on, anchors=days, index_conditions=rules.index_conditions, trial=rules.trial)
    return tuple((rule, _judge(rule, context)) for rule in rules.rules)


def _judge(rule: Rule, context: Context) -> Judge:
    return attested(prepare(rule.predicate, context), context)
