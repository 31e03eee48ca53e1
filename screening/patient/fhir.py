"""FHIR R4 resources → patients: each fact to the person it refers to; what refers to nobody here is reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain

from screening.patient import dates, fhir_events
from screening.patient.facts import DateSpan, Event, EventKind, Finding, Observation, Patient
from screening.patient.fhir_events import Holder
from screening.patient.fhir_observations import observations
from screening.patient.findings import merged
from screening.patient.references import Index, Json, Located, identifiers, newest
from screening.resources import table
from screening.variables import by_loinc, by_name

Fact = Observation | Event | Finding | EventKind

_MALFORMED = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, IndexError)


def _observations(resource: Json, holder: Holder) -> Iterator[Fact]:
    yield from observations(resource, holder.source)


_READERS: dict[str, Callable[[Json, Holder], Iterator[Fact]]] = {
    "Observation": _observations,
    "Condition": fhir_events.conditions,
    "AllergyIntolerance": fhir_events.allergies,
    "MedicationRequest": fhir_events.requests,
    "MedicationStatement": fhir_events.statements,
    "MedicationAdministration": fhir_events.administrations,
    "Procedure": fhir_events.procedures,
    "Immunization": fhir_events.immunizations,
    "List": fhir_events.lists,
}
_TARGETS = ("Patient", "Medication")


@dataclass(slots=True)
class _Person:
    """A Patient resource and what refers to it, while the records are put together."""

    located: Located
    birth: DateSpan | None
    facts: list[Fact] = field(default_factory=list)


@dataclass(slots=True)
class Scope:
    """Resources that may refer to each other: those of one Bundle, or the loose ones of one folder.

    What a Bundle refers to and does not hold is looked for in *outer*, the folder's scope.
    """

    name: str
    outer: Scope | None = None
    newest_first: bool = False
    resources: list[Located] = field(default_factory=list)
    people: Index[_Person] = field(default_factory=Index)
    medications: Index[Json] = field(default_factory=Index)
    members: list[_Person] = field(default_factory=list)

    def index(self) -> Iterator[Finding]:
        """First pass: who and what can be referred to. Yields what was passed over."""
        self.resources, older = newest(self.resources, newest_first=self.newest_first)
        if older:
            yield Finding(f"older versions or copies of a resource passed over ({older})", self.name)
        for located in self.resources:
            if located.type == "Patient":
                yield from self._enter(located)
            elif located.type == "Medication":
                self.medications.add(located, located.resource)

    def _enter(self, located: Located) -> Iterator[Finding]:
        birth, problem = _birth(located.resource)
        person = _Person(located, birth)
        if problem:
            person.facts.append(Finding(problem, located.source))
        self.members.append(person)
        self.people.add(located, person)
        if self.outer is not None:
            self.outer.people.add(located, person)
        yield from ()

    def distribute(self) -> Iterator[Finding]:
        """Second pass: every resource to its patient. Yields findings about what belongs to nobody."""
        by_loinc(), by_name()  # a fault of the tables must show here, not pass for a fault of a record
        orphans: Counter[str] = Counter()
        unread: Counter[str] = Counter()
        for located in self.resources:
            if located.type in _READERS:
                if not self._give(located):
                    orphans[located.type] += 1
            elif located.type not in _TARGETS and located.type not in _administrative():
                unread[located.type] += 1
        for kind, count in orphans.items():
            yield Finding(f"{kind} refers to no patient in the input ({count})", self.name, lost=True, rows=count)
        if nameless := unread.pop("", 0):
            yield Finding(f"resources without resourceType left out ({nameless})", self.name, lost=True, rows=nameless)
        if unread:
            listed = ", ".join(f"{kind} ({count})" for kind, count in sorted(unread.items()))
            yield Finding(f"resource types not read: {listed}", self.name)

    def _give(self, located: Located) -> bool:
        person = self._person(located)
        if person is None:
            return False
        person.facts.extend(self._read(located, person))
        return True

    def _person(self, located: Located) -> _Person | None:
        reference = located.resource.get("subject") or located.resource.get("patient")
        if not isinstance(reference, dict):
            return None
        scopes = (scope for scope in (self, self.outer) if scope)
        return next((found for scope in scopes if (found := scope.people.find(reference, located.url))), None)

    def _read(self, located: Located, person: _Person) -> list[Fact]:
        holder = Holder(located.source, person.birth, lambda resource: self._medication(resource, located.url))
        try:
            return list(_READERS[located.type](located.resource, holder))
        except _MALFORMED:
            return [Finding(f"{located.type} left out: not built as FHIR R4 lays down", located.source, lost=True)]

    def _medication(self, resource: Json, url: str) -> Json | None:
        reference = resource["medicationReference"]
        name = str(reference.get("reference") or "")
        if name.startswith("#"):
            return next((held for held in resource.get("contained", ()) if held.get("id") == name[1:]), None)
        scopes = (scope for scope in (self, self.outer) if scope)
        return next((found for scope in scopes if (found := scope.medications.find(reference, url))), None)

    def patients(self) -> Iterator[Patient]:
        """The people whose Patient resource stands in this scope."""
        yield from map(_patient, self.members)


@cache
def _administrative() -> frozenset[str]:
    return frozenset(table("patient/resources")["administrative"])


def _birth(resource: Json) -> tuple[DateSpan | None, str | None]:
    held = resource.get("birthDate")
    if not held:
        return None, "no birth date"
    try:
        return dates.parse(str(held)), None
    except ValueError as error:
        return None, f"birth date not read: {error}"


def _patient(person: _Person) -> Patient:
    resource, facts = person.located.resource, person.facts
    events = sorted((fact for fact in facts if isinstance(fact, Event)), key=lambda event: _ORDER[event.kind])
    complete = frozenset(fact for fact in facts if isinstance(fact, EventKind))
    contradicted = frozenset(
        event.kind for event in events if event.certainty != "refuted" and event.activity != "past"
    )
    notes = chain(
        (fact for fact in facts if isinstance(fact, Finding)), _contradictions(complete & contradicted, person)
    )
    return Patient(
        id=_identifier(resource) or person.located.source,
        birth=person.birth,
        sex=next((sex for sex in _SEXES if sex == resource.get("gender")), None),
        deceased=resource.get("deceasedBoolean") in (True, "true") or bool(resource.get("deceasedDateTime")),
        observations=tuple(fact for fact in facts if isinstance(fact, Observation)),
        events=tuple(events),
        complete=complete - contradicted,
        findings=merged(notes),
    )


_SEXES = ("male", "female", "other")
_ORDER = {kind: number for number, kind in enumerate(EventKind)}


def _identifier(resource: Json) -> str | None:
    held = resource.get("id") or next((item.get("value") for item in identifiers(resource)), None)
    return None if held is None else str(held)


def _contradictions(kinds: Iterable[EventKind], person: _Person) -> Iterator[Finding]:
    for kind in sorted(kinds):
        yield Finding(
            f"recorded as without any {kind.value}, yet one is recorded: not taken as absence", person.located.source
        )
