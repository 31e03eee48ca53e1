"""Several variables under one limit: which of them must meet it."""

from __future__ import annotations

from collections.abc import Sequence

from screening.build.context import Reader
from screening.predicates import All, Any, Connective, OneMethod, Predicate
from screening.resources import table
from screening.text import Span

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


__all__ = ["combine", "same_quantity"]
