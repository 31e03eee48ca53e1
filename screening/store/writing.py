"""Writing a store: into a folder beside it first, which takes its name only when everything is there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from screening.store.database import package
from screening.store.errors import TargetError
from screening.store.rows import Row
from screening.store.scratch import make, running
from screening.store.shape import META, TABLES

_CHUNK = 50_000
"""Rows held before they are written."""

_UNFINISHED = ".unfinished-"


@contextmanager
def finished(target: Path) -> Iterator[Path]:
    """A new folder that becomes *target* if all goes well, and vanishes if not. A killed run leaves only a folder of
    another name, which the next run removes. Raises TargetError where *target* is there and is no store.
    """
    _refuse_foreign(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(target)
    folder = target.parent / f".{target.name}{_UNFINISHED}{os.getpid()}"
    try:  # a signal may come as soon as the folder is there
        make(folder, target)
        yield folder
        _put_in_place(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_foreign(target: Path) -> None:
    if target.exists() and not (target / META).is_file() and not _empty(target):
        raise TargetError(str(target), "is there already and is no store", "Give a name that is not taken.")


def _empty(target: Path) -> bool:
    return target.is_dir() and not any(target.iterdir())


def _remove_leftovers(target: Path) -> None:
    for left in target.parent.glob(f".{target.name}{_UNFINISHED}*"):
        if not running(left.name.rpartition("-")[2]):
            shutil.rmtree(left, ignore_errors=True)


def _put_in_place(folder: Path, target: Path) -> None:
    old = target.parent / f".{target.name}{_UNFINISHED}{os.getpid()}-old"
    if target.exists():
        target.rename(old)
    try:
        folder.rename(target)
    except OSError:
        with suppress(OSError):
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_meta(folder: Path, meta: Mapping[str, Any]) -> None:
    """The description of a store; it holds no time of day, so that the same input gives the same bytes."""
    (folder / META).write_text(json.dumps(meta, indent=2, ensure_ascii=False) + "\n", encoding="utf8")


def arrow_schema(kinds: Mapping[str, str]) -> Any:  # noqa: ANN401 -- pyarrow has no types
    """The columns of a table, given by their DuckDB types, as Arrow has them."""
    arrow = package("pyarrow", "a store")
    return arrow.schema([(name, _arrow_type(arrow, kind)) for name, kind in kinds.items()])


def _arrow_type(arrow: Any, kind: str) -> Any:  # noqa: ANN401 -- pyarrow has no types
    if kind.endswith("[]"):
        return arrow.list_(_arrow_type(arrow, kind.removesuffix("[]")))
    if kind.startswith("STRUCT("):
        fields = (part.split() for part in kind.removeprefix("STRUCT(").removesuffix(")").split(","))
        return arrow.struct([(name, _arrow_type(arrow, of)) for name, of in fields])
    plain = {"VARCHAR": "string", "DOUBLE": "float64", "DATE": "date32", "BOOLEAN": "bool_", "BIGINT": "int64"}
    return getattr(arrow, plain[kind])()


class Writer:
    """Takes rows one by one and writes them in chunks, one Parquet file a table; counts them."""

    def __init__(self, folder: Path) -> None:
        """Nothing is open until the first row of a table comes."""
        self._folder = folder
        self._arrow = package("pyarrow", "a store")
        self._parquet = package("pyarrow.parquet", "a store")
        self._held: dict[str, list[Row]] = {name: [] for name in TABLES}
        self._files: dict[str, Any] = {}
        self.counts = dict.fromkeys(TABLES, 0)

    def __enter__(self) -> Self:
        """The writer itself."""
        return self

    def add(self, table: str, row: Row) -> None:
        """One row."""
        held = self._held[table]
        held.append(row)
        self.counts[table] += 1
        if len(held) >= _CHUNK:
            self._flush(table)

    def _flush(self, table: str) -> None:
        schema = arrow_schema(TABLES[table])
        if table not in self._files:
            path = self._folder / f"{table}.parquet"
            self._files[table] = self._parquet.ParquetWriter(path, schema, compression="zstd")
        self._files[table].write_table(self._arrow.Table.from_pylist(self._held[table], schema=schema))
        self._held[table] = []

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Writes what is held, empty tables as well, so that a store always has all its tables."""
        if kind is None:
            for table in TABLES:
                if self._held[table] or table not in self._files:
                    self._flush(table)
        for file in self._files.values():
            file.close()
