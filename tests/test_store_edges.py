"""Tables as people have them: other encodings, decimal commas, no header, nothing at all. Said in one line, or right."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.app.cli import run

pytest.importorskip("duckdb")
openpyxl = pytest.importorskip("openpyxl")
pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from screening.store import read_store  # noqa: E402

MAPPING = """
date_formats = ["%d.%m.%Y"]
decimal = ","
[tests]
GPT = "alt"
PLT = "platelets"
[patients]
table = "people"
patient = "nr"
birth = "born"
[[observations]]
table = "labs"
patient = "nr"
code = "test"
value = "result"
unit = "unit"
date = "day"
high = "high"
"""
PEOPLE = "nr;born\n1;03.04.1961\n2;05.06.1970\n"
HEAD = "nr;test;result;unit;day;high\n"
LABS = HEAD + "1;GPT;88,5;U/L;02.03.2026;40,0\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tables").mkdir()
    write(tmp_path, PEOPLE, LABS)
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(desk: Path, people: str | bytes, labs: str | bytes) -> None:
    for name, content in (("people", people), ("labs", labs)):
        held = content if isinstance(content, bytes) else content.encode()
        (desk / "tables" / f"{name}.csv").write_bytes(held)


def converted(source: str = "tables") -> int:
    return run(["store", "convert", source, "store", "--mapping", "mapping.toml"])


def refused(capsys: pytest.CaptureFixture[str], source: str = "tables") -> str:
    capsys.readouterr()
    assert converted(source) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def values() -> list[str]:
    return [str(found.value) for patient in read_store("store") for found in patient.observations]


DECIMALS = {
    "88,5": "88.5",
    "<0,20": "0.20",
    "1.234.567": "1234567",
    "1.450,5": "1450.5",
    "12.5": "None",  # neither 12.5 nor 125 where the comma is declared
    "1.23.456": "None",
    "1,450,5": "None",
    "250": "250",
}


@pytest.mark.parametrize("written", DECIMALS)
def test_a_decimal_comma_is_never_guessed(desk: Path, written: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(desk, PEOPLE, HEAD + f"1;PLT;{written};10*9/L;02.03.2026;\n")
    assert converted() == 0
    assert values() == [DECIMALS[written]]
    unread = "platelets: words in place of a number" in capsys.readouterr().err
    assert unread is (DECIMALS[written] == "None")


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_a_number_that_is_one_needs_no_decimal_sign(desk: Path, form: str) -> None:
    row = {"nr": "1", "test": "GPT", "result": 88.5, "unit": "U/L", "day": "02.03.2026", "high": 40.5}
    if form == "parquet":
        (desk / "tables" / "labs.csv").unlink()
        parquet.write_table(pa.table({name: [value] for name, value in row.items()}), desk / "tables" / "labs.parquet")
        assert converted() == 0
    else:
        book = openpyxl.Workbook()
        book.active.title = "people"
        book.active.append(["nr", "born"])
        book.active.append([1, "03.04.1961"])
        sheet = book.create_sheet("labs")
        sheet.append(list(row))
        sheet.append(list(row.values()))
        book.save(desk / "book.xlsx")
        assert converted("book.xlsx") == 0
    (found,) = (found for patient in read_store("store") for found in patient.observations)
    assert (str(found.value), [str(held.high) for held in found.ranges]) == ("88.5", ["40.5"])


NOT_TABLES = {
    "utf16": (PEOPLE.encode("utf-16"), "UTF-16"),
    "empty": ("", "the file is empty"),
    "headless": ("1;03.04.1961\n2;05.06.1970\n", "begins with a header"),
    "latin": (PEOPLE.replace("born", "Größe").encode("latin-1"), "there is no column"),
    "renamed": (PEOPLE.replace("born", "birth"), "Its columns are: birth, nr"),
}


@pytest.mark.parametrize("name", NOT_TABLES)
def test_what_is_no_table_is_refused_without_a_value_of_it(
    desk: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content, words = NOT_TABLES[name]
    write(desk, content, LABS)
    said = refused(capsys)
    assert words in said
    assert "1961" not in said
    assert not (desk / "store").exists()


@pytest.mark.parametrize(("name", "words"), [("people.xlsx", "no workbook"), ("people.csv.gz", "cannot be read")])
def test_a_file_that_is_not_what_its_name_says_is_refused(
    desk: Path, name: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "tables" / "people.csv").unlink()
    (desk / "tables" / name).write_bytes(b"hello")
    assert words in refused(capsys)


@pytest.mark.parametrize(("name", "words"), [("dm.xpt", "no SAS transport file"), ("all.zip", "no zip archive")])
def test_a_damaged_container_is_refused(
    tmp_path: Path, name: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyreadstat")
    (tmp_path / "in").mkdir()
    for file in (name, "lb.xpt"):
        (tmp_path / "in" / file).write_bytes(b"hello")
    source = tmp_path / "in" / name if name.endswith(".zip") else tmp_path / "in"
    assert run(["store", "convert", str(source), str(tmp_path / "store")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


def test_an_empty_sheet_is_refused(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    book.active.title = "people"
    book.create_sheet("labs")
    book.save(desk / "book.xlsx")
    assert "the sheet 'people' is empty" in refused(capsys, "book.xlsx")


def test_a_table_that_is_there_twice_is_refused(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "tables" / "people.tsv").write_text(PEOPLE.replace(";", "\t"), encoding="utf8")
    assert "people.csv, people.tsv" in refused(capsys)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"alt"', '"altt"', "did you mean 'alt'"),
        ("%d.%m.%Y", "dd.mm.yyyy", "write for example %d.%m.%Y"),
        ('decimal = ","', 'decimal = ";"', "the decimal sign is"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(
    desk: Path, old: str, new: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk / "mapping.toml").write_text(MAPPING.replace(old, new), encoding="utf8")
    assert words in refused(capsys)


def test_a_damaged_line_is_counted_once(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(desk, PEOPLE, LABS + "2;GPT\n2;GPT;7;U/L;02.03.2026;40\n")
    assert converted() == 1
    assert "1 row left out in all" in capsys.readouterr().err
    assert values() == ["88.5", "7"]
    lost = parquet.read_table("store/findings.parquet").to_pylist()
    assert [(row["lost"], row["rows"]) for row in lost] == [(True, 1)]


# ---- stores as somebody made them


def own(desk: Path, observations: dict[str, list[object]], patients: dict[str, list[object]] | None = None) -> None:
    """A folder of Parquet tables with the store's own names, and a trial."""
    (desk / "own").mkdir(exist_ok=True)
    people = patients or {"patient_id": ["1", "2"], "birth_date": ["1970-01-01", "1980-01-01"]}
    parquet.write_table(pa.table(people), desk / "own" / "patients.parquet")
    parquet.write_table(pa.table(observations), desk / "own" / "observations.parquet")
    (desk / "trial.txt").write_text("Inclusion Criteria:\n- ALT <= 80 U/L\n", encoding="utf8")


