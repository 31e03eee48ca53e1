"""What a part of a criterion must say of results, by where their values lie: plain fractions, no interpreter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from screening import units, variables
from screening.boundaries.days import span
from screening.boundaries.probes import NO, YES, Said, decided, open_
from screening.boundaries.settings import Frame
from screening.evaluate.outcome import Reason
from screening.predicates import Amount, Comparison, Limit, Multiple, Op, OrdinalSet, Reference, Result
from screening.resources import table
from screening.truth import Truth

Part = Comparison | OrdinalSet | Result

_BARE = frozenset({"scale", "ratio", "count"})
_UNUSABLE = (Reason.IMPLAUSIBLE, Reason.UNIT_MISSING, Reason.UNIT_INCOMPATIBLE)
ORDER: dict[Op, Callable[[Fraction, Fraction], bool]] = {
    Op.LT: lambda value, limit: value < limit,
    Op.LE: lambda value, limit: value <= limit,
    Op.GT: lambda value, limit: value > limit,
    Op.GE: lambda value, limit: value >= limit,
    Op.EQ: lambda value, limit: value == limit,
}


Scaled = tuple[Fraction, str | None]
"""A reference limit in its own unit, in which it is multiplied."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One result as the arithmetic sees it, its value in the variable's canonical unit."""

    value: Fraction | None = None
    day: date | None = None
    problem: Reason | None = None
    comparator: Op | None = None
    uln: Scaled | None = None
    lln: Scaled | None = None
    baseline: Scaled | None = None
    method: str | None = None
    qualifiers: tuple[str, ...] = ()
    word: str | None = None  # of a result in words: what it reads as


def needs_unit(variable: str) -> bool:
    """Scales, ratios and counts stand without a unit."""
    known = variables.catalogue()[variable]
    return known.unit not in (None, "1") and known.kind not in _BARE


def canonical(variable: str, value: Decimal | Fraction, unit: str | None) -> Fraction | None:
    """A value in the variable's own unit; None where its unit does not fit."""
    if unit is None:
        return None if needs_unit(variable) else Fraction(value)
    try:
        return units.conversion(variable, unit)(value)
    except units.UnitError:
        return None if needs_unit(variable) else Fraction(value)


def limit_of(variable: str, limit: Limit, reading: Reading) -> Fraction | None:
    """The limit for one result; None where there is no reference value to multiply."""
    if isinstance(limit, Amount):
        return canonical(variable, limit.value, limit.unit)
    if limit.defined is not None:
        return canonical(variable, limit.factor * limit.defined.value, limit.defined.unit)
    found = {Reference.ULN: reading.uln, Reference.LLN: reading.lln, Reference.BASELINE: reading.baseline}[limit.of]
    return None if found is None else canonical(variable, Fraction(limit.factor) * found[0], found[1])


def verdict(part: Part, readings: tuple[Reading, ...], frame: Frame) -> Said:
    """What a part says of the newest results: one, or several of one day."""
    known = variables.catalogue()[part.variable]
    days = scope(part, frame)
    inside = [reading for reading in readings if _counts(reading, days)]
    fitting = [reading for reading in readings if not _made_otherwise(part, reading)]
    if not readings:
        return open_(Reason.MISSING)
    if not fitting:
        return open_(Reason.METHOD_MISMATCH if inside else Reason.MISSING)
    counting = [reading for reading in fitting if reading in inside]
    if not counting:
        older = any(reading.day is not None and reading.day <= frame.on for reading in fitting)
        return open_(Reason.STALE if older else Reason.MISSING)
    said = _usable([_one(part, reading) for reading in counting])
    if len(said) == 1:
        return said[0]
    how = part.aggregate or known.aggregate if isinstance(part, Comparison) else None
    return _aggregated(how, part, said) if how and isinstance(part, Comparison) else _agreed(said)


def _usable(said: list[Said]) -> list[Said]:
    """Of several results of one day, one that cannot be read does not stand against another."""
    return [answer for answer in said if answer[1] not in _UNUSABLE] or said


def scope(part: Part, frame: Frame) -> tuple[date | None, date]:
    """The first and the last day on which a result counts."""
    if part.window is not None:
        return span(part.window, frame.anchor(part.window.anchor), frame.on) or (None, frame.on)
    days = variables.catalogue()[part.variable].max_age_days
    return (None if days is None else frame.on - timedelta(days=days)), frame.on


def _counts(reading: Reading, days: tuple[date | None, date]) -> bool:
    first, last = days
    return reading.day is not None and (first is None or first <= reading.day) and reading.day <= last


