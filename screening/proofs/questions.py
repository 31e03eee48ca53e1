"""What predicates make of every patient there can be: one diagram each, over the facets they ask for together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from typing import NamedTuple, cast

from screening.predicates import (
    Advisory,
    All,
    Always,
    Any,
    Assumption,
    AtLeast,
    Choice,
    Comparison,
    Connective,
    Except,
    IfElse,
    Not,
    OneMethod,
    Predicate,
    children,
    neutral,
    of_each,
)
from screening.proofs.diagrams import LIMIT, Diagrams
from screening.proofs.facets import Facet, Said, State, consequences, facet_of, facets, outcome
from screening.sections.model import Side
from screening.truth import Truth
from screening.variables import catalogue

World = Mapping[Facet, State]
"""Patients who are alike in everything a question depends on; facets that are not in it do not matter."""

_DIFFER = "the readings differ"


class Counted(NamedTuple):
    """Of the parts so far: how many are TRUE, and how many are not FALSE."""

    certain: int = 0
    possible: int = 0


class Available(NamedTuple):
    """Of the methods so far: what those say that have a value, and what all say. None: there is none yet."""

    known: Truth | None
    every: Truth


@dataclass(frozen=True)
class Question:
    """Some predicates, and every patient there can be as far as they can tell. Raises TooLargeError, anywhere.

    An assumption is taken in the sense it would have if confirmed; readings of a choice that differ are UNKNOWN.
    """

    predicates: tuple[Predicate, ...]
    limit: int = LIMIT  # diagrams to be made at most

    @cached_property
    def states(self) -> Mapping[Facet, tuple[State, ...]]:
        """Every facet with its states."""
        return facets(self.predicates)

    @cached_property
    def _levels(self) -> dict[Facet, int]:
        return {facet: at for at, facet in enumerate(self.states)}

    @cached_property
    def _facets(self) -> tuple[Facet, ...]:
        return tuple(self.states)

    @cached_property
    def diagrams(self) -> Diagrams:
        """The workshop of its diagrams."""
        return Diagrams(self.limit)

    # Truth

    def truth(self, predicate: Predicate, side: Side | None = None) -> int:
        """The diagram of the predicate's truth; *side* is that of its criterion, where advice stands alone."""
        parts = [self.truth(part, side) for part in children(predicate)]
        match predicate:
            case Not():
                return self._not(parts[0])
            case Assumption():
                return parts[0]
            case Except():
                return self._join(_both, [parts[0], self._not(parts[1])])
            case IfElse():
                return self._if(*parts)
            case All() | Any() | AtLeast() | OneMethod() | Choice():
                voting = [part for part, child in zip(parts, children(predicate), strict=True) if not neutral(child)]
                return self._group(predicate, voting)
            case Comparison() if family := catalogue()[predicate.variable].stands_for:
                return self.truth(of_each(predicate, family), side)
            case Always() | Advisory():
                binding = isinstance(predicate, Always) or side is not Side.EXCLUSION
                return self.diagrams.leaf(Truth.TRUE if binding else Truth.FALSE)
            case _:
                return self._atom(predicate)

    def _atom(self, predicate: Predicate) -> int:
        facet = facet_of(predicate)
        assert facet is not None  # noqa: S101 -- of the others every atom asks for one
        said = [self.diagrams.leaf(outcome(predicate, state)) for state in self.states[facet]]
        return self.diagrams.branch(self._levels[facet], said)

    def _not(self, diagram: int) -> int:
        return self.diagrams.mapped(_inverse, diagram)

    def _join(self, join: Callable[[Hashable, Hashable], Hashable], parts: Sequence[int]) -> int:
        return reduce(partial(self.diagrams.merged, join), parts)

    def _if(self, condition: int, then: int, otherwise: int) -> int:
        chosen = self._join(_both, [condition, then]), self._join(_both, [self._not(condition), otherwise])
        return self._join(_either, [*chosen, self._join(_both, [then, otherwise])])

    def _group(self, predicate: All | Any | AtLeast | OneMethod | Choice, parts: list[int]) -> int:
        """A connective over the parts that are not neutral."""
        match predicate:
            case All():
                return self._join(_both, [self.diagrams.leaf(Truth.TRUE), *parts])
            case Any():
                return self._join(_either, [self.diagrams.leaf(Truth.FALSE), *parts])
            case AtLeast(count=count):
                start = self.diagrams.leaf(Counted())
                counted = reduce(partial(self.diagrams.merged, _count), parts, start)
                return self.diagrams.mapped(partial(_reached, count), counted)
            case OneMethod(connective=connective):
                return self._methods(parts, _both if connective is Connective.ALL else _either)
            case Choice():
                agreed = self._join(_agreed, parts) if parts else self.diagrams.leaf(Truth.UNKNOWN)
                return self.diagrams.mapped(_open_if_differing, agreed)

    def _methods(self, parts: list[int], join: Callable[[Hashable, Hashable], Hashable]) -> int:
        """What is UNKNOWN has no value to offer here; patients whose value cannot be used are not told apart."""
        offered = [self.diagrams.mapped(_offered, part) for part in parts]
        if not offered:
            return self.diagrams.leaf(Truth.TRUE if join is _both else Truth.FALSE)
        return self.diagrams.mapped(_available, self._join(_BY_METHOD[join is _both], offered))

    # Worlds

    @cached_property
    def valid(self) -> int:
        """TRUE for the patients there can be, so far as one fact tells another."""
        found = self.diagrams.leaf(Truth.TRUE)
        for narrow, broad in consequences(self._facets):
            found = self._join(_both, [found, self._at_most(narrow, broad)])
        return found

    def _at_most(self, narrow: Facet, broad: Facet) -> int:
        return self.diagrams.merged(_not_above, self._plain(narrow), self._plain(broad))

    def _plain(self, facet: Facet) -> int:
        """The state of a facet as a diagram."""
        return self.diagrams.branch(self._levels[facet], [self.diagrams.leaf(state) for state in self.states[facet]])

    def world(self, diagram: int, wanted: Hashable) -> World | None:
        """Patients for whom the diagram has the value *wanted*; None where there can be none."""
        possible = self.diagrams.merged(_where, self.valid, diagram)
        path = self.diagrams.path(possible, wanted, self._preferred)
        if path is None:
            return None
        return {self._facets[level]: self.states[self._facets[level]][state] for level, state in path.items()}

    def _preferred(self, level: int) -> Sequence[int]:
        """The states in the order in which a patient is easiest to make: facts that are known, answers that are not."""
        facet = self._facets[level]
        states = self.states[facet]
        open_first = isinstance(facet, Said)
        return sorted(range(len(states)), key=lambda at: (states[at] in (None, Truth.UNKNOWN)) is not open_first)


