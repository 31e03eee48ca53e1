"""Why a store with sound files cannot be read: a column that is missing, or holds cells of another kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from screening.store.database import Connection, connect, quoted, readable
from screening.store.errors import DamagedError, StoreError
from screening.store.reading import Store
from screening.store.shape import TABLES

_WRITTEN = {"DATE": "dates as YYYY-MM-DD", "DOUBLE": "numbers with a decimal point", "BIGINT": "whole numbers",
            "BOOLEAN": "true or false"}  # fmt: skip


def diagnosed(store: Store, problem: DamagedError) -> StoreError:
    """The problem, said by table and column where it can be found there; no cell is shown."""
    with closing(connect(str(store.path))) as connection, readable(str(store.path)):
        return next(_problems(store, connection), problem)


def _problems(store: Store, connection: Connection) -> Iterator[StoreError]:
    for table, kinds in TABLES.items():
        source = store.source(table)
        if source is None:
            continue
        rows = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        held = {row[0].casefold(): row[1] for row in rows}
        place = f"{store.path}: {table}"
        if "patient_id" not in held:
            yield StoreError(place, "there is no column patient_id", "Name it so, or convert with a mapping")
            continue
        for name, kind in kinds.items():
            if held.get(name) == "VARCHAR" and kind in _WRITTEN:
                yield from _cells(connection, source, place, name, kind)


def _cells(connection: Connection, source: str, place: str, name: str, kind: str) -> Iterator[StoreError]:
    wrong = f"{quoted(name)} IS NOT NULL AND TRY_CAST({quoted(name)} AS {kind}) IS NULL"
    count, first = connection.execute(f"SELECT count(*), min(file_row_number) FROM {source} WHERE {wrong}").fetchone()
    if count:
        what = f"{count:,} cells of the column {name} are no {kind}, the first in row {first + 1}"
        yield StoreError(place, what, f"Write {_WRITTEN[kind]}, or convert with a mapping")
