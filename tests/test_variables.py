"""What the variables of rules/ are for: names, codes and limits a reader of criteria relies on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from screening.resources import table
from screening.variables import Variable, _variable, by_loinc, by_name, catalogue, unlikely

NAMES = {
    "anc": ["ANC", "absolute neutrophil count", "neutrophil count", "Neutrophils", "absolute neutrophils"],
    "platelets": ["PLT", "platelet count", "thrombocytes", "trombocytes", "Platelets"],
    "wbc": ["WBC", "leukocytes", "leucocyte count", "white blood cells", "total leucocyte count"],
    "hemoglobin": ["Hb", "Hgb", "haemoglobin", "hemoglobin"],
    "alt": ["ALT", "ALAT", "SGPT", "GPT", "alanine transaminase", "alanine aminotransferase"],
    "ast": ["AST", "ASAT", "SGOT", "GOT", "aspartate aminotransferase"],
    "alp": ["ALP", "AKP", "alkaline phosphatase", "alkaline phosphates"],
    "bilirubin_total": ["bilirubin", "total bilirubin", "T.Bil", "TBIL", "total serum bilirubin", "plasma bilirubin"],
    "bilirubin_direct": ["direct bilirubin", "conjugated bilirubin", "DBIL"],
    "creatinine": ["creatinine", "serum creatinine", "Cr", "sCr", "plasma creatinin", "S creatnine"],
    "creatinine_clearance": ["CrCl", "CCr", "creatinine clearance", "endogenous creatinine clearance"],
    "egfr": ["eGFR", "GFR", "glomerular filtration rate", "radioisotope GFR"],
    "ecog": ["ECOG", "ECOG PS", "WHO performance status", "Zubrod", "performance status"],
    "karnofsky": ["KPS", "Karnofsky", "Karnofsky performance status"],
    "lansky": ["Lansky play scale", "Lansky play-performance scale"],
    "lvef": ["LVEF", "EF", "ejection fraction", "left ventricular ejection fraction"],
    "shortening_fraction": ["shortening fraction", "fractional shortening"],
    "life_expectancy": ["life expectancy", "expected survival", "survival period", "lifespan", "anticipated survival"],
    "inr": ["INR", "international normalized ratio", "prothrombin time international ratio"],
    "aptt": ["aPTT", "PTT", "activated partial thromboplastin time"],
    "spo2": ["SpO2", "oxygen saturation", "pulse ox", "O2 saturation"],
    "qtc": ["QTc", "QTcF", "corrected QT interval"],
    "nyha": ["NYHA", "New York Heart Association", "heart function", "cardiac function class"],
    "child_pugh_class": ["Child-Pugh", "Child-Pugh class"],
    "child_pugh": ["Child-Pugh score"],
    "liver_enzymes": ["transaminases", "aminotransferases", "liver enzymes"],
    "catecholamines": ["urinary catecholamines"],
    "tumor_size": ["tumor size", "maximum length of the tumor", "lesions"],
    "hcg": ["hCG", "beta-hCG", "bHCG", "β-hCG"],
    "sodium": ["natremia", "Na"],
    "hba1c": ["HbA1c", "A1C", "glycated hemoglobin"],
}


@pytest.mark.parametrize("variable", sorted(NAMES))
def test_texts_names_are_known(variable: str) -> None:
    for name in NAMES[variable]:
        assert by_name()[name.casefold()] == variable, name


def test_ph_in_capitals_is_never_ph() -> None:
    """ "PH ≥ 100,000" is platelets at best, and only once somebody confirms it."""
    assert "PH" not in {name for item in catalogue().values() for name in item.names}
    assert "pH" in catalogue()["ph"].case_names
    assert unlikely()["PH"] == "platelets"
    assert unlikely()["ElectroCochleoGraphy (ECoG)"] == "ecog"


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("magnesium", "Mg"),
        ("potassium", "K"),
        ("sodium", "Na"),
        ("pt", "PT"),
        ("ck", "CK"),
        ("lvef", "EF"),
        ("heart_rate", "HR"),
    ],
)
def test_ambiguous_short_names_need_their_case_and_a_comparison(variable: str, name: str) -> None:
    item = catalogue()[variable]
    assert name in item.names
    assert name in item.case_names
    assert name in item.weak_names
    assert name not in item.lead_names


def test_names_that_leave_the_scale_open_are_flagged() -> None:
    assert "performance status" in catalogue()["ecog"].loose_names
    assert "heart function" in catalogue()["nyha"].loose_names
    assert "ECOG" not in catalogue()["ecog"].loose_names


@pytest.mark.parametrize(
    ("variable", "days"),
    [
        ("alt", 28),
        ("spo2", 28),
        ("ecog", 28),
        ("lvef", 90),
        ("tumor_size", 90),
        ("height", 1826),
        ("weight", 28),
        ("birth_weight", None),
    ],
)
def test_default_maximum_ages(variable: str, days: int | None) -> None:
    assert catalogue()[variable].max_age_days == days


ADVERSE = {
    "low": ["anc", "platelets", "hemoglobin", "wbc", "lvef", "karnofsky", "spo2", "egfr", "life_expectancy"],
    "high": ["creatinine", "bilirubin_total", "alt", "ecog", "nyha", "tumor_size"],
    "both": ["potassium", "age", "bmi"],
}


@pytest.mark.parametrize("adverse", sorted(ADVERSE))
def test_adverse_directions(adverse: str) -> None:
    assert {catalogue()[variable].adverse for variable in ADVERSE[adverse]} == {adverse}


def test_levels_are_spoken_in_either_case() -> None:
    nyha = catalogue()["nyha"].levels
    assert nyha["III"] == nyha["iii"] == 3
    assert [catalogue()["child_pugh_class"].levels[letter] for letter in "ABC"] == [1, 2, 3]


def test_pairs_and_families() -> None:
    assert catalogue()["bp"].group_of == ("systolic_bp", "diastolic_bp")
    assert catalogue()["liver_enzymes"].stands_for == ("alt", "ast")


def test_loinc_tells_method_circumstance_and_unit() -> None:
    assert by_loinc()["1742-6"] == "alt"
    assert dict(catalogue()["egfr"].loinc_methods)["98979-8"] == "ckd_epi_2021"
    assert dict(catalogue()["creatinine_clearance"].loinc_methods)["2164-2"] == "measured"
    assert dict(catalogue()["glucose"].loinc_qualifiers)["1558-6"] == "fasting"
    assert dict(catalogue()["troponin_t"].loinc_units)["67151-1"] == "ng/L"


@pytest.mark.parametrize(
    "code", ["764-1", "42800-3", "3140-1", "35592-5", "62388-4", "48066-5", "11150-0", "53961-9", "54347-0"]
)
def test_codes_without_confirmation_or_of_another_quantity_are_left_out(code: str) -> None:
    assert code not in by_loinc()


def test_segmented_neutrophils_are_not_all_neutrophils() -> None:
    assert by_loinc()["770-8"] == "neut_pct"
    assert by_loinc()["769-0"] == "segs_pct"


def test_measured_and_normalised_clearance_are_reported_under_one_name() -> None:
    assert catalogue()["creatinine_clearance_indexed"].report_as == "creatinine_clearance"
    assert catalogue()["gfr_absolute"].report_as == "egfr"


def test_numbers_are_those_written_in_the_file() -> None:
    assert catalogue()["creatinine"].molar_mass == Decimal("113.12")
    assert catalogue()["creatinine"].plausible == (Decimal("0.05"), Decimal(50))


def test_an_unknown_field_is_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match="anc: unknown field 'plausibel'"):
        _made({"class": "laboratory", "name": "x", "plausibel": [0, 1]})


def test_a_variable_without_unit_takes_plain_numbers() -> None:
    assert _made({"class": "score", "name": "x", "kind": "scale"}).units == ("1", "{score}")


def _made(entry: dict[str, Any]) -> Variable:
    return _variable("anc", entry, (), table("defaults"))
