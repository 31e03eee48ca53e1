"""Classes of text from all fields of medicine and how a careful reader takes them; every sentence here is made up."""

from __future__ import annotations

import pytest

from screening.build import extract, windows
from screening.language import parse_predicate
from screening.predicates import NotUnderstood
from screening.sections import read
from tests.readings import compiled, reading


def limits(text: str, side: str = "Inclusion") -> list[str]:
    rows = extract(compiled(f"* {text}", side))
    return [f"{row['variable']} {row['op']} {row['value']}" for row in rows]


# ---- alternatives


@pytest.mark.parametrize("side", ["Inclusion", "Exclusion"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BNP > 150 pg/mL (or NT-proBNP > 600 pg/mL)", "bnp > 150 pg/mL or nt_probnp > 600 pg/mL"),
        (
            "LVEF < 40 % (or shortening fraction < 20 %)",
            "one method any of (lvef < 40 %, shortening_fraction < 20 %)",
        ),
        ("Hypertension (or systolic BP > 140 mmHg)", "has(hypertension) or systolic_bp > 140 mm[Hg]"),
    ],
)
def test_or_inside_a_parenthesis_is_an_alternative(text: str, expected: str, side: str) -> None:
    assert reading(text, side) == parse_predicate(expected)


def test_or_before_a_conditional_limit_in_a_parenthesis_replaces() -> None:
    made = reading("ALT ≤ 3 × ULN (or ≤ 5 × ULN if liver metastases)")
    assert made == parse_predicate("if has(liver_metastasis) then alt <= 5 ULN else alt <= 3 ULN")


@pytest.mark.parametrize(
    "text",
    [
        "TSH < 4 mIU/L if on amiodarone or < 10 mIU/L if not",
        "TSH < 4 mIU/L if on amiodarone, otherwise < 10 mIU/L",
    ],
)
def test_a_limit_for_the_rest_does_not_bind_those_of_the_condition(text: str) -> None:
    made = parse_predicate("if has(amiodarone) then tsh < 4 m[IU]/L else tsh < 10 m[IU]/L")
    assert reading(text) == made


# ---- lists


def test_a_list_under_so_many_of_the_following_asks_for_so_many() -> None:
    text = "* Two or more of the following risk factors:\n\n   * diabetes\n   * smoking\n   * LDL > 130 mg/dL"
    made = compiled(text, "Exclusion").rules[0]
    assert made.predicate == parse_predicate("at least 2 of (has(diabetes), has(smoking), ldl > 130 mg/dL)")
    assert not made.diagnostics


def test_a_heading_that_counts_a_kind_only_describes_its_list() -> None:
    text = "* At least 1 new organ dysfunction defined by the following:\n\n   * Lactate ≥ 3 mmol/L\n   * Seizures"
    assert compiled(text).rules[0].predicate == parse_predicate("lactate >= 3 mmol/L or has(seizures)")
    text = text.replace("At least 1", "Two or more")
    assert compiled(text).rules[0].predicate == parse_predicate("at least 2 of (lactate >= 3 mmol/L, has(seizures))")


def test_either_above_a_list_makes_alternatives_and_keeps_each_item_whole() -> None:
    text = (
        "1. Must have either a or b:\n\n   1. gout\n   2. asthma, defined by\n\n      * FEV1 < 80 %\n      * FEV1/FVC < 70 %"
        "\n2. Age ≥ 18 years"
    )
    first, second = compiled(text).rules
    assert first.predicate == parse_predicate("has(gout) or (has(asthma) and fev1 < 80 % and fev1_fvc < 70 %)")
    assert second.predicate == parse_predicate("age >= 18 years")


def test_a_kind_of_disease_above_its_list_is_none_of_the_exclusions() -> None:
    text = "* Any of the following heart diseases within 6 months before screening:\n\n   * stroke\n   * angina"
    (rule,) = compiled(text, "Exclusion").rules
    assert rule.predicate == parse_predicate(
        "had(stroke) within 6 months before screening or had(angina) within 6 months before screening"
    )


def test_a_number_at_the_margin_goes_on_with_the_list_of_the_margin() -> None:
    text = "1. Gout\n2. Liver disease with\n\n   1. ascites\n   2. jaundice\n3. Asthma"
    assert [rule.id for rule in compiled(text).rules][-1] == "I3"


@pytest.mark.parametrize("text", ["Clinically stable", "CT scan", "Previous cases"])
def test_a_line_of_small_words_is_shown(text: str) -> None:
    assert isinstance(reading(text), NotUnderstood)


