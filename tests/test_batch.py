"""Interpreter and SQL give the same code, cell by cell: generated predicates × generated stores."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from screening import predicates as p
from screening import variables
from screening.app.documents import load
from screening.evaluate import Context
from screening.explain.screen import judge as judged
from screening.store import read_store
from tests.batch_agreement import (
    VARIABLES,
    agree,
    atoms,
    contexts,
    grown,
    loose_store,
    ordered_store,
    pq,
    write,
)

ON = date(2028, 2, 29)
SETTINGS = settings(deadline=None, max_examples=3, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
CASES = given(st.integers(0, 2**32), st.lists(atoms, min_size=40, max_size=40), contexts)


@SETTINGS
@CASES
def test_where_the_order_of_a_day_is_known(
    tmp_path_factory: pytest.TempPathFactory, seed: int, wanted: list[p.Predicate], context: Context
) -> None:
    folder, pick = tmp_path_factory.mktemp("store"), Random(seed)  # noqa: S311 -- test data
    write(folder, ordered_store(pick, 200))
    agreed = agree(folder, grown(wanted, 70, pick), context)
    assert (agreed.decided, agreed.asked) == (14_000, 0)


@SETTINGS
@CASES
def test_where_several_results_of_a_day_may_count(
    tmp_path_factory: pytest.TempPathFactory, seed: int, wanted: list[p.Predicate], context: Context
) -> None:
    folder, pick = tmp_path_factory.mktemp("store"), Random(seed)  # noqa: S311 -- test data
    write(folder, loose_store(pick, 200))
    agreed = agree(folder, grown(wanted, 100, pick), context)
    assert agreed.decided > 19_000


def test_every_variable_used_here_is_known() -> None:
    assert set(VARIABLES) <= set(variables.catalogue())


TRIAL = """Small trial

Inclusion Criteria:
- Age 18 to 75 years
- ANC >= 1500/uL
- ALT <= 2.5 x ULN

Exclusion Criteria:
- Platelets > 450 x 10^9/L
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "screening", *arguments], capture_output=True, text=True, check=False, encoding="utf8"
    )


@pytest.fixture
def small(tmp_path: Path) -> Path:
    tables = ordered_store(Random(7), 60)  # noqa: S311 -- test data
    tables["patients"] = [row | {"deceased": row["patient_id"] == 0} for row in tables["patients"]]
    write(tmp_path / "store", tables)
    (tmp_path / "trial.txt").write_text(TRIAL, encoding="utf8")
    return tmp_path


def test_the_command_agrees_with_screen_and_writes_the_same_bytes_again(small: Path) -> None:
    out, again = small / "out.parquet", small / "again.parquet"
    arguments = ("batch", str(small / "trial.txt"), str(small / "store"), "--on", "2028-02-29", "--format", "json")
    first, second = run(*arguments, "-o", str(out)), run(*arguments, "-o", str(again))
    assert (first.returncode, first.stderr) == (0, "")
    assert (second.returncode, out.read_bytes()) == (0, again.read_bytes())
    trial = json.loads(first.stdout)["trials"][0]
    assert trial["verdicts"]["deceased"] == 1
    rows = {str(row["patient_id"]): row for row in pq.read_table(out).to_pylist()}
    rules = load(small / "trial.txt")
    for said in judged(rules, read_store(small / "store"), ON):
        row = rows[said.id]
        assert (row["verdict"], row["trial"]) == (said.verdict, rules.trial)
        for cell in said.criteria:
            expected = {"pass": True, "fail": False, "unknown": None}[cell.outcome]
            assert (row[cell.id], row[f"{cell.id}_reason"]) == (expected, cell.reason)
    for criterion in trial["criteria"]:
        assert criterion["pass"] + criterion["fail"] + criterion["unknown"] == 59


def test_what_sql_cannot_decide_is_refused_by_name_and_leaves_no_file(small: Path) -> None:
    (small / "trial.txt").write_text(TRIAL + "- Creatinine clearance (Cockcroft-Gault) < 30 mL/min\n", encoding="utf8")
    out = small / "out.parquet"
    arguments = ("batch", str(small / "trial.txt"), str(small / "store"), "--on", "2028-02-29", "-o", str(out))
    refused = run(*arguments)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "cockcroft_gault" in refused.stderr
    assert [path.name for path in small.iterdir() if "parquet" in path.name] == []
    skipped = run(*arguments, "--skip-refused")
    assert skipped.returncode == 0
    assert "interpreter only" in skipped.stdout


def test_one_patient_is_explained_by_the_interpreter(small: Path) -> None:
    arguments = ("batch", str(small / "trial.txt"), str(small / "store"), "--on", "2028-02-29", "--explain", "3")
    told = run(*arguments)
    assert told.returncode == 0
    assert "ANC" in told.stdout
