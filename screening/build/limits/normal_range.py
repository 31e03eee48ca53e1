"""Limits that are the normal range: within it, outside it, above or below it, or a multiple of it.

A variable has a normal range of two sides or of one ("ALT within normal limits" is no lower limit).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from screening.parse.trees.tree import Bound, Value
from screening.predicates import All, Amount, Any, Multiple, Op, Predicate, Reference
from screening.text import Span
from screening.variables import Variable

Compare = Callable[[Op, Multiple], Predicate]
"""Makes the comparison with one limit."""

_INSIDE = {"lower": (Op.GE,), "both": (Op.GE, Op.LE), "upper": (Op.LE,)}
_BEYOND = {Op.GE: Op.LT, Op.LE: Op.GT}


@dataclass(frozen=True, slots=True)
class NormalRange:
    """The normal range of a *variable*; *defined*: the upper limit that the trial itself gives."""

    variable: Variable
    compare: Compare
    defined: Amount | None
    span: Span

    def limited(self, bound: Bound, factor: Decimal) -> Predicate | None:
        """ "normal", "above normal", "1.5 × normal"; None where the variable has no such range."""
        plain = bound.value.factor == 1 and not bound.value.numbers
        if bound.op is None and plain:
            return self._both(All, self._inside())
        above = bound.op in (Op.GT, Op.GE)
        low_side = self.variable.normal == "lower" or (plain and self.variable.normal == "both" and not above)
        if self.variable.adverse == "low" and not above:
            low_side = True
        return self.compare(bound.op or Op.LE, self._limit(factor, low=low_side))

    def outside(self, value: Value) -> Predicate | None:
        """ "outside the normal range", "outside ULN"; None where the variable has no such range."""
        sides = {"ULN": (Op.LE,), "LLN": (Op.GE,)}.get(value.reference or "", self._inside())
        return self._both(Any, tuple(_BEYOND[op] for op in sides))

    def _inside(self) -> tuple[Op, ...]:
        return _INSIDE.get(self.variable.normal or "", ())

    def _both(self, kind: type[All | Any], sides: Sequence[Op]) -> Predicate | None:
        made = [self.compare(op, self._limit(Decimal(1), low=op in (Op.GE, Op.LT))) for op in sides]
        if len(made) < 2:
            return made[0] if made else None
        return kind(tuple(made), span=self.span)

    def _limit(self, factor: Decimal, *, low: bool) -> Multiple:
        return Multiple(factor, Reference.LLN) if low else Multiple(factor, Reference.ULN, self.defined)
