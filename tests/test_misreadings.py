"""Sentences that make a trial impossible when they are taken for demands on everybody, each read as what it is."""

from __future__ import annotations

import pytest

from screening.build import compile_trial
from screening.language import parse_predicate, print_flat
from screening.predicates import Advisory, Always, Any, IfElse, Judgement
from screening.ruleset.model import Rule
from screening.sections import read
from tests.readings import reading


def rules(text: str, side: str = "Inclusion") -> list[Rule]:
    return [rule for rule in compile_trial(read(f"{side} Criteria:\n\n{text}\n", "T")).rules if rule.id[0] != "R"]


def said(text: str, side: str = "Inclusion") -> str:
    return print_flat(reading(text, side))


# ---- a group as the subject


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("Male patients must not donate sperm for three months.", "sex is male"),
        ("Female subjects agree to use a condom.", "sex is female"),
        ("Men are advised not to father a child.", "sex is male"),
        ("Also women should be willing to keep a diary.", "sex is female"),
        ("Patients with asthma must be stable on inhalers.", "has(asthma)"),
        ("Subjects with diabetes should have a recent eye check.", "has(diabetes)"),
        ("In patients who have received cisplatin, recovery must be documented.", "had(cisplatin)"),
    ],
)
def test_a_group_is_a_condition_not_a_demand(text: str, condition: str) -> None:
    made = reading(text)
    assert isinstance(made, IfElse)
    assert made.condition == parse_predicate(condition)
    assert made.otherwise == Always()


def test_a_limit_binds_only_the_group_it_names() -> None:
    assert reading("Subjects with diabetes must have HbA1c < 8 %") == parse_predicate(
        "if has(diabetes) then hba1c < 8 % else always"
    )
    assert reading("LDL < 100 mg/dL for women age 20-29 years") == parse_predicate(
        "if sex is female and (age >= 20 years and age <= 29 years) then ldl < 100 mg/dL else always"
    )


def test_a_group_at_the_end_is_a_condition() -> None:
    made = reading("A pregnancy test is required for all women of childbearing potential")
    assert isinstance(made, IfElse)
    assert isinstance(made.then, Judgement)


def test_the_age_and_sex_of_everybody_stay_demands() -> None:
    assert reading("Patients must be male") == parse_predicate("sex is male")
    assert reading("Women must be between 20 and 70 years of age.") == parse_predicate(
        "sex is female and (age >= 20 years and age <= 70 years)"
    )
    assert reading("Men and women must be 18 years or older") == parse_predicate("age >= 18 years")
    assert said("Pregnant women must be excluded") == "not has(pregnancy)"


# ---- notes, definitions, the course of the study


@pytest.mark.parametrize(
    "text",
    [
        "NOTE: low-dose aspirin is fine.",
        "Should a woman become pregnant while participating, she should inform her doctor.",
        "If a participant becomes pregnant during the study she will be asked to notify the site.",
        "Knee surgery will be performed after completion of chemotherapy.",
        "Minor surgery will be defined as removal of a skin lesion.",
        "A practical definition accepts menopause after one year without menses, e.g. > 45 years.",
        "NOTE: an eGFR < 50 mL/min may be verified by a second test.",
    ],
)
def test_remarks_ask_nothing(text: str) -> None:
    assert isinstance(reading(text), Advisory)


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("NOTE: aspirin must be stopped.", "Inclusion"),
        ("They must have had their diabetes for a year.", "Inclusion"),
        ("Hormonal therapy must stop at study entry.", "Inclusion"),
        ("Patients need radiotherapy during the trial.", "Exclusion"),
    ],
)
def test_what_binds_others_or_lies_ahead_is_for_a_person(text: str, side: str) -> None:
    assert isinstance(reading(text, side), Judgement)


def test_a_note_that_shuts_out_still_does() -> None:
    assert "asthma" in said("NOTE: patients with asthma are excluded", "Exclusion")


# ---- words beside a finding


@pytest.mark.parametrize("text", ["Tumours of frobnal malignancy", "Any frobnal emergency related to asthma"])
def test_unread_words_narrow_what_excludes(text: str) -> None:
    assert " or " not in said(text, "Exclusion")
    assert "not understood" in said(text, "Exclusion")


# ---- what a treatment was for, and findings run together


def test_what_a_treatment_was_for_is_neither_asked_for_nor_denied() -> None:
    assert said("No prior chemotherapy for lung cancer") == ('not (had(chemotherapy) and judgement "for lung cancer")')
    assert "cancer)" not in said("No prior systemic therapy for this breast cancer")
    assert said("Radiotherapy for brain metastases within 2 weeks", "Exclusion") == (
        'had(radiotherapy) within 2 weeks and judgement "for brain metastases"'
    )


def test_findings_run_together_are_alternatives_and_the_window_is_the_seconds() -> None:
    made = said("Taking any anticancer drug Major surgery three weeks before enrollment", "Exclusion")
    assert made == "has(anticancer_drug) or had(major_surgery) within 3 weeks before enrolment"


# ---- lists


