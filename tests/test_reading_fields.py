"""Limits as the texts of every field of medicine write them: comparisons, signs, steps, sexes, scales, pregnancies.

Every sentence here is made up.
"""

from __future__ import annotations

import pytest

from screening.build import compile_trial, extract
from screening.language import parse_predicate, print_predicate
from screening.predicates import All, Always, Any, IfElse, Not, Predicate
from screening.sections import read


def rows(text: str, side: str = "Inclusion") -> list[dict[str, object]]:
    return extract(compile_trial(read(f"{side} Criteria:\n\n* {text}\n", "T")))


def limits(text: str, side: str = "Inclusion") -> list[str]:
    return [
        " ".join(f"{row['variable']} {row['op']} {row['value']} {row['multiple_of'] or ''}".split())
        for row in rows(text, side)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CD4 count under or equal to 250 cells/mm3", ["cd4 <= 250"]),
        ("Duration of illness shorter than or equal to 4 years", ["disease_duration <= 4"]),
        ("Hb over or equal to 9 g/dL", ["hemoglobin >= 9"]),
        ("EDSS equal to or under 5", ["edss <= 5"]),
    ],
)
def test_or_equal_goes_with_every_comparison(text: str, expected: list[str]) -> None:
    assert limits(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ALT raised > twice upper normal", ["alt > 2 ULN"]),
        ("AST or ALT elevated > 4 times upper normal", ["ast > 4 ULN", "alt > 4 ULN"]),
    ],
)
def test_a_multiple_of_the_upper_normal_is_no_normal_value(text: str, expected: list[str]) -> None:
    assert limits(text, "Exclusion") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Body weight ≥ 55 kg (males) or 45 kg (females)", [("weight >= 55", "males"), ("weight >= 45", "females")]),
        (
            "Hemoglobin > 12 in men and 11 in postmenopausal women",
            [("hemoglobin > 12", "men"), ("hemoglobin > 11", "postmenopausal women")],
        ),
    ],
)
def test_the_value_of_the_other_sex_is_compared_alike(text: str, expected: list[tuple[str, str]]) -> None:
    found = [(f"{row['variable']} {row['op']} {row['value']}", row["condition"]) for row in rows(text)]
    assert found == expected


def test_the_rows_of_an_exclusion_say_for_which_sex_they_are() -> None:
    found = rows("Creatinine ≥ 1.3 mg/dL in women, ≥ 1.6 mg/dL in men", "Exclusion")
    assert {(row["value"], row["condition"]) for row in found} == {(1.3, "women"), (1.6, "men")}
    (both,) = rows("Male and Hb > 10 g/dL")
    assert both["condition"] is None


@pytest.mark.parametrize(
    "text",
    [
        "Change in FEV1 (forced expiratory volume in one second) ≥ 12 % after a bronchodilator",
        "A drop of more than 15 mmHg in diastolic blood pressure on standing",
        "Worsening of more than 1 EDSS point",
        "Hb decrease ≥ 2 g/dL",
        "Inability to perform > 4 METs",
    ],
)
def test_a_step_is_no_level(text: str) -> None:
    assert limits(text, "Exclusion") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RASS -1 to +1", ["rass >= -1", "rass <= 1"]),
        ("Spherical equivalent between -1.00 and -6.00 D", ["refraction >= -6", "refraction <= -1"]),
        ("Refractive error within ±5.0 D", ["refraction >= -5", "refraction <= 5"]),
        ("Blood pressure above 150 over 95", ["systolic_bp > 150", "diastolic_bp > 95"]),
        ("ECOG -1", ["ecog = 1"]),
    ],
)
def test_signs_of_numbers(text: str, expected: list[str]) -> None:
    assert limits(text) == expected


