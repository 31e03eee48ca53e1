"""Proofs about predicates: the same meaning, one implied by others, nobody can pass.

A proof goes through every combination of states that can make a difference, by decision diagrams; what it proves
holds for all patients whose facts are definite. (A value known only as "< 5", a date known only to the month, or two
results of one day that contradict each other can be decided by one wording and left open by another that means the
same.) Where it finds a difference, the patients it shows may still be ones that cannot exist
(facets are taken to be free of each other): let the interpreter judge a patient made to order before you believe it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import prod

from screening.predicates import Predicate, neutral
from screening.proofs.diagrams import TooLargeError
from screening.proofs.facets import Facet, follows
from screening.proofs.facets import facets as facets_of
from screening.proofs.questions import Question, World, both, inverse, pairs
from screening.sections.model import Side
from screening.truth import Truth


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether something *holds*: True, proved over all combinations of the *facets*' states; False, with a *world* of
    patients for whom it does not; None, where there are too many combinations."""

    holds: bool | None
    facets: tuple[Facet, ...] = ()
    combinations: int = 0
    world: World | None = None


def equivalent(one: Predicate, two: Predicate) -> Proof:
    """Whether two predicates have the same truth, TRUE, FALSE or UNKNOWN, for every patient.

    >>> from screening.language import parse_predicate
    >>> equivalent(parse_predicate("age >= 18 years"), parse_predicate("not age < 216 months")).holds
    True
    """
    question = Question((one, two))
    try:
        first, second = question.truth(one), question.truth(two)
        if first == second:
            return _proved(question)
        both_truths = pairs(question, first, second)
        worlds = (question.world(both_truths, pair) for pair in _UNEQUAL)
        world = next((found for found in worlds if found is not None), None)
    except TooLargeError:
        return Proof(None, tuple(question.states))
    return _proved(question) if world is None else Proof(holds=False, facets=tuple(question.states), world=world)


def _proved(question: Question) -> Proof:
    return Proof(holds=True, facets=tuple(question.states), combinations=prod(map(len, question.states.values())))


_UNEQUAL = tuple(sorted(((a, b) for a in Truth for b in Truth if a != b), key=lambda pair: -abs(pair[0] - pair[1])))
"""The pairs of truths that differ, the opposites first: they show a difference best."""


class Relation(StrEnum):
    """What a changed criterion does to those it lets pass."""

    SAME = "same meaning"
    LOOSER = "looser"
    TIGHTER = "tighter"
    INCOMPARABLE = "incomparable"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Change:
    """The relation of a new criterion to the old one, with patients who come *nearer* to passing and patients who get
    *farther* from it, the ones who change from fail to pass or back first."""

    relation: Relation
    nearer: World | None = None
    farther: World | None = None


def compare(old: Predicate, new: Predicate, side: Side) -> Change:
    """Looser: nobody gets farther from passing; tighter: nobody comes nearer (fail < unknown < pass).

    >>> from screening.language import parse_predicate
    >>> compare(parse_predicate("anc >= 1500 /uL"), parse_predicate("anc >= 1000 /uL"), Side.INCLUSION).relation
    <Relation.LOOSER: 'looser'>
    """
    question = Question((old, new))
    try:
        outcomes = pairs(question, passing(question, old, side), passing(question, new, side))
        nearer = _first(question, outcomes, [pair for pair in _UNEQUAL if pair[0] < pair[1]])
        farther = _first(question, outcomes, [pair for pair in _UNEQUAL if pair[0] > pair[1]])
    except TooLargeError:
        return Change(Relation.UNDECIDED)
    return Change(_RELATION[nearer is not None, farther is not None], nearer, farther)


_RELATION = {
    (False, False): Relation.SAME,
    (True, False): Relation.LOOSER,
    (False, True): Relation.TIGHTER,
    (True, True): Relation.INCOMPARABLE,
}


def _first(question: Question, outcomes: int, wanted: Sequence[tuple[Truth, Truth]]) -> World | None:
    worlds = (question.world(outcomes, pair) for pair in wanted)
    return next((found for found in worlds if found is not None), None)


