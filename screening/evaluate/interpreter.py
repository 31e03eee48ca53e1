"""From predicate to judge: each node becomes, once, a function from a patient's chart to an outcome.

Everything that does not depend on the patient (limits in canonical units, windows as dates, concepts) is worked out
here, so that judging many patients only looks facts up and compares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from screening import variables
from screening.evaluate import combine
from screening.evaluate.ages import AGE, age, sex
from screening.evaluate.attested import attested
from screening.evaluate.chart import Chart
from screening.evaluate.comparison import comparison
from screening.evaluate.context import Context
from screening.evaluate.derive import derived, formula_for
from screening.evaluate.levels import ordinal_set, result
from screening.evaluate.outcome import Outcome, Reason
from screening.evaluate.presence import presence
from screening.patient.facts import Patient
from screening.predicates import (
    Advisory,
    All,
    Always,
    Any,
    Assumption,
    AtLeast,
    Choice,
    Comparison,
    Except,
    IfElse,
    Judgement,
    Not,
    NotUnderstood,
    OneMethod,
    OrdinalSet,
    Predicate,
    Presence,
    Result,
    Sex,
    children,
    of_each,
)

Judge = Callable[[Chart], Outcome]


def evaluate(predicate: Predicate, patient: Patient, context: Context) -> Outcome:
    """The outcome of one predicate for one patient. For many patients, `prepare` once and call the judge."""
    return prepare(predicate, context)(Chart(patient))


def prepare(predicate: Predicate, context: Context) -> Judge:
    """The judge of a whole criterion: its predicate, and a person's answer to it where there is one."""
    return attested(_judge(predicate, context), context)


def _judge(predicate: Predicate, context: Context) -> Judge:
    match predicate:
        case Comparison():
            return _comparison(predicate, context)
        case Presence():
            return presence(predicate, context).judge
        case OrdinalSet():
            return ordinal_set(predicate, context).judge
        case Result():
            return result(predicate, context).judge
        case Sex():
            return sex(predicate)
        case Always() | Advisory() | Judgement() | NotUnderstood():
            return _fixed(predicate, context)
        case _:
            return _joined(predicate, context)


def _comparison(predicate: Comparison, context: Context) -> Judge:
    if predicate.variable == AGE:
        of_age = age(predicate, context)
        return of_age.judge if of_age else combine.undecidable(predicate, Reason.ASSUMPTION)
    family = variables.catalogue()[predicate.variable].stands_for
    if family:
        return _judge(of_each(predicate, family), context)
    reported = comparison(predicate, context).judge
    return derived(predicate, context, reported) if formula_for(predicate, context) else reported


def _fixed(predicate: Always | Advisory | Judgement | NotUnderstood, context: Context) -> Judge:
    match predicate:
        case Always():
            return combine.always(predicate)
        case Advisory():
            return combine.advisory(predicate, context.side)
        case Judgement():
            return combine.undecidable(predicate, Reason.JUDGEMENT)
        case NotUnderstood():
            return combine.undecidable(predicate, Reason.NOT_UNDERSTOOD)


def _joined(
    predicate: Not | All | Any | AtLeast | IfElse | Except | OneMethod | Assumption | Choice, context: Context
) -> Judge:
    match predicate:
        case IfElse(condition, then, otherwise):
            judges = (_judge(condition, unassuming(context)), _judge(then, context), _judge(otherwise, context))
            return combine.conditional(predicate, *judges)
        case Except(base, exception):
            return combine.exception(predicate, _judge(base, context), _judge(exception, unassuming(context)))
        case Not(item):
            return combine.negation(predicate, _judge(item, context))
        case Assumption(reading=reading):
            return combine.assumed(predicate, _judge(reading, context))
        case All() | Any() | AtLeast() | OneMethod() | Choice():
            return combine.group(predicate, tuple(_judge(part, context) for part in children(predicate)))


def unassuming(context: Context) -> Context:
    """Inside a condition or an exception silence is never taken for absence: it could loosen a limit."""
    return replace(context, assume_absent=frozenset()) if context.assume_absent else context
