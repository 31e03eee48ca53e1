"""Two versions of a trial, criterion by criterion: what changed, proved, and for whom it makes a difference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain, islice

from screening.amendments.matching import matched, plain, subjects
from screening.amendments.model import Amended, Amendment, Kind, Witness
from screening.amendments.witness import made
from screening.boundaries import cases
from screening.evaluate import evaluate
from screening.evaluate.context import Context
from screening.explain.sentences import explain
from screening.explain.verdict import outcome_word
from screening.patient.facts import Patient
from screening.predicates import (
    All,
    Assumption,
    Not,
    Predicate,
    anchors,
    children,
    neutral,
    rebuilt,
)
from screening.proofs import Change, Relation, Said, compare
from screening.proofs.facets import facets
from screening.ruleset import resolve, rules_hash
from screening.ruleset.model import Rule, RuleSet
from screening.sections.model import Side

_KIND = {
    Relation.SAME: Kind.REWORDED,
    Relation.LOOSER: Kind.LOOSER,
    Relation.TIGHTER: Kind.TIGHTER,
    Relation.INCOMPARABLE: Kind.INCOMPARABLE,
    Relation.UNDECIDED: Kind.UNDECIDED,
}
_ORDER = ("fail", "unknown", "pass")
_VERSION = re.compile(r"v(\d+)[a-z]*$")
_LATER = "versions-differ"

UNPROVED = "no made-up patient shows the difference: it is proved for facts taken to be free of each other"
TOO_LARGE = "too many cases to compare"
WORDS = "the words that differ are ones that only a person can compare"
SPLIT = "the same demand, divided among the criteria otherwise"
OPEN = "compared in the sense it has once its open assumption is confirmed"
READING = "the words are the same, their reading is not"


def amendment(old: RuleSet, new: RuleSet, on: date) -> Amendment:
    """What changed from *old* to *new*; witnesses are people made up for the date *on*.

    Criteria are taken as their reviewers decided; what is still assumed is compared in the sense it would have.
    """
    before, after = resolve(old).rules, resolve(new).rules
    pairs = matched(before, after)
    found = [_amended((pair.old,), (pair.new,), on) for pair in pairs]
    left = {rule.id for pair in pairs for rule in (pair.old,)}
    right = {rule.id for pair in pairs for rule in (pair.new,)}
    found += [Amended(Kind.REMOVED, (rule,), ()) for rule in before if rule.id not in left]
    found += [Amended(Kind.ADDED, (), (rule,)) for rule in after if rule.id not in right]
    joined = _regrouped(found)
    return Amendment(new.trial, rules_hash(old), rules_hash(new), tuple(_in_order(joined, before, after)))


def versions(rules: RuleSet) -> tuple[RuleSet, RuleSet] | None:
    """The first and the last statement of a document that states its eligibility twice; None where it does not."""
    numbers = [int(found[1]) for rule in rules.rules if (found := _VERSION.search(rule.id))]
    if not numbers:
        return None
    last = max(numbers)
    first = tuple(rule for rule in rules.rules if not _VERSION.search(rule.id))
    shared = (rule for rule in first if all(item.code != _LATER for item in rule.diagnostics))
    later = (rule for rule in rules.rules if (found := _VERSION.search(rule.id)) and int(found[1]) == last)
    return replace(rules, rules=first), replace(rules, rules=(*shared, *later))


def _in_order(found: Sequence[Amended], before: Sequence[Rule], after: Sequence[Rule]) -> list[Amended]:
    """In the order of the new version; what was removed stands where it stood."""
    old, new = ({rule.id: at for at, rule in enumerate(rules)} for rules in (before, after))
    return sorted(found, key=lambda item: new[item.new[0].id] if item.new else old[item.old[0].id])


# ---- one criterion


def _amended(old: tuple[Rule, ...], new: tuple[Rule, ...], on: date) -> Amended:
    if _same_text(old, new) and _meaning(old) == _meaning(new):
        return Amended(Kind.UNCHANGED, old, new)
    one, two = _meaning(old), _meaning(new)
    change = compare(one, two, Side.INCLUSION)
    if change.relation in (Relation.SAME, Relation.UNDECIDED):
        note = TOO_LARGE if change.relation is Relation.UNDECIDED else _open(old, new)
        return Amended(_KIND[change.relation], old, new, (), note)
    if _only_words(one, two):
        return Amended(Kind.UNDECIDED, old, new, (), WORDS)
    witnesses = tuple(_witnesses(change, (old, one), (new, two), on))
    notes = (READING if _same_text(old, new) else "", _open(old, new), "" if witnesses else UNPROVED)
    return Amended(_KIND[change.relation], old, new, witnesses, "; ".join(filter(None, notes)))


def _same_text(old: Sequence[Rule], new: Sequence[Rule]) -> bool:
    return [plain(rule.text) for rule in old] == [plain(rule.text) for rule in new]


def _meaning(rules: Iterable[Rule]) -> Predicate:
    """What passing all of them means, assumptions taken as confirmed."""
    demands = [_confirmed(Not(rule.predicate) if rule.side is Side.EXCLUSION else rule.predicate) for rule in rules]
    return demands[0] if len(demands) == 1 else All(tuple(demands))


def _confirmed(predicate: Predicate) -> Predicate:
    if isinstance(predicate, Assumption):
        return _confirmed(predicate.reading)
    parts = children(predicate)
    return rebuilt(predicate, [_confirmed(part) for part in parts]) if parts else predicate


def _open(old: Iterable[Rule], new: Iterable[Rule]) -> str:
    return OPEN if any(_assumes(rule.predicate) for rule in (*old, *new)) else ""


def _assumes(predicate: Predicate) -> bool:
    return isinstance(predicate, Assumption) or any(map(_assumes, children(predicate)))


def _only_words(one: Predicate, two: Predicate) -> bool:
    """Whether each says something in words of its own that no rule reads: nobody but a person can compare them."""
    said = [{facet for facet in facets([item]) if isinstance(facet, Said)} for item in (one, two)]
    return bool(said[0] - said[1]) and bool(said[1] - said[0])


# ---- criteria divided otherwise


def _regrouped(found: list[Amended]) -> list[Amended]:
    """Changed criteria that together with added or removed ones mean what they meant before are one entry."""
    kept = list(found)
    for item in found:
        if item.kind in (Kind.LOOSER, Kind.TIGHTER, Kind.INCOMPARABLE):
            for other in [one for one in kept if one.kind in (Kind.ADDED, Kind.REMOVED) and _related(item, one)]:
                whole = (*item.old, *other.old), (*item.new, *other.new)
                if compare(_meaning(whole[0]), _meaning(whole[1]), Side.INCLUSION).relation is Relation.SAME:
                    kept = [one for one in kept if one not in (item, other)]
                    kept.append(Amended(Kind.REWORDED, *whole, (), SPLIT))
                    break
    return kept


def _related(one: Amended, two: Amended) -> bool:
    about = [frozenset().union(*(subjects(rule.predicate) for rule in (*item.old, *item.new))) for item in (one, two)]
    return bool(about[0] & about[1])


# ---- patients who show it

_Version = tuple[tuple[Rule, ...], Predicate]


def _witnesses(change: Change, old: _Version, new: _Version, on: date) -> Iterator[Witness]:
    """For each direction the first patient of whom the interpreter says the same: one in the states that the proof
    shows, or one of the boundary cases of either version."""
    days = dict.fromkeys(sorted(anchors(old[1]) | anchors(new[1])), on)
    context = Context(on, anchors=days, side=Side.INCLUSION)
    for worlds, rises in ((change.nearer, True), (change.farther, False)):
        people = chain((made(world, context) for world in worlds), _bordering(old[0], new[0], on))
        shown = (_witness(patient, old[1], new[1], context) for patient in people if worlds and patient is not None)
        fitting = (one for one in shown if one is not None and (_rank(one.before) < _rank(one.after)) is rises)
        yield from islice(fitting, 1)


def _bordering(old: tuple[Rule, ...], new: tuple[Rule, ...], on: date) -> Iterator[Patient]:
    for rules in (old, new):
        for group in cases(RuleSet("", "", rules), on):
            yield from (case.patient for case in group.cases)


def _rank(word: str) -> int:
    return _ORDER.index(word)


def _witness(patient: Patient, old: Predicate, new: Predicate, context: Context) -> Witness | None:
    before, after = (evaluate(predicate, patient, context) for predicate in (old, new))
    words = [outcome_word(Side.INCLUSION, item.truth, neutral(item.predicate)) for item in (before, after)]
    if words[0] == words[1]:
        return None
    return Witness(patient, words[0], words[1], explain(before, context.on), explain(after, context.on))
