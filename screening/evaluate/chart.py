"""One patient's record, indexed once for all criteria: results by variable, newest first, and events by concept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple

from screening import concepts, variables
from screening.patient.facts import Certainty, Event, EventKind, Observation, Patient


class Measure(NamedTuple):
    """A result that counts as evidence: a number (or a level's number) or a qualitative text."""

    observation: Observation
    value: Decimal | None
    first: date | None
    last: date | None
    time: time | None


class Match(NamedTuple):
    """An event that is the concept asked for, or (not *sure*) may be."""

    event: Event
    sure: bool


class Chart:
    """A lazily filled index; it never changes the patient."""

    __slots__ = ("_grouped", "_matches", "_measures", "_results", "_unrecognised", "_worded", "patient")

    def __init__(self, patient: Patient) -> None:
        """Nothing is looked up yet."""
        self.patient = patient
        self._grouped: dict[str, list[Observation]] | None = None
        self._results: dict[str, tuple[Measure, ...]] = {}
        self._measures: dict[str, tuple[Measure, ...]] = {}
        self._matches: dict[str, tuple[Match, ...]] = {}
        self._worded: dict[str, tuple[Measure, ...]] = {}
        self._unrecognised: tuple[Event, ...] | None = None

    def measures(self, variable: str) -> tuple[Measure, ...]:
        """The numeric results of a variable, newest first; undated ones last."""
        found = self._measures.get(variable)
        if found is None:
            results = self.results(variable)
            if results and None in [measure.value for measure in results]:
                self._worded[variable] = tuple([measure for measure in results if holds_number(measure)])
                results = tuple([measure for measure in results if measure.value is not None])
            found = self._measures[variable] = results
        return found

    def worded(self, variable: str) -> tuple[Measure, ...]:
        """The results of a variable in words that hold a number nobody can read for sure ("8,1 g/dL (low)")."""
        self.measures(variable)
        return self._worded.get(variable, ())

    def results(self, variable: str) -> tuple[Measure, ...]:
        """Numeric and qualitative results of a variable, newest first."""
        found = self._results.get(variable)
        if found is None:
            if self._grouped is None:
                self._grouped = _grouped(self.patient.observations)
            recorded = self._grouped.get(variable)
            found = self._results[variable] = _ordered(variable, recorded) if recorded else ()
        return found

    def matches(self, concept: str) -> tuple[Match, ...]:
        """The events that are, or may be, the concept (any certainty, any time)."""
        found = self._matches.get(concept)
        if found is None:
            found = self._matches[concept] = tuple(_matching(concept, self.patient.events))
        return found

    def unrecognised(self, lists: Collection[EventKind]) -> tuple[Event, ...]:
        """The entries of these lists that may be anything: no code and no name that is known; never a denial."""
        if self._unrecognised is None:
            self._unrecognised = tuple([event for event in self.patient.events if _may_be_anything(event)])
        return tuple([event for event in self._unrecognised if event.kind in lists])


def holds_number(measure: Measure) -> bool:
    """Whether a result is recorded in words that hold digits, which nobody can read for sure."""
    observation = measure.observation
    return measure.value is None and observation.result is None and any(map(str.isdecimal, observation.text or ""))


def _may_be_anything(event: Event) -> bool:
    return event.certainty is not Certainty.REFUTED and not concepts.recognised(event.codes, event.text)


def _grouped(observations: Iterable[Observation]) -> dict[str, list[Observation]]:
    grouped: dict[str, list[Observation]] = {}
    for observation in observations:
        variable = observation.variable
        if variable is None:
            continue
        if variable in grouped:
            grouped[variable].append(observation)
        else:
            grouped[variable] = [observation]
    return grouped


def _matching(concept: str, events: tuple[Event, ...]) -> list[Match]:
    verdicts = [(event, concepts.matches(concept, event.codes, event.text)) for event in events]
    return [Match(event, verdict == "yes") for event, verdict in verdicts if verdict != "no"]


def _ordered(variable: str, observations: Iterable[Observation]) -> tuple[Measure, ...]:
    measures = []
    for observation in observations:
        value, when = observation.value, observation.date
        if value is None:
            if not observation.text:
                continue
            value = _level(variable, observation.text)
        if when is None:
            measures.append(Measure(observation, value, None, None, None))
        else:
            measures.append(Measure(observation, value, when.first, when.last, when.time))
    if len(measures) > 1:
        measures.sort(key=_recency, reverse=True)
    return tuple(measures)


def _level(variable: str, text: str | None) -> Decimal | None:
    """The number of a spoken level: NYHA "III" is 3."""
    if not text:
        return None
    level = variables.catalogue()[variable].levels.get(text.strip().casefold())
    return None if level is None else Decimal(level)


def _recency(measure: Measure) -> tuple[date, date, time]:
    return (measure.last or date.min, measure.first or date.min, measure.time or time.min)
