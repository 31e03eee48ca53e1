"""Sets of numbers with exact ends: what a limit admits, and what several limits leave together.

A set is kept as sorted, disjoint stretches between cuts. A cut lies just below or just above a number, so that
open and closed ends need no cases of their own: [18, 65) runs from just below 18 to just below 65.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from screening.predicates import Op


class Cut(NamedTuple):
    """A place between numbers: just below *at*, or just *above* it."""

    at: Fraction | float
    above: bool = False


class Stretch(NamedTuple):
    """The numbers between two cuts."""

    low: Cut
    high: Cut


LOWEST, HIGHEST = Cut(-math.inf), Cut(math.inf)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A set of numbers.

    >>> limit(Op.GT, Fraction(18)) & limit(Op.LE, Fraction(65))
    (18, 65]
    >>> limit(Op.LT, Fraction(18)) | limit(Op.GT, Fraction(28))
    (-∞, 18) ∪ (28, ∞)
    >>> ~_ == limit(Op.GE, Fraction(18)) & limit(Op.LE, Fraction(28))
    True
    """

    stretches: tuple[Stretch, ...]

    def __and__(self, other: Numbers) -> Numbers:
        """What both hold."""
        pairs = ((one, two) for one in self.stretches for two in other.stretches)
        return _merged(Stretch(max(one.low, two.low), min(one.high, two.high)) for one, two in pairs)

    def __or__(self, other: Numbers) -> Numbers:
        """What either holds."""
        return _merged((*self.stretches, *other.stretches))

    def __invert__(self) -> Numbers:
        """What it does not hold."""
        ends = [LOWEST, *(cut for stretch in self.stretches for cut in stretch), HIGHEST]
        return _merged(Stretch(low, high) for low, high in zip(ends[::2], ends[1::2], strict=True))

    def __bool__(self) -> bool:
        """Whether it holds any number."""
        return bool(self.stretches)

    def __repr__(self) -> str:
        """As in a textbook."""
        return " ∪ ".join(_shown(one) for one in self.stretches) or "∅"

    @property
    def low(self) -> Cut:
        """Its lower end; the lowest of all where it has none."""
        return self.stretches[0].low if self.stretches else HIGHEST

    @property
    def high(self) -> Cut:
        """Its upper end; the highest of all where it has none."""
        return self.stretches[-1].high if self.stretches else LOWEST

    @property
    def in_one_piece(self) -> bool:
        """Whether it is a single stretch."""
        return len(self.stretches) == 1


NOTHING = Numbers(())
EVERYTHING = Numbers((Stretch(LOWEST, HIGHEST),))


def between(low: Cut, high: Cut) -> Numbers:
    """The numbers between two cuts."""
    return _merged((Stretch(low, high),))


def limit(op: Op, value: Fraction) -> Numbers:
    """The numbers x for which "x op value" holds."""
    below, above = Cut(value), Cut(value, above=True)
    ends = {
        Op.LT: (LOWEST, below),
        Op.LE: (LOWEST, above),
        Op.GT: (above, HIGHEST),
        Op.GE: (below, HIGHEST),
        Op.EQ: (below, above),
    }
    return between(*ends[op])


def counted(op: Op, value: Fraction, step: Fraction = Fraction(1)) -> Numbers:
    """The same for a variable counted in whole steps, of which the last one completed counts.

    Whoever has completed 75 years is 75 until the 76th birthday; between two grades there is nothing.

    >>> counted(Op.LE, Fraction(75)), counted(Op.GT, Fraction(75))
    ((-∞, 76), [76, ∞))
    """
    first, beyond = Cut(-(-value // step) * step), Cut(value // step * step + step)
    ends = {
        Op.LT: (LOWEST, first),
        Op.LE: (LOWEST, beyond),
        Op.GT: (beyond, HIGHEST),
        Op.GE: (first, HIGHEST),
        Op.EQ: (first, beyond),
    }
    return between(*ends[op])


def scaled(numbers: Numbers, factor: Fraction) -> Numbers:
    """The set in a unit of which *factor* make one of the old."""
    return Numbers(tuple(Stretch(_scaled(one.low, factor), _scaled(one.high, factor)) for one in numbers.stretches))


def _scaled(cut: Cut, factor: Fraction) -> Cut:
    return cut if isinstance(cut.at, float) else cut._replace(at=cut.at * factor)


def _merged(stretches: Iterable[Stretch]) -> Numbers:
    out: list[Stretch] = []
    for one in sorted(stretch for stretch in stretches if stretch.low < stretch.high):
        if out and one.low <= out[-1].high:
            out[-1] = Stretch(out[-1].low, max(out[-1].high, one.high))
        else:
            out.append(one)
    return Numbers(tuple(out))


def _shown(one: Stretch) -> str:
    left = "(" if one.low.above or one.low == LOWEST else "["
    right = "]" if one.high.above else ")"
    return f"{left}{_number(one.low.at)}, {_number(one.high.at)}{right}"


def _number(value: Fraction | float) -> str:
    return str(value).replace("inf", "∞")