def both(question: Question, parts: Iterable[int]) -> int:
    """The diagram of the conjunction."""
    return reduce(partial(question.diagrams.merged, _both), parts, question.diagrams.leaf(Truth.TRUE))


def certain(question: Question, diagram: int) -> int:
    """The diagram that is TRUE where the given one is, and FALSE elsewhere."""
    return question.diagrams.mapped(_certainly, diagram)


def inverse(question: Question, diagram: int) -> int:
    """The diagram of the negation."""
    return question.diagrams.mapped(_inverse, diagram)


def pairs(question: Question, one: int, two: int) -> int:
    """The diagram of (one, two)."""
    return question.diagrams.merged(_pair, one, two)


# Leaves are of any kind; what stands in those of truth diagrams is a Truth.


def _both(one: Hashable, two: Hashable) -> Hashable:
    return min(cast("Truth", one), cast("Truth", two))


def _either(one: Hashable, two: Hashable) -> Hashable:
    return max(cast("Truth", one), cast("Truth", two))


def _inverse(value: Hashable) -> Hashable:
    return ~cast("Truth", value)


def _certainly(value: Hashable) -> Hashable:
    return Truth.TRUE if value is Truth.TRUE else Truth.FALSE


def _not_above(one: Hashable, two: Hashable) -> Hashable:
    return Truth.TRUE if cast("Truth", one) <= cast("Truth", two) else Truth.FALSE


def _where(valid: Hashable, value: Hashable) -> Hashable:
    return value if valid is Truth.TRUE else None


def _pair(one: Hashable, two: Hashable) -> Hashable:
    return (one, two)


def _count(so_far: Hashable, value: Hashable) -> Hashable:
    certain, possible = cast("Counted", so_far)
    return Counted(certain + (value is Truth.TRUE), possible + (value is not Truth.FALSE))


def _reached(count: int, counted: Hashable) -> Hashable:
    certain, possible = cast("Counted", counted)
    return Truth.TRUE if certain >= count else Truth.UNKNOWN if possible >= count else Truth.FALSE


def _agreed(one: Hashable, two: Hashable) -> Hashable:
    return one if one == two else _DIFFER


def _open_if_differing(value: Hashable) -> Hashable:
    return Truth.UNKNOWN if value == _DIFFER else value


def _offered(value: Hashable) -> Hashable:
    said = cast("Truth", value)
    return Available(None if said is Truth.UNKNOWN else said, said)


def _available(offered: Hashable) -> Hashable:
    known, every = cast("Available", offered)
    return every if known is None else known


def _by_method(join: Callable[[Hashable, Hashable], Hashable], one: Hashable, two: Hashable) -> Hashable:
    first, second = cast("Available", one), cast("Available", two)
    known: list[Hashable] = [item.known for item in (first, second) if item.known is not None]
    joined = reduce(join, known) if known else None
    return Available(cast("Truth | None", joined), cast("Truth", join(first.every, second.every)))


_BY_METHOD = {True: partial(_by_method, _both), False: partial(_by_method, _either)}
