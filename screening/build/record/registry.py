"""Criteria from the registry's structured fields, and the disease under study."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal

from screening import concepts, units
from screening.build.common.contents import concepts_in
from screening.build.common.drafts import Draft
from screening.parse.lexer import lex
from screening.predicates import Amount, Assumption, Comparison, Op, Predicate, Presence, Sex, Term
from screening.ruleset.model import RuleKind
from screening.sections.model import Field, Side, Trial
from screening.text import Diagnostic, Kind, clean

_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)?")


def registry_drafts(trial: Trial) -> Iterator[Draft]:
    """Minimum age, maximum age and sex, as criteria of their own kind."""
    for number, (field, predicate) in enumerate(_fields(trial), 1):
        yield Draft(f"R{number}", Side.REGISTRY, field.text, predicate, (field.span,))


def _fields(trial: Trial) -> Iterator[tuple[Field, Predicate]]:
    for field, op in ((trial.minimum_age, Op.GE), (trial.maximum_age, Op.LE)):
        if field and (amount := _age(field)):
            yield field, Comparison("age", op, amount, span=field.span)
    if trial.sex and (sex := _sex(trial.sex)):
        yield trial.sex, Sex(sex, trial.sex.span)


def _age(field: Field) -> Amount | None:
    found = _AGE.search(clean(field.text).text)
    if not found:
        return None
    unit = units.ucum(found.group(2) or "years", "age")
    return Amount(Decimal(found.group(1)), unit) if unit else None


def _sex(field: Field) -> str | None:
    word = field.text.strip().casefold()
    return word if word in ("male", "female") else None


def index_conditions(trial: Trial) -> tuple[str, ...]:
    """Concept ids of the diseases in the condition fields and the title."""
    found = (_conditions_in(text) for text in (*trial.conditions, trial.title))
    return tuple(dict.fromkeys(name for names in found for name in names))


def _conditions_in(text: str) -> Iterator[str]:
    for token in lex(clean(text).text):
        if token.type == "CONCEPT" and concepts.catalogue()[str(token.value)].kind == "condition":
            yield str(token.value)


def related(index: Collection[str]) -> set[str]:
    """The diseases of a trial with their kinds, and what they are kinds of."""
    return {name for one in index for name in (one, *concepts.narrower(one), *concepts.catalogue()[one].parents)}


def suggested(index: tuple[str, ...], drafts: list[Draft]) -> Iterator[Draft]:
    """The disease under study as a suggested criterion, where the criteria themselves name none."""
    named = related(index)
    asked = (concepts_in(draft.predicate) for draft in drafts if draft.side is Side.INCLUSION)
    if not index or not all(named.isdisjoint(names) for names in asked):
        return
    concept = _most_specific(index)
    name = concepts.catalogue()[concept].name
    message = f"no inclusion criterion names the disease; title or condition field say {name}"
    made = Assumption("index-condition-not-in-criteria", f"has {concept}", Presence(Term(concept)))
    finding = Diagnostic("index-condition-not-in-criteria", Kind.ASSUMPTION, message, suggestion=f"{name}")
    yield Draft("S", Side.INCLUSION, f"(suggested) {name}", made, diagnostics=(finding,), kind=RuleKind.SUGGESTED)


def _most_specific(index: tuple[str, ...]) -> str:
    return next(
        (one for one in index if not any(other in concepts.narrower(one) for other in index if other != one)), index[0]
    )
