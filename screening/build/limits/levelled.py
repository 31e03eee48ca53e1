"""How the levels of a scale are written: "1,2 or 3", "26/30", "50/100", "VAS > 30", "between -1 and -6"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from screening import units
from screening.build.limits.unstated import Typed
from screening.parse.numbers import readings
from screening.parse.tokens import Token
from screening.parse.trees.tree import Bound, Bounds
from screening.predicates import Amount
from screening.resources import table
from screening.variables import Variable

_HUNDRED = Decimal(100)  # millimetres of a visual analogue scale
_LISTED = re.compile(r"\d(,\d)+$")
_OF_WHOLE = 2  # numbers of "26/30"


def is_level_list(variable: Variable, bounds: Bounds) -> bool:
    """Whether the bounds are levels of a scale, and nothing is compared."""
    flat = [item for item in bounds.items if isinstance(item, Bound)]
    whole = variable.kind == "scale" and len(flat) == len(bounds.items) and len(flat) > 1
    return whole and all(one.op is None for one in flat)


def each_level(bounds: Bounds) -> Iterator[Bound]:
    """Every level on its own."""
    for item in bounds.items:
        if isinstance(item, Bound):
            yield from listed(item)


def listed(bound: Bound) -> Iterator[Bound]:
    """ "1,2 or 3": on a scale of whole levels a comma separates."""
    numbers = bound.value.numbers
    if len(numbers) != 1 or not _LISTED.match(numbers[0].value):
        yield bound
        return
    for digit in numbers[0].value.split(","):
        yield replace(bound, value=replace(bound.value, numbers=(replace(numbers[0], value=digit),)))


def out_of(variable: Variable, bound: Bound) -> Bound:
    """ "4/10", "26/30": so many points out of the whole scale; "50/100" of a scale of ten: millimetres."""
    numbers = bound.value.numbers
    if variable.kind != "scale" or len(numbers) != _OF_WHOLE or variable.scale_max is None:
        return bound
    whole = readings(numbers[1].value)
    alone = replace(bound.value, numbers=numbers[:1])
    if whole and whole[0] == variable.scale_max:
        return replace(bound, value=alone)
    if whole and whole[0] == _HUNDRED and units.assumed(variable.id, _HUNDRED):
        unit = Token("UNIT", "mm", numbers[1].start, numbers[1].end, "mm")
        return replace(bound, value=replace(alone, unit=unit))
    return bound


def in_millimetres(typed: Typed) -> bool:
    """ "VAS > 30": the name is of a scale of a hundred millimetres, so that 30 need be no level of ten."""
    words = table("measures")["in_millimetres"].get(typed.variable.id, ())
    return any(word in typed.subject.token.text.lower() for word in words)


def beyond(variable: Variable, level: Decimal) -> bool:
    """Whether a number lies above the highest level of a scale."""
    return variable.kind == "scale" and variable.scale_max is not None and level > variable.scale_max


def in_levels(variable: Variable, limit: Amount) -> Decimal | Fraction:
    """The level that "40 mm" on a visual analogue scale is."""
    return units.canonical(variable.id, limit.value, limit.unit) if limit.unit else limit.value
