"""The ways to read a criterion that has open points: as it stands, and with each of them answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from screening.predicates import Assumption, Choice, Predicate, children
from screening.ruleset.decisions import CONFIRMED, decided

AS_WRITTEN = "as it stands"


@dataclass(frozen=True, slots=True)
class ReadAs:
    """A criterion under one reading; *answers*: label → decision; none: nothing is decided."""

    name: str
    predicate: Predicate
    answers: tuple[tuple[str, str], ...] = ()


def readings(predicate: Predicate, text: str) -> Iterator[ReadAs]:
    """As it stands; with everything assumed confirmed, and of each choice every reading (of the others the first)."""
    points = list(dict.fromkeys(_points(predicate)))
    yield ReadAs(AS_WRITTEN if points else "", predicate)
    if not points:
        return
    first = {label: answers[0] for label, answers in points}
    tried = [first, *({**first, label: answer} for label, answers in points for answer in answers[1:])]
    for answers in tried:
        named = "; ".join(f"{label}: {answer}" for label, answer in answers.items())
        yield ReadAs(named, decided(predicate, answers, text), tuple(answers.items()))


def _points(predicate: Predicate) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every open point with its answers; what an assumption would be if dismissed is not understood, and no limit."""
    match predicate:
        case Assumption(label=label):
            yield label, (CONFIRMED,)
        case Choice(label=label, readings=several):
            yield label, tuple(reading.name for reading in several)
    for part in children(predicate):
        yield from _points(part)
