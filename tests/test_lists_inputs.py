"""What a list or a batch is asked in vain: nothing of the user's is written over, nothing is cut off unsaid."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from screening.app.cli import run
from screening.store import StoreError, convert
from tests import lists_world as made

pytest.importorskip("duckdb")

TRIAL = "Inclusion Criteria:\n1. Age 18 to 75 years\n2. ANC >= 1.5 x 10^9/L\n3. Signed consent\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A trial, a store of a dozen patients and a result; the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trial.txt").write_text(TRIAL, encoding="utf8")
    made.write_store(tmp_path / "store", [made.person(made.Random(number), number) for number in range(12)])
    assert run(["batch", "trial.txt", "store", "-o", "out.parquet", "--on", "2026-03-11"]) == 0
    capsys.readouterr()
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(list(arguments)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


LIST = ("list", "ranked", "out.parquet")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*LIST, "-o", "out.parquet"), "out.parquet: would be written over out.parquet, which is read"),
        ((*LIST, "--rules", "trial.txt", "-o", "trial.txt"), "would be written over trial.txt"),
        ((*LIST, "--rules", "trial.txt", "--store", "store", "-o", "store/a.csv"), "would be written over store"),
        ((*LIST, "-o", "store"), "store: is a folder. Give a file."),
        (("list", "report", "out.parquet", "-o", "out.parquet"), "Let the name end in .html"),
        (("list", "report", "out.parquet", "-o", "page.pdf"), "Let the name end in .html"),
        (("list", "ranked", "store"), "store: is a folder. Give the file that screening batch has written"),
        (("store", "convert", "store", "copy"), "is a store already"),
    ],
)
def test_nothing_that_is_read_is_written_over(
    desk: Path, arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "store" / "meta.json").write_text("{}", encoding="utf8")
    before = (desk / "out.parquet").read_bytes(), (desk / "trial.txt").read_bytes()
    assert words in refused(capsys, *arguments)
    assert ((desk / "out.parquet").read_bytes(), (desk / "trial.txt").read_bytes()) == before


@pytest.mark.parametrize("name", ["worklist", "dates"])
def test_a_list_that_is_cut_says_so(desk: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["list", name, "out.parquet", "--rules", "trial.txt", "--store", "store", "--top", "1"]
    assert run(asked) == 0
    assert " patients shown" in capsys.readouterr().out
    assert run([*asked, "-o", "list.csv"]) == 0
    assert "screening: 1 of " in capsys.readouterr().err
    assert (desk / "list.csv").exists()


def test_a_result_without_a_patient_is_no_matter_of_its_trial(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made.write_store(desk / "nobody", [])
    assert run(["batch", "trial.txt", "nobody", "-o", "none.parquet", "--on", "2026-03-11"]) == 0
    capsys.readouterr()
    assert "it holds no patient. Give the result of a store that has some." in refused(
        capsys, "list", "ranked", "none.parquet"
    )


def test_a_limit_that_no_criterion_has(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "kind.txt").write_text("Inclusion Criteria:\n1. Signed consent\n", encoding="utf8")
    assert run(["batch", "kind.txt", "store", "-o", "kind.parquet", "--on", "2026-03-11"]) == 0
    capsys.readouterr()
    asked = ("list", "curve", "kind.parquet", "--rules", "kind.txt", "--store", "store", "--threshold", "I1")
    assert "None of these rules has one that could move." in refused(capsys, *asked)


def test_a_text_without_a_criterion_screens_nobody(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "none.txt").write_text("Inclusion Criteria:\n\nExclusion Criteria:\n", encoding="utf8")
    asked = ("none.txt", "store", "--on", "2026-03-11")
    assert "none.txt: no criterion in it" in refused(capsys, "batch", *asked, "-o", "a.csv")
    assert "none.txt: no criterion in it" in refused(capsys, "screen", *asked)


def test_two_texts_of_one_id_are_both_named(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "new").mkdir()
    (desk / "new" / "trial.txt").write_text(TRIAL.replace("75", "80"), encoding="utf8")
    line = refused(capsys, "batch", "trial.txt", "new/trial.txt", "store", "-o", "a.csv", "--on", "2026-03-11")
    assert "new/trial.txt: its trial trial is that of trial.txt" in line


def test_an_anchor_that_no_trial_counts_from_is_said(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["batch", "trial.txt", "store", "-o", "a.csv", "--on", "2026-03-11", "--anchor", "dose=2026-03-12"])
    assert "--anchor dose: not used" in capsys.readouterr().err
    assert (desk / "a.csv").exists()


def test_explaining_says_that_no_file_is_written(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["batch", "trial.txt", "store", "-o", "a.csv", "--on", "2026-03-11", "--explain", "P0001"])
    assert "a.csv is not written" in capsys.readouterr().err
    assert not (desk / "a.csv").exists()


def test_answers_are_read_as_spreadsheets_write_them(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head, answer = "patient;criterion;answer;who;on\n", "P0001;I3;true;a person;{}\n"
    asked = ["batch", "trial.txt", "store", "-o", "a.csv", "--on", "2026-03-11", "--attest", "answers.csv"]
    (desk / "answers.csv").write_text(head + answer.format("2026-03-12"), encoding="utf8")
    assert run(asked) == 0
    said = capsys.readouterr().err
    assert "--attest: I3: 1 answered after 2026-03-11, the screening date: not heard" in said
    assert "P0001" not in said
    before = (desk / "a.csv").read_bytes()
    (desk / "answers.csv").write_text(head + answer.format("2026-03-11"), encoding="utf8")
    assert run(asked) == 0
    assert (desk / "a.csv").read_bytes() != before
    (desk / "answers.csv").write_text(head + answer.format("11.03.2026"), encoding="utf8")
    assert "answers.csv: row 1: on: write the date as YYYY-MM-DD" in refused(capsys, *asked)


def test_too_little_memory_is_no_damage(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("batch", "trial.txt", "store", "-o", "a.csv", "--on", "2026-03-11", "--memory", "1MB")
    assert "needs more memory" in refused(capsys, *asked)
    assert not (desk / "a.csv").exists()


def test_a_store_is_not_made_inside_or_over_its_source(tmp_path: Path) -> None:
    source = tmp_path / "records"
    source.mkdir()
    record = source / "one.json"
    record.write_text(json.dumps({"id": "1"}), encoding="utf8")
    for held, target in ((source, source / "store"), (record, record)):
        with pytest.raises(StoreError, match=r"lies inside|would be written over"):
            convert(held, target)
    assert record.read_text(encoding="utf8")
    (source / "tables.zip").write_bytes(b"")
    record.unlink()
    with pytest.raises(StoreError, match=r"holds tables\.zip"):
        convert(source, tmp_path / "store")


def test_tables_that_nobody_asks_for_are_named(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("patient_id,birth_date\n1,1970\n", encoding="utf8")
    (tmp_path / "observations.csv").write_text("patient_id,variable,value\n1,alt,40\n", encoding="utf8")
    shutil.copy(tmp_path / "patients.csv", tmp_path / "complete.csv")
    found = convert(tmp_path, tmp_path / "store")
    assert "tables not read: complete" in [finding.message for finding in found.findings]
