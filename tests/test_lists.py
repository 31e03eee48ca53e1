"""Lists from a result: every count against a plain computation over the interpreter's answers on generated patients."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from screening import predicates as p
from screening.evaluate import Context, evaluate
from screening.explain import PatientVerdict
from screening.explain.findings import open_leaves
from screening.patient.facts import EventKind, Patient
from screening.ruleset.model import RuleSet
from tests.lists_world import (
    MARGINS,
    ON,
    PEOPLE,
    RULES,
    everybody,
    judged,
    outcomes,
    rule,
    write_result,
    write_store,
)

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("duckdb")

from screening.batch.engine import Run, batch  # noqa: E402
from screening.lists.attrition import ALL, attrition  # noqa: E402
from screening.lists.curve import curve  # noqa: E402
from screening.lists.facts import Fact, Kind, fact  # noqa: E402
from screening.lists.nearmisses import near_misses  # noqa: E402
from screening.lists.probes import Probes  # noqa: E402
from screening.lists.problems import ListError  # noqa: E402
from screening.lists.ranking import ranked  # noqa: E402
from screening.lists.recheck import Source  # noqa: E402
from screening.lists.results import Results, open_results  # noqa: E402
from screening.lists.worklist import worklist  # noqa: E402


@pytest.fixture(scope="module")
def people() -> list[Patient]:
    return everybody()


@pytest.fixture(scope="module")
def verdicts(people: list[Patient]) -> list[PatientVerdict]:
    return judged(people)


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


# Threshold curves


def moved(id: str, path: tuple[int, ...], number: Decimal) -> RuleSet:
    """The rules with one limit changed by hand."""

    def change(predicate: p.Predicate, way: tuple[int, ...]) -> p.Predicate:
        if isinstance(predicate, p.OrdinalSet):
            return replace(predicate, values=tuple(Decimal(level) for level in range(int(number) + 1)))
        if not way:
            assert isinstance(predicate, p.Comparison)
            assert isinstance(predicate.limit, p.Amount)
            return replace(predicate, limit=replace(predicate.limit, value=number))
        assert isinstance(predicate, p.All)
        items = list(predicate.items)
        items[way[0]] = change(items[way[0]], way[1:])
        return replace(predicate, items=tuple(items))

    changed = (replace(r, predicate=change(r.predicate, path)) if r.id == id else r for r in RULES.rules)
    return replace(RULES, rules=tuple(changed))


@pytest.mark.parametrize(
    ("which", "path", "steps"),
    [
        ("I2", (), ["0.8", "1", "1.2", "1.49", "1.50", "2.5"]),
        ("I1#2", (1,), ["60", "70", "79", "80"]),
        ("I6#1", (0,), ["80", "99", "250"]),
        ("E1", (), ["0.7", "1.6", "9"]),
        ("I4", (), ["0", "2", "5"]),
    ],
)
def test_a_curve_counts_as_the_interpreter_does_with_each_limit(
    results: Results, desk: Path, people: list[Patient], which: str, path: tuple[int, ...], steps: list[str]
) -> None:
    numbers = [Decimal(step) for step in steps]
    id = which.partition("#")[0]
    at = [item.id for item in RULES.rules].index(id)
    rows = list(curve(Source(results, RULES, str(desk / "store")), which, numbers).table("curve").records())
    (now,) = (row for row in rows if row["current"])
    assert {Decimal(str(row["limit"])) for row in rows} >= {number.normalize() for number in numbers}
    for row in rows:
        found = judged(people, moved(id, path, Decimal(str(row["limit"]))))
        held = [told(one) for one in found if one.criteria]
        others = [o for o in held if remaining([o[:at] + o[at + 1 :]], "potentially")]
        assert row["potentially"] == sum(one.verdict == "potentially_eligible" for one in found)
        assert row["best"] == remaining(held, "best")
        assert row["gain"] == row["potentially"] - now["potentially"]
        assert row["gain_best"] == row["best"] - now["best"]
        split = [sum(o[at] == outcome for o in others) for outcome in ("pass", "unknown", "fail")]
        assert [row["others_pass"], row["others_unknown"], row["others_fail"]] == split


def test_an_automatic_curve_moves_over_the_values_on_record(results: Results, desk: Path) -> None:
    limits = curve(Source(results, RULES, str(desk / "store")), "I2").table("curve").column("limit")
    assert {0.8, 1.0, 1.2, 1.5, 2.5, 4.0} <= set(limits)
    assert 0.0 < min(limits) < max(limits) <= 5.0


def test_a_limit_that_is_not_there_is_refused_with_those_that_are(results: Results, desk: Path) -> None:
    source = Source(results, RULES, str(desk / "store"))
    for which, words in (
        ("I9", "I1 I2 I3"),
        ("I5", "no limit"),
        ("I1", r"I1#1 \(age ≥ 18 years\), I1#2"),
        ("I1#3", "I1#2"),
    ):
        with pytest.raises(ListError, match=words):
            curve(source, which, [Decimal(1)])
    with pytest.raises(ListError, match="--store"):
        curve(Source(results, RULES), "I2", [Decimal(1)])
    with pytest.raises(ListError, match="Give the same rules"):
        Source(results, moved("I2", (), Decimal(3)), None)


# The result of a real batch


def test_the_result_of_a_batch_names_its_criteria_and_its_options(desk: Path, tmp_path: Path) -> None:
    labs = replace(RULES, rules=tuple(item for item in RULES.rules if item.id in ("I1", "I2", "I6", "E1")))
    context = Context(ON, 30, frozenset({EventKind.CONDITION}), {"first_dose": ON})
    batch([labs], desk / "store", tmp_path / "out.parquet", Run(context))
    with open_results(tmp_path / "out.parquet") as results:
        assert [(item.id, item.text) for item in results.criteria] == [(item.id, item.text) for item in labs.rules]
        again = Source(results, labs, str(desk / "store")).context
        assert again == replace(context, trial="TRIAL-1")
        assert results.about.on == "2026-03-11"
        assert attrition(results).table("attrition").column("failed")[1] > 0


def test_margins_of_a_batch_are_the_distances_of_the_interpreter(desk: Path, tmp_path: Path) -> None:
    found = {}
    for name, margins in (("with", True), ("without", False)):
        batch([RULES], desk / "store", tmp_path / f"{name}.parquet", Run(Context(ON), margins=margins))
        with open_results(tmp_path / f"{name}.parquet") as results:
            assert results.margins is margins
            source = None if margins else Source(results, RULES, str(desk / "store"))
            rows = near_misses(results, source, top=None).table("near-misses").records()
            found[name] = {row["patient_id"]: (row["criterion"], row["margin"]) for row in rows}
    assert found["with"].keys() == found["without"].keys()
    both = [id for id, (_, margin) in found["with"].items() if margin is not None]
    assert {found["with"][id][0] for id in both} == {"I1", "I2", "I3", "I6", "E1"}
    assert {id: found["with"][id] for id in both} == {
        id: (found["without"][id][0], pytest.approx(found["without"][id][1])) for id in both
    }


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


def test_a_name_is_no_pattern(desk: Path, tmp_path: Path) -> None:
    for name in ("out [1]*.parquet", "out 1.parquet", "o'ut?.parquet"):
        (tmp_path / name).write_bytes((desk / "out.parquet").read_bytes())
        with open_results(tmp_path / name) as results:
            assert results.one("SELECT count(*) FROM people") == (PEOPLE,)


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


# Near misses


def test_near_misses_fail_exactly_one_criterion_and_say_by_how_much(
    results: Results, desk: Path, people: list[Patient], verdicts: list[PatientVerdict]
) -> None:
    answer = near_misses(results, Source(results, RULES, str(desk / "store")), top=None)
    held = list(answer.table("near-misses").records())
    wanted = {found.id: found for found in verdicts if outcomes(found)["fail"] == 1}
    assert {row["patient_id"] for row in held} == set(wanted)
    by_id = {patient.id: patient for patient in people}
    for row in held:
        found = wanted[row["patient_id"]]
        assert [row["criterion"]] == [entry.id for entry in found.criteria if entry.outcome == "fail"]
        assert row["unknown"] == outcomes(found)["unknown"]
        assert row["explanation"]
        if row["criterion"] == "I4":
            assert (row["value"], row["limit"], row["off_by"], row["margin"]) == ("ECOG 2", "0 or 1", 1.0, -1.0)
        if row["criterion"] in ("I2", "E1"):
            check_amount(row, by_id[row["patient_id"]])
    keys = [(not row["recoverable"], row["margin"] is None, -(row["margin"] or 0.0)) for row in held]
    assert keys == sorted(keys)
    counts = Counter(row["criterion"] for row in held)
    by_criterion = answer.table("near-misses-by-criterion")
    assert dict(zip(by_criterion.column("criterion"), by_criterion.column("near_misses"), strict=True)) == counts


def test_who_only_has_to_wait_is_listed_with_the_days(results: Results, desk: Path, people: list[Patient]) -> None:
    """Until the day before the criterion fails, from that day on it does not."""
    source = Source(results, RULES, str(desk / "store"))
    held = list(near_misses(results, source, top=None).table("near-misses").records())
    waiting = [row for row in held if row["unit"] == "d" and row["value"] is None]
    assert len(waiting) > 2
    by_id = {patient.id: patient for patient in people}
    for row in waiting:
        for days, fails in ((row["off_by"] - 1, True), (row["off_by"], False)):
            (found,) = judged([by_id[row["patient_id"]]], on=ON + timedelta(days=days))
            (entry,) = (entry for entry in found.criteria if entry.id == row["criterion"])
            assert (entry.outcome == "fail") is fails
    days = [row["off_by"] for row in held if row in waiting and row["margin"] is None]
    assert days == sorted(days)


def check_amount(row: dict[str, Any], patient: Patient) -> None:
    """Value, date and distance of a plain comparison, from the patient's own results."""
    variable, limit, sign = {"I2": ("anc", "1.5", 1), "E1": ("creatinine", "1.5", -1)}[row["criterion"]]
    held = [(o.date.first, o.seq, o.value) for o in patient.observations if o.variable == variable and o.date]
    day, _, value = max(held)
    assert value is not None
    off = value - Decimal(limit)
    assert row["off_by"] == pytest.approx(float(abs(off)))
    assert row["margin"] == pytest.approx(sign * float(off / Decimal(limit)))
    assert row["date"] == day.isoformat()
    assert str(value) in row["value"]
    assert row["recoverable"]


