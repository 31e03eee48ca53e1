"""Boundary sheets: every limit of the five trials, the outcome by position, and what happens when the program errs."""

import csv
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pytest

import screening
from screening.app import cli
from screening.boundaries import Sheet, cases, days, decimals, sheet
from screening.boundaries.sheet import decided
from screening.evaluate import comparison
from screening.evaluate.outcome import Reason
from screening.language import parse_predicate
from screening.predicates import Op
from screening.report import boundary_page, boundary_table
from screening.report.boundaries import report
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden" / "boundaries"
TRIALS = sorted(path.stem for path in (ROOT / "rules" / "trials").glob("*.md"))

LIMITS = {
    "IRCT20200429047241N1": """age ≥ 20 years; age ≤ 70 years; serum creatinine > 2 mg/dL; SpO₂ ≤ 96 %; ALT > 2.5 × ULN;
        AST > 2.5 × ULN""",
    "IRCT20200621047859N1": """age ≥ 18 years; age ≤ 65 years; LVEF ≥ 50 %; ECOG {0, 1}; ANC ≥ 1500 /µL;
        platelet count ≥ 100000 /µL; eGFR ≥ 60 mL/min/1.73 m²; total bilirubin ≤ 1.5 × ULN; AST ≤ 2 × ULN;
        ALT ≤ 2 × ULN""",
    "NCT02843126": """age ≥ 30 years; age ≤ 70 years; number of tumours or lesions ≥ 1; number of tumours or lesions ≤ 6;
        tumour or lesion size < 5 cm; Karnofsky ≥ 70; life expectancy > 6 months; platelet count ≥ 80 × 10⁹/L;
        WBC ≥ 3 × 10⁹/L; ANC ≥ 2 × 10⁹/L; hemoglobin ≥ 80 g/L; hypertension grade = 3""",
    "NCT03619954": """age ≥ 18 years; age ≤ 75 years; ECOG {0, 1}; life expectancy ≥ 3 months; WBC ≥ 3 × 10⁹/L;
        ANC ≥ 1.5 × 10⁹/L; hemoglobin ≥ 90 g/L; platelet count ≥ 100 × 10⁹/L; total bilirubin ≤ 1.5 × ULN;
        ALT ≤ 2 × ULN; ALT ≤ 5 × ULN; AST ≤ 2 × ULN; AST ≤ 5 × ULN;
        creatinine clearance (Cockcroft-Gault) ≥ 60 mL/min; tumour or lesion size ≤ 6 cm;
        disease-free period < 5 years; SpO₂ ≤ 90 %; NYHA class = 4; Child-Pugh class ≥ 3""",
    "NCT06674265": """age ≥ 2 years; age ≤ 16 years; cycles of chemotherapy ≥ 4; life expectancy ≥ 6 months;
        tumour or lesion size ≥ 10 mm; platelet count > 50000 /µL; platelet count < 50000 /µL; ANC ≤ 500 /µL;
        hemoglobin > 10 g/dL; hemoglobin < 10 g/dL; total bilirubin > 1.5 × ULN; ALT ≥ 3 × ULN of 45 U/L;
        creatinine clearance per 1.73 m² < 70 mL/min/1.73 m²; eGFR (radioisotope) < 70 mL/min/1.73 m²;
        serum creatinine > 1.5 × ULN; left ventricular shortening fraction (echo) < 27 %; LVEF (echo) < 50 %;
        LVEF (muga) < 50 %; SpO₂ < 94 %; urinary catecholamines > 2 × ULN;
        corticosteroid dose per body weight, prednisone equivalent ≥ 0.5 mg/kg/d; adverse event grade (CTCAE) > 2""",
}
"""What a careful reader of the five documents takes for their limits."""

DECIDED_BY_PEOPLE = {"NCT06674265": ["tumour or lesion size ≥ 10 mm"]}
"""A limit beside judgements that leave the criterion open whatever is measured."""

WINDOWS = {
    "IRCT20200621047859N1": "major surgery within 1 months before enrolment",
    "NCT03619954": """radiotherapy within 4 weeks before screening; immunotherapy within 4 weeks before screening;
        high-dose radiotherapy of lung or liver within 4 months before screening""",
    "NCT06674265": """systemic corticosteroids at least 7 days before enrolment;
        systemic corticosteroids within 7 days before enrolment; CYP3A4 inducers at least 7 days before enrolment;
        CYP3A4 inhibitors within 7 days before enrolment""",
}


def listed(text: str) -> list[str]:
    return " ".join(text.split()).split("; ")


