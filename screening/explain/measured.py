"""One line of arithmetic for a criterion on results: value, unit, date, limit, operator and answer.

ALT 88 U/L (2026-03-02, 9 days before screening) ≤ 2 × ULN 40 = 80 U/L → no
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from screening import variables
from screening.evaluate.derived import arithmetic, formulas
from screening.evaluate.exact import canonical, in_unit, is_bare
from screening.evaluate.outcome import (
    AgeUse,
    DerivedUse,
    ObservationUse,
    Outcome,
    Reason,
    ReferenceSource,
    Scope,
    Threshold,
    Use,
)
from screening.explain import wording
from screening.explain.numbers import OPERATORS, day, distance, equals, plain, shown, unit_name, with_unit
from screening.explain.phrases import bound, limit, narrowing, unanchored, values, variable_name, window, words
from screening.patient.facts import Observation
from screening.predicates import Comparison, Multiple, OrdinalSet, Result
from screening.truth import Truth

OnResults = Comparison | OrdinalSet | Result

_SOURCES = {
    ReferenceSource.TRIAL: " (the trial's own)",
    ReferenceSource.RESULT: "",
    ReferenceSource.BOOK: " (range book)",
    ReferenceSource.BASELINE: "",
}


def brief(outcome: Outcome) -> str:
    """Limit and answer without the value, which another branch has just shown."""
    predicate = outcome.predicate
    assert isinstance(predicate, OnResults)  # noqa: S101 -- the caller has told them apart
    uses = (use for use in outcome.evidence if isinstance(use, ObservationUse) and use.use is not Use.LATER)
    return f"{_requirement(predicate, next(uses), brief=True)} → {wording.answer(outcome.truth)}"


def sentence(outcome: Outcome, on: date) -> str:
    """The line of arithmetic."""
    predicate = outcome.predicate
    assert isinstance(predicate, OnResults)  # noqa: S101 -- the caller has told them apart
    first, *more = outcome.evidence or (None,)
    if isinstance(first, ObservationUse) and not more and outcome.truth is not Truth.UNKNOWN:
        return _line(predicate, first, on)  # the common case: one result, and it decides
    return _several(outcome, predicate, on)


def _several(outcome: Outcome, predicate: OnResults, on: date) -> str:
    """Any number of results, reported or computed, and what they leave open."""
    uses = [use for use in outcome.evidence if isinstance(use, ObservationUse) and use.use is not Use.LATER]
    derived = [use for use in outcome.evidence if isinstance(use, DerivedUse)]
    if not uses and not derived:
        lead = f"{_subject(predicate)}: no record{_within(outcome)}; limit {asked(predicate)}"
        return lead + _unsettled(outcome) + _later(outcome, on) + unanchored(outcome)
    lines = [_derived(predicate, use, on) for use in derived]
    lines += [_line(predicate, use, on) for use in uses]
    counted = [use for use in uses if use.use is not Use.MEASURED]
    joint = _joint(outcome) if len(counted) + len(derived) > 1 else ""
    return "; ".join(lines) + joint + _unsettled(outcome) + _later(outcome, on) + unanchored(outcome)


def _subject(predicate: OnResults) -> str:
    method = "" if isinstance(predicate, Result) else narrowing(predicate)
    return f"{variable_name(predicate.variable)}{method}"


def asked(predicate: OnResults) -> str:
    """Operator and limit, or the values listed."""
    match predicate:
        case Comparison():
            return bound(predicate)
        case OrdinalSet():
            return f"is {values(predicate)}"
        case Result(value=value):
            return f"is {value}"


def _within(outcome: Outcome) -> str:
    predicate = outcome.predicate
    return window(predicate.window) if isinstance(predicate, OnResults) else ""


def _line(predicate: OnResults, use: ObservationUse, on: date) -> str:
    requirement = _requirement(predicate, use)
    answer = wording.answer(use.truth)
    if use.use is Use.MEASURED:
        return f"measured {_value(predicate, use)} ({_when(use, on)}), not used"
    would = "would be " if use.use in (Use.STALE, Use.OUTSIDE, Use.OTHER_METHOD) else ""
    name = variable_name(predicate.variable)
    value = f"{name} {_value(predicate, use)} ({', '.join([_when(use, on), *_unrecorded(predicate, use)])})"
    return f"{value} {requirement} → {would}{answer}{_doubt(use)}"


def _unrecorded(predicate: OnResults, use: ObservationUse) -> list[str]:
    """What the criterion asks for and the record does not tell."""
    if isinstance(predicate, Result):
        return []
    method = predicate.method if isinstance(predicate, Comparison) and use.observation.method is None else None
    if method is None and not predicate.qualifiers:
        return []
    lacking = [item for item in predicate.qualifiers if item not in use.observation.qualifiers]
    verb = "asked for" if use.use is Use.OTHER_METHOD else "not recorded"
    return [f"{words(item)} {verb}" for item in ([method] if method else []) + lacking]


def _value(predicate: OnResults, use: ObservationUse) -> str:
    """As recorded, and converted where the limit is in another unit."""
    observation = use.observation
    recorded = recorded_value(observation, use.number)
    converted = conversion(predicate, use)
    return f"{recorded} {converted}" if converted else recorded


def recorded_value(observation: Observation, number: Decimal | None) -> str:
    """A result as it stands on record."""
    if observation.value is None:
        level = "" if number is None else f" (= {plain(number)})"
        return f"{observation.text}{level}"
    sign = OPERATORS[observation.comparator] if observation.comparator else ""
    unit = observation.raw_unit if observation.unit is None else observation.unit
    missing = " (no unit)" if unit is None and _needs_unit(observation) else ""
    return with_unit(sign + plain(observation.value), unit) + missing


def _needs_unit(observation: Observation) -> bool:
    return (
        observation.variable is not None
        and canonical(observation.variable, observation.value or Decimal(0), None, None).problem is Reason.UNIT_MISSING
    )


def conversion(predicate: OnResults, use: ObservationUse) -> str | None:
    """The value in the unit of the limit, if it is recorded in another."""
    threshold, observation, number = use.threshold, use.observation, use.number
    if threshold is None or number is None or observation.unit == threshold.unit:
        return None
    if is_bare(observation.unit) and is_bare(threshold.unit):
        return None
    return _converted(predicate.variable, number, observation.unit, observation.raw_unit, threshold.unit)


@lru_cache(maxsize=1 << 14)
def _converted(
    variable: str, number: Decimal, unit: str | None, raw_unit: str | None, wanted: str | None
) -> str | None:
    value = canonical(variable, number, unit, raw_unit).value
    converted = None if value is None else in_unit(variable, value, wanted)
    return None if converted is None else equals(converted, wanted)


def _when(use: ObservationUse, on: date) -> str:
    observation = use.observation
    parts = [day(observation.date)]
    if away := distance(observation.date, on):
        parts.append(away)
    if observation.method:
        parts.append(words(observation.method))
    if observation.qualifiers:
        parts.extend(map(words, observation.qualifiers))
    if observation.preliminary:
        parts.append("preliminary")
    return ", ".join(parts)


def _requirement(predicate: OnResults, use: ObservationUse | DerivedUse, *, brief: bool = False) -> str:
    """Operator and limit, a multiple worked out."""
    if not isinstance(predicate, Comparison):
        return asked(predicate)
    wanted = predicate.limit
    worked = _worked_out(wanted, use.threshold, brief=brief) if isinstance(wanted, Multiple) else None
    return f"{OPERATORS[predicate.op]} {worked or limit(wanted)}"


def _worked_out(wanted: Multiple, threshold: Threshold | None, *, brief: bool) -> str | None:
    if threshold is None or threshold.reference is None or threshold.source is None:
        return None
    known = "" if brief else f" {plain(threshold.reference)}{_SOURCES[threshold.source]}"
    return f"{plain(wanted.factor)} × {wanted.of}{known} {equals(threshold.value, threshold.unit)}"


def _doubt(use: ObservationUse) -> str:
    """Why a result decides nothing."""
    if use.use is Use.OTHER_METHOD:
        return ", but by another method than asked for"
    if use.reason is None:
        return ""
    return f" ({wording.why(use.reason)})"


def _joint(outcome: Outcome) -> str:
    if outcome.truth is Truth.UNKNOWN and outcome.reason is Reason.STALE:
        return ""
    truths = {use.truth for use in outcome.evidence if isinstance(use, ObservationUse) and use.use is Use.USED}
    several = isinstance(outcome.predicate, Comparison) and aggregate_of(outcome.predicate)
    twice = {Truth.TRUE, Truth.FALSE} <= truths and outcome.truth is not Truth.UNKNOWN and not several
    return f"; {'one result recorded twice' if twice else 'together'} → {wording.answer(outcome.truth)}"


def aggregate_of(predicate: Comparison) -> str | None:
    """Which of several values counts, by the criterion or by the variable."""
    return predicate.aggregate or variables.catalogue()[predicate.variable].aggregate


def _unsettled(outcome: Outcome) -> str:
    """For an open outcome: how old is too old, and what to do."""
    if outcome.truth is not Truth.UNKNOWN or outcome.reason is None:
        return ""
    return f"; undecided{_limits_of_age(outcome)}: {wording.advice(outcome.reason)}"


def _limits_of_age(outcome: Outcome) -> str:
    if outcome.reason is not Reason.STALE:
        return ""
    for item in outcome.evidence:
        if isinstance(item, Scope):
            return f", {_scope(item, outcome)}"
    return ""


def _scope(scope: Scope, outcome: Outcome) -> str:
    if scope.days is not None:
        return f"older than {scope.days} days"
    asked_for = _within(outcome).strip() or "the time asked for"
    start = scope.earliest.isoformat() if scope.earliest else "any date"
    return f"not surely {asked_for} ({start} to {scope.latest.isoformat()})"


def _later(outcome: Outcome, on: date) -> str:
    """Results after the screening date, listed and not used."""
    if len(outcome.evidence) == 1:  # the one result that counts
        return ""
    later = [use for use in outcome.evidence if isinstance(use, ObservationUse) and use.use is Use.LATER]
    shown_uses = [f"{recorded_value(use.observation, use.number)} ({_when(use, on)})" for use in later]
    return f"; not used: {', '.join(shown_uses)}" if shown_uses else ""


def _derived(predicate: OnResults, use: DerivedUse, on: date) -> str:
    """A computed value with its inputs and arithmetic."""
    inputs = ", ".join(_inputs(use, on))
    name = f"{variable_name(predicate.variable)} by {formulas()[use.formula].name}"
    if use.value is None:
        lacking = ", ".join(map(variable_name, use.lacking))
        why = f", lacking {lacking}" if lacking else ": the formula does not hold for this patient"
        known = f" (on record: {inputs})" if inputs else ""
        return f"{name} not computable{why}{known}; limit {asked(predicate)}"
    dated = ", ".join(part for part in (day(use.date), distance(use.date, on)) if part)
    line = arithmetic(use.formula, dict(use.given)) if use.given else with_unit(shown(use.value)[0], use.unit)
    return f"{name}: {line} ({dated}; from {inputs}) {_requirement(predicate, use)} → {wording.answer(use.truth)}"


def _inputs(use: DerivedUse, on: date) -> Iterator[str]:
    for item in use.inputs:
        name = variable_name(item.observation.variable) if item.observation.variable else item.observation.name
        yield f"{name} {recorded_value(item.observation, item.number)} ({_when(item, on)})"


def age_sentence(outcome: Outcome, on: date) -> str:
    """Completed age against its limit."""
    predicate = outcome.predicate
    assert isinstance(predicate, Comparison)  # noqa: S101
    used = next((item for item in outcome.evidence if isinstance(item, AgeUse)), None)
    if used is None:
        return f"age: no birth date on record; limit {bound(predicate)} → undecided: {wording.advice(Reason.MISSING)}"
    span = str(used.low) if used.low == used.high else f"{used.low} or {used.high}"
    born = f"born {day(used.birth)}, on {on.isoformat()}"
    open_end = "" if outcome.truth is not Truth.UNKNOWN else "; undecided: the exact birth date is needed"
    return f"age {span} {unit_name(used.unit)} ({born}) {bound(predicate)} → {wording.answer(outcome.truth)}{open_end}"


def as_text(value: Fraction, unit: str | None) -> str:
    """A fraction with its unit."""
    return with_unit(shown(value)[0], unit)
