"""Patients → rows of the store's tables, and back: what is read from a store equals what was put in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import count
from math import isfinite
from operator import itemgetter
from typing import Any, TypeVar

from screening import units
from screening.patient import (
    Activity,
    Attestation,
    Certainty,
    DateSpan,
    Event,
    Finding,
    Observation,
    Patient,
    ReferenceRange,
)
from screening.patient.analytes import recognise
from screening.patient.fhir_values import level
from screening.predicates import Op
from screening.store.errors import StoreError
from screening.store.serving import serving
from screening.store.shape import LISTS, TABLES

Row = dict[str, Any]
Word = TypeVar("Word", bound=StrEnum)
_NAMES = {kind: name for name, kind in LISTS.items()}


@dataclass(slots=True)
class Numbering:
    """Running numbers of events, unique in one store."""

    next: int = 0

    def take(self) -> int:
        """The next number."""
        self.next += 1
        return self.next


def rows(patient: Patient, numbering: Numbering) -> Iterator[tuple[str, Row]]:
    """Every row of a patient, with its table."""
    yield "patients", _person(patient)
    for found in patient.observations:
        yield "observations", _result(patient, found)
    for event in patient.events:
        yield from ((_NAMES[event.kind], row) for row in _event(patient, event, numbering.take()))
    for kind in sorted(patient.complete):
        yield "complete", {"patient_id": patient.id, "list": _NAMES[kind]}
    for item in patient.attestations:
        yield "attestations", _attestation(patient, item)
    for finding in patient.findings:
        yield "findings", finding_row(finding, patient.id)


def finding_row(finding: Finding, patient: str | None = None) -> Row:
    """A row of the table of findings."""
    told = {"source": finding.source, "message": finding.message, "lost": finding.lost, "rows": finding.rows}
    return {"patient_id": patient, **told}


def _person(patient: Patient) -> Row:
    first, last, _ = _days(patient.birth)
    return {
        "patient_id": patient.id,
        "birth_date": first,
        "birth_last": last,
        "sex": patient.sex,
        "deceased": patient.deceased,
    }


def _days(span: DateSpan | None) -> tuple[date | None, date | None, str | None]:
    """First day, last day where it is another, time of day."""
    if span is None:
        return None, None, None
    return span.first, None if span.exact else span.last, span.time.isoformat() if span.time else None


def _result(patient: Patient, found: Observation) -> Row:
    first, last, at = _days(found.date)
    value = found.value if found.value is not None else level(found.text or "", found.variable)
    loinc = next((code for system, code in found.codes if system == "loinc"), None)
    return {
        "patient_id": patient.id,
        "variable": found.variable,
        "loinc": loinc,
        "name": found.name,
        "value": None if value is None else float(value),
        "value_text": _text(found.value),
        "comparator": found.comparator.value if found.comparator else None,
        "unit": found.unit,
        "raw_unit": found.raw_unit,
        "text": found.text,
        "result": found.result,
        "date": first,
        "date_last": last,
        "time": at,
        **_limits(patient, found),
        "method": found.method,
        "qualifiers": list(found.qualifiers),
        "preliminary": found.preliminary,
        "absent": found.absent,
        "codes": None if _only_loinc(found, loinc) else _codings(found.codes),
        "seq": None,
        "source": found.source,
    }


def _only_loinc(found: Observation, loinc: str | None) -> bool:
    return found.codes == ((("loinc", loinc),) if loinc else ())


def _codings(codes: Iterable[tuple[str, str]]) -> list[Row]:
    return [{"system": system, "code": code} for system, code in codes]


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _limits(patient: Patient, found: Observation) -> Row:
    """The range that serves this patient in the plain columns; all of them beside it where that is not the same."""
    served = serving(patient, found)
    low, high = (served.low, served.high) if served else (None, None)
    return {
        "ref_low": None if low is None else float(low),
        "ref_high": None if high is None else float(high),
        "ref_unit": served.unit if served else None,
        "ref_type": served.type if served else None,
        "ref_sex": served.sex if served else None,
        "ref_low_text": _text(low),
        "ref_high_text": _text(high),
        "ranges": None if found.ranges == _plain(served) else [_range(limit) for limit in found.ranges],
    }


def _plain(served: ReferenceRange | None) -> tuple[ReferenceRange, ...]:
    """What is read from the plain columns alone."""
    if served is None or (served.low is None and served.high is None):
        return ()
    return (ReferenceRange(served.low, served.high, served.unit, sex=served.sex, type=served.type),)


def _range(limit: ReferenceRange) -> Row:
    return {
        "low": _text(limit.low),
        "high": _text(limit.high),
        "unit": limit.unit,
        "raw_unit": limit.raw_unit,
        "sex": limit.sex,
        "age_low": _text(limit.age_low),
        "age_high": _text(limit.age_high),
        "type": limit.type,
    }


def _event(patient: Patient, event: Event, number: int) -> Iterator[Row]:
    start, start_last, start_time = _days(event.start)
    end, end_last, end_time = _days(event.end)
    for system, code in event.codes or ((None, None),):
        yield {
            "patient_id": patient.id,
            "system": system,
            "code": code,
            "text": event.text,
            "start": start,
            "start_last": start_last,
            "end": end,
            "end_last": end_last,
            "start_time": start_time,
            "end_time": end_time,
            "certainty": event.certainty.value,
            "activity": event.activity.value,
            "qualifiers": list(event.qualifiers),
            "event": number,
            "source": event.source,
        }


def _attestation(patient: Patient, item: Attestation) -> Row:
    held = {name: getattr(item, name) for name in TABLES["attestations"] if name != "patient_id"}
    return {"patient_id": patient.id, **held}


# Back


@dataclass(slots=True)
class Held:
    """The rows of one patient, by table."""

    person: Row
    tables: dict[str, list[Row]] = field(default_factory=dict)


def patient(held: Held) -> Patient:
    """The patient whose rows these are."""
    person = held.person
    return Patient(
        id=str(person["patient_id"]),
        birth=_span(person["birth_date"], person["birth_last"]),
        sex=person["sex"],
        deceased=bool(person["deceased"]),
        observations=tuple(map(observation, held.tables.get("observations", ()))),
        events=tuple(_events(held)),
        complete=frozenset(LISTS[row["list"]] for row in held.tables.get("complete", ()) if row["list"] in LISTS),
        attestations=tuple(_attested(row) for row in held.tables.get("attestations", ())),
        findings=tuple(finding(row) for row in held.tables.get("findings", ())),
    )


def finding(row: Mapping[str, Any]) -> Finding:
    """A row of the table of findings."""
    return Finding(row["message"] or "", row["source"] or "", lost=bool(row["lost"]), rows=row["rows"] or 1)


def _attested(row: Row) -> Attestation:
    if None in (row["criterion"], row["answer"], row["who"], row["on"]):
        raise StoreError("attestations", "an answer lacks its criterion, the answer itself, who or on", "Fill them in")
    return Attestation(row["criterion"], row["answer"], row["who"], row["on"], row["why"] or "", row["trial"])


def _span(first: date | None, last: date | None, at: str | None = None) -> DateSpan | None:
    """The days that a date may be; a last day before the first is one of two that cannot both be right: any between."""
    if first is None:
        return None
    early, late = sorted((first, last or first))
    return DateSpan(early, late, _clock(at) if at else None)


def _clock(at: str) -> time:
    """The time of day as written: an offset from UTC is ignored, as it is with dates.

    >>> _clock("08:30:00+02:00")
    datetime.time(8, 30)
    """
    return time.fromisoformat(at).replace(tzinfo=None)


def observation(row: Row) -> Observation:
    """One result; a store made elsewhere may name the test by its code only and spell its unit otherwise."""
    codes = tuple((code["system"], code["code"]) for code in row["codes"] or ()) or _loinc(row["loinc"])
    test = recognise(codes, row["name"] or "") if row["variable"] is None and codes else None
    variable = row["variable"] or (test.variable if test else None)
    unit = _ucum(row["unit"], variable)
    return Observation(
        variable=row["variable"] or (units.quantity(variable, unit) if variable else None),
        name=row["name"] or row["loinc"] or row["variable"] or "",
        value=_value(row, variable),
        comparator=_word(Op, row["comparator"], "observations", "comparator") if row["comparator"] else None,
        unit=unit,
        raw_unit=row["raw_unit"] or (None if unit == row["unit"] else row["unit"]),
        text=row["text"] or _unread(row) or row["text"],
        date=_span(row["date"], row["date_last"], row["time"]),
        ranges=tuple(_ranges(row, variable)),
        method=row["method"] or (test.method if test else None),
        qualifiers=tuple(row["qualifiers"] or ()) or (test.qualifiers if test else ()),
        preliminary=bool(row["preliminary"]),
        absent=row["absent"],
        codes=codes,
        source=row["source"] or "",
        result=row["result"],
        seq=row["seq"],
    )


def _loinc(code: str | None) -> tuple[tuple[str, str], ...]:
    return (("loinc", code),) if code else ()


def _ucum(unit: str | None, variable: str | None) -> str | None:
    if unit is None or (variable is not None and unit in units.accepted(variable)):
        return unit
    return units.ucum(unit, variable)


def _value(row: Row, variable: str | None) -> Decimal | None:
    """The number with its digits; one that stands for a spoken level is read from the words again."""
    if row["value_text"] is None and row["text"] and level(row["text"], variable) is not None:
        return None
    return _number(row["value_text"], row["value"])


def _number(text: str | None, number: object) -> Decimal | None:
    """A number by its digits as written; where they are none, as the number it is."""
    written = None if text is None else _digits(text)
    return _digits(str(number)) if written is None and number is not None else written


def _digits(text: str) -> Decimal | None:
    """A number as it is written; None for words, and for what no double can hold."""
    try:
        found = Decimal(text) if text.isascii() else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and isfinite(float(found)) else None


def _unread(row: Row) -> str | None:
    """Digits that are none ("8,1"), of a result without a number: words, as far as anybody can read."""
    text = row["value_text"]
    return text if text and text.strip() and _number(text, row["value"]) is None else None


def _ranges(row: Row, variable: str | None) -> Iterator[ReferenceRange]:
    if row["ranges"] is not None:
        yield from map(_reference, row["ranges"])
        return
    low, high = (_positive(_number(row[f"{side}_text"], row[side])) for side in ("ref_low", "ref_high"))
    if low is not None or high is not None:
        unit = _ucum(row["ref_unit"], variable)
        raw = None if unit == row["ref_unit"] else row["ref_unit"]
        yield ReferenceRange(low, high, unit, raw, sex=row["ref_sex"], type=row["ref_type"])


def _positive(limit: Decimal | None) -> Decimal | None:
    """A limit ≤ 0 is absent."""
    return limit if limit is not None and limit > 0 else None


def _reference(held: Row) -> ReferenceRange:
    limits = {key: _number(held[key], None) for key in ("low", "high", "age_low", "age_high")}
    return ReferenceRange(**{**held, **limits})


def _events(held: Held) -> Iterator[Event]:
    """Every event once, in the order of their numbers; rows without a number are events of their own, at the end."""
    grouped: dict[tuple[bool, int, str], tuple[str, list[Row]]] = {}
    unnumbered = count()
    for name in LISTS:
        for row in held.tables.get(name, ()):
            key = (True, next(unnumbered), name) if row["event"] is None else (False, row["event"], name)
            grouped.setdefault(key, (name, []))[1].append(row)
    yield from (event_of(name, codings) for _, (name, codings) in sorted(grouped.items(), key=itemgetter(0)))


def event_of(name: str, codings: list[Row]) -> Event:
    """One event of a table, from the rows of its codings."""
    row = codings[0]
    end = _span(row["end"], row["end_last"], row["end_time"])
    return Event(
        kind=LISTS[name],
        text=row["text"] or "",
        codes=tuple((coding["system"] or "", coding["code"]) for coding in codings if coding["code"]),
        certainty=_word(Certainty, row["certainty"] or "confirmed", name, "certainty"),
        activity=_word(Activity, row["activity"] or ("past" if end else "current"), name, "activity"),
        start=_span(row["start"], row["start_last"], row["start_time"]),
        end=end,
        qualifiers=tuple(row["qualifiers"] or ()),
        source=row["source"] or "",
    )


def _word(words: type[Word], said: str, table: str, column: str) -> Word:
    """One of the words a column may hold. Raises StoreError for any other: nobody said what it means."""
    try:
        return words(said)
    except ValueError:
        problem = f"the column {column} holds a word that is none of {', '.join(words)}"
        raise StoreError(table, problem, "Write one of these, or convert the records again") from None
