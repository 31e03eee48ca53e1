"""Rule files: written and read back unchanged, decided by check boxes, signed by content, strict about meaning."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening import __version__, concepts
from screening import predicates as p
from screening.language import parse_predicate
from screening.predicates import Assumption, NotUnderstood
from screening.ruleset import (
    RuleFileError,
    Status,
    content_hash,
    is_signed,
    load,
    open_points,
    read,
    resolve,
    rules_hash,
    sign,
    sign_text,
    status,
    to_json,
    write,
)
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side
from screening.text import Diagnostic, Kind, Severity
from tests import strategies

DISMISS = "missing-unit: anc — dismiss"
GOLDEN = Path(__file__).parent / "golden" / "NCT00000000.md"

ids = st.from_regex(r"[IER][0-9]{1,2}[a-z]?", fullmatch=True)
lines = strategies.texts()
source_texts = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=20)).map(
    "\n".join
)


def diagnostics(criteria: st.SearchStrategy[str | None]) -> st.SearchStrategy[tuple[Diagnostic, ...]]:
    one = st.builds(
        Diagnostic,
        st.sampled_from(["repaired-superscript", "missing-unit", "numbering-gap"]),
        st.sampled_from(Kind),
        lines,
        severity=st.sampled_from(Severity),
        criterion=criteria,
        suggestion=st.none() | lines,
    )
    return st.lists(one, max_size=2).map(tuple)


rules = st.builds(
    Rule,
    ids,
    st.sampled_from(Side),
    st.sampled_from(RuleKind),
    source_texts,
    strategies.predicates(),
    cohort=st.none() | lines,
    diagnostics=diagnostics(st.none() | ids),
)


@st.composite
def rulesets(draw: st.DrawFn) -> RuleSet:
    criteria = draw(st.lists(rules, max_size=3, unique_by=lambda rule: rule.id))
    decisions = [
        ((rule.id, label), draw(st.sampled_from(point.answers)))
        for rule in criteria
        for label, point in open_points(rule.predicate).items()
        if point.answers and draw(st.booleans())
    ]
    return RuleSet(
        trial=draw(lines),
        title=draw(lines),
        rules=tuple(criteria),
        status=draw(st.none() | lines),
        index_conditions=tuple(draw(st.lists(st.sampled_from(sorted(concepts.catalogue())), max_size=2))),
        diagnostics=draw(diagnostics(st.none() | ids)),
        decisions=tuple(decisions),
    )


def one_rule(predicate: p.Predicate, kind: RuleKind = RuleKind.DATA) -> RuleSet:
    return RuleSet("NCT1", "A trial", (Rule("I1", Side.INCLUSION, kind, "the text", predicate),))


# Laws


@given(rulesets())
@settings(max_examples=60, deadline=None)
def test_what_was_written_reads_back_the_same(rules: RuleSet) -> None:
    assert read(write(rules)) == rules


@given(rulesets())
@settings(max_examples=25, deadline=None)
def test_a_signature_holds_until_something_changes(rules: RuleSet) -> None:
    assert status(rules) is Status.UNSIGNED
    signed = read(sign_text(write(rules), "A. Reviewer", "reviewed against the protocol", date(2026, 3, 11)))
    assert is_signed(signed)
    assert signed == sign(rules, "A. Reviewer", "reviewed against the protocol", date(2026, 3, 11))
    assert status(replace(signed, trial=signed.trial + "x")) is Status.CHANGED


@given(strategies.predicates())
@settings(max_examples=50, deadline=None)
def test_once_every_point_is_decided_nothing_is_open(predicate: p.Predicate) -> None:
    rules = one_rule(predicate)
    points = {label: point.answers for label, point in open_points(predicate).items() if point.answers}
    decided = replace(rules, decisions=tuple((("I1", label), answers[0]) for label, answers in points.items()))
    assert set(open_points(resolve(decided).rules[0].predicate)).isdisjoint(points) or len(points) < count(predicate)


def count(predicate: p.Predicate) -> int:
    own = isinstance(predicate, p.Assumption | p.Choice)
    return own + sum(count(child) for child in p.children(predicate))


@given(strategies.predicates())
@settings(max_examples=25, deadline=None)
def test_without_decisions_resolving_changes_nothing(predicate: p.Predicate) -> None:
    assert resolve(one_rule(predicate)) == one_rule(predicate)


# Decisions

ANC = parse_predicate('assume "missing-unit: anc": anc >= 1500 /uL')
POLARITY = parse_predicate(
    'choose "reversed-polarity: platelets" { written: platelets > 50000 /uL; reversed: platelets < 50000 /uL }'
)


def decide(predicate: p.Predicate, label: str, answer: str, kind: RuleKind = RuleKind.DATA) -> tuple[Rule, ...]:
    return resolve(replace(one_rule(predicate, kind), decisions=((("I1", label), answer),))).rules


def test_a_confirmed_assumption_is_its_reading() -> None:
    both = p.All((ANC, p.Not(ANC)))
    anc = parse_predicate("anc >= 1500 /uL")
    assert decide(both, "anc", "confirmed")[0].predicate == p.All((anc, p.Not(anc)))


def test_a_dismissed_assumption_is_not_understood() -> None:
    (rule,) = decide(ANC, "anc", "dismissed")
    assert (rule.kind, rule.predicate) == (RuleKind.NOT_UNDERSTOOD, NotUnderstood("the text"))


def test_a_chosen_reading_takes_the_place_of_the_choice() -> None:
    assert decide(POLARITY, "platelets", "reversed")[0].predicate == parse_predicate("platelets < 50000 /uL")


def test_a_suggested_criterion_goes_when_dismissed_and_counts_when_confirmed() -> None:
    assert decide(ANC, "anc", "dismissed", RuleKind.SUGGESTED) == ()
    (rule,) = decide(ANC, "anc", "confirmed", RuleKind.SUGGESTED)
    assert (rule.kind, rule.predicate) == (RuleKind.DATA, parse_predicate("anc >= 1500 /uL"))


def test_a_decision_on_one_criterion_does_not_touch_another() -> None:
    rules = one_rule(ANC)
    other = replace(rules.rules[0], id="I2")
    both = replace(rules, rules=(*rules.rules, other), decisions=((("I2", "anc"), "confirmed"),))
    assert [isinstance(rule.predicate, Assumption) for rule in resolve(both).rules] == [True, False]


# Hash


def test_wrapping_and_notes_do_not_enter_the_hash() -> None:
    rules = one_rule(ANC)
    (rule,) = rules.rules
    noted = replace(rule, text="the\n  text", diagnostics=(Diagnostic("x", Kind.NOTE, "seen"),))
    assert content_hash(replace(rules, rules=(noted,), title="Another title")) == content_hash(rules)


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "the texts"},
        {"id": "I2"},
        {"side": Side.EXCLUSION},
        {"cohort": "A"},
        {"kind": RuleKind.SUGGESTED},
        {"predicate": parse_predicate('assume "missing-unit: anc": anc > 1500 /uL')},
    ],
)
def test_any_change_of_a_criterion_changes_the_hash(changed: dict[str, object]) -> None:
    rules = one_rule(ANC)
    (rule,) = rules.rules
    assert content_hash(replace(rules, rules=(replace(rule, **changed),))) != content_hash(rules)  # type: ignore[arg-type]


def test_a_decision_and_an_index_condition_change_the_hash() -> None:
    rules = one_rule(ANC)
    decided = replace(rules, decisions=((("I1", "anc"), "confirmed"),))
    indexed = replace(rules, index_conditions=("syphilis",))
    assert len({rules_hash(rules), rules_hash(decided), rules_hash(indexed)}) == 3


# The golden file


def test_the_golden_rule_file_is_written_as_it_stands(rewrite: bool) -> None:
    written = write(load(GOLDEN)).replace(f"screening {__version__}", "screening 0.1.0")
    if rewrite:
        GOLDEN.write_text(written, encoding="utf8")
    assert written == GOLDEN.read_text(encoding="utf8")


def test_the_golden_rule_file_says_what_it_shows() -> None:
    rules = load(GOLDEN)
    assert (rules.trial, rules.status, rules.index_conditions) == ("NCT00000000", "recruiting", ("neuroblastoma",))
    assert [(rule.id, rule.side, rule.kind, rule.cohort) for rule in rules.rules] == [
        ("R1", Side.REGISTRY, RuleKind.DATA, None),
        ("I1", Side.INCLUSION, RuleKind.DATA, None),
        ("I2", Side.INCLUSION, RuleKind.JUDGEMENT, "Arm A: children"),
        ("E1", Side.EXCLUSION, RuleKind.DATA, None),
        ("E2", Side.EXCLUSION, RuleKind.NOT_UNDERSTOOD, None),
        ("S1", Side.INCLUSION, RuleKind.SUGGESTED, None),
    ]
    assert rules.rules[1].text == "Neutrophils at least 1500 and ALT ≤ 2 × ULN\n(5 × ULN with liver metastases)."
    assert rules.decisions == ((("I1", "anc"), "confirmed"),)
    assert status(rules) is Status.SIGNED
    assert rules.rules[3].diagnostics[0].severity is Severity.ERROR
    assert rules.rules[3].diagnostics[0].suggestion == "platelets < 50,000/µL"


# Editing by hand


def edited(*changes: tuple[str, str]) -> str:
    text = GOLDEN.read_text(encoding="utf8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize(
    "changes",
    [
        [("\n\n", "\n\n\n\n")],
        [("## I1 · inclusion\n\n", "## I1 · inclusion\n")],
        [("```rule\n", "```rule\n\n")],
        [("> Neutrophils", ">Neutrophils")],
        [("- [ ] missing-unit: anc — dismiss\n", "")],
        [("- [x] missing-unit", "- [X] missing-unit")],
        [("alt <= 5 ULN", "alt   <=\n      5 ULN")],
    ],
)
def test_layout_does_not_matter(changes: list[tuple[str, str]]) -> None:
    assert read(edited(*changes)) == load(GOLDEN)


def test_line_ends_of_another_system_do_not_matter() -> None:
    assert read(edited().replace("\n", "\r\n")) == load(GOLDEN)


@pytest.mark.parametrize(
    "change",
    [
        ("alt <= 5 ULN", "alt <= 4 ULN"),
        ("at least 1500", "at least 1000"),
        ("- [x] missing-unit: anc — confirm", "- [ ] missing-unit: anc — confirm"),
        ("## E1 · exclusion", "## E1 · inclusion"),
        ("- Index conditions: neuroblastoma", "- Index conditions: not known"),
    ],
)
def test_any_edit_of_the_meaning_unsigns(change: tuple[str, str]) -> None:
    assert status(read(edited(change))) is Status.CHANGED


@pytest.mark.parametrize(
    ("change", "at", "words"),
    [
        (("# A study", "A study"), "# A study", "not a rule file; it starts with"),
        (("- Trial: NCT00000000\n", ""), "# A study", "the trial is not named; write"),
        (("conditions: neuroblastoma", "conditions: neuroblastomma"), "- Index", "did you mean neuroblastoma"),
        (("## I1 · inclusion", "## I1 inclusion"), "## I1", "not the heading of a criterion; write"),
        (("## I2 ·", "## I1 ·"), "## I2", "a second criterion I1; give each"),
        (("alt <= 5 ULN", "alt <= 5 UNL"), "alt <= 5", "column 45: alt is not measured in 'UNL'; did you mean ULN"),
        (("alt <= 5 ULN", "altt <= 5 ULN"), "alt <= 5", "no variable is named 'altt'"),
        (("```rule\nchoose", "choose"), "```\n\n- choice", "not one rule in one block; put it"),
        (("> Platelets > 50,000.\n", ""), "## E1", "the source text is missing; quote it"),
        ((f"- [ ] {DISMISS}", f"- [x] {DISMISS}"), f"- [ ] {DISMISS}", "two boxes of 'missing-unit: anc' are ticked"),
        (("platelets — written", "platelets — writen"), "- [ ] reversed-polarity: platelets — written", "no answer to"),
        ((f"- [ ] {DISMISS}", "- [ ] missing-unit: an — dismiss"), f"- [ ] {DISMISS}", "did you mean missing-unit"),
        (("- note repaired", "- repaired"), "- note repaired", "this line means nothing here; write a remark"),
        (("(error)", "(eror)"), "- choice reversed", "'eror' is no severity; write one of"),
        (("- Meaning: reviewed", "- reviewed"), "- Meaning", "no part of a signature"),
        (("- Name: A. Reviewer\n", ""), "## Signature", "the signature lacks its Name; sign the file again"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_line_with_place_and_remedy(change: tuple[str, str], at: str, words: str) -> None:
    with pytest.raises(RuleFileError) as caught:
        read(edited(change), "x.md")
    before = edited().partition(at)[0]
    shift = change[0].count("\n") - change[1].count("\n") if before.find(change[0]) >= 0 else 0
    assert str(caught.value).startswith(f"x.md:{before.count(chr(10)) + 1 - shift}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such file"), (b"\x89PNG\r\n\x1a\n\xff", "not a text in UTF-8"), (b"", "not a rule file")],
)
def test_unusable_files_are_one_line(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "rules.md"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RuleFileError, match=words) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(RuleFileError, match="cannot be read"):
        load(tmp_path)


def test_signing_in_place_keeps_everything_else() -> None:
    loose = edited(("\n\n", "\n\n\n"))
    body = loose.partition("## Signature")[0].rstrip("\n")
    signed = sign_text(loose, "B. Other", "approved", date(2026, 4, 1))
    assert signed.startswith(body)
    assert signed.count("## Signature") == 1
    assert is_signed(read(signed))
    assert read(signed).signature.name == "B. Other"  # type: ignore[union-attr]


def test_the_rules_as_json_hold_every_reading() -> None:
    rules = load(GOLDEN)
    content = json.loads(to_json(rules))
    assert [parse_predicate(item["reading"]) for item in content["criteria"]] == [
        rule.predicate for rule in rules.rules
    ]
    assert content["rules"] == {"hash": rules_hash(rules), "signature": "signed"}


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_read_or_refused_in_one_line(data: st.DataObject) -> None:
    lines = edited().split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    replacement = data.draw(
        st.sampled_from(
            ["", "```", "```rule", "## ", "## X1 · exclusion", "> more", "- [x] a — b", "- [ ] ", '- [ ] "a']
        )
        | st.text(max_size=5)
        | st.sampled_from(lines)
    )
    lost = data.draw(st.integers(0, 2))
    assert "\n" not in refusal("\n".join([*lines[:at], replacement, *lines[at + lost :]]))


def refusal(text: str) -> str:
    try:
        read(text)
    except RuleFileError as error:
        return str(error)
    return ""
