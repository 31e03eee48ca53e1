"""The native format: what it says, its published schema, and that writing and reading are inverse."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import screening.patient
from screening import units
from screening.patient import (
    Activity,
    Attestation,
    Certainty,
    DateSpan,
    Event,
    EventKind,
    Observation,
    Patient,
    PatientInputError,
    ReferenceRange,
    dates,
    from_native,
    native_schema,
    read_patients,
    to_native,
)
from screening.predicates import Op
from screening.variables import catalogue

Json = dict[str, Any]

HERE = Path(__file__).parent / "patients"
SCHEMA = Path(screening.patient.__file__).parent / "native.schema.json"


def test_everything_in_the_sample_file_is_read() -> None:
    first, second = read_patients(HERE / "native.json")
    alt, hb, hiv = first.observations
    assert (alt.variable, str(alt.value), alt.unit, alt.ranges[0].high) == ("alt", "88.50", "U/L", 40)
    assert (hb.variable, str(hb.value), hb.date) == ("hemoglobin", "9.80", dates.parse("2026-03"))
    assert (hiv.text, hiv.result, hiv.date.time) == ("not detected", "negative", time(8, 15))
    assert [(e.kind.value, e.activity.value, e.certainty.value) for e in first.events] == [
        ("condition", "current", "confirmed"),
        ("condition", "current", "refuted"),
        ("medication", "past", "confirmed"),
    ]
    assert first.complete == {EventKind.ALLERGY}
    assert first.attestations == (Attestation("I8", True, "A. Physician", date(2026, 3, 10), "consent signed"),)
    assert first.observations[0].source == "native.json: patients[0] observations[0]"
    assert [finding.message for finding in second.findings] == ["no birth date"]


@pytest.mark.parametrize(
    ("observation", "place"),
    [
        ({"variable": "alt"}, "has no result"),
        ({"value": 1}, "says not what was tested"),
        ({"variable": "alt", "value": 1, "units": "U/L"}, "did you mean 'unit'?"),
        ({"variable": "alt", "value": 1, "date": "02.03.2026"}, "observations[0].date"),
        ({"variable": "alt", "value": 1, "reference_range": {"hihg": 40}}, "did you mean 'high'?"),
        ({"variable": "alt", "value": 1, "comparator": "=<"}, "observations[0].comparator"),
        ({"variable": "alt", "value": "NaN"}, "observations[0].value"),
        ({"variable": "alt", "value": "1e999999999"}, "too large or too small"),
    ],
)
def test_a_slip_is_named_with_its_place_and_a_remedy(tmp_path: Path, observation: Json, place: str) -> None:
    path = tmp_path / "slip.json"
    path.write_text(json.dumps({"id": "a", "observations": [observation]}))
    with pytest.raises(PatientInputError) as caught:
        read_patients(path)
    assert place in str(caught.value)
    assert "observations[0]" in str(caught.value)


def test_code_and_system_belong_together(tmp_path: Path) -> None:
    path = tmp_path / "slip.json"
    path.write_text('{"id": "a", "conditions": [{"code": "C50.9"}]}')
    with pytest.raises(PatientInputError, match="code and system belong together"):
        read_patients(path)


def test_an_unknown_unit_and_an_unknown_name_are_kept_and_said() -> None:
    patient = from_native(
        {
            "id": "a",
            "birth_date": "1970",
            "observations": [
                {"variable": "alt", "value": 1, "unit": "blobs"},
                {"name": "moon phase", "value": 1},
                {
                    "variable": "alt",
                    "value": 1,
                    "unit": "U/L",
                    "reference_range": [{"high": 1, "unit": "blobs"}, {"high": 0}],
                },
            ],
        }
    )
    assert [(o.variable, o.unit, o.raw_unit) for o in patient.observations] == [
        ("alt", None, "blobs"),
        (None, None, None),
        ("alt", "U/L", "U/L"),
    ]
    assert [r.high for r in patient.observations[2].ranges] == []
    assert [finding.message for finding in patient.findings] == [
        "unit not recognised: 'blobs'",
        "test not recognised: moon phase",
        "reference range left out: unit not recognised: 'blobs'",
    ]


def test_the_published_schema_is_current() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf8")) == native_schema()


# write and read are inverse

words = st.text(st.characters(codec="utf8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**6), max_value=10**6)
limits = st.none() | st.decimals(places=2, min_value=Decimal("0.01"), max_value=1000)
idents = st.sampled_from(["room_air", "fasting", "severe"])


@st.composite
def spans(draw: st.DrawFn) -> DateSpan:
    day = draw(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
    partial = draw(st.sampled_from(["", "month", "year", "time"]))
    if partial == "time":
        return DateSpan(day, day, draw(st.times()).replace(microsecond=0))
    return dates.parse({"": f"{day}", "month": f"{day:%Y-%m}", "year": f"{day:%Y}"}[partial])


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    variable = draw(st.sampled_from(["alt", "anc", "hemoglobin", "creatinine", "hba1c"]))
    stable = [unit for unit in units.accepted(variable) if units.ucum(unit, variable) == unit]
    unit = draw(st.sampled_from([None, *stable]))
    ranges = st.builds(
        ReferenceRange,
        limits,
        limits,
        st.just(unit),
        st.just(unit),
        st.none() | st.just("male"),
        limits,
        limits,
        st.sampled_from([None, "normal", "therapeutic"]),
    ).filter(lambda limit: limit.low or limit.high)
    return Observation(
        variable=variable,
        name=draw(words),
        value=draw(numbers),
        comparator=draw(st.none() | st.sampled_from([Op.LT, Op.LE, Op.GT, Op.GE])),
        unit=unit,
        raw_unit=unit,
        text=draw(st.none() | st.just("free text")),
        date=draw(st.none() | spans()),
        ranges=tuple(draw(st.lists(ranges, max_size=2))),
        method=draw(st.none() | st.just("echo")),
        qualifiers=tuple(draw(st.lists(idents, unique=True, max_size=2))),
        preliminary=draw(st.booleans()),
        codes=tuple(draw(st.lists(st.tuples(words, words), max_size=2))),
    )


events = st.builds(
    Event,
    kind=st.sampled_from(EventKind),
    text=words,
    codes=st.lists(st.tuples(words, words), max_size=2).map(tuple),
    certainty=st.sampled_from(Certainty),
    activity=st.sampled_from(Activity),
    start=st.none() | spans(),
    end=st.none() | spans(),
    qualifiers=st.lists(idents, unique=True, max_size=2).map(tuple),
)
attestations = st.builds(Attestation, words, st.booleans(), words, st.dates(), words, st.none() | words)
patients = st.builds(
    Patient,
    id=words,
    birth=spans(),
    sex=st.sampled_from([None, "male", "female", "other"]),
    deceased=st.booleans(),
    observations=st.lists(observations(), max_size=3).map(tuple),
    events=st.lists(events, max_size=4).map(
        lambda held: tuple(sorted(held, key=lambda e: list(EventKind).index(e.kind)))
    ),
    complete=st.frozensets(st.sampled_from(EventKind)),
    attestations=st.lists(attestations, max_size=2).map(tuple),
)


def unplaced(patient: Patient) -> Patient:
    """The patient without the places in the input and without findings, which writing does not keep."""
    return replace(
        patient,
        observations=tuple(replace(found, source="") for found in patient.observations),
        events=tuple(replace(event, source="") for event in patient.events),
        findings=(),
    )


@given(patients)
def test_reading_what_was_written_gives_the_same_patient(patient: Patient) -> None:
    written = json.dumps(to_native(patient))
    assert unplaced(from_native(json.loads(written))) == patient


@pytest.mark.parametrize("path", ["native.json", "two_people.json", "bulk"])
def test_patients_of_files_survive_writing(path: Path | str) -> None:
    for patient in read_patients(HERE / path):
        assert unplaced(from_native(to_native(patient))) == unplaced(patient)


def test_every_accepted_unit_is_read_as_one_of_the_same_size() -> None:
    """Else a record in that unit would change when it is read."""
    pairs = (
        (variable, unit) for variable in catalogue() for unit in units.accepted(variable) if catalogue()[variable].unit
    )
    read = ((variable, unit, units.ucum(unit, variable)) for variable, unit in pairs)
    astray = [row for row in read if not row[2] or units.conversion(row[0], row[1]) != units.conversion(row[0], row[2])]
    assert astray == []
