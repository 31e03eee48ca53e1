"""What stands in a predicate: its place in the text, its variables and concepts, whether a record could decide it."""

from __future__ import annotations

from dataclasses import replace

from screening import concepts
from screening.predicates import (
    All,
    Any,
    Comparison,
    Judgement,
    Not,
    NotUnderstood,
    OrdinalSet,
    Predicate,
    Presence,
    Result,
    Sex,
    Term,
    children,
    nodes,
)
from screening.text import Span

# Named once: a union written inside isinstance() is built at every call, which takes longer than the test.
_DECIDABLE = frozenset({Comparison, OrdinalSet, Result, Presence, Sex})
_MEASURED = frozenset({Comparison, OrdinalSet, Result})
_Wordy = Presence | Judgement | NotUnderstood | Sex | Result


def holds_only_limits(made: Predicate) -> bool:
    """Whether nothing but limits stands in a predicate: findings or words beside them would say more."""
    return not any(isinstance(one, _Wordy) for one in nodes(made))


def place(made: Predicate) -> Span | None:
    """The raw place of a predicate, or of its parts."""
    if made.span is not None:
        return made.span
    spans = [span for span in map(place, children(made)) if span is not None]
    return Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else None


def base_span(*parts: Predicate) -> Span | None:
    """The place that covers all parts."""
    spans = [span for span in map(place, parts) if span is not None]
    return Span(min(s.start for s in spans), max(s.end for s in spans)) if spans else None


def makes_demands(made: Predicate) -> bool:
    """Whether an inclusion sets a limit or forbids a finding: an exception releases from it, and shuts nobody out."""
    return isinstance(made, Not) or (bool(variables_in(made)) and not concepts_in(made))


def variables_in(made: Predicate) -> set[str]:
    """Every variable compared in a predicate."""
    return {one.variable for one in nodes(made) if type(one) in _MEASURED}  # type: ignore[union-attr]


def concepts_in(made: Predicate) -> set[str]:
    """Every concept whose presence a predicate asks for."""
    return {one.term.concept for one in nodes(made) if isinstance(one, Presence)}


def is_dated(made: Predicate) -> bool:
    """Whether a window stands in it."""
    return any(isinstance(one, Presence) and one.window is not None for one in nodes(made))


def are_same_concepts(outer: set[str], within: set[str]) -> bool:
    """Whether a parenthesis names what stands before it again, or more broadly ("G-CSF (growth factor)")."""
    if outer == within:
        return outer != set()
    return len(outer) == len(within) == 1 and outer <= concepts.narrower(next(iter(within)))


def is_by_methods(made: Predicate) -> bool:
    """Whether it is one limit by any of several methods ("LVEF ≥ 50 % by echocardiogram or MUGA")."""
    if not isinstance(made, Any) or not all(isinstance(item, Comparison) and item.method for item in made.items):
        return False
    return len({replace(item, method=None) for item in made.items if isinstance(item, Comparison)}) == 1


def is_decidable(made: Predicate) -> bool:
    """Whether anything in it can be checked against a record."""
    return not _DECIDABLE.isdisjoint(map(type, nodes(made)))


def terms_in(made: Predicate) -> tuple[Term, ...] | None:
    """The terms of a list of presences; None where anything else stands in it."""
    match made:
        case Presence(term=term):
            return (term,)
        case All(items) | Any(items):
            found = [terms_in(item) for item in items]
            return None if None in found else tuple(term for terms in found if terms for term in terms)
        case _:
            return None
