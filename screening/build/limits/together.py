"""Several variables under one limit: which of them must meet it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from screening import variables
from screening.build.common.context import Reader
from screening.parse.trees.tree import Bound, Bounds, Subject, Subjects
from screening.predicates import All, Any, Connective, OneMethod, Predicate
from screening.resources import table
from screening.text import Span

_BY_AGE = [frozenset(family) for family in table("measures")["by_age"]["sets"]]
_ALTERNATIVES = [frozenset(family) for family in table("measures")["alternatives"]["sets"]]


def combine(reader: Reader, made: list[Predicate], by_or: bool, seen: list[str], span: Span) -> Predicate:
    """Several variables under one limit: all must hold, or under exclusion any excludes; methods of one quantity
    apart."""
    if len(made) == 1:
        return made[0]
    if same_quantity(seen):
        return OneMethod(Connective.ANY if by_or or reader.excluding else Connective.ALL, tuple(made), span)
    if reader.excluding:
        if not by_or:
            reader.note(
                "and-read-as-or", "a list of variables under one limit in an exclusion: any of them excludes", span
            )
        return Any(tuple(made), span)
    return (Any if by_or else All)(tuple(made), span)


def same_quantity(seen: Sequence[str | None]) -> bool:
    """Whether the variables are methods of one quantity ("creatinine clearance or GFR"); None is no variable."""
    return None not in seen and len(set(seen)) > 1 and any(family.issuperset(seen) for family in _ALTERNATIVES)


def apiece(subjects: Sequence[Subject], bounds: Bounds) -> list[Bounds]:
    """The limits of each variable: "cholesterol and triglycerides ≤ 300 mg/dL and ≤ 450 mg/dL" gives each its own.

    Two amounts that bound one quantity from the same side would say nothing together; two multiples of a normal limit
    are for different patients.
    """
    items = bounds.items
    if len(items) != len(subjects) or len(items) == 1 or set(bounds.joins) != {"and"} or bounds.restated:
        return [bounds] * len(subjects)
    if not all(isinstance(item, Bound) and item.op and not item.value.reference for item in items):
        return [bounds] * len(subjects)
    sides = {str(item.op).rstrip("=") for item in items if isinstance(item, Bound)}
    return [replace(bounds, items=(item,), joins=()) for item in items] if len(sides) == 1 else [bounds] * len(subjects)


def spread(subjects: Subjects) -> Iterator[Subject]:
    """Each variable once; names in parentheses that are other variables refine the one outside ("liver enzymes
    (AST, ALT)")."""
    seen: set[str] = set()
    for subject in subjects.items:
        inner = [part for part in subject.inner if part.token.value != subject.token.value]
        family = variables.catalogue()[subject.token.value]
        chosen = inner if inner and (family.stands_for or family.group_of or len(inner) > 1) else [subject]
        for part in chosen:
            if part.token.value not in seen:
                seen.add(part.token.value)
                yield Subject(
                    part.token,
                    (),
                    part.unit or subject.unit,
                    part.how + subject.how if part is not subject else subject.how,
                )


def joined_by_or(subjects: Subjects) -> bool:
    """Whether the words between the variables leave the choice of one; a stroke does between scales of one thing
    ("Karnofsky/Lansky ≥ 50")."""
    named = {str(subject.token.value) for subject in subjects.items}
    of_one = "SLASH" in subjects.joins and any(family.issuperset(named) for family in (*_ALTERNATIVES, *_BY_AGE))
    return "OR" in subjects.joins or of_one


__all__ = ["apiece", "combine", "joined_by_or", "same_quantity", "spread"]