# ---- numbers that are no limits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FEV1 < 80 % at visit 1 or < 90 % at visit 2", ["fev1 < 80", "fev1 < 90"]),
        ("Rheumatoid arthritis by the ACR 1987 criteria", []),
        ("Difference between the two hemoglobin values ≤ 1.3 g/dL", []),
        ("Reversibility of airway obstruction (FEV1 ≥ 12 %)", []),
        ("Smoked at least 10 pack-years (1 pack-year = 20 cigarettes a day for 1 year)", ["smoking >= 10"]),
        ("Children born to mothers aged 18 years or more", []),
        ("Infants whose mothers are at least 18 years of age", []),
        ("Never pregnant beyond 19 weeks, at 20 weeks of gestation", []),
        ("ALT > x3 the upper limit of normal", ["alt > 3"]),
        ("ALT < x 3 ULN", ["alt < 3"]),
        ("AST/ALT > 2", ["ast_alt_ratio > 2"]),
        ("AST/ALT < 2 × ULN", ["ast < 2", "alt < 2"]),
        (
            "Hemoglobin ≥ 9 g/dL and the difference between the lowest and the highest level is < 1.2 g/dL",
            ["hemoglobin >= 9"],
        ),
        ("Platelets < 100 x10^9/L, or a drop of 50 x10^9/L", ["platelets < 100"]),
        ("Corrected count increment (CCI) < 5000 /uL", ["platelet_increment < 5000"]),
        ("Still intubated at 2 weeks of age", []),
        ("Never pregnant, no birth after 20 weeks of gestation", []),
        ("BMI before the 12th week, measured within 4 weeks, ≥ 40 kg/m2", ["bmi >= 40"]),
    ],
)
def test_numbers_are_limits_of_what_they_measure(text: str, expected: list[str]) -> None:
    assert [row for row in limits(text) if not row.startswith("gestational")] == expected
    assert not windows(compiled(f"* {text}")) or "week" in text


# ---- writing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Gestational age from 34+0/7 to 36+4/7 weeks",
            "gestational_age >= 238 days and gestational_age <= 256 days",
        ),
        ("> 32 and < 37 weeks' gestational age", "gestational_age > 32 weeks and gestational_age < 37 weeks"),
        ("Hoehn \\& Yahr (H\\&Y) stage I-III", "hoehn_yahr in {1, 2, 3}"),
        ("18 YOA or older", "age >= 18 years"),
        ("HBV DNA ≥ 4 log copies/mL", "hbv_dna_log_copies >= 4 {log_copies}/mL"),
        ("eGFR < 70 milliliter (mL)/minute (min)/1.73m²", "egfr < 70 mL/min/{1.73_m2}"),
        ("BMI ≤ 35 kilograms per meter squared (kg/m²)", "bmi <= 35 kg/m2"),
        ("Hematocrit > 34 vol%", "hematocrit > 34 %"),
        ("BMI between 18 and 35 kilogram (kg)/meter (m)2", "bmi >= 18 kg/m2 and bmi <= 35 kg/m2"),
        ("PANSS total score ≥ to 70", "panss >= 70"),
        ("Pulse frequency ≥ 51 beats per minute", "heart_rate >= 51 /min"),
        ("≥ 2 painful and ≥ 2 swollen joints", "tender_joints >= 2 and swollen_joints >= 2"),
        (
            "Males and non-pregnant, non-lactating females",
            "sex is male or (not has(pregnancy) and not has(breastfeeding))",
        ),
        ("The patient has a score in CGI-S scale of 4 or greater", "cgi_s >= 4"),
        ("spKt/V ≥ 1.2", "kt_v >= 1.2"),
        ("Liver elasticity measurement > 12 kPa", "max(fibroscan) > 12 kPa"),
    ],
)
def test_ways_of_writing(text: str, expected: str) -> None:
    assert reading(text) == parse_predicate(expected)


def test_weeks_whose_days_lost_their_place_are_repaired_and_noted() -> None:
    (rule,) = compiled("* Gestational age between 240/7 and 336/7 weeks").rules
    assert rule.predicate == parse_predicate("gestational_age >= 168 days and gestational_age <= 237 days")
    assert {one.code for one in rule.diagnostics} == {"repaired-superscript"}


# ---- sides and windows


def test_a_side_heading_may_name_its_patients_without_a_colon() -> None:
    made = read("Inclusion Criteria:\n\n* Gout\n\nExclusion Criteria Burn patients\n\n* Asthma\n", "T")
    assert [item.side.value for item in made.items] == ["inclusion", "exclusion"]


def test_a_window_in_a_parenthesis_dates_its_own_item_and_those_before() -> None:
    made = reading("Chemotherapy or blorbs (within 3 months), or radiotherapy (within 4 weeks)", "Exclusion")
    assert made == parse_predicate(
        'had(chemotherapy) within 3 months or not understood "blorbs" or had(radiotherapy) within 4 weeks'
    )
