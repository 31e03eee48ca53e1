"""`screening store check`: every row of a store is accounted for, and likely errors of unit are named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from screening import units
from screening.app.cli import run
from screening.store import UnitUse, check

ROWS = """
SELECT i % 5 AS patient_id, * EXCLUDE i FROM (VALUES
  (0, '718-7', NULL, 13.1, 'g/dL', DATE '2026-01-01', 12.0), (1, '718-7', NULL, 14.2, 'g/dL', DATE '2026-01-02', 12.0),
  (2, '718-7', NULL, 12.2, 'g/dL', DATE '2026-01-03', NULL), (3, '718-7', NULL, 131, 'g/dL', DATE '2026-01-04', NULL),
  (4, '1742-6', NULL, 30, 'U/L', NULL, 40.0), (4, '1742-6', NULL, 30, 'wombats', NULL, NULL),
  (4, '2160-0', NULL, 90, 'umol/L', DATE '2026-01-04', 1.2), (4, NULL, 'Wunder', 3, 'x', DATE '2026-01-04', NULL)
) t(i, loinc, name, value, unit, date, ref_high)
"""

TODAY = date(2026, 7, 1)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    duckdb.sql("SELECT i AS patient_id FROM range(5) t(i)").write_parquet(str(tmp_path / "patients.parquet"))
    duckdb.sql(ROWS).write_parquet(str(tmp_path / "observations.parquet"))
    duckdb.sql(
        "SELECT 1 AS patient_id, 'icd10cm' AS system, unnest(['I10', 'Z99.999x']) AS code, '' AS text"
    ).write_parquet(str(tmp_path / "conditions.parquet"))
    return tmp_path


def test_every_row_is_counted_once(store: Path) -> None:
    found = check(store, TODAY)
    assert sum(use.rows for use in found.uses) + sum(count for _, count in found.unknown_tests) == 8
    assert found.unknown_tests == (("Wunder", 1),)
    assert found.tables["observations"] == 8
    assert found.undated == 2


def test_patients_without_age_or_sex_are_counted(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (check(store, TODAY).birthless, check(store, TODAY).unborn, check(store, TODAY).sexless) == (5, 0, 5)
    rows = "(1, DATE '1970-01-01', 'male'), (2, NULL, 'F'), (3, DATE '1970-01-01', 'f')"
    duckdb.sql(f"SELECT * FROM (VALUES {rows}) t(Patient_ID, birth_date, Sex)").write_parquet(
        str(store / "patients.parquet")
    )
    run(["store", "check", str(store)])
    said = capsys.readouterr().out
    assert "1  patients without a birth date" in said
    assert "2  patients whose sex is said neither male, female nor other" in said


def test_birth_dates_in_the_future_are_counted(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As of a year that was written with two digits: 1960 is read as 2060."""
    rows = "(1, DATE '2060-01-01'), (2, DATE '2026-07-01'), (3, DATE '2026-07-02'), (4, NULL)"
    duckdb.sql(f"SELECT * FROM (VALUES {rows}) t(patient_id, Birth_Date)").write_parquet(
        str(store / "patients.parquet")
    )
    assert check(store, TODAY).unborn == 2
    assert check(store, date(2060, 1, 1)).unborn == 0
    run(["store", "check", str(store)])
    assert "patients whose birth date lies in the future" in capsys.readouterr().out


def test_units_and_ranges_are_judged(store: Path) -> None:
    uses = {(use.variable, use.unit): use for use in check(store, TODAY).uses}
    hemoglobin = uses["hemoglobin", "g/dL"]
    assert (hemoglobin.rows, hemoglobin.patients, hemoglobin.ranged, hemoglobin.implausible) == (4, 4, 2, 1)
    assert (str(hemoglobin.first), str(hemoglobin.last), hemoglobin.problem) == ("2026-01-01", "2026-01-04", None)
    assert hemoglobin.remarks == ("1 of 4 outside the hard limits (25 %)",)
    assert (uses["alt", None].problem, uses["alt", None].spellings) == ("unit not recognised", (("wombats", 1),))


def use_of(folder: Path, rows: str) -> dict[str | None, UnitUse]:
    """The uses of one variable, of rows given as SQL, by unit."""
    duckdb.sql("SELECT i AS patient_id FROM range(9) t(i)").write_parquet(str(folder / "patients.parquet"))
    duckdb.sql(rows).write_parquet(str(folder / "observations.parquet"))
    return {use.unit: use for use in check(folder, TODAY).uses}


CREATININE = (
    "SELECT i % 9 AS patient_id, '2160-0' AS loinc, {value} AS value, '{unit}' AS unit, {high} AS ref_high"
    " FROM range({rows}) t(i)"
)


def test_one_odd_result_is_no_error_of_unit(tmp_path: Path) -> None:
    far = CREATININE.format(value=90, unit="mg/dL", high=1.2, rows=1)
    (found,) = use_of(tmp_path, far).values()
    assert found.problem is None
    assert found.remarks == (
        "1 of 1 outside the hard limits (100 %)",
        "1 of 1 more than 20 times off their own upper limit (100 %)",
    )


