"""Washouts with their own length for some drugs: "4 weeks since chemotherapy (6 weeks for mitomycin)"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from screening.predicates import (
    All,
    Always,
    Any,
    Event,
    IfElse,
    Judgement,
    Not,
    NotUnderstood,
    Predicate,
    Presence,
    Relation,
    Tense,
    Window,
    children,
    rebuilt,
)


def is_release(made: Predicate) -> bool:
    """Whether it asks only that something, if it was, was long enough ago ("at least 4 weeks since X"); what a person
    must say of half-lives may stand beside it."""
    if not isinstance(made, IfElse) or not isinstance(made.otherwise, Always):
        return False
    then = made.then.items[0] if isinstance(made.then, All | Any) else made.then
    return isinstance(then, Presence) and then.window is not None and then.window.relation is not Relation.WITHIN


def released(made: Predicate, window: Window) -> Predicate:
    """ "Palliative radiation (≤ 10 fractions) must have been completed ≥ 7 days before": a window said apart from the
    treatment it dates asks nobody to have had it."""
    match made:
        case Presence(window=own) if own == window:
            return IfElse(replace(made, tense=Tense.HAD, window=None), made, Always(), made.span)
        case All(items, span):
            kept = tuple(released(item, window) for item in items)
            dated = [item for item in kept if isinstance(item, IfElse)]
            if len(dated) == 1 and isinstance(items[0], Presence):
                first = dated[0]
                told = [item for item in kept if item is not first]
                return IfElse(All((first.condition, *told), span), first.then, Always(), span)
            return replace(made, items=kept)
        case _:
            return made


def all_released(parts: Sequence[Predicate]) -> bool:
    """Whether "since A or B" asks the same of each event, so that all of them must have been long enough ago."""
    dated = [part for part in parts if is_release(part)]
    return bool(dated) and all(is_release(part) or _is_open(part) for part in parts)


def _is_open(part: Predicate) -> bool:
    """Words nobody could read that are dated so too."""
    event = part.event if isinstance(part, NotUnderstood | Judgement) else None
    return event is not None and event.window.relation is not Relation.WITHIN


def longer_for_some(outer: Predicate, within: Predicate, bare: Window) -> Predicate | None:
    """*within*, the events of a parenthesis that gives only another length (*bare*), dated as *outer* is.

    None where *outer* asks for no washout: its own reading serves.
    """
    window = next((one for one in _windows(outer) if one.relation is not Relation.WITHIN), None)
    if window is None:
        return None
    return _dated(within, bare, replace(window, duration=bare.duration))


def _windows(made: Predicate) -> Iterator[Window]:
    if isinstance(made, Presence) and made.window is not None:
        yield made.window
    elif isinstance(made, Judgement | NotUnderstood) and made.event is not None:
        yield made.event.window
    for part in children(made):
        yield from _windows(part)


def _dated(made: Predicate, bare: Window, window: Window) -> Predicate:
    match made:
        case Presence(window=own) if own in (None, bare):
            had = replace(made, tense=Tense.HAD, window=None)
            return IfElse(had, replace(had, window=window), Always(), made.span)
        case NotUnderstood(event=Event() as event) | Judgement(event=Event() as event):
            return replace(made, event=replace(event, window=window))
        case NotUnderstood(text=text, span=span) | Judgement(text=text, span=span):
            return replace(made, event=Event(text, window, span))
        case Any(items, span) | All(items, span):
            return All(tuple(_dated(item, bare, window) for item in items), span)
        case Not() | IfElse():
            return made
        case _:
            return rebuilt(made, tuple(_dated(part, bare, window) for part in children(made)))


__all__ = ["all_released", "is_release", "longer_for_some", "released"]
