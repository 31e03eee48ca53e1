"""Tables of any layout → stores: mapping files, OMOP CDM, SDTM; every row accounted for."""

from __future__ import annotations

import zipfile
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
from pyarrow import parquet

from screening.app.cli import run
from screening.patient import Activity, Certainty, DateSpan, Patient, ReferenceRange
from screening.store import StoreError, convert, read_store

MAPPING = """
nulls = ["", "NA"]
date_formats = ["%d.%m.%Y"]
complete = ["conditions"]
[tests]
GPT = "alt"
THROMBO = "platelets"
[patients]
table = "people"
patient = "nr"
birth = "born"
sex = { column = "sex", values = { "1" = "male", "2" = "female" } }
[[observations]]
table = "labs"
patient = "nr"
code = "test"
value = "result"
unit = "unit"
date = "day"
low = "low"
high = "high"
ref_unit = "range_unit"
[[conditions]]
table = "problems"
patient = "nr"
text = "what"
codings = [{ system = { value = "icd10cm" }, code = "code" }]
start = "since"
certainty = { column = "sure", values = { no = "refuted" }, value = "confirmed" }
"""
PEOPLE = "nr,born,sex\n1,01.05.1970,1\n2,1981,2\n"
LABS = (
    "nr,test,result,unit,day,low,high,range_unit\n"
    "1,GPT,50.10,U/L,02.01.2026,0,40,U/L\n"
    "1,GPT,<0.20,U/L,03.01.2026,,0,\n"
    "1,THROMBO,150,10^9/L,04.01.2026,130000,400000,/uL\n"
    "2,GPT,NA,U/L,04.01.2026,,,\n"
    "2,WUNDER,3,U/L,04.01.2026,,,\n"
    "2,GPT,12,wombats,04.01.2026,,,\n"
    "9,GPT,12,U/L,04.01.2026,,,\n"
    "2,GPT,12\n"
)
PROBLEMS = "nr,what,code,since,sure\n1,asthma,J45.9,03.2019,yes\n2,asthma,,,no\n"


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    for name, content in (("people", PEOPLE), ("labs", LABS), ("problems", PROBLEMS)):
        (folder / f"{name}.csv").write_text(content, encoding="utf8")
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf8")
    return folder


def _patients(store: Path) -> dict[str, Patient]:
    return {patient.id: patient for patient in read_store(store)}


def test_mapped_tables_become_patients(tables: Path, tmp_path: Path) -> None:
    convert(tables, tmp_path / "store", tmp_path / "mapping.toml")
    held = _patients(tmp_path / "store")
    assert (held["1"].birth, held["1"].sex) == (DateSpan(date(1970, 5, 1), date(1970, 5, 1)), "male")
    assert held["2"].birth == DateSpan(date(1981, 1, 1), date(1981, 12, 31))
    first, second, third = held["1"].observations
    assert (first.variable, first.value, first.unit) == ("alt", Decimal("50.10"), "U/L")
    assert first.ranges == (ReferenceRange(None, Decimal(40), "U/L"),)
    assert (str(second.comparator), second.value, second.ranges) == ("<", Decimal("0.20"), ())
    assert third.ranges == (ReferenceRange(Decimal(130000), Decimal(400000), "/uL"),)
    assert held["2"].observations[-1].raw_unit == "wombats"
    assert held["2"].observations[-1].unit is None
    [asthma] = held["1"].events
    assert (asthma.text, asthma.codes, asthma.activity) == ("asthma", (("icd10cm", "J45.9"),), Activity.CURRENT)
    assert held["2"].events[0].certainty is Certainty.REFUTED
    assert len(held["1"].complete) == 1


