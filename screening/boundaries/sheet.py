"""The sheet: every case with the outcome it must have, the outcome it has, and the arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import screening
from screening.boundaries.cases import Case, Group, cases, default_day
from screening.boundaries.engine import Answer, answer, judges
from screening.boundaries.settings import anchors
from screening.evaluate.chart import Chart
from screening.explain.sentences import explain
from screening.ruleset import content_hash, is_signed
from screening.ruleset.model import Rule, RuleSet


class Row(NamedTuple):
    """One case, decided."""

    case: Case
    rule: Rule
    found: Answer
    explanation: str

    @property
    def agrees(self) -> bool:
        """Whether the outcome is the one that the position demands."""
        return self.found == self.case.expected


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rows of a rule file, with what one must know to make the same sheet again."""

    trial: str
    title: str
    hash: str
    signed: bool
    program: str
    on: date
    given_day: bool  # False: the date is the one that sheets have where none is asked for
    anchors: tuple[tuple[str, date], ...]
    rows: tuple[Row, ...]
    untried: tuple[tuple[str, str], ...]  # (criterion, what no case could be made for)
    without: tuple[Rule, ...]  # criteria in which no record decides anything

    @property
    def disagreements(self) -> tuple[Row, ...]:
        """Rows in which the program does not say what it must."""
        return tuple(row for row in self.rows if not row.agrees)


def sheet(rules: RuleSet, on: date | None = None) -> Sheet:
    """The boundary sheet of a rule file on a date."""
    day = on or default_day()
    groups = cases(rules, day)
    rows = tuple(row for group in groups for row in decided(group))
    tried = {row.rule.id for row in rows}
    days = anchors((rule.predicate for rule in rules.rules), day)
    return Sheet(
        rules.trial,
        rules.title,
        content_hash(rules),
        is_signed(rules),
        f"screening {screening.__version__}",
        day,
        on is not None,
        tuple(days.items()),
        rows,
        tuple(dict.fromkeys((group.rule.id, item) for group in groups for item in group.untried)),
        tuple(rule for rule in rules.rules if rule.id not in tried),
    )


def decided(group: Group) -> Iterable[Row]:
    """The rows of one criterion under one reading."""
    for case in group.cases:
        ((rule, judge),) = judges(group.rules, case.on)
        outcome = judge(Chart(case.patient))
        yield Row(case, rule, answer(rule, outcome), explain(outcome, case.on))
