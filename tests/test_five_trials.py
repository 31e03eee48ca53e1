"""The first users' five trials: every numeric comparison, every doubt, every character of their eligibility text.

tests/documents holds the registry documents as found, without the pages' parts that name people.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from screening import ruleset
from screening.build import compile_trial, extract, shares
from screening.language import parse_predicate, print_predicate
from screening.predicates import Assumption, Choice, Comparison, IfElse, Multiple, Predicate, Presence, children
from screening.ruleset.model import Rule, RuleSet, Share
from screening.sections import read_document
from screening.text import Kind

DOCUMENTS = {path.stem: path for path in sorted((Path(__file__).parent / "documents").glob("*.txt"))}

# criterion: comparison · a multiple stands as "2 ULN"; behind "if" a conditional limit's words; "~" what it rests on
COMPARISONS = {
    "NCT03619954": """
        I2: age >= 18 a · I2: age <= 75 a · I3: ecog >= 0 · I3: ecog <= 1 · I5: life_expectancy >= 3 mo
        I6a: wbc >= 3 10*9/L · I6a: anc >= 1.5 10*9/L · I6a: hemoglobin >= 90 g/L · I6a: platelets >= 100 10*9/L
        I6b: bilirubin_total <= 1.5 ULN · I6b: alt <= 2 ULN · I6b: ast <= 2 ULN
        I6b: alt <= 5 ULN if liver metastasis · I6b: ast <= 5 ULN if liver metastasis
        I6c: creatinine_clearance >= 60 mL/min · I7: tumor_size <= 6 cm · E1: disease_free_period < 5 a
        E11: spo2 <= 90 % if room air · E15: nyha = 4 ~scale-assumed · E15: child_pugh_class >= 3""",
    "NCT02843126": """
        R1: age >= 30 a · R2: age <= 70 a · I2: tumor_count >= 1 · I2: tumor_count <= 6 · I2: tumor_size < 5 cm
        I3: karnofsky >= 70 · I3: life_expectancy > 6 mo · I4: platelets >= 80 10*9/L · I4: wbc >= 3 10*9/L
        I4: anc >= 2 10*9/L · I4: hemoglobin >= 80 g/L""",
    "NCT06674265": """
        R1: age >= 2 a · R2: age <= 16 a · I3: life_expectancy >= 6 mo · I5: tumor_size >= 10 mm
        E1a: platelets > 50000 /uL ~reversed-polarity · E1b: anc <= 500 /uL
        E1c: hemoglobin > 10 g/dL ~reversed-polarity · E2a: bilirubin_total > 1.5 ULN · E2b: alt >= 3 ULN
        E3a: creatinine_clearance < 70 mL/min/{1.73_m2} · E3a: egfr < 70 mL/min/{1.73_m2} · E3b: creatinine > 1.5 ULN
        E3c: shortening_fraction < 27 % · E3c: lvef < 50 % · E4d: spo2 < 94 % if room air ~ambiguous-and-or
        E6: catecholamines > 2 ULN · E7: prednisone_dose >= 0.5 mg/kg/d ~lost-comparator · E13: ctcae_grade > 2""",
    "IRCT20200621047859N1": """
        R1: age >= 18 a · R2: age <= 65 a · I1: age >= 18 a · I1: age <= 65 a · I5: lvef >= 50 %
        I6: ecog >= 0 ~scale-assumed · I6: ecog <= 1 ~scale-assumed · I7: anc >= 1500 /uL ~missing-unit
        I7: egfr >= 60 mL/min/{1.73_m2} ~missing-unit · I7: bilirubin_total <= 1.5 ULN · I7: ast <= 2 ULN
        I7: alt <= 2 ULN · I4v2: ecog >= 0 ~scale-assumed · I4v2: ecog <= 1 ~scale-assumed""",
    "IRCT20200429047241N1": """
        R1: age >= 20 a · R2: age <= 70 a · I1: age >= 20 a · I1: age <= 70 a
        E2v2: creatinine > 2 mg/dL · E2v2: spo2 <= 96 % · E2v2: alt > 2.5 ULN · E2v2: ast > 2.5 ULN""",
}

WORDS = {("child_pugh_class", 3): "class C", ("alt", 3): "three times", ("catecholamines", 2): "twice"}

DOUBTS = {  # assumptions and choices
    "NCT03619954": ["E15 assumption scale-assumed"],
    "NCT02843126": ["E3 assumption scale-assumed", "E3 choice scope", "S assumption index-condition-not-in-criteria"],
    "NCT06674265": [
        "I1 choice likely-alternatives",
        "E1a choice reversed-polarity",
        "E1c choice reversed-polarity",
        "E4a choice contradictory-condition",
        "E4d choice ambiguous-and-or",
        "E7 assumption lost-comparator",
        "E7 choice ambiguous-window",
        "E8 choice ambiguous-window",
    ],
    "IRCT20200621047859N1": [
        "I6 assumption scale-assumed",
        "I7 assumption missing-unit",
        "I7 assumption unlikely-variable",
        "I7 assumption missing-unit",
        "I3v2 assumption unlikely-variable",
        "I3v2 assumption unlikely-variable",
        "I4v2 assumption scale-assumed",
    ],
    "IRCT20200429047241N1": [],
}

NOTES = [
    ("NCT03619954", "I2", "restated-limit"),
    ("NCT03619954", "I6a", "repaired-superscript"),
    ("NCT03619954", "E6", "and-read-as-or"),
    ("NCT03619954", "E8", "window-without-anchor"),
    ("NCT03619954", "E9", "window-without-anchor"),
    ("NCT02843126", "I4", "repaired-superscript"),
    ("NCT02843126", "E3", "and-read-as-or"),
    ("NCT06674265", "E2b", "trial-defined-uln"),
    ("NCT06674265", "E6", "inclusion-exclusion-conflict"),
    ("IRCT20200429047241N1", "E2v2", "and-read-as-or"),
    ("IRCT20200429047241N1", "E2v2", "garbled-text"),
    pytest.param(
        "NCT03619954",
        "I1",
        "garbled-text",
    ),
]


@pytest.fixture(scope="module")
def compiled() -> dict[str, RuleSet]:
    return {name: compile_trial(read_document(path)) for name, path in DOCUMENTS.items()}


def rule(rules: RuleSet, identity: str) -> Rule:
    return next(one for one in rules.rules if one.id == identity)


def nodes(made: Predicate) -> list[Predicate]:
    return [made, *(node for part in children(made) for node in nodes(part))]


def shown(row: dict[str, Any]) -> str:
    words = [row["variable"], row["op"], str(row["value"]), row["multiple_of"] or row["unit"] or ""]
    condition = [f"if {row['condition']}"] if row["condition"] else []
    rests = [f"~{one.split(':')[0]}" for one in row["assumptions"]]
    return f"{row['criterion']}: {' '.join([*filter(None, words), *condition, *rests])}"


def test_all_five_documents_are_here() -> None:
    assert sorted(DOCUMENTS) == sorted(COMPARISONS)


def test_the_documents_name_no_way_to_reach_a_person() -> None:
    for path in DOCUMENTS.values():
        text = path.read_text(encoding="utf8")
        assert not re.search(r"\S@\S|\+\d\d|[Pp]hone|[Ss]treet|\bDr\b|M\.?D\b", text)


@pytest.mark.parametrize("trial", DOCUMENTS)
def test_exactly_the_numeric_comparisons_of_a_careful_reader(trial: str, compiled: dict[str, RuleSet]) -> None:
    expected = [one.strip() for line in COMPARISONS[trial].splitlines() for one in line.split("·") if one.strip()]
    assert sorted(map(shown, extract(compiled[trial]))) == sorted(expected)


@pytest.mark.parametrize("trial", DOCUMENTS)
def test_exactly_the_doubts_that_wait_for_a_reviewer(trial: str, compiled: dict[str, RuleSet]) -> None:
    found = [one for made in compiled[trial].rules for one in made.diagnostics if one.kind is not Kind.NOTE]
    if trial == "NCT03619954":  # test_radiotherapy_of_lung_and_liver_is_one_finding
        found = [one for one in found if one.criterion != "E9"]
    assert [f"{one.criterion} {one.kind} {one.code}" for one in found] == DOUBTS[trial]


@pytest.mark.parametrize(("trial", "criterion", "code"), NOTES)
def test_notes_stand_where_the_text_is_odd(trial: str, criterion: str, code: str, compiled: dict[str, RuleSet]) -> None:
    assert code in {one.code for one in rule(compiled[trial], criterion).diagnostics if one.kind is Kind.NOTE}


def test_a_text_that_states_its_eligibility_twice_says_what_differs(compiled: dict[str, RuleSet]) -> None:
    for trial in ("IRCT20200621047859N1", "IRCT20200429047241N1"):
        rules = compiled[trial]
        assert "several-versions" in {one.code for one in rules.diagnostics}
        assert any(one.code == "versions-differ" for made in rules.rules for one in made.diagnostics)
    for agreed in ("I5", "I7", "E4"):
        made = rule(compiled["IRCT20200621047859N1"], agreed)
        assert len(made.spans) >= 2, agreed
        assert "versions-differ" not in {one.code for one in made.diagnostics}


def test_the_broken_numbering_is_noticed(compiled: dict[str, RuleSet]) -> None:
    assert {"numbering-gap", "numbering-restarted"} <= {one.code for one in compiled["NCT06674265"].diagnostics}
    ids = {made.id for made in compiled["NCT06674265"].rules}
    assert {"E5", "E6", "E7", "E8", "E12", "E13", "E14", "E15", "E16"} <= ids
    assert not ids & {"E9", "E10", "E11"}


# ---- nothing lost


@pytest.mark.parametrize("trial", DOCUMENTS)
def test_every_character_of_the_eligibility_text_is_accounted_for(trial: str, compiled: dict[str, RuleSet]) -> None:
    ranges = read_document(DOCUMENTS[trial]).eligibility
    covered = Counter(at for entry in compiled[trial].ledger for at in range(entry.span.start, entry.span.end))
    assert covered == Counter(at for span in ranges for at in range(span.start, span.end))


@pytest.mark.parametrize("trial", DOCUMENTS)
def test_hardly_anything_is_not_understood(trial: str, compiled: dict[str, RuleSet]) -> None:
    assert shares(compiled[trial].ledger)[Share.NOT_UNDERSTOOD] < 0.05


@pytest.mark.parametrize("trial", DOCUMENTS)
def test_no_number_hides_in_what_is_not_understood(trial: str, compiled: dict[str, RuleSet]) -> None:
    rules = compiled[trial]
    hidden = [
        entry.span.of(rules.raw)
        for entry in rules.ledger
        if entry.share is Share.NOT_UNDERSTOOD and re.search(r"\d", entry.span.of(rules.raw))
    ]
    assert hidden == []


@pytest.mark.parametrize("trial", DOCUMENTS)
def test_every_number_with_a_sign_is_in_a_comparison(trial: str, compiled: dict[str, RuleSet]) -> None:
    rules = compiled[trial]
    read = [made.span for one in rules.rules for made in nodes(one.predicate) if made.span and compares(made)]
    for entry in rules.ledger:
        for sign in re.finditer(r"[<>≤≥]|\\[gl]eq", entry.span.of(rules.raw)):
            at = entry.span.start + sign.start()
            repeated = any(
                len(one.spans) > 1 and any(s.start <= at < s.end for s in one.spans[1:]) for one in rules.rules
            )
            assert repeated or any(span.start <= at < span.end for span in read), rules.raw[at - 20 : at + 20]


def compares(made: Predicate) -> bool:
    return any(hasattr(node, "variable") for node in nodes(made))


@pytest.mark.parametrize("trial", DOCUMENTS)
def test_spans_point_at_the_words(trial: str, compiled: dict[str, RuleSet]) -> None:
    rules = compiled[trial]
    for row in extract(rules):
        assert " ".join(rules.raw[slice(*row["span"])].split()) == row["text"]
        written = WORDS.get((row["variable"], row["value"]), str(row["value"]))
        assert written in row["text"].replace(",", "")


@pytest.mark.parametrize("trial", DOCUMENTS)
def test_a_rule_is_its_own_words(trial: str, compiled: dict[str, RuleSet]) -> None:
    rules = compiled[trial]
    for made in rules.rules:
        if made.spans and made.id != "S":
            quoted = " ".join(" ".join(span.of(rules.raw) for span in made.spans).split())
            assert quoted.startswith(made.text) or made.text in quoted


# ---- what the readings hinge on


def test_ph_above_100000_is_not_read_as_acidity(compiled: dict[str, RuleSet]) -> None:
    rules = compiled["IRCT20200621047859N1"]
    found = [node for one in rules.rules for node in nodes(one.predicate) if isinstance(node, Comparison)]
    assert "ph" not in {node.variable for node in found}
    assumed = [node for node in nodes(rule(rules, "I7").predicate) if isinstance(node, Assumption)]
    suggested = next(node for node in assumed if node.code == "unlikely-variable")
    assert {node.variable for node in nodes(suggested) if isinstance(node, Comparison)} == {"platelets"}
    assert "platelets" not in {row["variable"] for row in extract(rules)}


def test_polarity_is_in_doubt_for_platelets_and_hemoglobin_and_not_for_neutrophils(
    compiled: dict[str, RuleSet],
) -> None:
    rules = compiled["NCT06674265"]
    for criterion, variable, limit in (("E1a", "platelets", "50000 /uL"), ("E1c", "hemoglobin", "10 g/dL")):
        made = rule(rules, criterion).predicate
        assert isinstance(made, Choice)
        assert {one.name: print_predicate(one.predicate) for one in made.readings} == {
            "written": f"{variable} > {limit}",
            "reversed": f"{variable} < {limit}",
        }
    assert rule(rules, "E1b").predicate == parse_predicate("anc <= 500 /uL")
    assert "reversed-polarity" not in {one.code for one in rule(rules, "E1b").diagnostics}


def test_the_trial_defines_its_own_upper_limit(compiled: dict[str, RuleSet]) -> None:
    made = rule(compiled["NCT06674265"], "E2b").predicate
    assert isinstance(made, Comparison)
    assert isinstance(made.limit, Multiple)
    assert made.limit.defined is not None
    row = next(one for one in extract(compiled["NCT06674265"]) if one["variable"] == "alt")
    assert (row["multiple_of"], row["value"], row["canonical_value"]) == ("ULN", 3, 135)


def test_the_condition_governs_the_transaminases_and_not_bilirubin(compiled: dict[str, RuleSet]) -> None:
    made = rule(compiled["NCT03619954"], "I6b").predicate
    conditional = next(node for node in nodes(made) if isinstance(node, IfElse))
    assert isinstance(conditional.condition, Presence)
    assert conditional.condition.term.concept == "liver_metastasis"
    assert {node.variable for node in nodes(conditional) if isinstance(node, Comparison)} == {"alt", "ast"}


@pytest.mark.parametrize(
    ("trial", "criterion", "reading"),
    [
        ("NCT03619954", "I2", "age >= 18 years and age <= 75 years"),
        ("NCT03619954", "I3", "ecog in {0, 1}"),
        ("NCT03619954", "I6c", "creatinine_clearance[cockcroft_gault] >= 60 mL/min"),
        ("NCT03619954", "I7", "max(tumor_size) <= 6 cm"),
        ("NCT03619954", "E6", "has(hiv) or has(syphilis)"),
        ("NCT03619954", "E8", "had(radiotherapy) within 4 weeks or had(immunotherapy) within 4 weeks"),
        ("NCT03619954", "E11", "spo2{room_air} <= 90 %"),
        ("NCT02843126", "I3", "karnofsky >= 70 and life_expectancy > 6 months"),
        ("NCT02843126", "R3", "sex is female"),
        ("NCT06674265", "I3", "life_expectancy >= 6 months"),
        ("NCT06674265", "E16", "has(hiv)"),
        ("IRCT20200621047859N1", "I8", "hcg is negative within 2 weeks before first_dose"),
        ("IRCT20200621047859N1", "E2", "had(major_surgery) within 1 month before enrolment"),
        ("IRCT20200621047859N1", "E4", "has(pregnancy) or has(breastfeeding)"),
        ("IRCT20200429047241N1", "E2v2", "creatinine > 2 mg/dL or spo2 <= 96 % or alt > 2.5 ULN or ast > 2.5 ULN"),
        ("IRCT20200429047241N1", "E3v2", "has(other_malignancy)"),
        (
            "NCT06674265",
            "E3a",
            """one method any of (
              creatinine_clearance_indexed < 70 mL/min/{1.73_m2},
              egfr[radioisotope] < 70 mL/min/{1.73_m2}
            )""",
        ),
        (
            "NCT06674265",
            "E3c",
            "one method any of (shortening_fraction[echo] < 27 %, lvef[echo] < 50 %, lvef[muga] < 50 %)",
        ),
    ],
)
def test_readings_a_careful_reader_gives(
    trial: str, criterion: str, reading: str, compiled: dict[str, RuleSet]
) -> None:
    assert rule(compiled[trial], criterion).predicate == parse_predicate(reading)


def test_radiotherapy_of_lung_and_liver_is_one_finding(compiled: dict[str, RuleSet]) -> None:
    made = rule(compiled["NCT03619954"], "E9").predicate
    assert not [node for node in nodes(made) if isinstance(node, Choice)]
    found = [node for node in nodes(made) if isinstance(node, Presence)]
    assert all(node.window is not None for node in found)


def test_the_seizures_of_the_fourth_exclusion_are_a_choice(compiled: dict[str, RuleSet]) -> None:
    made = rule(compiled["NCT06674265"], "E4a").predicate
    assert [node for node in nodes(made) if isinstance(node, Choice)]


def test_the_scope_of_grade_3_is_in_doubt(compiled: dict[str, RuleSet]) -> None:
    assert "scope" in {one.code for one in rule(compiled["NCT02843126"], "E3").diagnostics}


# ---- rule files


@pytest.mark.parametrize("trial", DOCUMENTS)
def test_a_compiled_trial_comes_back_from_its_rule_file(trial: str, compiled: dict[str, RuleSet]) -> None:
    assert ruleset.read(ruleset.write(compiled[trial])) == compiled[trial]


@pytest.mark.parametrize("trial", DOCUMENTS)
def test_every_reading_comes_back_from_its_words(trial: str, compiled: dict[str, RuleSet]) -> None:
    for made in compiled[trial].rules:
        assert parse_predicate(print_predicate(made.predicate)) == made.predicate


@pytest.mark.parametrize("trial", DOCUMENTS)
def test_compiling_twice_gives_the_same(trial: str, compiled: dict[str, RuleSet]) -> None:
    assert compile_trial(read_document(DOCUMENTS[trial])) == compiled[trial]
