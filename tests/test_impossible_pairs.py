"""Readings that made a trial impossible, or a criterion idle, though its sentences did not: each read as what it says."""

from __future__ import annotations

import pytest

from screening.build import compile_trial
from screening.language import parse_predicate, print_flat
from screening.linter import lint
from screening.predicates import All, Judgement, NotUnderstood, Predicate
from screening.ruleset.model import Rule
from screening.sections import read
from tests.readings import nodes


def rules(text: str, side: str = "Exclusion") -> list[Rule]:
    made = compile_trial(read(f"{side} Criteria:\n{text}\n", "T"))
    return [rule for rule in made.rules if rule.id[0] != "R"]


def reading(text: str, side: str = "Exclusion") -> Predicate:
    found = rules(f"1. {text}", side)
    assert len(found) == 1, [rule.text for rule in found]
    return found[0].predicate


def findings(inclusion: str, exclusion: str) -> set[str]:
    text = f"Inclusion Criteria:\n1. {inclusion}\nExclusion Criteria:\n1. {exclusion}\n"
    return {one.code for one in lint(compile_trial(read(text, "T")))}


# ---- what is still to come, and what belongs to somebody else


@pytest.mark.parametrize(
    "text",
    [
        "Patients scheduled for a hip replacement",
        "Undergoing a knee replacement",
        "Patients who will have breast surgery",
        "Elective splenectomy",
        "About to undergo gastrectomy",
        "Awaiting liver biopsy",
        "His partner is pregnant",
        "Parents with epilepsy",
        "The risk of developing breast cancer",
    ],
)
def test_what_no_record_of_the_patient_tells_is_for_a_person(text: str) -> None:
    assert isinstance(reading(text, "Inclusion"), Judgement)


def test_who_goes_on_with_a_treatment_has_it_now() -> None:
    assert reading("Undergoing hemodialysis") == parse_predicate("has(haemodialysis)")
    assert reading("Concurrent chemotherapy, immunotherapy or radiotherapy") == parse_predicate(
        "has(chemotherapy) or has(immunotherapy) or has(radiotherapy)"
    )


def test_surgery_to_come_and_surgery_of_the_past_do_not_exclude_each_other() -> None:
    assert not findings("Scheduled for cardiac surgery", "Prior cardiac surgery") & {"nobody-can-pass", "never-decides"}


# ---- one phrase


def test_words_around_a_parenthesis_narrow_one_finding() -> None:
    made = reading("Dorsal displaced (type D) fractures of the wrist")
    assert isinstance(made, All)
    assert {type(node).__name__ for node in nodes(made)} >= {"NotUnderstood", "Presence"}


def test_a_group_of_women_is_not_all_women() -> None:
    assert print_flat(reading("Pregnant or lactating (breastfeeding) women")).endswith("and sex is female")
    assert reading("If female, is pregnant or breastfeeding") == parse_predicate(
        "sex is female and (has(pregnancy) or has(breastfeeding))"
    )
    assert reading("If female, is not pregnant", "Inclusion") == parse_predicate(
        "if sex is female then not has(pregnancy) else always"
    )


def test_parts_of_words_and_short_forms_in_parentheses_are_no_asides() -> None:
    assert reading("Has not received (neo)adjuvant chemotherapy") == parse_predicate(
        'not (had(chemotherapy) and judgement "(neo)adjuvant chemotherapy")'
    )
    assert NotUnderstood not in {type(node) for node in nodes(reading("Carcinoma in situ (CIS)"))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acute or chronic leukaemia", "has(acute leukaemia) or has(chronic leukaemia)"),
        ("Active or latent tuberculosis", "has(active tuberculosis) or has(latent_tuberculosis)"),
        ("Acute/chronic pancreatitis", "has(acute pancreatitis) or has(chronic pancreatitis)"),
        ("Previous or current depression", "had(depression) or has(depression)"),
        ("Untreated brain metastases", "has(untreated brain_metastasis)"),
    ],
)
def test_modifiers_share_the_noun_behind_them(text: str, expected: str) -> None:
    assert reading(text) == parse_predicate(expected)


