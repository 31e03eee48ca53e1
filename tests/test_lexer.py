"""The lexer cuts a clean text into terminals, loses nothing, and names the longest phrase it knows."""

from __future__ import annotations

import gc
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.parse.lexer import lex
from screening.parse.numbers import readings
from screening.parse.words.labels import _whole, labels
from screening.parse.words.lexicon import trie, words_of
from screening.parse.words.pieces import Pieces
from screening.resources import table, without_cycle_search
from screening.text import clean
from tests.test_robustness import CRITERIA

WORDS = (
    """
    ANC|≥|≤|>|<|=|1,500|1.5|50.000|x|×|10^9/L|/µL|mg/dL|years|or older|
    and|or|,|;|(|)|-|to|ECOG|II|Child-Pugh|B|within|4 weeks|before|ULN|if|liver metastases|unless|no|not|
    negative|HIV|platelets|.
""".replace("\n    ", "")
    .strip()
    .split("|")
)
texts = st.one_of(
    st.text(max_size=80).map(lambda t: clean(t).text), st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join)
)


def types(text: str) -> list[str]:
    return [token.type for token in lex(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ANC ≥ 1500/µL", ["VAR", "GE", "NUM", "UNIT"]),
        ("alanine aminotransferase ≤ 2.5 x ULN", ["VAR", "LE", "NUM", "TIMES", "ULN"]),
        ("ALT > 2.5 × N", ["VAR", "GT", "NUM", "TIMES", "ULN"]),
        ("Bilirubin ≤1.5xULN", ["VAR", "LE", "NUM", "TIMES", "ULN"]),
        ("NYHA class III", ["SCALE", "LEVEL"]),
        ("ECOG 0-1", ["SCALE", "NUM", "TO", "NUM"]),
        ("18 years or older", ["NUM", "TIME", "POSTGE"]),
        ("liver metastases", ["CONCEPT"]),
        ("twice the ULN", ["MULT", "FILL", "ULN"]),
        ("HIV negative", ["CONCEPT", "RESULT"]),
    ],
)
def test_terminals(text: str, expected: list[str]) -> None:
    assert types(text) == expected


def test_or_older_than_begins_a_new_comparison() -> None:
    assert "POSTGE" not in types("younger than 18 or older than 95")
    assert types("18 or older")[-1] == "POSTGE"


def test_a_hyphenated_word_is_not_cut_into_a_name_and_a_number() -> None:
    assert "VAR" not in types("glucose-6-phosphate")
    assert "NUM" not in types("CD4-positive") or "VAR" not in types("CD4-positive")


@pytest.mark.parametrize(
    "unit",
    [
        "10^9/L",
        "/µL",
        "/mm3",
        "mg/dL",
        "g/dL",
        "mmol/L",
        "mL/min/1.73 m2",
        "mL/min",
        "U/L",
        "mmHg",
        "%",
        "kg/m2",
        "ms",
        "K/µL",
    ],
)
def test_units_stand_behind_numbers(unit: str) -> None:
    assert types(f"creatinine > 1 {unit}")[-2:] == ["NUM", "UNIT"]


@pytest.mark.parametrize(
    ("word", "code"), [("years", "a"), ("months", "mo"), ("weeks", "wk"), ("days", "d"), ("hours", "h"), ("yrs", "a")]
)
def test_times_are_units_of_their_own(word: str, code: str) -> None:
    token = lex(f"within 4 {word}")[-1]
    assert (token.type, token.value) == ("TIME", code)


@pytest.mark.parametrize(
    ("digits", "first"),
    [
        ("1,500", "1500"),
        ("1.5", "1.5"),
        ("1,5", "1.5"),
        ("100,000", "100000"),
        ("1 500", "1500"),
        ("1·5", "1.5"),
        ("10,5", "10.5"),
    ],
)
def test_numbers_as_written(digits: str, first: str) -> None:
    assert readings(digits)[0] == Decimal(first)


def test_a_point_before_three_digits_is_both() -> None:
    assert set(readings("50.000")) == {Decimal(50), Decimal(50000)}
    assert set(readings("1,500")) == {Decimal(1500), Decimal("1.500")}


@pytest.mark.parametrize("digits", ["5.0.1", "1,2,3,4", "", "x"])
def test_what_is_no_number(digits: str) -> None:
    assert readings(digits) == ()


@pytest.mark.parametrize(
    ("phrase", "words"), [("Beta-hCG", ["beta", "hcg"]), ("AST/ALT", ["ast", "/", "alt"]), ("µg", ["ug"]), ("-", ["-"])]
)
def test_phrases_are_keyed_as_they_are_cut(phrase: str, words: list[str]) -> None:
    assert words_of(phrase) == words


def test_the_trie_is_built_once() -> None:
    assert trie() is trie()


def check(text: str) -> None:
    """Tokens stand in order, do not overlap, carry their words, and leave out nothing but white space."""
    at = 0
    for token in lex(text):
        assert token.start >= at
        assert token.end >= token.start  # a name said ahead of its place has no width there
        assert text[at : token.start].strip() == ""
        at = token.end
    assert text[at:].strip() == ""


@given(texts)
@settings(max_examples=200, deadline=None)
def test_nothing_but_white_space_is_left_out(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", CRITERIA)
def test_nothing_is_left_out_of_the_five_trials(text: str) -> None:
    check(clean(text).text)


@pytest.mark.parametrize(
    "text",
    [
        "RECIST criteria",
        "irecist",
        "section B",
        "appendix IV",
        "AJCC staging system",
        "UICC",
        "HER3 pathway inhibitor",
        "pan-RAF inhibitors",
        "Tis",
        "KRAS mutation",
        "EGFR gene",
        "C1D1",
        "del 17p",
        "trisomy 8",
        "NCT01234567",
        "version 5.0",
        "HLA-A*02",
        "R0 resection",
        "CYP3A4",
        "exon 19 deletions",
        "cycle 1 day 1",
        "v 1.1",
        "t(9;22)",
        "cytochrome P450 3A4",
        "p.V600E",
    ],
)
def test_a_label_is_found_wherever_its_pattern_stands(text: str) -> None:
    assert _every_label().search(text)
    assert list(labels(Pieces(text)))


def _every_label() -> re.Pattern[str]:
    """The patterns of all labels as one, without the hints that save most places the search."""
    written = [one for kind in table("labels")["label"] for one in kind["patterns"]]
    return re.compile(_whole(written, table("labels")["macros"]), re.IGNORECASE)


def test_a_text_leaves_no_circle_of_references() -> None:
    text = "NYHA class III or hemoglobin ≥ 9 g/dL (90 g/L) within 28 days before enrolment"
    lex(text)
    gc.collect()
    with without_cycle_search():  # what a circle holds is only freed by the search for circles, which takes its time
        lex(text)
        assert gc.collect() == 0


def test_the_words_labels_begin_with_leave_none_out() -> None:
    here = Path(__file__).parent
    files = sorted((*here.glob("criteria/*.md"), *here.glob("documents/*.txt")))
    pieces = Pieces("\n".join(file.read_text(encoding="utf8") for file in files))
    pattern = _every_label()
    found, done = [], 0
    for start in pieces.starts:
        match = pattern.match(pieces.text, start) if start >= done else None
        if match:
            done = match.end()
            found.append((start, done))
    assert len(found) > 5
    assert [(label.start, label.end) for label in labels(pieces)] == found
