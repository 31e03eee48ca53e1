"""DuckDB, imported only when a store is used: the base installation works without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from screening.store.errors import DamagedError, MissingExtraError, StoreError
from screening.store.scratch import place

_FULL = "No space left on device"
_MAKE_ROOM = "Make room there, or write elsewhere."

Connection = Any
"""A duckdb.DuckDBPyConnection; the package is an extra."""

_EXTRAS = {
    "duckdb": "batch",
    "pyarrow": "batch",
    "openpyxl": "excel",
    "pyreadstat": "sdtm",
    "pyspark": "spark",
    "matplotlib": "report",
}


def package(name: str, what: str) -> Any:  # noqa: ANN401 -- a module
    """The module of a package that comes with an extra. Raises MissingExtraError, which names the extra."""
    try:
        return import_module(name)
    except ImportError:
        raise MissingExtraError(what, name, _EXTRAS[name.partition(".")[0]]) from None


def connect(what: str, spill: Path | None = None) -> Connection:
    """A database in memory that spills into the folder *spill*, or one of this process, when it grows."""
    return package("duckdb", what).connect(config={"temp_directory": str(spill or place("spill"))})


def quoted(name: str) -> str:
    """An identifier.

    >>> quoted('end')
    '"end"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | None) -> str:
    """A text constant, or NULL.

    >>> literal("it's"), literal(None)
    ("'it''s'", 'NULL')
    """
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def columns(connection: Connection, relation: str) -> list[str]:
    """The names of the columns of a table, view or table function."""
    return [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()]


def make(connection: Connection, name: str, types: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table with columns c0, c1, … from Python rows; meant for lookups of some thousands of rows."""
    listed = ", ".join(f"c{number} {kind}" for number, kind in enumerate(types))
    connection.execute(f"CREATE OR REPLACE TABLE {name} ({listed})")
    held = [list(row) for row in rows]
    if held:
        marks = ", ".join("?" for _ in types)
        connection.executemany(f"INSERT INTO {name} VALUES ({marks})", held)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turns what DuckDB says of a damaged file, or of too little room, into one line that holds no value of it."""
    duckdb = package("duckdb", name)
    try:
        yield
    except duckdb.OutOfMemoryException:
        what = "needs more memory than it may use"
        raise StoreError(name, what, "Give more with --memory, or take fewer --threads.") from None
    except duckdb.Error as problem:
        if _FULL in str(problem):
            raise StoreError(name, "no space left on a disk that is written to", _MAKE_ROOM) from None
        raise DamagedError(name, f"cannot be read ({_kind(problem)})", "Export or convert it again.") from None


def _kind(problem: Exception) -> str:
    """The first words of DuckDB's message, which name the kind of error and not the data."""
    return str(problem).partition(":")[0].partition("\n")[0][:60]
