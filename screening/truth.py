"""Kleene's three-valued logic: FALSE < UNKNOWN < TRUE; and = min, or = max, not = swap.

    and | F U T     or | F U T     not |
    ----+------     ---+------     ----+--
     F  | F F F      F | F U T      F  | T
     U  | F U U      U | U U T      U  | U
     T  | F U T      T | T T T      T  | F

Source: S. C. Kleene, Introduction to Metamathematics (1952), section 64. SQL's NULL follows the same tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Truth(IntEnum):
    """The truth of a predicate for one patient on one date."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2

    def __invert__(self) -> Truth:
        """Not: swaps TRUE and FALSE, keeps UNKNOWN."""
        return Truth(2 - self)


def truth(value: bool | None) -> Truth:
    """None is unknown.

    >>> truth(None)
    <Truth.UNKNOWN: 1>
    """
    return Truth.UNKNOWN if value is None else Truth.TRUE if value else Truth.FALSE


def every(values: Iterable[Truth]) -> Truth:
    """And over any number; TRUE when there is none."""
    return min(values, default=Truth.TRUE)


def some(values: Iterable[Truth]) -> Truth:
    """Or over any number; FALSE when there is none."""
    return max(values, default=Truth.FALSE)


def at_least(count: int, values: Iterable[Truth]) -> Truth:
    """Whether at least *count* hold: TRUE by the certain ones, FALSE when even all unknown ones would not do."""
    seen = list(values)
    if sum(value is Truth.TRUE for value in seen) >= count:
        return Truth.TRUE
    return Truth.UNKNOWN if sum(value is not Truth.FALSE for value in seen) >= count else Truth.FALSE


def if_else(condition: Truth, then: Truth, otherwise: Truth) -> Truth:
    """If-then-else with an unknown condition settled when both branches agree: (c∧p)∨(¬c∧q)∨(p∧q).

    >>> if_else(Truth.UNKNOWN, Truth.TRUE, Truth.TRUE)
    <Truth.TRUE: 2>
    """
    return max(min(condition, then), min(~condition, otherwise), min(then, otherwise))
