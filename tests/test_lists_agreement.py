"""No list differs silently from the batch it is made from: options are carried over, other inputs are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from screening.app.cli import run

pytest.importorskip("duckdb")
pytest.importorskip("sqlglot")
parquet = pytest.importorskip("pyarrow.parquet")

from screening.store import convert  # noqa: E402
from tests.test_store_salvage import damage  # noqa: E402

TRIAL = """Inclusion Criteria:
1. Age 18 to 75 years
2. ALT <= 2.5 x ULN
3. BMI < 30 kg/m2
4. Suitable in the judgement of the investigator
Exclusion Criteria:
1. Radiotherapy within 4 weeks before the first dose
2. Asthma
"""
BOOK = (
    "laboratory,variable,low,high,unit,sex,age_from,age_to,valid_from,valid_to\n"
    "central,alt,7,40,U/L,female,,,2020-01-01,\ncentral,alt,7,50.0,U/L,male,18,120.5,,2027-12-31\n"
)
ANSWERS = "patient,criterion,answer,who,on\n" + "".join(f"P{n},I4,yes,A. Reader,2026-03-10\n" for n in range(0, 12, 2))
OPTIONS = ("--ranges", "book.csv", "--attest", "answers.csv", "--compute", "bmi", "--anchor", "first_dose=2026-03-20",
           "--assume-absent", "conditions,procedures")  # fmt: skip
FROM = ("--rules", "trial.txt", "--store", "store")


def person(number: int) -> dict[str, Any]:
    """ALT in steps of 10 about 2.5 × 40 and 2.5 × 50, without a range of its own; weight and height for the BMI."""
    results = [("alt", 70 + 10 * (number % 7), "U/L"), ("weight", 70 + 2 * number, "kg"), ("height", 170, "cm")]
    days = {0: "2026-02-10", 1: "2026-02-25"}
    done = [{"text": "radiotherapy", "start": days[number % 3]}] if number % 3 in days else []
    return {
        "id": f"P{number}",
        "birth_date": "1970-05-01",
        "sex": "female" if number % 2 else "male",
        "observations": [
            {"variable": name, "value": value, "unit": unit, "date": "2026-03-09"} for name, value, unit in results
        ],
        "procedures": done,
    }


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    (tmp_path / "people.json").write_text(json.dumps([person(number) for number in range(12)]), encoding="utf8")
    for name, content in (("trial.txt", TRIAL), ("book.csv", BOOK), ("answers.csv", ANSWERS)):
        (tmp_path / name).write_text(content, encoding="utf8")
    convert(tmp_path / "people.json", tmp_path / "store")
    monkeypatch.chdir(tmp_path)
    assert run(["batch", "trial.txt", "store", "--on", "2026-03-11", "-o", "out.parquet", *OPTIONS]) == 0
    capsys.readouterr()
    return tmp_path


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[list[dict[str, Any]]]:
    """The rows of each table of a list, asked for as JSON."""
    assert run(["list", *arguments, "--format", "json"]) == 0, capsys.readouterr().err
    return [table["rows"] for table in json.loads(capsys.readouterr().out)["tables"]]


def by_batch() -> dict[str, dict[str, Any]]:
    return {row["patient_id"]: row for row in parquet.read_table("out.parquet").to_pylist()}


@pytest.mark.usefixtures("desk")
def test_the_batch_decides_by_every_option() -> None:
    rows = by_batch().values()
    for name in ("I2", "I3", "E1"):
        assert {row[name] for row in rows} == {True, False}, name
    assert {(row["I4"], row["I4_reason"]) for row in rows} == {(True, None), (None, "judgement")}


@pytest.mark.usefixtures("desk")
def test_near_misses_see_the_range_book_the_formula_and_the_anchor(capsys: pytest.CaptureFixture[str]) -> None:
    rows, _ = listed(capsys, "near-misses", "out.parquet", *FROM, "--attest", "answers.csv")
    wanted = {
        id: next(name for name in ("I1", "I2", "I3", "E1", "E2") if row[name] is False)
        for id, row in by_batch().items()
        if row["failed"] == 1
    }
    assert {row["patient_id"]: row["criterion"] for row in rows} == wanted
    assert {"I2", "I3", "E1"} <= set(wanted.values())
    for row in rows:
        if row["criterion"] == "I2":
            assert row["limit"].endswith(("= 100 U/L", "= 125 U/L"))


@pytest.mark.usefixtures("desk")
def test_a_curve_stands_where_the_batch_stands(capsys: pytest.CaptureFixture[str]) -> None:
    ((*_, now),) = ([row for row in rows if row["current"]] for rows in listed(
        capsys, "curve", "out.parquet", *FROM, "--attest", "answers.csv", "--threshold", "I2=1.5,2.5,4"))  # fmt: skip
    assert now["potentially"] == sum(row["verdict"] == "potentially_eligible" for row in by_batch().values()) > 0


@pytest.mark.usefixtures("desk")
def test_dates_begin_with_the_verdicts_of_the_batch(capsys: pytest.CaptureFixture[str]) -> None:
    rows, changes = listed(capsys, "dates", "out.parquet", *FROM, "--attest", "answers.csv", "--top", "all")
    held = by_batch()
    assert len(rows) == len(held)
    for row in rows:
        at_once = row["from"] == "2026-03-11"
        assert at_once is (held[row["patient_id"]]["failed"] == 0)
        assert not at_once or row["then"] == held[row["patient_id"]]["verdict"]
    assert changes


@pytest.mark.usefixtures("desk")
def test_a_worklist_asks_nobody_for_what_is_answered(capsys: pytest.CaptureFixture[str]) -> None:
    _, rows = listed(capsys, "worklist", "out.parquet", *FROM, "--attest", "answers.csv", "--top", "all")
    waiting = {id for id, row in by_batch().items() if row["failed"] == 0 and row["I4_reason"]}
    assert {row["patient_id"] for row in rows if row["criteria"] == "I4"} == waiting
    assert waiting


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run(["list", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("which", ["near-misses", "dates", "worklist"])
def test_other_answers_or_none_are_refused(desk: Path, which: str, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "other.csv").write_text(ANSWERS.replace("P0,I4,yes", "P0,I4,no"), encoding="utf8")
    assert "with --attest FILE" in refused(capsys, which, "out.parquet", *FROM)
    assert "with other answers" in refused(capsys, which, "out.parquet", *FROM, "--attest", "other.csv")
    shuffled = ANSWERS.splitlines(keepends=True)
    (desk / "answers.csv").write_text("".join([shuffled[0], *reversed(shuffled[1:])]), encoding="utf8")
    assert listed(capsys, which, "out.parquet", *FROM, "--attest", "answers.csv")


@pytest.mark.usefixtures("desk")
def test_answers_that_the_batch_did_not_have_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["batch", "trial.txt", "store", "--on", "2026-03-11", "-o", "bare.parquet"]) == 0
    assert "without answers" in refused(capsys, "near-misses", "bare.parquet", *FROM, "--attest", "answers.csv")
    assert "--rules" in refused(capsys, "near-misses", "out.parquet", "--attest", "answers.csv")


def test_another_store_is_refused(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "people.json").write_text(json.dumps([person(number) for number in range(11)]), encoding="utf8")
    convert(desk / "people.json", desk / "store")
    for which in ("near-misses", "dates", "worklist"):
        said = refused(capsys, which, "out.parquet", *FROM, "--attest", "answers.csv")
        assert "not the store that out.parquet was made from" in said


def without_fingerprint() -> None:
    """A result that does not say from which store it was made."""
    table = parquet.read_table("out.parquet")
    held = json.loads(table.schema.metadata[b"screening"])
    told = json.dumps(held | {"store": None})
    parquet.write_table(table.replace_schema_metadata({"screening": told}), "out.parquet")


@pytest.mark.parametrize(
    "which", [("near-misses",), ("dates", "--top", "all"), ("curve", "--threshold", "I2=2,2.5")], ids=lambda w: w[0]
)
def test_records_that_do_not_bear_out_the_result_are_refused(
    desk: Path, which: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    without_fingerprint()
    kind, *more = which
    assert run(["list", kind, "out.parquet", *FROM, "--attest", "answers.csv", *more]) == 0
    people = [person(number) for number in range(12)]
    for one in people:
        one["observations"][0]["value"] = 20
    (desk / "people.json").write_text(json.dumps(people), encoding="utf8")
    convert(desk / "people.json", desk / "store")
    said = refused(capsys, kind, "out.parquet", *FROM, "--attest", "answers.csv", *more)
    assert "something else of" in said


def test_of_a_damaged_store_the_lists_read_what_the_batch_read(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = desk / "store" / "observations.parquet"
    parquet.write_table(parquet.read_table(file), file, row_group_size=12)
    damage(file, 1, "value")
    assert run(["batch", "trial.txt", "store", "--on", "2026-03-11", "-o", "out.parquet", *OPTIONS]) == 1
    capsys.readouterr()
    arguments = ["near-misses", "out.parquet", *FROM, "--attest", "answers.csv", "--format", "json"]
    assert run(["list", *arguments]) == 1
    said = capsys.readouterr()
    assert "observations.parquet: rows 13 to 24" in said.err
    rows = json.loads(said.out)["tables"][0]["rows"]
    assert {row["patient_id"] for row in rows} == {id for id, row in by_batch().items() if row["failed"] == 1}
