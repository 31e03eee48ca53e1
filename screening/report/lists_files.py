"""Lists as files for other programs: CSV, JSON, XLSX, Parquet; row by row, however many there are."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from screening.lists.problems import ListError
from screening.lists.tables import Answer, Column, Provenance, Row, Table
from screening.store.database import package
from screening.store.spreadsheet import ROWS as SHEET_ROWS
from screening.store.spreadsheet import column_letter, text_cell, workbook
from screening.store.spreadsheet import safe as safe_text

_LEAD = ("trial", "on", "rules", "program")
"""What each row of a CSV file says of itself."""

_NO_DATE = date(1980, 1, 1)

_ROWS = 50_000
"""Rows held at a time."""

_WIDTHS = {"text": 18, "integer": 10, "number": 12, "date": 12, "boolean": 9}
_WIDE = 60


def csv_lines(about: Provenance, table: Table) -> Iterator[str]:
    """Head and rows."""
    yield _csv([*_LEAD, *(column.name for column in table.columns)])
    lead = [about.trial, about.on, about.rules, about.program]
    for row in table.rows:
        yield _csv([*lead, *row])


def _csv(row: Row) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerow([safe(value) for value in row])
    return out.getvalue()


def safe(value: Any) -> Any:  # noqa: ANN401 -- a cell may hold anything
    """A cell that no spreadsheet executes; truth values in words.

    >>> safe("=1+1"), safe(-0.5), safe(True)
    ("'=1+1", -0.5, 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return safe_text(value) if isinstance(value, str) else value


def json_pieces(answer: Answer) -> Iterator[str]:
    """One JSON object, piece by piece: {"name", "title", "about", "tables": [{"name", …, "rows": [{…}]}]}."""
    about = answer.about
    head = {
        "name": answer.name,
        "title": answer.title,
        "trial": about.trial,
        "cohort": about.cohort,
        "on": about.on,
        "rules": about.rules,
        "program": about.program,
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "tables": ['
    for number, table in enumerate(answer.tables):
        yield ",\n" if number else "\n"
        yield from _json_table(table)
    yield "\n]}\n"


def _json_table(table: Table) -> Iterator[str]:
    head = {"name": table.name, "title": table.title, "notes": table.notes}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "rows": ['
    for number, record in enumerate(table.records()):
        yield (",\n " if number else "\n ") + json.dumps(record, ensure_ascii=False, default=str)
    yield "\n]}"


def parquet(about: Provenance, table: Table, path: Path) -> None:
    """One table with its types; the provenance in the metadata, under the key "screening"."""
    arrow, files = package("pyarrow", "Parquet"), package("pyarrow.parquet", "Parquet")
    told = {"trial": about.trial, "on": about.on, "rules": about.rules, "program": about.program, "list": table.name}
    fields = [(column.name, _arrow_type(arrow, column)) for column in table.columns]
    schema = arrow.schema(fields, metadata={"screening": json.dumps(told, sort_keys=True, ensure_ascii=False)})
    with files.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in _chunks(table):
            columns = [
                arrow.array([_typed(row[at], column) for row in rows], field.type)
                for at, (column, field) in enumerate(zip(table.columns, schema, strict=True))
            ]
            writer.write_table(arrow.Table.from_arrays(columns, schema=schema))


def _typed(value: Any, column: Column) -> Any:  # noqa: ANN401 -- a cell may hold anything
    """A patient's id may be of any type; in a column of text it is text."""
    return str(value) if column.kind == "text" and value is not None else value


def _arrow_type(arrow: Any, column: Column) -> Any:  # noqa: ANN401 -- pyarrow has no types
    kinds: dict[str, Callable[[], Any]] = {
        "text": arrow.string,
        "integer": arrow.int64,
        "number": arrow.float64,
        "date": arrow.date32,
        "boolean": arrow.bool_,
    }
    return kinds[column.kind]()


def _chunks(table: Table) -> Iterator[list[Row]]:
    held: list[Row] = []
    for row in table.rows:
        held.append(row)
        if len(held) == _ROWS:
            yield held
            held = []
    yield held


def xlsx(answer: Answer, path: Path) -> None:
    """A workbook: a sheet a table, and one that says where it comes from. Text stays text, whatever it begins with.

    *path* stands in a folder of its own.
    """
    with workbook(path, _dated(answer.about.on)) as book:
        for table in answer.tables:
            _sheet(book, table)
        sheet = book.create_sheet("about")
        told = (answer.about.trial, answer.about.on, answer.about.rules, answer.about.program)
        for name, value in zip(_LEAD, told, strict=True):
            sheet.append([_cell(sheet, name), _cell(sheet, value)])
        for table in answer.tables:
            for line in (table.title, *table.notes):
                sheet.append([_cell(sheet, table.name), _cell(sheet, line)])


def _dated(on: str) -> date:
    """The screening date; a result that does not name it has none."""
    try:
        return date.fromisoformat(on)
    except ValueError:
        return _NO_DATE


def _sheet(book: Any, table: Table) -> None:  # noqa: ANN401 -- openpyxl has no types
    sheet = book.create_sheet(table.name[:31])
    sheet.freeze_panes = "A2"
    for number, column in enumerate(table.columns):
        sheet.column_dimensions[column_letter(number + 1)].width = _WIDE if column.wide else _WIDTHS[column.kind]
    sheet.append([_cell(sheet, column.title, bold=True) for column in table.columns])
    for number, row in enumerate(table.rows):
        if number == SHEET_ROWS:
            raise ListError(
                f"{table.name}: more rows than a sheet holds ({SHEET_ROWS}). Write Parquet or CSV, or use --top."
            )
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:  # noqa: ANN401 -- openpyxl has no types
    """A cell; text is marked as text, so that "=1+1" is no formula, and loses what XML cannot hold."""
    if not isinstance(value, str):
        return safe(value) if isinstance(value, bool) else value
    return text_cell(sheet, value, bold=bold)
