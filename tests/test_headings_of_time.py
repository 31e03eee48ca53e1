"""What a heading says of time counts for the lines of the list below it. Every text here is made up."""

from __future__ import annotations

import pytest

from screening.build import compile_trial
from screening.language import print_flat
from screening.sections import read


def readings(text: str) -> list[str]:
    rules = compile_trial(read(text, "T")).rules
    return [print_flat(rule.predicate) for rule in rules if rule.id[0] in "IE"]


@pytest.mark.parametrize(
    ("heading", "step"),
    [
        ("Within 10 days before leukapheresis, the following:", "leukapheresis"),
        ("Prior to leukapheresis, any of the following:", "leukapheresis"),
        ("Washout before randomization:", "randomization"),
    ],
)
def test_the_windows_of_the_lines_count_from_the_step_that_their_heading_names(heading: str, step: str) -> None:
    text = f"Exclusion Criteria:\n1. {heading}\n - Systemic steroids within 5 days\n - Radiotherapy within 3 weeks\n"
    said = " or ".join(readings(text))
    assert f"had(systemic_steroids) within 5 days before {step}" in said
    assert f"had(radiotherapy) within 3 weeks before {step}" in said
    assert f"has({step})" not in said
    assert f"had({step})" not in said


def test_a_line_with_a_step_of_its_own_counts_from_that() -> None:
    text = "Exclusion Criteria:\n1. Before enrolment:\n - Stroke within 4 months of the first dose\n - Aspirin within 9 days\n"
    assert readings(text) == [
        "had(stroke) within 4 months before first_dose",
        "had(aspirin) within 9 days before enrolment",
    ]


def test_a_heading_that_says_more_than_a_step_is_no_starting_point() -> None:
    text = "Exclusion Criteria:\n1. Patients with epilepsy before leukapheresis:\n - Steroids within 9 days\n"
    assert "had(corticosteroids) within 9 days before leukapheresis" not in readings(text)


def test_at_least_so_long_before_without_something_is_a_time_free_of_it() -> None:
    text = "Inclusion Criteria:\n1. At least 5 weeks before enrolment:\n - No surgery\n - No radiotherapy\n"
    assert readings(text) == [
        "not had(surgery) within 5 weeks before enrolment",
        "not had(radiotherapy) within 5 weeks before enrolment",
    ]
