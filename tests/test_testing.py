"""The laws notice seeded faults, and the boundary cases of the five trials notice every small change of a limit."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import screening
from screening import synthetic, testing, units
from screening.app import cli
from screening.boundaries import cases
from screening.evaluate import ages, comparison, exact, limits, reported
from screening.evaluate.outcome import Outcome, Reason
from screening.language import parse_predicate
from screening.patient.facts import Patient
from screening.predicates import Op
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side
from screening.testing import mutants
from screening.testing.mutate import mutants as changes
from screening.truth import Truth

ROOT = Path(__file__).parents[1]
TRIALS = sorted(path.stem for path in (ROOT / "rules" / "trials").glob("*.md"))
ON = date(2026, 3, 11)
DOCUMENT = """Inclusion Criteria:
1. Age 18-75 years
2. ALT ≤ 2 × ULN
3. Serum creatinine ≤ 1.5 mg/dL
4. Platelets ≥ 100 × 10^9/L
Exclusion Criteria:
1. Radiotherapy within 4 weeks before screening
"""
Patch = pytest.MonkeyPatch
SECONDS = 10


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "trial.txt"
    path.write_text(DOCUMENT, encoding="utf8")
    return path


def of(*texts: str) -> RuleSet:
    rules = (Rule(f"I{n}", Side.INCLUSION, RuleKind.DATA, text, parse_predicate(text)) for n, text in enumerate(texts))
    return RuleSet("T-1", "", tuple(rules))


# Faults


def at_least_is_more_than(patch: Patch) -> None:
    real = comparison.compare
    patch.setattr(comparison, "compare", lambda left, op, right: real(left, Op.GT if op is Op.GE else op, right))


def uln_of_an_older_row(patch: Patch) -> None:
    real = limits._Multiples.of  # noqa: SLF001 -- the fault is in there

    def oldest(self: Any, chart: Any, _measure: Any) -> Any:
        found = [real(self, chart, measure) for measure in reversed(chart.measures(self.variable))]
        return next((threshold for threshold in found if threshold is not None), None)

    patch.setattr(limits._Multiples, "of", oldest)  # noqa: SLF001 -- as above


def micromoles_by_88(patch: Patch) -> None:
    real = exact._conversion  # noqa: SLF001 -- as above

    def wrong(variable: str, unit: str | None) -> units.Conversion | None:
        return (
            units.Conversion(Fraction(1, 88)) if (variable, unit) == ("creatinine", "umol/L") else real(variable, unit)
        )

    patch.setattr(exact, "_conversion", wrong)


def ends_at_the_75th_birthday(patch: Patch) -> None:
    real = ages.against
    patch.setattr(ages, "against", lambda bounds, op, limit: real(bounds, Op.LT if op is Op.LE else op, limit))


def missing_passes(patch: Patch) -> None:
    real = reported.unknown

    def wrong(predicate: Any, reason: Reason, *evidence: Any) -> Outcome:
        if reason is Reason.MISSING:
            return Outcome(Truth.TRUE, None, predicate, (), evidence)
        return real(predicate, reason, *evidence)

    patch.setattr(reported, "unknown", wrong)


FAULTS = {
    at_least_is_more_than: "I4",
    uln_of_an_older_row: "I2",
    micromoles_by_88: "I3",
    ends_at_the_75th_birthday: "I1",
    missing_passes: "I2",
}


@pytest.fixture
def clean() -> Iterator[None]:
    """What the interpreter remembers is forgotten before and after a fault."""
    exact.canonical.cache_clear()
    yield
    exact.canonical.cache_clear()


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_seeded_fault_is_found_by_the_command_within_seconds_and_shown_by_a_file(
    fault: Callable[[Patch], None], document: Path, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    fault(monkeypatch)
    began = time.process_time()
    status = cli.run(["test", str(document), "--examples", "30", "-o", str(document.parent)])
    assert time.process_time() - began < SECONDS
    told = capsys.readouterr().out
    assert status == 1
    exactly = next(line for line in told.splitlines() if line.startswith("BROKEN  boundary exact"))
    assert FAULTS[fault] in exactly
    file = document.parent / "trial-boundary-exact.json"
    assert f"screening screen {document} {file} --on 2026-" in exactly
    shown = json.loads(file.read_text(encoding="utf8"))
    assert len(shown.get("observations", [])) + len(shown.get("conditions", [])) <= 2
    assert cli.run(["screen", str(document), str(file), "--on", exactly.split("--on ")[1][:10]]) == 0


def test_the_rules_keep_the_laws_where_there_is_no_fault(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["test", str(document), "--examples", "40", "-o", str(document.parent)]) == 0
    told = capsys.readouterr().out
    assert "laws hold" in told
    assert "monotone in platelets" in told
    assert list(document.parent.glob("*.json")) == []


@pytest.mark.usefixtures("clean")
def test_the_unit_law_shrinks_to_one_result_in_two_units(document: Path, tmp_path: Path) -> None:
    def halved(rules: RuleSet, patient: Patient, on: date) -> Any:
        spoilt = testing.interpreter(rules, patient, on)
        wrong = any(found.unit == "10*3/uL" for found in patient.observations)
        return {id: testing.Answer("fail") if wrong and id == "I4" else answer for id, answer in spoilt.items()}

    with pytest.raises(testing.LawBrokenError) as broken:
        testing.unit_invariant(screening.load(document), engine=halved, folder=tmp_path)()
    one, two = broken.value.breach.sample
    assert len(one.observations) == len(two.observations) == 1
    assert {found.unit for found in (*one.observations, *two.observations)} >= {"10*3/uL"}
    assert json.loads(broken.value.file.read_text(encoding="utf8"))["patients"] if broken.value.file else False


def test_an_engine_that_judges_more_platelets_worse_breaks_monotony(document: Path, tmp_path: Path) -> None:
    def upside_down(rules: RuleSet, patient: Patient, on: date) -> Any:
        answers = dict(testing.interpreter(rules, patient, on))
        if any(found.variable == "platelets" and (found.value or 0) > 150_000 for found in patient.observations):
            answers["I4"] = testing.Answer("fail")
        return answers

    with pytest.raises(testing.LawBrokenError, match="when platelets rises"):
        testing.monotone_in("platelets")(screening.load(document), engine=upside_down, folder=tmp_path)()


@pytest.mark.usefixtures("clean")
def test_the_law_of_what_is_missing_finds_the_empty_patient(document: Path, monkeypatch: Patch, tmp_path: Path) -> None:
    missing_passes(monkeypatch)
    with pytest.raises(testing.LawBrokenError, match="with nothing on record") as broken:
        testing.missing_never_passes(screening.load(document), folder=tmp_path)()
    (patient,) = broken.value.breach.sample
    assert (patient.observations, patient.events) == ((), ())


def test_three_lines_make_a_test(document: Path) -> None:
    rules = screening.load(document)
    test_units = testing.unit_invariant(rules, examples=20)
    test_units()
    assert test_units.__name__ == "test_unit_invariant"


# Strategies


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_other_units_and_other_orders_tell_of_the_same_patient(data: st.DataObject) -> None:
    rules = RULES
    patient = data.draw(testing.patients_near_thresholds(rules) | testing.patients(rules))
    other = data.draw(testing.records_in_other_units(patient))
    assert testing.interpreter(rules, other, ON) == testing.interpreter(rules, patient, ON)
    again = data.draw(testing.equivalent_patients(patient))
    assert testing.interpreter(rules, again, ON) == testing.interpreter(rules, patient, ON)


RULES = of("alt <= 2 ULN or creatinine <= 1.5 mg/dL", "platelets >= 100 10*9/L", "not has(hiv)", "age >= 18 years")


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_made_up_patients_can_be_written_and_are_of_the_rules(data: st.DataObject) -> None:
    patient = data.draw(testing.patients(RULES))
    assert {found.variable for found in patient.observations} <= {"alt", "creatinine", "platelets"}
    assert synthetic.native(patient)["id"] == "T-1"


# Mutants


@pytest.mark.parametrize("trial", TRIALS)
def test_every_change_of_the_five_trials_is_noticed_or_proved_to_change_nothing(trial: str) -> None:
    found = testing.mutation(screening.load(ROOT / "rules" / "trials" / f"{trial}.md"))
    assert [(item.criterion, item.what) for item in found.survivors] == []
    assert len(found.caught) > 10 * len(found.equivalent)
    assert all("combinations" in str(item.proof) or "open" in str(item.proof) for item in found.equivalent)


def test_what_is_changed() -> None:
    texts = (
        "alt <= 2.5 ULN",
        "spo2{room_air} > 92 % within 14 days",
        "one method any of (lvef[echo] < 50 %, egfr < 60 mL/min/{1.73_m2})",
        "if has(liver_metastasis) then alt <= 5 ULN else alt <= 2 ULN",
        'ecog in {0, 1} except judgement "x"',
    )
    told = [change.what.rsplit(": ", 1)[1] for text in texts for change in changes(parse_predicate(text))]
    for wanted in (
        "<= becomes <",
        "factor 2.5 becomes 2.6",
        "factor 2.5 becomes 5.0",
        "ULN becomes LLN",
        "without “room air”",
        "14 becomes 15",
        "within becomes at least",
        "without its window",
        "in weeks",
        "any becomes all",
        "without the method echo",
        "branches exchanged",
        "condition dropped, base limit kept",
        "without 1",
        "with 2",
        "exception dropped",
        "negated",
    ):
        assert wanted in told, wanted


def test_cases_that_try_little_let_changes_through(monkeypatch: Patch) -> None:
    def few(rules: RuleSet, on: date | None = None) -> Any:
        return tuple(
            replace(group, cases=tuple(case for case in group.cases if case.probe.kind == "missing"))
            for group in cases(rules, on)
        )

    monkeypatch.setattr(mutants, "cases", few)
    found = testing.mutation(of("alt <= 2 ULN"))
    assert "<= becomes <" in {item.what.rsplit(": ", 1)[1] for item in found.survivors}


def test_the_command_lists_proofs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "trial.txt"
    path.write_text("Exclusion Criteria:\n1. HIV infection\n2. Platelets < 50000/µL\n", encoding="utf8")
    assert cli.run(["test", "--mutants", str(path)]) == 0
    told = capsys.readouterr().out
    assert "1 proved to change nothing:" in told
    assert "has becomes had: the same in all 3 combinations" in told


# Around


def test_the_plugin_runs_every_law_as_a_test_of_its_own(document: Path) -> None:
    own = document.parent / "test_own.py"
    own.write_text("def test_rules(screening_rules):\n    assert screening_rules.trial == 'trial'\n", encoding="utf8")
    arguments = [
        "-q",
        "-p",
        "screening.testing.plugin",
        "--screening-rules",
        str(document),
        "--screening-examples",
        "10",
    ]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, "-p", "no:cacheprovider", str(own)],
        capture_output=True,
        text=True,
        check=False,
        cwd=document.parent,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
    assert int(run.stdout.split(" passed")[0].split()[-1]) > 4


def test_without_hypothesis_the_command_says_what_to_install(
    monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith(("screening.testing", "screening.app.commands.test"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    trial = ROOT / "rules/trials/IRCT20200429047241N1.md"
    assert cli.run(["test", str(trial)]) == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert "pip install 'screening[test]'" in told
