"""Classes of eligibility text and how a careful reader takes them; every sentence here is made up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from screening.build import compile_trial, shares
from screening.language import parse_predicate
from screening.predicates import All, Choice, NotUnderstood, Predicate, children
from screening.ruleset.model import RuleSet, Share
from screening.sections import read


def compiled(text: str, side: str = "Inclusion") -> RuleSet:
    return compile_trial(read(f"{side} Criteria:\n\n1. {text}\n", "T"))


def reading(text: str, side: str = "Inclusion") -> Predicate:
    found = compiled(text, side).rules
    assert len(found) == 1
    return found[0].predicate


def nodes(made: Predicate) -> list[Predicate]:
    return [made, *(node for part in children(made) for node in nodes(part))]


def codes(text: str, side: str = "Inclusion") -> set[str]:
    return {one.code for made in compiled(text, side).rules for one in made.diagnostics}


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
    rules = compiled(text, side)
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
        ("Autoimmune disease (i.e. lupus or vasculitis)", "has(lupus) or has(vasculitis)"),
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


def test_several_findings_in_parentheses_may_be_demands_or_examples() -> None:
    made = reading("Lymphoma (follicular lymphoma, mantle cell lymphoma)")
    assert isinstance(made, Choice)
    assert made.readings[0].predicate == parse_predicate("has(follicular_lymphoma) or has(mantle_cell_lymphoma)")
    assert "parenthesised-list" in codes("Lymphoma (follicular lymphoma, mantle cell lymphoma)")


def test_unread_words_in_parentheses_count_as_unread() -> None:
    read_whole = shares(compiled("Kidney disease (gout)", "Exclusion").ledger)
    read_part = shares(compiled("Kidney disease (blorbitis, gout)", "Exclusion").ledger)
    assert read_whole[Share.NOT_UNDERSTOOD] == 0 < read_part[Share.NOT_UNDERSTOOD]
