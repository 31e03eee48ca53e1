"""How far an exception at the end of a list reaches: "ANC ≥ 1.5 or platelets ≥ 100, unless due to marrow disease".

Set apart by a comma, or naming a cause, it is said of the whole list; a finding that explains only some of the limits
("unless Gilbert's syndrome") releases from those. Where the words leave it open, it is a choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from screening import concepts
from screening.build.clause.modalities import of_another_kind
from screening.build.clause.qualifying import except_for
from screening.build.common.contents import concepts_in, place, terms_in, variables_in
from screening.build.common.context import Reader
from screening.build.findings.courses import chunks_in
from screening.build.limits.chunks import Chunk
from screening.parse.trees.clause import Excepted, Grouped, Join, Leaf, Led, Opening, Tree
from screening.predicates import All, Any, Choice, Predicate, Reading
from screening.records import record
from screening.resources import table
from screening.text import Kind

_ANOTHER_OF = {"other_malignancy": "malignancy"}
_WHOLE = frozenset(table("reading")["of_whole_lists"]["words"])
_EXPLAINED = {name: frozenset(names) for name, names in table("measures")["explained_by"].items()}


@record(frozen=True, slots=True)
class Trailing:
    """A list without the exception at its end, that exception, and how it begins."""

    rest: Join
    exception: Tree
    opens: Opening
    enclosed: bool


def trailing(tree: Join) -> Trailing | None:
    """The exception at the end of a list; None where there is none, or it only names a kind of the last item."""
    if tree.how not in ("and", "or", "list"):
        return None
    last = tree.items[-1]
    match last:
        case Excepted(base, exception, opens):
            return Trailing(replace(tree, items=(*tree.items[:-1], base)), exception, opens, enclosed=False)
        case Grouped(base, Excepted(Leaf(empty), exception, opens)) if empty.payload is None:
            return Trailing(replace(tree, items=(*tree.items[:-1], base)), exception, opens, enclosed=True)
        case Join("beside", (Grouped(base, Excepted(Leaf(empty), exception, opens)), *rest)) if empty.payload is None:
            whole = Join("beside", (base, *rest))  # "A or B (except C) within 4 weeks"
            return Trailing(replace(tree, items=(*tree.items[:-1], whole)), exception, opens, enclosed=True)
        case _:
            return None


def reached(reader: Reader, whole: Predicate, unless: Predicate, said: Trailing) -> Predicate:
    """A list with its exception, put to all of its items, to some, or to the last one."""
    if not isinstance(whole, All | Any) or (reader.excluding and of_another_kind(whole, unless)):
        return except_for(reader, whole, unless)
    if (some := _explained(whole, unless) or _named(whole, unless, said)) is not None:
        return _put(reader, whole, unless, some)
    limits = all(variables_in(item) and not concepts_in(item) for item in whole.items)
    last = _put(reader, whole, unless, (len(whole.items) - 1,))
    if said.enclosed or not said.opens or (_explains(unless) and variables_in(whole)):
        return last
    told = bool(variables_in(unless) or concepts_in(unless))
    if _of_person(said.exception) or (reader.excluding and not told):
        return except_for(reader, whole, unless)  # "unless clinically stable": a state, of which none is a kind
    if said.opens == "apart" or _is_cause(said.exception):
        if limits:
            return except_for(reader, whole, unless)
    elif limits or not reader.excluding:
        return last
    return _either(reader, whole, unless, last)


def _explains(unless: Predicate) -> bool:
    return any(name in _EXPLAINED for name in concepts_in(unless))


def _explained(whole: All | Any, unless: Predicate) -> tuple[int, ...] | None:
    """The items that a finding explains; None where it explains none of them, or is none that is known to."""
    names = frozenset[str]().union(*(_EXPLAINED.get(name, ()) for name in concepts_in(unless)))
    at = tuple(i for i, item in enumerate(whole.items) if names & variables_in(item))
    return at or None


def _named(whole: All | Any, unless: Predicate, said: Trailing) -> tuple[int, ...] | None:
    """The items that an exception is a kind of ("malignancy or infection, except basal cell carcinoma"), or that it
    names again ("pregnant or breastfeeding, unless willing to stop breastfeeding")."""
    named = {str(one.value) for chunk in chunks_in(said.exception) for one in chunk.tokens if one.type == "CONCEPT"}
    kinds = [frozenset[str]().union(*map(_kinds, concepts_in(item))) for item in whole.items]
    again = tuple(i for i, item in enumerate(whole.items) if named & concepts_in(item))
    under = tuple(i for i, kind in enumerate(kinds) if named and named <= kind) if terms_in(unless) else ()
    return again or under or None


def _kinds(concept: str) -> frozenset[str]:
    """The kinds of a concept; of one that a rule of its own decides, those of what it is another of."""
    return frozenset(concepts.narrower(_ANOTHER_OF.get(concept, concept)))


def _put(reader: Reader, whole: All | Any, unless: Predicate, places: tuple[int, ...]) -> Predicate:
    """The list with the exception put to these items: together, where they are all of it."""
    if len(places) == len(whole.items):
        return except_for(reader, whole, unless)
    items = tuple(except_for(reader, one, unless) if i in places else one for i, one in enumerate(whole.items))
    return replace(whole, items=items)


def _either(reader: Reader, whole: All | Any, unless: Predicate, last: Predicate) -> Predicate:
    """Findings of which only a part may be excepted ("HIV or hepatitis C, unless HCV RNA is negative")."""
    every = except_for(reader, whole, unless)
    reader.say("scope", Kind.CHOICE, "the exception may be one of the whole list or of its last item", place(unless))
    readings = (Reading("written", last), Reading("every", every))
    return Choice("scope", reader.label("exception at the end of a list"), readings, place(whole))


def _of_person(tree: Tree) -> bool:
    """Whether an exception speaks of the patient, or of all that stands before it ("unless they are controlled")."""
    first = next(_chunks(tree), None)
    said = [token.text.lower() for token in first.tokens] if first is not None else []
    return bool(said) and not _WHOLE.isdisjoint((said[0], " ".join(said[:2])))


def _is_cause(tree: Tree) -> bool:
    """Whether an exception opens with what explains a finding ("unless due to …")."""
    first = next(_chunks(tree), None)
    return first is not None and any(token.type == "CAUSE" for token in first.tokens[:2])


def _chunks(tree: Tree) -> Iterator[Chunk]:
    yield from chunks_in(tree.base if isinstance(tree, Led) else tree)


__all__ = ["Trailing", "reached", "trailing"]