@pytest.mark.parametrize(("odd", "likely"), [(4, False), (5, False), (6, True)])
def test_more_than_half_of_enough_results_are_evidence(tmp_path: Path, odd: int, likely: bool) -> None:
    value = f"CASE WHEN i < {odd} THEN 88 ELSE 1.0 END"
    (found,) = use_of(tmp_path, CREATININE.format(value=value, unit="mg/dL", high=1.2, rows=10)).values()
    said = f"{odd} of 10 outside the hard limits ({odd}0 %)"
    assert found.problem == (f"likely unit error: {said}" if likely else None)
    assert (said in found.remarks) is not likely


def test_a_unit_is_compared_with_the_usual_one_of_its_variable(tmp_path: Path) -> None:
    usual = CREATININE.format(value="0.9", unit="mg/dL", high="NULL", rows=20)
    for rows, likely in ((8, True), (2, False)):
        slip = CREATININE.format(value="9", unit="umol/L", high="NULL", rows=rows)
        found = use_of(tmp_path, f"{usual} UNION ALL {slip}")
        said = "median 8.8 times below that of the 20 results in mg/dL"
        assert found["umol/L"].problem == (f"likely unit error: {said}" if likely else None)
        assert found["umol/L"].remarks == (() if likely else (said,))
        assert found["mg/dL"].problem is None


def test_spellings_of_one_unit_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [("10*9/L", 4), ("10^9/L", 3), ("K/uL", 2)]
    rows = " UNION ALL ".join(
        f"SELECT 1 AS patient_id, '751-8' AS loinc, {n}.5 AS value, '{unit}' AS unit FROM range({n})"
        for unit, n in parts
    )
    found = use_of(tmp_path, rows)
    total = sum(use.rows for use in found.values())
    assert total == 9
    assert sum(len(use.spellings) for use in found.values()) == 3
    assert len(found) == len({units.ucum(unit, "anc") for unit, _ in parts})
    assert run(["store", "check", str(tmp_path)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("anc")]
    assert len(lines) == len(found)
    assert "'10^9/L' (3)" in "".join(lines)


def test_dates_and_values_that_are_none_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = (
        "SELECT 1 AS patient_id, '751-8' AS loinc, '10*9/L' AS unit, * FROM (VALUES ('1.5', '2026-01-01'),"
        " ('1.6', '2026-13-01'), ('<0.2', '2026-01-02')) t(value, date)"
    )
    (found,) = use_of(tmp_path, rows).values()
    assert (str(found.first), str(found.last), found.rows) == ("2026-01-01", "2026-01-02", 3)
    assert run(["store", "check", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "           1  results whose date is none" in said
    assert "           1  results whose value is NaN, infinite or no number" in said


def test_codes_that_are_no_concept_are_listed(store: Path) -> None:
    found = check(store, TODAY)
    assert found.events["conditions"] == (2, 1)
    assert [name for name, _ in found.unknown_events] == ["conditions: icd10cm Z99.999x"]


def test_the_command_prints_all_of_it(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["store", "check", str(store)]) == 0
    said = capsys.readouterr().out
    for part in ("hemoglobin", "1 of 4 outside the hard limits", "unit not recognised", "Wunder", "Z99.999x"):
        assert part in said


def test_what_is_no_store_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["store", "check", str(tmp_path)]) == 2
    assert "screening store convert IN OUT" in capsys.readouterr().err


def test_another_spelling_of_a_unit_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    duckdb.sql("SELECT 1 AS patient_id").write_parquet(str(tmp_path / "patients.parquet"))
    duckdb.sql("SELECT 1 AS patient_id, '789-8' AS loinc, 4.1 AS value, 'MILL/uL' AS unit").write_parquet(
        str(tmp_path / "observations.parquet")
    )
    assert run(["store", "check", str(tmp_path)]) == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("rbc")]
    assert line.split()[1] == "10*6/uL"
    assert line.endswith("written 'MILL/uL' (1)")


def test_nan_and_infinities_are_counted_as_likely_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    duckdb.sql("SELECT 1 AS patient_id").write_parquet(str(tmp_path / "patients.parquet"))
    duckdb.sql(
        "SELECT 1 AS patient_id, '777-3' AS loinc, '10*9/L' AS unit, DATE '2026-01-01' AS date, CAST(v AS DOUBLE) AS value,"
        " CAST(h AS DOUBLE) AS ref_high FROM (VALUES ('nan', '400'), ('inf', '400'), ('-inf', '400'), ('150', 'inf'),"
        " ('150', 'nan'), ('150', '400')) t(v, h)"
    ).write_parquet(str(tmp_path / "observations.parquet"))
    found = check(tmp_path, TODAY)
    (use,) = found.uses
    assert (found.unread_values, use.rows, use.ranged, use.median, use.problem) == (3, 6, 4, 150, None)
    assert use.remarks == (
        "likely errors: values NaN, infinite or no number (3)",
        "likely errors: limits of normal NaN, infinite or no number (2)",
    )
    assert run(["store", "check", str(tmp_path)]) == 0
    assert "3  results whose value is NaN, infinite or no number" in capsys.readouterr().out
