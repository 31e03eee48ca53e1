"""Interpreter and SQL give the same code, cell by cell: generated predicates × generated stores."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from screening import predicates as p
from screening import units, variables
from screening.app.documents import load
from screening.evaluate import Chart, Context
from screening.evaluate.interpreter import prepare
from screening.explain.screen import judge as judged
from screening.sections.model import Side

duckdb = pytest.importorskip("duckdb")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from screening.batch.codes import code_of  # noqa: E402
from screening.batch.compiler import WIDE, Compiler  # noqa: E402
from screening.batch.records import open_records  # noqa: E402
from screening.store import read_store  # noqa: E402

ON = date(2028, 2, 29)
VARIABLES = ("anc", "alt", "creatinine", "hemoglobin", "hba1c", "ecog", "spo2", "platelets", "temperature")
BOUNDARIES = ["1.5", "1.0", "1500", "1.2", "1.8", "100", "40", "60", "9", "90", "6.5", "48", "2", "0", "0.1"]


def limits() -> st.SearchStrategy[Decimal]:
    return st.sampled_from([Decimal(text) for text in BOUNDARIES]) | st.decimals(0, 300, places=2)


def amounts(variable: str) -> st.SearchStrategy[p.Limit]:
    accepted = units.accepted(variable)
    amount = st.builds(p.Amount, limits(), st.sampled_from(accepted) if accepted else st.none())
    multiple = st.builds(
        p.Multiple,
        st.sampled_from([Decimal("1.5"), Decimal("2.5"), Decimal(1), Decimal(3)]),
        st.sampled_from([p.Reference.ULN, p.Reference.LLN]),
        st.none() | st.none() | amount,
    )
    return st.one_of(amount, amount, multiple)


windows = st.none() | st.builds(
    p.Window,
    st.sampled_from(p.Relation),
    st.builds(
        p.Duration,
        st.sampled_from([Decimal(1), Decimal(4), Decimal("1.5"), Decimal(36)]),
        st.sampled_from(["h", "d", "wk", "mo"]),
    ),
    st.sampled_from(["screening", "first_dose", "enrolment"]),
)


@st.composite
def comparisons(draw: st.DrawFn) -> p.Predicate:
    variable = draw(st.sampled_from(VARIABLES))
    asked = draw(st.sampled_from([(), (), ("room_air",), ("fasting",)]))
    how = draw(st.sampled_from([None, None, None, "max", "min", "any"]))
    return p.Comparison(
        variable,
        draw(st.sampled_from(p.Op)),
        draw(amounts(variable)),
        qualifiers=asked,
        window=draw(windows),
        aggregate=how,
    )


ages = st.builds(
    p.Comparison,
    st.just("age"),
    st.sampled_from(p.Op),
    st.builds(
        p.Amount,
        st.sampled_from([Decimal(18), Decimal(75), Decimal("2.5"), Decimal(0), Decimal(216), Decimal(1)]),
        st.sampled_from(["a", "mo", "wk", "d", None]),
    ),
)
ordinals = st.builds(
    p.OrdinalSet,
    st.just("ecog"),
    st.lists(st.sampled_from([Decimal(n) for n in range(5)]), min_size=1, max_size=3, unique=True).map(tuple),
    window=windows,
)
results = st.builds(p.Result, st.sampled_from(["hcg", "anc"]), st.sampled_from(["positive", "negative"]), windows)
fixed = st.sampled_from(
    [p.Always(), p.Judgement("x"), p.NotUnderstood("y"), p.Advisory("z"), p.Sex("female"), p.Sex("male")]
)
atoms = st.one_of(comparisons(), comparisons(), comparisons(), ages, ordinals, results, fixed)


def joined(inner: st.SearchStrategy[p.Predicate]) -> st.SearchStrategy[p.Predicate]:
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(p.Not, inner),
        st.builds(p.All, parts),
        st.builds(p.Any, parts),
        st.builds(p.AtLeast, st.integers(1, 3), parts),
        st.builds(p.IfElse, inner, inner, inner),
        st.builds(p.Except, inner, inner),
        st.builds(p.OneMethod, st.sampled_from(p.Connective), parts),
        st.builds(p.Assumption, st.just("unit"), st.just("a"), inner),
        st.builds(lambda some: p.Choice("c", "b", tuple(p.Reading(str(n), x) for n, x in enumerate(some))), parts),
    )


predicates = st.recursive(atoms, joined, max_leaves=4)

NUMBERS = [*BOUNDARIES, "1499", "1501", "1.49999999", "1.50000001", "123456789", "2.7", "3", "60.0", "62.5", "37.21"]


def result_row(pick: Random) -> dict[str, Any]:
    variable = pick.choice(VARIABLES)
    accepted = units.accepted(variable)
    text = pick.choice(NUMBERS) if pick.random() < 0.9 else None
    unit = pick.choice([*accepted[:4], *accepted[:4], None, "mg"]) if accepted else None
    low, high = pick.choice([(None, None), (0.0, 0.0), (1.0, 1.2), (None, 40.0), (9.0, 60.0), (0.8, 1.8)])
    return {
        "variable": variable,
        "value": float(text) if text else pick.choice([float("nan"), float("inf"), None]),
        "value_text": text,
        "unit": unit,
        "date": ON - timedelta(days=pick.choice([0, 0, 1, 27, 28, 28, 29, 30, 31, -1, pick.randint(-3, 60)])),
        "ref_low": low,
        "ref_high": high,
    }


TYPES = {
    "patient_id": pa.int64(),
    "variable": pa.string(),
    "value": pa.float64(),
    "value_text": pa.string(),
    "unit": pa.string(),
    "date": pa.date32(),
    "ref_low": pa.float64(),
    "ref_high": pa.float64(),
    "seq": pa.int64(),
    "birth_date": pa.date32(),
    "birth_last": pa.date32(),
    "sex": pa.string(),
    "qualifiers": pa.list_(pa.string()),
    "date_last": pa.date32(),
    "time": pa.string(),
    "deceased": pa.bool_(),
}

BIRTHS = [
    None, date(2010, 2, 28), date(2010, 3, 1), date(2010, 2, 27), date(1952, 2, 29), date(2012, 2, 29),
    date(2025, 8, 31), ON, ON + timedelta(days=1),
]  # fmt: skip


def person(pick: Random) -> dict[str, Any]:
    birth, last = pick.choice(BIRTHS), pick.choice([None, None, 30, 364])
    return {
        "birth_date": birth,
        "birth_last": birth + timedelta(days=last) if birth and last else None,
        "sex": pick.choice(["female", "male", "other", None]),
    }


def ordered_store(pick: Random) -> dict[str, list[dict[str, Any]]]:
    """Patients whose results are numbered in an order of their own."""
    patients = [{"patient_id": number} | person(pick) for number in range(60)]
    results = [{"patient_id": pick.randrange(60)} | result_row(pick) for _ in range(700)]
    order = pick.sample(range(len(results)), len(results))
    return {"patients": patients, "observations": [r | {"seq": seq} for r, seq in zip(results, order, strict=True)]}


def write(folder: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        names = list(rows[0]) if rows else ["patient_id"]
        columns = {c: pa.array([row[c] for row in rows], TYPES.get(c, pa.string()), from_pandas=False) for c in names}
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")


def agree(folder: Path, wanted: list[p.Predicate], context: Context) -> int:
    """Asserts that every cell is the same in SQL and by the interpreter; the number of cells."""
    connection = duckdb.connect()
    records = open_records(connection, folder)
    compiler = Compiler(records, context)
    nodes = [compiler._node(predicate, context) for predicate in wanted]  # noqa: SLF001 -- predicates without rules
    connection.execute(f"CREATE TEMP TABLE {WIDE} AS {compiler.wide().sql('duckdb')}")
    listed = ", ".join(f"{node.use().sql('duckdb')} AS c{n}" for n, node in enumerate(nodes))
    rows = connection.execute(f"SELECT patient_id, {listed} FROM ({compiler.decided().sql('duckdb')})").fetchall()
    said = {str(row[0]): row[1:] for row in rows}
    judges = [prepare(predicate, context) for predicate in wanted]
    cells = 0
    for patient in read_store(folder):
        chart = Chart(patient)
        for predicate, judge, code in zip(wanted, judges, said[patient.id], strict=True):
            expected = code_of(judge(chart))
            assert code == expected, f"{predicate} for {patient.id}: SQL {code}, interpreter {expected}"
            cells += 1
    connection.close()
    return cells


CONTEXTS = st.builds(
    Context,
    st.just(ON),
    st.sampled_from([None, 0, 28, "none"]),
    anchors=st.sampled_from([{}, {"first_dose": ON - timedelta(days=10)}, {"first_dose": ON + timedelta(days=10)}]),
    side=st.sampled_from([Side.INCLUSION, Side.EXCLUSION]),
)


def plain(predicate: p.Predicate) -> bool:
    """Whether one result of each slot decides, so that a known order of the day is enough."""
    if isinstance(predicate, p.Comparison) and (predicate.aggregate or predicate.qualifiers):
        return False
    return all(map(plain, p.children(predicate)))


SETTINGS = settings(deadline=None, max_examples=10, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


@SETTINGS
@given(st.integers(0, 2**32), st.lists(predicates.filter(plain), min_size=20, max_size=20), CONTEXTS)
def test_where_the_order_of_a_day_is_known(
    tmp_path_factory: pytest.TempPathFactory, seed: int, wanted: list[p.Predicate], context: Context
) -> None:
    folder = tmp_path_factory.mktemp("store")
    write(folder, ordered_store(Random(seed)))  # noqa: S311 -- test data
    assert agree(folder, wanted, context) == 1200


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
    tables = ordered_store(Random(7))  # noqa: S311 -- test data
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
