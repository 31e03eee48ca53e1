"""The result as CSV or as a workbook, for people: pass, fail or unknown in words, each row complete in itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from screening.store import spreadsheet
from screening.store.database import package
from screening.store.errors import TargetError

Arrow = Any
"""Arrays, tables and schemas of pyarrow; the package is an extra and has no types."""

_KINDS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".xlsx": "xlsx"}


class File(Protocol):
    """A result file that is being written."""

    def write(self, table: Arrow) -> None:
        """Appends rows."""

    def close(self) -> None:
        """Ends the file."""


def kind_of(path: Path) -> str:
    """The format that a name asks for. Raises TargetError for one that a batch does not write."""
    if path.is_dir():
        raise TargetError(str(path), "is a folder", "Give a file")
    found = _KINDS.get(path.suffix.casefold())
    if found is None:
        what = f"nothing is written as {path.suffix}" if path.suffix else "the name does not say in which format"
        raise TargetError(str(path), what, "Let it end in .parquet, .csv or .xlsx")
    return found


def check_size(path: Path, rows: int, criteria: int) -> None:
    """Refuses a workbook that does not hold the rows: better before the work than after it."""
    if kind_of(path) == "xlsx" and (rows > spreadsheet.ROWS or criteria * 3 > spreadsheet.COLUMNS):
        held = f"a sheet holds {spreadsheet.ROWS:,} rows and {spreadsheet.COLUMNS:,} columns, too few for this result"
        raise TargetError(str(path), held, "Write .parquet or .csv")


class _Words:
    """Rows of a result with truth values in words, headed by what they come from."""

    def __init__(self, about: str) -> None:
        """*about*: the result's description of itself."""
        self._arrow, self._compute = package("pyarrow", "CSV"), package("pyarrow.compute", "CSV")
        self._about: dict[str, Any] = json.loads(about)

    @property
    def on(self) -> date:
        """The screening date."""
        return date.fromisoformat(self._about["on"])

    def said(self, table: Arrow) -> Arrow:
        """The table with the columns trial, on, rules, program, patient_id, verdict, … as text and numbers."""
        trials = table.column("trial").cast("string").combine_chunks()
        hashes = self._about["rules"]
        made = {
            "trial": trials,
            "on": self._repeated(self._about["on"], table.num_rows),
            "rules": self._arrow.array([hashes[trial] for trial in trials.to_pylist()], "string"),
            "program": self._repeated(self._about["program"], table.num_rows),
        }
        for name in table.column_names[1:]:
            made[name] = self._column(table, name)
        return self._arrow.table(made)

    def _repeated(self, text: str, rows: int) -> Arrow:
        return self._arrow.repeat(self._arrow.scalar(text, "string"), rows)

    def _column(self, table: Arrow, name: str) -> Arrow:
        column = table.column(name)
        if self._arrow.types.is_boolean(column.type):
            return self._outcome(column, table.column(f"{name}_reason"))
        return column.cast("string") if self._arrow.types.is_dictionary(column.type) else column

    def _outcome(self, passed: Arrow, reason: Arrow) -> Arrow:
        """Pass, fail, unknown; nothing for the deceased, and where the trial has no such criterion."""
        compute, none = self._compute, self._arrow.scalar(None, "string")
        decided = compute.if_else(passed, "pass", "fail")
        return compute.coalesce(decided, compute.if_else(compute.is_valid(reason), "unknown", none))


class Csv:
    """UTF-8 with commas and a head."""

    def __init__(self, path: Path, about: str) -> None:
        """Nothing is written before the first rows come."""
        self._path, self._words = path, _Words(about)
        self._csv = package("pyarrow.csv", str(path))
        self._file: Any = None

    def write(self, table: Arrow) -> None:
        """Appends rows; text that a spreadsheet would execute gets an apostrophe before it."""
        said = _defused(self._words.said(table))
        if self._file is None:
            self._file = self._csv.CSVWriter(self._path, said.schema)
        self._file.write_table(said)

    def close(self) -> None:
        """Ends the file."""
        if self._file is not None:
            self._file.close()


def _defused(table: Arrow) -> Arrow:
    """Ids and trials come from outside; the other words are the program's own."""
    arrow = package("pyarrow", "CSV")
    for name in ("trial", "patient_id"):
        at, column = table.column_names.index(name), table.column(name)
        if arrow.types.is_string(column.type) or arrow.types.is_large_string(column.type):
            texts = [None if text is None else spreadsheet.safe(text) for text in column.to_pylist()]
            table = table.set_column(at, name, arrow.array(texts, "string"))
    return table


class Workbook:
    """One sheet with a fixed head."""

    def __init__(self, path: Path, about: str) -> None:
        """*path* stands in a folder of the run's own."""
        self._words = _Words(about)
        self._saving = spreadsheet.workbook(path, self._words.on)
        self._book = self._saving.__enter__()
        self._sheet = self._book.create_sheet("result")
        self._sheet.freeze_panes = "A2"
        self._headed = False

    def write(self, table: Arrow) -> None:
        """Appends rows; text stays text, whatever it begins with."""
        said = self._words.said(table)
        if not self._headed:
            self._sheet.append([spreadsheet.text_cell(self._sheet, name, bold=True) for name in said.column_names])
            self._headed = True
        for row in zip(*(column.to_pylist() for column in said.columns), strict=True):
            self._sheet.append(self._cells(row))

    def _cells(self, row: Sequence[object]) -> list[object]:
        return [spreadsheet.text_cell(self._sheet, cell) if isinstance(cell, str) else cell for cell in row]

    def close(self) -> None:
        """Saves it."""
        self._saving.__exit__(None, None, None)