def test_an_age_range_that_lost_its_dash_is_assumed() -> None:
    found = rows("Healthy men, 18 55 years of age")
    assert [(row["op"], row["value"]) for row in found] == [(">=", 18), ("<=", 55)]
    assert all("lost-comparator" in str(row["assumptions"]) for row in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HDRS-21 score > 20", ["hamd > 20"]),
        ("CKD stages 3b to 5", ["ckd_stage >= 3"]),
        ("Stage 3 or 4 CKD", ["ckd_stage >= 3", "ckd_stage <= 4"]),
        ("Chronic kidney disease (stage 5) on dialysis", ["ckd_stage = 5"]),
        ("A score of 12 or more on the Patient Health Questionnaire (PHQ-9)", ["phq9 >= 12"]),
        (
            "American Society of Anesthesiologists (ASA) physical status classification I or II",
            ["asa >= 1", "asa <= 2"],
        ),
        ("Hoehn & Yahr, stage II and III", ["hoehn_yahr >= 2", "hoehn_yahr <= 3"]),
        ("NYHA class II, III or ambulatory IV", ["nyha >= 2"]),
        ("Muscle tone of the elbow ≤ 3 (Ashworth scale)", ["mas <= 3"]),
        ("Visual analogue scale pain score ≥ 40 mm", ["pain_nrs >= 40"]),
        ("VAS ≥ 50/100", ["pain_nrs >= 50"]),
        ("KOOS pain ≤ 75", ["koos <= 75"]),
        ("Lower limb tension index ≤ 75", []),
    ],
)
def test_scales(text: str, expected: list[str]) -> None:
    assert limits(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Singleton pregnancy at 37-41 weeks", ["gestational_age >= 37", "gestational_age <= 41"]),
        ("24 0/7 to 28 6/7 weeks by best estimate", ["gestational_age >= 168", "gestational_age <= 202"]),
        ("Infants born < 30 weeks", ["gestational_age < 30"]),
        ("Pregnant women ≥ 18 years", ["age >= 18"]),
        ("At least 6 weeks postpartum", []),
        ("Pregnancy test negative > 2 weeks before treatment", []),
    ],
)
def test_weeks_of_a_pregnancy(text: str, expected: list[str]) -> None:
    assert limits(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("More than 3 drinks per day", ["alcohol > 3"]),
        ("Apnea-hypopnea index between 5 and 30 per hour", ["ahi >= 5", "ahi <= 30"]),
        ("Albumin:creatinine ratio > 50 mg/g", ["acr > 50"]),
        ("PR < 120 ms or > 220 ms", ["pr_interval < 120", "pr_interval > 220"]),
        ("Pa02/Fi02 ratio < 300 mgHg", ["pf_ratio < 300"]),
        ("Less than 150 min/week of moderate physical activity", ["exercise < 150"]),
    ],
)
def test_names_and_units(text: str, expected: list[str]) -> None:
    assert limits(text) == expected


def test_a_parenthesis_between_a_name_and_its_limit_says_how_it_is_taken() -> None:
    assert limits("BMI ≤ 30 kg/m2, with a body weight (to one decimal place) ≥ 50 kg") == ["bmi <= 30", "weight >= 50"]


def test_a_reading_of_signs_is_printed_and_read_again() -> None:
    assert parse_predicate("refraction >= -6 [diop] and refraction <= -1 [diop]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Ferritin < 100 µg/L, or 100-299 µg/L with TSAT < 20 %",
            "ferritin < 100 ug/L or (ferritin >= 100 ug/L and ferritin <= 299 ug/L and tsat < 20 %)",
        ),
        (
            "Ferritin < 80 µg/L or ferritin between 80 and 250 µg/L when TSAT is below 18 %",
            "ferritin < 80 ug/L or (ferritin >= 80 ug/L and ferritin <= 250 ug/L and tsat < 18 %)",
        ),
        ("Type 1 or type 2 diabetes", "has(type_1_diabetes) or has(type_2_diabetes)"),
        ("Type I or II diabetes mellitus", "has(type_1_diabetes) or has(type_2_diabetes)"),
        ("Participants will be eligible if they are under 60 years of age", "age < 60 years"),
        ("HbA1c % between 7 and 10", "hba1c >= 7 % and hba1c <= 10 %"),
        ("IGA ≥ 2 (0-4 scale)", "iga >= 2"),
        ("Gleason score ≤ 7 (3+4)", "gleason <= 7"),
        ("Gleason 4+4 or higher", "gleason >= 8"),
    ],
)
def test_what_belongs_together(text: str, expected: str) -> None:
    (rule,) = compile_trial(read(f"Inclusion Criteria:\n\n* {text}\n", "T")).rules
    assert flat(rule.predicate) == flat(parse_predicate(expected))