def test_nobody_grows_younger(results: Results, desk: Path) -> None:
    table = near_misses(results, Source(results, RULES, str(desk / "store")), top=None).table("near-misses")
    ages = [row for row in table.records() if row["criterion"] == "I1"]
    assert {row["recoverable"] for row in ages} == {True, False}
    for row in ages:
        assert row["recoverable"] is ("≥ 18" in row["limit"])


def test_near_misses_without_the_store_go_by_the_margins_of_the_result(measured: Results) -> None:
    rows = list(near_misses(measured, top=9).table("near-misses").records())
    known = [row["margin"] for row in rows]
    assert len(rows) == 9
    assert known == sorted(known, key=lambda margin: (margin is None, -(margin or 0.0)))
    for row in rows:
        at = int(row["patient_id"].removeprefix("P"))
        assert row["margin"] == MARGINS[row["criterion"]][at]


# The missing-data worklist


def open_facts(people: list[Patient], verdicts: list[PatientVerdict]) -> dict[str, dict[Fact, set[str]]]:
    """Patient → what is open → in which criteria, by the interpreter's own explanation of what is missing."""
    found: dict[str, dict[Fact, set[str]]] = {}
    for patient, told_ in zip(people, verdicts, strict=True):
        if told_.verdict in ("needs_information", "potentially_eligible"):
            held: dict[Fact, set[str]] = {}
            for item, entry in zip(RULES.rules, told_.criteria, strict=True):
                if entry.outcome == "unknown":
                    outcome = evaluate(item.predicate, patient, Context(ON, side=item.side))
                    for leaf in open_leaves(outcome):
                        needed = fact(leaf.predicate, item.id)
                        assert needed is not None
                        held.setdefault(needed, set()).add(item.id)
            found[patient.id] = held
    return found


