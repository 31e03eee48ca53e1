"""Workbooks: pages of text cells that no spreadsheet takes for formulas, the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from screening.store.database import package
from screening.store.scratch import scratch
from screening.store.spreadsheet import column_letter, save, text_cell

_WIDTH = 14  # characters


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: lines of its own on top, a head row that stays in sight, rows of text."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[str]]
    lead: Sequence[str] = ()
    widths: Mapping[str, int] = field(default_factory=dict)  # of columns, in characters; 14 where none is given
    footer: str = ""


def workbook(pages: Iterable[Page], on: date) -> bytes:
    """An XLSX file of these pages; *on* stands as its date, so that the same content gives the same bytes.

    Raises MissingExtraError without openpyxl.
    """
    book = package("openpyxl", "a workbook").Workbook()
    book.remove(book.active)
    for page in pages:
        _add(book, page)
    with TemporaryDirectory(dir=scratch()) as folder:
        path = Path(folder) / "book.xlsx"
        save(book, path, on)
        return path.read_bytes()


def _add(book: Any, page: Page) -> None:  # noqa: ANN401 -- openpyxl has no types
    sheet = book.create_sheet(page.name)
    head = len(page.lead) + 1
    for line in (*([text] for text in page.lead), page.columns, *page.rows):
        sheet.append([text_cell(sheet, text) for text in line])
    for number, name in enumerate(page.columns, start=1):
        sheet.column_dimensions[column_letter(number)].width = page.widths.get(name, _WIDTH)
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    if page.footer:
        sheet.oddFooter.center.text = page.footer