def test_a_heading_that_names_a_group_binds_its_list_to_the_group() -> None:
    found = rules("1. For patients with solid tumors:\n   - platelets ≥ 100 x 10^9/L\n   - hemoglobin ≥ 8 g/dL")
    assert [print_flat(rule.predicate) for rule in found] == [
        "if has(solid_tumour) then platelets >= 100 10*9/L else always",
        "if has(solid_tumour) then hemoglobin >= 8 g/dL else always",
    ]


def test_lines_that_end_or_begin_with_or_are_alternatives() -> None:
    made = reading("Male patients, even if sterilized, who:\n   - have asthma OR\n   - have diabetes")
    assert print_flat(made) == (
        "(if sex is male then has(asthma) else always) or (if sex is male then has(diabetes) else always)"
    )
    assert [print_flat(rule.predicate) for rule in rules("1. Diabetes\n2. OR asthma\n3. Gout")] == [
        "has(diabetes) or has(asthma)",
        "has(gout)",
    ]
    assert said("Creatinine ≤ 1.5 × ULN; or creatinine clearance ≥ 50 mL/min") == (
        "creatinine <= 1.5 ULN or creatinine_clearance >= 50 mL/min"
    )


def test_the_lines_of_a_definition_are_no_demands() -> None:
    found = rules("1. Women who are postmenopausal, defined as:\n   - ≥ 45 years of age\n   - no menses for > 2 years")
    assert [isinstance(rule.predicate, Advisory) for rule in found] == [False, True, True]


def test_a_note_behind_a_limit_is_a_sentence_of_its_own() -> None:
    found = rules("1. Age ≥ 18 years NOTE: children are not studied.")
    assert print_flat(found[0].predicate) == "age >= 18 years"
    assert isinstance(found[1].predicate, Advisory)


# ---- demands among exclusions, and permissions


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Systemic steroid treatment is not allowed.", "has(systemic_steroids)"),
        ("Must not have received chemotherapy within 4 weeks", "had(chemotherapy) within 4 weeks"),
        ("Patients may not be pregnant", "has(pregnancy)"),
        ("Female subjects must be postmenopausal", "not (if sex is female then has(postmenopausal) else always)"),
        ("Asthma. Mild asthma is allowed.", "has(asthma) except has(mild asthma)"),
    ],
)
def test_among_exclusions_what_is_forbidden_shuts_out(text: str, wanted: str) -> None:
    assert said(text, "Exclusion") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Use of nasal steroids is not exclusionary.",
        "Patients with ANC ≤ 1.0 x 10^9/L may receive G-CSF to bring ANC to ≥ 1.0 x 10^9/L",
        "Mild eczema is not considered active disease.",
    ],
)
def test_a_permission_asks_for_nothing(text: str) -> None:
    assert isinstance(reading(text), Advisory)


def test_eligible_regardless_is_an_alternative_to_the_limit_before() -> None:
    made = reading(
        "Creatinine clearance ≥ 60 mL/min by Cockcroft-Gault. "
        "Subjects with measured creatinine clearance ≥ 50 mL/min will be eligible irrespective of the estimate."
    )
    assert isinstance(made, Any)


def test_a_label_in_capitals_is_no_part_of_the_criterion() -> None:
    assert said("REGISTRATION: Uncontrolled diabetes", "Exclusion") == "has(uncontrolled diabetes)"


def test_that_risks_are_unknown_asks_nothing() -> None:
    assert isinstance(reading("The effects of olaparib on the human fetus are unknown."), Advisory)


# ---- limits and findings for one sex, in exclusions as in inclusions


@pytest.mark.parametrize(
    ("sentence", "meaning"),
    [
        (
            "QTc > 470 ms in women or > 450 ms in men",
            "(sex is male and qtc > 450 ms) or (sex is female and qtc > 470 ms)",
        ),
        ("QTc > 450 ms (men), > 470 ms (women)", "(sex is female and qtc > 470 ms) or (sex is male and qtc > 450 ms)"),
        ("QTc > 450 ms in men", "sex is male and qtc > 450 ms"),
        ("Hemoglobin < 8 g/dL in women", "sex is female and hemoglobin < 8 g/dL"),
        ("QTc ≥ 450 ms (≥ 470 ms for women)", "if sex is female then qtc >= 470 ms else qtc >= 450 ms"),
        ("Women with hypertension", "sex is female and has(hypertension)"),
        ("In women, QTc > 470 ms", "sex is female and qtc > 470 ms"),
        ("In diabetic patients, HbA1c > 8 %", "has(diabetes) and hba1c > 8 %"),
        ("Men", "sex is male"),
        ("Hypertension in women", "sex is female and has(hypertension)"),
    ],
)
def test_an_exclusion_for_one_sex_excludes_nobody_else(sentence: str, meaning: str) -> None:
    assert reading(sentence, "Exclusion") == parse_predicate(meaning)


def test_a_limit_for_a_group_asks_nothing_of_others() -> None:
    assert reading("In women, QTc ≤ 470 ms") == parse_predicate("if sex is female then qtc <= 470 ms else always")
