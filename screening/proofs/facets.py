"""What outcomes depend on: the facets of a patient that predicates ask for, each with finitely many states.

Nothing but its limits tells two values of a variable apart, so the numbers between two neighbouring limits are one
state. Facets are taken to be free of each other, which allows more patients than there are: what holds for all of
them holds for all patients. Only what one fact on record says of another for certain is taken in ("had" follows from
"has", hepatitis from hepatitis B, the last 8 weeks from the last 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from screening import concepts, variables
from screening.predicates import (
    Comparison,
    Duration,
    Judgement,
    NotUnderstood,
    OrdinalSet,
    Predicate,
    Presence,
    Relation,
    Result,
    Sex,
    Tense,
    Window,
    children,
    of_each,
)
from screening.proofs.axes import AGE, Axis, exact, plain_window
from screening.proofs.intervals import HIGHEST, LOWEST, Cut, Numbers, Stretch, between
from screening.truth import Truth, truth


class Number(NamedTuple):
    """The patient's number on an axis; a state is a stretch of numbers."""

    axis: Axis


class Held(NamedTuple):
    """Whether the patient has or had something; a state is a truth."""

    presence: Presence


class Told(NamedTuple):
    """A result in words, or the sex; a state is one of the words that criteria name, or `ANOTHER`."""

    variable: str
    window: Window | None = None


class Said(NamedTuple):
    """What only a person can say, or what no set of numbers can express; a state is a truth."""

    words: str | Predicate


Facet = Number | Held | Told | Said

State = Stretch | Truth | str | None
"""None: not known."""

ANOTHER = "another result"
SEX = Told("sex")
_SEXES = ("male", "female")
_DAYS = {"d": 1, "wk": 7}
_MONTHS = {"mo": 1, "a": 12}
_SHORTEST, _LONGEST = 28, 31
"""Days of a calendar month."""


def facet_of(atom: Predicate) -> Facet | None:
    """The facet an atom asks for; None where its outcome is the same for everybody."""
    match atom:
        case Comparison() | OrdinalSet():
            found = exact(atom, truth=True)
            return Number(found[0]) if found else Said(atom)
        case Sex():
            return SEX
        case Result(variable, _, window):
            return Told(variable, plain_window(window))
        case Presence():
            return Held(atom)
        case Judgement(text=text) | NotUnderstood(text=text):
            return Said(_plain(text))
        case _:
            return None


def _plain(text: str) -> str:
    """The words of a text without case, marks and spacing: the same question in another print."""
    return " ".join("".join(char if char.isalnum() else " " for char in text.casefold()).split())


def outcome(atom: Predicate, state: State) -> Truth:
    """What an atom says of a patient in that state of its facet."""
    if state is None:
        return Truth.UNKNOWN
    match atom:
        case Sex(value) | Result(value=value):
            return truth(state == value)
        case Comparison() | OrdinalSet() if isinstance(state, Stretch):
            found = exact(atom, truth=True)
            return truth(found is not None and bool(found[1] & between(*state)))
        case _:
            return state if isinstance(state, Truth) else Truth.UNKNOWN


def atoms(predicate: Predicate) -> Iterator[Predicate]:
    """Every atom, in the order of the text; a limit on a family is one on each of its members."""
    if isinstance(predicate, Comparison) and (family := variables.catalogue()[predicate.variable].stands_for):
        predicate = of_each(predicate, family)
    parts = children(predicate)
    if not parts:
        yield predicate
    for part in parts:
        yield from atoms(part)


def facets(predicates: Iterable[Predicate]) -> Mapping[Facet, tuple[State, ...]]:
    """Every facet that the predicates ask for, in the order of the text, with its states."""
    found: dict[Facet, list[Predicate]] = {}
    for predicate in predicates:
        for atom in atoms(predicate):
            facet = facet_of(atom)
            if facet is not None:
                found.setdefault(facet, []).append(atom)
    return {facet: _states(facet, asking) for facet, asking in found.items()}


