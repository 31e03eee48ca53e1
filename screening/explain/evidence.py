"""The facts behind an outcome, as rows of the result."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from screening.evaluate.derived import formulas
from screening.evaluate.outcome import (
    Absence,
    AgeUse,
    AttestationUse,
    DerivedUse,
    EventUse,
    ObservationUse,
    Outcome,
    SexUse,
    Threshold,
    Use,
)
from screening.explain.measured import as_text, conversion, recorded_value
from screening.explain.numbers import day, plain, unit_name, with_unit
from screening.explain.phrases import phrase, variable_name, words
from screening.explain.result import Answer, Evidence
from screening.patient.facts import DateSpan
from screening.predicates import Comparison, OrdinalSet, Result
from screening.truth import Truth

_ANSWERS: dict[Truth | None, Answer | None] = {
    None: None,
    Truth.TRUE: "yes",
    Truth.FALSE: "no",
    Truth.UNKNOWN: "unknown",
}


def evidence(outcome: Outcome, on: date) -> tuple[Evidence, ...]:
    """Every fact used or considered, each once for what became of it, in the order of the text."""
    if not outcome.children and len(outcome.evidence) == 1:
        row = _row(outcome, outcome.evidence[0], on)
        return () if row is None else (row,)
    found: dict[object, Evidence] = {}
    for owner, item in _items(outcome):
        key = (item.use, item.truth, id(item.observation)) if isinstance(item, ObservationUse) else (id(item),)
        if key not in found and (row := _row(owner, item, on)) is not None:
            found[key] = row
    return tuple(found.values())


def _items(outcome: Outcome) -> Iterator[tuple[Outcome, object]]:
    for item in outcome.evidence:
        yield outcome, item
    for child in outcome.children:
        yield from _items(child)


def _row(outcome: Outcome, item: object, on: date) -> Evidence | None:
    match item:
        case ObservationUse():
            return _observation(outcome, item, on)
        case DerivedUse():
            return _derived(outcome, item, on)
        case EventUse():
            return _event(item, on)
        case AgeUse(birth=birth, low=low, high=high, unit=unit):
            age = str(low) if low == high else f"{low} or {high}"
            return Evidence(
                kind="demographic", name="age", use=Use.USED, value=age, unit=unit_name(unit), date=day(birth)
            )
        case SexUse(sex=sex):
            return Evidence(kind="demographic", name="sex", use=Use.USED, value=sex)
        case Absence(lists=lists, assumed=assumed):
            use = "absence assumed" if assumed else "list declared complete"
            return Evidence(kind="absence", name=phrase(outcome.predicate), use=use, value=", ".join(lists))
        case AttestationUse(attestation=given, used=used):
            return Evidence(
                kind="attestation",
                name=given.who,
                use="used" if used else "contradicted",
                value="holds" if given.answer else "does not hold",
                date=given.on.isoformat(),
                source=given.why,
            )
        case _:
            return None


def _distance(when: DateSpan | None, on: date) -> int | None:
    return (on - when.first).days if when is not None and when.exact else None


def _observation(outcome: Outcome, item: ObservationUse, on: date) -> Evidence:
    observation = item.observation
    known = isinstance(outcome.predicate, Comparison | OrdinalSet | Result)
    return Evidence(
        kind="observation",
        name=variable_name(observation.variable) if observation.variable else observation.name,
        use=item.use,
        value=recorded_value(observation, item.number),
        unit=observation.unit or observation.raw_unit,
        date=None if observation.date is None else day(observation.date),
        days_before=_distance(observation.date, on),
        converted=conversion(outcome.predicate, item) if known else None,  # type: ignore[arg-type]
        reference=_reference(outcome, item.threshold),
        result=_ANSWERS[item.truth],
        source=observation.source,
        preliminary=observation.preliminary,
    )


def _reference(outcome: Outcome, threshold: Threshold | None) -> str | None:
    """The ULN, LLN or baseline a result was held against, and where it comes from."""
    if threshold is None or threshold.reference is None or not isinstance(outcome.predicate, Comparison):
        return None
    return f"{with_unit(plain(threshold.reference), threshold.unit)} ({threshold.source})"


def _derived(outcome: Outcome, item: DerivedUse, on: date) -> Evidence:
    return Evidence(
        kind="derived",
        name=variable_name(item.variable),
        use=formulas()[item.formula].name,
        value=None if item.value is None else as_text(item.value, item.unit),
        unit=item.unit,
        date=None if item.date is None else day(item.date),
        days_before=_distance(item.date, on),
        reference=_reference(outcome, item.threshold),
        result=_ANSWERS[item.truth],
        inputs=tuple(_observation(outcome, use, on) for use in item.inputs),
    )


def _event(item: EventUse, on: date) -> Evidence:
    event = item.event
    return Evidence(
        kind="event",
        name=event.text or next((code for _, code in event.codes), ""),
        use=item.use,
        value=", ".join((event.certainty, event.activity, *map(words, event.qualifiers))),
        date=None if event.start is None else day(event.start),
        days_before=_distance(event.start, on),
        result=_ANSWERS[item.truth],
        source=event.source,
    )
