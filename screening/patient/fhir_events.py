"""FHIR R4 Condition, AllergyIntolerance, Procedure, Medication… and Immunization → facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from screening.patient import dates
from screening.patient.facts import Activity, Certainty, DateSpan, Event, EventKind, Finding
from screening.patient.fhir_values import Json, codes, day, text, words, years
from screening.patient.vocabulary import (
    counting_intents,
    denies_list,
    denies_thing,
    empty_means_none,
    list_kind,
    says_nothing,
    severity,
    status_table,
)

Fact = Event | Finding | EventKind  # an EventKind: that list is recorded as complete


class Holder(NamedTuple):
    """What a resource needs to know of its surroundings: the place, the birth date, the medication it refers to."""

    source: str
    birth: DateSpan | None
    medication: Callable[[Json], Json | None]


class _Standing(NamedTuple):
    activity: Activity
    certainty: Certainty = Certainty.CONFIRMED


_STANDINGS = {
    "current": _Standing(Activity.CURRENT),
    "past": _Standing(Activity.PAST),
    "open": _Standing(Activity.UNKNOWN),
    "possible": _Standing(Activity.UNKNOWN, Certainty.POSSIBLE),
}


class _Dated(NamedTuple):
    start: DateSpan | None
    end: DateSpan | None
    problem: str | None = None


# Conditions and allergies


def conditions(resource: Json, holder: Holder) -> Iterator[Fact]:
    """The facts of one Condition."""
    graded = severity(words(resource.get("severity")))
    yield from _state(EventKind.CONDITION, resource, graded, holder)


def allergies(resource: Json, holder: Holder) -> Iterator[Fact]:
    """The facts of one AllergyIntolerance."""
    said = [reaction["severity"] for reaction in resource.get("reaction", ()) if reaction.get("severity")]
    worst = [grade for grade in ("severe", "moderate", "mild") if grade in said]
    yield from _state(EventKind.ALLERGY, resource, severity(worst), holder)


def _state(kind: EventKind, resource: Json, qualifiers: tuple[str, ...], holder: Holder) -> Iterator[Fact]:
    verified = _verification(resource)
    if verified == "never":
        yield Finding(f"{kind.value.capitalize()} does not count: entered in error", holder.source)
        return
    when = _course(resource, holder.birth)
    if when.problem:
        yield Finding(when.problem, holder.source)
    activity = _activity(resource, when)
    denial = _denial(kind, resource, Certainty(verified), activity, holder)
    if denial is not None:
        yield from denial
        return
    yield Event(
        kind=kind,
        text=text(resource.get("code")),
        codes=codes(resource.get("code")),
        certainty=Certainty(verified),
        activity=activity,
        start=when.start,
        end=when.end,
        qualifiers=qualifiers,
        source=holder.source,
    )


def _verification(resource: Json) -> str:
    table = status_table("verification")
    held = words(resource.get("verificationStatus"))
    if not held:
        return Certainty.CONFIRMED.value
    return next((table[word.casefold()] for word in held if word.casefold() in table), Certainty.POSSIBLE.value)


def _activity(resource: Json, when: _Dated) -> Activity:
    """By the clinical status; without one, past if it has ended, else not known."""
    table = status_table("clinical")
    for word in words(resource.get("clinicalStatus")):
        if word.casefold() in table:
            return Activity(table[word.casefold()])
    ended = when.end is not None or any(key.startswith("abatement") for key in resource)
    return Activity.PAST if ended else Activity.UNKNOWN


def _denial(
    kind: EventKind, resource: Json, certainty: Certainty, activity: Activity, holder: Holder
) -> list[Fact] | None:
    """What a "no known …" entry says; None if the entry is none."""
    held, said = codes(resource.get("code")), text(resource.get("code"))
    if says_nothing(held):
        return [Finding(f"{said!r} does not say that there is none: not used", holder.source)]
    listed, thing = denies_list(held, said), denies_thing(held, said)
    if listed is None and thing is None:
        return None
    if certainty is not Certainty.CONFIRMED or activity is Activity.PAST:
        return [Finding(f"{said!r} does not count: it is not recorded as holding now", holder.source)]
    if listed is not None:
        return [listed]
    return [Event(kind, thing or said, certainty=Certainty.REFUTED, source=holder.source)]


def _course(resource: Json, birth: DateSpan | None) -> _Dated:
    try:
        start = day(resource, "onsetDateTime") or _start(resource.get("onsetPeriod"))
        start = start or _at_age(resource.get("onsetAge"), birth)
        end = day(resource, "abatementDateTime", "abatementPeriod") or _at_age(resource.get("abatementAge"), birth)
    except ValueError as error:
        return _Dated(None, None, f"dates not read: {error}")
    return _Dated(start, end)


def _start(period: Json | None) -> DateSpan | None:
    return dates.parse(period["start"]) if period and period.get("start") else None


def _end(period: Json | None) -> DateSpan | None:
    return dates.parse(period["end"]) if period and period.get("end") else None


def _at_age(age: Json | None, birth: DateSpan | None) -> DateSpan | None:
    """The year of life in which it happened."""
    reached = years(age)
    return dates.years_after(birth, int(reached)) if reached is not None and birth else None


# What was done or taken


def requests(resource: Json, holder: Holder) -> Iterator[Fact]:
    """The facts of one MedicationRequest: an order, never a proposal or a plan."""
    if resource.get("intent", "order") not in counting_intents() or resource.get("doNotPerform"):
        yield Finding("MedicationRequest does not count: a proposal, a plan, or not to be given", holder.source)
        return
    yield from _action("MedicationRequest", EventKind.MEDICATION, resource, _ordered, holder)


def statements(resource: Json, holder: Holder) -> Iterator[Fact]:
    """The facts of one MedicationStatement."""
    yield from _action("MedicationStatement", EventKind.MEDICATION, resource, _performed("effective"), holder)


def administrations(resource: Json, holder: Holder) -> Iterator[Fact]:
    """The facts of one MedicationAdministration."""
    yield from _action("MedicationAdministration", EventKind.MEDICATION, resource, _performed("effective"), holder)


def procedures(resource: Json, holder: Holder) -> Iterator[Fact]:
    """The facts of one Procedure."""
    yield from _action("Procedure", EventKind.PROCEDURE, resource, _performed("performed"), holder)


def immunizations(resource: Json, holder: Holder) -> Iterator[Fact]:
    """The facts of one Immunization: a vaccine is a drug given once."""
    yield from _action("Immunization", EventKind.MEDICATION, resource, _performed("occurrence"), holder)


Timing = Callable[[Json, DateSpan | None], _Dated]


def _action(name: str, kind: EventKind, resource: Json, timing: Timing, holder: Holder) -> Iterator[Fact]:
    status = resource.get("status", "")
    standing = _STANDINGS.get(status_table(name).get(status, "never"))
    if standing is None:
        yield Finding(f"{name} does not count: status {status or 'missing'}", holder.source)
        return
    concept = _concept(resource, holder)
    if concept is None:
        yield Finding(f"{name} left out: what it refers to is not in the input", holder.source, lost=True)
        return
    denial = _denial(kind, {"code": concept}, standing.certainty, Activity.CURRENT, holder)
    if denial is not None:
        yield from denial
        return
    when = _timed(timing, resource, holder.birth)
    if when.problem:
        yield Finding(when.problem, holder.source)
    yield Event(
        kind,
        text(concept),
        codes(concept),
        standing.certainty,
        Activity.CURRENT if _goes_on(standing, resource, when) else standing.activity,
        when.start,
        when.end,
        (),
        holder.source,
    )


def _goes_on(standing: _Standing, resource: Json, when: _Dated) -> bool:
    """Whether a procedure, not said to be over, has a period that nobody has closed."""
    begun = standing.activity is Activity.UNKNOWN and "performedPeriod" in resource
    return begun and when.start is not None and when.end is None


def _concept(resource: Json, holder: Holder) -> Json | None:
    """What was done or given: code, medication (by concept or by reference) or vaccine."""
    for key in ("medicationCodeableConcept", "code", "vaccineCode"):
        if key in resource:
            held: Json = resource[key]
            return held
    reference = resource.get("medicationReference")
    if reference is None:
        return None
    medication = holder.medication(resource)
    if medication is not None:
        return medication.get("code")
    return {"text": reference["display"]} if reference.get("display") else None


def _timed(timing: Timing, resource: Json, birth: DateSpan | None) -> _Dated:
    try:
        return timing(resource, birth)
    except ValueError as error:
        return _Dated(None, None, f"dates not read: {error}")


def _ordered(resource: Json, _: DateSpan | None) -> _Dated:
    """From the day of the order to the end of what was ordered, as far as it is recorded; one stopped ended earlier."""
    supply = (resource.get("dispenseRequest") or {}).get("validityPeriod")
    bounds = [((dose.get("timing") or {}).get("repeat") or {}).get("boundsPeriod") for dose in _doses(resource)]
    periods = [period for period in (*bounds, supply) if period]
    starts = (found for found in map(_start, periods) if found)
    ends = [found for found in map(_end, periods) if found]
    start = next(starts, None) or day(resource, "authoredOn")
    last = max(ends, key=lambda span: span.last, default=None)
    return _Dated(start, None if resource.get("status") == "stopped" else last)


def _doses(resource: Json) -> list[Json]:
    return list(resource.get("dosageInstruction", ()))


def _performed(prefix: str) -> Timing:
    """A single date is start and end; a period without end is open."""

    def timing(resource: Json, birth: DateSpan | None) -> _Dated:
        period = resource.get(f"{prefix}Period")
        if period:
            return _Dated(_start(period), _end(period))
        once = day(resource, f"{prefix}DateTime") or _at_age(resource.get(f"{prefix}Age"), birth)
        return _Dated(once, _end_of_once(resource, once))

    return timing


def _end_of_once(resource: Json, once: DateSpan | None) -> DateSpan | None:
    """What is still being taken did not end on the day it was noted."""
    return None if resource.get("status") in {"active", "in-progress", "on-hold"} else once


# Lists


def lists(resource: Json, _: Holder) -> Iterator[Fact]:
    """A List that is empty because there is nothing to list declares that list complete."""
    kind = list_kind(codes(resource.get("code")))
    if kind and resource.get("status", "current") == "current" and empty_means_none(codes(resource.get("emptyReason"))):
        yield kind
