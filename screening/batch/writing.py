"""The result file: Parquet under a temporary name until it is whole, the same bytes for the same answer."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from screening.store.database import package

ROWS = 122_880
"""Rows of a row group."""


class Writer:
    """Writes the rows of one trial after another; the file gets its name when the last one is in it."""

    def __init__(self, path: Path, criteria: tuple[str, ...], about: str) -> None:
        """Nothing is written yet. *about*: program, date and hashes, kept in the file's metadata."""
        self._path, self._criteria, self._about = path, criteria, about
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._arrow, self._parquet = package("pyarrow", str(path)), package("pyarrow.parquet", str(path))
        self._writer: Any = None

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Gives the file its name, or takes back what there is of it."""
        if self._writer is not None:
            self._writer.close()
        if kind is None and self._temporary.exists():
            self._temporary.replace(self._path)
        self._temporary.unlink(missing_ok=True)

    def write(self, rows: Any) -> None:  # noqa: ANN401 -- a DuckDB relation
        """Appends rows; a criterion that this trial has not is NULL without a reason."""
        for batch in rows.to_arrow_table().to_batches(ROWS):
            if self._writer is None:
                self._writer = self._parquet.ParquetWriter(
                    self._temporary, self._schema(batch.schema), compression="zstd", store_schema=False
                )
            self._writer.write_table(self._filled(batch), row_group_size=ROWS)

    def _schema(self, first: Any) -> Any:  # noqa: ANN401 -- Arrow schemas
        arrow = self._arrow
        fields = [first.field(name) for name in ("trial", "patient_id", "verdict", "failed", "unknown")]
        for name in self._criteria:
            fields += [arrow.field(name, arrow.bool_()), arrow.field(f"{name}_reason", arrow.string())]
        return arrow.schema(fields, metadata={"screening": self._about})

    def _filled(self, batch: Any) -> Any:  # noqa: ANN401 -- Arrow tables
        schema, arrow = self._writer.schema, self._arrow
        columns = [
            batch.column(field.name).cast(field.type)
            if field.name in batch.schema.names
            else arrow.nulls(batch.num_rows, field.type)
            for field in schema
        ]
        return arrow.Table.from_arrays(columns, schema=schema)
