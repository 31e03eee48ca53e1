"""A window the text says once for several events: over a list, in a parenthesis, or in the heading above a list."""

from __future__ import annotations

from dataclasses import replace

from screening.parse.passes.trailing import VAGUE
from screening.predicates import (
    All,
    Always,
    Any,
    Comparison,
    Event,
    Except,
    IfElse,
    Judgement,
    Not,
    NotUnderstood,
    OrdinalSet,
    Predicate,
    Presence,
    Relation,
    Result,
    Tense,
    Window,
    children,
    rebuilt,
)
from screening.resources import table

_UNDATED = frozenset(table("measures")["traits"]["variables"])
_LASTING = frozenset({"active", "uncontrolled", "chronic", "inactive", "latent", "congenital"})


def timed(made: Predicate, window: Window, *, words: bool = True) -> Predicate:
    """*made* with the window on every event in it that has none, or on those that a record may tell (not *words*);
    lasting conditions and exceptions keep their own time."""
    match made:
        case Presence(window=None):
            return made if _LASTING & set(made.term.qualifiers) else replace(made, window=window, tense=Tense.HAD)
        case Result(window=None):
            return replace(made, window=window)
        case Judgement(event=None) | NotUnderstood(event=None):
            return made if not words else replace(made, event=Event(made.text, window, made.span))
        case Except(base, exception):
            return rebuilt(made, (timed(base, window, words=words), exception))
        case IfElse():
            return made
        case _:
            return rebuilt(made, tuple(timed(part, window, words=words) for part in children(made)))


def measured_in(made: Predicate, window: Window) -> Predicate:
    """*made* with the window on its comparisons: which values count ("ANC ≥ 1500/µL within 14 days before …"); an
    age is no value of a day."""
    if window.relation is not Relation.WITHIN:
        return made
    if isinstance(made, Comparison | OrdinalSet):
        return made if made.window or made.variable in _UNDATED else replace(made, window=window)
    return rebuilt(made, tuple(measured_in(part, window) for part in children(made)))


def without_vague(made: Predicate) -> Predicate:
    """*made* without "recent", of which a length of time behind it says what is meant ("recent surgery (3 months)")."""
    match made:
        case All(items, span):
            kept = tuple(one for one in items if not (isinstance(one, Judgement) and one.text.lower() in VAGUE))
            return kept[0] if len(kept) == 1 else All(kept, span) if kept else made
        case Not(item):
            return Not(without_vague(item), made.span)
        case _:
            return made


def elapsed_since(condition: Predicate, window: Window) -> Predicate:
    """What a window asks of those who meet a condition: what they had, if they had it; of several things, each."""
    if isinstance(condition, Any) and window.relation is not Relation.WITHIN:
        return All(tuple(elapsed_since(one, window) for one in condition.items), condition.span)
    dated = timed(condition, window)
    if isinstance(condition, Presence) and isinstance(dated, Presence):
        condition = replace(condition, tense=dated.tense)  # "at least 6 weeks if it was a nitrosourea"
    return IfElse(condition, dated, Always(), condition.span)
