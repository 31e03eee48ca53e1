"""Native patients → facts, and facts → native patients: `read(write(patient)) == patient`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from screening import units
from screening.patient import dates, vocabulary
from screening.patient.analytes import Analyte, recognise
from screening.patient.facts import (
    Activity,
    Attestation,
    Certainty,
    DateSpan,
    Event,
    EventKind,
    Finding,
    Observation,
    Patient,
    ReferenceRange,
)
from screening.patient.fhir_values import Unit, named_unit
from screening.patient.findings import merged
from screening.patient.native import (
    ListName,
    NativeAttestation,
    NativeCode,
    NativeEvent,
    NativeObservation,
    NativePatient,
    NativeRange,
    validated,
)
from screening.predicates import Op
from screening.variables import catalogue

_LISTS: dict[ListName, EventKind] = {
    "conditions": EventKind.CONDITION,
    "medications": EventKind.MEDICATION,
    "procedures": EventKind.PROCEDURE,
    "allergies": EventKind.ALLERGY,
}


def from_native(value: object, source: str = "") -> Patient:
    """The patient a native JSON object describes. Raises NativeError where it is not as the schema says."""
    held = validated(value)
    observations = [_observation(item, f"{source}observations[{n}]") for n, item in enumerate(held.observations)]
    return Patient(
        id=held.id,
        birth=_day(held.birth_date),
        sex=None if held.sex == "unknown" else held.sex,
        deceased=held.deceased,
        observations=tuple(found for found, _ in observations),
        events=tuple(_events(held, source)),
        complete=frozenset(_LISTS[name] for name in held.complete),
        attestations=tuple(map(_attestation, held.attestations)),
        findings=merged(_findings(held, observations, source)),
    )


def _findings(
    held: NativePatient, observations: Iterable[tuple[Observation, list[Finding]]], source: str
) -> Iterator[Finding]:
    if held.birth_date is None:
        yield Finding("no birth date", source.rstrip(": ") or "patient")
    for _, findings in observations:
        yield from findings


def _day(text: str | None) -> DateSpan | None:
    return dates.parse(text) if text else None


def _observation(item: NativeObservation, source: str) -> tuple[Observation, list[Finding]]:
    codes = _codes(item)
    test = Analyte(item.variable) if item.variable else recognise(codes, item.name or "")
    unit = _unit(item.unit, test.variable, test.unit)
    method = vocabulary.method(item.method) if item.method else test.method
    unknown = f"method not recognised: {item.method!r}" if item.method and not method else None
    words = vocabulary.UNREAD if _only_words(item, test.variable) else None
    problems = [problem for problem in (test.problem, unit.problem, unknown, words) if problem]
    limits = [_range(held, test.variable) for held in _ranges(item)]
    problems += [
        f"reference range left out: {held.problem}" for _, held in limits if held.problem and held.raw != unit.raw
    ]
    fitting = (limit for limit, held in limits if not held.problem or held.raw == unit.raw)
    kept = tuple(limit for limit in fitting if limit.low is not None or limit.high is not None)
    found = Observation(
        variable=units.quantity(test.variable, unit.ucum) if test.variable else None,
        name=item.name or _name(item, test),
        value=item.value,
        comparator=Op(item.comparator) if item.comparator else None,
        unit=unit.ucum,
        raw_unit=unit.raw,
        text=item.text,
        date=_day(item.date),
        ranges=kept,
        method=method,
        qualifiers=(*item.qualifiers, *(name for name in test.qualifiers if name not in item.qualifiers)),
        preliminary=item.preliminary,
        absent=item.absent,
        codes=codes,
        source=source,
        result=vocabulary.result(item.text, codes if item.text else ()),
    )
    return found, [Finding(problem, source) for problem in problems]


def _only_words(item: NativeObservation, variable: str | None) -> bool:
    """Whether there are only words where only a number, or a level of a scale, says anything."""
    if item.value is not None or not item.text or variable is None:
        return False
    asked = catalogue()[variable]
    told = item.text.strip().casefold() in asked.levels or vocabulary.result(item.text, _codes(item))
    return asked.kind != "qualitative" and not told


def _name(item: NativeObservation, test: Analyte) -> str:
    return catalogue()[test.variable].name if test.variable else item.loinc or ""


def _codes(item: NativeObservation) -> tuple[vocabulary.Code, ...]:
    loinc = (("loinc", item.loinc),) if item.loinc else ()
    return (*loinc, *((code.system, code.code) for code in item.codes))


def _unit(raw: str | None, variable: str | None, implied: str | None) -> Unit:
    if raw is None:
        return Unit(implied, None)
    return named_unit(units.ucum(raw, variable), raw, variable)


def _ranges(item: NativeObservation) -> tuple[NativeRange, ...]:
    return item.reference_range if isinstance(item.reference_range, tuple) else (item.reference_range,)


def _range(held: NativeRange, variable: str | None) -> tuple[ReferenceRange, Unit]:
    unit = _unit(held.unit, variable, None)
    limit = ReferenceRange(
        low=_positive(held.low),
        high=_positive(held.high),
        unit=unit.ucum,
        raw_unit=unit.raw,
        sex=None if held.sex == "unknown" else held.sex,
        age_low=held.age_low,
        age_high=held.age_high,
        type=vocabulary.range_type([held.type] if held.type else []),
    )
    return limit, unit


def _positive(limit: Decimal | None) -> Decimal | None:
    """A limit ≤ 0 is absent."""
    return limit if limit is not None and limit > 0 else None


def _events(held: NativePatient, source: str) -> Iterator[Event]:
    for name, kind in _LISTS.items():
        for number, item in enumerate(getattr(held, name)):
            yield _event(item, kind, f"{source}{name}[{number}]")


def _event(item: NativeEvent, kind: EventKind, source: str) -> Event:
    first = ((item.system, item.code),) if item.system and item.code else ()
    return Event(
        kind=kind,
        text=item.text,
        codes=(*first, *((code.system, code.code) for code in item.codes)),
        certainty=Certainty(item.certainty),
        activity=Activity(item.activity) if item.activity else _implied(item, kind),
        start=_day(item.start),
        end=_day(item.end),
        qualifiers=item.qualifiers,
        source=source,
    )


def _implied(item: NativeEvent, kind: EventKind) -> Activity:
    """Of a procedure with nothing but a day, nobody says that it still goes on."""
    if item.end:
        return Activity.PAST
    return Activity.UNKNOWN if kind is EventKind.PROCEDURE else Activity.CURRENT


def _attestation(item: NativeAttestation) -> Attestation:
    return Attestation(item.criterion, item.answer, item.who, item.on, item.why, item.trial)


# Writing


def to_native(patient: Patient) -> dict[str, Any]:
    """The native JSON object of a patient; numbers are written as text, so that no decimal is lost."""
    return NativePatient(
        id=patient.id,
        birth_date=_written(patient.birth),
        sex=patient.sex,  # type: ignore[arg-type]
        deceased=patient.deceased,
        observations=tuple(map(_native_observation, patient.observations)),
        complete=tuple(name for name, kind in _LISTS.items() if kind in patient.complete),
        attestations=tuple(map(_native_attestation, patient.attestations)),
        **{name: _native_events(patient, kind) for name, kind in _LISTS.items()},
    ).model_dump(mode="json", exclude_defaults=True)


def _written(span: DateSpan | None) -> str | None:
    return dates.write(span) if span else None


def _native_observation(found: Observation) -> NativeObservation:
    return NativeObservation(
        variable=found.variable,
        name=found.name,
        value=found.value,
        comparator=found.comparator.value if found.comparator else None,  # type: ignore[arg-type]
        unit=_spelled(found.unit, found.raw_unit, found.variable),
        text=found.text,
        date=_written(found.date),
        reference_range=tuple(_native_range(limit, found.variable) for limit in found.ranges),
        method=found.method,
        qualifiers=found.qualifiers,
        preliminary=found.preliminary,
        absent=found.absent,
        codes=tuple(NativeCode(system=system, code=code) for system, code in found.codes),
    )


def _spelled(ucum: str | None, raw: str | None, variable: str | None) -> str | None:
    """The spelling as recorded, if it is read as the same unit again; else the code."""
    return raw if raw and units.ucum(raw, variable) == ucum else ucum or raw


def _native_range(limit: ReferenceRange, variable: str | None) -> NativeRange:
    return NativeRange(
        low=limit.low,
        high=limit.high,
        unit=_spelled(limit.unit, limit.raw_unit, variable),
        sex=limit.sex,  # type: ignore[arg-type]
        age_low=limit.age_low,
        age_high=limit.age_high,
        type=limit.type,
    )


def _native_events(patient: Patient, kind: EventKind) -> tuple[NativeEvent, ...]:
    return tuple(_native_event(event) for event in patient.events if event.kind is kind)


def _native_event(event: Event) -> NativeEvent:
    return NativeEvent(
        text=event.text,
        codes=tuple(NativeCode(system=system, code=code) for system, code in event.codes),
        start=_written(event.start),
        end=_written(event.end),
        activity=event.activity.value,
        certainty=event.certainty.value,
        qualifiers=event.qualifiers,
    )


def _native_attestation(item: Attestation) -> NativeAttestation:
    return NativeAttestation(
        criterion=item.criterion, answer=item.answer, who=item.who, on=item.on, why=item.why, trial=item.trial
    )
