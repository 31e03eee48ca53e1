"""Classes of eligibility text and how a careful reader takes them; every sentence here is made up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from screening.build import compile_trial, extract, shares, windows
from screening.language import parse_predicate
from screening.predicates import All, Always, Choice, IfElse, Judgement, NotUnderstood, Predicate
from screening.ruleset.model import Share
from screening.sections import read
from tests.readings import codes, nodes, reading, sentence

_SENTENCES = re.findall(
    r"^> \*\*(Inclusion|Exclusion)\*\* (.+)$",
    "\n".join(path.read_text(encoding="utf8") for path in sorted((Path(__file__).parent / "criteria").glob("*.md"))),
    re.MULTILINE,
)
_UNREAD = [
    ("Exclusion", "Frobbing of more than 3 blorbs"),
    ("Exclusion", "Chemotherapy (≤ 5 blorbs a day, 7 frobs)"),
    ("Inclusion", "Women (age > 50 years and menopause for 1 year or above) who frob"),
    ("Inclusion", "ALT ≤ 3 × ULN and a blorb ratio of 2.5 or 17"),
    ("Exclusion", "Pregnancy; blorbs > 3; 4 frobs, unless ≥ 5"),
]


@pytest.mark.parametrize(("side", "text"), [*_SENTENCES, *_UNREAD])
def test_every_number_outside_a_predicate_is_told(side: str, text: str) -> None:
    """Beside diagnostics, only digits inside words ("HER2") may stand in text that was not understood."""
    rules = sentence(text, side)
    told = [
        one.span
        for rule in rules.rules
        for one in rule.diagnostics
        if one.code in ("unparsed-formal", "repaired-superscript") and one.span
    ]
    unread = [one.span for one in rules.ledger if one.share is Share.NOT_UNDERSTOOD]
    for match in re.finditer(r"(?<![\w-])\d+(?![\w-])|[<>≤≥]", rules.raw):
        if any(span.start <= match.start() < span.end for span in unread):
            assert any(span.start <= match.start() < span.end for span in told), match


def test_numbers_that_were_dropped_once_keep_a_criterion_open() -> None:
    made = reading("Brain metastasis: treated within the past 5 years (frobs > 6)", "Exclusion")
    assert any(isinstance(node, NotUnderstood) for node in nodes(made))
    assert isinstance(reading("Anemia due to blorb deficiency", "Exclusion"), All)


# ---- findings in a parenthesis behind a finding


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Heart disease (angina, atrial fibrillation)",
            "has(heart_disease) or has(angina) or has(atrial_fibrillation)",
        ),
        ("Heart disease (e.g., angina)", "has(heart_disease) or has(angina)"),
        ("Heart disease (including angina and gout)", "has(heart_disease) or has(angina) or has(gout)"),
        ("Autoimmune disease (i.e. lupus or vasculitis)", "has(lupus_erythematosus) or has(vasculitis)"),
        (
            "History of liver disease (cirrhosis) within 2 years",
            "had(liver_disease) within 2 years or had(cirrhosis) within 2 years",
        ),
        ("Hepatitis B (HBV) infection", "has(hepatitis_b)"),
        ("Kidney disease (blorbitis, gout)", 'has(kidney_disease) or not understood "blorbitis" or has(gout)'),
        ("Blorb disease (gout)", 'not understood "Blorb disease" or has(gout)'),
    ],
)
def test_findings_in_parentheses_exclude_too(text: str, expected: str) -> None:
    assert reading(text, "Exclusion") == parse_predicate(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lung cancer (NSCLC)", "has(nsclc)"),
        ("Lymphoma (e.g. follicular lymphoma)", "has(lymphoma) or has(follicular_lymphoma)"),
        ("No heart disease (angina, gout)", "not (has(heart_disease) or has(angina) or has(gout))"),
    ],
)
def test_a_finding_in_parentheses_narrows_what_is_asked_for(text: str, expected: str) -> None:
    assert reading(text) == parse_predicate(expected)


def test_kinds_in_parentheses_are_those_that_are_meant() -> None:
    made = reading("Lymphoma (follicular lymphoma, mantle cell lymphoma)")
    assert made == parse_predicate("has(follicular_lymphoma) or has(mantle_cell_lymphoma)")


def test_signs_in_parentheses_are_for_a_person_beside_the_finding() -> None:
    made = reading("Portal hypertension (varices, ascites)")
    assert isinstance(made, All)
    assert made.items[0] == parse_predicate("has(portal_hypertension)")
    assert isinstance(made.items[1], Judgement)


def test_kinds_and_other_findings_in_parentheses_may_be_demands_or_examples() -> None:
    assert isinstance(reading("Lymphoma (follicular lymphoma, gout)"), Choice)
    assert "parenthesised-list" in codes("Lymphoma (follicular lymphoma, gout)")


def test_unread_words_in_parentheses_count_as_unread() -> None:
    read_whole = shares(sentence("Kidney disease (gout)", "Exclusion").ledger)
    read_part = shares(sentence("Kidney disease (blorbitis, gout)", "Exclusion").ledger)
    assert read_whole[Share.NOT_UNDERSTOOD] == 0 < read_part[Share.NOT_UNDERSTOOD]


# ---- grades of a finding


@pytest.mark.parametrize("text", ["Neuropathy of grade 3 or 4 per CTCAE v5.0", "Neuropathy ≥ grade 3 (CTCAE)"])
def test_a_grade_narrows_the_finding_beside_it(text: str) -> None:
    expected = "has(grade_3 peripheral_neuropathy) or has(grade_4 peripheral_neuropathy)"
    assert reading(text, "Exclusion") == parse_predicate(expected)


def test_a_grade_without_its_scale_is_assumed() -> None:
    assert "scale-assumed" in codes("Neuropathy above grade 2", "Exclusion")
    assert "scale-assumed" not in codes("Neuropathy above grade 2 (NCI CTCAE version 5.0)", "Exclusion")


def test_the_grade_of_another_scale_is_its_own() -> None:
    assert reading("NYHA grade III or IV", "Exclusion") == parse_predicate("nyha in {3, 4}")


# ---- labels: references, markers, products


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lymphoma per Lugano 2014 (see Section 4.2.1)", "has(lymphoma)"),
        ("ECOG 0 or 1 (protocol section 11)", "ecog in {0, 1}"),
        ("Harbouring a KRAS G12C mutation", 'judgement "Harbouring a KRAS G12C mutation"'),
        ("Hypersensitivity to ABX-1234", 'has(hypersensitivity) and judgement "Hypersensitivity to ABX-1234"'),
        ("PD-L1 expression ≥ 5 %", "pdl1 >= 5 %"),
    ],
)
def test_numbers_of_labels_state_no_limit(text: str, expected: str) -> None:
    assert reading(text) == parse_predicate(expected)
    assert "unparsed-formal" not in codes(text)


# ---- what a heading says for the list below it


def listed(text: str) -> list[Predicate]:
    return [rule.predicate for rule in compile_trial(read(text, "T")).rules]


def test_a_window_in_a_heading_is_carried_to_its_bullets() -> None:
    text = "Exclusion Criteria:\n\n- Within 28 days before enrollment:\n  - Major surgery\n  - Stroke within 3 months\n"
    assert listed(text) == [
        parse_predicate("had(major_surgery) within 28 days before enrolment"),
        parse_predicate("had(stroke) within 3 months before enrolment"),
    ]


def test_a_window_in_a_heading_dates_measurements_and_no_ages() -> None:
    text = "Inclusion Criteria:\n\n- Within 2 weeks before registration:\n  - Platelets ≥ 100 × 10^9/L\n  - Age ≥ 18 years\n"
    assert listed(text) == [
        parse_predicate("platelets >= 100 10*9/L within 2 weeks before registration"),
        parse_predicate("age >= 18 years"),
    ]


def test_a_heading_that_speaks_of_the_past_governs_its_bullets() -> None:
    text = "Exclusion Criteria:\n\n- Prior treatment with:\n  - Chemotherapy\n  - Lenalidomide\n"
    assert listed(text) == [parse_predicate("had(chemotherapy)"), parse_predicate("had(lenalidomide)")]


# ---- washouts in an inclusion


@pytest.mark.parametrize(
    "text",
    [
        "At least 4 weeks since major surgery",
        "Patients must have completed major surgery at least 4 weeks before screening",
        "Major surgery finished at least 4 weeks before screening",
    ],
)
def test_a_washout_asks_nobody_to_have_had_it(text: str) -> None:
    made = reading(text)
    assert isinstance(made, IfElse)
    assert isinstance(made.otherwise, Always)
    assert made.condition == parse_predicate("had(major_surgery)")


def test_a_demand_stays_a_demand() -> None:
    made = reading("Must have received chemotherapy at least 6 months before screening")
    assert made == parse_predicate("had(chemotherapy) at least 6 months before screening")


# ---- organs


def test_organs_behind_a_preposition_are_one_place() -> None:
    made = reading("Radiotherapy to the brain and liver within 2 months", "Exclusion")
    assert made == parse_predicate(
        'had(radiotherapy) within 2 months and judgement "Radiotherapy to the brain and liver"'
    )


# ---- doses, levels with a sign, inhibitors by their target


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Aspirin > 325 mg/day", 'has(aspirin) and judgement "> 325 mg/day"'),
        ("Prior doxorubicin, cumulative dose > 400 mg/m2", None),
        ("HER2 IHC 1+ or 2+", "her2_ihc in {1, 2}"),
        ("Prior FGFR4 inhibitor", 'judgement "Prior FGFR4 inhibitor"'),
        ("Failure rate of less than 1% per year", 'judgement "Failure rate of less than 1% per year"'),
    ],
)
def test_amounts_nobody_records_are_for_a_person(text: str, expected: str | None) -> None:
    made = reading(text, "Exclusion")
    assert expected is None or made == parse_predicate(expected)
    assert shares(sentence(text, "Exclusion").ledger)[Share.NOT_UNDERSTOOD] == 0


# ---- sentences that shut people out on the inclusion side


@pytest.mark.parametrize(
    ("side", "text", "expected"),
    [
        ("Inclusion", "Patients with gout are not eligible", "not has(gout)"),
        ("Inclusion", "Patients with stroke or gout are ineligible for the study", "not (had(stroke) or has(gout))"),
        ("Exclusion", "Patients with gout will not be eligible", "has(gout)"),
        ("Inclusion", "Not eligible for transplantation", 'judgement "Not eligible for transplantation"'),
    ],
)
def test_not_eligible_shuts_out_on_either_side(side: str, text: str, expected: str) -> None:
    assert reading(text, side) == parse_predicate(expected)


# ---- what a length of time dates


@pytest.mark.parametrize(
    "text",
    [
        "Two blood pressures at least 4 hours apart",
        "Headache lasting more than 6 weeks",
        "Cirrhosis, gout or myocardial infarction within 6 months",
        "Any blorb for at least 90 days after the last dose",
    ],
)
def test_a_length_of_time_that_dates_nothing_gives_no_window(text: str) -> None:
    dated = [row["event"] for row in windows(sentence(text, "Exclusion"))]
    assert not {"cirrhosis", "headache", "blorb", "apart"} & set(" ".join(dated).split())


def test_since_without_a_comparison_is_at_least() -> None:
    rows = windows(sentence("12 months since chemotherapy"))
    assert [(row["event"], row["relation"], row["days"]) for row in rows] == [("chemotherapy", "at_least", 366)]


# ---- units and ends of ranges


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Weight between 50 kg (inclusive) and 90 kg (exclusive)", "weight >= 50 kg and weight < 90 kg"),
        ("Age 18 years (inclusive) to 65 years (exclusive)", "age >= 18 years and age < 65 years"),
        ("Creatinine clearance ≥ 50 mg/min", "creatinine_clearance >= 50 mL/min"),
        ("Adequate venous access", 'judgement "Adequate venous access"'),
    ],
)
def test_slips_and_ends_are_read_as_meant(text: str, expected: str) -> None:
    assert reading(text) == parse_predicate(expected)


def test_occasions_are_no_quantity() -> None:
    assert not list(extract(sentence("At least one weight loss attempt")))


# ---- what records do not carry


@pytest.mark.parametrize(
    "text",
    [
        "A 12-lead ECG and a chest X-ray",
        "Harbouring an NTRK1 gene fusion",
        "Tumor stage T2-4, N0-2, M0",
        "Hypersensitivity to excipients",
    ],
)
def test_what_no_record_carries_is_for_a_person(text: str) -> None:
    assert any(isinstance(node, Judgement) for node in nodes(reading(text)))
    assert shares(sentence(text).ledger)[Share.NOT_UNDERSTOOD] == 0