def flat(made: Predicate) -> Predicate:
    """Conjunctions inside conjunctions as one."""
    match made:
        case All(items):
            parts = [part for item in map(flat, items) for part in (item.items if isinstance(item, All) else (item,))]
            return All(tuple(parts))
        case Any(items):
            return Any(tuple(map(flat, items)))
        case _:
            return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Functional class III as defined by the American College of Rheumatology (ACR)", []),
        ("HAM-D item 3 score ≥ 3", []),
        ("A score on item 9 of the PHQ-9 ≥ 1", []),
        ("Small for gestational age < 3rd percentile", []),
        ("Small for gestational age < 3 percentile", []),
        ("Not at blood pressure goal (140/90 mmHg)", []),
        ("PD > 4 mm in one or more sites", ["probing_depth > 4"]),
        ("Increase in ALT > 3 × ULN", ["alt > 3 ULN"]),
        ("Elevation of arterial carbon dioxide levels (> 45 mmHg)", ["paco2 > 45"]),
        ("Score > 9 on either the PHQ-9 or the GAD-7", ["phq9 > 9", "gad7 > 9"]),
    ],
)
def test_what_a_number_is_of(text: str, expected: list[str]) -> None:
    assert limits(text, "Exclusion") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Male and female children aged 6-12 weeks or 5-17 months", ["age >= 6", "age <= 12", "age >= 5", "age <= 17"]),
        ("Children aged 2-11 years and adolescents 12-17 years", ["age >= 2", "age <= 11", "age >= 12", "age <= 17"]),
    ],
)
def test_ages_of_two_groups(text: str, expected: list[str]) -> None:
    assert limits(text) == expected


def test_a_condition_behind_a_limit_of_an_exclusion_is_no_limit_of_its_own() -> None:
    found = rows("Smoking > 10 pack-years if ≥ 30 years of age", "Exclusion")
    assert [(row["variable"], row["condition"]) for row in found] == [("smoking", "≥ 30 years of age")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("born at 34 or more completed weeks", []),
        ("infants of ≥ 34 completed weeks of gestation", ["gestational_age >= 34"]),
        ("pregnancy between the 18th and 22nd gestational week", ["gestational_age >= 18", "gestational_age <= 22"]),
        ("born before the 31st week of gestation", ["gestational_age < 31"]),
        ("seen at the 12th week of treatment", []),
        ("adults of ages of 21 and 66 years", ["age >= 21", "age <= 66"]),
        ("aged 21 and over", ["age >= 21"]),
        ("-9 D ≤ SE ≤ +1.5 D", ["refraction >= -9", "refraction <= 1.5"]),
        ("Partial pressure of oxygen (PaO2) / FiO2 < 250", ["pf_ratio < 250"]),
        ("weight over height above 2 kg/cm", []),
        ("heavy drinking (> 45 g/d)", ["alcohol > 45"]),
        ("GMFCS level I; hypercapnia (> 50 mmHg)", ["gmfcs = 1", "paco2 > 50"]),
    ],
)
def test_weeks_in_order_signs_and_ratios(text: str, expected: list[str]) -> None:
    assert limits(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MADRS total of ≥ 22 in baseline", ["madrs >= 22"]),
        ("Body mass index = 19.0 and = 27.0 kg/m2", ["bmi >= 19", "bmi <= 27"]),
        ("involving BSA ≥ 12, PASI ≥ 11", ["body_area_affected >= 12", "pasi >= 11"]),
        ("pain ≥ 35 on a visual analogue scale ranging from 0 to 100", ["pain_nrs >= 35"]),
        ("tiredness of ≥ 6 on a VAS", []),
        ("NRS for pruritus of at least 5", ["itch_nrs >= 5"]),
        ("One drink equals 15 g of alcohol", []),
        ("calcium x phosphorus product > 68", []),
        ("the first item of the MADRS ≥ 2", []),
        ("the reduction rate of HAMD ≥ 20%", []),
        ("mean attachment level > 3 mm", ["cal > 3"]),
        ("ESR or C-reaction protein above the upper limit of normal", ["esr > 1 ULN", "crp > 1 ULN"]),
    ],
)
def test_scales_products_and_measures(text: str, expected: list[str]) -> None:
    assert limits(text) == expected


def only(text: str, side: str = "Inclusion") -> Predicate:
    (rule,) = compile_trial(read(f"{side} Criteria:\n\n* {text}\n", "T")).rules
    return rule.predicate


def test_what_follows_a_limit_of_one_sex_is_no_condition_of_it() -> None:
    made = only("QTc > 455 ms for men and > 465 ms for women, or heart failure", "Exclusion")
    assert isinstance(made, Any)
    assert made.items[-1] == parse_predicate("has(heart_failure)")
    within = only("ferritin > 90 ng/mL for women over 60 years of age, or cirrhosis", "Exclusion")
    assert [row["variable"] for row in rows("ferritin > 90 ng/mL for women over 60 years of age")] == ["ferritin"]
    assert isinstance(within, All | Any)


@pytest.mark.parametrize(
    "text",
    [
        "Female weight ≥ 44 kg, male weight ≥ 52 kg",
        "Females weighing ≥ 44 kg and males weighing ≥ 52 kg",
        "Women with a weight ≥ 44 kg\n* Men with a weight ≥ 52 kg",
    ],
)
def test_nobody_is_of_both_sexes(text: str) -> None:
    found = compile_trial(read(f"Inclusion Criteria:\n\n* {text}\n", "T")).rules
    parts = [
        part
        for rule in found
        for part in (rule.predicate.items if isinstance(rule.predicate, All) else [rule.predicate])
    ]
    assert [type(part) for part in parts] == [IfElse, IfElse]


