"""What is open for a patient by the interpreter itself: for the criteria of which SQL cannot tell the parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from screening.evaluate.chart import Chart
from screening.evaluate.interpreter import prepare
from screening.explain.findings import open_leaves
from screening.lists.facts import Fact, fact
from screening.lists.recheck import Source
from screening.ruleset.model import Rule

MOST = 20_000
"""Patients that are looked at one by one; of more, the reason in the result has to do."""


class OpenFact(NamedTuple):
    """A fact that is open for a patient in a criterion, and why."""

    patient: str
    criterion: str
    fact: Fact
    reason: str


def look(source: Source, rules: Sequence[Rule], ids: Sequence[object]) -> Iterator[OpenFact]:
    """Every open fact of these criteria for these patients; none for a criterion that is decided."""
    judges = [(rule, prepare(rule.predicate, replace(source.context, side=rule.side))) for rule in rules]
    for patient in source.patients(ids):
        chart = Chart(patient)
        for rule, judge in judges:
            for leaf in open_leaves(judge(chart)):
                needed = fact(leaf.predicate, rule.id)
                if needed is not None and leaf.reason is not None:
                    yield OpenFact(patient.id, rule.id, needed, leaf.reason.value)