def _one(part: Part, reading: Reading) -> Said:
    if isinstance(part, Result):
        return open_(Reason.MISSING) if reading.word is None else decided(reading.word == part.value)
    problem = reading.problem or _implausible(part.variable, reading)
    if problem is not None:
        return open_(problem)
    if reading.value is None:
        return open_(Reason.MISSING)
    if isinstance(part, OrdinalSet):
        return _listed(part, reading)
    limit = limit_of(part.variable, part.limit, reading)
    if limit is None:
        missing = isinstance(part.limit, Multiple) and part.limit.defined is None
        return open_(Reason.NO_REFERENCE_RANGE if missing else Reason.UNIT_INCOMPATIBLE)
    effect = _effect(part, reading)
    if effect is None and reading.comparator is None:
        return decided(ORDER[part.op](reading.value, limit))
    answers = {ORDER[part.op](value, limit) for value in _possible(reading, effect, limit)}
    doubt = Reason.CENSORED if effect is None else Reason.QUALIFIER_UNKNOWN
    return decided(answers.pop()) if len(answers) == 1 else open_(doubt)


def _implausible(variable: str, reading: Reading) -> Reason | None:
    limits = variables.catalogue()[variable].plausible
    if limits is None or reading.value is None:
        return None
    return None if Fraction(limits[0]) <= reading.value <= Fraction(limits[1]) else Reason.IMPLAUSIBLE


def _listed(part: OrdinalSet, reading: Reading) -> Said:
    known = variables.catalogue()[part.variable]
    effect = _effect(part, reading)
    values = {Fraction(value) for value in part.values}
    if effect is None and reading.comparator is None:
        return decided(reading.value in values)
    doubt = open_(Reason.CENSORED if effect is None else Reason.QUALIFIER_UNKNOWN)
    if known.scale_min is None or known.scale_max is None:
        return doubt
    steps = [Fraction(step) for step in range(int(known.scale_min), int(known.scale_max) + 1)]
    answers = {step in values for step in steps if _may_be(step, reading, effect)}
    return decided(answers.pop()) if len(answers) == 1 else doubt


def _possible(reading: Reading, effect: str | None, limit: Fraction) -> Iterable[Fraction]:
    """Values on every side of the record and of the limit that the true value may have."""
    value = reading.value or Fraction(0)
    tried = (value - 1, value, value + 1, (value + limit) / 2, limit - 1, limit, limit + 1)
    return [number for number in tried if _may_be(number, reading, effect)]


def _may_be(number: Fraction, reading: Reading, effect: str | None) -> bool:
    """Whether the true value may be *number*: the record is censored, or taken under another circumstance."""
    value = reading.value or Fraction(0)
    if effect == "either":
        return True
    if reading.comparator is not None and not ORDER[reading.comparator](number, value):
        return False
    if reading.comparator is None:
        return number <= value if effect == "raises" else number >= value if effect == "lowers" else number == value
    return effect is None


def _effect(part: Comparison | OrdinalSet, reading: Reading) -> str | None:
    """What a circumstance that is asked for and not recorded may have done to the value (rules/qualifiers.toml)."""
    found = {_worded(name, part.variable) for name in part.qualifiers if name not in reading.qualifiers} - {"none"}
    if isinstance(part, Comparison) and part.method and reading.method is None:
        found.add("either")
    return None if not found else found.pop() if len(found) == 1 else "either"


def _worded(qualifier: str, variable: str) -> str:
    effects = table("qualifiers").get(qualifier, {}).get("effect", "either")
    return effects if isinstance(effects, str) else str(effects.get(variable, effects.get("default", "either")))


def _made_otherwise(part: Part, reading: Reading) -> bool:
    """Whether the result was made by another method, or under a circumstance that excludes the one asked for."""
    if isinstance(part, Result):
        return False
    method = part.method if isinstance(part, Comparison) else None
    if method and reading.method and reading.method != method:
        return method not in table("methods").get(reading.method, {}).get("kind_of", ())
    return any(other in reading.qualifiers for name in part.qualifiers for other in opposites(name))


def opposites(qualifier: str) -> tuple[str, ...]:
    """What rules a circumstance or a qualifier of a condition out."""
    rows = table("qualifiers")
    named = rows.get(qualifier, {}).get("excludes", ())
    naming = (id for id, row in rows.items() if qualifier in row.get("excludes", ()))
    grouped = (other for group in table("opposites")["groups"] if qualifier in group for other in group)
    return tuple(dict.fromkeys(other for other in (*named, *naming, *grouped) if other != qualifier))


def _aggregated(how: str, part: Comparison, said: list[Said]) -> Said:
    """The largest, the smallest, or any of several values against the limit."""
    downwards = part.op in (Op.LT, Op.LE)
    needs_all = (how == "max" and downwards) or (how == "min" and part.op in (Op.GT, Op.GE))
    truths = [truth for truth, _ in said]
    result = min(truths) if needs_all else max(truths)
    return open_(_first(said)) if result is Truth.UNKNOWN else YES if result is Truth.TRUE else NO


def _agreed(said: list[Said]) -> Said:
    truths = {truth for truth, _ in said}
    if len(truths) == 1:
        return said[0]
    return open_(Reason.CONFLICTING if {Truth.TRUE, Truth.FALSE} <= truths else _first(said))


def _first(said: list[Said]) -> Reason:
    return next(reason for reason in Reason if reason in {why for _, why in said})