def test_a_line_that_ends_within_its_sentence_goes_on() -> None:
    assert limits("ALT > 90 U/L or corrected QT interval (QTc) by\n  Fridericia > 445 ms", "Exclusion") == [
        "alt > 90",
        "qtc > 445",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "HbA1c ≤ 7.9% for patients aged < 61 years, ≤ 8.6% for patients aged ≥ 61 years",
            [("hba1c", "7.9", "< 61 years"), ("hba1c", "8.6", "≥ 61 years")],
        ),
        (
            "SBP < 155 mmHg if age ≥ 62 years or < 145 mmHg if age < 62 years",
            [("systolic_bp", "155", "age ≥ 62 years"), ("systolic_bp", "145", "age < 62 years")],
        ),
        (
            "Waist > 100 cm (men) or > 86 cm (women) and triglycerides ≥ 160 mg/dL",
            [("waist", "100", "men"), ("waist", "86", "women"), ("triglycerides", "160", None)],
        ),
        (
            "men over 41 years and postmenopausal women with LDL > 125 mg/dL",
            [("age", "41", "men"), ("ldl", "125", "postmenopausal women")],
        ),
    ],
)
def test_each_limit_binds_its_own_people(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    assert [(row["variable"], str(row["value"]), row["condition"]) for row in rows(text)] == expected
    (rule,) = compile_trial(read(f"Inclusion Criteria:\n\n* {text}\n", "T")).rules
    assert isinstance(rule.predicate, All)


@pytest.mark.parametrize(
    "text",
    [
        "BP < 135/85 mmHg, or < 155/95 mmHg if age ≥ 61 years",
        "platelets ≥ 95 × 10^9/L or ≥ 45 × 10^9/L in patients with marrow involvement",
    ],
)
def test_the_second_limit_is_that_of_the_condition_and_the_first_of_the_others(text: str) -> None:
    made = only(text)
    assert isinstance(made, IfElse)
    assert not isinstance(made.otherwise, Always)


def test_what_is_not_hdl() -> None:
    assert limits("LDL-C ≥ 75 mg/dL or non-HDL-C ≥ 105 mg/dL") == ["ldl >= 75", "non_hdl >= 105"]
    assert limits("ESS > 11") == ["epworth > 11"]


def test_the_age_of_adults_behind_a_limit_is_asked_of_everybody() -> None:
    assert limits("BMI ≥ 26 kg/m2 in adults ≥ 19 years") == ["bmi >= 26", "age >= 19"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cohort A: HbA1c 7-10 %; Cohort B: HbA1c 6-9 %", ["Cohort A", "Cohort B"]),
        ("For Part 2 only: ECOG 0-1", ["Part 2 only"]),
        ("Dose escalation: ECOG 0-1. Dose expansion: ECOG 0-2.", ["Dose escalation", "Dose expansion"]),
        ("ECOG 0-1; hemoglobin ≥ 9 g/dL", [None, None]),
    ],
)
def test_a_limit_keeps_the_group_it_is_for(text: str, expected: list[str | None]) -> None:
    assert [rule.cohort for rule in compile_trial(read(f"Inclusion Criteria:\n\n* {text}\n", "T")).rules] == expected


def test_an_upper_limit_that_the_trial_defines_in_a_unit_of_another_quantity_is_none_of_it() -> None:
    text = "Creatinine at least three times the upper limit of normal (a level of 45 units per liter is considered the upper limit of normal)"
    rules = compile_trial(read(f"Exclusion Criteria:\n\n* {text}\n", "T")).rules
    assert any("3 ULN" in print_predicate(rule.predicate) for rule in rules)
    for rule in rules:
        assert parse_predicate(print_predicate(rule.predicate)) == rule.predicate


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("Patients with HIV are eligible if CD4 > 350/µL", True),
        ("Participants enrolled in a drug study when diabetes was diagnosed < 30 days ago", False),
        ("Subjects who participate in sports if hemoglobin < 10 g/dL", False),
    ],
)
def test_only_a_permission_among_exclusions_shuts_out_who_does_not_meet_it(text: str, *, turned: bool) -> None:
    found = compile_trial(read(f"Exclusion Criteria:\n\n* {text}\n", "T")).rules
    assert [isinstance(rule.predicate, Not) for rule in found] == [turned]
