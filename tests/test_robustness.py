"""No text can stop the reader: whatever is done to a document, it compiles, and every character is accounted for."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from screening import ruleset
from screening.build import compile_trial
from screening.sections import read, read_document
from tests import survival
from tests.mutations import DAMAGES, Damage, damaged

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


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("part", range(1, 8))
def test_a_document_cut_off(name: str, part: int) -> None:
    text = DOCUMENTS[name]
    survival.text(text[: len(text) * part // 8])


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("part", range(1, 8, 2))
def test_a_document_whose_beginning_is_lost(name: str, part: int) -> None:
    text = DOCUMENTS[name]
    survival.text(text[len(text) * part // 8 :])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_stands_twice(name: str) -> None:
    survival.text(DOCUMENTS[name] * 2)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_shuffled_lines(name: str) -> None:
    lines = DOCUMENTS[name].splitlines()
    random.Random(7).shuffle(lines)  # noqa: S311 -- any order will do, always the same
    survival.text("\n".join(lines))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_lines_and_blanks_of_other_systems(name: str) -> None:
    survival.text(DOCUMENTS[name].replace("\n", "\r\n"))
    survival.text(DOCUMENTS[name].replace("\n", " "))
    survival.text(DOCUMENTS[name].replace(" ", "\u00a0"))
    survival.text(DOCUMENTS[name].upper())
    survival.text(DOCUMENTS[name].lower())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_two_documents_run_together(name: str) -> None:
    other = next(text for key, text in DOCUMENTS.items() if key != name)
    survival.text(DOCUMENTS[name] + other)


@given(st.sampled_from(sorted(DOCUMENTS)), st.lists(st.tuples(st.floats(0, 1), st.sampled_from(FOREIGN)), max_size=12))
@settings(max_examples=10, deadline=None)
def test_foreign_characters_anywhere(name: str, changes: list[tuple[float, str]]) -> None:
    text = DOCUMENTS[name]
    for share, char in changes:
        at = int(share * len(text))
        text = text[:at] + char + text[at + 1 :]
    survival.text(text)


@given(st.lists(st.sampled_from(WORDS), max_size=40), st.sampled_from(["Inclusion", "Exclusion"]))
@settings(max_examples=60, deadline=None)
def test_any_order_of_the_words_of_the_trials(words: list[str], side: str) -> None:
    survival.text(f"{side} Criteria:\n\n1. {' '.join(words)}\n")


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
    survival.text(f"Inclusion Criteria:\n\n1. {text}\n\nExclusion Criteria:\n\n1. {text}\n")


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "\ufeff", "Inclusion Criteria:", "Exclusion Criteria:\n\n", "1.\n2.\n3.\n"]
)
def test_texts_that_say_nothing(text: str) -> None:
    survival.text(text)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_damaged_document_still_makes_a_rule_file(name: str) -> None:
    rules = compile_trial(read(DOCUMENTS[name][: len(DOCUMENTS[name]) * 3 // 4], name))
    assert ruleset.read(ruleset.write(rules)) == rules


SOURCES = [
    *DOCUMENTS.values(),
    *("\n".join(line[2:] for line in path.read_text(encoding="utf8").splitlines() if line.startswith("> "))
      for path in sorted((Path(__file__).parents[1] / "rules" / "trials").glob("*.md"))),
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_to_a_file(damage: Damage) -> None:
    lots = random.Random(damage.__name__)  # noqa: S311 -- the same damage every time
    for source in SOURCES[::3]:
        survival.document(damage(lots, source).encode("utf8", errors="replace"))


@pytest.mark.parametrize("number", range(24))
def test_damage_upon_damage(number: int) -> None:
    lots = random.Random(number)  # noqa: S311 -- as above
    text, _ = damaged(lots, lots.choice(SOURCES))
    survival.document(text.encode("utf8", errors="replace"), linted=number % 6 == 0)


# ---- found by the benchmark tests/benchmarks/robustness.py and by fuzzing: each stopped the program once


@pytest.mark.parametrize(
    "criterion",
    [
        "Confirmed diastolic BP > 90 mmHg on two measurements",
        "HER2 score of 3+ by IHC",
        "Estrogen receptor ≥ 10% by immunohistochemistry",
        "24-hour urine protein < 1 g",
        "Bone marrow blasts > 20% by morphology",
        "MRD ≥ 0.01% by flow cytometry",
        "Serum creatinine ≤ 1.5 mg/dL by the CKD-EPI equation",
        "Treated diastolic BP > 100 mmHg",
    ],
)
def test_a_circumstance_or_method_that_no_record_states_is_left_out_with_a_note(criterion: str) -> None:
    survival.text(f"Inclusion Criteria:\n\n1. {criterion}\n")
