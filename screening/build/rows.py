"""The atomic comparisons of a rule set, one row each, in the literal sense of the text (`screening extract`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any as Anything
from typing import NamedTuple

from screening import units, variables
from screening.build.common.contents import is_by_methods, is_decidable, variables_in
from screening.build.common.contents import place as place_of
from screening.predicates import (
    All,
    Always,
    Amount,
    Any,
    Assumption,
    Choice,
    Comparison,
    Duration,
    Except,
    IfElse,
    Multiple,
    Not,
    OneMethod,
    Op,
    OrdinalSet,
    Predicate,
    Sex,
    children,
    nodes,
)
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side
from screening.text import Span

_DAYS = {
    "d": Fraction(1),
    "wk": Fraction(7),
    "mo": Fraction(61, 2),
    "a": Fraction(365),
    "h": Fraction(1, 24),
    "min": Fraction(1, 1440),
}
Row = dict[str, Anything]


class _Place(NamedTuple):
    """Where a comparison stands inside its criterion."""

    condition: str | None = None
    group: int | None = None
    negated: bool = False
    assumptions: tuple[str, ...] = ()
    excluding: bool = False


def extract(rules: RuleSet) -> list[Row]:
    """One row a comparison; a range is two. Fields as the design gives them."""
    telling = (rule for rule in rules.rules if rule.kind is not RuleKind.SUGGESTED and variables_in(rule.predicate))
    return [row for rule in telling for row in _rule(rules, rule)]


def _rule(rules: RuleSet, rule: Rule) -> Iterator[Row]:
    groups = _Groups()
    said: set[Comparison] = set()
    for comparison, place in _walk(rules, rule.predicate, _Place(excluding=rule.side is Side.EXCLUSION), groups):
        bare = replace(comparison, method=None) if comparison.method else comparison
        if bare in said and comparison.method:
            continue  # the same limit by another method
        said.add(bare)
        yield _row(rules, rule, comparison, place)


class _Groups:
    """Numbers the alternatives of one criterion."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        self.last += 1
        return self.last


def _walk(  # noqa: C901, PLR0912 -- one case a node
    rules: RuleSet, made: Predicate, place: _Place, groups: _Groups
) -> Iterator[tuple[Comparison, _Place]]:
    match made:
        case Comparison():
            yield made, place
        case OrdinalSet():
            bounds = set_bounds(made)
            inside = place._replace(group=place.group or groups.next()) if _is_listed(bounds) else place
            yield from ((bound, inside) for bound in bounds)
        case Assumption(code=code, label=label, reading=reading):
            if code != "unlikely-variable":
                yield from _walk(
                    rules, reading, place._replace(assumptions=(*place.assumptions, f"{code}: {label}")), groups
                )
        case Choice(code=code, label=label, readings=readings):
            yield from _walk(
                rules,
                readings[0].predicate,
                place._replace(assumptions=(*place.assumptions, f"{code}: {label}")),
                groups,
            )
        case Not(item):
            yield from _walk(rules, item, place._replace(negated=not place.negated), groups)
        case IfElse(exception, Always(), otherwise):
            words = f"unless {_words(rules, exception)}"
            yield from _walk(rules, otherwise, place._replace(condition=words), groups)
            yield from _walk(rules, exception, place._replace(negated=not place.negated), groups)
        case IfElse(condition, then, otherwise):
            words = _words(rules, condition)
            yield from _walk(rules, otherwise, place, groups)
            yield from _walk(rules, then, place._replace(condition=words or place.condition), groups)
        case Except(base, exception):
            words = f"unless {_words(rules, exception)}"
            yield from _walk(rules, base, place._replace(condition=words), groups)
            yield from _walk(rules, exception, place._replace(negated=not place.negated), groups)
        case Any(items) if len(items) > 1 and not is_by_methods(made):
            inside = place._replace(group=place.group or groups.next())
            for item in items:
                yield from _walk(rules, item, inside, groups)
        case OneMethod(_, items):
            inside = place._replace(group=groups.next())
            for item in items:
                yield from _walk(rules, item, inside, groups)
        case All((condition, base)) if place.excluding and _is_behind(condition, base):
            words = _words(rules, condition)  # "X > 10 if …": what it holds for stands behind it
            yield from _walk(rules, base, place._replace(condition=place.condition or words), groups)
        case All(items):
            named = (_words(rules, item) for item in items if isinstance(item, Sex))
            sex = next(named, None) if place.excluding else None  # whom a limit of an exclusion is for
            inside = place._replace(condition=place.condition or sex)
            for part in items:
                yield from _walk(rules, part, inside, groups)
        case _:
            for part in children(made):
                yield from _walk(rules, part, place, groups)


