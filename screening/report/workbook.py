"""Workbooks: pages of text cells that no spreadsheet takes for formulas, the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from screening.store.database import package

_WIDTH = 14  # characters
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip archive can hold, so that files are alike


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
    made = datetime.combine(on, time(), UTC).replace(tzinfo=None)
    book.properties.created = book.properties.modified = made
    out = BytesIO()
    book.save(out)
    return _alike(out.getvalue(), made)


def _add(book: Any, page: Page) -> None:  # noqa: ANN401 -- openpyxl has no types
    sheet = book.create_sheet(page.name)
    head = len(page.lead) + 1
    for number, line in enumerate((*([text] for text in page.lead), page.columns, *page.rows), start=1):
        _fill(sheet, number, line)
    for number, name in enumerate(page.columns, start=1):
        letter = package("openpyxl.utils", "a workbook").get_column_letter(number)
        sheet.column_dimensions[letter].width = page.widths.get(name, _WIDTH)
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    if page.footer:
        sheet.oddFooter.center.text = page.footer


def _fill(sheet: Any, number: int, line: Sequence[str]) -> None:  # noqa: ANN401 -- openpyxl has no types
    """A row of cells marked as text, so that "=1+1" is no formula, without what XML cannot hold."""
    illegal = package("openpyxl.cell.cell", "a workbook").ILLEGAL_CHARACTERS_RE
    for column, text in enumerate(line, start=1):
        cell = sheet.cell(number, column)
        cell.value = illegal.sub("�", text)
        cell.data_type = "s"


def _alike(archive: bytes, made: datetime) -> bytes:
    """The same workbook without the time at which it was written."""
    out = BytesIO()
    stamp = f"{made:%Y-%m-%dT%H:%M:%SZ}".encode()
    with ZipFile(BytesIO(archive)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            held = old.read(name)
            if name == "docProps/core.xml":
                held = _dated(held, stamp)
            new.writestr(ZipInfo(name, _LONG_AGO), held, ZIP_DEFLATED)
    return out.getvalue()


def _dated(core: bytes, stamp: bytes) -> bytes:
    """The properties with the sheet's date as that of the last change."""
    before, tag, rest = core.partition(b"<dcterms:modified")
    if not tag:
        return core
    opening, _, rest = rest.partition(b">")
    _, close, after = rest.partition(b"</dcterms:modified>")
    return before + tag + opening + b">" + stamp + close + after
