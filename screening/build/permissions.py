"""Clauses that allow something: "patients with treated brain metastases are eligible" asks nobody to have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from screening.build.context import Reader
from screening.parse.tokens import Token
from screening.predicates import (
    Advisory,
    Always,
    Choice,
    Comparison,
    IfElse,
    OrdinalSet,
    Predicate,
    Reading,
    children,
)
from screening.resources import table
from screening.text import Kind


def permitted(reader: Reader, tokens: Sequence[Token], made: Predicate | None) -> Predicate | None:
    """A permission as what it is: under exclusion it excludes nobody; under inclusion it may also be a demand (a
    choice).

    A limit, a condition or "only" makes it a demand.
    """
    words = table("permissions")["permits"]
    if made is None or not _allows(tokens, words["words"]) or _demands(tokens, made, words["unless"]):
        return made
    span = reader.span(tokens[0], tokens[-1])
    if reader.excluding:
        reader.note(
            "permission", "this allows something and excludes nobody; an exclusion it softens must say so", span
        )
        return Advisory(reader.between(span), span)
    reader.say("permission-or-requirement", Kind.CHOICE, "“are eligible” may allow this, or demand it", span)
    readings = (Reading("written", made), Reading("allowed", Always(span)))
    return Choice("permission-or-requirement", reader.label("allowed or required"), readings, span)


def _allows(tokens: Sequence[Token], phrases: list[str]) -> bool:
    text = " ".join(token.text.casefold() for token in _outside_parentheses(tokens))
    return any(phrase in text for phrase in phrases)


def _outside_parentheses(tokens: Sequence[Token]) -> Iterator[Token]:
    """ "arrhythmia (controlled atrial fibrillation is allowed)" still excludes arrhythmia."""
    depth = 0
    for token in tokens:
        depth += (token.type == "LPAR") - (token.type == "RPAR")
        if depth <= 0:
            yield token


def _demands(tokens: Sequence[Token], made: Predicate, unless: list[str]) -> bool:
    return _limits(made) or any(token.text.casefold() in unless for token in tokens)


def _limits(made: Predicate) -> bool:
    if isinstance(made, Comparison | OrdinalSet | IfElse):
        return True
    return any(_limits(part) for part in children(made))
