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


# ---- creatinine by age


TABLE = """Inclusion Criteria:

* Creatinine clearance ≥ 65 mL/min or a serum creatinine based on age/gender as follows:

  * 1 to < 2 years: 0.6 mg/dL (male and female)
  * 2 to < 6 years: 0.8 mg/dL
* Consent
"""


def test_lines_of_a_table_by_age_are_one_criterion_and_an_alternative() -> None:
    made = readings(TABLE)[0]
    assert made.startswith("creatinine_clearance >= 65 mL/min or (")
    assert "if age >= 2 years and age < 6 years then creatinine <= 0.8 mg/dL else always" in made


def test_an_age_in_brackets_says_whom_a_line_of_the_table_is_for() -> None:
    made = readings(
        "Inclusion Criteria:\n\n* Creatinine according to age as follows:\n\n  * No greater than 0.5 mg/dL (≤ 9 months)\n"
    )
    assert made == ["if age <= 9 months then creatinine <= 0.5 mg/dL else always"]


def test_a_table_without_its_lines_asks_for_no_sex() -> None:
    text = "Age Maximum Serum Creatinine (mg/dL) Male Female 6 to < 10 years 1 1 10 to < 13 years 1.2 1.2"
    made = readings(f"Inclusion Criteria:\n\n* {text}\n")
    assert len(made) == 1
    assert made[0].count("else always") == 2


def test_numbers_escaped_behind_a_bullet_are_numbers_of_the_list() -> None:
    found = compile_trial(read("Inclusion Criteria:\n\n• 1\\. Age ≥ 18 years;\n• 2\\. ECOG 0-1;\n", "T")).rules
    assert [rule.id for rule in found] == ["I1", "I2"]


def test_a_label_with_a_capital_behind_an_age_begins_the_next_field() -> None:
    made = readings(
        "DISEASE CHARACTERISTICS: Lymphoma\n\nPATIENT CHARACTERISTICS: Age: 17 to 63 years Performance Status: ECOG 0-1"
    )
    assert made[-2:] == ["age >= 17 years and age <= 63 years", "ecog in {0, 1}"]
