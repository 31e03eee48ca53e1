"""The interpreter's answer without its evidence: truth and reason only, from no more parts than it takes.

What is plain is told at once: the newest result where it alone counts, a concept of which nothing is on record, a
connective that one part decides. Everything else is left to the interpreter's judges; a law in the tests keeps the
two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from screening import variables
from screening.evaluate.ages import AGE, age
from screening.evaluate.chart import Chart, Measure
from screening.evaluate.combine import NOT_AVAILABLE, NOT_OFFERED
from screening.evaluate.comparison import comparison
from screening.evaluate.context import Context
from screening.evaluate.derive import computation, formula_for
from screening.evaluate.interpreter import prepare, unassuming
from screening.evaluate.levels import ordinal_set
from screening.evaluate.limits import for_anybody
from screening.evaluate.outcome import FAILS, HOLDS, OPEN, Reason, Said, Use, foremost, said
from screening.evaluate.presence import presence
from screening.evaluate.qualifiers import differs
from screening.evaluate.reported import Reported
from screening.evaluate.selection import plainly_latest
from screening.patient.facts import Observation, Patient, ReferenceRange
from screening.predicates import (
    All,
    Any,
    Assumption,
    AtLeast,
    Choice,
    Comparison,
    Connective,
    Except,
    IfElse,
    Multiple,
    Not,
    OneMethod,
    OrdinalSet,
    Predicate,
    Presence,
    Reference,
    children,
    neutral,
    of_each,
)
from screening.truth import Truth, at_least, if_else

Quick = Callable[[Chart], Said]

KEPT = 1 << 12
"""Results that are remembered for each criterion: laboratories write few digits, so the same ones come back."""


def quick(predicate: Predicate, context: Context) -> Quick:
    """The judge of a predicate by the record alone, without anybody's answers."""
    match predicate:
        case Comparison():
            return _comparison(predicate, context)
        case OrdinalSet():
            reported = ordinal_set(predicate, context)
            return _on_newest(reported, _recalled(reported))
        case Presence():
            return presence(predicate, context).said
        case Not() | Except() | IfElse() | Assumption():
            return _modified(predicate, context)
        case All() | Any() | AtLeast() | OneMethod() | Choice():
            return _joined(predicate, context)
        case _:
            return _in_full(predicate, context)


def _in_full(predicate: Predicate, context: Context) -> Quick:
    judge = prepare(predicate, replace(context, criterion=None))
    return lambda chart: said(judge(chart))


# Results


def _comparison(predicate: Comparison, context: Context) -> Quick:
    if predicate.variable == AGE:
        of_age = age(predicate, context)
        return of_age.said if of_age else _in_full(predicate, context)
    family = variables.catalogue()[predicate.variable].stands_for
    if family:
        return quick(of_each(predicate, family), context)
    if formula_for(predicate, context):
        return _computed(predicate, context)
    return _reported(predicate, context)


def _computed(predicate: Comparison, context: Context) -> Quick:
    """Computed at once where the text names the formula, else where nothing is reported."""
    computed = computation(predicate, context).said
    if predicate.method is not None:
        return computed
    reported = _reported(predicate, context)

    def told(chart: Chart) -> Said:
        found = reported(chart)
        return computed(chart) if found[1] in NOT_AVAILABLE else found

    return told


def _reported(predicate: Comparison, context: Context) -> Quick:
    reported = comparison(predicate, context)
    limit = predicate.limit
    if isinstance(limit, Multiple) and limit.defined is None:
        return _on_newest(reported, _recalled_with_range(reported, limit.of))
    return _on_newest(reported, _recalled(reported))


Recall = Callable[[Measure], Said | None]


def _on_newest(reported: Reported, recall: Recall) -> Quick:
    """By the newest result, where it alone counts and is no more than a number."""
    variable, scope = reported.predicate.variable, reported.scope

    def told(chart: Chart) -> Said:
        measures = chart.measures(variable)
        if not measures:
            return OPEN[Reason.MISSING]
        newest = measures[0]
        if (
            newest.observation.comparator is None
            and not chart.worded(variable)
            and plainly_latest(newest, measures, scope)
        ):
            found = recall(newest)
            if found is not None:
                return found
        return said(reported.judge(chart))

    return told


def _recalled(reported: Reported) -> Recall:
    """What a number in a unit says against a limit that is the same for everybody."""
    known = _tested(reported)

    def recall(measure: Measure) -> Said | None:
        found = measure.observation
        return known(measure.value, found.unit, found.raw_unit, found.method, found.qualifiers)

    return recall


