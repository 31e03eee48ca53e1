"""What the record says of a condition, drug, procedure or allergy, in one sentence."""

from __future__ import annotations

from screening.evaluate.outcome import Absence, EventUse, Outcome, Reason, SexUse, Use
from screening.explain import wording
from screening.explain.numbers import day
from screening.explain.phrases import phrase, unanchored, words
from screening.patient.facts import Certainty, Event, EventKind
from screening.predicates import Presence
from screening.truth import Truth

_NOTES = {"index": " is the condition under study", "index?": " may be the condition under study"}
_ABSENT = {"ended": " is recorded as ended", "qualifier": " is recorded as the opposite"}
_SYSTEMS = {"icd10cm": "ICD-10-CM", "icd10": "ICD-10", "icd10gm": "ICD-10-GM", "oncotree": "OncoTree", "atc": "ATC"}


def sentence(outcome: Outcome) -> str:
    """Concept, records and answer."""
    asked = phrase(outcome.predicate)
    found = "; ".join(_clauses(outcome)) or "no record"
    counted = unanchored(outcome)
    if outcome.truth is not Truth.UNKNOWN:
        return f"{asked}: {found} → {wording.answer(outcome.truth)}{counted}"
    return f"{asked}: {found}; undecided until it is known{counted}"


def _clauses(outcome: Outcome) -> list[str]:
    clauses = []
    for item in outcome.evidence:
        if isinstance(item, EventUse):
            clauses.append(_event(item, outcome))
        elif isinstance(item, Absence):
            clauses.append(_absence(item))
        elif isinstance(item, SexUse):
            clauses.append(f"patient is {item.sex}")
    return clauses


def _absence(absence: Absence) -> str:
    lists = " and ".join(f"{kind}s" for kind in absence.lists).replace("allergys", "allergies")
    if absence.assumed:
        return f"no record; absence assumed, as asked for, from the list of {lists}"
    return f"not among the {lists}, which the source declares complete"


def _event(use: EventUse, outcome: Outcome) -> str:
    return f"{event_name(use.event)} ({_dates(use.event)}){_what(use, outcome)}"


def event_name(event: Event) -> str:
    """The words of the record, and its first code."""
    code = next((f"{_SYSTEMS[system]} {code}" for system, code in event.codes if system in _SYSTEMS), None)
    if not event.text:
        return code or "record without a name"
    return f"{event.text}, {code}" if code else event.text


def _dates(event: Event) -> str:
    start = day(event.start) if event.start else "no date"
    if event.end is not None:
        return f"{start} to {day(event.end)}"
    lasting = event.kind is not EventKind.PROCEDURE and event.certainty is not Certainty.REFUTED
    qualified = [event.activity] if lasting else []
    return ", ".join([start, *qualified, *map(words, event.qualifiers)])


def _what(use: EventUse, outcome: Outcome) -> str:
    """What became of the event, where it was not simply used."""
    if use.use is Use.USED:
        return ""
    if use.use is Use.UNSURE:
        return f" is not sure: {_unsure(use, outcome)}"
    if use.use is Use.EXCLUDED:
        return _NOTES.get(use.note, " does not count")
    if use.use is Use.REFUTED:
        return _ABSENT.get(use.note, " is recorded as absent")
    return f" is {use.use}"


def _unsure(use: EventUse, outcome: Outcome) -> str:
    if use.event.certainty is Certainty.POSSIBLE:
        return "recorded as a possible diagnosis"
    if use.note == "index?":
        return "it may be the condition under study"
    if use.reason is Reason.QUALIFIER_UNKNOWN and isinstance(outcome.predicate, Presence):
        asked = ", ".join(map(words, outcome.predicate.term.qualifiers))
        return f"not recorded whether {asked}" if asked else "not recorded whether the exception holds"
    if use.reason is Reason.CONFLICTING:
        return "another record says the opposite"
    return "its date, activity or code leaves it open"
