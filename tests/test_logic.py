"""The logic between the islands: connectives bind as people write them, and every sequence has a reading."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.parse.trees.clause import EMPTY, Conditioned, Element, Excepted, Grouped, Join, Leaf, Led, Negated, Tree
from screening.parse.trees.logic import logic

TYPES = ["PRED", "TEXT", "AND", "OR", "COMMA", "SEMI", "LPAR", "RPAR", "NEG", "EXCEPT", "IF", "THEN", "LEAD", "COLON"]


def read(words: str) -> str:
    """The tree of a sequence, lower-case letters standing for predicates, capitals for terminals."""
    made = [Element("PRED", word) if word.islower() else Element(word) for word in words.split()]
    return shown(logic(made))


def shown(tree: Tree) -> str:
    match tree:
        case Leaf(Element(_, payload)):
            return str(payload)
        case Join(how, items):
            return f"({f' {how} '.join(map(shown, items))})"
        case Grouped(base, inner):
            return f"{shown(base)}[{shown(inner)}]"
        case Conditioned(base, condition):
            return f"({shown(base)} if {shown(condition)})"
        case Excepted(base, exception):
            return f"({shown(base)} except {shown(exception)})"
        case Negated(base):
            return f"not {shown(base)}"
        case Led(_, base):
            return f"lead {shown(base)}"


@pytest.mark.parametrize(
    ("words", "tree"),
    [
        ("a", "a"),
        ("a AND b", "(a and b)"),
        ("a OR b", "(a or b)"),
        ("a AND b OR c", "((a and b) or c)"),
        ("a OR b AND c", "(a or (b and c))"),
        ("a COMMA b AND c", "(a and b and c)"),
        ("a COMMA b OR c", "(a or b or c)"),
        ("a COMMA b COMMA c", "(a list b list c)"),
        ("a COMMA AND b", "(a and b)"),
        ("a SEMI b", "(a semi b)"),
        ("a AND LPAR b OR c RPAR", "(a and (b or c))"),
        ("a LPAR b RPAR", "a[b]"),
        ("a IF b", "(a if b)"),
        ("a COMMA IF b", "(a if b)"),
        ("IF b COMMA a", "(a if b)"),
        ("IF b THEN a", "(a if b)"),
        ("a LPAR IF b THEN c RPAR", "a[(c if b)]"),
        ("a EXCEPT b", "(a except b)"),
        ("a EXCEPT b OR c", "(a except (b or c))"),
        ("a COMMA EXCEPT b", "(a except b)"),
        ("NEG a AND b", "(not a and b)"),
        ("a AND", "a"),
        ("OR a", "a"),
        ("a AND OR b", "(a or b)"),
        ("RPAR a RPAR", "a"),
        ("LEAD a OR b", "lead (a or b)"),
        ("a COLON b", "(a list b)"),
    ],
)
def test_how_connectives_bind(words: str, tree: str) -> None:
    assert read(words) == tree


def test_an_open_parenthesis_is_a_list() -> None:
    assert read("a LPAR b") == "(a list b)"


@pytest.mark.parametrize(
    "words", ["", "AND", "LPAR RPAR", "SEMI SEMI", "NEG", "IF", "EXCEPT", "LEAD COLON", "LPAR", "RPAR"]
)
def test_words_of_logic_alone_say_nothing(words: str) -> None:
    assert logic([Element(word) for word in words.split()]) is not None


def test_nothing_is_the_empty_tree() -> None:
    assert logic([]) == EMPTY


def leaves(tree: Tree) -> list[object]:
    match tree:
        case Leaf(Element(_, payload)):
            return [payload] if payload is not None else []
        case Join(_, items):
            return [leaf for item in items for leaf in leaves(item)]
        case Grouped(base, inner):
            return leaves(base) + leaves(inner)
        case Conditioned(base, condition):
            return leaves(base) + leaves(condition)
        case Excepted(base, exception):
            return leaves(base) + leaves(exception)
        case Negated(base) | Led(_, base):
            return leaves(base)


@given(st.lists(st.sampled_from(TYPES), max_size=40))
@settings(max_examples=500, deadline=None)
def test_every_sequence_has_a_reading_that_keeps_every_predicate(types: list[str]) -> None:
    made = [Element(kind, at if kind in ("PRED", "TEXT") else None) for at, kind in enumerate(types)]
    kept = leaves(logic(made))
    assert sorted(map(str, kept)) == sorted(str(at) for at, kind in enumerate(types) if kind in ("PRED", "TEXT"))


@given(st.integers(1, 300))
@settings(max_examples=20, deadline=None)
def test_parentheses_of_any_depth(depth: int) -> None:
    made = [*[Element("LPAR")] * depth, Element("PRED", "a"), *[Element("RPAR")] * depth]
    assert leaves(logic(made)) == ["a"]
