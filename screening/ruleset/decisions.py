"""A reviewer's answers to what a text leaves open, and the rules as they read once answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from screening.language import title
from screening.predicates import (
    Advisory,
    Assumption,
    Choice,
    Judgement,
    NotUnderstood,
    Predicate,
    children,
    rebuilt,
)
from screening.ruleset.model import Rule, RuleKind, RuleSet

CONFIRMED = "confirmed"
DISMISSED = "dismissed"

Answers = Mapping[str, str]  # label → answer, of one criterion


class OpenPoint(NamedTuple):
    """An assumption or choice: its name on check boxes, and the answers it can have."""

    title: str
    answers: tuple[str, ...]


def open_points(predicate: Predicate) -> dict[str, OpenPoint]:
    """Every assumption and choice by its label, in the order of the text; one label, one decision."""
    found: dict[str, OpenPoint] = {}
    for label, point in _points(predicate):
        known = found.setdefault(label, point)
        found[label] = OpenPoint(known.title, tuple(dict.fromkeys((*known.answers, *point.answers))))
    return found


def _points(predicate: Predicate) -> Iterator[tuple[str, OpenPoint]]:
    match predicate:
        case Assumption(code, label):
            yield label, OpenPoint(title(code, label), (CONFIRMED, DISMISSED))
        case Choice(code, label, readings):
            yield label, OpenPoint(title(code, label), tuple(reading.name for reading in readings))
    for child in children(predicate):
        yield from _points(child)


def implied_kind(predicate: Predicate) -> RuleKind:
    """The kind of a criterion that says nothing but this; the heading names any other."""
    match predicate:
        case Judgement():
            return RuleKind.JUDGEMENT
        case Advisory():
            return RuleKind.ADVISORY
        case NotUnderstood():
            return RuleKind.NOT_UNDERSTOOD
        case _:
            return RuleKind.DATA


def resolve(rules: RuleSet) -> RuleSet:
    """The rules as decided: confirmed assumptions and chosen readings stand for themselves, what was dismissed is
    not understood, and a dismissed suggestion is no criterion at all.

    Hash and signature speak of the rules before this step; take them from there.
    """
    decided = (_resolved(rule, answers_to(rules, rule.id)) for rule in rules.rules)
    return replace(rules, rules=tuple(rule for rule in decided if rule is not None))


def answers_to(rules: RuleSet, criterion: str) -> dict[str, str]:
    """The decisions on one criterion: label → answer."""
    return {label: answer for (owner, label), answer in rules.decisions if owner == criterion}


def _resolved(rule: Rule, answers: Answers) -> Rule | None:
    if not answers:
        return rule
    if rule.kind is RuleKind.SUGGESTED:
        return _suggested(rule, answers)
    predicate = decided(rule.predicate, answers, rule.text)
    kind = implied_kind(predicate) if rule.kind is implied_kind(rule.predicate) else rule.kind
    return replace(rule, kind=kind, predicate=predicate)


def _suggested(rule: Rule, answers: Answers) -> Rule | None:
    """A suggestion is an assumption as a whole: dismissed, it is gone; confirmed, it is a criterion like others."""
    whole = rule.predicate
    answer = answers.get(whole.label) if isinstance(whole, Assumption) else None
    if answer == DISMISSED:
        return None
    kind = RuleKind.DATA if answer == CONFIRMED else rule.kind
    return replace(rule, kind=kind, predicate=decided(whole, answers, rule.text))


def decided(predicate: Predicate, answers: Answers, text: str) -> Predicate:
    """*predicate* with its answered parts replaced; *text* is what a dismissed assumption leaves to the person.

    >>> from screening.predicates import Not, Sex
    >>> decided(Not(Assumption("scope", "scope", Sex("male"))), {"scope": "confirmed"}, "")
    Not(item=Sex(value='male', span=None), span=None)
    """
    match predicate:
        case Assumption(label=label, reading=reading) if label in answers:
            return _assumption(reading, answers, label, text)
        case Choice(label=label, readings=readings) if label in answers:
            chosen = next((item for item in readings if item.name == answers[label]), None)
            return _rebuilt(predicate, answers, text) if chosen is None else decided(chosen.predicate, answers, text)
        case _:
            return _rebuilt(predicate, answers, text)


def _assumption(reading: Predicate, answers: Answers, label: str, text: str) -> Predicate:
    return NotUnderstood(text) if answers[label] == DISMISSED else decided(reading, answers, text)


def _rebuilt(predicate: Predicate, answers: Answers, text: str) -> Predicate:
    """The same node over decided parts."""
    parts = tuple(decided(child, answers, text) for child in children(predicate))
    return rebuilt(predicate, parts) if parts else predicate
