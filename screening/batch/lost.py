"""Rows of a store's source that no patient is decided by: left out when it was made, or of nobody in it."""

from __future__ import annotations

from dataclasses import dataclass

from screening.patient import Finding
from screening.store.database import Connection
from screening.store.reading import Store
from screening.store.shape import LISTS

SHOWN = 5
"""Messages that are worth reading; `screening store check` has them all."""


@dataclass(frozen=True, slots=True)
class Lost:
    """How many, and the first of them with their places."""

    count: int = 0
    shown: tuple[Finding, ...] = ()


def lost(connection: Connection, store: Store) -> Lost:
    """What is lost, as the store has recorded it, and rows that belong to no patient of it."""
    recorded, orphans = _recorded(connection, store), _orphans(connection, store)
    return Lost(recorded.count + orphans.count, (*recorded.shown, *orphans.shown)[:SHOWN])


def _recorded(connection: Connection, store: Store) -> Lost:
    source = store.source("findings")
    if source is None:
        return Lost()
    count = connection.execute(f"SELECT count(*) FROM {source} WHERE lost").fetchone()[0]
    rows = connection.execute(
        f"SELECT message, source FROM {source} WHERE lost ORDER BY filename, file_row_number LIMIT {SHOWN}"
    ).fetchall()
    return Lost(count, tuple(Finding(message, place or "", lost=True) for message, place in rows))


def _orphans(connection: Connection, store: Store) -> Lost:
    total, found = 0, []
    for table in ("observations", *LISTS):
        source = store.source(table)
        if source is None:
            continue
        count = connection.execute(
            f"SELECT count(*) FROM {source} AS t WHERE t.patient_id IS NULL OR t.patient_id NOT IN"
            f" (SELECT patient_id FROM {store.source('patients')} WHERE patient_id IS NOT NULL)"
        ).fetchone()[0]
        if count:
            total += count
            found.append(Finding(f"{count} rows belong to no patient of the store", table, lost=True))
    return Lost(total, tuple(found))
