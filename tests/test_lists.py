"""Lists from a result: every count against a plain computation over the interpreter's answers on generated patients."""

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
from screening.lists.attrition import ALL, attrition  # noqa: E402
from screening.lists.problems import ListError  # noqa: E402
from screening.lists.ranking import ranked  # noqa: E402
from screening.lists.results import Results, open_results  # noqa: E402
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


@pytest.fixture(scope="module")
def people() -> list[Patient]:
    pick = Random(20260311)  # noqa: S311 -- the same patients every time
    return [person(pick, number) for number in range(PEOPLE)]


def judged(people: list[Patient], rules: RuleSet = RULES, on: date = ON) -> list[PatientVerdict]:
    screener = Screener(rules, Context(on))
    return [screener.judge(patient) for patient in people]


@pytest.fixture(scope="module")
def verdicts(people: list[Patient]) -> list[PatientVerdict]:
    return judged(people)


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


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, people: list[Patient], verdicts: list[PatientVerdict]) -> Path:
    """A folder with a result without margins, one with margins, and the store."""
    folder = tmp_path_factory.mktemp("lists")
    write_result(folder / "out.parquet", RULES, verdicts, {})
    write_result(folder / "margins.parquet", RULES, verdicts, MARGINS)
    write_store(folder / "store", people)
    return folder


@pytest.fixture
def results(desk: Path) -> Iterator[Results]:
    with open_results(desk / "out.parquet") as opened:
        yield opened


@pytest.fixture
def measured(desk: Path) -> Iterator[Results]:
    with open_results(desk / "margins.parquet") as opened:
        yield opened


# Ranked candidates


def test_the_generated_patients_are_of_all_kinds(verdicts: list[PatientVerdict]) -> None:
    counts = Counter(found.verdict for found in verdicts)
    assert min(counts[kind] for kind in ("not_eligible", "needs_information", "potentially_eligible", "deceased")) >= 5


def least(number: int) -> float | None:
    held = [margin for column in MARGINS.values() if (margin := column[number]) is not None]
    return min(held, default=None)


@pytest.mark.parametrize("failed", [False, True])
def test_candidates_are_ranked_by_failed_unknown_margin_and_id(
    measured: Results, verdicts: list[PatientVerdict], failed: bool
) -> None:
    out = {"deceased"} if failed else {"deceased", "not_eligible"}
    wanted = []
    for number, found in enumerate(verdicts):
        if found.verdict not in out:
            counts, margin = outcomes(found), least(number)
            key = (counts["fail"], counts["unknown"], margin is None, -(margin or 0), found.id)
            wanted.append((key, found.id, margin))
    table = ranked(measured, failed=failed).table("ranked")
    assert [(row["patient_id"], row["margin"]) for row in table.records()] == [row[1:] for row in sorted(wanted)]
    assert table.column("rank") == list(range(1, len(wanted) + 1))
    assert [row["patient_id"] for row in ranked(measured, failed=failed, top=7).table("ranked").records()] == [
        row[1] for row in sorted(wanted)[:7]
    ]


def test_a_ranked_list_names_what_fails_and_what_is_open(results: Results, verdicts: list[PatientVerdict]) -> None:
    by_id = {found.id: found for found in verdicts}
    for row in ranked(results, failed=True).table("ranked").records():
        held = by_id[row["patient_id"]].criteria
        assert row["failed_criteria"].split() == [entry.id for entry in held if entry.outcome == "fail"]
        assert row["unknown_criteria"].split() == [entry.id for entry in held if entry.outcome == "unknown"]


def test_who_is_left_out_is_counted(results: Results, verdicts: list[PatientVerdict]) -> None:
    counts = Counter(found.verdict for found in verdicts)
    note = ranked(results, top=3).table("ranked").notes[0]
    assert f"{counts['deceased']} deceased and {counts['not_eligible']} not eligible" in note


# Attrition


def remaining(held: list[list[str]], mode: str) -> int:
    """Patients of whom every outcome is a pass, when what is open is taken as *mode* says."""
    open_ = {"worst": {"pass"}, "potentially": {"pass", "judgement"}, "best": {"pass", "judgement", "unknown"}}[mode]
    return sum(all(outcome in open_ for outcome in row) for row in held)


def told(found: PatientVerdict) -> list[str]:
    return ["judgement" if entry.reason == "judgement" else entry.outcome for entry in found.criteria]


def test_attrition_counts_what_the_interpreter_says(results: Results, verdicts: list[PatientVerdict]) -> None:
    held = [told(found) for found in verdicts if found.verdict != "deceased"]
    *rows, total = attrition(results).table("attrition").records()
    assert [row["criterion"] for row in rows] == [item.id for item in RULES.rules]
    for at, row in enumerate(rows):
        column = [outcomes[at] for outcomes in held]
        without = [outcomes[:at] + outcomes[at + 1 :] for outcomes in held]
        after = [outcomes[: at + 1] for outcomes in held]
        assert (row["passed"], row["failed"]) == (column.count("pass"), column.count("fail"))
        assert row["unknown"] == column.count("unknown") + column.count("judgement")
        assert row["sole_blocker"] == sum(o[at] == "fail" and o.count("fail") == 1 for o in held)
        assert row["without_worst"] == remaining(without, "worst")
        assert row["without_best"] == remaining(without, "best")
        assert [row[f"after_{mode}"] for mode in ("worst", "potentially", "best")] == [
            remaining(after, mode) for mode in ("worst", "potentially", "best")
        ]
        data = sum(o[at] == "unknown" and "fail" not in o and o.count("unknown") == 1 for o in held)
        judgement = sum(o[at] == "judgement" and remaining([o], "potentially") for o in held)
        assert row["sole_open"] == data + judgement
    assert total["criterion"] == ALL
    assert total["after_potentially"] == sum(found.verdict == "potentially_eligible" for found in verdicts)


# What cannot be opened


def test_what_is_no_result_is_refused_in_one_line(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("no")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    for name, words in (("none", "no such file"), ("text", "no Parquet file"), ("other", "no column trial")):
        with pytest.raises(ListError, match=words) as told, open_results(tmp_path / f"{name}.parquet"):
            pass
        assert "\n" not in str(told.value)
    with pytest.raises(ListError, match="--trial"), open_results(desk / "out.parquet", "TRIAL-2"):
        pass


def test_cohorts_are_not_blended(tmp_path: Path, people: list[Patient]) -> None:
    cohorts = tuple(
        rule(item.id, item.predicate, item.kind, {"I2": "A", "I4": "B"}.get(item.id)) for item in RULES.rules
    )
    rules = RuleSet("TRIAL-2", "", cohorts)
    found = judged(people, rules)
    write_result(tmp_path / "out.parquet", rules, found, {})
    with pytest.raises(ListError, match="A, B"), open_results(tmp_path / "out.parquet"):
        pass
    with open_results(tmp_path / "out.parquet", cohort="A") as opened:
        assert "I4" not in [criterion.id for criterion in opened.criteria]
        counts = dict(opened.rows("SELECT verdict, count(*) FROM people GROUP BY 1"))
    wanted = Counter(verdict.cohorts["A"] if verdict.cohorts else "deceased" for verdict in found)
    assert counts == dict(wanted)