@pytest.fixture(scope="module")
def sheets() -> dict[str, Sheet]:
    return {trial: sheet(screening.load(ROOT / "rules" / "trials" / f"{trial}.md")) for trial in TRIALS}


def of(*readings: str) -> RuleSet:
    """Rules of one inclusion for each reading."""
    rules = (
        Rule(f"I{n}", Side.INCLUSION, RuleKind.DATA, text, parse_predicate(text)) for n, text in enumerate(readings)
    )
    return RuleSet("T-1", "", tuple(rules))


@pytest.mark.parametrize("trial", TRIALS)
def test_the_sheet_is_as_reviewed(trial: str, sheets: dict[str, Sheet], rewrite: bool) -> None:
    golden = GOLDEN / f"{trial}.txt"
    text = report(sheets[trial])
    if rewrite:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf8")
    assert text == golden.read_text(encoding="utf8")
    assert not sheets[trial].disagreements


@pytest.mark.parametrize("trial", TRIALS)
def test_every_limit_of_the_trial_is_tried_on_both_sides(trial: str, sheets: dict[str, Sheet]) -> None:
    tried: dict[str, set[str]] = {}
    for row in sheets[trial].rows:
        if row.case.probe.kind in ("limit", "level") and row.case.probe.limit:
            tried.setdefault(f"{row.case.subject} {row.case.probe.limit}", set()).add(row.found.outcome)
    assert set(tried) == set(listed(LIMITS[trial]))
    alike = [limit for limit, outcomes in tried.items() if len(outcomes) < 2]
    assert alike == DECIDED_BY_PEOPLE.get(trial, [])


@pytest.mark.parametrize("trial", sorted(WINDOWS))
def test_every_window_is_tried_on_its_edge_and_one_day_beyond(trial: str, sheets: dict[str, Sheet]) -> None:
    tried: dict[str, dict[str, str]] = {}
    for row in sheets[trial].rows:
        if row.case.probe.kind == "window" and row.case.reading != "as it stands":
            label = row.case.probe.label.split(" (")[0]
            tried.setdefault(row.case.probe.limit, {})[label] = row.found.outcome
    for window in listed(WINDOWS[trial]):
        edge, beyond = ("last", "after") if "at least" in window else ("first", "before")
        inside, outside = (
            tried[window][f"{word}"] for word in (f"on the {edge} day of the window", f"one day {beyond} the window")
        )
        assert inside != outside


def test_a_conditional_limit_is_tried_with_its_condition_yes_no_and_unknown(sheets: dict[str, Sheet]) -> None:
    rows = [row for row in sheets["NCT03619954"].rows if row.case.criterion == "I6b" and row.case.subject == "ALT"]
    between = {row.case.given.split(";")[1].strip(): row.found for row in rows if row.case.probe.value == "80.1 U/L"}
    assert {given: answer.outcome for given, answer in between.items()} == {
        "liver metastasis present": "pass",
        "no liver metastasis": "fail",
        "liver metastasis not on record": "unknown",
    }


def test_what_must_be_does_not_come_from_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = of("anc >= 1500 /uL")
    swapped = {Op.GE: Op.GT}
    real = comparison.compare
    monkeypatch.setattr(comparison, "compare", lambda left, op, right: real(left, swapped.get(op, op), right))
    wrong = sheet(rules).disagreements
    assert {row.case.probe.label for row in wrong} >= {"at the limit"}
    assert all(row.case.expected.outcome == "pass" for row in wrong if row.case.probe.label == "at the limit")


def test_a_disagreement_is_marked_in_every_form_and_makes_the_exit_status_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "trial.txt"
    document.write_text("Inclusion Criteria:\n1. ANC ≥ 1500/µL\n", encoding="utf8")
    assert cli.run(["boundaries", str(document)]) == 0
    assert "every outcome is the one that the position demands" in capsys.readouterr().out
    real = comparison.compare
    monkeypatch.setattr(
        comparison, "compare", lambda left, op, right: real(left, Op.GT, right) if op is Op.GE else False
    )
    assert cli.run(["boundaries", str(document)]) == 1
    told = capsys.readouterr()
    assert "1500 /µL fail !! MUST BE pass" in told.out
    assert "not what the position demands" in told.err
    assert cli.run(["boundaries", str(document), "--format", "html"]) == 1
    assert "!! disagrees" in capsys.readouterr().out


