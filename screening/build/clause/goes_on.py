"""Lists that go on behind an exception to one of their items: "cancer except basal cell carcinoma, HIV infection" shuts
out those with HIV, too."""

from __future__ import annotations

from functools import cache

from screening import concepts
from screening.build.common.contents import terms_in
from screening.predicates import All, Any, Predicate, Presence, Term
from screening.resources import table

_CHAPTERS: dict[str, list[str]] = table("reading")["chapters"]
_BESIDE = frozenset(_CHAPTERS["beside_families"])


def parted(outer: Predicate, unless: Predicate) -> tuple[Predicate, tuple[Predicate, ...]]:
    """What is really excepted, and the findings behind it that are further items of the list."""
    base = _last(outer)
    if base is None or not isinstance(unless, All | Any):
        return unless, ()
    foreign = [_is_foreign(base.term.concept, terms_in(item) or ()) for item in unless.items]
    first = foreign.index(True) if True in foreign else 0
    if not first or not all(foreign[first:]):
        return unless, ()
    own = unless.items[:first]
    return own[0] if len(own) == 1 else type(unless)(own, unless.span), unless.items[first:]


def _last(outer: Predicate) -> Presence | None:
    """The finding that an exception behind it is one of."""
    match outer:
        case Presence():
            return outer
        case All(items) | Any(items):
            return _last(items[-1])
        case _:
            return None


def _is_foreign(base: str, terms: tuple[Term, ...]) -> bool:
    """Whether findings are of other families of diseases than that from which something is excepted."""
    kinds = _family(base)
    chapter = next((name for name in _CHAPTERS if name != "beside_families" and base in _family(name)), None)
    if chapter is None or not terms:
        return False
    others = _BESIDE.union(*map(_family, _CHAPTERS[chapter]))
    own = kinds | _family(chapter)
    return all(term.concept in others and term.concept not in own for term in terms)


@cache
def _family(name: str) -> frozenset[str]:
    return frozenset({name, *concepts.narrower(name)})


__all__ = ["parted"]
