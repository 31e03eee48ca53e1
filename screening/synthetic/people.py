"""Patients made to order, and their files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from screening.patient.facts import DateSpan, Event, EventKind, Finding, Observation, Patient
from screening.patient.native_facts import to_native

_LISTS = {
    EventKind.CONDITION: "conditions",
    EventKind.MEDICATION: "medications",
    EventKind.PROCEDURE: "procedures",
    EventKind.ALLERGY: "allergies",
}


def patient(
    id: str,
    *facts: Observation | Event,
    birth_date: date | DateSpan | None = None,
    sex: str | None = None,
    complete: frozenset[EventKind] = frozenset(),
) -> Patient:
    """A person with these facts, each with its place in the file that `native` makes, so that it is read back equal.

    >>> patient("A-1", birth_date=date(1961, 3, 4)).birth.exact
    True
    """
    results = [fact for fact in facts if isinstance(fact, Observation)]
    events = [fact for fact in facts if isinstance(fact, Event)]
    by_list = [[event for event in events if event.kind is kind] for kind in _LISTS]
    placed = [
        replace(event, source=f"{_LISTS[event.kind]}[{number}]")
        for listed in by_list
        for number, event in enumerate(listed)
    ]
    return Patient(
        id=id,
        birth=DateSpan(birth_date, birth_date) if isinstance(birth_date, date) else birth_date,
        sex=sex,
        observations=tuple(replace(fact, source=f"observations[{n}]") for n, fact in enumerate(results)),
        events=tuple(placed),
        complete=complete,
        findings=(Finding("no birth date", "patient"),) if birth_date is None else (),
    )


def native(person: Patient) -> dict[str, Any]:
    """The native JSON object of a patient: what the reader of native files makes of it is the same patient."""
    return to_native(person)