def data(facts: Iterable[Fact]) -> set[Fact]:
    return {needed for needed in facts if needed.kind is not Kind.JUDGEMENT}


@pytest.mark.parametrize("in_sql", [True, False])
def test_the_worklist_counts_what_the_interpreter_finds_missing(
    results: Results,
    desk: Path,
    people: list[Patient],
    verdicts: list[PatientVerdict],
    in_sql: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if in_sql:
        monkeypatch.setattr(
            sys.modules["screening.lists.worklist"], "look", lambda *_: pytest.fail("SQL decides all of these parts")
        )
    else:
        monkeypatch.setattr(Probes, "without", lambda *_: {})
    wanted = open_facts(people, verdicts)
    answer = worklist(results, Source(results, RULES, str(desk / "store")), top=None)
    rows = list(answer.table("worklist").records())
    assert {Fact(Kind(row["kind"]), row["fact"]) for row in rows} == {
        needed for held in wanted.values() for needed in held
    }
    above: set[Fact] = set()
    for row in rows:
        needed = Fact(Kind(row["kind"]), row["fact"])
        above.add(needed)
        assert row["open"] == sum(needed in held for held in wanted.values())
        if needed.kind is Kind.JUDGEMENT:
            assert row["settles"] == sum(set(held) == {needed} for held in wanted.values())
        else:
            assert row["settles"] == sum(data(held) == {needed} for held in wanted.values())
            assert row["together"] == sum(bool(data(held)) and data(held) <= above for held in wanted.values())
        where = {id for held in wanted.values() for id in held.get(needed, ())}
        assert row["criteria"].split() == [item.id for item in RULES.rules if item.id in where]
    keys = [(row["kind"] == "judgement", -row["settles"], -row["open"]) for row in rows]
    assert keys == sorted(keys)


def test_each_patient_is_told_what_to_get(
    results: Results, desk: Path, people: list[Patient], verdicts: list[PatientVerdict]
) -> None:
    wanted = open_facts(people, verdicts)
    table = worklist(results, Source(results, RULES, str(desk / "store")), top=None).table("worklist-patients")
    found: dict[str, dict[Fact, set[str]]] = {}
    for row in table.records():
        needed = Fact(Kind(row["kind"]), row["fact"])
        found.setdefault(row["patient_id"], {})[needed] = set(row["criteria"].split())
        assert row["lacks"] == len(data(wanted[row["patient_id"]]))
    assert found == {id: held for id, held in wanted.items() if held}


def test_without_the_store_several_facts_stand_together(results: Results) -> None:
    answer = worklist(results, Source(results, RULES))
    facts = answer.table("worklist").column("fact")
    assert "platelet count or hemoglobin" in facts
    assert "ANC" in facts
    assert "--store" in " ".join(answer.table("worklist").notes)
