"""Generated stores and predicates, and the check that SQL and the interpreter give every cell the same code.

Hypothesis draws the atoms; connectives over them and the rows of a store follow from one seed, which keeps drawing
cheap: hundreds of patients and a hundred predicates make one example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import strategies as st

from screening import predicates as p
from screening import units
from screening.evaluate import Chart, Context
from screening.evaluate.context import BookRange
from screening.evaluate.derived import formulas
from screening.evaluate.interpreter import prepare
from screening.sections.model import Side

duckdb = pytest.importorskip("duckdb")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from screening.batch import codes  # noqa: E402
from screening.batch.compiler import WIDE, Compiler  # noqa: E402
from screening.batch.records import open_records  # noqa: E402
from screening.store import read_store  # noqa: E402

ON = date(2028, 2, 29)
VARIABLES = ("anc", "alt", "creatinine", "hemoglobin", "hba1c", "ecog", "spo2", "platelets", "temperature")
BOUNDARIES = ["1.5", "1.0", "1500", "1.2", "1.8", "100", "40", "60", "9", "90", "6.5", "48", "2", "0", "0.1"]
NUMBERS = [*BOUNDARIES, "1499", "1501", "1.49999999", "1.50000001", "123456789", "2.7", "3", "60.0", "62.5", "37.21"]


# Predicates


def limits() -> st.SearchStrategy[Decimal]:
    return st.sampled_from([Decimal(text) for text in BOUNDARIES]) | st.decimals(0, 300, places=2)


def amounts(variable: str) -> st.SearchStrategy[p.Limit]:
    accepted = units.accepted(variable)
    amount = st.builds(p.Amount, limits(), st.sampled_from(accepted) if accepted else st.none())
    multiple = st.builds(
        p.Multiple,
        st.sampled_from([Decimal("1.5"), Decimal("2.5"), Decimal(1), Decimal(3)]),
        st.sampled_from([p.Reference.ULN, p.Reference.LLN, p.Reference.ULN, p.Reference.BASELINE]),
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
    return p.Comparison(
        variable,
        draw(st.sampled_from(p.Op)),
        draw(amounts(variable)),
        method=draw(st.sampled_from([None, None, None, "measured"])),
        qualifiers=draw(st.sampled_from([(), (), ("room_air",), ("fasting",)])),
        window=draw(windows),
        aggregate=draw(st.sampled_from([None, None, None, "max", "min", "any"])),
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
COMPUTED = {
    "creatinine_clearance": ("cockcroft_gault", ("90", "60", "35.5")),
    "egfr": ("ckd_epi_2021", ("60", "90", "45")),
    "bmi": (None, ("25", "18.5", "30")),
    "body_surface_area": ("mosteller", ("1.8", "2")),
    "qtc": ("fridericia", ("450", "480")),
    "calcium_corrected": (None, ("9.6", "8")),
    "child_pugh": (None, ("6", "7")),
    "child_pugh_class": (None, ("1", "2")),
    "meld": (None, ("15", "10")),
    "fib4": (None, ("1.45", "3.25")),
    "bp_mean": (None, ("93", "100")),
    "anc": (None, ("1500", "1")),
}
"""Derived variables: a method that texts name, and limits near values that occur."""

METHODS = {"egfr": ("ckd_epi_2021", "ckd_epi_2009", "mdrd", "schwartz"), "qtc": ("fridericia", "bazett")}


@st.composite
def computed(draw: st.DrawFn) -> p.Predicate:
    variable = draw(st.sampled_from(sorted(COMPUTED)))
    method, edges = COMPUTED[variable]
    named = draw(st.sampled_from([*METHODS.get(variable, (method,)), None]))
    unit = draw(st.sampled_from([*units.accepted(variable)[:2], None]))
    limit = p.Amount(Decimal(draw(st.sampled_from(edges))), unit)
    return p.Comparison(variable, draw(st.sampled_from(p.Op)), limit, method=named, window=draw(windows))


fixed = st.sampled_from(
    [p.Always(), p.Judgement("x"), p.NotUnderstood("y"), p.Advisory("z"), p.Sex("female"), p.Sex("male")]
)
atoms = st.one_of(comparisons(), comparisons(), comparisons(), comparisons(), ages, ordinals, results, fixed)

BOOK = (
    BookRange("A", "alt", None, Decimal(40), "U/L", sex="male"),
    BookRange("A", "alt", None, Decimal(33), "U/L", sex="female", age_from=Decimal(18)),
    BookRange("A", "creatinine", Decimal("0.5"), Decimal("1.2"), "mg/dL", age_to=Decimal(17)),
    BookRange("A", "creatinine", Decimal("0.7"), Decimal("1.2"), "mg/dL", valid_to=ON - timedelta(days=28)),
    BookRange("A", "platelets", Decimal(150), Decimal(400), "10*9/L", method="measured"),
    BookRange("A", "anc", Decimal("1.5"), Decimal(0), "10*9/L"),
    BookRange("B", "anc", Decimal(1500), Decimal(8000), "/uL", valid_from=ON - timedelta(days=10)),
    BookRange("B", "spo2", Decimal(95), Decimal(60), "%"),
)
"""A range book with rows for some sexes, ages, methods and times, a contradictory one, and equal limits in two units."""

contexts = st.builds(
    Context,
    st.just(ON),
    st.sampled_from([None, 0, 28, "none"]),
    ranges=st.sampled_from([(), BOOK]),
    compute=st.sampled_from([frozenset(), frozenset(formulas())]),
    anchors=st.sampled_from([{}, {"first_dose": ON - timedelta(days=10)}, {"first_dose": ON + timedelta(days=10)}]),
    side=st.sampled_from([Side.INCLUSION, Side.EXCLUSION]),
)


def joined(parts: Sequence[p.Predicate], pick: Random) -> p.Predicate:
    """One connective over some of the parts."""
    some = tuple(pick.choices(parts, k=pick.choice([2, 2, 3])))
    one, two, three = pick.choices(parts, k=3)
    return pick.choice(
        [
            p.Not(one),
            p.All(some),
            p.Any(some),
            p.AtLeast(pick.randint(1, 3), some),
            p.IfElse(one, two, three),
            p.Except(one, two),
            p.OneMethod(pick.choice(list(p.Connective)), some),
            p.Assumption("unit", "a", one),
            p.Choice("c", "b", tuple(p.Reading(str(n), part) for n, part in enumerate(some))),
        ]
    )


def grown(parts: Sequence[p.Predicate], count: int, pick: Random) -> list[p.Predicate]:
    """The atoms, and connectives over them and over one another."""
    found = list(parts)
    while len(found) < count:
        found.append(joined(found, pick))
    return found


# Stores

TYPES = {
    "patient_id": pa.int64(),
    "value": pa.float64(),
    "date": pa.date32(),
    "date_last": pa.date32(),
    "ref_low": pa.float64(),
    "ref_high": pa.float64(),
    "seq": pa.int64(),
    "answer": pa.bool_(),
    "on": pa.date32(),
    "birth_date": pa.date32(),
    "birth_last": pa.date32(),
    "deceased": pa.bool_(),
    "qualifiers": pa.list_(pa.string()),
    "ranges": pa.list_(
        pa.struct([(n, pa.string()) for n in ["low", "high", "unit", "raw_unit", "sex", "age_low", "age_high", "type"]])
    ),
}

BIRTHS = [
    None, date(2010, 2, 28), date(2010, 3, 1), date(2010, 2, 27), date(1952, 2, 29), date(2012, 2, 29),
    date(2025, 8, 31), ON, ON + timedelta(days=1),
]  # fmt: skip

Tables = dict[str, list[dict[str, Any]]]


def person(pick: Random) -> dict[str, Any]:
    birth, last = pick.choice(BIRTHS), pick.choice([None, None, 30, 364])
    return {
        "birth_date": birth,
        "birth_last": birth + timedelta(days=last) if birth and last else None,
        "sex": pick.choice(["female", "male", "other", None]),
    }


def result_row(pick: Random) -> dict[str, Any]:
    """A number near a boundary, in one of some units, on one of a few days."""
    variable = pick.choice(VARIABLES)
    accepted = units.accepted(variable)
    text = pick.choice(NUMBERS) if pick.random() < 0.9 else None
    unit = pick.choice([*accepted[:2], *accepted[:2], None, "mg"]) if accepted else None
    low, high = pick.choice([(None, None), (0.0, 0.0), (1.0, 1.2), (None, 40.0), (9.0, 60.0), (0.8, float("nan"))])
    return {
        "variable": variable,
        "value": float(text) if text else pick.choice([float("nan"), float("inf"), None]),
        "value_text": text,
        "unit": unit,
        "date": ON - timedelta(days=pick.choice([0, 0, 1, 27, 28, 28, 29, 30, 31, -1, pick.randint(-3, 60)])),
        "ref_low": low,
        "ref_high": high,
    }


def ordered_store(pick: Random, patients: int) -> Tables:
    """Patients whose results are numbered in an order of their own."""
    people = [{"patient_id": number} | person(pick) for number in range(patients)]
    found = [{"patient_id": pick.randrange(patients)} | result_row(pick) for _ in range(12 * patients)]
    order = pick.sample(range(len(found)), len(found))
    return {"patients": people, "observations": [r | {"seq": seq} for r, seq in zip(found, order, strict=True)]}


INPUTS = {
    "creatinine": (["0.9", "0.8", "1.2", "88.4", "80", "2"], ["mg/dL", "umol/L"]),
    "weight": (["70", "70.5", "100", "55"], ["kg", "kg", "g"]),
    "height": (["200", "175", "2", "160"], ["cm", "m"]),
    "qt": (["400", "450", "0.4"], ["ms", "s"]),
    "heart_rate": (["60", "75", "0"], ["/min"]),
    "calcium": (["8.0", "9.6", "2.4"], ["mg/dL", "mmol/L"]),
    "albumin": (["4.0", "2.8", "3.5", "35", "2"], ["g/dL", "g/L"]),
    "bilirubin_total": (["2", "3", "2.0", "34.2", "0.5"], ["mg/dL", "umol/L"]),
    "inr": (["1.7", "1", "2.3"], [None, "1"]),
    "ascites_grade": (["0", "1", "2"], [None]),
    "encephalopathy_grade": (["0", "1", "3"], [None]),
    "ast": (["40", "60"], ["U/L"]),
    "alt": (["25", "40", "0"], ["U/L"]),
    "platelets": (["240", "150000"], ["10*9/L", "/uL"]),
    "wbc": (["3", "3000"], ["10*9/L", "/uL"]),
    "neut_pct": (["50", "0.5"], ["%"]),
    "systolic_bp": (["120", "130"], ["mm[Hg]"]),
    "diastolic_bp": (["80", "79.5"], ["mm[Hg]"]),
    "egfr": (["60", "59.9"], ["mL/min/{1.73_m2}"]),
    "anc": (["1500", "1.5"], ["/uL", "10*9/L"]),
}
"""Inputs of formulas: numbers and units."""


def input_row(pick: Random, variable: str) -> dict[str, Any]:
    numbers, known = INPUTS[variable]
    text = pick.choice(numbers)
    return {
        "variable": variable,
        "value": float(text),
        "value_text": text,
        "unit": pick.choice(known),
        "date": ON - timedelta(days=pick.choice([0, 0, 0, 1, 1, 28, 40, -1])),
        "ref_low": None,
        "ref_high": None,
    }


def input_store(pick: Random, patients: int) -> Tables:
    """Patients with the inputs of formulas, some of them twice on a day, with times or numbers or neither."""
    made = kind(pick)
    people = [{"patient_id": number} | person(pick) for number in range(patients)]
    found = []
    for number in range(patients):
        day = pick.choice([None, ON])
        for variable in INPUTS:
            for _ in range(pick.choice([0, 1, 1, 1, 2, 3]) if pick.random() < 0.9 else 0):
                row = {"patient_id": number} | input_row(pick, variable) | marks(pick, made)
                found.append(row | ({"date": day} if day and pick.random() < 0.8 else {}))
    names = dict.fromkeys(name for row in found for name in row)
    return {"patients": people, "observations": [{name: row.get(name) for name in names} for row in found]}


TIMES = [None, "08:00:00", "08:00:00", "09:30:00", "09:30", "23:59:59", "08:00:00.250", "08:00:00+02:00"]


@dataclass(frozen=True)
class Kind:
    """What a generated store has besides numbers with a day."""

    timed: bool
    numbered: bool
    partial: bool
    undated: bool
    worded: bool
    marks: tuple[str, ...]


MARKS: dict[str, list[Any]] = {
    "comparator": [None] * 6 + ["<", "<=", ">", ">="],
    "qualifiers": [[], [], [], ["room_air"], ["on_oxygen"], ["fasting"], ["baseline"]],
    "method": [None, None, None, "measured", "echo"],
    "ref_sex": [None, None, None, "male"],
    "ref_type": [None, None, None, "normal", "therapeutic"],
}


def kind(pick: Random) -> Kind:
    timed, numbered, partial, undated, worded = (pick.random() < chance for chance in (0.5, 0.3, 0.3, 0.3, 0.5))
    return Kind(timed, numbered, partial, undated, worded, tuple(pick.sample(list(MARKS), 2)))


def marks(pick: Random, kind: Kind) -> dict[str, Any]:
    """What of a row is more than a number."""
    found: dict[str, Any] = {}
    if kind.timed:
        found["time"] = pick.choice(TIMES)
    if kind.numbered:
        found["seq"] = pick.choice([None, 1, 2, 3, 4, 5])
    return found | {name: pick.choice(MARKS[name]) for name in kind.marks}


def loose_store(pick: Random, patients: int) -> Tables:
    """Patients with several results on a day, times and numbers or none, words, partial dates, circumstances."""
    made = kind(pick)
    people = [{"patient_id": number} | person(pick) for number in range(patients)]
    found = []
    for _ in range(10 * patients):
        row = {"patient_id": pick.randrange(patients)} | result_row(pick) | marks(pick, made)
        found.append(row)
        if pick.random() < 0.4:
            found.append(_twin(row, pick) | marks(pick, made))
    for row in found:
        if made.worded:
            row["text"] = None
            _worded(row, pick)
        if made.partial:
            row["date_last"] = row["date"] + timedelta(days=pick.choice([1, 30])) if pick.random() < 0.05 else None
        if made.undated and pick.random() < 0.05:
            row["date"] = row["date_last"] = None
            row["time"] = None
    names = dict.fromkeys(name for row in found for name in row)
    return {"patients": people, "observations": [{name: row.get(name) for name in names} for row in found]}


def _twin(row: dict[str, Any], pick: Random) -> dict[str, Any]:
    """A second result of the same day: the same, rounded, in another unit, or another number."""
    accepted = units.accepted(row["variable"])
    text = pick.choice([row["value_text"], row["value_text"], pick.choice(NUMBERS)])
    if text and pick.random() < 0.5:
        text = str(Decimal(text) + Decimal(pick.choice(["0.05", "0.04", "0.1", "-0.05", "0.00"])))
    unit = pick.choice([row["unit"], row["unit"], *accepted[:2]])
    return row | {"value": float(text) if text else None, "value_text": text, "unit": unit}


WORDS = ["negative", "POS", "see comment", "8,1 g/dL (low)", "ECOG 1", "2", "grade 1", "not detected"]


def _worded(row: dict[str, Any], pick: Random) -> None:
    if row["value_text"] is None and pick.random() < 0.6:
        row["text"], row["value"] = pick.choice(WORDS), None
    if pick.random() < 0.02:
        row["variable"], row["text"] = "hcg", pick.choice(WORDS)


def write(folder: Path, tables: Tables) -> None:
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        names = list(rows[0]) if rows else ["patient_id"]
        columns = {c: pa.array([row[c] for row in rows], TYPES.get(c, pa.string()), from_pandas=False) for c in names}
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")


# Agreement


@dataclass(frozen=True)
class Agreed:
    """Cells that both decided, and cells that SQL left to the interpreter."""

    decided: int
    asked: int


def agree(folder: Path, wanted: Sequence[p.Predicate], context: Context) -> Agreed:
    """Asserts that every cell that SQL decides is the same by the interpreter."""
    said = by_sql(folder, wanted, context)
    judges = [prepare(predicate, context) for predicate in wanted]
    asked = total = 0
    for patient in read_store(folder):
        chart = Chart(patient)
        for predicate, judge, code in zip(wanted, judges, said[patient.id], strict=True):
            total += 1
            if code == codes.ASK:
                asked += 1
                continue
            expected = codes.code_of(judge(chart))
            assert code == expected, f"{predicate} for {patient}: SQL {code}, interpreter {expected}"
    return Agreed(total - asked, asked)


def by_sql(folder: Path, wanted: Sequence[p.Predicate], context: Context) -> dict[str, tuple[int, ...]]:
    """The code of every predicate, by patient."""
    with duckdb.connect() as connection:
        compiler = Compiler(open_records(connection, folder), context)
        nodes = [compiler._node(predicate, context) for predicate in wanted]  # noqa: SLF001 -- predicates without rules
        connection.execute(f"CREATE TEMP TABLE {WIDE} AS {compiler.wide().sql('duckdb')}")
        listed = ", ".join(f"{node.use().sql('duckdb')} AS c{n}" for n, node in enumerate(nodes))
        rows = connection.execute(f"SELECT patient_id, {listed} FROM ({compiler.decided().sql('duckdb')})").fetchall()
        assert not any(code == codes.ASK and not node.asks for row in rows for node, code in zip(nodes, row[1:]))  # noqa: B905
    return {str(row[0]): row[1:] for row in rows}
