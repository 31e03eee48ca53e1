"""Records of the old cancer registry: labels on lines of their own, or run into a paragraph, name what is limited."""

from __future__ import annotations

from screening.build import compile_trial
from screening.language import print_flat
from screening.sections import read

LINES = """PATIENT CHARACTERISTICS:

Age

* 65 and under

Performance status

* ECOG 0-1

Life expectancy

* At least 10 weeks

Hematopoietic

* Not specified

Renal

* See Disease Characteristics
"""

PARAGRAPH = (
    "DISEASE CHARACTERISTICS: Lung cancer\n\nPATIENT CHARACTERISTICS: Age: 16 and over Performance status: 0-2 "
    "Life expectancy: More than 6 weeks Hepatic: Not specified"
)


def readings(text: str) -> list[str]:
    return [print_flat(rule.predicate) for rule in compile_trial(read(text, "T")).rules]


def test_a_label_on_its_own_line_names_the_limits_below_it() -> None:
    made = readings(LINES)
    assert made[0].endswith("age <= 65 years")
    assert made[1:3] == ["ecog in {0, 1}", "life_expectancy >= 10 weeks"]


def test_fields_left_empty_ask_for_nothing() -> None:
    assert [one for one in readings(LINES) if "advisory" in one] == [
        'advisory "Not specified"',
        'advisory "See Disease Characteristics"',
    ]


def test_a_label_run_into_a_paragraph_names_the_limit_behind_it() -> None:
    made = readings(PARAGRAPH)
    assert any(one.endswith("age >= 16 years") for one in made)
    assert any(one.endswith("ecog in {0, 1, 2}") for one in made)
    assert "life_expectancy > 6 weeks" in made
