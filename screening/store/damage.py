"""A Parquet file that is damaged: what can be read of it, in order, and which rows cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screening.patient import Finding
from screening.store.database import package

Arrow = Any
"""Tables of pyarrow; the package is an extra and has no types."""

_BATCH = 1_000
"""Rows that are tried at a time in a row group that cannot be read whole."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a file, from *first* (counted from 0) on; *rows* is None where they cannot be read."""

    file: Path
    first: int
    count: int
    rows: Arrow | None = None

    @property
    def finding(self) -> Finding:
        """That these rows were left out."""
        place = f"{self.file.name}: rows {self.first + 1} to {self.first + self.count}"
        return Finding(f"damaged part left out ({self.count} rows)", place, lost=True, rows=self.count)


def parts(file: Path) -> Iterator[Part]:
    """The file row group by row group; of a damaged group the rows before its first damaged page.

    Raises an error of pyarrow where not even the list of row groups can be read.
    """
    arrow = package("pyarrow", str(file))
    held = package("pyarrow.parquet", str(file)).ParquetFile(file)
    first = 0
    for number in range(held.num_row_groups):
        count = held.metadata.row_group(number).num_rows
        try:
            whole = held.read_row_group(number)
        except (OSError, arrow.ArrowException):
            yield from _head(held, number, Part(file, first, count), arrow)
        else:
            yield Part(file, first, count, whole)
        first += count


def _head(held: Any, number: int, group: Part, arrow: Any) -> Iterator[Part]:  # noqa: ANN401 -- a ParquetFile, pyarrow
    """The rows of a group that can be read before the first that cannot, and the others as lost."""
    found = []
    with suppress(OSError, arrow.ArrowException):
        for batch in held.iter_batches(_BATCH, row_groups=[number]):
            found.append(batch)  # noqa: PERF402 -- those before the error count
    count = sum(batch.num_rows for batch in found)
    if count:
        yield Part(group.file, group.first, count, arrow.Table.from_batches(found))
    if count < group.count:
        yield Part(group.file, group.first + count, group.count - count)


def is_damaged(file: Path) -> bool:
    """Whether rows of it cannot be read; all of it is looked at."""
    return any(part.rows is None for part in parts(file))
