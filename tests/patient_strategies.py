"""Hypothesis strategies for patients: results and events on, around and far from the screening date."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache

from hypothesis import strategies as st

from screening import concepts, units, variables
from screening import predicates as p
from screening.patient.facts import (
    Activity,
    Certainty,
    DateSpan,
    Event,
    EventKind,
    Observation,
    Patient,
    ReferenceRange,
)
from screening.predicates import Op
from screening.variables import Variable

ON = date(2026, 3, 11)


def days(most: int = 400) -> st.SearchStrategy[date]:
    """Days around the screening date, mostly before it."""
    return st.integers(-10, most).map(lambda back: ON - timedelta(days=back))


def spans(most: int = 400) -> st.SearchStrategy[DateSpan]:
    """Days, some with a time, and partial dates."""
    exact = st.builds(lambda day, at: DateSpan(day, day, at), days(most), st.none() | st.times().map(_whole))
    month = days(most).map(lambda day: DateSpan(day.replace(day=1), day.replace(day=28)))
    return st.one_of(exact, exact, exact, month)


def _whole(at: time) -> time:
    return at.replace(microsecond=0, tzinfo=None, fold=0)


def numbers() -> st.SearchStrategy[Decimal]:
    """Values as laboratories write them."""
    return st.decimals(0, 500, places=1, allow_nan=False) | st.integers(0, 2000).map(Decimal)


def ranges() -> st.SearchStrategy[ReferenceRange]:
    """Reference ranges, some of another type, sex or age, some with 0 for "none"."""
    limit = st.none() | st.sampled_from([Decimal(0), Decimal("1.2"), Decimal(40), Decimal(45)])
    return st.builds(
        ReferenceRange,
        limit,
        limit,
        st.none(),
        sex=st.sampled_from([None, None, "female", "male"]),
        type=st.sampled_from([None, "normal", "therapeutic"]),
    )


@cache
def quantities() -> tuple[Variable, ...]:
    """The variables that have a unit and results of their own, in a fixed order."""
    found = (v for v in variables.catalogue().values() if v.unit is not None and v.kind in ("quantity", "percent"))
    return tuple(sorted((item for item in found if not item.stands_for), key=lambda item: item.id))


@cache
def observations_of(variable: str) -> st.SearchStrategy[Observation]:
    """Results of one variable in any accepted unit, or with its unit lost."""
    accepted = units.accepted(variable)
    unit = st.sampled_from([*accepted, None]) if accepted else st.none()
    return st.builds(
        Observation,
        st.just(variable),
        st.just(variable),
        numbers(),
        st.sampled_from([None, None, None, Op.LT, Op.GT]),
        unit,
        date=st.none() | spans(),
        ranges=st.lists(ranges(), max_size=2).map(tuple),
        preliminary=st.booleans(),
    )


MEASURED = ("alt", "anc", "platelets", "spo2", "lvef", "tumor_size", "creatinine", "inr", "nyha", "weight", "hba1c")
"""Variables of every kind, few enough that predicates and patients meet."""

NAMED = ("breast_cancer", "malignancy", "other_malignancy", "liver_metastasis", "hiv", "pregnancy", "hypertension")
"""Concepts of every kind, likewise."""


@cache
def observations() -> st.SearchStrategy[Observation]:
    """Results of some variables."""
    return st.one_of([observations_of(variable) for variable in MEASURED])


@cache
def events() -> st.SearchStrategy[Event]:
    """Conditions, drugs, procedures and allergies by name or code."""
    return st.one_of([_events_of(concepts.catalogue()[concept]) for concept in NAMED])


def _events_of(concept: concepts.Concept) -> st.SearchStrategy[Event]:
    return st.builds(
        Event,
        st.sampled_from(EventKind),
        st.just(concept.name),
        st.just(tuple(("icd10cm", code) for code in concept.icd10[:1])),
        st.sampled_from(Certainty),
        st.sampled_from(Activity),
        st.none() | spans(3000),
        st.none() | spans(1000),
    )


def windows() -> st.SearchStrategy[p.Window | None]:
    """Windows of the lengths texts give."""
    lengths = st.builds(
        p.Duration, st.sampled_from([1, 4, 30, 36]).map(Decimal), st.sampled_from(["h", "d", "wk", "mo", "a"])
    )
    return st.none() | st.builds(p.Window, st.sampled_from(p.Relation), lengths)


def _comparisons_of(variable: str) -> st.SearchStrategy[p.Predicate]:
    owner = variables.catalogue()[variable]
    accepted = units.accepted(variable)
    amount = st.builds(p.Amount, numbers(), st.sampled_from(accepted) if owner.unit else st.none())
    factors = st.sampled_from([Decimal(1), Decimal("2.5")])
    multiple = st.builds(p.Multiple, factors, st.sampled_from(p.Reference), st.none() | amount)
    kind = st.sampled_from([None, None, "max", "min", "any"])
    return st.builds(
        p.Comparison, st.just(variable), st.sampled_from(p.Op), amount | multiple, window=windows(), aggregate=kind
    )


def _presences() -> st.SearchStrategy[p.Predicate]:
    term = st.builds(p.Term, st.sampled_from(NAMED))
    return st.builds(p.Presence, term, st.sampled_from(p.Tense), windows(), st.lists(term, max_size=1).map(tuple))


@cache
def criteria(*, one_method: bool = True) -> st.SearchStrategy[p.Predicate]:
    """Criteria on the same variables and concepts as the patients' facts; nothing in them holds for everybody."""
    levels = st.lists(st.integers(0, 4).map(Decimal), min_size=1, max_size=3, unique=True).map(tuple)
    ages = st.builds(p.Amount, st.integers(0, 90).map(Decimal), st.sampled_from(["a", "mo"]))
    atoms = st.one_of(
        *map(_comparisons_of, MEASURED),
        st.builds(p.Comparison, st.just("age"), st.sampled_from(p.Op), ages),
        st.builds(p.OrdinalSet, st.just("nyha"), levels),
        _presences(),
        st.builds(p.Sex, st.sampled_from(["male", "female"])),
        st.just(p.Judgement("in the opinion of the investigator")),
        st.just(p.NotUnderstood("garbled")),
    )
    return st.recursive(atoms, lambda parts: _joined(parts, one_method=one_method), max_leaves=6)


