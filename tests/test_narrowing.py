"""Findings named more narrowly than their concept: a special kind, an organ, a cause. Whoever never had the concept is
decided; of whoever had it a person must say whether it was of that kind."""

from __future__ import annotations

from datetime import date

import pytest

from screening import concepts
from screening.build import compile_trial
from screening.build.windows import windows
from screening.evaluate import Reason
from screening.explain import judge
from screening.language import parse_predicate, print_flat
from screening.patient.facts import Activity, DateSpan, Event, EventKind, Patient
from screening.ruleset.model import RuleSet
from screening.sections import read

ON = date(2026, 5, 4)
ALL_LISTS = frozenset(EventKind)


def compiled(text: str, side: str = "Exclusion") -> RuleSet:
    return compile_trial(read(f"{side} Criteria:\n\n1. {text}\n", "T"))


def said(text: str, side: str = "Exclusion") -> str:
    (rule,) = compiled(text, side).rules
    return print_flat(rule.predicate)


def event(kind: EventKind, text: str, on: date = date(2026, 4, 27), code: str = "") -> Event:
    codes = (("icd10cm", code),) if code else ()
    day = DateSpan(on, on)
    return Event(
        kind, text, codes, activity=Activity.CURRENT, start=day, end=None if kind is EventKind.CONDITION else day
    )


def outcome(text: str, side: str, *events: Event) -> str:
    """How a patient with these events, and complete lists, passes the criterion."""
    patient = Patient("P", events=events, complete=ALL_LISTS)
    (verdict,) = judge(compiled(text, side), [patient], ON)
    (one,) = verdict.criteria
    return str(one.outcome)


RADIOTHERAPY = event(EventKind.PROCEDURE, "radiotherapy")
SURGERY = event(EventKind.PROCEDURE, "surgery")
ANAEMIA = event(EventKind.CONDITION, "anaemia", code="D64.9")


# ---- special kinds


def test_a_special_kind_is_the_concept_and_something_open() -> None:
    assert parse_predicate(said("Salvage radiotherapy")) == parse_predicate(
        'had(radiotherapy) and judgement "Salvage radiotherapy"'
    )


def test_a_negation_governs_both() -> None:
    assert (
        said("No curative radiotherapy", "Inclusion") == 'not (had(radiotherapy) and judgement "curative radiotherapy")'
    )


def test_the_plain_name_leaves_nothing_open() -> None:
    assert said("External-beam radiotherapy") == "had(radiotherapy)"


@pytest.mark.parametrize(
    ("text", "side", "without", "with_it"),
    [
        ("Palliative radiotherapy", "Exclusion", "pass", "unknown"),
        ("Palliative radiotherapy", "Inclusion", "fail", "unknown"),
        ("No palliative radiotherapy", "Inclusion", "pass", "unknown"),
        ("Radiotherapy within 6 weeks", "Exclusion", "pass", "fail"),
        ("Radiotherapy within 6 weeks, except palliative radiotherapy", "Exclusion", "pass", "unknown"),
        ("No radiotherapy within 6 weeks except palliative radiotherapy", "Inclusion", "pass", "unknown"),
        ("Pelvic radiotherapy within 3 days", "Exclusion", "pass", "pass"),
        ("At least 3 days since palliative radiotherapy", "Inclusion", "pass", "pass"),
        ("At least 3 weeks since palliative radiotherapy", "Inclusion", "pass", "unknown"),
    ],
)
def test_who_never_had_radiotherapy_is_decided(text: str, side: str, without: str, with_it: str) -> None:
    assert outcome(text, side) == without
    assert outcome(text, side, RADIOTHERAPY) == with_it


def test_a_person_is_asked_for_it() -> None:
    patient = Patient("P", events=(RADIOTHERAPY,), complete=ALL_LISTS)
    (verdict,) = judge(compiled("Adjuvant radiotherapy"), [patient], ON)
    assert verdict.criteria[0].reason is Reason.JUDGEMENT


def test_a_condition_by_a_special_kind_leaves_its_limit_open_only_for_whom_it_may_bind() -> None:
    made = said("Haemoglobin > 9 g/dL if palliative radiotherapy was given within 3 weeks", "Inclusion")
    assert made == (
        'if had(radiotherapy) within 3 weeks and judgement "palliative radiotherapy" then hemoglobin > 9 g/dL else always'
    )
    assert outcome("Haemoglobin > 9 g/dL if palliative radiotherapy was given within 3 weeks", "Inclusion") == "pass"


def test_each_of_two_kinds_in_a_list_is_open() -> None:
    assert said("Adjuvant or palliative radiotherapy") == (
        '(had(radiotherapy) and judgement "Adjuvant") or (had(radiotherapy) and judgement "palliative radiotherapy")'
    )


def test_a_special_kind_said_once_for_two_courses_is_open_in_both() -> None:
    assert said("Relapsed or refractory seminoma") == (
        'has(relapsed_or_refractory testicular_cancer) and judgement "seminoma"'
    )
    assert said("Primary or recurrent seminoma") == (
        '(has(primary testicular_cancer) and judgement "Primary seminoma")'
        ' or (has(recurrent testicular_cancer) and judgement "seminoma")'
    )


