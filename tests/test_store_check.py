"""`screening store check`: every row of a store is accounted for, and likely errors of unit are named."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from screening.app.cli import run
from screening.store import check

ROWS = """
SELECT i % 5 AS patient_id, * EXCLUDE i FROM (VALUES
  (0, '718-7', NULL, 13.1, 'g/dL', DATE '2026-01-01', 12.0), (1, '718-7', NULL, 14.2, 'g/dL', DATE '2026-01-02', 12.0),
  (2, '718-7', NULL, 12.2, 'g/dL', DATE '2026-01-03', NULL), (3, '718-7', NULL, 131, 'g/dL', DATE '2026-01-04', NULL),
  (4, '1742-6', NULL, 30, 'U/L', NULL, 40.0), (4, '1742-6', NULL, 30, 'wombats', NULL, NULL),
  (4, '2160-0', NULL, 90, 'umol/L', DATE '2026-01-04', 1.2), (4, NULL, 'Wunder', 3, 'x', DATE '2026-01-04', NULL)
) t(i, loinc, name, value, unit, date, ref_high)
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    duckdb.sql("SELECT i AS patient_id FROM range(5) t(i)").write_parquet(str(tmp_path / "patients.parquet"))
    duckdb.sql(ROWS).write_parquet(str(tmp_path / "observations.parquet"))
    duckdb.sql(
        "SELECT 1 AS patient_id, 'icd10cm' AS system, unnest(['I10', 'Z99.999x']) AS code, '' AS text"
    ).write_parquet(str(tmp_path / "conditions.parquet"))
    return tmp_path


def test_every_row_is_counted_once(store: Path) -> None:
    found = check(store)
    assert sum(use.rows for use in found.uses) + sum(count for _, count in found.unknown_tests) == 8
    assert found.unknown_tests == (("Wunder", 1),)
    assert found.tables["observations"] == 8
    assert found.undated == 2


def test_units_and_ranges_are_judged(store: Path) -> None:
    uses = {(use.variable, use.raw_unit): use for use in check(store).uses}
    hemoglobin = uses["hemoglobin", "g/dL"]
    assert (hemoglobin.rows, hemoglobin.patients, hemoglobin.ranged, hemoglobin.implausible) == (4, 4, 2, 1)
    assert (str(hemoglobin.first), str(hemoglobin.last), hemoglobin.problem) == ("2026-01-01", "2026-01-04", None)
    assert uses["alt", "wombats"].problem == "unit not recognised"
    assert "ranges lie far apart" in str(uses["creatinine", "umol/L"].problem)


def test_codes_that_are_no_concept_are_listed(store: Path) -> None:
    found = check(store)
    assert found.events["conditions"] == (2, 1)
    assert [name for name, _ in found.unknown_events] == ["conditions: icd10cm Z99.999x"]


def test_the_command_prints_all_of_it(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["store", "check", str(store)]) == 0
    said = capsys.readouterr().out
    for part in ("hemoglobin", "1 outside the hard limits", "unit not recognised", "Wunder", "Z99.999x"):
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
    assert line.endswith("written 'MILL/uL'")
