"""The laws: limits turn where they say, units do not matter, more is not less, and what is missing never passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from screening import variables
from screening.boundaries import cases
from screening.boundaries.logic import plainly
from screening.boundaries.slots import asks, leaves
from screening.patient.facts import DateSpan, Observation, Patient
from screening.predicates import (
    Always,
    Comparison,
    Except,
    IfElse,
    Multiple,
    Not,
    OneMethod,
    Op,
    OrdinalSet,
    Predicate,
    children,
)
from screening.predicates.meaning import neutral
from screening.ruleset.decisions import resolve
from screening.ruleset.model import Rule, RuleSet
from screening.sections.model import Side
from screening.testing.asked import bears_on, concepts_of, is_measured, parts_of, variables_of
from screening.testing.running import Breach, Law, Sample, Setting
from screening.testing.strategies import patients, patients_near_thresholds, records_in_other_units, values_near

_RANK = {"fail": 0, "unknown": 1, "pass": 2}


def laws_of(rules: RuleSet) -> tuple[Law, ...]:
    """All laws that say something about the rules."""
    directed = (name for name in ("age", *variables_of(tuple(parts_of(rules)))) if _directions(rules, name))
    return (boundary_exact, unit_invariant, missing_never_passes, *map(monotone_in, directed))


# At every limit


def _off_limits(setting: Setting) -> Iterator[Breach]:
    """Boundary cases that the engine decides otherwise than their position demands."""
    for group in cases(setting.rules, setting.on):
        for case in group.cases:
            found = setting.engine(group.rules, case.patient, case.on).get(case.criterion)
            if found != case.expected:
                said = "nothing" if found is None else _told(found)
                where = f"{case.subject} {case.probe.limit} {case.probe.label} {case.probe.value}".strip()
                told = f"{case.criterion} is {said} and must be {_told(case.expected)} for {where}"
                yield Breach(told, (case.patient,), case.on, case.reading)


def _told(answer: tuple[str, object]) -> str:
    word, reason = answer
    return f"{word} ({reason})" if reason else word


boundary_exact = Law(
    "boundary exact",
    "every limit turns exactly where it says, in every unit, on the first and the last day",
    breach=lambda _setting, _sample: None,
    every=_off_limits,
)


# Units


def _differing(setting: Setting, sample: Sample) -> str | None:
    one, two = (setting.engine(setting.rules, patient, setting.on) for patient in sample)
    for criterion, first in one.items():
        if two[criterion] != first:
            return f"{criterion} is {_told(first)}, and {_told(two[criterion])} in another unit"
    return None


unit_invariant = Law(
    "unit invariant",
    "the unit in which a result is recorded does not matter",
    breach=_differing,
    samples=lambda rules, on: patients_near_thresholds(rules, on).flatmap(
        lambda patient: records_in_other_units(patient).map(lambda other: (patient, other))
    ),
)


# What is missing


def _passing(setting: Setting, sample: Sample) -> str | None:
    (patient,) = sample
    bare = replace(patient, complete=frozenset())
    before = setting.engine(setting.rules, bare, setting.on)
    for rule in resolve(setting.rules).rules:
        told = _without_facts(setting, rule, bare) or _without_each(setting, rule, bare, before[rule.id].outcome)
        if told is not None:
            return told
    return None


def _without_facts(setting: Setting, rule: Rule, patient: Patient) -> str | None:
    """A criterion about which nothing is on record is open."""
    parts = tuple(leaves(plainly(rule.predicate)))
    if not any(map(asks, parts)) or any(isinstance(part, Always) for part in parts) or neutral(rule.predicate):
        return None
    empty = replace(patient, birth=None, sex=None, observations=(), events=())
    found = setting.engine(setting.rules, empty, setting.on)[rule.id]
    return None if found.outcome == "unknown" else f"{rule.id} is {found.outcome} with nothing on record"


def _without_each(setting: Setting, rule: Rule, patient: Patient, before: str) -> str | None:
    """Leaving out what is known of one thing leaves the outcome as it is, or open."""
    parts = tuple(leaves(plainly(rule.predicate)))
    if _has_alternatives(rule.predicate):
        return None
    for variable in variables_of(parts):
        told = _left_out(setting, rule, patient, before, variable, None)
        if told is not None:
            return told
    for concept in concepts_of(parts):
        told = _left_out(setting, rule, patient, before, None, concept)
        if told is not None:
            return told
    return None


def _left_out(  # noqa: PLR0913, PLR0917 -- a fact is named by one of two
    setting: Setting, rule: Rule, patient: Patient, before: str, variable: str | None, concept: str | None
) -> str | None:
    results = tuple(fact for fact in patient.observations if not bears_on(fact, variable, concept))
    events = tuple(fact for fact in patient.events if not bears_on(fact, variable, concept))
    if len(results) == len(patient.observations) and len(events) == len(patient.events):
        return None
    found = setting.engine(setting.rules, replace(patient, observations=results, events=events), setting.on)[rule.id]
    if found.outcome in ("unknown", before):
        return None
    return f"{rule.id} is {before}, and {found.outcome} once nothing is on record of {variable or concept}"


def _has_alternatives(predicate: Predicate) -> bool:
    """One of several methods may be missing, and another decide; an exception may be what kept a fact from counting."""
    bent = isinstance(predicate, OneMethod) or bool(getattr(predicate, "excluding", ()))
    return bent or any(map(_has_alternatives, children(predicate)))


missing_never_passes = Law(
    "missing never passes",
    "what is not on record neither passes nor fails",
    breach=_passing,
    samples=lambda rules, on: (patients_near_thresholds(rules, on) | patients(rules, on)).map(lambda one: (one,)),
)


# More of a good thing


def monotone_in(variable: str) -> Law:
    """Where a limit has one direction, a value further on its good side is never judged worse."""

    def breach(setting: Setting, sample: Sample) -> str | None:
        lower, higher = (setting.engine(setting.rules, patient, setting.on) for patient in sample)
        for criterion, rising in _directions(setting.rules, variable).items():
            worse, better = (lower, higher) if rising else (higher, lower)
            if _RANK[better[criterion].outcome] < _RANK[worse[criterion].outcome]:
                way = "rises" if rising else "falls"
                return f"{criterion} is {_told(worse[criterion])}, and {_told(better[criterion])} when {variable} {way}"
        return None

    return Law(
        f"monotone in {variable}",
        f"a better {variable} is never judged worse",
        breach=breach,
        samples=lambda rules, on: _pairs(rules, variable, on),
    )


def _pairs(rules: RuleSet, variable: str, on: date) -> st.SearchStrategy[Sample]:
    base = patients_near_thresholds(rules, on)
    if variable == "age":
        days = st.tuples(st.integers(0, 40_000), st.integers(0, 40_000)).map(sorted)
        return st.tuples(base, days).map(lambda drawn: tuple(_aged(drawn[0], on, age) for age in drawn[1]))
    known = variables.catalogue()[variable]
    low, high = known.plausible or (Decimal(known.scale_min or 0), Decimal(known.scale_max or 100))
    number = st.decimals(low, high, places=0 if known.kind in ("scale", "count") else 2, allow_nan=False)
    near = sorted(value for value in values_near(rules, variable, on) if low <= value <= high)
    either = number | st.integers(0, len(near) - 1).map(near.__getitem__) if near else number
    values = st.tuples(either, either).map(sorted)
    recorded = base.filter(lambda patient: any(fact.variable == variable for fact in patient.observations))
    return st.tuples(recorded, values).map(lambda drawn: _valued(drawn[0], variable, drawn[1]))


def _aged(patient: Patient, on: date, days: int) -> Patient:
    born = on - timedelta(days=days)
    return replace(patient, birth=DateSpan(born, born))


def _valued(patient: Patient, variable: str, values: list[Decimal]) -> Sample:
    """The patient with the lower and with the higher value, in the canonical unit, as numbers that are not bounds."""
    home = variables.catalogue()[variable].unit

    def valued(value: Decimal) -> Patient:
        changed = (
            _with_value(fact, value, home) if fact.variable == variable else fact for fact in patient.observations
        )
        return replace(patient, observations=tuple(changed))

    return tuple(valued(value) for value in values)


def _with_value(fact: Observation, value: Decimal, home: str | None) -> Observation:
    """Another value in the canonical unit; a range that stood in the unit of its result keeps that unit."""
    kept = tuple(
        held if held.unit or fact.unit == home else replace(held, unit=fact.unit, raw_unit=fact.raw_unit)
        for held in fact.ranges
    )
    return replace(fact, value=value, unit=home, raw_unit=home, comparator=None, ranges=kept)


def _directions(rules: RuleSet, variable: str) -> dict[str, bool]:
    """Criteria that limit the variable in one direction only: True where more of it is better."""
    if variable != "age" and not is_measured(variable):
        return {}
    found: dict[str, bool] = {}
    for rule in resolve(rules).rules:
        ways = set(_ways(plainly(rule.predicate), variable, rising=rule.side is not Side.EXCLUSION))
        if ways in ({True}, {False}):
            found[rule.id] = ways.pop()
    return found


def _ways(predicate: Predicate, variable: str, *, rising: bool) -> Iterator[bool]:
    """For each limit on the variable, whether more of it brings the criterion nearer to passing; both if neither."""
    match predicate:
        case Comparison(variable=name, op=op) if name == variable:
            upwards = op in (Op.GE, Op.GT)
            computed = predicate.method in variables.catalogue()[name].formulas
            both = (
                op is Op.EQ or computed or (isinstance(predicate.limit, Multiple) and predicate.limit.of == "baseline")
            )
            yield from (True, False) if both else (upwards is rising,)
        case OrdinalSet(variable=name) if name == variable:
            yield from (True, False)
        case Not(item):
            yield from _ways(item, variable, rising=not rising)
        case Except(base, exception):
            yield from _ways(base, variable, rising=rising)
            yield from _ways(exception, variable, rising=not rising)
        case IfElse(condition, then, otherwise):
            yield from (way for _ in _ways(condition, variable, rising=rising) for way in (True, False))
            yield from _ways(then, variable, rising=rising)
            yield from _ways(otherwise, variable, rising=rising)
        case _:
            for part in children(predicate):
                yield from _ways(part, variable, rising=rising)
