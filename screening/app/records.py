"""PATIENTS on the command line: FHIR or native JSON, a folder of them, or a store."""

from __future__ import annotations

from collections.abc import Iterable

from screening.app import output
from screening.app.problems import reading
from screening.patient import EventKind, Records, read_patients
from screening.store import is_store
from screening.store.salvage import Salvaged, with_salvage
from screening.store.shape import LISTS


def load(path: str) -> Records:
    """The patients, and what was left out."""
    with reading(path):
        return with_salvage(path, _all) if is_store(path) else read_patients(path)


def _all(held: Salvaged) -> Records:
    return Records(tuple(held.store.patients()), held.store.findings, held.unsure)


def sure(asked: frozenset[EventKind], unsure: Iterable[EventKind]) -> frozenset[EventKind]:
    """The lists whose silence may count as absence: not those of which rows are lost, which is said."""
    names = [name for name, kind in LISTS.items() if kind in asked.intersection(unsure)]
    if names:
        output.warn(f"--assume-absent {','.join(names)}: not followed, since rows of it are lost")
    return asked.difference(unsure)
