"""Patients made to order for what a proof shows: somebody in each of the states it names, judged by the interpreter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product

from screening import synthetic, units
from screening.evaluate import calendar, evaluate
from screening.evaluate.context import Context
from screening.patient.facts import Certainty, Event, EventKind, Observation, Patient
from screening.predicates import Presence, Relation, Tense
from screening.proofs import Held, Number, Said, State, Told, World
from screening.proofs.axes import AGE, Axis
from screening.proofs.facets import SEX
from screening.proofs.intervals import Cut, Stretch
from screening.truth import Truth

NAME = "made-up"
"""The id of every patient made here."""

_SPREAD = (Fraction(1), Fraction(1, 10), Fraction(1, 100), Fraction(1, 1000))
_LONG_AGO = 3650
_REFERENCE = Decimal(40)


def made(world: World, context: Context) -> Patient | None:
    """A patient in the states of *world* on the screening date; None where no record can put somebody there."""
    on = context.on
    numbers = {facet.axis: state for facet, state in world.items() if isinstance(facet, Number)}
    told = {facet: state for facet, state in world.items() if isinstance(facet, Told)}
    held = {facet.presence: state for facet, state in world.items() if isinstance(facet, Held)}
    if any(isinstance(facet, Said) and state is not Truth.UNKNOWN for facet, state in world.items()):
        return None
    try:
        results = [*_results(numbers, on), *_words(told, on)]
        events = _events(held, context)
        birth = _birth(numbers, on)
    except _ImpossibleError:
        return None
    sex = told.get(SEX)
    silent = any(state is Truth.UNKNOWN for state in held.values())
    complete = frozenset() if silent else frozenset(EventKind)
    return synthetic.patient(
        NAME, *results, *events, birth_date=birth, sex=sex if isinstance(sex, str) else None, complete=complete
    )


class _ImpossibleError(Exception):
    """No record says this."""


# ---- numbers


def _results(numbers: dict[Axis, State], on: date) -> Iterator[Observation]:
    owners = dict.fromkeys(
        axis._replace(scale="absolute") for axis, state in numbers.items() if state is not None and axis.variable != AGE
    )
    for owner in owners:
        states = {scale: numbers.get(owner._replace(scale=scale)) for scale in ("absolute", "ULN", "LLN", "baseline")}
        yield _result(owner, states, on)


def _result(owner: Axis, states: dict[str, State], on: date) -> Observation:
    """One result whose value, and whose relation to its own reference range, are as wanted."""
    if states["baseline"] is not None:
        raise _ImpossibleError
    value, limits = _value(owner, states)
    return synthetic.result(
        owner.variable,
        value,
        day=_day(owner, on),
        uln=limits.get("ULN"),
        lln=limits.get("LLN"),
        method=owner.method,
        qualifiers=owner.qualifiers,
    )


def _value(owner: Axis, states: dict[str, State]) -> tuple[Decimal, dict[str, Decimal]]:
    absolute = states["absolute"]
    ratios = {scale: _inside(state) for scale in ("ULN", "LLN") if isinstance(state := states[scale], Stretch)}
    factor = next(iter(ratios.values()), Decimal(1))
    value = _inside(absolute) if isinstance(absolute, Stretch) else factor * _reference(owner.variable, factor)
    limits = {scale: _exactly(Fraction(value) / Fraction(ratio)) for scale, ratio in ratios.items() if ratio}
    if len(limits) < len(ratios) or any(limit <= 0 for limit in limits.values()):
        raise _ImpossibleError
    return value, limits


def _reference(variable: str, factor: Decimal) -> Decimal:
    """A reference value of which *factor* times is a value that can be."""
    guesses = (_REFERENCE.scaleb(exponent) for exponent in (0, 1, -1, 2, -2, 3, 4, 5))
    fitting = (guess for guess in guesses if units.plausible(variable, Fraction(factor * guess)))
    return next(fitting, _REFERENCE)


def _day(owner: Axis, on: date) -> date:
    """A day on which a result counts for the axis."""
    if owner.window is None or owner.window.relation is Relation.WITHIN:
        return on
    return on - timedelta(days=_LONG_AGO)


def _inside(state: Stretch) -> Decimal:
    """A number of a stretch with few digits: an end that belongs to it, else one near it.

    >>> _inside(Stretch(Cut(Fraction(75)), Cut(Fraction(100))))
    Decimal('75')
    >>> _inside(Stretch(Cut(Fraction(75), above=True), Cut(Fraction(76))))
    Decimal('75.9')
    """
    low, high = state
    if not isinstance(low.at, float) and not low.above:
        return _exactly(Fraction(low.at))
    if not isinstance(high.at, float) and high.above:
        return _exactly(Fraction(high.at))
    return _exactly(_between(low, high))


def _between(low: Cut, high: Cut) -> Fraction:
    """Just below the upper end, else just above the lower one; amounts are not negative unless they have to be."""
    least = low.at if not isinstance(low.at, float) else Fraction(0) if high.at > 0 else low.at
    if isinstance(high.at, float):
        return Fraction(least) + 1 if not isinstance(least, float) else Fraction(0)
    top = Fraction(high.at)
    return next((top - step for step in _SPREAD if top - step > least), (top + Fraction(max(least, top - 2))) / 2)


def _exactly(value: Fraction) -> Decimal:
    """The same number in decimal digits, if it has one with few of them."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        raise _ImpossibleError
    return Decimal(value.numerator) / Decimal(value.denominator)