def test_the_window_of_a_special_kind_is_a_row() -> None:
    (row,) = windows(compiled("Palliative radiotherapy within 2 weeks of enrolment"))
    assert (row["event"], row["days"], row["anchor"], row["negated"]) == ("radiotherapy", 14, "enrolment", False)


def test_a_record_of_a_special_kind_is_a_record_of_the_concept() -> None:
    assert concepts.matches("radiotherapy", [], "Palliative radiotherapy") == "yes"
    assert outcome("Radiotherapy", "Exclusion", event(EventKind.PROCEDURE, "palliative radiotherapy")) == "fail"


def test_no_special_kind_is_also_the_plain_name_of_its_concept() -> None:
    for concept in concepts.catalogue().values():
        plain = {form for name in concept.names for form in concepts.variants(name)}
        assert not plain & {name.casefold() for name in concept.narrower_names}, concept.id


def test_a_window_behind_an_injury_dates_the_operations_before_it() -> None:
    assert said("Major surgery, open biopsy, or significant traumatic injury within 5 weeks") == (
        'had(major_surgery) within 5 weeks or (had(surgery) within 5 weeks and judgement "open biopsy")'
        " or had(clinically_significant traumatic_injury) within 5 weeks"
    )
    assert said("Chemotherapy or stroke within 5 months") == "has(chemotherapy) or had(stroke) within 5 months"


# ---- organs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Abdominal surgery within 8 weeks", 'had(surgery) within 8 weeks and judgement "Abdominal surgery"'),
        ("Surgery of the lung", 'had(surgery) and judgement "Surgery of the lung"'),
        ("No cerebral infection", 'not (has(infection) and judgement "cerebral infection")'),
        ("Renal nephropathy", "has(kidney_disease)"),
        ("Cardiac heart failure", "has(heart_failure)"),
        ("Glaucoma of either eye", "has(glaucoma)"),
    ],
)
def test_an_organ_that_is_not_the_finding_s_own_narrows_it(text: str, expected: str) -> None:
    assert parse_predicate(said(text)) == parse_predicate(expected)


def test_who_had_no_surgery_had_none_of_the_abdomen() -> None:
    assert outcome("Previous abdominal surgery", "Exclusion") == "pass"
    assert outcome("Previous abdominal surgery", "Exclusion", SURGERY) == "unknown"
    assert outcome("No previous abdominal surgery", "Inclusion", SURGERY) == "unknown"


def test_a_special_kind_that_records_tell_is_a_concept_of_its_own() -> None:
    assert said("Hip fracture", "Inclusion") == "has(hip_fracture)"
    wrist = event(EventKind.CONDITION, "Fracture of wrist", code="S62.101A")
    assert outcome("Hip fracture", "Inclusion", wrist) == "fail"
    assert outcome("Hip fracture", "Inclusion", event(EventKind.CONDITION, "x", code="S72.001A")) == "pass"
    assert outcome("Hip fracture", "Inclusion", event(EventKind.CONDITION, "fracture")) == "unknown"
    assert outcome("Fracture", "Inclusion", event(EventKind.CONDITION, "hip fracture")) == "pass"


# ---- causes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anaemia caused by haemolysis", 'has(anaemia) and judgement "caused by haemolysis"'),
        ("No anaemia secondary to bleeding", 'not (has(anaemia) and judgement "secondary to bleeding")'),
        ("Anaemia not due to iron deficiency", 'has(anaemia) and judgement "not due to iron deficiency"'),
        ("Seizure unrelated to fever within 2 years", 'had(seizure) within 2 years and judgement "unrelated to fever"'),
        (
            "Thrombosis associated with trauma or pregnancy",
            'has(thromboembolism) and judgement "associated with trauma or pregnancy"',
        ),
        (
            "Dyspnoea due to other causes such as asthma, anaemia or obesity",
            'has(dyspnoea) and judgement "due to other causes such as asthma, anaemia or obesity"',
        ),
        (
            "Pain caused by gout, asthma",
            '(has(pain) and judgement "caused by gout") or (has(asthma) and judgement "caused by gout, asthma")',
        ),
        (
            "Pain caused by gout, active tuberculosis",
            '(has(pain) and judgement "caused by gout") or has(active tuberculosis)',
        ),
        ("Pregnant women because of the potential harm to the child", "has(pregnancy)"),
        ("Heart failure due to any cause", "has(heart_failure)"),
        ("Heart failure regardless of aetiology", "has(heart_failure)"),
        ("Other malignancy unrelated to the disease under study", "has(other_malignancy)"),
    ],
)
def test_a_cause_narrows_and_any_cause_does_not(text: str, expected: str) -> None:
    assert parse_predicate(said(text)) == parse_predicate(expected)


def test_who_has_no_anaemia_has_none_due_to_haemolysis() -> None:
    assert outcome("Anaemia due to haemolysis", "Exclusion") == "pass"
    assert outcome("Anaemia due to haemolysis", "Exclusion", ANAEMIA) == "unknown"
    assert outcome("No anaemia due to haemolysis", "Inclusion") == "pass"
    assert outcome("Anaemia due to any cause", "Exclusion", ANAEMIA) == "fail"
