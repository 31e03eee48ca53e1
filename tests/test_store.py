"""Stores: what is read back equals what was put in, nothing half-written stands under the final name."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.app.cli import run
from screening.patient import DateSpan, Observation, Patient, ReferenceRange, blocks, read_in_blocks, read_patients
from screening.store import StoreError, convert, database, is_store, read_store
from screening.store.rows import Numbering, rows
from screening.store.serving import serving
from screening.store.writing import Writer
from tests import patient_strategies as people

NATIVE = {
    "id": "P-01",
    "birth_date": "1961-03",
    "sex": "female",
    "observations": [
        {"variable": "alt", "value": 88.10, "unit": "U/L", "date": "2026-03-02", "reference_range": {"high": 40}},
        {"variable": "alt", "value": "0.20", "comparator": "<", "unit": "wombats", "date": "2026-03-02T08:30"},
        {"loinc": "1234-5", "name": "Unheard of", "text": "Not detected", "date": "2026"},
        {"variable": "nyha", "text": "III", "absent": "asked"},
    ],
    "conditions": [
        {"text": "asthma", "codes": [{"system": "icd10cm", "code": "J45"}, {"system": "snomed", "code": "195967001"}]},
        {"text": "migraine", "certainty": "refuted", "start": "2020", "end": "2021-02"},
    ],
    "procedures": [{"text": "radiotherapy", "start": "2026-01-05", "end": "2026-02-04"}],
    "complete": ["procedures"],
    "attestations": [{"criterion": "I4", "answer": True, "who": "Dr A", "on": "2026-03-01"}],
}


def _lines(path: Path, held: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in held), encoding="utf8")
    return path


@pytest.fixture
def native(tmp_path: Path) -> Path:
    return _lines(tmp_path / "patients.jsonl", [NATIVE, {"id": "P-02", "sex": "male", "deceased": True}])


def test_a_store_gives_back_the_patients_it_was_made_from(native: Path, tmp_path: Path) -> None:
    convert(native, tmp_path / "store")
    assert list(read_store(tmp_path / "store")) == list(read_patients(native))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(people.patients(), min_size=1, max_size=3))
def test_any_patient_survives_the_store(tmp_path_factory: pytest.TempPathFactory, held: list[Patient]) -> None:
    folder = tmp_path_factory.mktemp("store")
    given_patients = [_named(patient, f"P{number}") for number, patient in enumerate(held)]
    numbering = Numbering()
    with Writer(folder) as writer:
        for patient in given_patients:
            for table, row in rows(patient, numbering):
                writer.add(table, row)
    assert list(read_store(folder)) == given_patients


def _named(patient: Patient, name: str) -> Patient:
    return Patient(
        name, patient.birth, patient.sex, patient.deceased, patient.observations, patient.events, patient.complete
    )


def test_patients_are_found_by_id(native: Path, tmp_path: Path) -> None:
    convert(native, tmp_path / "store")
    assert [patient.id for patient in read_store(tmp_path / "store", ["P-02", "nobody"])] == ["P-02"]


def test_patients_who_share_an_id_stay_apart(tmp_path: Path) -> None:
    made = convert(_lines(tmp_path / "twice.jsonl", [{"id": "A"}, {"id": "A", "sex": "male"}]), tmp_path / "store")
    assert [(patient.id, patient.sex) for patient in read_store(tmp_path / "store")] == [("A", None), ("A (2)", "male")]
    assert not made.lost


def test_a_damaged_line_is_left_out_with_its_place(native: Path, tmp_path: Path) -> None:
    with native.open("a", encoding="utf8") as file:
        file.write('{"id": "P-03", \n')
    made = convert(native, tmp_path / "store")
    assert made.lost
    assert made.counts["patients"] == 2
    assert ["line 3" in finding.source for finding in made.findings if finding.lost] == [True]


def test_numbers_keep_their_digits(native: Path, tmp_path: Path) -> None:
    convert(native, tmp_path / "store")
    table = tmp_path / "store" / "observations.parquet"
    held = duckdb.sql(
        f"SELECT value, value_text, comparator, ref_high FROM '{table}' ORDER BY value LIMIT 2"
    ).fetchall()
    assert held[0] == (0.2, "0.20", "<", None)
    assert held[1][:2] == (3.0, None)


def test_a_conversion_that_fails_leaves_the_old_store(
    native: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "store"
    convert(native, target)
    before = {path.name: path.read_bytes() for path in target.iterdir()}

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Writer, "_flush", killed)
    with pytest.raises(KeyboardInterrupt):
        convert(native, target)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["patients.jsonl", "store"]


def test_a_conversion_that_was_killed_is_cleared_away_by_the_next(native: Path, tmp_path: Path) -> None:
    left = tmp_path / ".store.unfinished-999999999"
    left.mkdir()
    convert(native, tmp_path / "store")
    assert not left.exists()


def test_the_same_input_gives_the_same_bytes(native: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        convert(native, tmp_path / name)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two


def test_what_is_no_store_is_not_overwritten(native: Path, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.mkdir()
    (target / "thesis.txt").write_text("all of it")
    with pytest.raises(StoreError, match="no store"):
        convert(native, target)
    assert (target / "thesis.txt").read_text() == "all of it"


def test_a_folder_of_tables_with_the_same_names_is_a_store(tmp_path: Path) -> None:
    """Numbers as ids, a code instead of a variable, few columns, a limit of 0 that is none, NaN that is no value."""
    duckdb.sql("SELECT 7 AS patient_id, DATE '1970-05-01' AS birth_date, 'male' AS sex").write_parquet(
        str(tmp_path / "patients.parquet")
    )
    duckdb.sql(
        "SELECT 7 AS patient_id, '1742-6' AS loinc, v AS value, 'U/L' AS unit, DATE '2026-01-02' AS date,"
        " h AS ref_high, s AS seq FROM (VALUES (50.0, 40.0, 1), (60.5, 0.0, 2), ('nan'::DOUBLE, NULL, 3)) t(v, h, s)"
    ).write_parquet(str(tmp_path / "observations.parquet"))
    [patient] = read_store(tmp_path)
    assert (patient.id, patient.sex, patient.birth) == ("7", "male", DateSpan(date(1970, 5, 1), date(1970, 5, 1)))
    assert [found.variable for found in patient.observations] == ["alt"] * 3
    assert [found.value for found in patient.observations] == [Decimal("50.0"), Decimal("60.5"), None]
    assert [found.ranges for found in patient.observations] == [(ReferenceRange(None, Decimal("40.0"), None),), (), ()]
    assert [found.seq for found in patient.observations] == [1, 2, 3]


def test_rows_without_a_patient_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    duckdb.sql("SELECT 7 AS patient_id").write_parquet(str(tmp_path / "patients.parquet"))
    duckdb.sql("SELECT 8 AS patient_id, 'alt' AS variable").write_parquet(str(tmp_path / "observations.parquet"))
    trial = tmp_path / "trial.txt"
    trial.write_text("Inclusion Criteria:\n1. Age 18 to 75 years\n", encoding="utf8")
    assert run(["screen", str(trial), str(tmp_path), "--on", "2026-03-11"]) == 1
    assert "1 rows belong to no patient" in capsys.readouterr().err


def test_a_store_screens_like_its_source(native: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trial = tmp_path / "trial.txt"
    trial.write_text("Inclusion Criteria:\n1. ALT <= 3 x ULN\n2. No radiotherapy within 4 weeks\n", encoding="utf8")
    assert run(["store", "convert", str(native), str(tmp_path / "store")]) == 0
    capsys.readouterr()
    told = []
    for source in (native, tmp_path / "store"):
        assert run(["screen", str(trial), str(source), "--on", "2026-03-11", "--format", "json"]) == 0
        told.append(json.loads(capsys.readouterr().out)["patients"])
    assert told[0] == told[1]


def test_the_range_that_serves_is_the_patients_own() -> None:
    woman = Patient("P", DateSpan(date(1961, 3, 1), date(1961, 3, 31)), "female")
    ranges = (
        ReferenceRange(None, Decimal(45), "U/L", sex="male"),
        ReferenceRange(None, Decimal(35), "U/L", sex="female"),
        ReferenceRange(None, Decimal(10), "U/L", age_high=Decimal(17)),
        ReferenceRange(None, Decimal(99), "U/L", type="critical"),
    )
    found = Observation("alt", "ALT", Decimal(30), unit="U/L", date=woman.birth, ranges=ranges[:2])
    served = serving(woman, found)
    assert served is not None
    assert served.high == 35
    both = Observation("alt", "ALT", date=DateSpan(date(2026, 1, 1), date(2026, 1, 1)), ranges=ranges[1:])
    served = serving(woman, both)
    assert served is not None
    assert served.high == 35


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(database, "import_module", absent)
    with pytest.raises(StoreError, match=r"pip install 'screening\[batch\]'"):
        database.connect("patients.csv")


def test_a_damaged_store_is_one_clear_line(native: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    convert(native, tmp_path / "store")
    (tmp_path / "store" / "observations.parquet").write_bytes(b"PAR1 nonsense")
    trial = tmp_path / "trial.txt"
    trial.write_text("Inclusion Criteria:\n1. Age 18 to 75 years\n", encoding="utf8")
    assert is_store(tmp_path / "store")
    assert run(["screen", str(trial), str(tmp_path / "store"), "--on", "2026-03-11"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


# ---- more records than are read at once


def _bulk(folder: Path, people: int) -> Path:
    """A bulk export: loose resources of many patients, a file a kind, some of it damaged or nobody's."""
    folder.mkdir()
    persons = [{"resourceType": "Patient", "id": f"p{n}", "birthDate": f"19{50 + n}-03-01"} for n in range(people)]
    drug = {"resourceType": "Medication", "id": "m1", "code": {"text": "methotrexate"}}
    orders = [
        {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": {"reference": f"Patient/p{n}"},
         "medicationReference": {"reference": "Medication/m1"}, "authoredOn": "2026-02-01"}
        for n in range(people)
    ]  # fmt: skip
    results = [
        {"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "751-8"}]},
         "subject": {"reference": f"https://server/fhir/Patient/p{n % people}"}, "effectiveDateTime": "2026-03-01",
         "valueQuantity": {"value": 1.50 + n, "unit": "10*3/uL", "system": "http://unitsofmeasure.org", "code": "10*3/uL"}}
        for n in range(3 * people)
    ]  # fmt: skip
    _lines(folder / "Patient.ndjson", persons)
    _lines(folder / "Medication.ndjson", [drug])
    _lines(folder / "MedicationRequest.ndjson", orders)
    with gzip.open(folder / "Observation.ndjson.gz", "wt", encoding="utf8") as file:
        file.write("".join(json.dumps(item) + "\n" for item in results) + '{"resourceType": "Observ\n')
    _lines(folder / "own.jsonl", [NATIVE])
    return folder