def _recalled_with_range(reported: Reported, of: Reference) -> Recall:
    """What a number says against its own reference range, if it has one that holds for any sex and age."""
    known = _tested(reported)

    def recall(measure: Measure) -> Said | None:
        found = measure.observation
        if len(found.ranges) != 1 or for_anybody(found.ranges[0], of) is None:
            return None
        own = found.ranges[0]
        return known(
            measure.value, found.unit, found.raw_unit, found.method, found.qualifiers, own.low, own.high, own.unit
        )

    return recall


def _tested(reported: Reported) -> Callable[..., Said | None]:
    """The test of a predicate on the facts that it reads of a result, remembered; None for another method's result."""
    nobody = Chart(Patient(""))
    variable, asked = reported.predicate.variable, reported.asked

    @lru_cache(maxsize=KEPT)
    def known(
        number: Decimal,
        unit: str | None,
        raw_unit: str | None,
        method: str | None,
        circumstances: tuple[str, ...],
        *limits: Decimal | str | None,
    ) -> Said | None:
        ranges = (ReferenceRange(*limits),) if limits else ()  # type: ignore[arg-type]
        bare = Observation(variable, "", number, None, unit, raw_unit, None, None, ranges, method, circumstances)
        if asked and differs(asked, bare):
            return None
        use = reported.test(nobody, Measure(bare, number, None, None, None), Use.USED)
        return (Truth.UNKNOWN if use.truth is None else use.truth), use.reason

    return known


# Connectives


def _modified(predicate: Not | Except | IfElse | Assumption, context: Context) -> Quick:
    match predicate:
        case Not(item):
            return _negated(quick(item, context))
        case Except(base, exception):
            return _until(Truth.FALSE, (quick(base, context), _negated(quick(exception, unassuming(context)))))
        case IfElse(condition, then, otherwise):
            return _branched(quick(condition, unassuming(context)), quick(then, context), quick(otherwise, context))
        case Assumption():
            return lambda _: OPEN[Reason.ASSUMPTION]


def _joined(predicate: All | Any | AtLeast | OneMethod | Choice, context: Context) -> Quick:
    parts = tuple(quick(part, context) for part in children(predicate) if not neutral(part))
    match predicate:
        case All():
            return _until(Truth.FALSE, parts)
        case Any():
            return _until(Truth.TRUE, parts)
        case AtLeast(count=count):
            return lambda chart: _threshold(count, [part(chart) for part in parts])
        case OneMethod(connective=connective):
            stop = Truth.FALSE if connective is Connective.ALL else Truth.TRUE
            return lambda chart: _available(stop, [part(chart) for part in parts])
        case Choice():
            return lambda chart: _agreed([part(chart) for part in parts])


def _negated(part: Quick) -> Quick:
    def told(chart: Chart) -> Said:
        truth, reason = part(chart)
        return ~truth, reason

    return told


def _until(stop: Truth, parts: tuple[Quick, ...]) -> Quick:
    """And (*stop* FALSE) or or (*stop* TRUE): the first part that decides spares the others."""
    return lambda chart: _first(stop, (part(chart) for part in parts))


def _first(stop: Truth, answers: Iterable[Said]) -> Said:
    reasons = []
    for truth, reason in answers:
        if truth is stop:
            return truth, None
        if reason is not None:
            reasons.append(reason)
    return OPEN[foremost(reasons)] if reasons else (~stop, None)


def _branched(condition: Quick, then: Quick, otherwise: Quick) -> Quick:
    """The other branch is not looked at, unless it is unknown which one that is."""

    def told(chart: Chart) -> Said:
        held = condition(chart)
        if held[0] is not Truth.UNKNOWN:
            return then(chart) if held[0] is Truth.TRUE else otherwise(chart)
        answers = (held, then(chart), otherwise(chart))
        return _with_reason(if_else(*[truth for truth, _ in answers]), answers)

    return told


def _with_reason(truth: Truth, answers: Iterable[Said]) -> Said:
    if truth is Truth.UNKNOWN:
        return OPEN[foremost([reason for _, reason in answers])]
    return HOLDS if truth is Truth.TRUE else FAILS


def _threshold(count: int, answers: list[Said]) -> Said:
    return _with_reason(at_least(count, [truth for truth, _ in answers]), answers)


def _available(stop: Truth, answers: list[Said]) -> Said:
    return _first(stop, [answer for answer in answers if answer[1] not in NOT_OFFERED] or answers)


def _agreed(answers: list[Said]) -> Said:
    if len({truth for truth, _ in answers}) != 1:
        return OPEN[Reason.ASSUMPTION]
    return _with_reason(answers[0][0], answers)
