"""Half-lives beside what they date: how long they last is for a person, whether there was anything to date is not."""

from __future__ import annotations

from dataclasses import replace

from screening.predicates import (
    All,
    Always,
    Any,
    IfElse,
    Judgement,
    Not,
    Predicate,
    Presence,
    Relation,
    Tense,
    Window,
)
from screening.resources import table
from screening.text import Span

_STEPS = frozenset(table("reading")["steps"]["concepts"])


def with_half_lives(
    made: Predicate, told: Judgement, window: Window | None, span: Span, *, longer: bool, excluding: bool
) -> Predicate:
    """*made*, what the text dates, with what a person must say of its half-lives (*told*).

    Beside a length of time the *longer* (or shorter) of both counts. "≥ 5 half-lives from X" asks nobody to have had X.
    """
    match made:
        case Presence() as event if window is None:
            ever = _ever(event)
            return All((ever, told), span) if excluding else IfElse(ever, told, Always(), span)
        case Presence() as event if longer and window is not None and window.relation is Relation.WITHIN:
            return Any((made, All((_ever(event), told), span)), span)
        case Not(Presence() as event) if not excluding:
            if window is None:
                return IfElse(_ever(event), told, Always(), span)
            return All((made, IfElse(_ever(event), told, Always(), span)), span) if longer else Any((made, told), span)
        case IfElse(condition, Presence() as then, Always()):
            both = All if longer else Any
            return IfElse(condition, both((then, told), span), Always(), made.span)
    within = window is not None and window.relation is Relation.WITHIN
    return (Any if longer == within and window is not None else All)((made, told), span)


def names_step(made: Predicate) -> bool:
    """ "at least 5 half-lives before leukapheresis": what is dated is named elsewhere."""
    return isinstance(made, Presence) and made.window is None and made.term.concept in _STEPS


def _ever(event: Presence) -> Presence:
    return replace(event, tense=Tense.HAD, window=None)


__all__ = ["names_step", "with_half_lives"]
