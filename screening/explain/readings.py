"""What a criterion would say under each reading that nobody has confirmed."""

from __future__ import annotations

from typing import NamedTuple

from screening.evaluate.chart import Chart
from screening.evaluate.combine import Judge
from screening.evaluate.context import Context
from screening.evaluate.interpreter import prepare
from screening.explain.phrases import phrase
from screening.explain.result import ReadingNote
from screening.explain.verdict import outcome_word
from screening.predicates import Assumption, Choice, Predicate, children, neutral
from screening.ruleset.decisions import CONFIRMED, decided
from screening.ruleset.model import Rule
from screening.sections.model import Side


class Variant(NamedTuple):
    """One reading taken, the criterion's others left open."""

    code: str
    label: str
    words: str
    judge: Judge
    neutral: bool


def variants(rule: Rule, context: Context) -> tuple[Variant, ...]:
    """Every open reading of a criterion, ready to be judged."""
    return tuple(
        Variant(code, label, words, prepare(predicate, context), neutral(predicate))
        for code, label, words, predicate in _taken(rule)
    )


def _taken(rule: Rule) -> list[tuple[str, str, str, Predicate]]:
    found = {}
    for point in _open(rule.predicate):
        for answer, words in _answers(point):
            predicate = decided(rule.predicate, {point.label: answer}, rule.text)
            found[point.label, answer] = (point.code, point.label, words, predicate)
    return list(found.values())


def _open(predicate: Predicate) -> list[Assumption | Choice]:
    own = [predicate] if isinstance(predicate, Assumption | Choice) else []
    return own + [point for child in children(predicate) for point in _open(child)]


def _answers(point: Assumption | Choice) -> list[tuple[str, str]]:
    """(decision, reading in words)."""
    if isinstance(point, Assumption):
        return [(CONFIRMED, phrase(point.reading))]
    return [(reading.name, f"{reading.name}: {phrase(reading.predicate)}") for reading in point.readings]


def notes(open_readings: tuple[Variant, ...], chart: Chart, side: Side) -> tuple[ReadingNote, ...]:
    """The outcome of the criterion under each reading."""
    return tuple(
        ReadingNote(
            code=variant.code,
            label=variant.label,
            reading=variant.words,
            outcome=outcome_word(side, variant.judge(chart).truth, variant.neutral),
        )
        for variant in open_readings
    )
