"""The shipped sample patients: readable, described, and showing what they are there to show."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import screening.app
from screening import ruleset
from screening.explain import screen
from screening.patient import Records, read_patients
from screening.resources import folder

SAMPLES = Path(screening.app.__file__).with_name("samples")
TRIALS = sorted((folder("rules") / "trials").glob("*.md"))
VERDICTS = {"not_eligible", "needs_information", "potentially_eligible", "deceased"}
REASONS = {
    "missing",
    "stale",
    "implausible",
    "unit_missing",
    "unit_incompatible",
    "no_reference_range",
    "censored",
    "conflicting",
    "method_mismatch",
    "qualifier_unknown",
    "judgement",
    "not_understood",
    "assumption",
}


@pytest.fixture(scope="module")
def patients() -> Records:
    return read_patients(SAMPLES)


def test_all_are_read_and_named_after_their_file(patients: Records) -> None:
    assert [patient.id for patient in patients] == sorted(path.stem for path in SAMPLES.glob("*.json"))
    assert not patients.lost
    assert patients.findings == ()


def test_each_is_described(patients: Records) -> None:
    described = (SAMPLES / "README.md").read_text(encoding="utf8")
    assert [patient.id for patient in patients if f"| {patient.id} |" not in described] == []


def test_only_the_findings_that_the_samples_are_made_for(patients: Records) -> None:
    assert {patient.id for patient in patients if patient.findings} == {"sample-04", "sample-05", "sample-13"}


def test_every_verdict_and_every_reason_for_unknown_occurs(patients: Records) -> None:
    results = [screen(ruleset.load(path), patients, date(2026, 3, 11)) for path in TRIALS]
    people = [person for result in results for person in result.patients]
    reasons = {str(criterion.reason) for person in people for criterion in person.criteria if criterion.reason}
    assert {str(person.verdict) for person in people} == VERDICTS
    assert REASONS - reasons <= {"not_understood"}  # a reviewed rule file may leave no text that nobody read
