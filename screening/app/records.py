"""PATIENTS on the command line: FHIR or native JSON, a folder of them, or a store."""

from __future__ import annotations

from screening.app.problems import reading
from screening.patient import Records, read_patients
from screening.store import Store, is_store


def load(path: str) -> Records:
    """The patients, and what was left out."""
    with reading(path):
        if is_store(path):
            store = Store.at(path)
            return Records(tuple(store.patients()), store.findings)
        return read_patients(path)
