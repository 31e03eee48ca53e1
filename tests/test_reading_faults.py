"""Errors that readers of eligibility text make without noticing, each read rightly here.

The first part met this program's own forerunner, the second part other systems.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from screening.build import compile_trial, extract
from screening.language import parse_predicate
from screening.parse.lexer import lex
from screening.predicates import All, Any, Assumption, Choice, NotUnderstood, Op
from screening.ruleset.model import Share
from screening.sections import read
from screening.text import clean
from screening.units import UnitError, canonical, ucum
from tests.readings import codes, nodes, reading, sentence


def limits(text: str, side: str = "Inclusion") -> set[str]:
    rows = extract(sentence(text, side))
    return {
        " ".join(filter(None, [row["variable"], row["op"], str(row["value"]), row["multiple_of"] or row["unit"]]))
        for row in rows
    }


# ---- silent errors of a first attempt


@pytest.mark.parametrize("side", ["Inclusion", "Exclusion"])
@pytest.mark.parametrize("name", ["Systolic/diastolic BP", "BP", "Blood pressure"])
def test_two_pressures_are_two_limits(name: str, side: str) -> None:
    assert limits(f"{name} <140/90", side) == {"systolic_bp < 140 mm[Hg]", "diastolic_bp < 90 mm[Hg]"}


def test_a_pressure_too_high_in_either_is_too_high() -> None:
    assert isinstance(reading("Blood pressure > 160/100 mmHg", "Exclusion"), Any)
    assert isinstance(reading("Blood pressure < 140/90 mmHg"), All)


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("ASA 1 and 2", "asa in {1, 2}"),
        ("ASA class I and II", "asa in {1, 2}"),
        ("ASA I, II or III", "asa in {1, 2, 3}"),
        ("ECOG 0-1", "ecog in {0, 1}"),
        ("ECOG 0/1", "ecog in {0, 1}"),
        ("ECOG performance status 0, 1, or 2", "ecog in {0, 1, 2}"),
        ("NYHA III/IV", "nyha in {3, 4}"),
    ],
)
def test_every_level_of_a_list_counts(text: str, levels: str) -> None:
    assert reading(text) == parse_predicate(levels)


@pytest.mark.parametrize("text", ["NYHA >= grade II", "NYHA class ≥ II", "NYHA class II or higher", "NYHA ≥ 2"])
def test_a_grade_or_more_is_not_that_grade(text: str) -> None:
    assert limits(text) == {"nyha >= 2"}


@pytest.mark.parametrize("words", ["minimum life expectancy of 12 weeks", "life expectancy of at least 12 weeks"])
def test_a_minimum_before_the_name_is_a_comparison(words: str) -> None:
    assert reading(f"A {words}") == parse_predicate("life_expectancy >= 12 weeks")


def test_a_maximum_before_the_name_is_a_comparison() -> None:
    assert limits("Maximum creatinine of 1.5 mg/dL") == {"creatinine <= 1.5 mg/dL"}


@pytest.mark.parametrize(
    "text", ["Glucose-6-phosphate dehydrogenase deficiency", "glucose-6-phosphate", "CD4-positive T cells"]
)
def test_a_number_inside_a_word_is_no_limit(text: str) -> None:
    assert limits(text, "Exclusion") == set()


def test_younger_or_older_keep_their_directions() -> None:
    assert limits("Younger than 18 or older than 95", "Exclusion") == {"age < 18 a", "age > 95 a"}
    assert isinstance(reading("Younger than 18 or older than 95", "Exclusion"), Any)
    assert limits("Patients younger than 18 years or older than 75 years", "Exclusion") == {"age < 18 a", "age > 75 a"}


@pytest.mark.parametrize(
    ("text", "unit"), [("TSH <4 mU/L", "m[IU]/L"), ("TSH < 4 mIU/L", "m[IU]/L"), ("TSH < 4 µIU/mL", "u[IU]/mL")]
)
def test_thyrotropin_keeps_its_unit(text: str, unit: str) -> None:
    assert limits(text) == {f"tsh < 4 {unit}"}
    assert "missing-unit" not in codes(text)


def test_or_older_and_or_older_than() -> None:
    assert reading("18 years or older") == parse_predicate("age >= 18 years")
    assert limits("18 years or older than 18 years") <= {"age >= 18 a", "age > 18 a", "age = 18 a"}
    assert Op.GT in {
        getattr(node, "op", None) for node in nodes(reading("12 weeks pregnant or older than 40 years", "Exclusion"))
    }


@pytest.mark.parametrize("power", ["10⁹", "10^9", "10\\^9", "10E9", "10e9", "10**9", "10*9", "109"])
def test_a_power_of_ten_survives_however_it_is_written(power: str) -> None:
    assert limits(f"Platelets ≥ 100 × {power}/L") == {"platelets >= 100 10*9/L"}


def test_superscripts_are_rewritten_before_compatibility_forms() -> None:
    assert clean("1.5×10⁹/L").text == "1.5×10^9/L"
    assert clean("kg/m²").text == "kg/m2"


@pytest.mark.parametrize("text", ["Platelets > 100 000 000 quux 17", "ANC ≥ 1500 ≥ frob", "Creatinine ≤ 1.5 zorks/dL"])
def test_a_comparison_that_touches_a_leftover_is_flagged(text: str) -> None:
    rules = sentence(text)
    assert any(
        isinstance(node, NotUnderstood | Assumption | Choice) for made in rules.rules for node in nodes(made.predicate)
    )
    assert {"unparsed-formal", "missing-unit", "incomplete"} & codes(text)


def test_an_unknown_unit_is_not_taken_for_none() -> None:
    assert limits("Creatinine ≤ 1.5 zorks/dL") == set()


# ---- faults of other systems


def test_in_is_not_inches() -> None:
    assert limits("LDH > 200 U/L In the opinion of the investigator", "Exclusion") == {"ldh > 200 U/L"}
    assert [token.type for token in lex("LDH > 200 U/L In")][:4] == ["VAR", "GT", "NUM", "UNIT"]


@pytest.mark.parametrize(
    "text", ["Platelets > 50.000 /mmc", "Platelets > 50,000/mmc", "Platelets > 50 000 /mmc", "PLT > 50000/mmc"]
)
def test_a_point_may_group_thousands(text: str) -> None:
    assert limits(text) == {"platelets > 50000 /mm3"}


def test_a_point_is_a_decimal_point_where_that_is_plausible() -> None:
    assert limits("Hemoglobin > 9.000 g/dL") == {"hemoglobin > 9 g/dL"}


def test_millimolar_is_no_length() -> None:
    assert limits("Glucose > 6 mM", "Exclusion") == {"glucose > 6 mmol/L"}
    assert limits("Lesion > 6 mm", "Exclusion") <= {"tumor_size > 6 mm"}


@pytest.mark.parametrize(
    "text", ["Creatinine ≤1.25×ULN or CrCl ≥50 mL/min", "Creatinine ≤ 1.25 x ULN or CrCl ≥ 50 mL/min"]
)
def test_neither_or_nor_the_upper_limit_is_lost(text: str) -> None:
    assert reading(text) == parse_predicate("creatinine <= 1.25 ULN or creatinine_clearance >= 50 mL/min")


@pytest.mark.parametrize(
    "text",
    [
        "ALT ≤ 3 × ULN (≤ 5 × ULN if liver metastases)",
        "ALT ≤ 3 × ULN, ≤ 5 × ULN if liver metastases",
        "ALT ≤ 3 × ULN; ≤ 5 × ULN if liver metastases are present",
        "ALT ≤ 3 × ULN or ≤ 5 × ULN if liver metastases",
        "ALT ≤ 3 × ULN (or ≤ 5 × ULN in patients with liver metastases)",
    ],
)
def test_the_condition_of_a_limit_is_kept(text: str) -> None:
    expected = parse_predicate("if has(liver_metastasis) then alt <= 5 ULN else alt <= 3 ULN")
    assert reading(text) == expected
    rows = {(row["value"], bool(row["condition"])) for row in extract(sentence(text))}
    assert rows == {(3, False), (5, True)}


@pytest.mark.parametrize("text", ["60-89 years old", "Subjects 60-89 years old", "60 - 89 years of age"])
def test_sixty_is_no_list_number(text: str) -> None:
    assert limits(text) == {"age >= 60 a", "age <= 89 a"}


def test_sixty_is_no_list_number_at_the_beginning_of_a_list() -> None:
    rules = compile_trial(read("Inclusion Criteria:\n\n60-89 years old\nECOG 0-1\n\nExclusion Criteria:\n\nHIV\n", "T"))
    assert {"age >= 60", "age <= 89"} <= {f"{r['variable']} {r['op']} {r['value']}" for r in extract(rules)}


def test_hba1c_has_two_units_and_an_affine_way_between_them() -> None:
    assert limits("HbA1c > 75 mmol/mol", "Exclusion") == {"hba1c > 75 mmol/mol"}
    assert float(canonical("hba1c", Decimal(75), "mmol/mol")) == pytest.approx(9.01, abs=0.01)


def test_the_factor_of_glucose_serves_no_other_analyte() -> None:
    assert canonical("glucose", Decimal(1), "mmol/L") != canonical("cholesterol", Decimal(1), "mmol/L")
    with pytest.raises(UnitError):
        canonical("platelets", Decimal(1), "mmol/L")


@pytest.mark.parametrize(
    ("text", "expected"), [("K/uL", "10*3/uL"), ("10*9/L", "10*9/L"), ("u/l", "U/L"), ("IU/L", "U/L")]
)
def test_units_that_plain_libraries_misread(text: str, expected: str) -> None:
    variable = "platelets" if expected.startswith("10") else "alt"
    assert ucum(text, variable) == expected


@pytest.mark.parametrize("joined", ["<18 and >28", "< 18 kg/m2 and > 28 kg/m2"])
def test_nobody_is_below_18_and_above_28(joined: str) -> None:
    made = reading(f"BMI {joined}", "Exclusion")
    assert any(isinstance(node, Choice | Any) for node in nodes(made))
    assert {"bmi < 18 kg/m2", "bmi > 28 kg/m2"} == limits(f"BMI {joined}", "Exclusion")


def test_a_count_of_1500_billion_is_a_slip() -> None:
    assert "unit-slip" in codes("ANC <1500 109/L", "Exclusion")
    assert any(isinstance(node, Assumption) for node in nodes(reading("ANC <1500 109/L", "Exclusion")))


def test_greater_and_greater_or_equal_stay_apart() -> None:
    assert reading("Platelets > 100 x 10^9/L") != reading("Platelets ≥ 100 x 10^9/L")


def test_or_is_never_flattened_into_and() -> None:
    made = reading("ANC < 1000/µL or platelets < 75,000/µL", "Exclusion")
    assert made == parse_predicate("anc < 1000 /uL or platelets < 75000 /uL")
    assert isinstance(reading("ALT ≤ 3 x ULN or creatinine ≤ 1.5 mg/dL"), Any)


def test_a_paragraph_that_speaks_of_inclusion_criteria_is_not_dropped() -> None:
    text = "Inclusion Criteria:\n\n1. Meets the inclusion criteria of the parent study and ECOG 0-1\n"
    assert "ecog" in {row["variable"] for row in extract(compile_trial(read(text, "T")))}


def test_registry_age_and_text_age_both_screen() -> None:
    text = "Minimum age: 18 Years\n\nInclusion Criteria:\n\n1. Age ≥ 20 years\n"
    values = {row["value"] for row in extract(compile_trial(read(text, "T"))) if row["variable"] == "age"}
    assert 20 in values


def test_everything_stays_in_sight() -> None:
    rules = sentence("Zorp quux 12 frobs, ANC ≥ 1500/µL")
    assert Share.NOT_UNDERSTOOD in {entry.share for entry in rules.ledger}
    assert sum(entry.span.end - entry.span.start for entry in rules.ledger) >= len("Zorp quux 12 frobs, ANC ≥ 1500/µL")
