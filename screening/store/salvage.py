"""A damaged store made usable: what can be read of its Parquet files, with what is lost among its findings.

Where rows of a list (conditions, medications, …) are lost, that list is complete for nobody any more: what is not in it
may have been in the rows that are lost.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from screening.patient import EventKind, Finding
from screening.store.damage import is_damaged, parts
from screening.store.database import columns, connect, literal, package, readable
from screening.store.diagnosis import diagnosed
from screening.store.errors import DamagedError
from screening.store.reading import Store
from screening.store.rows import finding_row
from screening.store.scratch import place
from screening.store.shape import FINDINGS, LISTS, TABLES
from screening.store.writing import arrow_schema

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A store of what can be read of another. *unsure*: lists of which rows are lost, so that silence says nothing."""

    store: Store
    unsure: frozenset[EventKind] = frozenset()


def with_salvage(path: str | Path, use: Callable[[Salvaged], T], *, at_once: bool = False) -> T:
    """What *use* makes of the store, or of what can be read of it. It must not hand out what is read only later.

    *at_once*: it is known to be damaged. Raises StoreError where there is no store, and DamagedError where nothing
    helps.
    """
    store = Store.at(path)
    unread: DamagedError | None = None
    try:
        if not at_once:
            return use(Salvaged(store, store.unsure))
    except DamagedError as problem:
        unread = problem
    folder = place("salvaged")
    try:
        found = salvaged(store, folder)
        if found is None and unread is not None:
            raise diagnosed(store, unread)
        return use(Salvaged(store, store.unsure) if found is None else found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def salvaged(store: Store, folder: Path) -> Salvaged | None:
    """A store in *folder* with what can be read of *store*; None if none of its rows is damaged.

    *folder* is made here and is the caller's to remove. Raises DamagedError for a file that does not even say of what
    it consists.
    """
    damaged = {table: files for table in TABLES if (files := list(_damaged(store, table)))}
    if not damaged:
        return None
    folder.mkdir(mode=0o700)
    found: list[Finding] = []
    for table in TABLES:
        if store.source(table) is not None:
            found += _copied(store, table, damaged.get(table, []), folder)
    unsure = frozenset(LISTS) & damaged.keys()
    found += _undeclare(store, folder, unsure)
    _tell(folder, found)
    return Salvaged(Store.at(folder), store.unsure.union(LISTS[name] for name in unsure))


def _damaged(store: Store, table: str) -> Iterator[Path]:
    """The files of a table of which rows cannot be read."""
    if store.source(table) is None:
        return
    arrow = package("pyarrow", str(store.path))
    for file in store.files(table):
        try:
            damaged = is_damaged(file)
        except (OSError, arrow.ArrowException):
            raise DamagedError(str(file), "its end cannot be read", "Export or convert it again.") from None
        if damaged:
            yield file


def _copied(store: Store, table: str, damaged: list[Path], folder: Path) -> Iterator[Finding]:
    """A folder of parts: sound files as they are, of the others what can be read."""
    target = folder / table
    target.mkdir()
    for file in store.files(table):
        if file in damaged:
            yield from _rewritten(file, target / file.name)
        else:
            _linked(file, target / file.name)


def _linked(file: Path, target: Path) -> None:
    try:
        target.symlink_to(file.resolve())
    except OSError:  # where links are not allowed
        shutil.copy2(file, target)


def _rewritten(file: Path, target: Path) -> Iterator[Finding]:
    parquet = package("pyarrow.parquet", str(file))
    with parquet.ParquetWriter(target, parquet.read_schema(file), compression="zstd") as writer:
        for part in parts(file):
            if part.rows is None:
                yield part.finding
            else:
                writer.write_table(part.rows)


def _undeclare(store: Store, folder: Path, unsure: frozenset[str]) -> Iterator[Finding]:
    """Takes back that the lists of which rows are lost were complete."""
    if not unsure or store.source("complete") is None:
        return
    copied = Store(folder)
    names = ", ".join(map(literal, sorted(unsure)))
    kept = folder / "complete.parquet"
    with closing(connect(str(store.path))) as connection, readable(str(store.path)):
        source = copied.source("complete")
        wanted = ", ".join(name for name in columns(connection, str(source)) if name in ("patient_id", "list"))
        query = f"SELECT {wanted} FROM {source} WHERE list NOT IN ({names}) ORDER BY filename, file_row_number"
        connection.execute(f"COPY ({query}) TO {literal(str(kept))} (FORMAT parquet)")
    shutil.rmtree(folder / "complete")
    for name in sorted(unsure):
        yield Finding(f"{name} complete for nobody any more: rows of it are lost", f"{name}.parquet")


def _tell(folder: Path, found: list[Finding]) -> None:
    """Adds what is lost to the findings of the store."""
    arrow, parquet = package("pyarrow", str(folder)), package("pyarrow.parquet", str(folder))
    (folder / "findings").mkdir(exist_ok=True)
    rows = arrow.Table.from_pylist([finding_row(finding) for finding in found], schema=arrow_schema(FINDINGS))
    parquet.write_table(rows, folder / "findings" / "salvaged.parquet")
