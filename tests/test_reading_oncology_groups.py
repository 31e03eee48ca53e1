"""Limits for some, permissions, washouts and states of disease as oncology texts write them; all sentences made up."""

from __future__ import annotations

import pytest

from screening.language import print_flat
from tests.readings import compiled, reading
from tests.test_reading_oncology import limits

# ---- limits for some, and what is no limit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Bilirubin < 2 mg/dL, except in subjects with Gilbert's syndrome in whom direct bilirubin must be < 1 mg/dL",
            "if has(gilberts_syndrome) then bilirubin_direct < 1 mg/dL else bilirubin_total < 2 mg/dL",
        ),
        (
            "ALT ≤ 3 × ULN; for participants with hepatic involvement by tumor ≤ 5 × ULN",
            "if has(liver_metastasis) then alt <= 5 ULN else alt <= 3 ULN",
        ),
        (
            "One lesion ≥ 10 mm in longest diameter (≥ 15 mm short axis for lymph nodes)",
            'if not understood "for lymph nodes" then max(tumor_size) >= 15 mm else max(tumor_size) >= 10 mm',
        ),
        (
            "Karnofsky ≥ 60 (patients ≥ 16 years) or Lansky ≥ 60 (< 16 years)",
            "(if age >= 16 years then karnofsky >= 60 else always) and (if age < 16 years then lansky >= 60 else always)",
        ),
        (
            "Serum creatinine by age as follows: < 6 years 0.8 mg/dL; 6 years and older: 1.2 mg/dL",
            (
                "(if age < 6 years then creatinine <= 0.8 mg/dL else always)"
                " and (if age >= 6 years then creatinine <= 1.2 mg/dL else always)"
            ),
        ),
        (
            "ECOG 0-1 (ECOG 2 is allowed if it is due to pain)",
            "ecog in {0, 1} or (ecog = 2 and has(pain))",
        ),
        (
            "Hemoglobin no more than 2 g/dL below the lower limit of normal",
            'judgement "Hemoglobin no more than 2 g/dL below the lower limit of normal"',
        ),
        ("PD-L1 combined positive score (CPS) ≥ 10", "pdl1_cps >= 10"),
        ("PSA doubling time ≤ 10 months", "psa_doubling_time <= 10 months"),
        ("HCT-CI ≤ 3", "hct_ci <= 3"),
        (
            "Two or more prior lines of therapy including a proteasome inhibitor",
            "prior_lines >= 2 and had(proteasome_inhibitor)",
        ),
        ("Up to 2 prior systemic anticancer therapies are allowed", "prior_lines <= 2"),
        (
            "Surgery between 4 and 8 weeks prior to registration",
            "had(surgery) within 8 weeks before registration and had(surgery) at least 4 weeks before registration",
        ),
        ("ANC ≥ 1 x 10^9/L within 7 days of leukapheresis", "anc >= 1 10*9/L within 7 days before leukapheresis"),
        ("WBC < 20 x 10^9/L (hydroxyurea is permitted to achieve this)", "wbc < 20 10*9/L"),
        ("Prior radiotherapy allowed", 'advisory "Prior radiotherapy allowed"'),
    ],
)
def test_limits_for_some_and_permissions_beside_limits(text: str, expected: str) -> None:
    assert print_flat(reading(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Radiotherapy within 14 days (palliative radiotherapy is allowed)",
            'had(radiotherapy) within 14 days except (had(radiotherapy) and judgement "palliative radiotherapy")',
        ),
        (
            "Active brain metastases (treated and stable brain metastases are allowed)",
            "has(active brain_metastasis) except has(treated stable brain_metastasis)",
        ),
        (
            "Brain metastases unless treated and stable for at least 4 weeks without steroids",
            (
                "has(brain_metastasis) except"
                ' (judgement "treated and stable for at least 4 weeks" and not has(corticosteroids))'
            ),
        ),
        (
            "HBV DNA > 2000 IU/mL (patients with HBV DNA ≤ 2000 IU/mL on antivirals may be enrolled)",
            "hbv_dna > 2000 [IU]/mL except (hbv_dna <= 2000 [IU]/mL and has(antivirals))",
        ),
        ("Steroids > 10 mg prednisone or equivalent daily (inhaled steroids permitted)", "prednisone_dose > 10 mg"),
        ("Active GVHD requiring systemic immunosuppression", "has(active requiring_systemic_therapy gvhd)"),
        ("Chemotherapy within 2-4 weeks before enrolment", "had(chemotherapy) within 4 weeks before enrolment"),
    ],
)
def test_what_is_allowed_beside_what_is_forbidden(text: str, expected: str) -> None:
    assert print_flat(reading(text, "Exclusion")) == expected


