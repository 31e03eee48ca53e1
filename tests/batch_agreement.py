"""Generated predicates, and the check that SQL and the interpreter give every cell of a store the same code.

Hypothesis draws the atoms; connectives over them and the rows of a store (`batch_stores`) follow from one seed, which
keeps drawing cheap: hundreds of patients and a hundred predicates make one example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

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

from screening.batch import codes  # noqa: E402
from screening.batch.compiler import WIDE, Compiler  # noqa: E402
from screening.batch.records import open_records  # noqa: E402
from screening.store import read_store  # noqa: E402
from tests.batch_stores import BOUNDARIES, ON, VARIABLES  # noqa: E402

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
