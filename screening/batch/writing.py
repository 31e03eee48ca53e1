"""The result file: Parquet, CSV or a workbook, in blocks of rows, the same bytes for the same answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from screening.batch import codes
from screening.batch.about import KEY
from screening.batch.sheets import Csv, File, Workbook, kind_of
from screening.batch.trial import INTERPRETER_ONLY, VERDICTS, Criterion, TrialSql
from screening.store.database import package

ROWS = 122_880
"""Rows of a row group."""

Arrow = Any
"""Arrays, batches, tables and schemas of pyarrow; the package is an extra and has no types."""


class Writer:
    """Writes the rows of one trial after another; the file gets its name when the last one is in it."""

    def __init__(
        self, path: Path, folder: Path, criteria: Sequence[str], about: str, margins: Collection[str] = ()
    ) -> None:
        """Nothing is written yet. *folder*: for the unfinished file. *about*: kept in the metadata of Parquet.

        *margins*: the criteria that have a column <id>_margin.
        """
        self._path, self._criteria, self._about, self._margins = path, criteria, about, frozenset(margins)
        self._temporary = folder / path.name
        self._arrow = package("pyarrow", str(path))
        self._words = _Words(self._arrow)
        self._file: File | None = None
        self._layout: Arrow = None

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Gives the file its name if all went well."""
        if self._file is not None:
            self._file.close()
            if kind is None:
                self._temporary.replace(self._path)

    def write(self, trial: TrialSql, batches: Iterable[Arrow]) -> None:
        """Appends the rows of a trial, given as batches of patient_id, verdict, failed, unknown, c0, c1 …"""
        for table in _regrouped(self._arrow, batches):
            if self._file is None:
                self._layout = self._schema(table.schema)
                self._file = self._opened()
            self._file.write(self._filled(trial, table))

    def _opened(self) -> File:
        """The unfinished file, in the format that the name asks for."""
        match kind_of(self._path):
            case "csv":
                return Csv(self._temporary, self._about)
            case "xlsx":
                return Workbook(self._temporary, self._about)
            case _:
                return _Parquet(self._temporary, self._layout, self._about)

    def _schema(self, given: Arrow) -> Arrow:
        arrow = self._arrow
        text = self._words.kind
        fields = [arrow.field("trial", text), given.field("patient_id"), arrow.field("verdict", text)]
        fields += [arrow.field(name, arrow.int16()) for name in ("failed", "unknown")]
        for name in self._criteria:
            fields += [arrow.field(name, arrow.bool_()), arrow.field(f"{name}_reason", text)]
            if name in self._margins:
                fields.append(arrow.field(f"{name}_margin", arrow.float64()))
        return arrow.schema(fields)

    def _filled(self, trial: TrialSql, table: Arrow) -> Arrow:
        """The columns of the file; a criterion that this trial has not is NULL without a reason."""
        schema, words, rows = self._layout, self._words, table.num_rows
        made = {
            "trial": words.repeated(trial.trial, rows),
            "patient_id": table.column("patient_id"),
            "verdict": words.verdict(table.column("verdict")),
            "failed": table.column("failed"),
            "unknown": table.column("unknown"),
        }
        for at, item in enumerate(trial.criteria):
            code = table.column(f"c{at}")
            made[item.rule.id], made[f"{item.rule.id}_reason"] = words.passed(code), words.reason(code, item)
            if item.margin is not None:
                made[f"{item.rule.id}_margin"] = table.column(f"m{at}")
        columns = [made[field.name] if field.name in made else self._arrow.nulls(rows, field.type) for field in schema]
        return self._arrow.Table.from_arrays(columns, schema=schema)


class _Parquet:
    """With types, and the description of the run in its metadata."""

    def __init__(self, path: Path, schema: Arrow, about: str) -> None:
        self._writer = package("pyarrow.parquet", str(path)).ParquetWriter(
            path, schema, compression="zstd", store_schema=False
        )
        self._writer.add_key_value_metadata({KEY.decode(): about})

    def write(self, table: Arrow) -> None:
        """Appends a row group."""
        self._writer.write_table(table, row_group_size=ROWS)

    def close(self) -> None:
        """Ends the file."""
        self._writer.close()


def _regrouped(arrow: Arrow, batches: Iterable[Arrow]) -> Iterator[Arrow]:
    """Tables of `ROWS` rows each, whatever the size of the batches: row groups are part of the bytes of a file.

    Of no rows at all one table without rows, so that there is a file, and its columns are known.
    """
    held: list[Arrow] = []
    empty = True
    for batch in batches:
        empty = False
        held.append(batch)
        while sum(item.num_rows for item in held) >= ROWS:
            table = arrow.Table.from_batches(held)
            yield table.slice(0, ROWS).combine_chunks()
            held = table.slice(ROWS).to_batches()
    if held:
        yield arrow.Table.from_batches(held).combine_chunks()
    elif empty and hasattr(batches, "schema"):
        yield batches.schema.empty_table()


class _Words:
    """Codes → what they say, as columns of words by number: no text is looked at more than once."""

    def __init__(self, arrow: Arrow) -> None:
        self._arrow = arrow
        self.kind = arrow.dictionary(arrow.int8(), arrow.string())
        inside = range(codes.FALSE, codes.ASK + 1)
        self._passed = arrow.array([{codes.FALSE: False, codes.TRUE: True}.get(code) for code in inside])
        numbers = {codes.unknown(reason): number for number, reason in enumerate(codes.REASONS)}
        self._reasons = arrow.array([numbers.get(code) for code in inside], arrow.int8())
        self._refused = arrow.array([0 if code == codes.NOT_UNDERSTOOD else None for code in inside], arrow.int8())

    def repeated(self, word: str, rows: int) -> Arrow:
        """One word for all rows."""
        return self._spelt(self._arrow.repeat(self._arrow.scalar(0, self._arrow.int8()), rows), [word])

    def verdict(self, numbers: Arrow) -> Arrow:
        """The verdicts by their numbers."""
        return self._spelt(_whole(numbers), list(VERDICTS))

    def passed(self, code: Arrow) -> Arrow:
        """Pass, fail or NULL."""
        return self._passed.take(_whole(code))

    def reason(self, code: Arrow, item: Criterion) -> Arrow:
        """Why it is unknown."""
        if item.refused is not None:
            return self._spelt(self._refused.take(_whole(code)), [INTERPRETER_ONLY])
        return self._spelt(self._reasons.take(_whole(code)), [reason.value for reason in codes.REASONS])

    def _spelt(self, numbers: Arrow, words: list[str]) -> Arrow:
        return self._arrow.DictionaryArray.from_arrays(numbers, self._arrow.array(words))


def _whole(column: Arrow) -> Arrow:
    """The one chunk of a column."""
    return column.combine_chunks() if hasattr(column, "combine_chunks") else column
