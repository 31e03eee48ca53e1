"""Classes of text from oncology and haematology and how a careful reader takes them; every sentence here is made up."""

from __future__ import annotations

import pytest

from screening.build import compile_trial, extract
from screening.language import parse_predicate, print_flat
from screening.predicates import Judgement
from screening.sections import read
from tests.readings import compiled, reading


def limits(text: str, side: str = "Inclusion") -> list[str]:
    rows = extract(compiled(f"* {text}", side))
    multiples = (f" x{row['multiple_of']}" if row["multiple_of"] else "" for row in rows)
    return [f"{row['variable']} {row['op']} {row['value']}{by}" for row, by in zip(rows, multiples, strict=True)]


# ---- lines of therapy and doses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At least two prior therapies", "prior_lines >= 2"),
        ("At least one line of prior therapy", "prior_lines >= 1"),
        ("Up to 3 previous chemotherapeutic regimens", "prior_lines <= 3"),
        ("4 or more prior therapeutic regimens", "prior_lines >= 4"),
        ("No more than 2 salvage lines", "prior_lines <= 2"),
        ("Prior cumulative anthracycline dose below 300 mg/sqm", "anthracycline_dose < 300 mg/m2"),
        ("5-30 packed red blood cell units", "transfusion_count >= 5 and transfusion_count <= 30"),
    ],
)
def test_counts_and_doses_of_earlier_treatment(text: str, expected: str) -> None:
    assert reading(text) == parse_predicate(expected)


# ---- how registries write signs, multiples and units


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASAT, ALAT ≤ 2 N", ["ast <= 2 xULN", "alt <= 2 xULN"]),
        ("ECOG of 0 to1", ["ecog >= 0", "ecog <= 1"]),
        ("FEV_1 above 70% of predicted", ["fev1 > 70"]),
        ("PD-L1 status of 0 to 39% by IHC", ["pdl1 >= 0", "pdl1 <= 39"]),
        ("Systolic blood pressure below 150 mg Hg", ["systolic_bp < 150"]),
        ("Abdominal pain > grade 2", []),
        ("ALT ≤ 2 times the expected range", []),
    ],
)
def test_signs_multiples_and_units(text: str, expected: list[str]) -> None:
    assert limits(text) == expected


# ---- scales named behind their levels


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Heart failure class III or IV NYHA", "nyha in {3, 4}"),
        ("Grade III-IV [NYHA]", "nyha in {3, 4}"),
        ("Grade III-IV heart failure [NYHA]", "nyha in {3, 4}"),
        ("Class II, III or IV as defined by the New York Heart Association classification", "nyha in {2, 3, 4}"),
        ("Grade A or B Child-Pugh score", "child_pugh_class in {1, 2}"),
        ("Stage C BCLC", "bclc_stage = 3"),
        ("Child-Pugh class A or B (score ≤ 8)", "child_pugh_class in {1, 2} and child_pugh <= 8"),
    ],
)
def test_levels_before_the_name_of_their_scale(text: str, expected: str) -> None:
    assert reading(text) == parse_predicate(expected)


# ---- for whom a limit is


def test_people_of_some_age_behind_a_limit_are_those_it_is_for() -> None:
    made = reading("Lansky ≥ 60 for patients ≤ 14 years")
    assert made == parse_predicate("if age <= 14 years then lansky >= 60 else always")


def test_an_age_in_parentheses_behind_adult_patients_is_no_duration() -> None:
    assert limits("Adult acute myeloid leukemia (≥ 18 years)") == ["age >= 18"]


# ---- tumours, their number, size and products


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At least one lesion ≥ 15 mm in longest diameter", "max(tumor_size) >= 15 mm"),
        ("Up to 4 tumors each ≤ 2 cm", "tumor_count <= 4 and max(tumor_size) <= 2 cm"),
        ("Lesion at least 25 mm or 12 mm by CT", "max(tumor_size) >= 25 mm or max(tumor_size[ct]) >= 12 mm"),
        (
            "Paraprotein in serum (≥ 6 g/L) or urine (≥ 250 mg/24 h)",
            "m_protein >= 6 g/L or m_protein_urine >= 250 mg/d",
        ),
        ("Measurable serum paraprotein (≥ 0.6 g/dL)", "m_protein >= 0.6 g/dL"),
    ],
)
def test_lesions_and_paraproteins(text: str, expected: str) -> None:
    assert reading(text) == parse_predicate(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Blasts < 5% in a cellular marrow (> 30% cellularity)", ["blasts < 5"]),
        ("Rising PSA or ≤ 3 relapses", []),
        (
            "Tumor ≤ 4 cm or 2-3 tumors ≤ 2 cm",
            ["tumor_size <= 4", "tumor_count >= 2", "tumor_count <= 3", "tumor_size <= 2"],
        ),
    ],
)
def test_a_noun_behind_a_bound_says_what_it_is_about(text: str, expected: list[str]) -> None:
    assert limits(text) == expected


# ---- what denies, and how far


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No evidence or history of hepatic disease", ["not had(liver_disease)"]),
        ("No active infection No multiple sclerosis", ["not has(active_infection)", "not has(multiple_sclerosis)"]),
        ("HIV negative Epstein-Barr virus positive", ["not has(hiv)", "has(ebv)"]),
        ("Creatinine ≤ 2 mg/dL No gout", ["creatinine <= 2 mg/dL", "not has(gout)"]),
    ],
)
def test_lines_that_ran_together_deny_only_their_own(text: str, expected: list[str]) -> None:
    assert [rule.predicate for rule in compiled(f"* {text}").rules] == [parse_predicate(one) for one in expected]


