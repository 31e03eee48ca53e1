"""What words beside a concept do to it: negation, history, severity, windows, and how far along a list they reach."""

from __future__ import annotations

import pytest

from screening.build import compile_trial, windows
from screening.language import print_predicate
from screening.sections.reading import read

HEADINGS = {"I": "Inclusion Criteria:", "E": "Exclusion Criteria:"}


def reading(side: str, sentence: str) -> str:
    """The readings of one criterion, on one line each."""
    rules = compile_trial(read(f"{HEADINGS[side]}\n1. {sentence}\n", "TEST.txt"))
    kept = [rule for rule in rules.rules if rule.id.startswith(side)]
    return "; ".join(" ".join(print_predicate(rule.predicate).split()) for rule in kept)


@pytest.mark.parametrize(
    ("side", "sentence", "expected"),
    [
        ("I", "No HIV", "not has(hiv)"),
        ("I", "No HIV or hepatitis B", "not has(hiv) and not has(hepatitis_b)"),
        (
            "I",
            "Free of HIV, hepatitis B, and tuberculosis",
            "not has(hiv) and not has(hepatitis_b) and not has(tuberculosis)",
        ),
        ("I", "Absence of pregnancy", "not has(pregnancy)"),
        ("I", "No evidence of brain metastases", "not has(brain_metastasis)"),
        ("I", "Without evidence of heart failure", "not has(heart_failure)"),
        ("I", "Not pregnant or breastfeeding", "not (has(pregnancy) or has(breastfeeding))"),
        (
            "I",
            "No history of stroke, seizures or psychosis",
            "not had(stroke) and not had(seizures) and not had(psychosis)",
        ),
        ("E", "HIV or hepatitis B", "has(hiv) or has(hepatitis_b)"),
        ("E", "History of stroke or seizures", "had(stroke) or had(seizures)"),
        ("E", "History of stroke, or current psychosis", "had(stroke) or has(psychosis)"),
        ("E", "Severe asthma or heart failure", "has(severe asthma) or has(severe heart_failure)"),
        ("E", "Previous surgery or pregnancy", "had(surgery) or has(pregnancy)"),
        ("E", "Prior treatment with cisplatin or carboplatin", "had(cisplatin) or had(carboplatin)"),
    ],
)
def test_words_reach_along_a_list(side: str, sentence: str, expected: str) -> None:
    assert reading(side, sentence) == expected


@pytest.mark.parametrize(
    ("side", "sentence", "expected"),
    [
        (
            "E",
            "Chemotherapy or radiotherapy within 4 weeks before enrolment",
            "had(chemotherapy) within 4 weeks before enrolment or had(radiotherapy) within 4 weeks before enrolment",
        ),
        (
            "I",
            "No chemotherapy or radiotherapy within 4 weeks before enrolment",
            "not had(chemotherapy) within 4 weeks before enrolment and not had(radiotherapy) within 4 weeks before enrolment",
        ),
        (
            "I",
            "No radiotherapy, no chemotherapy within 3 months before enrolment",
            "not had(radiotherapy) and not had(chemotherapy) within 3 months before enrolment",
        ),
        ("E", "Stroke (within 6 months before randomization)", "had(stroke) within 6 months before randomization"),
        (
            "E",
            "Active hepatitis B, or chemotherapy within 4 weeks before enrolment",
            "has(active hepatitis_b) or had(chemotherapy) within 4 weeks before enrolment",
        ),
        (
            "I",
            "No corticosteroids for at least 4 weeks before enrolment",
            "not had(corticosteroids) within 4 weeks before enrolment",
        ),
        ("I", "Metformin for at least 3 months", 'has(metformin) and judgement "at least 3 months"'),
    ],
)
def test_a_window_reaches_the_events_it_dates(side: str, sentence: str, expected: str) -> None:
    assert reading(side, sentence) == expected


def rows(side: str, sentence: str) -> list[tuple[str, str, int | float, bool]]:
    made = windows(compile_trial(read(f"{HEADINGS[side]}\n1. {sentence}\n", "TEST.txt")))
    return [(row["event"], row["relation"], row["days"], row["negated"]) for row in made]


@pytest.mark.parametrize(
    ("side", "sentence", "expected"),
    [
        ("E", "Received quellazine within 4 weeks before enrolment", [("quellazine", "within", 28, False)]),
        ("I", "Has not received quellazine within 4 weeks before enrolment", [("quellazine", "within", 28, True)]),
        ("E", "Warfarin within 14 days or 5 half-lives, whichever is longer", [("warfarin", "within", 14, False)]),
        ("E", "Warfarin within 5 half-lives before enrolment", []),
        ("I", "At least 2 weeks since surgery", [("surgery", "at_least", 14, False)]),
        ("E", "Chemotherapy within 2-4 weeks before enrolment", [("chemotherapy", "within", 28, False)]),
        ("E", "Chemotherapy in the past month", [("chemotherapy", "within", 30.5, False)]),
        ("I", "A 3 week course of chemotherapy", []),
    ],
)
def test_a_row_for_every_dated_event(
    side: str, sentence: str, expected: list[tuple[str, str, int | float, bool]]
) -> None:
    assert [
        (event, relation, pytest.approx(days, abs=0.6), negated) for event, relation, days, negated in expected
    ] == rows(side, sentence)


def test_an_event_nobody_knows_is_dated_but_not_understood() -> None:
    """The window is shown; the predicate pretends to know nothing."""
    assert reading("E", "Received quellazine within 4 weeks before enrolment").startswith("not understood")


@pytest.mark.parametrize("sentence", ["Family history of stroke", "A first-degree relative with stroke"])
def test_a_relatives_disease_is_not_the_patients(sentence: str) -> None:
    assert "(stroke)" not in reading("E", sentence)
