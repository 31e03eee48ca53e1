"""Hypothesis strategies: made-up patients for the criteria of a trial, and other records of the same patient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from hypothesis import strategies as st

from screening import synthetic, units, variables
from screening.boundaries import cases, default_day
from screening.patient.facts import Certainty, DateSpan, Event, EventKind, Observation, Patient, ReferenceRange
from screening.predicates import Tense, Term
from screening.ruleset.identity import Same
from screening.ruleset.model import RuleSet
from screening.testing.asked import concepts_of, is_measured, parts_of, variables_of

FACTS = 8
"""The most facts of one kind that a patient is given."""

DIGITS = 15
"""Significant digits up to which a value is written in another unit."""


def patients(rules: RuleSet, on: date | None = None) -> st.SearchStrategy[Patient]:
    """Patients with facts on whatever the criteria ask for, some of them missing, stale, denied or without a unit."""
    day = on or default_day()
    parts = tuple(parts_of(rules))
    measured = [name for name in variables_of(parts) if is_measured(name)]
    results = [_results(name, day) for name in measured]
    events = [_events(concept, day) for concept in concepts_of(parts)]
    return st.builds(
        _patient,
        st.lists(st.one_of(results), max_size=FACTS) if results else st.just([]),
        st.lists(st.one_of(events), max_size=FACTS) if events else st.just([]),
        st.none() | st.integers(0, 36_000).map(lambda age: day - timedelta(days=age)),
        st.sampled_from([None, "female", "male"]),
        st.frozensets(st.sampled_from(EventKind)),
    )


def _patient(
    results: list[Observation], events: list[Event], born: date | None, sex: str | None, complete: frozenset[EventKind]
) -> Patient:
    return synthetic.patient("T-1", *results, *events, birth_date=born, sex=sex, complete=complete)


def _results(variable: str, on: date) -> st.SearchStrategy[Observation]:
    known = variables.catalogue()[variable]
    low, high = known.plausible or (Decimal(0), Decimal(100))
    whole = known.kind in ("scale", "count")
    held = synthetic.recordable(variable)
    number = st.decimals(low, high, places=0 if whole else 2, allow_nan=False)
    upper = st.none() | st.sampled_from([Decimal(1), Decimal("1.2"), Decimal(40)])
    return st.builds(
        lambda value, unit, back, uln: synthetic.result(
            variable, value, unit=unit, day=on - timedelta(days=back), uln=uln
        ),
        number,
        st.sampled_from([held[0], *held]),
        st.integers(0, 60),
        upper,
    )


def _events(concept: str, on: date) -> st.SearchStrategy[Event]:
    return st.builds(
        lambda back, tense, certainty: synthetic.event(
            Term(concept), tense, day=on - timedelta(days=back), certainty=certainty
        ),
        st.integers(0, 400),
        st.sampled_from(Tense),
        st.sampled_from([Certainty.CONFIRMED, Certainty.CONFIRMED, Certainty.REFUTED, Certainty.POSSIBLE]),
    )


class _Bundle(NamedTuple):
    """What one boundary case tries, without the rest of its patient."""

    facts: tuple[Observation | Event, ...]
    birth: DateSpan | None
    sex: str | None
    complete: frozenset[EventKind]


def patients_near_thresholds(rules: RuleSet, on: date | None = None) -> st.SearchStrategy[Patient]:
    """Patients at, just below and just above the limits: pieces of boundary cases put together, and whole ones."""
    bundles, whole = _material(Same(rules), on or default_day())
    if not bundles:
        return st.just(synthetic.patient("T-1"))
    pieces = st.integers(0, len(bundles) - 1).map(bundles.__getitem__)
    mixed = st.lists(pieces, max_size=FACTS).map(_put_together)
    return mixed | st.integers(0, len(whole) - 1).map(whole.__getitem__)


@lru_cache(maxsize=8)
def _material(same: Same, on: date) -> tuple[tuple[_Bundle, ...], tuple[Patient, ...]]:
    found = [case for group in cases(same.rules, on) for case in group.cases if case.on == on]
    probes = (case.probe for case in found)
    bundles = dict.fromkeys(_Bundle(probe.facts, probe.birth, probe.sex, probe.complete) for probe in probes)
    return tuple(bundles), tuple(replace(case.patient, id="T-1") for case in found)


def values_near(rules: RuleSet, variable: str, on: date) -> set[Decimal]:
    """Values of a variable at and next to its limits, and twice and half of them, in its canonical unit."""
    bundles, _ = _material(Same(rules), on)
    home = variables.catalogue()[variable].unit
    facts = (fact for bundle in bundles for fact in bundle.facts if isinstance(fact, Observation))
    held = {fact.value for fact in facts if fact.variable == variable and fact.unit == home and fact.value}
    return {value * factor for value in held for factor in (Decimal(1), Decimal(2), Decimal("0.5"))}


def _put_together(bundles: list[_Bundle]) -> Patient:
    """One patient of several pieces: of one variable, or of one entry, the first counts."""
    facts: dict[object, tuple[Observation | Event, ...]] = {}
    for bundle in bundles:
        for fact in bundle.facts:
            key = fact.variable if isinstance(fact, Observation) else (fact.text, fact.codes)
            if key not in facts:
                facts[key] = tuple(other for other in bundle.facts if type(other) is type(fact))
    listed = dict.fromkeys(fact for several in facts.values() for fact in several)
    return synthetic.patient(
        "T-1",
        *listed,
        birth_date=next((bundle.birth for bundle in bundles if bundle.birth), None),
        sex=next((bundle.sex for bundle in bundles if bundle.sex), None),
        complete=frozenset(kind for bundle in bundles for kind in bundle.complete),
    )


# Other records of the same patient


@st.composite
def records_in_other_units(draw: st.DrawFn, patient: Patient) -> Patient:
    """The same patient, some results recorded in another unit of exactly the same worth."""
    changed = (draw(st.sampled_from(tuple(in_other_units(found)))) for found in patient.observations)
    return replace(patient, observations=tuple(changed))


def in_other_units(found: Observation) -> Iterator[Observation]:
    """A result as it stands, then in every other unit in which it can be written without rounding."""
    yield found
    variable, value = found.variable, found.value
    if variable is None or value is None or found.unit is None or found.unit not in units.accepted(variable):
        return
    for unit in synthetic.recordable(variable):
        number = None if unit in (None, found.unit) else _converted(variable, value, found.unit, unit)
        ranges = [_range_in(variable, held, found.unit, unit) for held in found.ranges]
        if number is not None and None not in ranges:
            again = synthetic.result(variable, number, unit=unit, day=found.date)
            kept = tuple(held for held in ranges if held is not None)
            yield replace(found, value=number, unit=again.unit, raw_unit=again.raw_unit, ranges=kept)


def _converted(variable: str, value: Decimal, unit: str, target: str | None) -> Decimal | None:
    """The value in another unit; None where its digits do not end early."""
    if target is None:
        return None
    exact = units.conversion(variable, target).inverse(units.conversion(variable, unit)(value))
    with localcontext(prec=DIGITS) as context:
        number = context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return Decimal(f"{number:f}") if Fraction(number) == exact else None


def _range_in(variable: str, held: ReferenceRange, unit: str, target: str | None) -> ReferenceRange | None:
    """A range that stands in the unit of its result, in another; one with a unit of its own stays."""
    if held.unit is not None or held.raw_unit is not None:
        return held
    low, high = (None if side is None else _converted(variable, side, unit, target) for side in (held.low, held.high))
    lost = (held.low is not None and low is None) or (held.high is not None and high is None)
    return None if lost else replace(held, low=low, high=high)


@st.composite
def equivalent_patients(draw: st.DrawFn, patient: Patient) -> Patient:
    """Another record of the same patient: in another order, in other units, with facts that no criterion asks for."""
    other = draw(records_in_other_units(patient))
    results = list(draw(st.permutations(other.observations)))
    if draw(st.booleans()):
        results.insert(0, replace(_UNRELATED, date=results[0].date if results else None))
    return replace(other, observations=tuple(results), events=tuple(draw(st.permutations(other.events))))


_UNRELATED = Observation(None, "shoe size", Decimal(42))
"""A result that is of no variable."""
