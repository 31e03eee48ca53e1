"""A store with a damaged Parquet file: what can be read is used, what cannot is named, counted and never guessed."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from functools import partial
from pathlib import Path

import pytest

from screening.app.cli import run

pytest.importorskip("duckdb")
pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from screening.patient import read_in_blocks  # noqa: E402
from screening.store import convert, converting, read_store  # noqa: E402
from screening.store.damage import parts  # noqa: E402

ON = ("--on", "2026-03-11")
PEOPLE, GROUP = 3_000, 1_000
TRIAL = """Inclusion Criteria:
- Age 18 to 75 years
- ANC >= 1500/uL
Exclusion Criteria:
- Asthma
"""


def damage(file: Path, group: int, column: str) -> None:
    """Overwrites the first page of a column of a row group."""
    held = parquet.ParquetFile(file).metadata
    at = next(n for n in range(held.num_columns) if held.row_group(group).column(n).path_in_schema == column)
    place = held.row_group(group).column(at).data_page_offset
    content = bytearray(file.read_bytes())
    content[place : place + 60] = bytes(255 - byte for byte in content[place : place + 60])
    file.write_bytes(content)


def names() -> list[str]:
    return [f"P{number:04}" for number in range(PEOPLE)]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sound store, as somebody made it elsewhere, and a trial."""
    store = tmp_path / "store"
    store.mkdir()
    tables = {
        "patients": {"patient_id": names(), "birth_date": ["1970-01-01"] * PEOPLE},
        "observations": {
            "patient_id": names(),
            "loinc": ["751-8"] * PEOPLE,
            "value": [1 + number / PEOPLE for number in range(PEOPLE)],
            "unit": ["10*9/L"] * PEOPLE,
            "date": ["2026-03-01"] * PEOPLE,
        },
        "conditions": {"patient_id": names(), "text": ["asthma" if n % 2 else "gout" for n in range(PEOPLE)]},
        "complete": {"patient_id": names(), "list": ["conditions"] * PEOPLE},
    }
    for name, columns in tables.items():
        parquet.write_table(pa.table(columns), store / f"{name}.parquet", row_group_size=GROUP)
    (tmp_path / "trial.txt").write_text(TRIAL, encoding="utf8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def batch(*more: str) -> int:
    return run(["batch", "trial.txt", "store", *ON, "-o", "out.parquet", *more])


def outcomes(name: str) -> dict[str, tuple[bool | None, str | None]]:
    return {
        row["patient_id"]: (row[name], row[f"{name}_reason"]) for row in parquet.read_table("out.parquet").to_pylist()
    }


def test_a_batch_keeps_what_can_be_read(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch() == 0
    whole = outcomes("I2")
    damage(desk / "store" / "observations.parquet", 1, "value")
    capsys.readouterr()
    assert batch() == 1
    said = capsys.readouterr()
    assert "observations.parquet: rows 1001 to 2000" in said.err
    assert "1000 rows left out in all" in said.err.replace(",", "")
    found = outcomes("I2")
    for number, name in enumerate(names()):
        assert found[name] == ((None, "missing") if GROUP <= number < 2 * GROUP else whole[name])
    first = (desk / "out.parquet").read_bytes()
    assert batch() == 1
    assert (desk / "out.parquet").read_bytes() == first


def test_what_is_lost_of_a_list_is_never_taken_for_absent(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch("--assume-absent", "conditions") == 0
    assert outcomes("E1")["P0000"] == (True, None)
    damage(desk / "store" / "conditions.parquet", 2, "text")
    assert batch("--assume-absent", "conditions") == 1
    said = capsys.readouterr().err
    assert "conditions complete for nobody any more" not in said  # no row of the source: not among what is left out
    assert "--assume-absent conditions: not followed" in said
    found = outcomes("E1")
    assert found["P0001"] == (False, None)
    assert {found[name] for name in ("P0000", "P2000", "P2001")} == {(None, "missing")}


def test_screen_and_explain_say_the_same_as_the_batch(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damage(desk / "store" / "conditions.parquet", 2, "text")
    damage(desk / "store" / "observations.parquet", 1, "value")
    assert batch() == 1
    by_batch = {name: outcomes(name) for name in ("I1", "I2", "E1")}
    capsys.readouterr()
    assert run(["screen", "trial.txt", "store", *ON, "--format", "json", "--assume-absent", "conditions"]) == 1
    said = capsys.readouterr()
    assert "2000 rows left out in all" in said.err.replace(",", "")
    assert "--assume-absent conditions: not followed" in said.err
    words = {True: "pass", False: "fail", None: "unknown"}
    for patient in json.loads(said.out)["patients"]:
        for criterion in patient["criteria"]:
            assert criterion["outcome"] == words[by_batch[criterion["id"]][patient["id"]][0]]
    assert batch("--explain", "P2001", "--assume-absent", "conditions") == 1
    assert "not followed" in capsys.readouterr().err


def test_a_check_counts_what_can_be_read_and_names_what_cannot(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damage(desk / "store" / "observations.parquet", 1, "value")
    assert run(["store", "check", "store"]) == 1
    said = capsys.readouterr().out
    assert "2,000  observations" in said
    assert "observations.parquet: rows 1001 to 2000" in said
    assert said.startswith("store store\n")


def test_a_patient_who_is_lost_leaves_rows_of_nobody(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damage(desk / "store" / "patients.parquet", 0, "patient_id")
    assert batch() == 1
    said = capsys.readouterr().err.replace(",", "")
    assert "patients.parquet: rows 1 to 1000" in said
    assert "1000 rows belong to no patient of the store (observations)" in said
    assert "3000 rows left out in all" in said
    assert len(outcomes("I2")) == 2 * GROUP


def test_a_table_in_parts_is_salvaged_part_by_part(desk: Path) -> None:
    table = parquet.read_table("store/observations.parquet")
    Path("store/observations.parquet").unlink()
    folder = desk / "store" / "observations"
    folder.mkdir()
    for number in range(3):
        parquet.write_table(table.slice(number * GROUP, GROUP), folder / f"part-{number}.parquet")
    damage(folder / "part-1.parquet", 0, "value")
    assert batch() == 1
    assert sum(reason == "missing" for _, reason in outcomes("I2").values()) == GROUP


def test_rows_before_the_first_damaged_page_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "observations.parquet"
    table = pa.table({"value": [number * 1.5 for number in range(20_000)]})
    parquet.write_table(table, file, data_page_size=8_000, use_dictionary=False, compression="snappy")
    content = bytearray(file.read_bytes())
    place = parquet.ParquetFile(file).metadata.row_group(0).column(0).total_compressed_size // 2
    content[place : place + 3_000] = bytes([255]) * 3_000
    file.write_bytes(content)
    kept, lost = parts(file)
    assert kept.rows.column("value").to_pylist() == [number * 1.5 for number in range(kept.count)]
    assert kept.count >= 5_000
    assert (lost.rows, lost.first, lost.first + lost.count) == (None, kept.count, 20_000)


def test_a_file_without_its_end_is_refused_in_one_line(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = desk / "store" / "observations.parquet"
    file.write_bytes(file.read_bytes()[:-100])
    for arguments in (["batch", "trial.txt", "store", *ON, "-o", "out.parquet"], ["store", "check", "store"]):
        assert run(arguments) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "observations.parquet" in line
    assert not (desk / "out.parquet").exists()


def test_nothing_of_what_was_salvaged_is_left_behind(desk: Path) -> None:
    damage(desk / "store" / "observations.parquet", 1, "value")
    before = sorted(path.name for path in desk.iterdir())
    assert batch() == 1
    assert run(["store", "check", "store"]) == 1
    assert sorted(path.name for path in desk.iterdir()) == sorted([*before, "out.parquet"])
    own = list(Path(tempfile.gettempdir()).glob(f"screening-*-{os.getpid()}"))
    assert not [path for folder in own for path in folder.iterdir() if path.name.startswith("salvaged")]


def test_a_mapping_that_calls_a_damaged_list_complete_is_not_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "people.csv").write_text("nr,born\n1,1970-01-01\n2,1980-01-01\n", encoding="utf8")
    (folder / "ills.csv").write_text("nr,what\n1,asthma\n2,gout,extra,cells\n", encoding="utf8")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        'complete = ["conditions", "procedures"]\n[patients]\ntable = "people"\npatient = "nr"\nbirth = "born"\n'
        '[[conditions]]\ntable = "ills"\npatient = "nr"\ntext = "what"\n',
        encoding="utf8",
    )
    assert convert(folder, tmp_path / "store", mapping).lost
    assert [{kind.name for kind in patient.complete} for patient in read_store(tmp_path / "store")] == [
        {"PROCEDURE"},
        {"PROCEDURE"},
    ]
    capsys.readouterr()


@pytest.mark.parametrize("size", [1, 10**9], ids=["in blocks", "at once"])
def test_a_store_remembers_of_which_lists_its_source_had_lost_rows(
    desk: Path, size: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line of conditions that nobody can read may have been anybody's asthma, also once the rest is a store."""
    monkeypatch.setattr(converting, "read_in_blocks", partial(read_in_blocks, size=size))
    (desk / "bulk").mkdir()
    people = [{"resourceType": "Patient", "id": f"p{n}", "birthDate": "1970-01-01"} for n in range(3)]
    ill = {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/p0"},
        "code": {"text": "asthma"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
    }
    (desk / "bulk" / "Patient.ndjson").write_text("".join(json.dumps(one) + "\n" for one in people), encoding="utf8")
    (desk / "bulk" / "Condition.ndjson").write_text(json.dumps(ill) + '\n{"resourceType": "Con\n', encoding="utf8")
    assert run(["store", "convert", "bulk", "made"]) == 1
    capsys.readouterr()
    for given in (["bulk"], ["made"]):
        assert run(["screen", "trial.txt", *given, *ON, "--assume-absent", "conditions", "--format", "csv"]) == 1
        said = capsys.readouterr().out
        assert [row["outcome"] for row in csv.DictReader(io.StringIO(said)) if row["criterion"] == "E1"] == [
            "fail",
            "unknown",
            "unknown",
        ]
    assert run(["batch", "trial.txt", "made", "-o", "out.parquet", *ON, "--assume-absent", "conditions"]) == 1
    assert "conditions" in capsys.readouterr().err
    assert [row["E1"] for row in parquet.read_table("out.parquet").to_pylist()] == [False, None, None]
