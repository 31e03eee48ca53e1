"""A small trial and generated patients, with a store and a result of them: what the tests of lists are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from screening import predicates as p
from screening.evaluate import Context
from screening.explain import PatientVerdict, Screener
from screening.patient.facts import (
    Activity,
    DateSpan,
    Event,
    EventKind,
    Observation,
    Patient,
    ReferenceRange,
)
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("duckdb")

from screening.batch.about import KEY, about, as_text  # noqa: E402
from screening.store.rows import Numbering, rows  # noqa: E402
from screening.store.writing import Writer  # noqa: E402

ON = date(2026, 3, 11)
PEOPLE = 400


def comparison(variable: str, op: str, number: str, unit: str | None) -> p.Comparison:
    return p.Comparison(variable, p.Op(op), p.Amount(Decimal(number), unit))


def multiple(variable: str, factor: str) -> p.Comparison:
    return p.Comparison(variable, p.Op.LE, p.Multiple(Decimal(factor), p.Reference.ULN))


WASHOUT = p.Window(p.Relation.WITHIN, p.Duration(Decimal(4), "wk"))
METASTASIS = p.Presence(p.Term("liver_metastasis"))


def rule(id: str, predicate: p.Predicate, kind: RuleKind = RuleKind.DATA, cohort: str | None = None) -> Rule:
    side = Side.EXCLUSION if id.startswith("E") else Side.INCLUSION
    return Rule(id, side, kind, f"text of {id}", predicate, cohort=cohort)


RULES = RuleSet(
    "TRIAL-1",
    "A trial",
    (
        rule("I1", p.All((comparison("age", ">=", "18", "a"), comparison("age", "<=", "75", "a")))),
        rule("I2", comparison("anc", ">=", "1.5", "10*9/L")),
        rule("I3", p.IfElse(METASTASIS, multiple("alt", "5"), multiple("alt", "2.5"))),
        rule("I4", p.OrdinalSet("ecog", (Decimal(0), Decimal(1)))),
        rule("I5", p.Judgement("suitable"), RuleKind.JUDGEMENT),
        rule(
            "I6", p.All((comparison("platelets", ">=", "100", "10*9/L"), comparison("hemoglobin", ">=", "9", "g/dL")))
        ),
        rule("E1", comparison("creatinine", ">", "1.5", "mg/dL")),
        rule("E2", p.Presence(p.Term("radiotherapy"), p.Tense.HAD, WASHOUT)),
    ),
)

LABS = {
    "anc": ("10*9/L", ["0.8", "1.0", "1.2", "1.49", "1.5", "2.5", "4", "5"]),
    "alt": ("U/L", ["20", "30", "40", "99", "100", "150", "300"]),
    "platelets": ("10*9/L", ["80", "99", "100", "250", "260", "270"]),
    "hemoglobin": ("g/dL", ["8.5", "9", "11", "12", "13"]),
    "creatinine": ("mg/dL", ["0.7", "0.8", "1.0", "1.5", "1.6"]),
    "ecog": (None, ["0", "0", "1", "1", "2"]),
}


def result(pick: Random, variable: str, seq: int) -> Observation:
    unit, values = LABS[variable]
    back = pick.choice([0, 1, 5, 14, 20, 25, 27, 28] * 3 + [29, 60])
    day = ON - timedelta(days=back)
    ranges = (ReferenceRange(None, Decimal(40), None),) if variable == "alt" and pick.random() < 0.8 else ()
    value = Decimal(pick.choice(values))
    return Observation(variable, variable, value, None, unit, date=DateSpan(day, day), ranges=ranges, seq=seq)


def events(pick: Random) -> Iterator[Event]:
    if pick.random() < 0.3:
        day = ON - timedelta(days=pick.choice([3, 20, 28, 29, 90]))
        held = DateSpan(day, day)
        yield Event(EventKind.PROCEDURE, "radiotherapy", activity=Activity.PAST, start=held, end=held)
    if pick.random() < 0.3:
        day = ON - timedelta(days=400)
        yield Event(EventKind.CONDITION, "liver metastasis", start=DateSpan(day, day))


def person(pick: Random, number: int) -> Patient:
    chosen = [variable for variable in LABS if pick.random() < 0.93]
    if pick.random() < 0.5:
        chosen.append("anc")
    birth = ON - timedelta(days=pick.choice([17, 18, 30, 40, 50, 60, 70, 75, 80]) * 365 + pick.randint(0, 364))
    complete = [EventKind.PROCEDURE] * (pick.random() < 0.9) + [EventKind.CONDITION] * (pick.random() < 0.8)
    return Patient(
        f"P{number:04}",
        DateSpan(birth, birth),
        pick.choice(["male", "female"]),
        pick.random() < 0.05,
        tuple(result(pick, variable, seq) for seq, variable in enumerate(chosen)),
        tuple(events(pick)),
        frozenset(complete),
    )


def everybody() -> list[Patient]:
    """The patients of every test."""
    pick = Random(20260311)  # noqa: S311 -- the same ones every time
    return [person(pick, number) for number in range(PEOPLE)]


def judged(people: list[Patient], rules: RuleSet = RULES, on: date = ON) -> list[PatientVerdict]:
    screener = Screener(rules, Context(on))
    return [screener.judge(patient) for patient in people]


def write_result(
    path: Path, rules: RuleSet, verdicts: list[PatientVerdict], margins: dict[str, list[float | None]]
) -> None:
    """A result as `screening batch` writes it, of the interpreter's answers."""
    columns: dict[str, object] = {
        "trial": [rules.trial] * len(verdicts),
        "patient_id": [found.id for found in verdicts],
        "verdict": [found.verdict for found in verdicts],
        "failed": [outcomes(found)["fail"] for found in verdicts],
        "unknown": [outcomes(found)["unknown"] for found in verdicts],
    }
    passed = {"pass": True, "fail": False, "unknown": None}
    for at, item in enumerate(rules.rules):
        held = [found.criteria[at] if found.criteria else None for found in verdicts]
        columns[item.id] = pa.array([passed[one.outcome] if one else None for one in held], pa.bool_())
        columns[f"{item.id}_reason"] = pa.array(
            [str(one.reason) if one and one.reason else None for one in held], pa.string()
        )
        if item.id in margins:
            columns[f"{item.id}_margin"] = pa.array(margins[item.id], pa.float64())
    table = pa.table(columns).replace_schema_metadata({KEY: as_text(about([rules], Context(ON)))})
    pq.write_table(table, path)


def write_store(folder: Path, people: list[Patient]) -> None:
    folder.mkdir()
    numbering, order = Numbering(), 0
    with Writer(folder) as writer:
        for patient in people:
            for table, row in rows(patient, numbering):
                order += 1
                writer.add(table, {**row, "seq": order} if table == "observations" else row)


def outcomes(found: PatientVerdict) -> Counter[str]:
    return Counter(entry.outcome for entry in found.criteria)


def margin_of(number: int, id: str) -> float | None:
    pick = Random(f"{number} {id}")  # noqa: S311 -- likewise
    return round(pick.uniform(-0.5, 0.5), 1) if pick.random() < 0.8 else None


MARGINS = {id: [margin_of(number, id) for number in range(PEOPLE)] for id in ("I2", "I3", "E1")}
