"""Backgrounds: states of the other parts of a criterion under which one part decides it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from screening.boundaries.logic import Slots, said
from screening.boundaries.probes import Key, Plan, Probe
from screening.boundaries.slots import rivals
from screening.predicates import (
    All,
    Any,
    AtLeast,
    Choice,
    Connective,
    Except,
    IfElse,
    Not,
    OneMethod,
    Predicate,
    children,
)
from screening.predicates.meaning import neutral
from screening.truth import Truth

F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
Want = frozenset[Truth]
FALSE, OPEN, TRUE = Want({F}), Want({U}), Want({T})
NOT_TRUE, NOT_FALSE = Want({F, U}), Want({U, T})

MOST = 400
"""Plans that are looked at before a background is given up."""


class Ways:
    """The search over one criterion; *free*: the slot that is to be varied, which no background touches."""

    def __init__(self, slots: Slots, free: Key | None = None) -> None:
        """Nothing is searched yet."""
        self._slots = slots
        self._free = free
        self._states: dict[Key, tuple[Probe, ...]] = {}
        self._rivals = rivals(slots)

    def backgrounds(self, root: Predicate, path: tuple[int, ...]) -> Iterator[Plan]:
        """Plans under which the part at *path* bears on the criterion, the plainest first; several for a condition."""
        if not path:
            yield {}
            return
        step, *rest = path
        part = children(root)[step]
        for plan in self.backgrounds(part, tuple(rest)):
            yield from self._around(root, step, plan)

    def _around(self, node: Predicate, step: int, plan: Plan) -> Iterator[Plan]:
        """The same with the siblings of a part set so that it decides."""
        parts = children(node)
        others = [part for number, part in enumerate(parts) if number != step and not neutral(part)]
        match node:
            case All():
                yield from self._first(self._each(others, (TRUE, NOT_FALSE), plan))
            case Any():
                yield from self._first(self._each(others, (FALSE, NOT_TRUE), plan))
            case Except():
                wanted = (FALSE, NOT_TRUE) if step == 0 else (TRUE, NOT_FALSE)
                yield from self._first(self._each(others, wanted, plan))
            case IfElse(condition, then, otherwise) if step == 0:
                yield from self._first(self._differing(then, otherwise, plan))
            case IfElse(condition, then, otherwise):
                for chosen in (TRUE, FALSE, OPEN) if step == 1 else (FALSE, TRUE, OPEN):
                    yield from self._first(self.reach(condition, chosen, plan))
            case OneMethod(connective=connective):
                yield plan
                wanted = (TRUE, NOT_FALSE) if connective is Connective.ALL else (FALSE, NOT_TRUE)
                yield from self._first(self._each(others, wanted, plan))
                yield from self._first(self._each(others, (TRUE if connective is Connective.ANY else FALSE,), plan))
            case AtLeast(count=count):
                yield from self._first(self._counting(others, count - 1, plan))
            case _:
                yield plan

    @staticmethod
    def _first(plans: Iterable[Plan]) -> Iterator[Plan]:
        return islice(iter(plans), 1)

    def _differing(self, then: Predicate, otherwise: Predicate, plan: Plan) -> Iterator[Plan]:
        """Branches that say different things, so that the condition decides."""
        for one, two in ((TRUE, FALSE), (FALSE, TRUE), (TRUE, OPEN), (OPEN, TRUE), (FALSE, OPEN), (OPEN, FALSE)):
            for found in self.reach(then, one, plan):
                yield from self.reach(otherwise, two, found)

    def _counting(self, others: list[Predicate], holding: int, plan: Plan) -> Iterator[Plan]:
        for found in self._each(others[:holding], (TRUE,), plan):
            yield from self._each(others[holding:], (FALSE, NOT_TRUE), found)

    def _each(self, parts: list[Predicate], wanted: tuple[Want, ...], plan: Plan) -> Iterator[Plan]:
        """All parts as wanted; the first wish that all can fulfil, else each its own first."""
        if not parts:
            yield plan
            return
        first, *rest = parts
        for want in wanted:
            for found in islice(self.reach(first, want, plan), MOST):
                yield from self._each(rest, wanted, found)

    def reach(self, predicate: Predicate, want: Want, plan: Plan) -> Iterator[Plan]:
        """Plans that extend *plan* and make the predicate say one of *want*."""
        slot = self._slots.get(predicate)
        if slot is not None:
            yield from self._set(predicate, want, plan)
            return
        if len(want) > 1:
            for one in sorted(want, key=lambda truth: truth is U):
                yield from self.reach(predicate, Want({one}), plan)
            return
        for found in islice(self._ways(predicate, next(iter(want)), plan), MOST):
            if self._holds(predicate, want, found):
                yield found

    def _holds(self, predicate: Predicate, want: Want, plan: Plan) -> bool:
        return said(predicate, plan, self._slots)[0] in want or self._is_free(predicate)

    def _is_free(self, predicate: Predicate) -> bool:
        """Whether a part of it belongs to the slot that is varied."""
        slot = self._slots.get(predicate)
        if slot is not None:
            return slot.key == self._free
        return any(map(self._is_free, children(predicate)))

    def _set(self, part: Predicate, want: Want, plan: Plan) -> Iterator[Plan]:
        slot = self._slots[part]
        if slot.key == self._free:
            yield plan
        elif slot.key in plan:
            if said(part, plan, self._slots)[0] in want:
                yield plan
        elif self._excluded(slot.key, plan):
            if slot.absent(part, plan)[0] in want or self._free is not None:
                yield plan
        else:
            if slot.key not in self._states:
                self._states[slot.key] = slot.states()
            for state in self._states[slot.key]:
                found = {**plan, slot.key: state}
                if said(part, found, self._slots)[0] in want:
                    yield found

    def _excluded(self, key: Key, plan: Plan) -> bool:
        """Whether the patient already holds, or is to be given, what cannot stand beside this slot."""
        held = [*plan, *([self._free] if self._free else [])]
        return any(frozenset({key, other}) in self._rivals for other in held)

    def _ways(self, predicate: Predicate, want: Truth, plan: Plan) -> Iterator[Plan]:
        parts = [part for part in children(predicate) if not neutral(part)]
        match predicate:
            case Not():
                yield from self.reach(parts[0], Want({~want}), plan)
            case All() | Except():
                yield from self._and(_signed(predicate, parts), want, plan)
            case Any() | OneMethod(connective=Connective.ANY):
                yield from self._and([(part, True) for part in parts], ~want, plan)
            case OneMethod():
                yield from self._and([(part, False) for part in parts], want, plan)
            case IfElse():
                yield from self._branched(predicate, want, plan)
            case AtLeast(count=count):
                holding = count if want is T else count - 1
                yield from self._counting(parts, holding, plan)
            case Choice():
                yield from self._each(parts, (Want({want}),), plan)
            case _:
                yield plan

    def _branched(self, node: IfElse, want: Truth, plan: Plan) -> Iterator[Plan]:
        for chosen, branch in ((TRUE, node.then), (FALSE, node.otherwise)):
            for found in self.reach(node.condition, chosen, plan):
                yield from self.reach(branch, Want({want}), found)
        if want is U:
            yield from self.reach(node.condition, OPEN, plan)

    def _and(self, parts: list[tuple[Predicate, bool]], want: Truth, plan: Plan) -> Iterator[Plan]:
        """Plans under which the conjunction of parts (each negated, or not) is *want*."""
        if want is F:
            for part, negated in parts:
                yield from self.reach(part, TRUE if negated else FALSE, plan)
            return
        first, *rest = parts
        for one in (TRUE, OPEN) if want is U else (TRUE,):
            wanted = Want({~next(iter(one))}) if first[1] else one
            for found in self.reach(first[0], wanted, plan):
                if rest:
                    yield from self._and(rest, want, found)
                else:
                    yield found


def _signed(predicate: Predicate, parts: list[Predicate]) -> list[tuple[Predicate, bool]]:
    if isinstance(predicate, Except):
        return [(parts[0], False), *((part, True) for part in parts[1:])]
    return [(part, False) for part in parts]
