"""Running a law: many made-up patients, the smallest for whom it fails, and a file that shows it again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from screening import synthetic
from screening.boundaries import Engine, default_day, interpreter
from screening.boundaries.settings import anchors
from screening.patient.facts import Patient
from screening.ruleset.model import RuleSet

Sample = tuple[Patient, ...]
"""One patient, or several that differ in what the law speaks of; their facts stand in the same order."""

T = TypeVar("T")
EXAMPLES = 200


class Setting(NamedTuple):
    """What a law is tried on."""

    rules: RuleSet
    engine: Engine
    on: date


class Breach(NamedTuple):
    """What is wrong, for which patients, on which date; *rules* where a reading was decided for it."""

    told: str
    sample: Sample
    on: date
    reading: str = ""


class LawBrokenError(AssertionError):
    """A law does not hold; names the smallest patient found, and the command that shows it."""

    def __init__(self, told: str, breach: Breach, file: Path | None = None) -> None:
        """The message, and what it is about."""
        super().__init__(told)
        self.breach = breach
        self.file = file


@dataclass(frozen=True, slots=True)
class Law:
    """A law: *samples* of patients, and what each of them may break. Calling it gives a test that pytest collects."""

    name: str
    says: str
    breach: Callable[[Setting, Sample], str | None]
    samples: Callable[[RuleSet, date], st.SearchStrategy[Sample]] | None = None
    every: Callable[[Setting], Iterator[Breach]] | None = None  # instead of samples: all there is to try

    def __call__(  # noqa: PLR0913 -- what a law is tried with, each with a default
        self,
        rules: RuleSet,
        *,
        engine: Engine = interpreter,
        on: date | None = None,
        examples: int = EXAMPLES,
        seed: int | None = None,
        folder: str | Path = ".",
    ) -> Callable[[], None]:
        """A test of this law on *rules*; the smallest patient for whom it fails is written to *folder*."""
        setting = Setting(rules, engine, on or default_day())

        def test() -> None:
            found = self._searched(setting, examples, seed) if self.every is None else self._smallest(setting)
            if found is not None:
                raise _broken(self, setting, found, Path(folder))

        test.__name__ = f"test_{re.sub('[^a-z0-9]+', '_', self.name)}"
        return test

    def _smallest(self, setting: Setting) -> Breach | None:
        assert self.every is not None  # noqa: S101 -- asked before
        return min(self.every(setting), key=_size, default=None)

    def _searched(self, setting: Setting, examples: int, seed: int | None) -> Breach | None:
        """The smallest breach that Hypothesis finds, with every fact left out that is not needed."""
        assert self.samples is not None  # noqa: S101 -- one of the two is given
        found: list[Breach] = []

        @seeded(0 if seed is None else seed)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            print_blob=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(self.samples(setting.rules, setting.on))
        def tried(sample: Sample) -> None:
            told = self.breach(setting, sample)
            if told is not None:
                found.append(Breach(told, sample, setting.on))
                raise LawBrokenError(told, found[-1])

        try:
            tried()
        except LawBrokenError as broken:
            return self._least(setting, broken.breach)
        return None

    def _least(self, setting: Setting, breach: Breach) -> Breach:
        """Without each fact that the breach does not need."""
        for smaller in _without_one(breach.sample):
            told = self.breach(setting, smaller)
            if told is not None:
                return self._least(setting, breach._replace(told=told, sample=smaller))
        return breach


def _size(breach: Breach) -> tuple[int, str]:
    return sum(len(one.observations) + len(one.events) for one in breach.sample), breach.sample[0].id


def _without_one(sample: Sample) -> Iterator[Sample]:
    """The same patients without one result, one event, the birth date, the sex, the complete lists."""
    first = sample[0]
    for number in range(len(first.observations)):
        yield tuple(replace(one, observations=_left(one.observations, number)) for one in sample)
    for number in range(len(first.events)):
        yield tuple(replace(one, events=_left(one.events, number)) for one in sample)
    if first.birth is not None:
        yield tuple(replace(one, birth=None) for one in sample)
    if first.sex is not None:
        yield tuple(replace(one, sex=None) for one in sample)
    if first.complete:
        yield tuple(replace(one, complete=frozenset()) for one in sample)


def _left(items: tuple[T, ...], number: int) -> tuple[T, ...]:
    return items[:number] + items[number + 1 :]


def _broken(law: Law, setting: Setting, found: Breach, folder: Path) -> LawBrokenError:
    """The error, with the file written."""
    name = re.sub("[^a-z0-9]+", "-", law.name)
    file = folder / f"{setting.rules.trial}-{name}.json"
    people = [synthetic.native(one) for one in found.sample]
    content = people[0] if len(people) == 1 else {"patients": people}
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf8")
    days = anchors((rule.predicate for rule in setting.rules.rules), found.on)
    given_days = "".join(f" --anchor {anchor}={day}" for anchor, day in days.items())
    read = f" (read as: {found.reading})" if found.reading else ""
    told = (
        f"{law.name}: {found.told}{read}. The smallest made-up patient is in {file}; "
        f"see: screening screen RULES {file} --on {found.on}{given_days}"
    )
    return LawBrokenError(told, found, file)


class Verdict(NamedTuple):
    """One law on one rule file."""

    law: Law
    broken: LawBrokenError | None


def check(  # noqa: PLR0913 -- as a law
    rules: RuleSet,
    laws: Iterable[Law],
    *,
    engine: Engine = interpreter,
    on: date | None = None,
    examples: int = EXAMPLES,
    seed: int | None = None,
    folder: str | Path = ".",
) -> Iterator[Verdict]:
    """Each law, as it is tried."""
    for law in laws:
        try:
            law(rules, engine=engine, on=on, examples=examples, seed=seed, folder=folder)()
        except LawBrokenError as broken:
            yield Verdict(law, broken)
        else:
            yield Verdict(law, None)
