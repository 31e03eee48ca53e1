"""The grammar of the islands: free of conflicts, made of the lexer's terminals, the longest accepted piece wins."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark
from lark import Token as LarkToken

from screening.build import compile_trial
from screening.parse import lexer
from screening.parse.lexer import lex
from screening.parse.passes import senses
from screening.parse.tokens import Token
from screening.parse.trees import logic
from screening.parse.trees.islands import LONGEST, islands
from screening.parse.trees.running import IncompleteError, Machine
from screening.parse.trees.shaping import terminals
from screening.parse.words.lexicon import HERE, trie
from screening.resources import grammar
from screening.sections import read
from tests.test_lexer import texts

STARTS = ["measured", "scaled", "bare"]


def test_the_grammar_of_the_islands_has_no_conflict() -> None:
    code = f"{grammar('islands')}\n%declare {' '.join(sorted(terminals()))}\n"
    Lark(code, parser="lalr", start=STARTS, strict=True)


def test_the_grammar_of_the_logic_has_no_conflict() -> None:
    names = sorted(set(re.findall(r"\b[A-Z]{2,}\b", re.sub(r"//.*", "", grammar("logic")))))
    Lark(f"{grammar('logic')}\n%declare {' '.join(names)}\n", parser="lalr", start="clause", strict=True)


def test_the_rule_language_has_no_conflict() -> None:
    Lark(grammar("shared") + grammar("rule"), parser="lalr", start="start", strict=True)


def lexer_types() -> set[str]:
    """Every type a token can have: those of the trie, of signs, of numbers and units, and what words settle to."""
    found, nodes = set(lexer._SYMBOLS.values()), [trie()]  # noqa: SLF001 -- the table is what is tested
    while nodes:
        node = nodes.pop()
        found |= {entry.type for entry in node.get(HERE, ())}
        nodes.extend(below for key, below in node.items() if key != HERE)
    return found | {"BEYOND", "NUM", "UNIT", "TIME", "LEVEL", "WORD", "DASH", "POSTGE", "POSTLE", "POSTGT"}


def test_every_terminal_of_the_grammar_is_a_type_the_lexer_makes() -> None:
    assert terminals() <= lexer_types()


def test_every_rule_of_the_senses_is_for_a_type_the_lexer_makes() -> None:
    assert set(senses._RULES) <= lexer_types()  # noqa: SLF001


def test_the_logic_declares_every_terminal_it_uses() -> None:
    used = set(re.findall(r"\b[A-Z]{2,}\b", re.sub(r"//.*", "", grammar("logic"))))
    assert used == logic._TERMINALS  # noqa: SLF001


def found(text: str) -> list[str]:
    tokens = lex(text)
    return [text[tokens[one.first].start : tokens[one.last - 1].end] for one in islands(tokens)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("ANC ≥ 1500/µL and ≤ 9000/µL", ["ANC ≥ 1500/µL and ≤ 9000/µL"]),
        ("AST, ALT ≤ 2 × ULN", ["AST, ALT ≤ 2 × ULN"]),
        ("patients with ANC ≥ 1500/µL who smile", ["ANC ≥ 1500/µL"]),
        ("platelets (PLT) 100,000 /mm3 or more", ["platelets (PLT) 100,000 /mm3 or more"]),
        ("ECOG 0, 1 or 2", ["ECOG 0, 1 or 2"]),
        ("WBC ≥ 3 × 10^9/L, ANC ≥ 1.5 × 10^9/L", ["WBC ≥ 3 × 10^9/L", "ANC ≥ 1.5 × 10^9/L"]),
        ("surgery within 4 weeks before enrolment", ["within 4 weeks before enrolment"]),
        ("18 ≤ age ≤ 75", ["18 ≤ age ≤ 75"]),
        ("no formal words at all", []),
        ("age from 18 to 75 years (≥18, ≤75)", ["age from 18 to 75 years (≥18, ≤75)"]),
    ],
)
def test_the_longest_piece_wins(text: str, pieces: list[str]) -> None:
    assert found(text) == pieces


def test_a_piece_that_breaks_off_is_cut_back_to_what_is_whole() -> None:
    assert found("ANC ≥ 1500/µL and ≥") == ["ANC ≥ 1500/µL"]
    assert found("ECOG 0, 1 or") == ["ECOG 0, 1"]


@given(texts)
@settings(max_examples=150, deadline=None)
def test_islands_stand_in_order_and_apart(text: str) -> None:
    tokens = lex(text)
    at = 0
    for one in islands(tokens):
        assert at <= one.first < one.last <= len(tokens)
        at = one.last


@given(st.lists(st.sampled_from(sorted(terminals() | {"WORD", "FILL"})), max_size=25))
@settings(max_examples=300, deadline=None)
def test_any_sequence_of_terminals_is_read_without_error(types: list[str]) -> None:
    made = [
        Token(kind, "1", at, at + 1, "1") if kind == "NUM" else Token(kind, kind, at, at + 1, "x")
        for at, kind in enumerate(types)
    ]
    made = [Token("MULT", 2, t.start, t.end, "twice") if t.type == "MULT" else t for t in made]
    for one in islands(made):
        assert one.first < one.last <= len(made)


def test_an_endless_list_costs_no_more_than_its_length() -> None:
    text = "platelets " + ", ".join(f"≥ {number}/µL" for number in range(100_000, 100_400))
    pieces = islands(lex(text))
    assert max(one.last - one.first for one in pieces) <= LONGEST


def test_a_cut_island_is_noticed() -> None:
    text = "Inclusion Criteria:\n\n1. ECOG " + ", ".join(["0", "1"] * 100) + "\n"
    rules = compile_trial(read(text, "T"))
    assert "island-cut" in {one.code for made in rules.rules for one in made.diagnostics}


@given(st.sampled_from(STARTS), st.lists(st.sampled_from(sorted(terminals())), max_size=12))
@settings(max_examples=300, deadline=None)
def test_the_driver_of_the_table_parses_as_lark_itself_does(start: str, kinds: list[str]) -> None:
    parser = _plain_islands()
    ours, larks, fed = Machine(parser, start).begin(), parser.parse_interactive("", start=start), True
    for kind in kinds:
        fed = ours.feed(kind, LarkToken(kind, kind))
        assert fed == (kind in larks.accepts())
        if not fed:
            break
        larks.feed_token(LarkToken(kind, kind))
    if fed and "$END" in larks.accepts():
        assert ours.end() == larks.feed_eof()
    elif fed:
        with pytest.raises(IncompleteError):
            ours.end()


@cache
def _plain_islands() -> Lark:
    return Lark(
        f"{grammar('islands')}\n%declare {' '.join(sorted(terminals()))}\n", parser="lalr", start=STARTS
    )  # builds Lark's own trees
