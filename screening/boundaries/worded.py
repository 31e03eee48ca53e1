"""Probes of results in words: positive, negative, neither, too old."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from screening import synthetic
from screening.boundaries.probes import Key, Plan, Probe, Said, Says, open_
from screening.boundaries.settings import Frame, settings
from screening.boundaries.verdicts import Reading, scope, verdict
from screening.evaluate.outcome import Reason
from screening.explain.phrases import variable_name
from screening.predicates import Predicate, Result
from screening.resources import table


@dataclass(frozen=True)
class Worded:
    """One variable whose result is a word, with the parts that ask for it."""

    variable: str
    parts: tuple[Result, ...]
    frame: Frame

    @property
    def key(self) -> Key:
        """The variable."""
        return ("word", self.variable)

    @property
    def title(self) -> str:
        """The variable's name."""
        return variable_name(self.variable)

    def absent(self, part: Predicate, plan: Plan) -> Said:  # noqa: ARG002 -- a slot's signature
        """Nothing on record."""
        return open_(Reason.MISSING)

    def states(self) -> tuple[Probe, ...]:
        """The words, and nothing."""
        return tuple(probe for probe in self.probes() if probe.core)

    @property
    def _day(self) -> date:
        on = self.frame.on
        scopes = [scope(part, self.frame) for part in self.parts]
        tried = [on - timedelta(days=settings()["recent_days"]), on, *(last for _, last in scopes)]
        return max(tried, key=lambda day: sum((a is None or a <= day) and day <= b for a, b in scopes))

    def probes(self) -> tuple[Probe, ...]:
        """Everything that is tried on the variable."""
        words = dict.fromkeys((*(part.value for part in self.parts), *sorted(table("wording")["results"])))
        shown = (self._probe("level", word, word, self._day, core=True) for word in words)
        missing = Probe("missing", "missing", self._saying(()), core=True, brief=f"{self.title} missing")
        neither = self._probe("unit fault", "words that say neither", settings()["unread"], self._day)
        return (*shown, missing, neither, *self._days())

    def _days(self) -> Iterator[Probe]:
        one = timedelta(days=1)
        for part in self.parts:
            first, last = scope(part, self.frame)
            if first is not None:
                yield self._probe("window", f"on the first day that counts ({first})", part.value, first)
                yield self._probe("window", f"one day too old ({first - one})", part.value, first - one)
            yield self._probe("window", f"on the last day that counts ({last})", part.value, last)
            if last < self.frame.on:
                yield self._probe("window", f"one day too late ({last + one})", part.value, last + one)

    def _probe(self, kind: str, label: str, word: str, day: date, *, core: bool = False) -> Probe:
        fact = synthetic.result(self.variable, None, unit=None, text=word, day=day)
        reads = word if word in {*table("wording")["results"], *(part.value for part in self.parts)} else None
        reading = Reading(day=day, word=reads)
        return Probe(
            kind, label, self._saying((reading,)), (fact,), value=f"“{word}”", core=core, brief=f"{self.title} {word}"
        )

    def _saying(self, readings: tuple[Reading, ...]) -> Says:
        def says(part: Predicate, _: Plan) -> Said:
            assert isinstance(part, Result)  # noqa: S101 -- the slot holds no others
            return verdict(part, readings, self.frame)

        return says