def test_what_is_allowed_beside_a_limit_of_something_else_excludes_nobody() -> None:
    first, second = compiled("* Prednisone > 10 mg daily; topical steroids permitted", "Exclusion").rules
    assert print_flat(first.predicate) == "prednisone_dose > 10 mg/d"
    assert print_flat(second.predicate) == 'advisory "topical steroids permitted"'


# ---- labels before a length of time, limits beyond a limit, stages


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Creatinine ≤ 1.5 × ULN; if > 1.5 × ULN, creatinine clearance must be ≥ 50 mL/min",
            "if creatinine > 1.5 ULN then creatinine_clearance >= 50 mL/min else creatinine <= 1.5 ULN",
        ),
        ("At least 1 prior regimen but not more than 4", "prior_lines >= 1 and prior_lines <= 4"),
        ("Off all immunosuppression for ≥ 30 days", "not had(immunosuppressive_drugs) within 30 days"),
        ("Surgery: 4 weeks", 'judgement "Surgery: 4 weeks" and judgement "4 weeks"'),
        ("Stage II-IIIA melanoma", 'has(melanoma) and judgement "Stage II-IIIA melanoma"'),
        ("Platinum-free interval of at least 6 months", "treatment_free_interval >= 6 months"),
        ("Breslow thickness > 2 mm", "breslow > 2 mm"),
        (
            "At least 2 lines of systemic therapy, one of which must have included rituximab",
            "prior_lines >= 2 and had(rituximab)",
        ),
        (
            "BCR-ABL1 < 10^-2",
            'choose "missing-unit: unit of bcr_abl" { "%": bcr_abl < 0.01 %; "1": bcr_abl < 0.01 1 }',
        ),
        ("IPSS-R > 3.5", "ipss_r > 3.5"),
        ("Platelets > 100 x 10/L", 'assume "missing-unit: platelets in 10*9/L": platelets > 100 10*9/L'),
        (
            "Brain metastases permitted if asymptomatic and off steroids for ≥ 2 weeks",
            (
                'if has(brain_metastasis) then judgement "if asymptomatic"'
                " and not had(corticosteroids) within 2 weeks else always"
            ),
        ),
        (
            "Palliative radiation (any) must have been completed at least 7 days before enrolment",
            (
                'if had(radiotherapy) and judgement "Palliative radiation"'
                " then had(radiotherapy) at least 7 days before enrolment else always"
            ),
        ),
        ("Disease refractory to lenalidomide", 'judgement "Disease refractory to lenalidomide"'),
        (
            "HIV patients must have an undetectable viral load and a CD4 count ≥ 250 cells/uL",
            "if has(hiv) then hiv_rna is negative and cd4 >= 250 /uL else always",
        ),
    ],
)
def test_limits_beyond_limits_and_states_of_disease(text: str, expected: str) -> None:
    assert print_flat(reading(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chemotherapy: ≤ 4 weeks before the first dose", "had(chemotherapy) within 4 weeks before first_dose"),
        (
            "Fludarabine/cladribine within 3 months",
            "had(fludarabine) within 3 months or had(cladribine) within 3 months",
        ),
        ("CTCAE grade II-III diarrhoea", "has(grade_2 diarrhoea) or has(grade_3 diarrhoea)"),
        ("Thromboembolism: within 6 months", "had(thromboembolism) within 6 months"),
        (
            "Hepatitis B unless frobbed with HBV DNA < 100 IU/mL",
            'has(hepatitis_b) except (hbv_dna < 100 [IU]/mL and not understood "frobbed with")',
        ),
        ("Cumulative anthracycline > 450 mg/m2 doxorubicin equivalents", "anthracycline_dose > 450 mg/m2"),
    ],
)
def test_labels_with_a_time_and_exceptions_that_narrow(text: str, expected: str) -> None:
    assert print_flat(reading(text, "Exclusion")) == expected


def test_a_bare_length_in_a_list_of_washouts_is_for_a_person() -> None:
    first, second = compiled("* At least 7 days since the last dose of hydroxyurea; 14 days for interferon").rules
    assert print_flat(first.predicate) == "if had(hydroxyurea) then had(hydroxyurea) at least 7 days else always"
    assert print_flat(second.predicate) == 'judgement "14 days for interferon"'


def test_units_of_blood_are_no_drinks() -> None:
    assert not limits("Red cell transfusions (> 1 unit/week)", "Exclusion")