def test_a_test_of_some_marker_that_is_negative_denies_the_infection() -> None:
    (rule,) = compiled("* Hepatitis C antibody nonreactive").rules
    assert print_flat(rule.predicate).startswith("not")


def test_labels_of_an_old_record_part_a_paragraph_without_colons() -> None:
    text = (
        "DISEASE CHARACTERISTICS: Sarcoma PATIENT CHARACTERISTICS: Age 20 and over Performance status ECOG 0-2 "
        "Hematopoietic Platelet count > 90,000/mm^3 Hepatic Bilirubin ≤ 3 mg/dL No cirrhosis Renal Creatinine ≤ 2 mg/dL "
        "No gout Cardiovascular No heart failure"
    )
    rules = compile_trial(read(text, "T")).rules
    denied = [print_flat(rule.predicate) for rule in rules if print_flat(rule.predicate).startswith("not has")]
    assert denied == ["not has(cirrhosis)", "not has(gout)", "not has(heart_failure)"]
    assert {"creatinine <= 2 mg/dL", "bilirubin_total <= 3 mg/dL"} <= {print_flat(rule.predicate) for rule in rules}


# ---- alternatives


def test_or_in_a_list_of_limits_joins_its_neighbours() -> None:
    made = reading("WBC ≥ 3 × 10^9/L or ANC ≥ 2 × 10^9/L, hemoglobin ≥ 9 g/dL")
    assert made == parse_predicate("(wbc >= 3 10*9/L or anc >= 2 10*9/L) and hemoglobin >= 9 g/dL")


def test_people_for_whom_a_test_is_required_are_no_limit() -> None:
    assert print_flat(reading("Bone scan required for patients at least 50 years")).startswith(
        "if age >= 50 years then"
    )


def test_a_table_by_age_behind_or_is_another_way() -> None:
    made = reading(
        "Creatinine clearance ≥ 60 mL/min OR serum creatinine by age as follows: Age Maximum Serum Creatinine (mg/dL) Male Female "
        "1 month to < 1 year 0.5 0.5 1 to < 9 years 0.9 0.8"
    )
    assert print_flat(made).startswith("creatinine_clearance >= 60 mL/min or (")
    assert "if age >= 1 month and age < 1 year" in print_flat(made)


# ---- washouts told by a verb


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Systemic corticosteroids must have been stopped for more than 3 weeks",
            "systemic_steroids) more than 3 weeks",
        ),
        ("Must be withdrawn from antiandrogens for ≥ 5 weeks", "anti_androgen) at least 5 weeks"),
        ("At least 3 weeks from major surgery", "major_surgery) at least 3 weeks"),
        (
            "Must have discontinued steroids at least 9 days before randomization",
            "at least 9 days before randomization",
        ),
    ],
)
def test_what_must_have_been_stopped_is_not_asked_for(text: str, expected: str) -> None:
    said = print_flat(reading(text))
    assert said.startswith("if had(")
    assert expected in said
    assert said.endswith("else always")


def test_radiation_with_a_time_is_a_treatment() -> None:
    assert print_flat(reading("No radiation within 3 weeks of registration")).startswith("not had(radiotherapy) within")


# ---- what a parenthesis says of a limit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LVEF is within the normal range (> 45%)", "lvef > 45 %"),
        ("Myeloma with < 10% plasma cells in the marrow", "has(multiple_myeloma) and plasma_cells_marrow < 10 %"),
        ("Karnofsky or Lansky (age-dependent) performance score ≥ 60", "karnofsky >= 60 or lansky >= 60"),
    ],
)
def test_parentheses_and_places(text: str, expected: str) -> None:
    assert reading(text) == parse_predicate(expected)


# ---- lists under one denial, limits that share their reference, circumstances among exclusions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "No prior: chemotherapy, or surgery within 5 weeks",
            "not had(chemotherapy) within 5 weeks and not had(surgery) within 5 weeks",
        ),
        ("No: pregnancy; breastfeeding; or gout", "not has(pregnancy) and not has(breastfeeding) and not has(gout)"),
        ("Bilirubin < 2 times and ALT < 4 times the upper limit of normal", "bilirubin_total < 2 ULN and alt < 4 ULN"),
        (
            "ECOG 0-1, ANC ≥ 1000/mm3; or ANC ≥ 400/mm3 with lymphoma",
            "ecog in {0, 1} and (anc >= 1000 /mm3 or (anc >= 400 /mm3 and has(lymphoma)))",
        ),
    ],
)
def test_what_governs_a_list(text: str, expected: str) -> None:
    assert reading(text) == parse_predicate(expected)


def test_a_transfusion_denied_beside_an_excluded_count_dates_no_count() -> None:
    said = print_flat(reading("Platelets < 60,000/mm3 (no transfusion within 6 days)", "Exclusion"))
    assert said.startswith("platelets < 60000 /mm3 and judgement")
    assert "platelets < 60000 /mm3 within" not in said


def test_criteria_named_by_a_number_hold_no_limit() -> None:
    assert isinstance(reading("Tumor beyond up-to-7 criteria"), Judgement)