def test_the_table_holds_a_row_per_patient_and_the_workbook_the_same(sheets: dict[str, Sheet]) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    made = sheets["IRCT20200429047241N1"]
    rows = list(csv.DictReader(StringIO(boundary_table.csv_text(made))))
    assert len(rows) == len(made.rows)
    assert {row["rules"] for row in rows} == {made.hash}
    book = boundary_table.workbook(made)
    assert book == boundary_table.workbook(made)
    page = openpyxl.load_workbook(BytesIO(book)).active
    assert page.max_row == len(made.rows) + 4
    assert page["A5"].value == "2026-03-11"


def test_the_page_can_be_printed_and_signed(sheets: dict[str, Sheet]) -> None:
    made = sheets["IRCT20200429047241N1"]
    text = boundary_page.page(made)
    for needed in (made.hash, made.program, "Signature", "break-before: page", "Checked by"):
        assert needed in text


def test_a_workbook_needs_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["boundaries", str(ROOT / "rules/trials/NCT02843126.md"), "--format", "xlsx"]) == 2
    assert "-o FILE.xlsx" in capsys.readouterr().err


READINGS = (
    "not alt > 3 ULN",
    "alt <= 2 ULN or ast <= 2 ULN",
    "hemoglobin >= 0.8 LLN",
    "creatinine <= 1.5 baseline",
    "platelets{untransfused} >= 100 10*9/L within 14 days before enrolment",
    "at least 2 of (age >= 65 years, has(hypertension), creatinine > 1.5 mg/dL)",
    "one method any of (lvef[echo] < 50 %, lvef[muga] < 50 %)",
    "if has(severe liver_metastasis) then alt <= 5 ULN else alt <= 2 ULN",
    "has(breast_cancer) except has(cured breast_cancer)",
    "had(radiotherapy) more than 3 months before first_dose",
    "had(other_malignancy excluding cured basal_cell_carcinoma) within 5 years",
    "age >= 6 months and age < 2.5 years",
    "hba1c <= 7.5 % and spo2{room_air} > 92 % and temperature < 38 Cel",
    "(hcg is negative within 72 hours and sex is female) or (sex is male and not has(pregnancy))",
    "creatinine_clearance[cockcroft_gault] > 50 mL/min and age >= 18 years",
    "liver_enzymes <= 2.5 ULN",
    "creatinine <= 1.5 ULN or creatinine_clearance[cockcroft_gault] >= 60 mL/min",
    "creatinine <= 1.5 mg/dL and creatinine_clearance[cockcroft_gault] >= 60 mL/min",
    "hba1c <= 1.2 ULN and sex is female and not has(postmenopausal)",
    "min(tumor_size) >= 10 mm and any(tumor_size) > 2 cm",
    "qtc[fridericia] <= 470 ms and nyha <= 2 and ecog in {0, 1, 2}",
    "had(radiotherapy) within 36 hours or has(hiv)",
)


@pytest.mark.parametrize("text", READINGS)
def test_every_kind_of_part_does_what_its_position_demands(text: str) -> None:
    rows = [row for group in cases(of(text)) for row in decided(group)]
    assert [(row.case.probe.label, row.case.expected, row.found) for row in rows if not row.agrees] == []
    assert len({row.found.outcome for row in rows}) > 1


def test_what_cannot_be_tried_is_named() -> None:
    made = sheet(of("had(hiv) within 36 hours and age >= 18 years"))
    assert made.untried == (("I0", "HIV infection within 36 hours before screening"),)


def test_the_date_of_the_sheet_can_be_chosen() -> None:
    rules = of("age >= 18 years")
    assert {row.case.on for row in sheet(rules).rows if row.case.probe.kind == "limit"} == {date(2026, 3, 11)}
    assert {row.case.on for row in sheet(rules, date(2025, 1, 31)).rows if row.case.probe.kind == "limit"} == {
        date(2025, 1, 31)
    }


def test_unknowns_say_why() -> None:
    reasons = {row.found.reason for group in cases(of("alt <= 2 ULN")) for row in decided(group)}
    wanted = {Reason.MISSING, Reason.STALE, Reason.UNIT_MISSING, Reason.UNIT_INCOMPATIBLE, Reason.IMPLAUSIBLE}
    assert reasons >= {*wanted, Reason.CENSORED, Reason.CONFLICTING, Reason.NO_REFERENCE_RANGE}


def test_own_arithmetic_of_days_and_digits() -> None:
    assert days.months_before(date(2024, 3, 31), 1) == date(2024, 2, 29)
    below, at, above = decimals.around(decimals.Fraction(176803394625, 10**9))
    assert at is None
    assert (str(below), str(above)) == ("176.803394", "176.803395")
