"""Small changes to a criterion, one at a time: the slips of a hand, a reader or an amendment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from screening import synthetic, units, variables
from screening.explain.numbers import unit_name
from screening.explain.phrases import words
from screening.language import print_flat
from screening.predicates import (
    All,
    Amount,
    Any,
    Assumption,
    AtLeast,
    Comparison,
    Connective,
    Duration,
    Except,
    IfElse,
    Judgement,
    Multiple,
    Not,
    NotUnderstood,
    OneMethod,
    Op,
    OrdinalSet,
    Predicate,
    Presence,
    Reference,
    Relation,
    Result,
    Sex,
    Tense,
    Window,
    children,
    rebuilt,
)
from screening.predicates.meaning import neutral
from screening.resources import table

UNITS = 3
"""Other units that are tried in place of the one written."""


class Change(NamedTuple):
    """What was changed, in words, and the predicate with the change."""

    what: str
    predicate: Predicate


def mutants(predicate: Predicate) -> Iterator[Change]:
    """Every change of every node; the predicate itself is never among them.

    >>> from screening.language import parse_predicate
    >>> [change.what for change in mutants(parse_predicate("sex is female"))]
    ['sex is female: male', 'sex is female: negated']
    """
    seen = {predicate}
    for what, changed in _everywhere(predicate):
        if changed not in seen:
            seen.add(changed)
            yield Change(what, changed)


def _everywhere(predicate: Predicate) -> Iterator[Change]:
    """Changes of the node itself, then of each part."""
    for change in _here(predicate):
        yield change._replace(what=f"{_short(predicate)}: {change.what}")
    parts = children(predicate)
    for number, part in enumerate(parts):
        for what, changed in _everywhere(part):
            yield Change(what, rebuilt(predicate, (*parts[:number], changed, *parts[number + 1 :])))


def _short(predicate: Predicate) -> str:
    text = print_flat(predicate)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


_LONG = 60


def _here(predicate: Predicate) -> Iterator[Change]:
    if neutral(predicate):
        return
    match predicate:
        case Comparison():
            yield from _of_comparison(predicate)
        case OrdinalSet():
            yield from _of_set(predicate)
        case Result(value=value):
            opposite = [Change(f"{word}", replace(predicate, value=word)) for word in _WORDS if word != value]
            yield from opposite[:1]
        case Sex(value=value):
            other = "male" if value == "female" else "female"
            yield Change(other, replace(predicate, value=other))
        case Presence():
            yield from _of_presence(predicate)
        case _:
            yield from _of_connective(predicate)
    if isinstance(predicate, Comparison | OrdinalSet | Result | Presence):
        yield from _of_window(predicate)
    if isinstance(predicate, Not):
        yield Change("negation dropped", predicate.item)
    elif not isinstance(predicate, Judgement | NotUnderstood):
        yield Change("negated", Not(predicate))


_WORDS = ("negative", "positive")


# Results


def _of_comparison(part: Comparison) -> Iterator[Change]:
    for op in Op:
        if op is not part.op:
            yield Change(f"{part.op.value} becomes {op.value}", replace(part, op=op))
    for name, limit in _limits(part):
        yield Change(name, replace(part, limit=limit))
    for name in part.qualifiers:
        left = tuple(item for item in part.qualifiers if item != name)
        yield Change(f"without “{words(name)}”", replace(part, qualifiers=left))
    known = variables.catalogue()[part.variable]
    if part.method:
        yield Change(f"without the method {words(part.method)}", replace(part, method=None))
        other = next((name for name in known.methods if name != part.method), None)
        if other:
            yield Change(f"by {words(other)}", replace(part, method=other))
    for how in {"max", "min", "any"} - {part.aggregate or known.aggregate or ""}:
        if part.variable != "age" and (part.aggregate or known.aggregate):
            yield Change(f"the {part.aggregate or known.aggregate} becomes {how}", replace(part, aggregate=how))


def _limits(part: Comparison) -> Iterator[tuple[str, Amount | Multiple]]:
    limit = part.limit
    if isinstance(limit, Amount):
        for name, value in numbers(limit.value):
            yield name, replace(limit, value=value)
        for unit in _other_units(part.variable, limit.unit):
            yield f"in {unit_name(unit)}", replace(limit, unit=unit)
        return
    for name, value in numbers(limit.factor):
        yield f"factor {name}", replace(limit, factor=value)
    for other in Reference:
        if other is not limit.of:
            yield f"{limit.of.value} becomes {other.value}", Multiple(limit.factor, other)
    if limit.defined is not None:
        yield "without the trial's own definition", replace(limit, defined=None)
        for name, value in numbers(limit.defined.value):
            yield f"definition {name}", replace(limit, defined=replace(limit.defined, value=value))


def numbers(value: Decimal) -> Iterator[tuple[str, Decimal]]:
    """A number one unit of its last place up and down, doubled and halved.

    >>> [str(number) for _, number in numbers(Decimal("1.5"))]
    ['1.6', '1.4', '3.0', '0.75']
    """
    place = value.as_tuple().exponent
    step = Decimal(1).scaleb(place if isinstance(place, int) else 0)
    for changed in (value + step, value - step, value * 2, value / 2):
        if changed != value:
            yield f"{value:f} becomes {changed:f}", changed


def _other_units(variable: str, unit: str | None) -> tuple[str, ...]:
    """Other units of the variable that are worth something else, those that records hold most first."""
    if unit is None:
        return ()
    own = units.conversion(variable, unit)
    held = (other for other in synthetic.recordable(variable) if other is not None and other != unit)
    return tuple(other for other in held if units.conversion(variable, other) != own)[:UNITS]


def _of_set(part: OrdinalSet) -> Iterator[Change]:
    for value in part.values:
        left = tuple(item for item in part.values if item != value)
        if left:
            yield Change(f"without {value:f}", replace(part, values=left))
    for value in (max(part.values) + 1, min(part.values) - 1) if part.values else ():
        if value >= 0:
            yield Change(f"with {value:f}", replace(part, values=(*part.values, value)))


# Events


def _of_presence(part: Presence) -> Iterator[Change]:
    other = Tense.HAD if part.tense is Tense.HAS else Tense.HAS
    yield Change(f"{part.tense.value} becomes {other.value}", replace(part, tense=other))
    for name in part.term.qualifiers:
        left = tuple(item for item in part.term.qualifiers if item != name)
        yield Change(f"without “{words(name)}”", replace(part, term=replace(part.term, qualifiers=left)))
        grouped = (group for group in table("opposites")["groups"] if name in group)
        for opposite in [item for group in grouped for item in group if item != name][:1]:
            term = replace(part.term, qualifiers=(*left, opposite))
            yield Change(f"“{words(name)}” becomes “{words(opposite)}”", replace(part, term=term))
    for number, term in enumerate(part.excluding):
        left_terms = part.excluding[:number] + part.excluding[number + 1 :]
        yield Change(f"exception {words(term.concept)} dropped", replace(part, excluding=left_terms))
        for name in term.qualifiers:
            bare = replace(term, qualifiers=tuple(item for item in term.qualifiers if item != name))
            changed = (*part.excluding[:number], bare, *part.excluding[number + 1 :])
            yield Change(f"exception {words(term.concept)} without “{words(name)}”", replace(part, excluding=changed))


# Windows


def _of_window(part: Comparison | OrdinalSet | Result | Presence) -> Iterator[Change]:
    held = part.window
    if held is None:
        return
    yield Change("without its window", replace(part, window=None))
    for name, changed in _windows(held):
        yield Change(name, replace(part, window=changed))


def _windows(held: Window) -> Iterator[tuple[str, Window]]:
    length = held.duration
    for relation in Relation:
        if relation is not held.relation:
            told = f"{words(held.relation.value)} becomes {words(relation.value)}"
            yield told, replace(held, relation=relation)
    for name, value in numbers(length.value):
        if value > 0 and value == int(value):
            yield name, replace(held, duration=Duration(value, length.unit))
    for unit in ("d", "wk", "mo"):
        if unit != length.unit:
            yield f"in {unit_name(unit)}", replace(held, duration=Duration(length.value, unit))
    if held.anchor != "screening":
        yield "counted from screening", replace(held, anchor="screening")


# Connectives


def _of_connective(node: Predicate) -> Iterator[Change]:
    match node:
        case All(items):
            yield Change("and becomes or", Any(items))
            yield from _dropped(node, items, lambda left: left[0] if len(left) == 1 else All(left))
        case Any(items):
            yield Change("or becomes and", All(items))
            yield from _dropped(node, items, lambda left: left[0] if len(left) == 1 else Any(left))
        case AtLeast(count, items):
            for other in (count - 1, count + 1):
                if 0 < other <= len(items):
                    yield Change(f"{count} becomes {other}", AtLeast(other, items))
        case OneMethod(connective, items):
            other_way = Connective.ANY if connective is Connective.ALL else Connective.ALL
            yield Change(f"{connective.value} becomes {other_way.value}", OneMethod(other_way, items))
            yield Change("every method counts", (Any if connective is Connective.ANY else All)(items))
            yield from _dropped(node, items, lambda left: left[0] if len(left) == 1 else OneMethod(connective, left))
        case IfElse(condition, then, otherwise):
            yield Change("branches exchanged", IfElse(condition, otherwise, then))
            yield Change("condition dropped, limit under it kept", then)
            yield Change("condition dropped, base limit kept", otherwise)
            yield Change("replacement becomes alternative", Any((otherwise, All((condition, then)))))
        case Except(base, exception):
            yield Change("exception dropped", base)
            yield Change("exception becomes requirement", All((base, exception)))
        case Assumption(reading=reading):
            yield Change("taken as confirmed", reading)


def _dropped(
    node: Predicate, items: tuple[Predicate, ...], joined: Callable[[tuple[Predicate, ...]], Predicate]
) -> Iterator[Change]:
    """Without each of its parts."""
    for number, item in enumerate(items):
        left = (*items[:number], *items[number + 1 :])
        if left and not neutral(item) and children(node):
            yield Change(f"without {_short(item)}", joined(left))