def _joined(parts: st.SearchStrategy[p.Predicate], *, one_method: bool) -> st.SearchStrategy[p.Predicate]:
    items = st.lists(parts, min_size=2, max_size=3).map(tuple)
    joined = [
        st.builds(p.Not, parts),
        st.builds(p.All, items),
        st.builds(p.Any, items),
        st.builds(p.AtLeast, st.integers(1, 2), items),
        st.builds(p.IfElse, parts, parts, parts),
        st.builds(p.Except, parts, parts),
        st.builds(p.Assumption, st.just("missing-unit"), st.just("unit"), parts),
        st.builds(_choice, items),
    ]
    methods = [st.builds(p.OneMethod, st.sampled_from(p.Connective), items)] if one_method else []
    return st.one_of(*joined, *methods)


def _choice(items: tuple[p.Predicate, ...]) -> p.Choice:
    return p.Choice("strict-age", "age", tuple(p.Reading(str(i), item) for i, item in enumerate(items)))


@cache
def patients() -> st.SearchStrategy[Patient]:
    """Patients with a few facts."""
    return st.builds(
        Patient,
        st.just("P1"),
        st.none() | st.integers(0, 36000).map(lambda back: _born(ON - timedelta(days=back))),
        st.sampled_from([None, "male", "female", "other"]),
        observations=st.lists(observations(), max_size=8).map(tuple),
        events=st.lists(events(), max_size=5).map(tuple),
        complete=st.frozensets(st.sampled_from(EventKind)),
    )


def _born(day: date) -> DateSpan:
    return DateSpan(day, day)


def exactly(value: Fraction) -> Decimal | None:
    """A fraction as a decimal, where its digits end."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return None
    return Decimal(value.numerator) / Decimal(value.denominator)
