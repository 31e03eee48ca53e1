"""Which criterion of one version is which of the other: the same words, the same meaning, or the nearest in both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from screening.predicates import (
    Comparison,
    OrdinalSet,
    Predicate,
    Presence,
    Result,
    Sex,
    children,
)
from screening.proofs import Relation, compare
from screening.ruleset.model import Rule

ALIKE = 0.5
"""How alike two criteria must be to be taken for one that was changed; 1 is the same words about the same things."""


class Pair(NamedTuple):
    """A criterion of the old version and the one it became."""

    old: Rule
    new: Rule


def plain(text: str) -> str:
    """A text without case, marks and spacing."""
    return " ".join("".join(char if char.isalnum() or char in "<>≤≥=%.+-" else " " for char in text.casefold()).split())


def subjects(predicate: Predicate) -> frozenset[str]:
    """The variables and concepts it speaks of."""
    match predicate:
        case Comparison(variable=name) | OrdinalSet(variable=name) | Result(variable=name):
            return frozenset({name})
        case Presence(term=term):
            return frozenset({term.concept})
        case Sex():
            return frozenset({"sex"})
        case _:
            return frozenset().union(*map(subjects, children(predicate)))


def matched(old: Sequence[Rule], new: Sequence[Rule]) -> tuple[Pair, ...]:
    """Pairs of criteria of one cohort, each criterion at most once, in the order of the old version."""
    left, right = list(old), list(new)
    found: list[Pair] = []
    for pairs in (_same_words, _same_meaning, _nearest):
        for pair in pairs(tuple(left), tuple(right)):
            if pair.old in left and pair.new in right:
                found.append(pair)
                left.remove(pair.old)
                right.remove(pair.new)
    return tuple(sorted(found, key=lambda pair: old.index(pair.old)))


def _same_words(old: Sequence[Rule], new: Sequence[Rule]) -> Iterator[Pair]:
    by_words: dict[tuple[object, ...], list[Rule]] = {}
    for rule in new:
        by_words.setdefault((rule.side, rule.cohort, plain(rule.text)), []).append(rule)
    for rule in old:
        same = by_words.get((rule.side, rule.cohort, plain(rule.text)), [])
        if same:
            yield Pair(rule, min(same, key=lambda one: one.id != rule.id))
            same.remove(min(same, key=lambda one: one.id != rule.id))


def _same_meaning(old: Sequence[Rule], new: Sequence[Rule]) -> Iterator[Pair]:
    """Also across the two lists: "exclusion: below 18" is "inclusion: 18 or older"."""
    for one in old:
        for two in new:
            about = subjects(one.predicate)
            if one.cohort == two.cohort and about and about == subjects(two.predicate) and _means_the_same(one, two):
                yield Pair(one, two)


def _means_the_same(one: Rule, two: Rule) -> bool:
    return compare(one.predicate, two.predicate, one.side, two.side).relation is Relation.SAME


def _nearest(old: Sequence[Rule], new: Sequence[Rule]) -> Iterator[Pair]:
    """The most alike first; of equals those that stand at like places."""
    scored = [
        (_likeness(one, two), -abs(at - where), Pair(one, two))
        for at, one in enumerate(old)
        for where, two in enumerate(new)
        if one.side is two.side and one.cohort == two.cohort
    ]
    for score, _, pair in sorted(scored, key=lambda item: item[:2], reverse=True):
        if score >= ALIKE:
            yield pair


def _likeness(one: Rule, two: Rule) -> float:
    """From 0 to 1: half by the things they speak of, half by their words; by words alone where there are no things."""
    words = SequenceMatcher(None, plain(one.text), plain(two.text), autojunk=False).ratio()
    about, other = subjects(one.predicate), subjects(two.predicate)
    if not about and not other:
        return words
    shared = len(about & other)
    both, either = shared / len(about | other), shared / max(min(len(about), len(other)), 1)
    return ((both + either) / 2 + words) / 2  # a condition or an exception that came in leaves it the same criterion
