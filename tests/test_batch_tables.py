"""The result of a batch as CSV and as a workbook: what Parquet says, in words, and nothing that a spreadsheet runs."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from screening.app.cli import run

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("duckdb")
pq = pytest.importorskip("pyarrow.parquet")

from screening.store import convert, spreadsheet  # noqa: E402

ON = ("--on", "2026-03-11")
TRIAL = """Inclusion Criteria:
- Age 18 to 75 years
- ANC >= 1500/uL
- ALT <= 2.5 x ULN
"""
TRICKY = ("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "＝1", 'a "b", c', "<b>&", "Žluťoučký", "P-1")
PEOPLE = [
    {
        "id": name,
        "birth_date": f"{1940 + 10 * number}-02-01",
        "deceased": number == 3,
        "observations": [{"variable": "anc", "value": number, "unit": "10*9/L", "date": "2026-03-01"}],
    }
    for number, name in enumerate(TRICKY)
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "people.json").write_text(json.dumps(PEOPLE), encoding="utf8")
    (tmp_path / "trial.txt").write_text(TRIAL, encoding="utf8")
    convert(tmp_path / "people.json", tmp_path / "store")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def batch(out: str) -> int:
    return run(["batch", "trial.txt", "store", *ON, "-o", out, "--margins"])


def in_words(row: dict[str, Any], name: str) -> str | None:
    """What the tables for people say of a cell of the Parquet result."""
    if row[name] is not None:
        return "pass" if row[name] else "fail"
    return "unknown" if row[f"{name}_reason"] else None


def expected() -> list[list[Any]]:
    """The rows of the Parquet result as people read them."""
    assert batch("out.parquet") == 0
    found = []
    for row in pq.read_table("out.parquet").to_pylist():
        cells = [(in_words(row, name), row[f"{name}_reason"], row[f"{name}_margin"]) for name in ("I1", "I2", "I3")]
        lead = [row["trial"], "2026-03-11", row["patient_id"], row["verdict"], row["failed"], row["unknown"]]
        found.append([*lead, *(cell for several in cells for cell in several)])
    assert {row[3] for row in found} == {"not_eligible", "needs_information", "deceased"}
    return found


def test_csv_says_what_parquet_says(desk: Path) -> None:
    wanted = expected()
    assert batch("out.csv") == 0
    with (desk / "out.csv").open(encoding="utf8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head[:8] == ["trial", "on", "rules", "program", "patient_id", "verdict", "failed", "unknown"]
    for row, values in zip(rows, wanted, strict=True):
        told = ["" if value is None else repr(value).removesuffix(".0").strip("'") for value in values]
        told[2] = spreadsheet.safe(values[2])
        assert [*row[:2], *row[4:]] == told
        assert row[3].startswith("screening ")
    assert not [row[4] for row in rows if row[4].startswith(("=", "+", "@", "＝", "-"))]


def test_a_workbook_says_what_parquet_says_and_marks_text_as_text(desk: Path) -> None:
    wanted = expected()
    assert batch("out.xlsx") == 0
    sheet = openpyxl.load_workbook(desk / "out.xlsx")["result"]
    _, *rows = sheet.iter_rows()
    for row, values in zip(rows, wanted, strict=True):
        got = [cell.value for cell in (*row[:2], *row[4:])]
        assert got == [pytest.approx(value) if isinstance(value, float) else value for value in values]
        assert {cell.data_type for cell in row if isinstance(cell.value, str)} == {"s"}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_table_for_people_is_the_same_bytes_again_and_no_list_reads_it(
    desk: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = desk / f"out.{ending}"
    assert batch(out.name) == 0
    first = out.read_bytes()
    assert batch(out.name) == 0
    assert out.read_bytes() == first
    assert not [path for path in desk.iterdir() if "unfinished" in path.name]
    capsys.readouterr()
    assert run(["list", "ranked", out.name]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "ends in .parquet" in line


@pytest.mark.parametrize("name", ["out.txt", "out", "out.xls", "out.json"])
def test_another_ending_is_refused_before_any_work(desk: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch(name) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert ".parquet, .csv or .xlsx" in line
    assert not (desk / name).exists()


def test_a_workbook_that_would_not_hold_the_rows_is_refused_before_any_work(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(spreadsheet, "ROWS", 3)
    assert batch("out.xlsx") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "too few" in line
    assert not (desk / "out.xlsx").exists()


@pytest.mark.parametrize("ending", ["parquet", "csv", "xlsx"])
def test_a_store_without_patients_gives_a_result_without_rows(desk: Path, ending: str) -> None:
    people = pq.read_table("store/patients.parquet")
    pq.write_table(people.schema.empty_table(), "store/patients.parquet")
    pq.write_table(pq.read_table("store/observations.parquet").schema.empty_table(), "store/observations.parquet")
    assert batch(f"out.{ending}") == 0
    assert (desk / f"out.{ending}").exists()
