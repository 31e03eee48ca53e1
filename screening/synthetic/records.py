"""How a concept is written in a record so that it is recognised as just that concept: by its name, else by a code."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from screening import concepts
from screening.patient.facts import EventKind


class Entry(NamedTuple):
    """The text and codes of an entry in a list of a record."""

    text: str
    codes: tuple[tuple[str, str], ...] = ()


_SYSTEMS = (("icd10", "icd10cm"), ("icd10_exact", "icd10cm"), ("oncotree", "oncotree"), ("atc", "atc"))
_KINDS = {
    "drug": EventKind.MEDICATION,
    "procedure": EventKind.PROCEDURE,
    "allergy": EventKind.ALLERGY,
}


@cache
def entry(concept: str) -> Entry:
    """An entry that is the concept itself: by a name that is its own, else by a code of its own.

    >>> entry("liver_metastasis").text
    'liver metastasis'
    """
    known = concepts.catalogue()[concept]
    named = [name for name in (known.name, *known.names) if concepts.by_name().get(name.casefold()) == concept]
    written = [*map(Entry, (*named, *known.case_names)), *_coded(known)]
    certain = [item for item in written if concepts.matches(concept, item.codes, item.text) == "yes"]
    return certain[0] if certain else Entry(known.name)


def _coded(known: concepts.Concept) -> Iterator[Entry]:
    for field, system in _SYSTEMS:
        for code in getattr(known, field):
            yield Entry(known.name, ((system, code),))


def kind_of(concept: str) -> EventKind:
    """The list of a record in which the concept stands; a state stands among the conditions."""
    known = concepts.catalogue()[concept]
    return EventKind(known.lists[0]) if known.lists else _KINDS.get(known.kind, EventKind.CONDITION)
