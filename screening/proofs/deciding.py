"""Proofs about predicates: the same meaning, one implied by others, nobody can pass.

A proof goes through every combination of states that can make a difference, by decision diagrams; what it proves
holds for all patients whose facts are definite. (A value known only as "< 5", a date known only to the month, or two
results of one day that contradict each other can be decided by one wording and left open by another that means the
same.) Where it finds a difference, the patients it shows may still be ones that cannot exist
(facets are taken to be free of each other): let the interpreter judge a patient made to order before you believe it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial
from math import prod

from screening.predicates import Predicate, neutral
from screening.proofs.diagrams import TooLargeError
from screening.proofs.facets import Facet, consequences
from screening.proofs.facets import facets as facets_of
from screening.proofs.questions import Question, World, both, certain, inverse, pairs
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
    *farther* from it, those who change from fail to pass or back first; one world for each pair of truths."""

    relation: Relation
    nearer: tuple[World, ...] = ()
    farther: tuple[World, ...] = ()


def compare(old: Predicate, new: Predicate, side: Side, new_side: Side | None = None) -> Change:
    """Looser: nobody gets farther from passing; tighter: nobody comes nearer (fail < unknown < pass).

    *new_side*: that of the new criterion, where it moved to the other list.

    >>> from screening.language import parse_predicate
    >>> compare(parse_predicate("anc >= 1500 /uL"), parse_predicate("anc >= 1000 /uL"), Side.INCLUSION).relation
    <Relation.LOOSER: 'looser'>
    """
    question = Question((old, new))
    try:
        outcomes = pairs(question, passing(question, old, side), passing(question, new, new_side or side))
        nearer = tuple(_worlds(question, outcomes, [pair for pair in _UNEQUAL if pair[0] < pair[1]]))
        farther = tuple(_worlds(question, outcomes, [pair for pair in _UNEQUAL if pair[0] > pair[1]]))
    except TooLargeError:
        return Change(Relation.UNDECIDED)
    return Change(_RELATION[bool(nearer), bool(farther)], nearer, farther)


_RELATION = {
    (False, False): Relation.SAME,
    (True, False): Relation.LOOSER,
    (False, True): Relation.TIGHTER,
    (True, True): Relation.INCOMPARABLE,
}


def _worlds(question: Question, outcomes: int, wanted: Sequence[tuple[Truth, Truth]]) -> Iterator[World]:
    for pair in wanted:
        found = question.world(outcomes, pair)
        if found is not None:
            yield found


def passing(question: Question, predicate: Predicate, side: Side) -> int:
    """The diagram of passing: an inclusion passes where it is TRUE, an exclusion where it is FALSE."""
    truth = question.truth(predicate, side)
    if neutral(predicate):
        return question.diagrams.leaf(Truth.TRUE)
    return inverse(question, truth) if side is Side.EXCLUSION else truth


# ---- whole trials

CASES = 3_000
"""Diagrams made before a group of criteria is left unproved: a linter does not keep its user waiting."""


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
            everything = range(len(group.demands))
            if not group.can_pass(everything):
                return group.ids(_least(everything, group.bars))
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
    found = [item for group in _linked(demands) for item in _idle(group)]
    order = [demand.id for demand in demands]
    return tuple(sorted(found, key=lambda item: order.index(item.id)))


def _idle(group: Group) -> Iterator[Idle]:
    """Those of a linked group; none where nobody can pass it, since there anything follows."""
    try:
        kept = list(range(len(group.demands)))
        possible = len(kept) > 1 and group.can_pass(kept)
        for at in reversed(kept) if possible else ():
            others = [other for other in kept if other != at]
            if others and not group.can_fail(at, others):
                kept = others
                because = _least(others, partial(group.forces, at))
                yield Idle(group.demands[at].id, group.ids(because))
    except TooLargeError:
        return


def _least(parts: Sequence[int], suffice: Callable[[Sequence[int]], bool]) -> list[int]:
    """A part of them that suffices and of which none is dispensable."""
    kept = list(parts)
    for part in parts:
        without = [item for item in kept if item != part]
        if without and suffice(without):
            kept = without
    return kept


@dataclass(frozen=True)
class Group:
    """Criteria that have facets in common, directly or through others. Raises TooLargeError, anywhere."""

    demands: tuple[Demand, ...]

    def ids(self, parts: Iterable[int]) -> tuple[str, ...]:
        """The ids of some of them."""
        return tuple(self.demands[at].id for at in parts)

    @cached_property
    def _question(self) -> Question:
        return Question(tuple(demand.predicate for demand in self.demands), CASES)

    @cached_property
    def _passing(self) -> list[int]:
        return [certain(self._question, passing(self._question, d.predicate, d.side)) for d in self.demands]

    def _together(self, parts: Iterable[int]) -> int:
        return both(self._question, [self._question.valid, *(self._passing[at] for at in parts)])

    def can_pass(self, parts: Iterable[int]) -> bool:
        """Whether somebody passes all of them."""
        return self._question.diagrams.ever(self._together(parts), Truth.TRUE)

    def bars(self, parts: Iterable[int]) -> bool:
        """Whether nobody passes all of them."""
        return not self.can_pass(parts)

    def can_fail(self, at: int, others: Iterable[int]) -> bool:
        """Whether somebody passes the others and not this one."""
        left = both(self._question, [self._together(others), inverse(self._question, self._passing[at])])
        return self._question.diagrams.ever(left, Truth.TRUE)

    def forces(self, at: int, others: Sequence[int]) -> bool:
        """Whether whoever passes the others passes this one."""
        return not self.can_fail(at, others)


def _linked(demands: Sequence[Demand]) -> Iterator[Group]:
    """The criteria in groups that have no facet in common, nor two of which one follows from the other."""
    asked = {demand: tuple(facets_of([demand.predicate])) for demand in demands}
    owners: dict[Facet, list[Demand]] = {}
    for demand, facets in asked.items():
        for facet in facets:
            owners.setdefault(facet, []).append(demand)
    links = [*owners.values(), *([owners[a][0], owners[b][0]] for a, b in consequences(owners))]
    groups = {demand: [demand] for demand in demands}
    for one, *others in links:
        for other in others:
            if groups[other] is not groups[one]:
                groups[one].extend(groups[other])
                groups.update(dict.fromkeys(groups[other], groups[one]))
    for listed in {id(group): group for group in groups.values()}.values():
        yield Group(tuple(sorted(listed, key=demands.index)))
