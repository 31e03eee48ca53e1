"""Files and folders of patient records: what is read, what is refused, and with which words."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from screening.patient import EventKind, PatientInputError, Records, read_in_blocks, read_patients

HERE = Path(__file__).parent / "patients"


def people(path: Path | str) -> list[str]:
    return [patient.id for patient in read_patients(path)]


def messages(records: Records) -> list[str]:
    return [finding.message for finding in records.findings]


def test_a_bundle_of_two_people_is_split_by_reference() -> None:
    records = read_patients(HERE / "two_people.json")
    assert [patient.id for patient in records] == ["p1", "p2"]
    assert [[found.variable for found in patient.observations] for patient in records] == [["alt"], ["hemoglobin"]]
    assert [patient.deceased for patient in records] == [False, True]


def test_what_belongs_to_nobody_and_what_is_not_read_is_reported() -> None:
    records = read_patients(HERE / "two_people.json")
    assert messages(records) == [
        "Observation refers to no patient in the input (1)",
        "resource types not read: CarePlan (1)",
    ]
    assert records.lost


def test_a_bulk_folder_is_joined_by_reference_and_a_damaged_line_is_reported() -> None:
    records = read_patients(HERE / "bulk")
    assert {p.id: [str(o.value) for o in p.observations] for p in records} == {"b1": ["99"], "b2": ["150"]}
    assert [(f.lost, f.source.endswith("Observation.ndjson: line 2")) for f in records.findings] == [(True, True)]
    assert records.patients[1].sex is None


def test_the_same_files_given_one_by_one_are_joined_too() -> None:
    paths = [HERE / "bulk" / "Patient.ndjson", HERE / "bulk" / "Observation.ndjson"]
    assert read_patients(paths) == read_patients(HERE / "bulk")


def test_gzip_is_read_by_content(tmp_path: Path) -> None:
    (tmp_path / "n.json.gz").write_bytes(gzip.compress((HERE / "native.json").read_bytes()))
    assert people(tmp_path) == ["n1", "n2"]
    assert people(tmp_path / "n.json.gz") == ["n1", "n2"]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'{"id": "a"}\n{"id": "b"}\n'
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert people("-") == ["a", "b"]


def test_a_gzip_file_of_lines_that_is_cut_off_gives_those_before_the_cut(tmp_path: Path) -> None:
    (cut := tmp_path / "cut").mkdir()
    written = b"".join(b'{"id": "p%d"}\n' % number for number in range(3000))
    packed = gzip.compress(written)
    (cut / "n.ndjson.gz").write_bytes(packed[: len(packed) // 2])
    records = read_patients(cut)
    assert [patient.id for patient in records] == [f"p{number}" for number in range(len(records.patients))]
    assert 500 < len(records.patients) < 2500
    (finding,) = records.findings
    assert finding.lost
    assert finding.source.endswith(f"n.ndjson.gz: line {len(records.patients) + 1}")
    (scratch := tmp_path / "scratch").mkdir()
    blocks = list(read_in_blocks(cut, scratch, size=4_000))
    assert len(blocks) > 2
    assert sorted(patient.id for block in blocks for patient in block) == sorted(p.id for p in records)
    assert [found for block in blocks for found in block.findings] == [finding]


@pytest.mark.parametrize("size", [1, 10**9])
@pytest.mark.parametrize("name", ["n.ndjson.gz", "n.json.gz"])
@pytest.mark.parametrize(
    "harm", [lambda packed: packed[:12], lambda packed: packed[:-8] + bytes(8)], ids=["cut", "sum"]
)
def test_a_gzip_file_of_which_nothing_can_be_relied_on_is_refused(
    tmp_path: Path, harm: Callable[[bytes], bytes], name: str, size: int
) -> None:
    """Cut off before its first line ends, or with a check sum that says that something has changed."""
    (tmp_path / name).write_bytes(harm(gzip.compress(b'{"id": "a"}\n{"id": "b"}\n')))
    (scratch := tmp_path / "scratch").mkdir()
    with pytest.raises(PatientInputError, match=r"the gzip file is damaged\. Copy or export it again"):
        list(read_in_blocks(tmp_path / name, scratch, size=size))


def test_one_document_in_a_gzip_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress((HERE / "two_people.json").read_bytes())
    (tmp_path / "n.json.gz").write_bytes(packed[: len(packed) * 3 // 4])
    with pytest.raises(PatientInputError, match="the gzip file is damaged"):
        read_patients(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.json", '[{"id": "a"}, {"id": "b"}]'),
        ("lines.jsonl", '{"id": "a"}\n\n{"id": "b"}\n'),
        ("lines.json", '{"id": "a"}\n{"id": "b"}'),
        ("wrapped.json", '{\n "patients": [{"id": "a"}, {"id": "b"}]}'),
        ("bom.json", '\ufeff[{"id": "a"}, {"id": "b"}]'),
        ("resources.json", '[{"resourceType": "Patient", "id": "a"}, {"resourceType": "Patient", "id": "b"}]'),
        (
            "bundles.ndjson",
            "\n".join(
                json.dumps({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": name}}]})
                for name in "ab"
            ),
        ),
    ],
)
def test_every_layout_gives_the_same_people(tmp_path: Path, name: str, content: str | bytes) -> None:
    (tmp_path / name).write_text(content, encoding="utf8")
    assert people(tmp_path / name) == ["a", "b"]


REFUSED = [
    ("binary.json", b"\x89PNG\x00\x01", "binary"),
    ("latin.json", '{"id": "Jérôme"}'.encode("latin-1"), "UTF-8"),
    ("empty.json", b"  \n", "empty"),
    ("bad.json", b'{\n "id": "Jane Roe",,\n}', "line 2"),
    ("nan.json", b'{"id": "Jane Roe", "observations": [{"variable": "alt", "value": NaN}]}', "NaN"),
    ("page.json", b"<html>", "XML"),
    ("other.json", b'{"name": "left-pad", "version": "1.0"}', "neither FHIR nor native"),
    ("number.json", b"42", "neither FHIR nor native"),
    ("text.ndjson", b"hello\nworld\n", "none of its 2 lines"),
    ("unknown.json", b'{"id": "Jane Roe", "birthdate": "1961-03-04"}', "birth_date"),
    (
        "value.json",
        b'{"id": "Jane Roe", "observations": [{"variable": "alt", "value": "high"}]}',
        "observations[0].value",
    ),
    ("variable.json", b'{"id": "Jane Roe", "observations": [{"variable": "allt", "value": 1}]}', "'alt'"),
    ("entry.json", b'{"resourceType": "Bundle", "entry": "Jane Roe"}', "Bundle.entry"),
]


@pytest.mark.parametrize(("name", "content", "words"), REFUSED, ids=[row[0] for row in REFUSED])
def test_unusable_input_is_one_line_with_file_place_and_remedy_and_no_patient(
    tmp_path: Path, name: str, content: str | bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(PatientInputError) as caught:
        read_patients(path)
    said = str(caught.value)
    assert said.startswith(str(path))
    assert words in said
    assert "\n" not in said
    assert not {"Jane", "Roe", "1961", "high", "hello"} & set(said.removeprefix(str(path)).replace("'", " ").split())
    assert said.endswith((".", ".)"))


def test_missing_file_and_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(PatientInputError, match="no such file or folder"):
        read_patients(tmp_path / "nowhere")
    (tmp_path / "notes.txt").write_text("not a record")
    with pytest.raises(PatientInputError, match="holds no patient records"):
        read_patients(tmp_path)


def test_a_damaged_line_among_good_ones_is_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"id": "a"}\n\xff\xfe\n{"ids": "b"}\n{"id": "c", "birth_date": "Jane"}\n{"id": "d"}\n')
    records = read_patients(path)
    assert [patient.id for patient in records] == ["a", "d"]
    assert [(f.lost, f.source.rsplit(": ")[-1]) for f in records.findings] == [(True, f"line {n}") for n in (2, 3, 4)]
    assert "Jane" not in "".join(messages(records))


ARRAYS = {
    "array": ('[{"id": "a"}, {"id": "b", "sex": "Jane"}, 7, {"id": "d"}]', ["[1]", "[2]"]),
    "wrapped": ('{"patients": [{"id": "a"}, {"ids": "b"}, {"id": "d"}]}', ["patients[1]"]),
    "nested": ('[[{"id": "a"}], [{"id": "b", "birth_date": "Jane"}, {"id": "d"}]]', ["[1][0]"]),
    "resources": ('[{"resourceType": "Patient", "id": "a"}, {}, {"resourceType": "Patient", "id": "d"}]', ["[1]"]),
}


@pytest.mark.parametrize("layout", ARRAYS)
def test_an_element_that_is_no_patient_is_left_out_by_its_place(tmp_path: Path, layout: str) -> None:
    content, places = ARRAYS[layout]
    path = tmp_path / "array.json"
    path.write_text(content, encoding="utf8")
    records = read_patients(path)
    assert [patient.id for patient in records] == ["a", "d"]
    assert [finding.source.removeprefix(f"{path}: ") for finding in records.findings] == places
    assert records.lost
    assert "Jane" not in "".join(messages(records))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[{"id": "a"}, {"id": }]', "line 1, column"),
        ("[]", "an empty array"),
        ('[{"ids": 1}, 2]', "none of its elements"),
    ],
)
def test_a_damaged_array_and_one_without_a_patient_are_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "array.json"
    path.write_text(content, encoding="utf8")
    with pytest.raises(PatientInputError, match=words):
        read_patients(path)


def test_of_what_is_lost_for_one_reason_every_place_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lines.ndjson"
    path.write_text('{"id": "a"}\n{\n{"id": "b"}\n}\n', encoding="utf8")
    (finding,) = read_patients(path).findings
    assert finding.source == f"{path}: line 2, {path}: line 4"
    assert finding.rows == 2


def test_two_people_of_one_id_stay_two(tmp_path: Path) -> None:
    for name in ("one", "two"):
        bundle = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "same"}}]}
        (tmp_path / f"{name}.json").write_text(json.dumps(bundle))
    records = read_patients(tmp_path)
    assert len(records) == 2
    assert "share an id" in messages(records)[0]


@pytest.mark.parametrize("line", ['{"resourceType": "Con', '{"neither": "this nor that"}'])
def test_a_list_of_which_lines_are_lost_is_complete_for_nobody(tmp_path: Path, line: str) -> None:
    about = {"subject": {"reference": "Patient/a"}}
    lines = {
        "Patient": {"resourceType": "Patient", "id": "a"},
        "Condition": {"resourceType": "Condition", "code": {"text": "gout"}, **about},
        "MedicationRequest": {"resourceType": "MedicationRequest", "status": "active", **about},
        "native": {"id": "n"},
    }
    lost = {"Patient": set(), "Condition": {EventKind.CONDITION}, "MedicationRequest": set(EventKind), "native": set()}
    for damaged, unsure in lost.items():
        for name, value in lines.items():
            harm = f"{line}\n" if name == damaged else ""
            (tmp_path / f"{name}.ndjson").write_text(json.dumps(value) + "\n" + harm)
        assert read_patients(tmp_path).unsure == unsure, damaged
