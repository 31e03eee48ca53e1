"""From the tree of outcomes to sentences: the arithmetic of each part, joined as the text joins them."""

from __future__ import annotations

from datetime import date

from screening.evaluate.outcome import AttestationUse, ObservationUse, Outcome, Reason, SexUse, Use
from screening.explain import measured, recorded, wording
from screening.explain.phrases import phrase, variable_name
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
    Presence,
    Result,
    Sex,
    neutral,
)
from screening.truth import Truth


def explain(outcome: Outcome, on: date) -> str:
    """The whole explanation of one criterion; a person's answer to it stands last."""
    said = [_attestation(item) for item in outcome.evidence if isinstance(item, AttestationUse)]
    return "; ".join([sentence(outcome.children[0] if said else outcome, on), *said])


def sentence(outcome: Outcome, on: date) -> str:
    """One outcome in words."""
    match outcome.predicate:
        case Comparison(variable="age"):
            return measured.age_sentence(outcome, on)
        case Comparison() | OrdinalSet() | Result():
            return measured.sentence(outcome, on)
        case Presence():
            return recorded.sentence(outcome)
        case Sex():
            return _sex(outcome)
        case Judgement(text=text):
            return f"“{text}”: {wording.advice(Reason.JUDGEMENT)}"
        case NotUnderstood(text=text):
            return f"“{text}”: {wording.advice(Reason.NOT_UNDERSTOOD)}"
        case Advisory(text=text):
            return f"“{text}”: advisory, decides nothing"
        case Always():
            return "no requirement → yes"
        case _:
            return _joined(outcome, on)


def _joined(outcome: Outcome, on: date) -> str:
    match outcome.predicate:
        case Not():
            return f"{sentence(outcome.children[0], on)}; negated → {wording.answer(outcome.truth)}"
        case IfElse():
            return _conditional(outcome, on)
        case Except():
            return _exception(outcome, on)
        case Assumption():
            return _assumption(outcome, on)
        case Choice():
            return _choice(outcome, on)
        case Any() | AtLeast() | OneMethod():
            return f"{_list(outcome, on)}; {_connective(outcome)} → {wording.answer(outcome.truth)}"
        case _:
            return _list(outcome, on)


def _list(outcome: Outcome, on: date) -> str:
    return "; ".join(sentence(child, on) for child in outcome.children)


def _connective(outcome: Outcome) -> str:
    match outcome.predicate:
        case AtLeast(count=count):
            return f"at least {count} of these"
        case OneMethod():
            return "by the methods on record"
        case _:
            return "any of these"


def _sex(outcome: Outcome) -> str:
    recorded_sex = next((item.sex for item in outcome.evidence if isinstance(item, SexUse)), None)
    if recorded_sex is None:
        return f"sex: not recorded as male or female; asked for: {phrase(outcome.predicate)} → undecided"
    return f"sex {recorded_sex}; asked for: {phrase(outcome.predicate)} → {wording.answer(outcome.truth)}"


def _conditional(outcome: Outcome, on: date) -> str:
    """The base limit, the limit under the condition, and whether the condition holds."""
    predicate = outcome.predicate
    assert isinstance(predicate, IfElse)  # noqa: S101
    condition, then, otherwise = outcome.children
    if condition.truth is not Truth.UNKNOWN:
        branch = then if condition.truth is Truth.TRUE else otherwise
        return f"{sentence(condition, on)}; so {sentence(branch, on)}"
    special = _brief(then) if _facts(then) and _facts(then) <= _facts(otherwise) else sentence(then, on)
    asked = phrase(predicate.condition)
    told = f"{sentence(otherwise, on)}; if {asked} {special}"
    if outcome.truth is not Truth.UNKNOWN:
        return f"{told}; whether {asked} is not known, but either way → {wording.answer(outcome.truth)}"
    return f"{told}; {sentence(condition, on)}"


def _facts(outcome: Outcome) -> set[int]:
    """The results compared, if the outcome is nothing but comparisons all of which must hold; else none."""
    if isinstance(outcome.predicate, Comparison):
        used = (item for item in outcome.evidence if isinstance(item, ObservationUse) and item.use is not Use.LATER)
        return {id(item.observation) for item in used}
    if not isinstance(outcome.predicate, All):
        return set()
    parts = [_facts(child) for child in outcome.children]
    return set().union(*parts) if all(parts) else set()


def _brief(outcome: Outcome) -> str:
    """Limits and answers only, where the other branch has just shown the values."""
    if isinstance(outcome.predicate, Comparison):
        return measured.brief(outcome)
    names = [variable_name(c.predicate.variable) for c in outcome.children if isinstance(c.predicate, Comparison)]
    briefs = [measured.brief(child) for child in outcome.children]
    return "; ".join(f"{name} {told}" for name, told in zip(names, briefs, strict=True))


def _exception(outcome: Outcome, on: date) -> str:
    base, exception = outcome.children
    if neutral(exception.predicate):
        return sentence(base, on)
    return f"{sentence(base, on)}; unless {sentence(exception, on)}; in all → {wording.answer(outcome.truth)}"


def _assumption(outcome: Outcome, on: date) -> str:
    """An unconfirmed reading and what it would give."""
    (child,) = outcome.children
    would = f"would be {wording.answer(child.truth)}; {wording.advice(Reason.ASSUMPTION)}"
    return f"if read as “{phrase(child.predicate)}”: {sentence(child, on)}; {would}"


def _choice(outcome: Outcome, on: date) -> str:
    predicate = outcome.predicate
    assert isinstance(predicate, Choice)  # noqa: S101
    readings = zip(predicate.readings, outcome.children, strict=True)
    told = "; ".join(f"read as “{reading.name}”: {sentence(child, on)}" for reading, child in readings)
    if outcome.truth is not Truth.UNKNOWN:
        return f"{told}; all readings agree → {wording.answer(outcome.truth)}"
    return f"{told}; undecided: {wording.advice(outcome.reason)}" if outcome.reason else told


def _attestation(item: AttestationUse) -> str:
    """Who answered, when, why."""
    given = item.attestation
    answer = "holds" if given.answer else "does not hold"
    why = f": {given.why}" if given.why else ""
    used = "" if item.used else " (contradicted; to be cleared up)"
    return f"attested by {given.who} on {given.on.isoformat()}, {answer}{why}{used}"