def passing(question: Question, predicate: Predicate, side: Side) -> int:
    """The diagram of passing: an inclusion passes where it is TRUE, an exclusion where it is FALSE."""
    truth = question.truth(predicate, side)
    if neutral(predicate):
        return question.diagrams.leaf(Truth.TRUE)
    return inverse(question, truth) if side is Side.EXCLUSION else truth


# ---- whole trials


@dataclass(frozen=True, slots=True)
class Demand:
    """One criterion of a trial: that it passes."""

    id: str
    side: Side
    predicate: Predicate


def impossible(demands: Sequence[Demand]) -> tuple[str, ...] | None:
    """The ids of criteria that nobody can pass together, none of them dispensable; None where somebody can, or where
    there are too many cases to tell."""
    for group in _linked(demands):
        try:
            if not _can_pass(group):
                return _needed(group)
        except TooLargeError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class Idle:
    """A criterion that never decides: whoever passes those *because* of which it is passes it too."""

    id: str
    because: tuple[str, ...]


def idle(demands: Sequence[Demand]) -> tuple[Idle, ...]:
    """The criteria that are implied by the others; of several that imply each other the first one stays."""
    found: list[Idle] = []
    for group in _linked(demands):
        kept = list(group)
        for demand in reversed(group):
            others = [other for other in kept if other is not demand]
            try:
                if others and not _can_fail(demand, others):
                    kept = others
                    found.append(Idle(demand.id, _implying(demand, others)))
            except TooLargeError:
                continue
    order = [demand.id for demand in demands]
    return tuple(sorted(found, key=lambda item: order.index(item.id)))


def _linked(demands: Sequence[Demand]) -> Iterator[tuple[Demand, ...]]:
    """The criteria in groups that have no facet in common, nor two of which one follows from the other."""
    groups: list[tuple[set[Facet], list[Demand]]] = []
    for demand in demands:
        asked = set(facets_of([demand.predicate]))
        joined = [group for group in groups if _meet(group[0], asked)]
        groups = [group for group in groups if all(group is not other for other in joined)]
        members = [item for _, listed in joined for item in listed]
        groups.append((asked.union(*(facets for facets, _ in joined)), [*members, demand]))
    for _, listed in groups:
        yield tuple(sorted(listed, key=demands.index))


def _meet(one: set[Facet], two: set[Facet]) -> bool:
    return bool(one & two) or any(follows(a, b) or follows(b, a) for a in one for b in two)


def _can_pass(demands: Sequence[Demand]) -> bool:
    question = Question(tuple(demand.predicate for demand in demands))
    parts = [passing(question, demand.predicate, demand.side) for demand in demands]
    return question.world(both(question, parts), Truth.TRUE) is not None


def _can_fail(demand: Demand, others: Sequence[Demand]) -> bool:
    """Whether somebody passes the others and not this one."""
    question = Question(tuple(item.predicate for item in (*others, demand)))
    rest = both(question, [passing(question, other.predicate, other.side) for other in others])
    own = passing(question, demand.predicate, demand.side)
    outcomes = pairs(question, rest, own)
    return any(question.world(outcomes, (Truth.TRUE, said)) is not None for said in (Truth.FALSE, Truth.UNKNOWN))


def _needed(demands: Sequence[Demand]) -> tuple[str, ...]:
    """A smallest part of them that nobody can pass, in the order of the text."""
    kept = list(demands)
    for demand in demands:
        without = [other for other in kept if other is not demand]
        if without and not _can_pass(without):
            kept = without
    return tuple(demand.id for demand in kept)


def _implying(demand: Demand, others: Sequence[Demand]) -> tuple[str, ...]:
    """A smallest part of the others from which passing it follows."""
    kept = list(others)
    for other in others:
        without = [item for item in kept if item is not other]
        if not _can_fail(demand, without):
            kept = without
    return tuple(item.id for item in kept)
