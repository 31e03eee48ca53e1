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
from screening.batch import RefusedError
from screening.batch.engine import Run, batch
from screening.batch.formulas import FORMULAS
from screening.evaluate import Context
from screening.explain.screen import judge as judged
from screening.store import read_store
from tests.batch_agreement import agree, atoms, computed, contexts, grown
from tests.batch_stores import VARIABLES, input_store, loose_store, ordered_store, pq, write

ON = date(2028, 2, 29)
SETTINGS = settings(deadline=None, max_examples=3, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
CASES = given(st.integers(0, 2**32), st.lists(atoms, min_size=40, max_size=40), contexts)


@SETTINGS
@CASES
def test_where_the_order_of_a_day_is_known(
    tmp_path_factory: pytest.TempPathFactory, seed: int, wanted: list[p.Predicate], context: Context
) -> None:
    folder, pick = tmp_path_factory.mktemp("store"), Random(seed)  # noqa: S311 -- test data
    write(folder, ordered_store(pick, 250))
    agreed = agree(folder, grown(wanted, 70, pick), context)
    assert (agreed.decided, agreed.asked) == (17_500, 0)


@SETTINGS
@CASES
def test_where_several_results_of_a_day_may_count(
    tmp_path_factory: pytest.TempPathFactory, seed: int, wanted: list[p.Predicate], context: Context
) -> None:
    folder, pick = tmp_path_factory.mktemp("store"), Random(seed)  # noqa: S311 -- test data
    write(folder, loose_store(pick, 230))
    agreed = agree(folder, grown(wanted, 60, pick), context)
    assert agreed.decided > 13_400


@SETTINGS
@given(st.integers(0, 2**32), st.lists(computed(), min_size=20, max_size=20), contexts)
def test_computed_values(
    tmp_path_factory: pytest.TempPathFactory, seed: int, wanted: list[p.Predicate], context: Context
) -> None:
    folder, pick = tmp_path_factory.mktemp("store"), Random(seed)  # noqa: S311 -- test data
    write(folder, input_store(pick, 120))
    agreed = agree(folder, grown(wanted, 30, pick), context)
    assert agreed.decided > 3_300


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


COMPUTED_TRIAL = """Computed values

Inclusion Criteria:
- Creatinine clearance (Cockcroft-Gault) >= 60 mL/min
- QTcF <= 450 ms
- Albumin >= 3.5 g/dL
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


def test_what_sql_cannot_decide_is_refused_by_name_and_leaves_no_file(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(FORMULAS, "cockcroft_gault")  # type: ignore[arg-type]
    (small / "trial.txt").write_text(TRIAL + "- Creatinine clearance (Cockcroft-Gault) < 30 mL/min\n", encoding="utf8")
    rules, out = load(small / "trial.txt"), small / "out.parquet"
    with pytest.raises(RefusedError, match="E2: the formula Cockcroft-Gault is not computed in SQL"):
        batch([rules], small / "store", out, Run(Context(ON)))
    assert [path.name for path in small.iterdir() if "parquet" in path.name] == []
    result = batch([rules], small / "store", out, Run(Context(ON), skip_refused=True))
    assert "interpreter only" in "\n".join(result.lines())


def test_what_sql_leaves_open_the_interpreter_settles(tmp_path: Path) -> None:
    """Computed values near or at the limit, an answer of a person, and results of one day that differ."""
    (tmp_path / "trial.txt").write_text(COMPUTED_TRIAL, encoding="utf8")
    rules, pick = load(tmp_path / "trial.txt"), Random(11)  # noqa: S311 -- test data
    tables = input_store(pick, 300)
    tables["attestations"] = [
        {"patient_id": 7, "criterion": "I2", "answer": True, "who": "Ada", "on": ON, "why": None, "trial": None}
    ]
    write(tmp_path / "store", tables)
    result = batch([rules], tmp_path / "store", tmp_path / "out.parquet", Run(Context(ON)))
    rows = {str(row["patient_id"]): row for row in pq.read_table(tmp_path / "out.parquet").to_pylist()}
    for said in judged(rules, read_store(tmp_path / "store"), ON):
        for cell in said.criteria:
            expected = {"pass": True, "fail": False, "unknown": None}[cell.outcome]
            found = rows[said.id][cell.id], rows[said.id][f"{cell.id}_reason"]
            assert found == (expected, cell.reason), f"{cell.id} of {said.id}"
    assert 0 < result.trials[0].asked < 150


MARGINS = """Margins

Inclusion Criteria:
- Age 18 to 75 years
- ANC >= 1500/uL
- ALT <= 2.5 x ULN or AST <= 2.5 x ULN
- Creatinine clearance (Cockcroft-Gault) >= 60 mL/min

Exclusion Criteria:
- Platelets > 450 x 10^9/L
- Pregnancy
"""


def test_margins_say_how_far_a_value_lies_from_its_limit(tmp_path: Path) -> None:
    """Patient 1: aged 76, ANC 1.8×10⁹/L, ALT at 3 and AST at 2 times ULN, 32 mL/min; 2: two ANCs, platelets 540."""
    (tmp_path / "trial.txt").write_text(MARGINS, encoding="utf8")
    people = [
        {"patient_id": 1, "birth_date": date(1952, 2, 1), "sex": "male"},
        {"patient_id": 2, "birth_date": date(1988, 2, 1), "sex": None},
    ]
    listed = [
        (1, "anc", 1.8, "10*9/L", None), (1, "alt", 120.0, "U/L", 40.0), (1, "ast", 80.0, "U/L", 40.0),
        (1, "weight", 72.0, "kg", None), (1, "creatinine", 2.0, "mg/dL", None),
        (2, "anc", 1650.0, "/uL", None), (2, "anc", 3000.0, "/uL", None), (2, "platelets", 540.0, "10*9/L", None),
    ]  # fmt: skip
    names = ("patient_id", "variable", "value", "unit", "ref_high")
    rows = [dict(zip(names, row, strict=True)) | {"date": ON} for row in listed]
    write(tmp_path / "store", {"patients": people, "observations": rows})
    out = tmp_path / "out.parquet"
    batch([load(tmp_path / "trial.txt")], tmp_path / "store", out, Run(Context(ON), margins=True))
    first, second = pq.read_table(out).to_pylist()
    assert first["I1_margin"] == pytest.approx(-1 / 75)
    assert first["I2_margin"] == pytest.approx(0.2)
    assert first["I3_margin"] == pytest.approx(0.2)
    assert first["I4_margin"] == pytest.approx((32 - 60) / 60)
    assert (second["I2"], second["I2_margin"]) == (True, pytest.approx(0.1))
    assert (second["I3"], second["I3_margin"]) == (None, None)
    assert second["E1_margin"] == pytest.approx(-0.2)
    assert "E2_margin" not in second


def test_one_patient_is_explained_by_the_interpreter(small: Path) -> None:
    arguments = ("batch", str(small / "trial.txt"), str(small / "store"), "--on", "2028-02-29", "--explain", "3")
    told = run(*arguments)
    assert told.returncode == 0
    assert "ANC" in told.stdout
