"""Diagnoses written as criteria of their own, and diseases of which a criterion says more: made-up records."""

from __future__ import annotations

import json

import pytest

from screening.build import compile_trial
from screening.language import print_flat
from screening.sections.reading import read


def readings(text: str) -> list[str]:
    """The inclusion criteria of a plain text, as they are printed."""
    rules = compile_trial(read(text, "X1")).rules
    return [print_flat(rule.predicate) for rule in rules if rule.id.startswith("I")]


def test_any_of_the_diagnoses_behind_an_announced_choice() -> None:
    """Nothing sets the list apart, but the line above it says that one of its items will do."""
    text = (
        "Inclusion Criteria:\n1. Confirmed diagnosis of one of the following:\n2. Diffuse large B-cell lymphoma\n"
        "3. Follicular lymphoma, refractory\n4. Mantle cell lymphoma\n5. Age ≥ 18 years\n"
    )
    said = readings(text)
    assert said[-2].count(" or ") == 2
    assert "has(mantle_cell_lymphoma)" in said[-2]
    assert said[-1] == "age >= 18 years"


def test_diagnoses_one_by_one_ask_whether_any_suffices() -> None:
    """Nobody has two of them, and nothing says so: a choice."""
    text = "Inclusion Criteria:\n1. Ewing sarcoma\n2. Hodgkin lymphoma\n3. Multiple myeloma\n4. ECOG 0-1\n"
    said = readings(text)
    assert any(one.startswith('choose "likely-alternatives') and "has(hodgkin_lymphoma)" in one for one in said)
    assert "ecog in {0, 1}" in said


def test_findings_behind_an_announced_choice_are_not_all_demanded() -> None:
    """What of other criteria still belongs to the list nobody can tell: it is asked."""
    text = (
        "Inclusion Criteria:\n1. One of the following risk factors:\n2. Diabetes\n3. Hypertension\n4. Age ≥ 40 years\n"
    )
    assert any(one.startswith("choose") and "has(diabetes) or has(hypertension)" in one for one in readings(text))


@pytest.mark.parametrize(
    "lines",
    [
        "1. Lymphoma\n2. Follicular lymphoma",  # a kind of the first
        "1. Breast cancer\n2. Brain metastases",  # no other malignancy
        "1. Prostate cancer\n2. No lung cancer",
        "1. Cohort A: multiple myeloma\n2. Cohort B: breast cancer",
    ],
)
def test_criteria_that_stand_together_are_both_asked_for(lines: str) -> None:
    """A kind of one malignancy, where it spread, what is denied, and those of different groups."""
    assert not any("likely-alternatives" in one for one in readings(f"Inclusion Criteria:\n{lines}\n3. ECOG 0-1\n"))


@pytest.mark.parametrize(
    ("disease", "expected"),
    [
        ("Breast Cancer", "has(breast_cancer) and hemoglobin >= 9 g/dL"),
        ("Ovarian Cancer", "if has(breast_cancer) then hemoglobin >= 9 g/dL else always"),
    ],
)
def test_the_disease_of_the_trial_is_asked_for_beside_its_limit(disease: str, expected: str) -> None:
    """ "Patients with X, Hb ≥ 9 g/dL" binds those with X only where the trial is for something else."""
    study = {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT00000000", "briefTitle": "Second-line treatment"},
            "conditionsModule": {"conditions": [disease]},
            "eligibilityModule": {
                "eligibilityCriteria": "Inclusion Criteria:\n\n* Patients with breast cancer, hemoglobin ≥ 9 g/dL\n"
            },
        }
    }
    assert expected in readings(json.dumps(study))