def _states(facet: Facet, asking: list[Predicate]) -> tuple[State, ...]:
    match facet:
        case Number(axis):
            return (*_stretches(axis, asking), None)
        case Told():
            named = dict.fromkeys(atom.value for atom in asking if isinstance(atom, Result))
            return (*_SEXES, None) if facet == SEX else (*named, ANOTHER, None)
        case _:
            return (Truth.FALSE, Truth.TRUE, Truth.UNKNOWN)


def _stretches(axis: Axis, asking: list[Predicate]) -> list[Stretch]:
    """The numbers between neighbouring limits, as far as they can be."""
    found = [numbers for atom in asking if (numbers := _numbers(atom)) is not None]
    cuts = sorted({cut for numbers in found for stretch in numbers.stretches for cut in stretch} | {LOWEST, HIGHEST})
    possible = _possible(axis)
    pieces = [Stretch(low, high) for low, high in pairwise(cuts)]
    return [piece for piece in pieces if between(*piece) & possible] or pieces


def _numbers(atom: Predicate) -> Numbers | None:
    found = exact(atom, truth=True)
    return found[1] if found else None


def _possible(axis: Axis) -> Numbers:
    """The numbers that a fact on record can have and be used."""
    variable = variables.catalogue()[axis.variable]
    if axis.scale != "absolute" or axis.variable == AGE:
        return between(Cut(Fraction(0)), HIGHEST)
    low, high = variable.plausible or (None, None)
    low = low if variable.scale_min is None else variable.scale_min
    high = high if variable.scale_max is None else variable.scale_max
    return between(
        LOWEST if low is None else Cut(Fraction(low)), HIGHEST if high is None else Cut(Fraction(high), above=True)
    )


# ---- what one fact says of another


def consequences(known: Iterable[Facet]) -> Iterator[tuple[Facet, Facet]]:
    """The pairs (narrow, broad) of which the second follows from the first."""
    by_concept: dict[str, list[Facet]] = {}
    for facet in known:
        if isinstance(facet, Held):
            by_concept.setdefault(facet.presence.term.concept, []).append(facet)
    for concept, broads in by_concept.items():
        narrows = [facet for name in by_concept if _is_kind_of(name, concept) for facet in by_concept[name]]
        yield from ((narrow, broad) for broad in broads for narrow in narrows if follows(narrow, broad))


def follows(narrow: Facet, broad: Facet) -> bool:
    """Whether *broad* is at least as true as *narrow* for every patient."""
    if not isinstance(narrow, Held) or not isinstance(broad, Held) or narrow == broad:
        return False
    one, two = narrow.presence, broad.presence
    return (
        _is_kind_of(one.term.concept, two.term.concept)
        and set(two.term.qualifiers) <= set(one.term.qualifiers)
        and set(two.excluding) <= set(one.excluding)
        and (one.tense is two.tense or two.tense is Tense.HAD)
        and _window_within(one.window, two.window)
        and (two.tense is Tense.HAD or (one.window is None) is (two.window is None))  # it may be over by now
    )


def _is_kind_of(narrow: str, broad: str) -> bool:
    return narrow == broad or narrow in concepts.narrower(broad)


def _window_within(narrow: Window | None, broad: Window | None) -> bool:
    """Whether what counts in the one window counts in the other; no window is all of the past."""
    if broad is None or plain_window(narrow) == plain_window(broad):
        return True
    if narrow is None or narrow.anchor != broad.anchor:
        return False
    if narrow.relation is not broad.relation or broad.relation is not Relation.WITHIN:
        return False  # "at least" windows look at the latest course: a longer one is not simply part of a shorter one
    return _not_longer(narrow.duration, broad.duration)


def _not_longer(one: Duration, two: Duration) -> bool:
    """For certain: a calendar month has 28 to 31 days."""
    for sizes in (_DAYS, _MONTHS):
        if one.unit in sizes and two.unit in sizes:
            return one.value * sizes[one.unit] <= two.value * sizes[two.unit]
    if one.unit in _DAYS and two.unit in _MONTHS:
        return one.value * _DAYS[one.unit] <= two.value * _MONTHS[two.unit] * _SHORTEST
    if one.unit in _MONTHS and two.unit in _DAYS:
        return one.value * _MONTHS[one.unit] * _LONGEST <= two.value * _DAYS[two.unit]
    return False
