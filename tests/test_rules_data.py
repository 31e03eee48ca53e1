"""The data of rules/ are consistent: exhaustive checks over every variable, unit, method and qualifier."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import pytest

from screening.resources import table, tables
from screening.units import accepted, conversion, measures
from screening.variables import Variable, catalogue

ALL = list(catalogue().values())
EACH = pytest.mark.parametrize("item", ALL, ids=[item.id for item in ALL])


def test_ids_occur_in_one_file_only() -> None:
    counts = Counter(name for content in tables("variables").values() for name in content if name != "about")
    assert [name for name, count in counts.items() if count > 1] == []


def test_a_name_belongs_to_one_variable() -> None:
    owners: dict[str, set[str]] = {}
    for item in ALL:
        for name in {item.name, *item.names}:
            owners.setdefault(name.casefold(), set()).add(item.id)
    assert {name: ids for name, ids in owners.items() if len(ids) > 1} == {}


def test_a_loinc_code_belongs_to_one_variable() -> None:
    counts = Counter(code for item in ALL for code in item.loinc)
    assert [code for code, count in counts.items() if count > 1] == []


def test_loinc_codes_have_their_check_digit() -> None:
    """Mod 10 (Luhn), LOINC Users' Guide, appendix on the check digit."""
    assert [code for item in ALL for code in item.loinc if not _luhn(code)] == []


def _luhn(code: str) -> bool:
    number, _, check = code.partition("-")
    doubled = "".join(str(int(digit) * (2 if at % 2 == 0 else 1)) for at, digit in enumerate(reversed(number)))
    return (10 - sum(map(int, doubled)) % 10) % 10 == int(check)


@EACH
def test_kinds_directions_and_sides_are_known(item: Variable) -> None:
    assert item.kind in {"quantity", "scale", "ratio", "count", "time", "percent", "qualitative"}
    assert item.adverse in {"low", "high", "both"}
    assert item.normal in {"upper", "lower", "both", None}
    assert item.aggregate in {"max", "min", "any", None}
    assert item.names
    assert (item.unit is not None) == (item.kind in {"quantity", "time", "percent"})


@EACH
def test_units_are_known_and_convert(item: Variable) -> None:
    for unit in accepted(item.id):
        assert unit in measures()
        assert conversion(item.id, unit).scale > 0
    assert set(item.assumed_units) <= set(accepted(item.id))


@EACH
def test_ranges_are_ordered_and_nested(item: Variable) -> None:
    if item.plausible:
        assert item.plausible[0] < item.plausible[1]
    if item.plausible and item.typical_limit:
        assert item.plausible[0] <= item.typical_limit[0] < item.typical_limit[1] <= item.plausible[1]
    if item.assumed_units:
        assert item.typical_limit
    if item.plausible and item.kind == "percent" and item.scale_max is not None:
        assert item.plausible[1] <= item.scale_max
    if item.unit is not None:
        assert item.plausible, "a quantity needs hard limits"


@EACH
def test_a_missing_unit_can_have_one_reading_only(item: Variable) -> None:
    """The stretches of numbers in which the assumed units are read do not touch."""
    if len(item.assumed_units) < 2 or item.typical_limit is None:
        return
    ends = sorted(tuple(sorted(_end(item, unit, limit) for limit in item.typical_limit)) for unit in item.assumed_units)
    assert all(below[1] < above[0] for below, above in pairwise(ends))


def _end(item: Variable, unit: str, limit: object) -> Fraction:
    return conversion(item.id, unit).inverse(Fraction(str(limit)))


@EACH
def test_every_number_has_a_source(item: Variable) -> None:
    words = " ".join(item.sources)
    assert item.sources
    if item.plausible or item.typical_limit:
        assert "judgement" in words or item.kind == "scale"
    if item.loinc:
        assert "LOINC" in words
    if item.molar_mass:
        assert "IUPAC" in words or "molar mass" in words
    if item.kind == "scale":
        assert re.search(r"\d{4}|CTCAE|mCODE|reagent|Initiative|Physical Status|AJCC|original publications", words)


# IUPAC standard atomic weights 2021, abridged
WEIGHTS = {"H": "1.008", "C": "12.011", "N": "14.007", "O": "15.999", "P": "30.974", "I": "126.904", "Co": "58.933"}
FORMULA = re.compile(r"\bC\d+H\d+(?:[A-Z][a-z]?\d*)*\b")


@EACH
def test_molar_masses_follow_from_the_formulas_in_the_notes(item: Variable) -> None:
    found = FORMULA.search(item.note)
    if found is None or item.molar_mass is None:
        return
    atoms = re.findall(r"([A-Z][a-z]?)(\d*)", found.group())
    computed = sum(Fraction(WEIGHTS[atom]) * int(count or 1) for atom, count in atoms)
    assert abs(computed - Fraction(item.molar_mass)) <= Fraction("0.005")


@EACH
def test_flags_are_of_names_and_links_lead_somewhere(item: Variable) -> None:
    assert item.weak_names | item.case_names | item.loose_names <= set(item.names)
    assert not item.unlikely_names & set(item.names)
    linked = {*item.group_of, *item.stands_for, *(target for _, target in item.quantities)}
    linked |= {item.report_as} if item.report_as else set()
    assert linked <= set(catalogue())
    for unit, target in item.quantities:
        assert unit in accepted(target) if unit else catalogue()[target].unit is None
        assert unit not in accepted(item.id)


@EACH
def test_levels_and_plausible_values_are_on_the_scale(item: Variable) -> None:
    low, high = item.scale_min, item.scale_max
    for number in (*item.levels.values(), *(item.plausible or ())):
        if item.kind == "scale":
            assert low is None or low <= number
            assert high is None or number <= high or item.id == "iq"


@EACH
def test_methods_qualifiers_and_formulas_exist(item: Variable) -> None:
    methods, qualifiers, formulas = table("methods"), table("qualifiers"), table("formulas")
    assert {*item.methods, *(method for _, method in item.loinc_methods)} <= set(methods)
    assert {*item.qualifiers, *(name for _, name in item.loinc_qualifiers)} <= set(qualifiers)
    assert set(item.formulas) <= set(formulas)


@pytest.mark.parametrize("method", sorted(table("methods")))
def test_methods_are_consistent(method: str) -> None:
    entry = table("methods")[method]
    assert entry["reason"]
    assert set(entry["variables"]) <= set(catalogue())
    assert {*entry["incompatible"], *entry.get("kind_of", ())} <= set(table("methods")) - {method}
    if "formula" in entry:
        assert entry["formula"] in table("formulas")


@pytest.mark.parametrize("qualifier", sorted(table("qualifiers")))
def test_qualifiers_are_consistent(qualifier: str) -> None:
    entry = table("qualifiers")[qualifier]
    effects = entry["effect"] if isinstance(entry["effect"], dict) else {"default": entry["effect"]}
    assert entry["reason"]
    assert "default" in effects
    assert set(effects.values()) <= {"raises", "lowers", "either", "none"}
    assert set(effects) - {"default"} <= set(catalogue())
    assert set(entry.get("excludes", ())) <= set(table("qualifiers")) - {qualifier}


def test_a_phrase_names_one_method_or_qualifier() -> None:
    entries = [*table("methods").values(), *table("qualifiers").values()]
    counts = Counter(name.casefold() for entry in entries for name in set(entry.get("names", ())))
    assert [name for name, count in counts.items() if count > 1] == []


def test_variables_name_the_methods_that_name_them() -> None:
    named = {(item.id, method) for item in ALL for method in item.methods}
    assert {pair for pair in named if pair[0] not in table("methods")[pair[1]]["variables"]} == set()