def _is_behind(condition: Predicate, base: Predicate) -> bool:
    """Whether the first of two parts is said behind the second, as only conditions are."""
    first, second = place_of(condition), place_of(base)
    if not is_decidable(condition) or not any(isinstance(node, Comparison | OrdinalSet) for node in nodes(base)):
        return False
    return first is not None and second is not None and first.start >= second.end


def _is_listed(bounds: list[Comparison]) -> bool:
    """Whether the levels of a set stand one by one, as alternatives."""
    return bounds[0].op is Op.EQ


def set_bounds(made: OrdinalSet) -> list[Comparison]:
    """The bounds of a set of levels; a bound at the end of the scale says nothing and is left out.

    A set with a gap ("stage I or IV") has no bounds: each of its levels is a row.
    """
    variable = variables.catalogue()[made.variable]
    low, high = min(made.values), max(made.values)
    if high - low > len(made.values) - 1:
        return [Comparison(made.variable, Op.EQ, Amount(level), span=made.span) for level in sorted(made.values)]
    bounds = [
        Comparison(made.variable, Op.GE, Amount(low), span=made.span),
        Comparison(made.variable, Op.LE, Amount(high), span=made.span),
    ]
    if high == variable.scale_max and low != variable.scale_min:
        return bounds[:1]
    return bounds


def _words(rules: RuleSet, predicate: Predicate) -> str:
    span = place_of(predicate)
    return " ".join(span.of(rules.raw).split()) if span else ""


def _row(rules: RuleSet, rule: Rule, made: Comparison, place: _Place) -> Row:
    value, unit, multiple = _limit(made)
    canonical, canonical_unit = _canonical(made)
    span = made.span or (rule.spans[0] if rule.spans else Span(0, 0))
    return {
        "trial": rules.trial,
        "criterion": rule.id,
        "side": "exclusion" if rule.side is Side.EXCLUSION else "inclusion",
        "variable": variables.catalogue()[made.variable].report_as or made.variable,
        "op": str(made.op),
        "value": _number(value),
        "unit": unit,
        "multiple_of": multiple,
        "canonical_value": canonical,
        "canonical_unit": canonical_unit,
        "condition": place.condition or (made.qualifiers[0].replace("_", " ") if made.qualifiers else None),
        "group": place.group,
        "window_days": _number(days(made.window.duration)) if made.window else None,
        "negated": place.negated,
        "assumptions": list(place.assumptions),
        "span": list(span),
        "text": " ".join(span.of(rules.raw).split()),
    }


def _limit(made: Comparison) -> tuple[Decimal, str | None, str | None]:
    if isinstance(made.limit, Multiple):
        return made.limit.factor, None, str(made.limit.of)
    return (
        (*units.shown(made.limit.value, made.limit.unit), None) if made.limit.unit else (made.limit.value, None, None)
    )


def _canonical(made: Comparison) -> tuple[float | int | None, str | None]:
    unit = variables.catalogue()[made.variable].unit
    limit: Amount | None = made.limit if isinstance(made.limit, Amount) else _product(made.limit)
    if limit is None:
        return None, unit
    try:
        return _number(units.canonical(made.variable, limit.value, limit.unit)), unit
    except units.UnitError:
        return None, unit


def _product(limit: Multiple) -> Amount | None:
    """What a multiple comes to where the trial defines the reference itself."""
    return Amount(limit.factor * limit.defined.value, limit.defined.unit) if limit.defined else None


def _number(value: Decimal | Fraction) -> float | int:
    return int(value) if value == int(value) else float(value)


def days(duration: Duration) -> Fraction:
    """A duration in days; a month counts 30.5, a year 365 (for comparison across texts; screening uses calendar
    arithmetic).

    >>> float(days(Duration(Decimal(2), "mo")))
    61.0
    """
    return Fraction(duration.value) * _DAYS[duration.unit]
