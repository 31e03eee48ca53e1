"""Whether limits written twice agree, and whether a range can be met at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache

from screening import units
from screening.parse.tokens import Token
from screening.parse.trees.tree import Bound, Bounds, Span2
from screening.predicates import (
    All,
    Amount,
    Any,
    Assumption,
    Choice,
    Comparison,
    Op,
    OrdinalSet,
    Predicate,
)
from screening.resources import table

_WORDS = re.compile(r"[^\W_]+")

_ROUNDING = Fraction(3, 100)  # two units of one limit may differ by rounding this much


def in_one_unit(bounds: Bounds) -> Bounds:
    """ "> 18 and < 60 years": the unit stands once, behind the last."""
    last = bounds.items[-1]
    if len(bounds.items) < 2 or not isinstance(last, Bound) or last.value.unit is None or last.value.reference:
        return bounds
    items = tuple(_in_unit(item, last.value.unit) for item in bounds.items)
    return replace(bounds, items=items)


def _in_unit(item: Bound | Span2, unit: Token) -> Bound | Span2:
    if isinstance(item, Span2) or item.value.unit or item.value.reference or item.value.level:
        return item
    return replace(item, value=replace(item.value, unit=unit))


@cache
def method_in_name(name: str, variable: str) -> str | None:
    """The method that the name of a variable says with it ("QTcF", "QTc (Fridericia)", "MDRD GFR")."""
    said = (id for id in _in_name("methods", name) if variable in table("methods")[id]["variables"])
    return next(said, None)


@cache
def qualifiers_in_name(name: str) -> tuple[str, ...]:
    """The circumstances that the name of a variable says with it ("FPG")."""
    return tuple(_in_name("qualifiers", name))


def _in_name(kind: str, name: str) -> Iterator[str]:
    words = f" {' '.join(_WORDS.findall(name.casefold()))} "
    for identity, row in table(kind).items():
        if any(f" {one.casefold()} " in words for one in row.get("in_names", ())):
            yield str(identity)


def is_impossible(limits: list[tuple[str, Fraction]]) -> bool:
    """Whether no value lies above every lower and below every upper limit."""
    lower = [value for sign, value in limits if sign == ">"]
    upper = [value for sign, value in limits if sign == "<"]
    return bool(lower and upper) and max(lower) > min(upper)


def limits_of(made: Predicate) -> list[tuple[str, Fraction]]:
    """Every (direction, canonical value) of a predicate of one variable; [] where one has none."""
    found: list[tuple[str, Fraction]] = []
    for comparison in comparisons_of(made):
        limit = comparison.limit
        if isinstance(limit, Amount):
            try:
                value = units.canonical(comparison.variable, limit.value, limit.unit)
            except units.UnitError:
                value = Fraction(limit.value)
        else:
            value = Fraction(limit.factor)
        found.append((comparison.op[0], value))
    return found


def comparisons_of(made: Predicate) -> Iterator[Comparison]:
    """Every comparison a predicate of one variable makes, the first reading of a choice alone."""
    match made:
        case Comparison():
            yield made
        case OrdinalSet(variable=variable, values=values):
            yield Comparison(variable, Op.GE, Amount(min(values)))
            yield Comparison(variable, Op.LE, Amount(max(values)))
        case Assumption(reading=reading):
            yield from comparisons_of(reading)
        case Choice(readings=options):
            yield from comparisons_of(options[0].predicate)
        case All(items) | Any(items):
            for item in items:
                yield from comparisons_of(item)


def do_agree(first: list[tuple[str, Fraction]], other: list[tuple[str, Fraction]]) -> bool:
    """Whether two lists of (direction, canonical value) say the same but for rounding."""
    if len(first) != len(other):
        return False
    pairs = list(zip(sorted(first), sorted(other), strict=True))
    return all(
        (a[0] == b[0] or "=" in (a[0], b[0])) and abs(a[1] - b[1]) <= _ROUNDING * max(abs(a[1]), abs(b[1]))
        for a, b in pairs
    )