def test_blocks_hold_what_the_whole_holds(tmp_path: Path) -> None:
    folder, scratch = _bulk(tmp_path / "bulk", 12), tmp_path / "scratch"
    scratch.mkdir()
    whole = read_patients(folder)
    blocks = list(read_in_blocks(folder, scratch, size=1500))
    assert len(blocks) > 3
    assert max(len(block) for block in blocks) < len(whole)
    by_id = {patient.id: patient for block in blocks for patient in block}
    assert by_id == {patient.id: patient for patient in whole}
    found = [finding for block in blocks for finding in block.findings]
    assert [finding.source.rpartition(": ")[2] for finding in found if finding.lost] == ["line 37"]
    assert [finding.lost for finding in whole.findings] == [True]
    assert not list(scratch.iterdir())


def test_patients_named_by_something_else_than_an_id_are_read_together(tmp_path: Path) -> None:
    folder, scratch = _bulk(tmp_path / "bulk", 6), tmp_path / "scratch"
    scratch.mkdir()
    by_number = {"resourceType": "Condition", "subject": {"identifier": {"system": "mrn", "value": "7"}}}
    person = {"resourceType": "Patient", "id": "x", "identifier": [{"system": "mrn", "value": "7"}]}
    _lines(folder / "more.ndjson", [by_number | {"code": {"text": "asthma"}}, person])
    (records,) = read_in_blocks(folder, scratch, size=1500)
    assert list(records) == list(read_patients(folder))
    assert [event.text for patient in records if patient.id == "x" for event in patient.events] == ["asthma"]


def test_a_large_conversion_leaves_nothing_but_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _bulk(tmp_path / "bulk", 12)
    small = convert(folder, tmp_path / "small")
    monkeypatch.setattr(blocks.read_in_blocks, "__defaults__", (1500,))
    large = convert(folder, tmp_path / "large")
    assert large.counts == small.counts
    assert sorted(file.name for file in (tmp_path / "large").iterdir()) == sorted(
        file.name for file in (tmp_path / "small").iterdir()
    )
    assert {patient.id: patient for patient in read_store(tmp_path / "large")} == {
        patient.id: patient for patient in read_store(tmp_path / "small")
    }
