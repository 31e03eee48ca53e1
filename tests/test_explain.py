"""Results of a screening: the published schema, verdicts, what is missing, and what every explanation must show."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

import screening.app
import screening.explain
from screening import predicates as p
from screening import ruleset
from screening.evaluate import Context, evaluate
from screening.evaluate.combine import relevant
from screening.evaluate.outcome import AgeUse, DerivedUse, ObservationUse, Outcome, Reason, Use
from screening.explain import ScreeningResult, judge, screen
from screening.explain.numbers import OPERATORS, day, plain, unit_name
from screening.explain.phrases import values
from screening.explain.sentences import explain
from screening.explain.verdict import Judged, verdict
from screening.explain.wording import answer
from screening.language import parse_predicate
from screening.patient import from_native, read_patients
from screening.patient.facts import Attestation, Patient
from screening.resources import folder
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side
from screening.truth import Truth
from tests import patient_strategies as people

ON = people.ON
SAMPLES = Path(screening.app.__file__).with_name("samples")
TRIALS = sorted((folder("rules") / "trials").glob("*.md"))
SCHEMA = Path(screening.explain.__file__).parent / "result.schema.json"


def trial(*texts: str, side: Side = Side.INCLUSION, **fields: object) -> RuleSet:
    rules = tuple(
        Rule(f"{side[0].upper()}{number}", side, RuleKind.DATA, text, parse_predicate(text))
        for number, text in enumerate(texts, 1)
    )
    return RuleSet("T1", "A trial", rules, **fields)  # type: ignore[arg-type]


def test_the_published_schema_is_current(rewrite: bool) -> None:
    current = json.dumps(ScreeningResult.model_json_schema(), indent=2) + "\n"
    if rewrite:
        SCHEMA.write_text(current, encoding="utf8")
    assert SCHEMA.read_text(encoding="utf8") == current


def test_a_result_survives_json() -> None:
    rules = trial(
        "anc >= 1500 /uL", 'judgement "consent"', "if has(liver_metastasis) then alt <= 5 ULN else alt <= 2 ULN"
    )
    result = screen(rules, Patient("P1"), ON)
    assert ScreeningResult.model_validate_json(result.model_dump_json()) == result


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((("pass", None),), "potentially_eligible"),
        ((("unknown", Reason.JUDGEMENT),), "potentially_eligible"),
        ((("unknown", Reason.JUDGEMENT), ("unknown", Reason.STALE)), "needs_information"),
        ((("unknown", Reason.STALE), ("fail", None)), "not_eligible"),
        ((("unknown", Reason.NOT_UNDERSTOOD),), "needs_information"),
        ((("unknown", Reason.ASSUMPTION),), "needs_information"),
    ],
)
def test_verdicts(outcomes: tuple[tuple[str, Reason | None], ...], expected: str) -> None:
    assert verdict(Judged("I1", *outcome) for outcome in outcomes) == expected  # type: ignore[arg-type]


def test_a_data_question_beside_an_open_judgement_keeps_a_patient_from_being_potentially_eligible() -> None:
    result = screen(trial('judgement "fit" and anc >= 1500 /uL'), Patient("P1"), ON).patients[0]
    assert result.verdict == "needs_information"
    assert [item.text for item in result.to_attest] == ["fit"]


def test_what_is_missing_names_each_fact_once_with_its_criteria() -> None:
    result = screen(trial("anc >= 1500 /uL", "anc >= 1000 /uL", "platelets >= 100 10*9/L"), Patient("P1"), ON).patients[
        0
    ]
    assert [(item.fact.split(":")[0], item.criteria) for item in result.missing] == [
        ("ANC", ("I1", "I2")),
        ("platelet count", ("I3",)),
    ]


def test_only_the_parts_that_matter_are_missing() -> None:
    patient = from_native({"id": "P1", "sex": "male"})
    result = screen(trial("sex is female and anc >= 1500 /uL", "sex is male or anc >= 1500 /uL"), patient, ON).patients[
        0
    ]
    assert [criterion.outcome for criterion in result.criteria] == ["fail", "pass"]
    assert result.missing == ()


def test_a_trial_that_is_not_recruiting_is_screened_with_a_note() -> None:
    assert "completed" in screen(trial("age >= 18 years", status="completed"), Patient("P1"), ON).notes[0]
    assert screen(trial("age >= 18 years", status="recruiting"), Patient("P1"), ON).notes == ()


def test_attestations_from_a_file_reach_their_patient_only() -> None:
    answer = Attestation("I1", answer=True, who="A", on=ON)
    people_ = [Patient("P1"), Patient("P2")]
    result = screen(trial('judgement "consent"'), people_, ON, attestations=[("P1", answer)])
    assert [patient.criteria[0].outcome for patient in result.patients] == ["pass", "unknown"]


def test_attestations_after_the_screening_date_or_for_another_trial_do_not_count() -> None:
    later = Attestation("I1", answer=True, who="A", on=date(2026, 3, 12))
    other = Attestation("I1", answer=True, who="A", on=ON, trial="T2")
    patient = Patient("P1", attestations=(later, other))
    assert screen(trial('judgement "consent"'), patient, ON).patients[0].criteria[0].outcome == "unknown"


def test_judging_without_explanations_says_the_same() -> None:
    rules = trial("age >= 18 years", "anc >= 1500 /uL", 'judgement "consent"')
    patients = [from_native({"id": "P1", "birth_date": "1970-01-01"}), from_native({"id": "P2", "deceased": True})]
    quick, full = list(judge(rules, patients, ON)), screen(rules, patients, ON).patients
    assert [(item.id, item.verdict) for item in quick] == [(item.id, item.verdict) for item in full]
    for few, many in zip(quick, full, strict=True):
        assert [(c.outcome, c.reason) for c in few.criteria] == [(c.outcome, c.reason) for c in many.criteria]


def test_people_never_read_met() -> None:
    patient = from_native({"id": "P1", "sex": "male", "conditions": [{"text": "HIV infection"}]})
    criteria = screen(trial("has(hiv)", "sex is female", side=Side.EXCLUSION), patient, ON).patients[0].criteria
    assert [criterion.outcome for criterion in criteria] == ["fail", "pass"]
    assert not any(" met" in criterion.explanation for criterion in criteria)
    assert [criterion.explanation.rsplit("; ", 1)[1] for criterion in criteria] == ["excluded", "not excluded"]


@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(people.criteria(), people.patients())
def test_each_numeric_explanation_shows_value_unit_date_limit_operator_and_result(
    predicate: p.Predicate, patient: Patient
) -> None:
    assume(isinstance(predicate, p.Comparison) and predicate.variable != "age")
    assert isinstance(predicate, p.Comparison)
    outcome = evaluate(predicate, patient, Context(on=ON))
    assert lacking(outcome, explain(outcome, ON)) == []


def lacking(outcome: Outcome, text: str) -> list[str]:
    """What the text of a comparison does not show of value, unit, date, limit, operator and result."""
    predicate = outcome.predicate
    shown = asked(predicate)
    for use in outcome.evidence:
        shown += facts(use)
    answered = (outcome.truth is Truth.UNKNOWN and "undecided" in text) or f"→ {answer(outcome.truth)}" in text
    return [part for part in shown if part not in text] + ([] if answered else ["result"])


def asked(predicate: p.Predicate) -> list[str]:
    """Operator, limit and its unit; the levels of a scale."""
    match predicate:
        case p.OrdinalSet():
            return [f"is {values(predicate)}"]
        case p.Comparison(op=op, limit=p.Multiple(factor=factor)):
            return [f"{OPERATORS[op]} {plain(factor)}"]
        case p.Comparison(op=op, limit=p.Amount(value=value, unit=unit)):
            return [f"{OPERATORS[op]} {plain(value)}", unit_name(unit)]
    raise AssertionError(predicate)


def facts(use: object) -> list[str]:
    """Value, unit and date of a fact that was used."""
    match use:
        case ObservationUse(observation=found, use=Use.USED | Use.STALE | Use.INPUT, number=Decimal() as number):
            return [plain(number), unit_name(found.unit), day(found.date)]
        case DerivedUse(inputs=inputs, date=when):
            return [day(when), *(part for item in inputs for part in facts(item))] if when else []
        case AgeUse(birth=birth, low=low, unit=unit):
            return [str(low), unit_name(unit), day(birth)]
        case _:
            return []


@pytest.mark.parametrize("path", TRIALS, ids=lambda path: path.stem)
def test_each_number_in_a_trial_is_explained_for_each_sample_patient(path: Path) -> None:
    rules = ruleset.load(path)
    patients = read_patients(SAMPLES)
    result = screen(rules, patients, ON)
    predicates = {rule.id: rule.predicate for rule in ruleset.resolve(rules).rules}
    context = Context(on=ON, index_conditions=rules.index_conditions)
    shown = 0
    for patient, screened in zip(patients, result.patients, strict=True):
        for criterion in screened.criteria:
            outcome = evaluate(predicates[criterion.id], patient, replace(context, side=Side(criterion.side)))
            for part in told(outcome):
                assert (patient.id, criterion.id, lacking(part, criterion.explanation)) == (
                    patient.id,
                    criterion.id,
                    [],
                )
                shown += 1
    assert shown > len(screened.criteria)


def told(outcome: Outcome) -> list[Outcome]:
    """The comparisons of a criterion, of scales too, without a branch that does not apply."""
    if isinstance(outcome.predicate, p.Comparison | p.OrdinalSet) and not outcome.children:
        return [outcome]
    parts = relevant(outcome.children) if isinstance(outcome.predicate, p.IfElse) else outcome.children
    return [found for part in parts for found in told(part)]


def test_numbers_are_written_out() -> None:
    predicate = p.Comparison("anc", p.Op.GE, p.Amount(Decimal("1E+3"), "/uL"))
    assert "≥ 1000 /µL" in explain(evaluate(predicate, Patient("P1"), Context(on=ON)), ON)