@pytest.mark.parametrize(
    "text", ["Non-ischaemic cardiomyopathy", "Hepatitis B vaccine", "A stroke unit", "Asthma clinic"]
)
def test_a_name_inside_another_is_no_finding(text: str) -> None:
    assert isinstance(reading(text), NotUnderstood | Judgement) or "not understood" in print_flat(reading(text))
    assert "has(coronary" not in print_flat(reading(text))
    assert "has(hepatitis_b)" not in print_flat(reading(text))


def test_what_is_denied_behind_a_finding_is_not_the_finding() -> None:
    for text in ("Psoriasis not requiring systemic therapy", "Psoriasis without blorbs"):
        made = reading(text)
        assert parse_predicate("has(psoriasis)") in nodes(made)
        assert "not has" not in print_flat(made)


# ---- drugs and treatments that are not taken or done


def test_a_drug_behind_an_allergy_is_not_taken() -> None:
    for text in ("Allergy to warfarin", "Known allergies to warfarin, metformin or aspirin"):
        assert "has(warfarin)" not in print_flat(reading(text))
        assert "has(metformin)" not in print_flat(reading(text))
    assert print_flat(reading("Allergy to warfarin, pregnancy")).endswith("has(pregnancy)")


def test_what_dates_a_finding_is_no_demand() -> None:
    made = print_flat(reading("Kidney injury at the time of surgery"))
    assert "had(surgery)" not in made
    assert "judgement" in made


def test_the_width_of_a_scale_is_no_limit() -> None:
    assert reading("Pain of 3 or higher on a 10 point scale") == parse_predicate("pain_nrs >= 3")
    assert reading("Pain > 5 on a scale of 0 to 10") == parse_predicate("pain_nrs > 5")


# ---- groups


def test_the_limit_of_a_group_replaces_the_one_before() -> None:
    lines = "1. Platelets ≥ 90 x 10^9/L\n2. For patients with cirrhosis: platelets ≥ 60 x 10^9/L"
    (only,) = rules(lines, "Inclusion")
    assert only.predicate == parse_predicate(
        "if has(cirrhosis) then platelets >= 60 10*9/L else platelets >= 90 10*9/L"
    )
    lines = "1. AST > 3 x ULN\n2. AST > 6 x ULN in patients with liver metastases"
    (only,) = rules(lines)
    assert only.predicate == parse_predicate("if has(liver_metastasis) then ast > 6 ULN else ast > 3 ULN")


def test_a_tighter_or_other_limit_stays_a_criterion_of_its_own() -> None:
    assert len(rules("1. AST > 6 x ULN\n2. AST > 3 x ULN in patients with liver metastases")) == 2
    assert len(rules("1. AST > 3 x ULN\n2. ALT > 6 x ULN in patients with liver metastases")) == 2


def test_a_group_in_parentheses_or_before_a_colon_binds_only_itself() -> None:
    made = print_flat(reading("No history of stroke (control group)", "Inclusion"))
    assert made == 'if judgement "control group" then not had(stroke) else always'
    assert print_flat(reading("Lymphoma patients: ECOG 0-2", "Inclusion")).startswith("if has(lymphoma) then ecog in")


def test_the_age_of_a_child_or_of_the_onset_is_not_the_patients() -> None:
    for text in ("Have at least one child ≤ 6 years of age", "Onset of deafness (> 3 years of age)"):
        assert "age <" not in print_flat(reading(text, "Inclusion"))
        assert "age >" not in print_flat(reading(text, "Inclusion"))


# ---- lines that introduce, and exceptions apart


def test_a_line_that_introduces_a_list_asks_for_nothing_itself() -> None:
    (only,) = rules("1. Any of the following heart conditions within 6 months:\n   - angina\n   - stroke")
    assert only.predicate == parse_predicate("had(angina) within 6 months or had(stroke) within 6 months")
    (only,) = rules("1. One of the following cancers:\n   - melanoma\n   - thymoma", "Inclusion")
    assert only.predicate == parse_predicate("has(melanoma) or has(thymoma)")


