"""By how much an outcome misses: the value that decides it, its limit, and the distance between them.

Distances are signed for the literal sense of the text (positive: it holds) and relative to the limit. Of several
parts that all have to hold the worst counts, of alternatives the best; a part without a number has no distance, and
where it takes part in the decision neither has the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from screening.evaluate.combine import relevant
from screening.evaluate.exact import canonical, convert, in_unit
from screening.evaluate.outcome import AgeUse, DerivedUse, ObservationUse, Outcome, Threshold, Use
from screening.explain.measured import as_text, recorded_value
from screening.explain.numbers import day, shown, unit_name, with_unit
from screening.explain.phrases import bound, values, variable_name
from screening.predicates import (
    All,
    Amount,
    Any,
    AtLeast,
    Comparison,
    Connective,
    Except,
    IfElse,
    Multiple,
    Not,
    OneMethod,
    Op,
    OrdinalSet,
    Predicate,
    neutral,
)
from screening.truth import Truth

_UPPER = frozenset({Op.LT, Op.LE})


class Gap(NamedTuple):
    """What decides, as a person reads it: *value* and *limit* as recorded and as stated, *off* in *unit*."""

    relative: Fraction
    variable: str
    value: str
    limit: str
    off: Decimal | None
    unit: str
    date: str

    def turned(self) -> Gap:
        """The same under a negation."""
        return self._replace(relative=-self.relative)


def gap(outcome: Outcome) -> Gap | None:
    """The distance of an outcome that is decided; None where no number decides it."""
    predicate = outcome.predicate
    if outcome.truth is Truth.UNKNOWN:
        return None
    if isinstance(predicate, Comparison) and not outcome.children:
        return _measured(outcome, predicate)
    if isinstance(predicate, OrdinalSet):
        return _level(outcome, predicate)
    if outcome.evidence and outcome.children:  # a person's answer
        return None
    match predicate:
        case Not():
            return _turned(gap(outcome.children[0]))
        case Except():
            base, exception = outcome.children
            turned = (exception._replace(truth=~exception.truth), _turned(gap(exception)))
            return _joined([(base, gap(base)), turned], outcome.truth, each=outcome.truth is Truth.FALSE)
        case IfElse():
            branch = relevant(outcome.children)[-1]
            return gap(branch) if branch.truth is outcome.truth else None
        case AtLeast():
            return None
        case _:
            parts = [(part, gap(part)) for part in outcome.children if not neutral(part.predicate)]
            return _joined(parts, outcome.truth, each=_each(predicate, outcome.truth))


def _each(predicate: Predicate, truth: Truth) -> bool:
    """Whether every part that agrees with the whole would have to turn for the whole to turn."""
    match predicate:
        case All() | OneMethod(connective=Connective.ALL):
            return truth is Truth.FALSE
        case Any() | OneMethod():
            return truth is Truth.TRUE
        case _:
            return True


def _turned(found: Gap | None) -> Gap | None:
    return None if found is None else found.turned()


def _joined(parts: Iterable[tuple[Outcome, Gap | None]], truth: Truth, *, each: bool) -> Gap | None:
    """Of the parts that decide the one farthest from turning if *each* has to turn, else the nearest."""
    deciding = [found for part, found in parts if part.truth is truth]
    known = [found for found in deciding if found is not None]
    if not known or (each and len(known) < len(deciding)):
        return None
    return (max if each else min)(known, key=lambda found: abs(found.relative))


def _measured(outcome: Outcome, predicate: Comparison) -> Gap | None:
    """The distance of the result, the computed value or the age that was used; of several, the one farthest off."""
    found = [made for item in outcome.evidence if (made := _of(item, predicate)) is not None]
    return max(found, key=lambda made: abs(made.relative), default=None)


def _level(outcome: Outcome, predicate: OrdinalSet) -> Gap | None:
    """How many levels a result lies from the nearest of those listed; relative to that level."""
    used = next((item for item in outcome.evidence if isinstance(item, ObservationUse) and item.use is Use.USED), None)
    if outcome.truth is Truth.TRUE or used is None or used.number is None or not predicate.values:
        return None
    number = used.number
    nearest = min(predicate.values, key=lambda level: abs(level - number))
    off = abs(number - nearest)
    return Gap(
        -Fraction(off) / max(abs(Fraction(nearest)), Fraction(1)),
        variable_name(predicate.variable),
        recorded_value(used.observation, number),
        values(predicate),
        off,
        "",
        "" if used.observation.date is None else day(used.observation.date),
    )


def _of(item: object, predicate: Comparison) -> Gap | None:
    match item:
        case ObservationUse(use=Use.USED, observation=observation, number=number, threshold=threshold):
            if number is None or threshold is None or threshold.canonical is None:
                return None
            value = canonical(predicate.variable, number, observation.unit, observation.raw_unit).value
            text = recorded_value(observation, number)
            when = "" if observation.date is None else day(observation.date)
            return None if value is None else _gap(predicate, value, threshold, text, when)
        case DerivedUse(value=value, threshold=threshold) if value is not None and threshold is not None:
            held = convert(predicate.variable, value, item.unit)
            when = "" if item.date is None else day(item.date)
            return None if held is None else _gap(predicate, held, threshold, as_text(value, item.unit), when)
        case AgeUse():
            return _age(item, predicate)
        case _:
            return None


def _gap(predicate: Comparison, value: Fraction, threshold: Threshold, text: str, when: str) -> Gap | None:
    """*value* in canonical units against the threshold."""
    limit = threshold.canonical
    if limit is None or limit == 0:
        return None
    held = in_unit(predicate.variable, value, threshold.unit)
    off = None if held is None else Decimal(shown(abs(held - threshold.value))[0])
    return Gap(
        _signed((value - limit) / abs(limit), predicate.op),
        variable_name(predicate.variable),
        text,
        _stated(predicate, threshold),
        off,
        unit_name(threshold.unit),
        when,
    )


def _signed(difference: Fraction, op: Op) -> Fraction:
    if op is Op.EQ:
        return -abs(difference)
    return -difference if op in _UPPER else difference


def _stated(predicate: Comparison, threshold: Threshold) -> str:
    """The limit of the text; of a multiple also what it comes to."""
    stated = bound(predicate)
    return f"{stated} = {as_text(threshold.value, threshold.unit)}" if isinstance(predicate.limit, Multiple) else stated


def _age(used: AgeUse, predicate: Comparison) -> Gap | None:
    """Completed units of age, where the limit is in that unit."""
    limit = predicate.limit
    if used.low != used.high or not isinstance(limit, Amount) or limit.unit != used.unit or limit.value == 0:
        return None
    difference = used.low - Fraction(limit.value)
    return Gap(
        _signed(difference / abs(Fraction(limit.value)), predicate.op),
        "age",
        with_unit(str(used.low), used.unit),
        bound(predicate),
        Decimal(shown(abs(difference))[0]),
        unit_name(used.unit),
        f"born {day(used.birth)}",
    )
