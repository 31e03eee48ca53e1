"""The strict rule language: printing and parsing are inverse, names are checked, mistakes are named."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark

from screening import concepts, variables
from screening import predicates as p
from screening.language import LanguageError, parse_predicate, print_flat, print_predicate
from screening.language.grammar import keywords, source
from screening.language.printing import WIDTH
from screening.resources import grammar
from tests import strategies


def test_the_grammar_is_lalr_without_conflicts_or_colliding_words() -> None:
    Lark(source(), parser="lalr", strict=True)


@given(strategies.predicates())
@settings(max_examples=200, deadline=None)
def test_what_was_printed_parses_to_the_same_predicate(predicate: p.Predicate) -> None:
    assert parse_predicate(print_predicate(predicate)) == predicate


@given(strategies.predicates())
@settings(max_examples=60, deadline=None)
def test_line_breaks_mean_nothing(predicate: p.Predicate) -> None:
    assert parse_predicate(print_flat(predicate)) == predicate
    assert "\n" not in print_flat(predicate)


@given(strategies.predicates())
@settings(max_examples=60, deadline=None)
def test_printing_is_settled_after_one_round(predicate: p.Predicate) -> None:
    once = print_predicate(predicate)
    assert print_predicate(parse_predicate(once)) == once


def test_every_id_of_the_data_can_be_written_without_quotes() -> None:
    ids = {*variables.catalogue(), *concepts.catalogue(), *concepts.modifiers()}
    assert [name for name in ids if not re.fullmatch(r"[A-Za-z]\w*", name) or name in keywords()] == []


@pytest.mark.parametrize("variable", sorted(variables.catalogue()))
def test_every_accepted_unit_of_a_variable_survives(variable: str) -> None:
    for unit in (variables.catalogue()[variable].unit, *variables.catalogue()[variable].units):
        written = p.Comparison(variable, p.Op.GE, p.Amount(Decimal("1.5"), unit))
        if unit is not None:
            assert parse_predicate(print_predicate(written)) == written


def _samples() -> list[str]:
    """The sample sentences at the head of grammars/rule.lark: 17 columns in, up to the comment three blanks on."""
    lines = [
        line[18:] for line in grammar("rule").split("\n") if re.match(r"//( {16}|   [A-Z]+ +|[ ]*[A-Z]{4,} +)\S", line)
    ]
    samples = [re.split(r" {3,}", line.strip())[0] for line in lines]
    return [sample for sample in samples if "..." not in sample]


def test_there_are_sample_sentences() -> None:
    assert len(_samples()) > 25


@pytest.mark.parametrize("sentence", _samples())
def test_each_sample_sentence_of_the_grammar_prints_as_it_stands(sentence: str) -> None:
    assert print_flat(parse_predicate(sentence)) == sentence


@pytest.mark.parametrize(
    ("spoken", "strict"),
    [
        ("age >= 18 a and age ≤ 75 a", "age >= 18 years and age <= 75 years"),
        ("alt <= 2 x ULN", "alt <= 2 ULN"),
        ("alt <= 2 × ULN", "alt <= 2 ULN"),
        ("alt <= 2*ULN", "alt <= 2 ULN"),
        ("had(radiotherapy) within 28 d before screening", "had(radiotherapy) within 28 days before screening"),
        ("all of (has(cachexia), age >= 1 a)", "has(cachexia) and age >= 1 year"),
        ("((has(cachexia)))", "has(cachexia)"),
        ('choose "x" {"any": always; all: always;}', 'choose "x" { any: always; all: always }'),
        ("has(severe Liver metastases)", "has(severe liver_metastasis)"),
    ],
)
def test_sugar_is_accepted_and_prints_strictly(spoken: str, strict: str) -> None:
    assert print_flat(parse_predicate(spoken)) == strict


def test_parts_group_as_written() -> None:
    assert parse_predicate('assume "x: y": has(cachexia) and sex is male') == p.Assumption(
        "x", "y", p.All((p.Presence(p.Term("cachexia")), p.Sex("male")))
    )
    assert parse_predicate("not has(cachexia) or sex is male") == p.Any(
        (p.Not(p.Presence(p.Term("cachexia"))), p.Sex("male"))
    )


def test_long_rules_go_over_lines_a_person_can_follow() -> None:
    text = print_predicate(
        parse_predicate(
            "if has(liver_metastasis) then alt <= 5 ULN and ast <= 5 ULN else "
            "alt <= 2 ULN and ast <= 2 ULN and bilirubin_total <= 1.5 ULN"
        )
    )
    assert text.split("\n") == [
        "if has(liver_metastasis)",
        "then alt <= 5 ULN and ast <= 5 ULN",
        "else alt <= 2 ULN and ast <= 2 ULN and bilirubin_total <= 1.5 ULN",
    ]
    assert all(len(line) <= WIDTH for line in text.split("\n"))


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("platelet >= 100 10*9/L", 1, 1, "write platelets"),
        ("creatinin >= 1 mg/dL", 1, 1, "write creatinine"),
        ("platlettes >= 100 10*9/L", 1, 1, "did you mean platelets"),
        ("age >= 18 a\nand alt <= 2 U/dL", 2, 14, "alt is not measured in 'U/dL'; did you mean U/L"),
        ("alt <= 2 UNL", 1, 10, "did you mean ULN"),
        ("alt <= 2 [pH]", 1, 10, "write one of U/L, "),
        ("ecog <= 2 mL", 1, 11, "ecog is not measured in 'mL'; write one of"),
        ("alt <= 2", 1, 8, "the limit 2 of alt has no unit; write one of U/L"),
        ("has(cachexa)", 1, 5, "did you mean cachexia"),
        ("has(sever cachexia)", 1, 5, "did you mean severe"),
        ("alt[cockcroft_gault] <= 2 ULN", 1, 5, "alt has no method 'cockcroft_gault'; leave it out"),
        ("alt in {1, 2}", 1, 1, "alt is no scale"),
        ("ecog <= 2 ULN", 1, 9, "ecog is a scale and has no ULN; compare it with a number"),
        ("has(cachexia) within 4 parsecs", 1, 24, "'parsecs' is no length of time; write hours"),
        ("sex is male and age >= 1 a or sex is female", 1, 28, "put parentheses"),
        ("if sex is male then always", 1, 27, 'ends too early; expected "else"'),
        ("creatinine clearance >= 60 mL/min", 1, 12, "a name is one word: creatinine_clearance"),
        ("sex is male AND age >= 18 a", 1, 13, "write and in small letters"),
        ("alt <= 3 ULN[ast = 45 U/L]", 1, 14, "ast defined inside a limit of alt; write alt"),
        ("at least 1.5 of (sex is male, sex is female)", 1, 10, "1.5 is no whole number"),
        ("sex != male", 1, 5, "'!' does not fit here"),
        ("", 1, 1, "ends too early"),
    ],
)
def test_mistakes_are_named_with_place_and_remedy(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(LanguageError) as caught:
        parse_predicate(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def mistake(text: str) -> LanguageError | None:
    try:
        parse_predicate(text)
    except LanguageError as error:
        return error
    return None


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_predicate_or_a_mistake_named_in_one_line(text: str) -> None:
    assert "\n" not in str(mistake(text))


@given(strategies.predicates(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_slip_in_a_rule_is_a_predicate_or_a_named_mistake(predicate: p.Predicate, data: st.DataObject) -> None:
    text = print_predicate(predicate)
    at = data.draw(st.integers(0, len(text)))
    slip = data.draw(st.sampled_from(["", "(", ")", '"', "\\", "{", "and ", "9", "[", ";", "\n"]))
    lost = data.draw(st.integers(0, 3))
    error = mistake(text[:at] + slip + text[at + lost :])
    assert error is None or 1 <= error.line <= text.count("\n") + 2
    assert "\n" not in str(error)


def test_a_rule_nested_beyond_reason_is_a_named_mistake() -> None:
    with pytest.raises(LanguageError, match="nested too deeply"):
        parse_predicate("not " * 5000 + "sex is male")


def test_then_stands_apart_from_what_follows() -> None:
    text = 'if sex is male then (if always then sex is male else always) else assume "x": sex is female'
    assert print_flat(parse_predicate(text.replace("(", "").replace(")", ""))) == text


def test_two_readings_of_one_choice_have_two_names() -> None:
    with pytest.raises(LanguageError, match="two readings of one choice are named 'all'") as caught:
        parse_predicate('choose "x" {\n  all: always;\n  all: sex is male\n}')
    assert (caught.value.line, "\n" in str(caught.value)) == (3, False)


def test_a_message_about_control_characters_is_one_line() -> None:
    """Found by fuzzing."""
    with pytest.raises(LanguageError) as refused:
        parse_predicate('judgement "comply\x00\x0c with"')
    assert len(str(refused.value).splitlines()) == 1
