"""Short words for a predicate, as they stand inside a sentence ("if liver metastasis", "ALT ≤ 2 × ULN")."""

from __future__ import annotations

from functools import cache

from screening import concepts, variables
from screening.evaluate.outcome import Outcome, Scope
from screening.explain.numbers import OPERATORS, plain, with_unit
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
    Limit,
    Multiple,
    Not,
    NotUnderstood,
    OneMethod,
    OrdinalSet,
    Predicate,
    Presence,
    Relation,
    Result,
    Sex,
    Tense,
    Term,
    Window,
)
from screening.resources import table

_RELATIONS = {Relation.WITHIN: "within", Relation.AT_LEAST: "at least", Relation.MORE_THAN: "more than"}


def variable_name(variable: str) -> str:
    """The name clinicians use for a variable: its short label, else the preferred one."""
    if variable in _labels():
        return _labels()[variable]
    known = variables.catalogue().get(variable)
    return known.name if known else words(variable)


@cache
def _labels() -> dict[str, str]:
    labels: dict[str, str] = table("wording")["labels"]
    return labels


def words(identifier: str) -> str:
    """An id as words.

    >>> words("room_air")
    'room air'
    """
    return identifier.replace("_", " ")


def term(wanted: Term) -> str:
    """A concept with its qualifiers in front."""
    known = concepts.catalogue().get(wanted.concept)
    name = known.name if known else words(wanted.concept)
    return " ".join([*map(words, wanted.qualifiers), name])


def limit(wanted: Limit) -> str:
    """A limit as the text states it.

    >>> from decimal import Decimal
    >>> from screening.predicates import Amount, Reference
    >>> limit(Amount(Decimal("1500"), "/uL")), limit(Multiple(Decimal("2.5"), Reference.ULN))
    ('1500 /µL', '2.5 × ULN')
    """
    if isinstance(wanted, Multiple):
        return f"{plain(wanted.factor)} × {wanted.of}"
    return with_unit(plain(wanted.value), wanted.unit)


def bound(predicate: Comparison) -> str:
    """Operator and limit."""
    return f"{OPERATORS[predicate.op]} {limit(predicate.limit)}"


def narrowing(predicate: Comparison | OrdinalSet) -> str:
    """Method and qualifiers asked for, in parentheses."""
    method = [predicate.method] if isinstance(predicate, Comparison) and predicate.method else []
    asked = [words(item) for item in (*method, *predicate.qualifiers)]
    return f" ({', '.join(asked)})" if asked else ""


def window(wanted: Window | None) -> str:
    """A window in words, with a space in front; "" for none."""
    if wanted is None:
        return ""
    length = with_unit(plain(wanted.duration.value), wanted.duration.unit)
    return f" {_RELATIONS[wanted.relation]} {length} before {words(wanted.anchor)}"


def unanchored(outcome: Outcome) -> str:
    """A word on a window whose anchor has no date, so that it is counted from the screening date."""
    asked = getattr(outcome.predicate, "window", None)
    if asked is None or not any(isinstance(item, Scope) and not item.anchored for item in outcome.evidence):
        return ""
    return f"; date of {words(asked.anchor)} not given, counted from screening"


def values(predicate: OrdinalSet) -> str:
    """The levels of a set: "0, 1 or 2"."""
    *most, last = [plain(value) for value in predicate.values] or ["nothing"]
    return f"{', '.join(most)} or {last}" if most else last


def phrase(predicate: Predicate) -> str:
    """What the predicate asks for, in a few words."""
    match predicate:
        case Comparison():
            name = f"{variable_name(predicate.variable)}{narrowing(predicate)}"
            return f"{name} {bound(predicate)}{window(predicate.window)}"
        case OrdinalSet():
            return f"{variable_name(predicate.variable)} {values(predicate)}{window(predicate.window)}"
        case Result(variable=variable, value=value):
            return f"{variable_name(variable)} {value}{window(predicate.window)}"
        case Presence():
            return _presence(predicate)
        case Sex(value=value):
            return str(value)
        case Judgement(text=text) | NotUnderstood(text=text) | Advisory(text=text):
            return f"“{text}”"
        case Always():
            return "no requirement"
        case _:
            return _joined(predicate)


def _presence(predicate: Presence) -> str:
    past = "earlier or current " if predicate.tense is Tense.HAD and predicate.window is None else ""
    without = f" other than {', '.join(map(term, predicate.excluding))}" if predicate.excluding else ""
    return f"{past}{term(predicate.term)}{without}{window(predicate.window)}"


def _joined(predicate: Predicate) -> str:
    match predicate:
        case Not(item=item):
            return f"not {_inner(item)}"
        case All(items=items):
            return " and ".join(map(_inner, items))
        case Any(items=items) | OneMethod(items=items):
            return " or ".join(map(_inner, items))
        case AtLeast(count=count, items=items):
            return f"at least {count} of: {', '.join(map(phrase, items))}"
        case IfElse(condition=condition, then=then, otherwise=otherwise):
            return f"{_inner(then)} if {_inner(condition)}, else {_inner(otherwise)}"
        case Except(base=base, exception=exception):
            return f"{_inner(base)} unless {_inner(exception)}"
        case Assumption(reading=reading):
            return phrase(reading)
        case Choice(readings=readings):
            return " / ".join(phrase(reading.predicate) for reading in readings)
        case _:
            return ""


def _inner(predicate: Predicate) -> str:
    text = phrase(predicate)
    return f"({text})" if isinstance(predicate, All | Any | IfElse | Except | AtLeast | Choice) else text
