"""The facts on which an open criterion may hang: what would have to be measured, recorded, attested or decided."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from screening import concepts, variables
from screening.batch.trial import INTERPRETER_ONLY
from screening.evaluate.ages import AGE
from screening.evaluate.outcome import Reason
from screening.explain.phrases import variable_name, words
from screening.predicates import (
    Assumption,
    Choice,
    Comparison,
    Judgement,
    NotUnderstood,
    OrdinalSet,
    Predicate,
    Presence,
    Result,
    Sex,
    children,
    neutral,
    of_each,
)
from screening.ruleset.model import Rule


class Kind(StrEnum):
    """What sort of thing is to be got, and so from whom."""

    RESULT = "result"  # from the laboratory or the clinic
    HISTORY = "history"  # a condition, drug, procedure or allergy
    PERSON = "person"  # birth date, sex
    JUDGEMENT = "judgement"  # from the investigator
    READING = "reading"  # from the reviewer of the rules
    TEXT = "text"  # a passage nobody but a person can read
    ENGINE = "engine"  # a criterion that only the interpreter decides: screening screen
    SEVERAL = "several"  # one or more of these; the store would tell which


class Fact(NamedTuple):
    """One thing to get, the same for all criteria that need it."""

    kind: Kind
    name: str


_DATA = frozenset(Reason) - {Reason.ASSUMPTION, Reason.NOT_UNDERSTOOD, Reason.JUDGEMENT}

_KINDS: dict[Reason, frozenset[Kind]] = {
    Reason.ASSUMPTION: frozenset({Kind.READING}),
    Reason.NOT_UNDERSTOOD: frozenset({Kind.TEXT}),
    Reason.JUDGEMENT: frozenset({Kind.JUDGEMENT}),
    **dict.fromkeys(_DATA, frozenset({Kind.RESULT, Kind.HISTORY, Kind.PERSON})),
}
"""For which kinds of fact a criterion can be open for a reason."""


def expanded(predicate: Predicate) -> Predicate:
    """A limit on a family of variables as limits on each; anything else as it is."""
    if isinstance(predicate, Comparison) and predicate.variable != AGE:
        family = variables.catalogue()[predicate.variable].stands_for
        return of_each(predicate, family) if family else predicate
    return predicate


def fact(predicate: Predicate, criterion: str) -> Fact | None:
    """What settles a part of a criterion; None for a part that others settle."""
    match predicate:
        case Comparison(variable="age"):
            return Fact(Kind.PERSON, "birth date")
        case Comparison(variable=variable) | OrdinalSet(variable=variable) | Result(variable=variable):
            return Fact(Kind.RESULT, variable_name(variable))
        case Presence(term=term):
            known = concepts.catalogue().get(term.concept)
            return Fact(Kind.HISTORY, known.name if known else words(term.concept))
        case Sex():
            return Fact(Kind.PERSON, "sex")
        case Judgement(text=text):
            return Fact(Kind.JUDGEMENT, f"{criterion}: {text}")
        case NotUnderstood(text=text):
            return Fact(Kind.TEXT, f"{criterion}: {text}")
        case Assumption(label=label) | Choice(label=label):
            return Fact(Kind.READING, f"{criterion}: {label}")
        case _:
            return None


def all_facts(predicate: Predicate, criterion: str) -> Iterator[Fact]:
    """Every fact of a criterion, in the order of the text."""
    if neutral(predicate):
        return
    whole = expanded(predicate)
    own = fact(whole, criterion)
    if own is not None:
        yield own
    for part in children(whole):
        yield from all_facts(part, criterion)


def by_reason(rule: Rule, reason: str) -> Fact:
    """What would settle a criterion that is open for a reason, as far as its predicate tells."""
    if reason == INTERPRETER_ONLY:
        return Fact(Kind.ENGINE, f"{rule.id}: to be decided with screening screen")
    kinds = _KINDS[Reason(reason)]
    found = tuple(dict.fromkeys(item for item in all_facts(rule.predicate, rule.id) if item.kind in kinds))
    if len(found) == 1:
        return found[0]
    return Fact(Kind.SEVERAL, " or ".join(item.name for item in found) or f"{rule.id}: {words(reason)}")
