"""Results of a screening: the published schema, verdicts, what is missing, and what every explanation must show."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

import screening.explain
from screening import predicates as p
from screening.evaluate import Context, evaluate
from screening.evaluate.outcome import ObservationUse, Reason, Use
from screening.explain import ScreeningResult, judge, screen
from screening.explain.numbers import OPERATORS, day, plain, unit_name
from screening.explain.sentences import explain
from screening.explain.verdict import Judged, verdict
from screening.language import parse_predicate
from screening.patient import from_native
from screening.patient.facts import Attestation, Patient
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side
from tests import patient_strategies as people

ON = people.ON
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
    text = explain(outcome, ON)
    wanted = predicate.limit.factor if isinstance(predicate.limit, p.Multiple) else predicate.limit.value
    assert f"{OPERATORS[predicate.op]} {plain(wanted)}" in text
    assert "→" in text or "undecided" in text
    for use in outcome.evidence:
        if isinstance(use, ObservationUse) and use.use is Use.USED and use.number is not None:
            assert plain(use.number) in text
            assert unit_name(use.observation.unit) in text
            assert day(use.observation.date) in text


def test_numbers_are_written_out() -> None:
    predicate = p.Comparison("anc", p.Op.GE, p.Amount(Decimal("1E+3"), "/uL"))
    assert "≥ 1000 /µL" in explain(evaluate(predicate, Patient("P1"), Context(on=ON)), ON)
