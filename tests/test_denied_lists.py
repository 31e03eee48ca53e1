"""Lists whose heading denies what their items name: an inclusion "none of the following" asks nobody to have any."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screening.build import compile_trial
from screening.language import print_flat
from screening.sections import read


def readings(text: str) -> list[str]:
    rules = compile_trial(read(f"Inclusion Criteria:\n\n{text}\n", "T")).rules
    return [print_flat(rule.predicate) for rule in rules]


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("None of the following:", ["not has(asthma)", "not qtc > 470 ms"]),
        ("Absence of the following conditions:", ["not has(asthma)", "not qtc > 470 ms"]),
        ("Patients must not have any of the following:", ["not has(asthma)", "not qtc > 470 ms"]),
        ("No history of:", ["not had(asthma)", "not qtc > 470 ms"]),
        ("Has either of:", ["has(asthma) or qtc > 470 ms"]),
        ("Any of the following:", ["has(asthma) or qtc > 470 ms"]),
    ],
)
def test_a_heading_that_denies_governs_its_list(heading: str, expected: list[str]) -> None:
    assert readings(f"1. {heading}\n   - Asthma\n   - QTc > 470 ms") == expected


def test_a_denied_item_is_read_as_one_that_shuts_out() -> None:
    found = readings("1. No evidence of:\n   - Hepatitis B and hepatitis C\n   - Ascites, pleural effusion")
    assert found == ["not (has(hepatitis_b) or has(hepatitis_c))", "not (has(ascites) or has(pleural_effusion))"]


def test_a_number_of_denied_items_stays_one_demand() -> None:
    found = readings("1. Must not have two or more of the following:\n   - Diabetes\n   - Asthma\n   - Obesity")
    assert found == ["not at least 2 of (has(diabetes), has(asthma), has(obesity))"]


def test_a_window_in_the_heading_dates_what_is_denied() -> None:
    found = readings(
        "1. Subjects who have not had any of the following within 3 months:\n   - Stroke\n   - Major surgery"
    )
    assert found == ["not had(stroke) within 3 months", "not had(major_surgery) within 3 months"]


def test_findings_below_such_a_heading_that_nothing_sets_apart_are_denied_one_by_one() -> None:
    text = "- Must be seronegative for the following:\n- HIV\n- Hepatitis C\n- ECOG 0-1"
    assert readings(text) == ["not has(hiv)", "not has(hepatitis_c)", "ecog in {0, 1}"]


def test_the_disease_of_the_trial_is_never_denied_by_a_list_that_nothing_sets_apart() -> None:
    trial = read("Inclusion Criteria:\n\n- None of the following:\n- HIV\n- Asthma\n- Gout\n", "T")
    rules = compile_trial(replace(trial, conditions=("Asthma",))).rules
    assert [print_flat(rule.predicate) for rule in rules] == ["not has(hiv)", "has(asthma)", "has(gout)"]
