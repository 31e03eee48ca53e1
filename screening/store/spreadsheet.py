"""Cells that no spreadsheet executes, and workbooks that are the same bytes for the same content.

A patient's id or a word of a record may begin like a formula. In a workbook such a cell is marked as text. CSV has no
marks: there an apostrophe goes before it, as the OWASP notes on CSV injection advise
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from screening.store.database import package

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet would take for a formula; the last four in Japanese and Chinese versions."""

ROWS = 1_048_575
"""Rows that a sheet of a workbook holds below its head."""

COLUMNS = 16_384
"""Columns that a sheet holds."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip archive can hold
_CORE = "docProps/core.xml"


def safe(cell: str) -> str:
    """A text of a CSV file that no spreadsheet executes.

    >>> safe("=1+1"), safe("P-01")
    ("'=1+1", 'P-01')
    """
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def text_cell(sheet: Any, text: str, *, bold: bool = False) -> Any:  # noqa: ANN401 -- openpyxl has no types
    """A cell marked as text, so that "=1+1" is no formula; it loses what XML cannot hold."""
    cells = package("openpyxl.cell.cell", "a workbook")
    made = cells.WriteOnlyCell(sheet, cells.ILLEGAL_CHARACTERS_RE.sub("�", text))
    made.data_type = "s"
    if bold:
        made.font = package("openpyxl.styles", "a workbook").Font(bold=True)
    return made


def column_letter(number: int) -> str:
    """1 → A."""
    letter: str = package("openpyxl.utils", "a workbook").get_column_letter(number)
    return letter


@contextmanager
def workbook(path: Path, on: date) -> Iterator[Any]:
    """A new workbook for rows one after the other, saved to *path* at the end, dated *on*.

    What openpyxl holds on disk meanwhile stands beside *path*, in a folder that must be the caller's own.
    """
    book = package("openpyxl", "a workbook").Workbook(write_only=True)
    usual, tempfile.tempdir = tempfile.tempdir, str(path.parent)
    try:
        yield book
        save(book, path, on)
    except BaseException:
        _let_go(book)
        raise
    finally:
        tempfile.tempdir = usual


def _let_go(book: Any) -> None:  # noqa: ANN401 -- openpyxl has no types
    """Ends sheets that are not finished, for which there may be no room, before Python does and complains."""
    for sheet in book.worksheets:
        with suppress(Exception):
            sheet.close()


def save(book: Any, path: Path, on: date) -> None:  # noqa: ANN401 -- openpyxl has no types
    """Writes a workbook without the time at which it is written: the same content gives the same bytes."""
    made = datetime.combine(on, time(), UTC).replace(tzinfo=None)
    book.properties.created = book.properties.modified = made
    part = path.with_name(f"{path.name}.part")
    book.save(part)
    with ZipFile(part) as old, ZipFile(path, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            _copy(old, new, name, f"{made:%Y-%m-%dT%H:%M:%SZ}".encode())
    part.unlink()


def _copy(old: ZipFile, new: ZipFile, name: str, stamp: bytes) -> None:
    """One file of a workbook, dated long ago."""
    member = ZipInfo(name, _LONG_AGO)
    member.compress_type = ZIP_DEFLATED
    if name == _CORE:
        new.writestr(member, _dated(old.read(name), stamp))
        return
    with old.open(name) as source, new.open(member, "w", force_zip64=True) as target:
        while piece := source.read(1 << 20):
            target.write(piece)


def _dated(core: bytes, stamp: bytes) -> bytes:
    """The properties with a given time as that of the last change; openpyxl writes the time of saving."""
    before, tag, rest = core.partition(b"<dcterms:modified")
    if not tag:
        return core
    opening, _, rest = rest.partition(b">")
    _, close, after = rest.partition(b"</dcterms:modified>")
    return before + tag + opening + b">" + stamp + close + after
