"""Clean-up repairs the writing and keeps the way back to every raw character."""

from __future__ import annotations

import tomllib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.text import Span, clean

TABLE = tomllib.loads((Path(__file__).parents[1] / "rules" / "cleanup.toml").read_text(encoding="utf8"))
PIECES = [
    *TABLE["sequences"],
    *TABLE["characters"],
    "ANC",
    " ",
    "10",
    "⁹",
    "³",
    "／",
    "９",
    "۱",
    "x",
    "-",
    "\n",
    "é",
    "🇨🇳",
    "ﬁ",
]
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))


@pytest.mark.parametrize(
    ("raw", "repaired"),
    [
        ("EF \\geq 50%", "EF ≥ 50%"),
        ("\\leq 2", "≤ 2"),
        ("Platelets \\> 50,000/µL", "Platelets > 50,000/µL"),
        ("10\\^6", "10^6"),
        ("×10⁹/L", "×10^9/L"),
        ("10⁻³", "10^-3"),
        ("kg/m²", "kg/m2"),
        ("100×109/L", "100×109/L"),  # read by the units, with a note: here it may be a number
        ("９０ g／L", "90 g/L"),
        ("年龄≥１８岁", "年龄≥18岁"),
        ("۱۸ سال", "18 سال"),
        ("٣٫٥", "3.5"),
        ("≧ 5 、 ≦ 6", "≥ 5 , ≤ 6"),
        ("18–75 years", "18-75 years"),
        ("5 >/= 4", "5 ≥ 4"),
        ("=< 4", "≤ 4"),
        ("&ge; 4 &amp; &lt; 5", "≥ 4 & < 5"),
        ("37℃", "37°C"),
        ("a\u00a0b", "a b"),
        ("zero\u200bwidth", "zerowidth"),
        ("µ and μ", "µ and µ"),
        ("age ³ 18", "age ≥ 18"),  # the sign of an old symbol font
    ],
)
def test_repairs(raw: str, repaired: str) -> None:
    assert clean(raw).text == repaired


@pytest.mark.parametrize("raw", ["", "ANC ≥ 1500/µL", "Hb >= 9"[:2], "plain text, nothing to repair"])
def test_clean_text_stays_as_it_is(raw: str) -> None:
    made = clean(raw)
    assert (made.text, made.repaired) == (raw, ())
    assert list(made.starts) == list(range(len(raw)))


@pytest.mark.parametrize(
    ("raw", "part", "source"), [("Hb \\> 10", ">", "\\>"), ("×10⁹/L", "^9", "⁹"), ("x \\geq 5", "≥", "\\geq")]
)
def test_a_repaired_sign_points_at_what_was_written(raw: str, part: str, source: str) -> None:
    made = clean(raw)
    at = made.text.index(part)
    assert made.raw_span(at, at + len(part)).of(raw) == source


@given(texts)
def test_every_character_knows_its_place(raw: str) -> None:
    made = clean(raw)
    assert len(made.text) == len(made.starts) == len(made.ends)
    assert list(made.starts) == sorted(made.starts)
    assert list(made.ends) == sorted(made.ends)
    assert all(0 <= start < end <= len(raw) for start, end in zip(made.starts, made.ends, strict=True))


@given(texts)
def test_what_is_not_repaired_is_copied(raw: str) -> None:
    made = clean(raw)
    for char, start, end in zip(made.text, made.starts, made.ends, strict=True):
        if end - start == 1 and raw[start].isascii() and char.isascii() and raw[start] not in "<>=\\&+-./_?or |":
            assert char == raw[start]


@given(texts)
def test_no_number_is_lost_or_invented(raw: str) -> None:
    digits = [str(unicodedata.digit(char)) for char in raw if unicodedata.digit(char, None) is not None]
    if not any(char in raw for char in "³") and all(
        unicodedata.decimal(c, None) is not None or c in "¹²⁴⁵⁶⁷⁸⁹" for c in raw if c.isdigit()
    ):
        kept = [char for char in clean(raw).text if char.isascii() and char.isdigit()]
        numeric = [c for c in raw if unicodedata.numeric(c, None) is not None and not c.isdigit()]
        assert numeric or kept == digits


@given(texts, st.data())
def test_pieces_are_joined_by_single_spaces_and_point_into_the_whole(raw: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), min_size=2, max_size=4)))
    spans = [Span(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b]
    made = clean(raw, spans)
    pieces = [clean(span.of(raw)).text for span in spans]
    assert made.text.replace(" ", "") == "".join(pieces).replace(" ", "")
    for start, end in zip(made.starts, made.ends, strict=True):
        assert 0 <= start <= end <= len(raw)