def _birth(numbers: dict[Axis, State], on: date) -> date | None:
    """A day of birth that gives the wanted ages."""
    wanted = {axis.scale: state for axis, state in numbers.items() if axis.variable == AGE}
    if not wanted or any(state is None for state in wanted.values()):
        return None
    for scale, state in wanted.items():
        if isinstance(state, Stretch):
            completed = int(_inside(state))
            return calendar.shift_months(on, -completed) if scale == "months" else on - timedelta(days=completed)
    return None


# ---- words


def _words(told: dict[Told, State], on: date) -> Iterator[Observation]:
    for facet, state in told.items():
        if facet != SEX and isinstance(state, str):
            yield synthetic.result(facet.variable, None, day=on, unit=None, text=state)


# ---- events


def _events(held: dict[Presence, State], context: Context) -> list[Event]:
    """Entries that make true what is to be true and nothing else of what is to be false."""
    false = [presence for presence, state in held.items() if state is Truth.FALSE]
    found: list[Event] = []
    for presence, state in held.items():
        if state is Truth.TRUE:
            found.append(_first(presence, Truth.TRUE, false, context))
        elif state is Truth.UNKNOWN and any(other is not Truth.UNKNOWN for other in held.values()):
            found.append(_first(presence, Truth.UNKNOWN, false, context))
    return found


def _first(presence: Presence, wanted: Truth, false: Iterable[Presence], context: Context) -> Event:
    for event in _candidates(presence, wanted, context.on):
        person = synthetic.patient(NAME, event, complete=frozenset(EventKind))
        if _truth(presence, person, context) is wanted and all(
            _truth(one, person, context) is Truth.FALSE for one in false
        ):
            return event
    raise _ImpossibleError


def _truth(presence: Presence, person: Patient, context: Context) -> Truth:
    return evaluate(presence, person, context).truth


def _candidates(presence: Presence, wanted: Truth, on: date) -> Iterator[Event]:
    certainty = Certainty.CONFIRMED if wanted is Truth.TRUE else Certainty.POSSIBLE
    days = [on, *(_near_edges(presence, on) if presence.window else ()), on - timedelta(days=_LONG_AGO)]
    for tense, day in product((Tense.HAS, Tense.HAD), days):
        yield synthetic.event(presence.term, tense, day=day, certainty=certainty)


def _near_edges(presence: Presence, on: date) -> Iterator[date]:
    """The days around the edge of a window."""
    window = presence.window
    if window is None:
        return
    edge, _ = calendar.before(on, window.duration)
    for step in (0, 1, -1):
        yield edge + timedelta(days=step)
