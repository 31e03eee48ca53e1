"""Reading a store: its patients one by one, whole, in the order of its table of patients."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from screening.patient import EventKind, Finding, Patient
from screening.store import rows
from screening.store.database import Connection, columns, connect, literal, make, quoted, readable
from screening.store.errors import StoreError
from screening.store.rows import Held, Row
from screening.store.shape import LISTS, META, TABLES, UNSURE

_FETCH = 5_000
COUNTED = "count({0}), count(DISTINCT {0})"
"""Rows with an id, and different ids, of a column."""

_SHARED = """SELECT min(row) FROM (SELECT file_row_number + 1 AS row FROM {people} WHERE patient_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY patient_id ORDER BY filename, file_row_number) > 1)"""

_FACTS = ("observations", *LISTS, "complete", "attestations", "findings")


def is_store(path: str | Path) -> bool:
    """Whether a folder holds a store."""
    return _holds(Path(path), "patients")


def _holds(folder: Path, table: str) -> bool:
    return (folder / f"{table}.parquet").exists() or _is_parts(folder / table)


def _is_parts(folder: Path) -> bool:
    return folder.is_dir() and any(folder.glob("*.parquet"))


def read_store(path: str | Path, ids: Sequence[str] | None = None) -> Iterator[Patient]:
    """The patients of a store, or those of some *ids*; the inverse of `convert` for whatever it keeps.

    Raises StoreError where *path* is no store or its Parquet files are damaged.
    """
    return Store.at(path).patients(ids)


@dataclass(frozen=True)
class Store:
    """A folder of Parquet tables; `patients.parquet`, or a folder `patients/` of parts, as engines write them."""

    path: Path

    @classmethod
    def at(cls, path: str | Path) -> Store:
        """The store at *path*; refuses a folder that is none."""
        if not is_store(path):
            raise StoreError(
                str(path), "no store: it has no patients.parquet", "Make one with: screening store convert IN OUT"
            )
        return cls(Path(path))

    def source(self, table: str) -> str | None:
        """The table as SQL reads it; None where the store has none."""
        if not _holds(self.path, table):
            return None
        file = self.path / f"{table}.parquet"
        pattern = file if file.is_file() else next(p for p in (file, self.path / table) if p.is_dir()) / "*.parquet"
        return f"read_parquet({literal(str(pattern))}, union_by_name = true, filename = true, file_row_number = true)"

    def files(self, table: str) -> list[Path]:
        """The files of a table, in the order in which DuckDB numbers them."""
        file = self.path / f"{table}.parquet"
        if file.is_file():
            return [file]
        return sorted(next(p for p in (file, self.path / table) if p.is_dir()).glob("*.parquet"), key=str)

    @cached_property
    def fingerprint(self) -> str:
        """Tells stores apart by the size of each file and by what it says at its end of its rows (numbers, least and
        greatest values); so nothing has to be read twice."""
        made = hashlib.sha256()
        for table in TABLES:
            for file in self.files(table) if _holds(self.path, table) else ():
                made.update(f"{table}/{file.name} {file.stat().st_size}\n".encode())
                made.update(_end(file))
        return made.hexdigest()[:12]

    @cached_property
    def unsure(self) -> frozenset[EventKind]:
        """The lists of which rows were lost when the store was made: silence in them says nothing."""
        try:
            said = json.loads((self.path / META).read_bytes()).get(UNSURE, ())
        except FileNotFoundError:  # tables that another program wrote
            return frozenset()
        except (OSError, ValueError, AttributeError):
            raise StoreError(str(self.path / META), "cannot be read", "Convert the source again.") from None
        return frozenset(LISTS[name] for name in said if name in LISTS)

    def patients(self, ids: Sequence[str] | None = None) -> Iterator[Patient]:
        """The patients, one by one; tables are sorted by DuckDB, which spills to disk, never all held here."""
        with closing(connect(str(self.path))) as connection, self._readable():
            self._choose(connection, ids)
            readers = {table: _Groups(self._rows(connection, table)) for table in _FACTS if self.source(table)}
            for number, person in self._rows(connection, "patients"):
                yield rows.patient(Held(person, {table: groups.take(number) for table, groups in readers.items()}))

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What was left out when the store was made, and rows that belong to no patient of it."""
        with closing(connect(str(self.path))) as connection, self._readable():
            return (*self._recorded(connection), *self._orphans(connection))

    def _readable(self) -> AbstractContextManager[None]:
        return readable(str(self.path))

    def _choose(self, connection: Connection, ids: Sequence[str] | None) -> None:
        """The temporary table `chosen`: position and id of the patients asked for."""
        people = self.source("patients")
        connection.execute(
            f"CREATE TABLE chosen AS SELECT row_number() OVER (ORDER BY filename, file_row_number) AS position,"
            f" patient_id AS chosen_id FROM {people} WHERE patient_id IS NOT NULL"
        )
        if ids is not None:
            make(connection, "wanted", ["VARCHAR"], [(str(name),) for name in ids])
            connection.execute("DELETE FROM chosen WHERE CAST(chosen_id AS VARCHAR) NOT IN (SELECT c0 FROM wanted)")
        self.refuse_shared(*connection.execute(f"SELECT {COUNTED.format('chosen_id')} FROM chosen").fetchone())

    def refuse_shared(self, rows: int, ids: int) -> None:
        """Raises StoreError where several rows of patients have one id: nobody can tell whose the facts are."""
        if rows > ids:
            with closing(connect(str(self.path))) as connection:
                first = connection.execute(_SHARED.format(people=self.source("patients"))).fetchone()[0]
            what = (
                f"{rows - ids:,} rows share their id with another, the first row {first}: nobody can tell whose facts"
            )
            raise StoreError(f"{self.path}: patients", what, "Give each patient one row and an id of its own.")

    def _rows(self, connection: Connection, table: str) -> Iterator[tuple[int, Row]]:
        """(position of the patient, row), by position, then as written."""
        source = self.source(table)
        held = {name.casefold() for name in columns(connection, str(source))}
        listed = [_column(name, kind, name in held) for name, kind in TABLES[table].items()]
        cursor = connection.cursor()
        cursor.execute(
            f"SELECT position, {', '.join(listed)} FROM {source} AS t JOIN chosen ON t.patient_id = chosen_id"
            " ORDER BY position, filename, file_row_number"
        )
        names = list(TABLES[table])
        while batch := cursor.fetchmany(_FETCH):
            for position, *values in batch:
                yield position, dict(zip(names, values, strict=True))

    def _recorded(self, connection: Connection) -> list[Finding]:
        source = self.source("findings")
        if source is None:
            return []
        counted = "rows" if "rows" in columns(connection, source) else "NULL"
        told = f"source, message, lost, {counted} AS rows"
        cursor = connection.execute(f"SELECT {told} FROM {source} WHERE patient_id IS NULL")
        names = [column[0] for column in cursor.description]
        return [rows.finding(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]

    def _orphans(self, connection: Connection) -> Iterator[Finding]:
        people = self.source("patients")
        nameless, shared = connection.execute(
            f"SELECT count(*) FILTER (patient_id IS NULL), count(patient_id) - count(DISTINCT patient_id) FROM {people}"
        ).fetchone()
        if nameless:
            yield Finding(f"{nameless} rows without patient id", "patients", lost=True, rows=nameless)
        if shared:
            yield Finding(
                f"{shared} rows share their id with another: such a store is not screened", "patients", rows=shared
            )
        for table in ("observations", *LISTS):
            source = self.source(table)
            if source is None:
                continue
            count = connection.execute(
                f"SELECT count(*) FROM {source} AS t WHERE NOT EXISTS"
                f" (SELECT 1 FROM {people} AS p WHERE p.patient_id = t.patient_id)"
            ).fetchone()[0]
            if count:
                yield Finding(f"{count} rows belong to no patient of the store", table, lost=True, rows=count)


def _end(file: Path) -> bytes:
    """The last part of a Parquet file, which describes the others; it says its own length."""
    with file.open("rb") as held:
        size = held.seek(0, 2)
        held.seek(max(size - 8, 0))
        length = int.from_bytes(held.read(4), "little")
        held.seek(max(size - 8 - length, 0))
        return held.read()


def _column(name: str, kind: str, there: bool) -> str:
    if not there:
        return f"NULL AS {quoted(name)}"
    if name == "patient_id":
        return "CAST(t.patient_id AS VARCHAR) AS patient_id"
    return f"t.{quoted(name)}" if kind != "DATE" else f"CAST(t.{quoted(name)} AS DATE) AS {quoted(name)}"


class _Groups:
    """Rows sorted by patient, taken one patient at a time."""

    def __init__(self, rows: Iterable[tuple[int, Row]]) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)

    def take(self, position: int) -> list[Row]:
        """The rows of the patient at *position*."""
        found = []
        while self._next is not None and self._next[0] <= position:
            found.append(self._next[1])
            self._next = next(self._rows, None)
        return found
