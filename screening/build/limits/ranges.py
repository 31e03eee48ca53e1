"""Ranges and fractions as texts write them: "between -1 and -6 D", "78 to 24 letters", vision of "20/32 to 20/320"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screening import variables
from screening.build.limits.chunks import unit_type
from screening.build.limits.comparing import by_quality
from screening.build.limits.inheriting import ends_at_another
from screening.parse.numbers import readings
from screening.parse.tokens import Token
from screening.parse.trees.tree import Bound, Island, Span2
from screening.predicates import Amount, Op
from screening.resources import table
from screening.variables import Variable

_MIRRORED = {Op.GE: Op.LE, Op.LE: Op.GE, Op.GT: Op.LT, Op.LT: Op.GT}
_FRACTION = 2  # numbers of "20/40"
_DISTANCES = [{distance} for known in table("measures")["fractions"].values() for distance in known["distances"]]


def sharing_unit(low: Bound, high: Bound) -> tuple[Bound, Bound]:
    """A range names its unit once, mostly behind the second number ("18-75 years", "1-1.5 × ULN")."""
    if (
        high.value.reference
        and high.value.numbers
        and low.value.numbers
        and not (low.value.reference or low.value.unit)
    ):
        return replace(low, value=replace(low.value, reference=high.value.reference)), high
    if not low.value.unit and high.value.unit and not low.value.reference:
        return replace(low, value=replace(low.value, unit=high.value.unit)), high
    if not high.value.unit and low.value.unit and not high.value.reference:
        return low, replace(high, value=replace(high.value, unit=low.value.unit))
    return low, high


def rising(low: Bound, high: Bound) -> tuple[Bound, Bound]:
    """ "between -1.00 and -6.00 D", "20/32 to 20/320": below zero, and of fractions, the better may be named first."""
    if (low.op, high.op) != (Op.GE, Op.LE) or not (low.value.numbers and high.value.numbers):
        return low, high
    first, second = low.value.numbers[-1].value, high.value.numbers[-1].value
    if len(low.value.numbers) == len(high.value.numbers) == _FRACTION:
        turned = {low.value.numbers[0].value, high.value.numbers[0].value} in _DISTANCES and _above(second, first)
    else:
        turned = second.startswith("-") and (not first.startswith("-") or _above(first, second))
    return (replace(low, value=high.value), replace(high, value=low.value)) if turned else (low, high)


def falls(low: Bound, high: Bound) -> bool:
    """Whether a range begins with the larger number, both in one unit ("78 to 24 letters")."""
    if (low.op, high.op) != (Op.GE, Op.LE) or len(low.value.numbers) != 1 or len(high.value.numbers) != 1:
        return False
    units = {one.value.unit.value if one.value.unit else None for one in (low, high)}
    plain = not (low.value.reference or high.value.reference)
    return plain and len(units) == 1 and _above(low.value.numbers[0].value, high.value.numbers[0].value)


def _above(first: str, second: str) -> bool:
    """Whether the first number is the larger one, whichever way both are read."""
    ours, theirs = readings(first), readings(second)
    return bool(ours and theirs) and min(ours) > max(theirs)


def each_range(item: Span2) -> tuple[Span2, ...]:
    """ "90-140/50-90": the range of each of the pair."""
    ends = zip(item.low.value.numbers, item.high.value.numbers, strict=True)
    return tuple(
        Span2(
            replace(item.low, value=replace(item.low.value, numbers=(low,))),
            replace(item.high, value=replace(item.high.value, numbers=(high,))),
            outside=item.outside,
        )
        for low, high in ends
    )


def is_low_end(variable: Variable, bound: Bound) -> bool:
    """Whether a pair is a limit against values too low ("≥ 90/60 mmHg": both), not too high ("≥ 140/90": either)."""
    usual = table("measures")["usual_pairs"].get(variable.id, ())
    found = [readings(number.value) for number in bound.value.numbers]
    return bool(usual) and all(one and one[0] < most for one, most in zip(found, usual, strict=False))


def fraction(variable: Variable, bound: Bound) -> tuple[str, Op, Amount] | None:
    """ "20/40 or better": the variable, sign and amount of the denominator, of which more is worse.

    None where the quantity is not written as a fraction, or nothing is compared.
    """
    known = table("measures")["fractions"].get(variable.id)
    bound = by_quality(variable, bound)
    if known is None or bound.op not in _MIRRORED or len(bound.value.numbers) != _FRACTION:
        return None
    over, under = (readings(number.value) for number in bound.value.numbers)
    unit = known["distances"].get(str(over[0])) if over and under else None
    return (known["denominator"], _MIRRORED[bound.op], Amount(under[0], unit)) if unit else None


def runs_into_count(tokens: Sequence[Token], island: Island) -> bool:
    """ "lesion ≤ 5 cm or 2-3 lesions": the last number counts what stands behind it and is no limit of the size."""
    bounds = island.shape.bounds
    items = [*bounds.items, *(item for again in bounds.restated for item in again.items)]
    if island.shape.kind != "about" or len(items) < 2 or island.last >= len(tokens):
        return False
    behind = tokens[island.last]
    if ends_at_another(tokens, island):
        return True
    counted = behind.type == "VAR" and variables.catalogue()[str(behind.value)].kind == "count"
    apart = (bool(unit_type(items[0])) and behind.type in ("VAR", "CONCEPT", "WORD", "TO")) or counted
    return apart and not unit_type(items[-1])


__all__ = ["each_range", "falls", "fraction", "is_low_end", "rising", "runs_into_count", "sharing_unit"]
