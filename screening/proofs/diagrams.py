"""Decision diagrams with many-valued branches: every function of finitely many states, each in one shape only.

A diagram is a leaf (any value), or a branch that asks for the state of one facet and goes on with one diagram per
state. Equal functions are the same object, so that "the same outcome for every patient" is one comparison, and what
differs is found by walking down. Source: R. E. Bryant, Graph-Based Algorithms for Boolean Function Manipulation,
IEEE Trans. Comput. C-35 (1986) 677-691; for leaves of any kind, R. I. Bahar et al., Algebraic Decision Diagrams and
Their Applications, ICCAD 1993.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

LIMIT = 200_000
"""Diagrams made before a question is given up as too large."""

Leaf = Hashable

_WANTED, _OTHER = "wanted", "other"


class TooLargeError(Exception):
    """The question has more cases than are worth going through."""


class Branch(NamedTuple):
    """The facet of number *level* decides which of the diagrams goes on; they ask for facets of higher levels only."""

    level: int
    below: tuple[int, ...]


@dataclass(slots=True)
class Diagrams:
    """All diagrams of one question, by number.

    >>> made = Diagrams()
    >>> one, two = made.branch(0, (made.leaf(0), made.leaf(1))), made.branch(1, (made.leaf(0), made.leaf(1)))
    >>> made.merged(max, one, two) == made.merged(max, two, one)
    True
    >>> made.branch(0, (two, two)) == two
    True
    """

    limit: int = LIMIT
    _nodes: list[Branch | Leaf] = field(default_factory=list)
    _numbers: dict[tuple[type, Branch | Leaf], int] = field(default_factory=dict)
    _merged: dict[tuple[Hashable, int, int], int] = field(default_factory=dict)
    _mapped: dict[tuple[Hashable, int], int] = field(default_factory=dict)

    def leaf(self, value: Leaf) -> int:
        """The diagram that is *value* whatever the states."""
        return self._number(value)

    def branch(self, level: int, below: Sequence[int]) -> int:
        """The diagram that goes on with one of *below*, by the state of facet *level*."""
        if all(item == below[0] for item in below):
            return below[0]
        return self._number(Branch(level, tuple(below)))

    def _number(self, node: Branch | Leaf) -> int:
        key = (type(node), node)  # 0, False and Truth.FALSE are three leaves
        found = self._numbers.get(key)
        if found is None:
            if len(self._nodes) >= self.limit:
                raise TooLargeError
            found = self._numbers[key] = len(self._nodes)
            self._nodes.append(node)
        return found

    def merged(self, join: Callable[[Leaf, Leaf], Leaf], one: int, two: int) -> int:
        """The diagram of join(one, two)."""
        key = (join, one, two)
        found = self._merged.get(key)
        if found is None:
            found = self._merged[key] = self._merge(join, one, two)
        return found

    def _merge(self, join: Callable[[Leaf, Leaf], Leaf], one: int, two: int) -> int:
        first, second = self._nodes[one], self._nodes[two]
        if not isinstance(first, Branch) and not isinstance(second, Branch):
            return self.leaf(join(first, second))
        level = min(node.level for node in (first, second) if isinstance(node, Branch))
        ones, twos = self._at(level, one), self._at(level, two)
        states = max(len(ones), len(twos))
        pairs = ((ones[at % len(ones)], twos[at % len(twos)]) for at in range(states))
        return self.branch(level, [self.merged(join, *pair) for pair in pairs])

    def _at(self, level: int, diagram: int) -> tuple[int, ...]:
        """What it goes on with by the state of facet *level*; itself, where it does not ask for it."""
        node = self._nodes[diagram]
        return node.below if isinstance(node, Branch) and node.level == level else (diagram,)

    def mapped(self, change: Callable[[Leaf], Leaf], diagram: int) -> int:
        """The diagram of change(diagram)."""
        key = (change, diagram)
        found = self._mapped.get(key)
        if found is None:
            node = self._nodes[diagram]
            if isinstance(node, Branch):
                found = self.branch(node.level, [self.mapped(change, item) for item in node.below])
            else:
                found = self.leaf(change(node))
            self._mapped[key] = found
        return found

    def ever(self, diagram: int, wanted: Leaf) -> bool:
        """Whether any states lead to the value *wanted*."""
        goal = self.leaf(wanted)
        seen, open_ = {diagram}, [diagram]
        while open_:
            at = open_.pop()
            if at == goal:
                return True
            node = self._nodes[at]
            fresh = set(node.below) - seen if isinstance(node, Branch) else set()
            seen |= fresh
            open_.extend(fresh)
        return False

    def path(self, diagram: int, wanted: Leaf, preferred: Callable[[int], Sequence[int]]) -> dict[int, int] | None:
        """States (facet → number of the state) that lead to the value *wanted*, the *preferred* ones of each facet
        first; a facet not in it may be in any state. None where no states do."""
        never = self.leaf(_OTHER)
        at = self.mapped(lambda value: _WANTED if value == wanted else _OTHER, diagram)
        if at == never:
            return None
        found: dict[int, int] = {}
        node = self._nodes[at]
        while isinstance(node, Branch):
            found[node.level] = next(state for state in preferred(node.level) if node.below[state] != never)
            node = self._nodes[node.below[found[node.level]]]
        return found
