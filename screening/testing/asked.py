"""What the criteria of a trial ask for: the parts, the variables and the concepts."""

from __future__ import annotations

from collections.abc import Iterator

from screening import concepts, variables
from screening.boundaries.logic import plainly
from screening.boundaries.slots import leaves
from screening.evaluate.derived import for_method
from screening.patient.facts import Event, Observation
from screening.predicates import Comparison, OrdinalSet, Predicate, Presence, Result
from screening.ruleset.decisions import resolve
from screening.ruleset.model import RuleSet

OnResults = Comparison | OrdinalSet | Result


def parts_of(rules: RuleSet) -> Iterator[Predicate]:
    """Every part of every criterion, families of variables written out."""
    for rule in resolve(rules).rules:
        yield from leaves(plainly(rule.predicate))


def variables_of(parts: Iterator[Predicate] | tuple[Predicate, ...]) -> tuple[str, ...]:
    """The variables that are measured for these parts, the inputs of formulas among them; never the age."""
    found = dict.fromkeys(name for part in parts if isinstance(part, OnResults) for name in _measured(part))
    return tuple(name for name in found if name not in ("age", "sex"))


def _measured(part: OnResults) -> tuple[str, ...]:
    method = part.method if isinstance(part, Comparison) else None
    formula = for_method(part.variable, method) if method else None
    return (part.variable, *(needed.variable for needed in formula.inputs)) if formula else (part.variable,)


def concepts_of(parts: Iterator[Predicate] | tuple[Predicate, ...]) -> tuple[str, ...]:
    """The concepts that are asked for, exceptions among them."""
    asked = (part for part in parts if isinstance(part, Presence))
    return tuple(dict.fromkeys(term.concept for part in asked for term in (part.term, *part.excluding)))


def bears_on(fact: Observation | Event, variable: str | None, concept: str | None) -> bool:
    """Whether a fact may be of the variable or the concept."""
    if isinstance(fact, Observation):
        return variable is not None and fact.variable == variable
    if concept is None:
        return False
    meant = "malignancy" if concepts.catalogue()[concept].rule == "other_malignancy" else concept
    return concepts.matches(meant, fact.codes, fact.text) != "no"


def is_measured(variable: str) -> bool:
    """Whether results of the variable are numbers with a unit, or plain ones."""
    known = variables.catalogue()[variable]
    return known.kind != "qualitative" and not known.stands_for
