"""FHIR R4 resources → facts, status by status and field by field."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from screening.patient import Activity, Certainty, EventKind, Patient, read_patients
from screening.predicates import Op

Json = dict[str, Any]

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1970-05-10"}


def read(tmp_path: Path, *resources: Json) -> Patient:
    """The one patient of a Bundle that holds the given resources, all about that patient."""
    entries = [{"resource": PATIENT}]
    for resource in resources:
        key = "patient" if resource["resourceType"] in {"AllergyIntolerance", "Immunization"} else "subject"
        entries.append({"resource": {key: {"reference": "Patient/p"}, **resource}})
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "entry": entries}))
    (patient,) = read_patients(path)
    return patient


def concept(code: Json | str | None = None, system: str = LOINC, text: str | None = None) -> Json:
    coding = {"coding": [{"system": system, "code": code}]} if code else {}
    return coding | ({"text": text} if text else {})


def observation(**fields: object) -> Json:
    base = {
        "resourceType": "Observation",
        "status": "final",
        "code": concept("1742-6"),
        "effectiveDateTime": "2026-03-02",
    }
    return base | fields


def quantity(value: object, unit: str | None = "U/L", **more: object) -> Json:
    return {"value": value, "unit": unit, **more}


def said(patient: Patient) -> list[str]:
    return [finding.message for finding in patient.findings]


@pytest.mark.parametrize(
    ("status", "counts", "preliminary"),
    [
        ("final", True, False),
        ("amended", True, False),
        ("corrected", True, False),
        ("preliminary", True, True),
        ("registered", False, False),
        ("cancelled", False, False),
        ("entered-in-error", False, False),
        ("unknown", False, False),
        ("invented", False, False),
    ],
)
def test_observation_statuses(tmp_path: Path, status: str, counts: bool, preliminary: bool) -> None:
    patient = read(tmp_path, observation(status=status, valueQuantity=quantity(88)))
    assert [found.preliminary for found in patient.observations] == ([preliminary] if counts else [])
    assert said(patient) == ([] if counts else [f"Observation does not count: status {status}"])


def test_decimals_stay_as_written(tmp_path: Path) -> None:
    path = tmp_path / "lines.ndjson"
    resource = json.dumps(observation(subject={"reference": "Patient/p"})).removesuffix("}")
    lines = [
        f'{resource}, "valueQuantity": {{"value": {number}, "unit": "U/L"}}}}' for number in ("1.50", "1e2", "0.10")
    ]
    path.write_text("\n".join([json.dumps(PATIENT), *lines]))
    (patient,) = read_patients(path)
    assert [str(found.value) for found in patient.observations] == ["1.50", "1E+2", "0.10"]


def test_a_number_that_is_no_measurement_is_said_and_not_kept(tmp_path: Path) -> None:
    patient = read(tmp_path, observation(valueQuantity=quantity("1" + "0" * 400)))
    assert [found.value for found in patient.observations] == [None]
    assert said(patient) == ["1742-6: a quantity without a number that can be a measurement"]


def test_comparator_unit_and_range(tmp_path: Path) -> None:
    limits = [{"low": quantity(0), "high": quantity(40), "type": concept("normal", "x")}, {"high": quantity(-1)}]
    patient = read(tmp_path, observation(valueQuantity=quantity(5, comparator="<"), referenceRange=limits))
    (found,) = patient.observations
    assert (found.variable, found.value, found.comparator, found.unit) == ("alt", 5, Op.LT, "U/L")
    assert [(r.low, r.high, r.type) for r in found.ranges] == [(None, 40, "normal")]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"high": quantity(40), "type": concept("therapeutic", "x")}, [(None, 40, None, "therapeutic")]),
        ({"high": quantity(35), "appliesTo": [concept(text="Female")]}, [(None, 35, "female", None)]),
        ({"high": quantity(35), "appliesTo": [concept(text="pregnant")]}, [(None, 35, None, "pregnant")]),
        ({"text": "10 - 40 U/L"}, [(10, 40, None, None)]),
        ({"text": "< 40"}, [(None, 40, None, None)]),
        ({"text": "see report"}, []),
    ],
)
def test_whom_and_what_a_reference_range_is_for(tmp_path: Path, given: Json, expected: object) -> None:
    patient = read(tmp_path, observation(valueQuantity=quantity(88), referenceRange=[given]))
    assert [(r.low, r.high, r.sex, r.type) for r in patient.observations[0].ranges] == expected


def test_ages_of_a_reference_range_are_in_years(tmp_path: Path) -> None:
    age = {"low": {"value": 6, "unit": "mo"}, "high": {"value": 2, "code": "a"}}
    patient = read(
        tmp_path, observation(valueQuantity=quantity(88), referenceRange=[{"high": quantity(40), "age": age}])
    )
    (limit,) = patient.observations[0].ranges
    assert (limit.age_low, limit.age_high) == (Decimal("0.5"), 2)


def test_a_range_in_its_own_unit_keeps_it_and_one_in_an_unknown_unit_is_left_out(tmp_path: Path) -> None:
    limits = [{"low": quantity(120, "g/L"), "high": quantity("16", "g/dL")}, {"high": quantity(9, "furlong")}]
    resource = observation(code=concept("718-7"), valueQuantity=quantity(13, "g/dL"), referenceRange=limits)
    patient = read(tmp_path, resource)
    assert [(r.low, r.high, r.unit) for r in patient.observations[0].ranges] == [(120, None, "g/L"), (None, 16, "g/dL")]
    assert said(patient) == ["reference range left out: unit not recognised: 'furlong'"]


@pytest.mark.parametrize(
    ("given", "unit", "raw", "problem"),
    [
        (quantity(150, "K/uL"), "10*3/uL", "K/uL", None),
        (quantity(150, "thousands", system=UCUM, code="10*3/uL"), "10*3/uL", "thousands", None),
        (quantity(150, "10^9/L", system=UCUM, code="10*3/uL"), "10*9/L", "10^9/L", "same"),
        (quantity(150, "/uL", system=UCUM, code="10*3/uL"), None, "/uL / 10*3/uL", "disagree"),
        (quantity(150, "blobs"), None, "blobs", "not recognised: 'blobs'"),
        ({"value": 150}, None, None, None),
    ],
)
def test_units(tmp_path: Path, given: Json, unit: str | None, raw: str | None, problem: str | None) -> None:
    patient = read(tmp_path, observation(code=concept("777-3"), valueQuantity=given))
    (found,) = patient.observations
    if problem == "same":
        assert found.unit in {"10*9/L", "10*3/uL"}
        return
    assert (found.unit, found.raw_unit) == (unit, raw)
    assert (problem or "") in "".join(said(patient))
    assert bool(problem) == bool(patient.findings)


def test_loinc_goes_before_the_name_and_an_unknown_loinc_is_another_test(tmp_path: Path) -> None:
    urine = concept("5792-7", text="Glucose")
    named = concept("GLU", "urn:local", text="Glucose")
    patient = read(
        tmp_path,
        observation(code=urine, valueQuantity=quantity(100, "mg/dL")),
        observation(code=named, valueQuantity=quantity(100, "mg/dL")),
        observation(code=concept("777-3", text="Glucose"), valueQuantity=quantity(100, "10*9/L")),
    )
    assert [found.variable for found in patient.observations] == [None, "glucose", "platelets"]
    assert said(patient) == ["test not recognised: LOINC 5792-7 (Glucose)"]


def test_components_are_facts_of_their_own(tmp_path: Path) -> None:
    parts = [
        {"code": concept("8480-6"), "valueQuantity": quantity(141, "mm[Hg]")},
        {"code": concept("8462-4"), "valueQuantity": quantity(90, "mmHg")},
        {"code": concept("8462-4"), "dataAbsentReason": concept("not-performed", "x")},
    ]
    patient = read(tmp_path, observation(code=concept("85354-9"), component=parts))
    assert [(o.variable, o.value, o.unit, o.absent) for o in patient.observations] == [
        ("systolic_bp", 141, "mm[Hg]", None),
        ("diastolic_bp", 90, "mm[Hg]", None),
        ("diastolic_bp", None, None, "not-performed"),
    ]
    assert {str(o.date.first) for o in patient.observations} == {"2026-03-02"}
    assert patient.observations[1].source == "bundle.json: entry[1] component[1]"


@pytest.mark.parametrize(("flow", "qualifiers"), [(0, ("room_air",)), (2, ("on_oxygen",)), (None, ())])
def test_the_oxygen_flow_tells_whether_a_saturation_was_on_room_air(
    tmp_path: Path, flow: int | None, qualifiers: tuple[str, ...]
) -> None:
    parts = [] if flow is None else [{"code": concept("3151-8"), "valueQuantity": quantity(flow, "L/min")}]
    patient = read(tmp_path, observation(code=concept("59408-5"), valueQuantity=quantity(95, "%"), component=parts))
    assert (patient.observations[0].variable, patient.observations[0].qualifiers) == ("spo2", qualifiers)


@pytest.mark.parametrize(
    ("field", "value", "number", "result"),
    [
        ("valueCodeableConcept", concept("260385009", "http://snomed.info/sct", "not there"), None, "negative"),
        ("valueCodeableConcept", concept(text="Detected"), None, "positive"),
        ("valueCodeableConcept", concept(text="Negative (qualifier value)"), None, "negative"),
        ("valueString", "Non-reactive", None, "negative"),
        ("valueString", "see comment", None, None),
        ("valueBoolean", False, None, "negative"),
    ],
)
def test_qualitative_results(
    tmp_path: Path, field: Json | str, value: object, number: Decimal | None, result: str | None
) -> None:
    patient = read(tmp_path, observation(code=concept(text="HIV antibody"), **{field: value}))
    assert (patient.observations[0].value, patient.observations[0].result) == (number, result)


def test_an_interpretation_flag_serves_where_words_say_nothing(tmp_path: Path) -> None:
    flag = [concept("NEG", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation")]
    patient = read(tmp_path, observation(valueString="see comment", interpretation=flag))
    assert patient.observations[0].result == "negative"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueInteger": 1}, 1),
        ({"valueQuantity": quantity(2, "{score}")}, 2),
        ({"valueCodeableConcept": concept("LA9623-5")}, 1),
        ({"valueCodeableConcept": concept(text="ECOG performance status 2")}, 2),
        ({"valueString": "1 - restricted in strenuous activity"}, 1),
        ({"valueString": "not assessed"}, None),
    ],
)
def test_scales_in_whatever_form(tmp_path: Path, value: object, expected: object) -> None:
    patient = read(tmp_path, observation(code=concept("89247-1"), **value))
    assert [(o.variable, o.value, o.raw_unit) for o in patient.observations] == [("ecog", expected, None)]


@pytest.mark.parametrize(
    ("said_as", "value", "comparator", "unit"),
    [
        ("< 0.2 mg/dL", "0.2", Op.LT, "mg/dL"),
        ("1.1", "1.1", None, None),
        ("3-5", None, None, None),
        ("1:40", None, None, None),
    ],
)
def test_numbers_in_words(tmp_path: Path, said_as: str, value: object, comparator: Op | None, unit: str | None) -> None:
    patient = read(tmp_path, observation(code=concept("1975-2"), valueString=said_as))
    (found,) = patient.observations
    assert found.value == (Decimal(value) if value else None)
    assert (found.comparator, found.unit, found.text) == (comparator, unit, said_as)


@pytest.mark.parametrize(
    ("field", "value", "day"),
    [
        ("effectiveDateTime", "2026-03-02T23:30:00-08:00", "2026-03-02"),
        ("effectivePeriod", {"start": "2026-03-01", "end": "2026-03-02"}, "2026-03-02"),
        ("effectiveInstant", "2026-03-02T10:00:00Z", "2026-03-02"),
        ("issued", "2026-03-02T10:00:00Z", "2026-03-02"),
    ],
)
def test_the_date_of_a_result(tmp_path: Path, field: Json | str, value: object, day: str) -> None:
    resource = observation(valueQuantity=quantity(88)) | {field: value}
    if field != "effectiveDateTime":
        del resource["effectiveDateTime"]
    assert str(read(tmp_path, resource).observations[0].date.first) == day


def test_an_unreadable_date_leaves_the_result_undated_and_is_said(tmp_path: Path) -> None:
    patient = read(tmp_path, observation(valueQuantity=quantity(88), effectiveDateTime="last week"))
    assert patient.observations[0].date is None
    assert said(patient) == ["date of an Observation not read: not a date; write YYYY-MM-DD, YYYY-MM or YYYY"]


def test_what_cannot_be_used_of_a_result_is_said(tmp_path: Path) -> None:
    patient = read(
        tmp_path,
        observation(),
        observation(valueQuantity=quantity(88), focus=[{"reference": "Patient/donor"}]),
        observation(valueRange={"low": quantity(1), "high": quantity(2)}),
        observation(code="ALT", valueQuantity=quantity(88)),
        observation(code={"coding": []}, valueQuantity=quantity(1)),
        observation(valueQuantity=quantity(88, comparator="~")),
    )
    assert [found.value for found in patient.observations] == [None, 1, None]
    assert said(patient) == [
        "1742-6: no value and no reason why",
        "Observation about somebody or something else (it has a focus): not used",
        "1742-6: a range as value is shown and not compared",
        "Observation left out: not built as FHIR R4 lays down",
        "test not recognised: no code and no name",
        "1742-6: comparator not known: '~'",
    ]
    assert [finding.lost for finding in patient.findings] == [False, False, False, True, False, False]


def test_the_same_finding_is_said_once_with_its_number(tmp_path: Path) -> None:
    patient = read(tmp_path, *[observation(code=concept("00-0"), valueInteger=n) for n in range(3)])
    assert said(patient) == ["test not recognised: LOINC 00-0 (00-0) (3 times)"]


def test_only_the_newest_version_of_a_resource_counts(tmp_path: Path) -> None:
    old = observation(id="o", valueQuantity=quantity(1), meta={"lastUpdated": "2026-03-01T00:00:00Z"})
    new = observation(id="o", valueQuantity=quantity(2), meta={"lastUpdated": "2026-03-05T00:00:00Z"})
    assert [o.value for o in read(tmp_path, new, old).observations] == [2]


# Conditions and allergies


def condition(**fields: object) -> Json:
    return {"resourceType": "Condition", "code": concept("C50.9", "http://hl7.org/fhir/sid/icd-10-cm")} | fields


@pytest.mark.parametrize(
    ("clinical", "activity"),
    [
        ("active", Activity.CURRENT),
        ("recurrence", Activity.CURRENT),
        ("relapse", Activity.CURRENT),
        ("inactive", Activity.PAST),
        ("remission", Activity.PAST),
        ("resolved", Activity.PAST),
        (None, Activity.UNKNOWN),
    ],
)
def test_clinical_status(tmp_path: Path, clinical: str | None, activity: Activity | None) -> None:
    status = {"clinicalStatus": concept(clinical, "x")} if clinical else {}
    (event,) = read(tmp_path, condition(**status)).events
    assert (event.kind, event.activity, event.codes) == (EventKind.CONDITION, activity, (("icd10cm", "C50.9"),))


@pytest.mark.parametrize(
    ("verification", "certainty"),
    [
        ("confirmed", Certainty.CONFIRMED),
        ("unconfirmed", Certainty.POSSIBLE),
        ("provisional", Certainty.POSSIBLE),
        ("differential", Certainty.POSSIBLE),
        ("refuted", Certainty.REFUTED),
        ("invented", Certainty.POSSIBLE),
    ],
)
@pytest.mark.parametrize("kind", ["Condition", "AllergyIntolerance"])
def test_verification_status(tmp_path: Path, verification: str, certainty: Certainty, kind: str) -> None:
    (event,) = read(tmp_path, condition(resourceType=kind, verificationStatus=concept(verification, "x"))).events
    assert event.certainty is certainty


def test_entered_in_error_is_no_condition(tmp_path: Path) -> None:
    patient = read(tmp_path, condition(verificationStatus=concept("entered-in-error", "x")))
    assert patient.events == ()
    assert said(patient) == ["Condition does not count: entered in error"]


def test_onset_by_date_period_and_age_and_severity(tmp_path: Path) -> None:
    patient = read(
        tmp_path,
        condition(
            onsetDateTime="2024-05", abatementDateTime="2025", severity=concept("24484000", "http://snomed.info/sct")
        ),
        condition(onsetPeriod={"start": "2020-01-01", "end": "2020-02-01"}),
        condition(onsetAge={"value": 40, "unit": "years", "code": "a"}),
    )
    assert [(str(e.start.first), str(e.start.last)) for e in patient.events] == [
        ("2024-05-01", "2024-05-31"),
        ("2020-01-01", "2020-01-01"),
        ("2010-05-10", "2011-05-09"),
    ]
    assert patient.events[0].activity is Activity.PAST
    assert patient.events[0].qualifiers == ("severe",)


@pytest.mark.parametrize(
    "code",
    [
        concept("716186003", "http://snomed.info/sct"),
        concept("no-known-allergies", "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"),
        concept(text="No known allergies"),
        concept(text="NKA"),
    ],
)
def test_no_known_allergies_is_recorded_absence(tmp_path: Path, code: Json | str | None) -> None:
    patient = read(
        tmp_path, {"resourceType": "AllergyIntolerance", "code": code, "clinicalStatus": concept("active", "x")}
    )
    assert (patient.complete, patient.events) == (frozenset({EventKind.ALLERGY}), ())


def test_no_known_drug_allergy_denies_that_only(tmp_path: Path) -> None:
    patient = read(tmp_path, {"resourceType": "AllergyIntolerance", "code": concept(text="NKDA")})
    assert patient.complete == frozenset()
    assert [(e.text, e.certainty) for e in patient.events] == [("drug allergy", Certainty.REFUTED)]


@pytest.mark.parametrize(
    "field", [{"verificationStatus": concept("refuted", "x")}, {"clinicalStatus": concept("resolved", "x")}]
)
def test_a_denial_that_does_not_hold_any_more_denies_nothing(tmp_path: Path, field: Json | str) -> None:
    patient = read(tmp_path, {"resourceType": "AllergyIntolerance", "code": concept(text="No known allergies")} | field)
    assert (patient.complete, patient.events) == (frozenset(), ())
    assert len(patient.findings) == 1


@pytest.mark.parametrize(
    "code",
    [
        concept("no-problem-info", "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"),
        concept("160245001", "http://snomed.info/sct", "nothing at present"),
    ],
)
def test_no_information_and_none_at_present_are_no_absence(tmp_path: Path, code: Json) -> None:
    patient = read(tmp_path, condition(code=code))
    assert (patient.complete, patient.events) == (frozenset(), ())
    assert len(patient.findings) == 1


def empty_list(code: Json | str | None, reason: str, status: str = "current") -> Json:
    return {
        "resourceType": "List",
        "status": status,
        "mode": "snapshot",
        "code": code,
        "emptyReason": concept(reason, "x"),
    }


def test_an_empty_list_is_complete_only_if_nothing_is_known_to_list(tmp_path: Path) -> None:
    patient = read(
        tmp_path,
        empty_list(concept("11450-4"), "nilknown"),
        empty_list(concept("allergies", "x"), "notasked"),
        empty_list(concept("10160-0"), "nilknown", status="retired"),
    )
    assert patient.complete == frozenset({EventKind.CONDITION})


def test_an_empty_list_beside_an_entry_is_contradicted(tmp_path: Path) -> None:
    patient = read(
        tmp_path, empty_list(concept("11450-4"), "nilknown"), condition(clinicalStatus=concept("active", "x"))
    )
    assert patient.complete == frozenset()
    assert "not taken as absence" in said(patient)[0]


# What was done or taken


@pytest.mark.parametrize(
    ("kind", "status", "activity"),
    [
        ("MedicationRequest", "active", Activity.CURRENT),
        ("MedicationRequest", "completed", Activity.PAST),
        ("MedicationRequest", "stopped", Activity.PAST),
        ("MedicationRequest", "on-hold", Activity.UNKNOWN),
        ("MedicationRequest", "draft", None),
        ("MedicationRequest", "cancelled", None),
        ("MedicationRequest", "entered-in-error", None),
        ("MedicationStatement", "active", Activity.CURRENT),
        ("MedicationStatement", "not-taken", None),
        ("MedicationStatement", "intended", None),
        ("MedicationAdministration", "completed", Activity.PAST),
        ("MedicationAdministration", "not-done", None),
        ("Procedure", "completed", Activity.PAST),
        ("Procedure", "in-progress", Activity.CURRENT),
        ("Procedure", "on-hold", Activity.CURRENT),
        ("Procedure", "not-done", None),
        ("Procedure", "preparation", None),
        ("Procedure", "entered-in-error", None),
        ("Immunization", "completed", Activity.PAST),
        ("Immunization", "not-done", None),
    ],
)
def test_statuses_of_what_was_done_or_taken(tmp_path: Path, kind: str, status: str, activity: Activity | None) -> None:
    key = {"Procedure": "code", "Immunization": "vaccineCode"}.get(kind, "medicationCodeableConcept")
    patient = read(
        tmp_path, {"resourceType": kind, "status": status, key: concept(text="something"), "intent": "order"}
    )
    assert [event.activity for event in patient.events] == ([] if activity is None else [activity])
    assert bool(patient.findings) == (activity is None)


@pytest.mark.parametrize(
    "field", [{"intent": "proposal"}, {"intent": "plan"}, {"intent": "order", "doNotPerform": True}]
)
def test_proposals_and_plans_are_no_medication(tmp_path: Path, field: Json | str) -> None:
    resource = {"resourceType": "MedicationRequest", "status": "active", "medicationCodeableConcept": concept(text="x")}
    assert read(tmp_path, resource | field).events == ()


def test_a_medication_by_reference(tmp_path: Path) -> None:
    atc = concept("L01XC03", "http://www.whocc.no/atc")
    request = {"resourceType": "MedicationRequest", "status": "active", "intent": "order"}
    patient = read(
        tmp_path,
        {"resourceType": "Medication", "id": "m", "code": atc},
        request | {"medicationReference": {"reference": "Medication/m"}},
        request
        | {"medicationReference": {"reference": "#c"}, "contained": [{"id": "c", "code": concept(text="inside")}]},
        request | {"medicationReference": {"reference": "Medication/gone"}},
    )
    assert [(e.codes, e.text) for e in patient.events] == [((("atc", "L01XC03"),), "L01XC03"), ((), "inside")]
    assert [(f.message, f.lost) for f in patient.findings] == [
        ("MedicationRequest left out: what it refers to is not in the input", True)
    ]


@pytest.mark.parametrize(
    ("status", "timing", "start", "end"),
    [
        ("completed", {"effectivePeriod": {"start": "2026-01-01", "end": "2026-02-01"}}, "2026-01-01", "2026-02-01"),
        ("active", {"effectivePeriod": {"start": "2026-01-01"}}, "2026-01-01", None),
        ("active", {"effectiveDateTime": "2026-01-01"}, "2026-01-01", None),
        ("completed", {"effectiveDateTime": "2026-01-01"}, "2026-01-01", "2026-01-01"),
    ],
)
def test_a_period_without_end_is_open(tmp_path: Path, status: str, timing: Json, start: str, end: str | None) -> None:
    resource = {"resourceType": "MedicationStatement", "status": status, "medicationCodeableConcept": concept(text="x")}
    (event,) = read(tmp_path, resource | timing).events
    assert (str(event.start.first), event.end and str(event.end.last)) == (start, end)


def test_a_patient_without_birth_date_is_read_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps({"resourceType": "Patient", "id": "p", "deceasedBoolean": True}))
    (patient,) = read_patients(path)
    assert (patient.birth, patient.sex, patient.deceased, said(patient)) == (None, None, True, ["no birth date"])


@pytest.mark.parametrize("said_as", ["8,1 g/dL (low)", "hemolysed", "see comment"])
def test_words_in_place_of_a_number_are_said(tmp_path: Path, said_as: str) -> None:
    patient = read(tmp_path, observation(valueString=said_as))
    assert said(patient) == ["1742-6: words in place of a number, and none that can be read: not compared"]


@pytest.mark.parametrize("status", ["in-progress", "on-hold", "unknown"])
def test_a_procedure_whose_period_nobody_closed_goes_on(tmp_path: Path, status: str) -> None:
    resource = {"resourceType": "Procedure", "status": status, "code": concept(text="radiotherapy")}
    (event,) = read(tmp_path, resource | {"performedPeriod": {"start": "2026-01-01"}}).events
    assert (event.activity, event.end) == (Activity.CURRENT, None)