def test_every_row_that_is_left_out_is_named(tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["store", "convert", str(tables), str(tmp_path / "store"), "--mapping", str(tmp_path / "mapping.toml")]
    assert run(arguments) == 1
    said = capsys.readouterr().err
    assert "left out: damaged line left out: missing columns (labs.csv: line 9)" in said
    assert "left out: row of nobody in the table of patients (1 rows) (labs row 7)" in said
    assert "row without a result (1 rows)" in said
    assert "test not recognised: WUNDER" in said
    assert "unit not recognised: 'wombats'" in said


def test_a_workbook_is_read_like_its_sheets(tables: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    del book["Sheet"]
    for name, content in (("people", PEOPLE), ("labs", LABS.rpartition("2,GPT")[0]), ("problems", PROBLEMS)):
        sheet = book.create_sheet(name)
        for line in content.splitlines():
            sheet.append([cell or None for cell in line.split(",")])
    book.save(tmp_path / "all.xlsx")
    convert(tmp_path / "all.xlsx", tmp_path / "one", tmp_path / "mapping.toml")
    convert(tables, tmp_path / "two", tmp_path / "mapping.toml")
    assert _patients(tmp_path / "one") == _patients(tmp_path / "two")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('"people"', '"folk"'), "there is no table 'folk'.*Its tables are: labs, people, problems"),
        (('patient = "nr"\nbirth', 'patient = "no"\nbirth'), "people: there is no column 'no'.*born, nr, sex"),
        (("[patients]", "[persons]"), "persons: there is no such key|patients: is missing"),
        (("nulls", "nulls ="), "not TOML"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(
    change: tuple[str, str], message: str, tables: Path, tmp_path: Path
) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING.replace(*change, 1), encoding="utf8")
    with pytest.raises(StoreError, match=message):
        convert(tables, tmp_path / "store", tmp_path / "mapping.toml")
    assert not (tmp_path / "store").exists()


def test_tables_of_an_unknown_layout_ask_for_a_mapping(tables: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="--mapping"):
        convert(tables, tmp_path / "store")


OMOP = {
    "PERSON": "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,birth_datetime\n"
    "1,8507,1960,,,1960-01-01 00:00:00\n2,8532,1970,5,9,\n",
    "DEATH": "person_id,death_date\n2,2020-01-01\n",
    "CONCEPT": "concept_id,concept_name,vocabulary_id,concept_code\n"
    "10,ALT,LOINC,1742-6\n11,Asthma,SNOMED,195967001\n12,Asthma NOS,ICD10CM,J45.909\n0,No matching concept,None,x\n",
    "MEASUREMENT": "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_datetime,"
    "operator_concept_id,value_as_number,unit_concept_id,range_low,range_high,unit_source_value\n"
    "5,1,10,2020-02-03,2020-02-03 00:00:00,4171756,8.50,8645,,0,U/L\n"
    "6,1,10,2020-02-04,2020-02-04 08:30:00,0,18,8645,5,40,U/L\n",
    "CONDITION_OCCURRENCE": "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,"
    "condition_end_date,condition_status_concept_id,condition_source_value,condition_source_concept_id\n"
    "7,1,11,2010-01-01,,0,J45.909,12\n8,1,0,2010-01-01,2011-01-01,32899,odd,0\n",
}


def _omop(folder: Path, form: str) -> Path:
    if form == "zip":
        with zipfile.ZipFile(folder / "cdm.zip", "w") as file:
            for name, content in OMOP.items():
                file.writestr(f"cdm/{name}.csv", content)
        return folder / "cdm.zip"
    tables = folder / "cdm"
    tables.mkdir()
    for name, content in OMOP.items():
        (tables / f"{name}.csv").write_text(content, encoding="utf8")
    if form == "csv":
        return tables
    if form == "parquet":
        for name in OMOP:
            duckdb.sql(f"FROM read_csv('{tables / name}.csv', all_varchar = true)").write_parquet(
                str(tables / f"{name}.parquet")
            )
            (tables / f"{name}.csv").unlink()
        return tables
    with duckdb.connect(str(folder / "cdm.duckdb")) as connection:
        for name in OMOP:
            connection.execute(f"CREATE TABLE {name} AS FROM read_csv('{tables / name}.csv', all_varchar = true)")
    return folder / "cdm.duckdb"


@pytest.mark.parametrize("form", ["csv", "zip", "parquet", "duckdb"])
def test_omop_in_every_form(form: str, tmp_path: Path) -> None:
    made = convert(_omop(tmp_path, form), tmp_path / "store")
    held = _patients(tmp_path / "store")
    assert not made.lost
    assert held["1"].birth == DateSpan(date(1960, 1, 1), date(1960, 12, 31)), "a year alone is no 1 January"
    assert held["2"].deceased
    low, high = held["1"].observations
    assert (low.variable, low.value, str(low.comparator), low.unit) == ("alt", Decimal("8.50"), "<", "U/L")
    assert low.ranges == ()
    assert low.date is not None
    assert low.date.time is None
    assert high.date is not None
    assert high.date.time is not None
    assert high.ranges == (ReferenceRange(Decimal(5), Decimal(40), None),)
    asthma, odd = held["1"].events
    assert asthma.codes == (("snomed", "195967001"), ("icd10cm", "J45.909"))
    assert asthma.activity is Activity.UNKNOWN
    assert (odd.text, odd.codes, odd.activity, odd.certainty) == ("odd", (), Activity.PAST, Certainty.POSSIBLE)


SDTM = {
    "dm": "USUBJID,BRTHDTC,AGE,AGEU,SEX,DTHFL,RFSTDTC\nA,1950-12,63,YEARS,F,,2014-01-02\nB,,50,YEARS,M,Y,2014-01-02\n",
    "lb": "USUBJID,LBSEQ,LBTESTCD,LBTEST,LBCAT,LBORRES,LBORRESU,LBORNRLO,LBORNRHI,LBSTRESC,LBSTRESU,LBSTAT,LBDTC\n"
    "A,1,BILI,Bilirubin,CHEMISTRY,0.6,mg/dL,0.2,1.2,10.26,umol/L,,2013-12-26T14:45\n"
    "A,2,GLUC,Glucose,URINALYSIS,50,mg/dL,,,50,mg/dL,,2013-12-26T14:45\n"
    "A,3,ALT,Alanine,CHEMISTRY,,,,,,,NOT DONE,2013-12-26\n"
    "A,4,LYMLE,Lymphocytes/Leukocytes,HEMATOLOGY,0.31,FRACTION,0.22,0.44,0.31,FRACTION,,2013-12-26T14:45\n",
    "mh": "USUBJID,MHSEQ,MHTERM,MHSTDTC,MHENDTC,MHOCCUR,MHENRTPT\nA,1,ASTHMA,2003,,,ONGOING\nA,2,STROKE,,,N,\n",
    "cm": "USUBJID,CMSEQ,CMTRT,CMDECOD,CMSTDTC,CMENDTC\nA,1,ASPIRIN,ACETYLSALICYLIC ACID,2003,2004-02\n",
}


@pytest.mark.parametrize("form", ["csv", "parquet", "xpt"])
def test_sdtm_domains(form: str, tmp_path: Path) -> None:
    """In Parquet with empty texts for nulls, as SAS data sets become."""
    for name, content in SDTM.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf8")
        if form == "parquet":
            duckdb.sql(
                f"SELECT coalesce(COLUMNS(*), '') FROM read_csv('{tmp_path / name}.csv', all_varchar = true)"
            ).write_parquet(str(tmp_path / f"{name}.parquet"))
            (tmp_path / f"{name}.csv").unlink()
        if form == "xpt":
            pyreadstat.write_xport(
                pd.read_csv(StringIO(content)), str(tmp_path / f"{name}.xpt"), table_name=name, file_format_version=5
            )
            (tmp_path / f"{name}.csv").unlink()
    made = convert(tmp_path, tmp_path / "out" / "store")
    held = _patients(tmp_path / "out" / "store")
    assert held["A"].birth == DateSpan(date(1950, 12, 1), date(1950, 12, 31))
    assert held["B"].birth == DateSpan(date(1963, 1, 3), date(1964, 1, 2)), "50 years old on 2014-01-02"
    assert held["B"].deceased
    bilirubin, urine, lymphocytes = held["A"].observations
    assert (bilirubin.variable, bilirubin.value, bilirubin.unit) == ("bilirubin_total", Decimal("0.6"), "mg/dL")
    assert bilirubin.ranges[0].high == Decimal("1.2")
    assert urine.variable is None, "glucose in urine is not glucose in blood"
    assert (lymphocytes.variable, lymphocytes.unit) == ("lymph_pct", "1"), "31 %"
    assert [(event.text, event.activity, event.certainty) for event in held["A"].events] == [
        ("ASTHMA", Activity.CURRENT, Certainty.CONFIRMED),
        ("STROKE", Activity.UNKNOWN, Certainty.REFUTED),
        ("ACETYLSALICYLIC ACID", Activity.PAST, Certainty.CONFIRMED),
    ]
    assert any("row without a result (1 rows)" in finding.message for finding in made.findings)


def test_the_stores_own_columns_need_no_mapping(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("patient_id,birth_date,sex\n1,1970-05,male\n", encoding="utf8")
    (tmp_path / "observations.csv").write_text(
        "patient_id,loinc,value,unit,date,seq\n1,1742-6,3.0,U/L,2026-01-01,2\n", encoding="utf8"
    )
    convert(tmp_path, tmp_path / "out")
    [patient] = read_store(tmp_path / "out")
    assert (patient.observations[0].variable, patient.observations[0].seq) == ("alt", 2)


# ---- damaged Parquet


def _damaged(folder: Path) -> Path:
    """A store's own tables; the second of three row groups of the results is overwritten."""
    folder.mkdir()
    people = {"patient_id": ["A", "B"], "birth_date": ["1970-01-01", "1980-01-01"], "sex": ["female", "male"]}
    parquet.write_table(pa.table(people), folder / "patients.parquet")
    count = 30_000
    results = {
        "patient_id": ["A", "B"] * (count // 2),
        "loinc": ["751-8"] * count,
        "value": [f"{number / 7:.5f}" for number in range(count)],
        "unit": ["10*3/uL"] * count,
        "date": ["2026-03-01"] * count,
    }
    file = folder / "observations.parquet"
    parquet.write_table(pa.table(results), file, row_group_size=10_000)
    content = bytearray(file.read_bytes())
    place = parquet.ParquetFile(file).metadata.row_group(1).column(2).data_page_offset
    content[place + 100 : place + 400] = bytes(255 - byte for byte in content[place + 100 : place + 400])
    file.write_bytes(content)
    return folder


def test_a_damaged_part_of_a_parquet_file_is_left_out_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, store = _damaged(tmp_path / "tables"), tmp_path / "store"
    assert run(["store", "convert", str(folder), str(store)]) == 1
    assert "left out: damaged part left out (10000 rows) (observations.parquet: rows 10001 to 20000)" in (
        capsys.readouterr().err
    )
    assert parquet.read_metadata(store / "observations.parquet").num_rows == 20_000
    sources = parquet.read_table(store / "observations.parquet", columns=["source"])["source"].to_pylist()
    assert sources[10_000] == "observations row 20001"


def test_a_parquet_file_without_its_end_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = _damaged(tmp_path / "tables")
    file = folder / "observations.parquet"
    file.write_bytes(file.read_bytes()[:-200])
    assert run(["store", "convert", str(folder), str(tmp_path / "store")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "observations.parquet" in line
    assert not (tmp_path / "store").exists()
