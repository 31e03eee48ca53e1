"""No text can stop the reader: whatever is done to a document, it compiles, and every character is accounted for."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from screening import ruleset
from screening.build import compile_trial, extract, windows
from screening.language import parse_predicate, print_predicate
from screening.sections import read, read_document

DOCUMENTS = {
    path.stem: path.read_text(encoding="utf8") for path in sorted((Path(__file__).parent / "documents").glob("*.txt"))
}
CRITERIA = [
    span.of(trial.raw)
    for path in sorted((Path(__file__).parent / "documents").glob("*.txt"))
    for trial in [read_document(path)]
    for item in trial.items
    for span in item.spans
]
FOREIGN = "≥≤⁹³²µμ×−–—“”، 、。％９۱٣🇨🇳éβ\u200b\u00a0\ufeff\u202e\x0b\x85"
WORDS = [word for text in CRITERIA for word in text.split()]


def survives(text: str) -> None:
    """The text compiles; its ledger covers the eligibility text once; its readings come back from their words."""
    trial = read(text, "T")
    rules = compile_trial(trial)
    covered = sorted((entry.span.start, entry.span.end) for entry in rules.ledger)
    ranges = [(span.start, span.end) for span in trial.eligibility if span.start < span.end]
    assert sum(end - start for start, end in covered) == sum(end - start for start, end in ranges)
    assert all(any(start >= low and end <= high for low, high in ranges) for start, end in covered)
    assert all(first[1] <= second[0] for first, second in pairwise(covered))
    assert len({rule.id for rule in rules.rules}) == len(rules.rules)
    for row in [*extract(rules), *windows(rules)]:
        assert 0 <= row["span"][0] <= row["span"][1] <= len(rules.raw)
    for rule in rules.rules:
        assert parse_predicate(print_predicate(rule.predicate)) == rule.predicate


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("part", range(1, 8))
def test_a_document_cut_off(name: str, part: int) -> None:
    text = DOCUMENTS[name]
    survives(text[: len(text) * part // 8])


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("part", range(1, 8, 2))
def test_a_document_whose_beginning_is_lost(name: str, part: int) -> None:
    text = DOCUMENTS[name]
    survives(text[len(text) * part // 8 :])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_stands_twice(name: str) -> None:
    survives(DOCUMENTS[name] * 2)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_shuffled_lines(name: str) -> None:
    lines = DOCUMENTS[name].splitlines()
    random.Random(7).shuffle(lines)  # noqa: S311 -- any order will do, always the same
    survives("\n".join(lines))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_lines_and_blanks_of_other_systems(name: str) -> None:
    survives(DOCUMENTS[name].replace("\n", "\r\n"))
    survives(DOCUMENTS[name].replace("\n", " "))
    survives(DOCUMENTS[name].replace(" ", "\u00a0"))
    survives(DOCUMENTS[name].upper())
    survives(DOCUMENTS[name].lower())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_two_documents_run_together(name: str) -> None:
    other = next(text for key, text in DOCUMENTS.items() if key != name)
    survives(DOCUMENTS[name] + other)


@given(st.sampled_from(sorted(DOCUMENTS)), st.lists(st.tuples(st.floats(0, 1), st.sampled_from(FOREIGN)), max_size=12))
@settings(max_examples=10, deadline=None)
def test_foreign_characters_anywhere(name: str, changes: list[tuple[float, str]]) -> None:
    text = DOCUMENTS[name]
    for share, char in changes:
        at = int(share * len(text))
        text = text[:at] + char + text[at + 1 :]
    survives(text)


@given(st.lists(st.sampled_from(WORDS), max_size=40), st.sampled_from(["Inclusion", "Exclusion"]))
@settings(max_examples=60, deadline=None)
def test_any_order_of_the_words_of_the_trials(words: list[str], side: str) -> None:
    survives(f"{side} Criteria:\n\n1. {' '.join(words)}\n")


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
@example("(" * 400)
@example(")" * 400)
@example("≥" * 400)
@example("1,000," * 200)
@example("ULN " * 200)
@example("ANC ≥ 1500/µL, " * 200)
@example("unless if except not " * 100)
@example("ECOG 0 or " * 150)
def test_any_text_at_all(text: str) -> None:
    survives(f"Inclusion Criteria:\n\n1. {text}\n\nExclusion Criteria:\n\n1. {text}\n")


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "\ufeff", "Inclusion Criteria:", "Exclusion Criteria:\n\n", "1.\n2.\n3.\n"]
)
def test_texts_that_say_nothing(text: str) -> None:
    survives(text)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_damaged_document_still_makes_a_rule_file(name: str) -> None:
    rules = compile_trial(read(DOCUMENTS[name][: len(DOCUMENTS[name]) * 3 // 4], name))
    assert ruleset.read(ruleset.write(rules)) == rules