def test_exceptions_in_a_sentence_or_list_of_their_own_soften_the_criterion_before() -> None:
    expected = parse_predicate("has(autoimmune_disease excluding vitiligo)")
    assert reading("Autoimmune disease. The only exception is vitiligo.") == expected
    (only,) = rules("1. Hormone therapy with the following exceptions:\n   - tamoxifen\n   - raloxifene")
    assert print_flat(only.predicate) == "has(hormone_therapy) except (has(tamoxifen) or has(raloxifene))"
    assert rules("1. The only exception is vitiligo.")[0].kind == "advisory"


# ---- limits for each sex, methods, "and"


def test_limits_for_each_sex_on_one_line() -> None:
    expected = "(sex is female and qtc > 470 ms) or (sex is male and qtc > 450 ms)"
    assert reading("QTc > 450 ms in men and > 470 ms in women on a screening ECG") == parse_predicate(expected)
    assert reading("HDL < 50/40 mg/dL (F/M)") == parse_predicate(
        "if sex is female then hdl < 50 mg/dL else hdl < 40 mg/dL"
    )


def test_what_a_value_is_read_from_says_nothing_more() -> None:
    assert reading("QTc > 480 ms on ECG") == parse_predicate("qtc > 480 ms")
    assert reading("LVEF < 45 % by echo or MUGA") == parse_predicate("lvef[echo] < 45 % or lvef[muga] < 45 %")


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Platelets < 20 x 10^9/L and INR > 5", True),
        ("Hepatitis B and viral load > 100 IU/mL", False),
        ("Angina, ventricular tachycardia and atrial fibrillation, heart block", False),
        ("Epilepsy and unable to drive", False),
    ],
)
def test_and_is_doubtful_only_where_the_sentence_does_not_tell(text: str, asks: bool) -> None:
    codes = {one.code for rule in rules(f"1. {text}") for one in rule.diagnostics}
    assert ("ambiguous-and-or" in codes) is asks


# ---- proofs


def test_words_of_two_sentences_are_not_one_question() -> None:
    inclusion = "Asthma flare at the Nimbus visit"
    assert "nobody-can-pass" not in findings(inclusion, "IOP > 21 mmHg at the Nimbus visit")


def test_a_pair_of_limits_is_told_once() -> None:
    text = "Inclusion Criteria:\n1. LDL < 100 mg/dL\n2. LDL < 130 mg/dL\n"
    codes = [one.code for one in lint(compile_trial(read(text, "T")))]
    assert codes.count("duplicate-threshold") == 1
    assert "never-decides" not in codes


# ---- another than the one asked for, and what a denial governs


def test_other_things_of_a_kind_are_not_the_one_asked_for() -> None:
    asked = "Inclusion Criteria:\n1. Receiving epirubicin\n2. Prior breast surgery\nExclusion Criteria:\n"
    made = compile_trial(
        read(asked + "1. Other concurrent chemotherapy\n2. Other surgery\n3. Other breast surgery\n", "T")
    )
    first, second, third = (rule.predicate for rule in made.rules if rule.id[0] == "E")
    assert first == parse_predicate("has(chemotherapy excluding epirubicin)")
    assert second == parse_predicate("had(surgery excluding breast_surgery)")
    assert any(isinstance(node, Judgement) for node in nodes(third))


def test_an_exception_at_the_end_is_for_each_alternative() -> None:
    made = print_flat(reading("Diagnosis of any cancer or any tumor other than colorectal cancer"))
    assert "malignancy excluding colorectal_cancer" in made


def test_a_denial_governs_the_finding_with_the_words_that_narrow_it() -> None:
    made = print_flat(reading("No radiotherapy to the left blorb", "Inclusion"))
    assert made == 'not (had(radiotherapy) and not understood "left blorb")'