BATCH = ("batch", "trial.txt", "own", "--on", "2026-03-11", "-o", "out.csv")
GOOD: dict[str, list[object]] = {
    "patient_id": ["1", "2"],
    "loinc": ["1742-6", "1742-6"],
    "value": [50.0, 90.0],
    "unit": ["U/L", "U/L"],
    "date": ["2026-03-01", "2026-03-01"],
}


@pytest.mark.parametrize(
    ("column", "cells", "words"),
    [
        ("date", ["2026-03-01", "2026-13-01"], "1 cells of the column date are no DATE, the first in row 2"),
        ("value", ["88,5", "90"], "Write numbers with a decimal point"),
        ("patient_id", None, "there is no column patient_id"),
    ],
)
def test_a_store_that_cannot_be_read_is_told_why(
    desk: Path, column: str, cells: list[object] | None, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    own(desk, {name: held for name, held in (GOOD | {column: cells}).items() if held is not None})
    assert run(list(BATCH)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert "88,5" not in line
    assert "2026-13-01" not in line


def test_a_patient_without_an_id_is_counted_as_lost(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own(desk, GOOD, {"patient_id": ["1", None, "2"], "birth_date": ["1970-01-01"] * 3})
    assert run(list(BATCH)) == 1
    assert "1 rows without patient id (patients)" in capsys.readouterr().err
    assert run(["store", "check", "own"]) == 1
    assert "left out: 1 rows without patient id" in capsys.readouterr().out


def test_patients_that_share_an_id_are_not_told_apart_by_guessing(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own(desk, GOOD, {"patient_id": ["1", "2", "2"], "birth_date": ["1970-01-01", "1970-01-01", "2010-01-01"]})
    words = "own: patients: 1 rows share their id with another, the first row 3"
    for arguments in (BATCH, ("screen", *BATCH[1:5]), (*BATCH[:-2], "--explain", "2")):
        assert run(list(arguments)) == 2
        assert words in capsys.readouterr().err
    assert run(["store", "check", "own"]) == 0
    assert "1 rows share their id with another" in capsys.readouterr().out


def test_a_folder_is_no_result(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own(desk, GOOD)
    (desk / "out.csv").mkdir()
    assert run(list(BATCH)) == 2
    assert capsys.readouterr().err == "screening: out.csv: is a folder. Give a file\n"


@pytest.mark.parametrize(
    ("row", "words"), [("central,alt,40,7,U/L", "low is above high"), ("a,alt,7,40,U/L,b", "more cells than columns")]
)
def test_a_row_of_a_range_book_that_cannot_be_meant_is_refused(
    desk: Path, row: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    own(desk, GOOD)
    (desk / "book.csv").write_text(f"laboratory,variable,low,high,unit\n{row}\n", encoding="utf8")
    assert run([*BATCH, "--ranges", "book.csv"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "book.csv: row 1" in line
    assert words in line


def test_a_list_is_not_written_under_an_ending_it_does_not_know(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own(desk, GOOD)
    assert run([*BATCH[:-1], "out.parquet"]) == 0
    capsys.readouterr()
    assert run(["list", "ranked", "out.parquet", "-o", "list.zip"]) == 2
    assert "nothing is written as .zip" in capsys.readouterr().err
    assert not (desk / "list.zip").exists()


def test_letters_of_a_column_make_no_difference(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own(desk, GOOD, {"patient_id": ["1", "2"], "birth_date": ["1970-01-01"] * 2})
    assert run(list(BATCH)) == 0
    before = (desk / "out.csv").read_bytes()
    own(
        desk,
        {name.upper(): cells for name, cells in GOOD.items()},
        {"Patient_ID": ["1", "2"], "BIRTH_DATE": ["1970-01-01"] * 2},
    )
    assert run(list(BATCH)) == 0
    assert (desk / "out.csv").read_bytes() == before
    assert b"pass" in before
    capsys.readouterr()
