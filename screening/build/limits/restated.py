"""Limits written twice: whether the second form says the same, only less, or is no limit of its own."""

from __future__ import annotations

from dataclasses import replace

from screening.build.common.contents import variables_in
from screening.build.common.context import Reader
from screening.build.limits.agreeing import do_agree, limits_of
from screening.parse.tokens import Token
from screening.parse.trees.tree import Bound, Bounds, Span2
from screening.predicates import Amount, Comparison, Predicate
from screening.variables import Variable, catalogue

_BOTH = 2  # units: of the first form and of the second


def is_behind_or(reader: Reader, again: Bounds) -> bool:
    """Whether the limit is repeated behind "or", not in parentheses."""
    first = next((number for item in again.items for number in _numbers(item)), None)
    return first is not None and reader.text.text[: first.start].rstrip().lower().endswith(" or")


def alternatives(bounds: Bounds, again: Bounds) -> tuple[Bounds, ...]:
    """ "at least 20 mm or 10 mm by CT": in the same unit and by another method, each number is a limit of its own."""
    first, other, how = bounds.items[-1], again.items[0], again.how or bounds.how
    if not how or not isinstance(first, Bound) or not isinstance(other, Bound) or other.op is not None:
        return ()
    units = [item.value.unit.value for item in (first, other) if item.value.unit is not None]
    if first.op is None or len(units) < _BOTH or units[0] != units[1]:
        return ()
    return Bounds(bounds.items, bounds.joins), Bounds((Bound(first.op, other.value, first.symbol),), (), (), how)


def is_defined_by(bounds: Bounds, again: Bounds) -> bool:
    """ "within the normal range (> 50 %)", "(0.4-4.0)": the numbers in the parenthesis are what the trial takes for
    normal."""
    first, other = bounds.items[-1], again.items[0]
    if not isinstance(first, Bound) or len(bounds.items) > 1:
        return False
    plain = first.value.reference == "NORMAL" and not first.value.numbers
    ends = (other,) if isinstance(other, Bound) else (other.low, other.high)
    return plain and all(end.op is not None and end.value.numbers and not end.value.reference for end in ends)


def is_weaker_form(again: Bounds) -> bool:
    """Whether the second form has neither sign nor unit ("≥ 9 g/dL (9)")."""
    return all(isinstance(item, Bound) and item.op is None and item.value.unit is None for item in again.items)


def repeated(first: Bounds, again: Bounds) -> Bounds:
    """The second form as a limit: "< 20 ng/mL (50 nmol/L)" says the sign once for both."""
    items = tuple(
        replace(other, op=one.op) if isinstance(one, Bound) and isinstance(other, Bound) and other.op is None else other
        for one, other in zip(first.items, again.items, strict=False)
    )
    return replace(again, items=(*items, *again.items[len(items) :]), restated=())


def score_of(variable: Variable, again: Bounds) -> Variable | None:
    """ "class A or B (score ≤ 7)": the score that the classes of a scale divide, where the second form compares it."""
    compared = all(isinstance(item, Span2) or item.op is not None for item in again.items)
    return next((one for one in catalogue().values() if compared and one.classes == variable.id), None)


def is_amount(made: Predicate) -> bool:
    """Whether it is one limit in a unit, and no multiple of a reference."""
    return isinstance(made, Comparison) and isinstance(made.limit, Amount)


def is_same_limit(parts: list[Predicate]) -> bool:
    """Whether all are limits on one variable, measured alike, that agree within the rounding of a change of units."""
    if len({frozenset(variables_in(part)) for part in parts}) > 1:
        return False
    if len({part.qualifiers for part in parts if isinstance(part, Comparison) and part.qualifiers}) > 1:
        return False
    first, *others = [limits_of(part) for part in parts]
    return bool(first) and all(do_agree(first, other) for other in others)


def by_methods(bounds: Bounds) -> list[Bounds]:
    """ "≥ 50 % by MUGA or ≥ 45 % by echocardiogram", "> 90 % on room air or > 92 % on oxygen": each limit with its own
    method or circumstance; none where they share one."""
    begin = min((number.start for number in _numbers(bounds.items[0])), default=0)
    shared = tuple(token for token in bounds.how if token.end <= begin)  # "Seated SBP ≥ 140 off, ≥ 130 on medication"
    named = [token for token in bounds.how if token.start > begin]
    if len(bounds.items) == 1 or len(named) != len(bounds.items) or len({token.type for token in named}) != 1:
        return []
    places = [
        place
        for item, method in zip(bounds.items, named, strict=True)
        for place in (min((number.start for number in _numbers(item)), default=0), method.start)
    ]
    if places != sorted(places):
        return []
    return [Bounds((item,), how=(*shared, method)) for item, method in zip(bounds.items, named, strict=True)]


def _numbers(item: Bound | Span2) -> tuple[Token, ...]:
    return item.value.numbers if isinstance(item, Bound) else item.low.value.numbers
