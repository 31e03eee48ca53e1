"""Text files → tables of a database: every cell as text, so that digits stay as written."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path

from screening.patient import Finding
from screening.store.database import Connection, literal, package, quoted
from screening.store.errors import StoreError

_PIECE = 1 << 20

_PROBLEMS = {"invalid encoding": "not UTF-8; save the file as UTF-8"}
"""What is wrong with a line, where DuckDB's words do not say what to do."""


def load(connection: Connection, name: str, file: Path, delimiter: str | None, scratch: Path) -> Iterator[Finding]:
    """Makes the table *name*; lines that are not UTF-8, or have too few or too many cells, are left out.

    Raises StoreError for what is no table at all. *scratch*: a folder for a copy.
    """
    _refuse_unreadable(file)
    refused = package("duckdb", str(file)).InvalidInputException
    try:
        _read(connection, name, file, delimiter)
    except refused:
        try:
            _read(connection, name, _with_one_line_end(file, scratch), delimiter)
        except refused:
            what = "its columns cannot be told apart"
            raise StoreError(str(file), what, "Check quotes that are not closed, and save it as CSV again.") from None
    rejected = "SELECT line, lower(CAST(min(error_type) AS VARCHAR)) FROM reject_errors GROUP BY line ORDER BY line"
    for line, problem in connection.execute(rejected).fetchall():
        said = _PROBLEMS.get(problem, problem)
        yield Finding(f"damaged line left out: {said}", f"{file.name}: line {line}", lost=True)


def _read(connection: Connection, name: str, file: Path, delimiter: str | None) -> None:
    sign = f", delim = {literal(delimiter)}" if delimiter else ""
    connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    connection.execute(
        f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT *, row_number() OVER () - 1 AS file_row_number"
        f" FROM read_csv({literal(str(file))}, all_varchar = true, header = true, store_rejects = true{sign})"
    )


def _opened(file: Path) -> BufferedIOBase:
    return gzip.open(file, "rb") if file.suffix.lower() == ".gz" else file.open("rb")


def _refuse_unreadable(file: Path) -> None:
    """An empty file, and UTF-16, of which spreadsheets make "Unicode text"."""
    try:
        with _opened(file) as held:
            head = held.read(4)
    except (OSError, EOFError, zlib.error):
        return  # for DuckDB to say
    if not head.strip():
        raise StoreError(str(file), "the file is empty", "Export it again, or write at least a header")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head:
        raise StoreError(str(file), "UTF-16, or no text at all", "Save it as CSV in UTF-8")


def _with_one_line_end(file: Path, scratch: Path) -> Path:
    """A copy whose lines all end alike: files put together from several have both kinds, which DuckDB refuses."""
    if file.suffix.lower() == ".zst":
        return file
    copied = scratch / f"{file.name.split('.')[0]}.csv"
    with _opened(file) as source, copied.open("wb") as target:
        while piece := source.read(_PIECE):
            while piece.endswith(b"\r") and (more := source.read(1)):
                piece += more
            target.write(piece.replace(b"\r\n", b"\n"))
    return copied
