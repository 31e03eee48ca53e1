"""Boundary sheets as tables: a row per made-up patient, each complete in itself, as CSV or as a workbook."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, time
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from screening.boundaries import Row, Sheet
from screening.report.boundary_words import answer, heading, result, state
from screening.report.sheet import FORMULA
from screening.store.database import package

COLUMNS = (
    "trial",
    "rules",
    "signed",
    "program",
    "on",
    "case",
    "criterion",
    "side",
    "reading",
    "subject",
    "limit",
    "kind",
    "position",
    "reference",
    "recorded",
    "beside",
    "must be",
    "is",
    "agrees",
    "arithmetic",
    "text",
)
_WIDTHS = {"arithmetic": 80, "text": 60, "beside": 40, "position": 30, "subject": 24, "limit": 24, "recorded": 24}
_LEAD = 5  # columns that are the same in every row
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip archive can hold, so that files are alike


def csv_text(sheet: Sheet) -> str:
    """Head and rows."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_safe(cell) for cell in row] for row in _rows(sheet))
    return out.getvalue()


def _rows(sheet: Sheet) -> Iterator[list[str]]:
    lead = [sheet.trial, sheet.hash, "yes" if sheet.signed else "no", sheet.program]
    for row in sheet.rows:
        yield [*lead, *_cells(row)]


def _cells(row: Row) -> list[str]:
    case, probe = row.case, row.case.probe
    return [
        str(case.on),
        case.id,
        case.criterion,
        row.rule.side.value,
        case.reading,
        case.subject,
        probe.limit,
        probe.kind,
        probe.label,
        probe.reference,
        probe.value,
        case.given,
        answer(case.expected),
        answer(row.found),
        "yes" if row.agrees else "NO",
        row.explanation,
        row.rule.text,
    ]


def _safe(cell: str) -> str:
    """A cell that no spreadsheet executes; a limit begins with its operator, which is text."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def workbook(sheet: Sheet) -> bytes:
    """A workbook of one sheet, the head row fixed; the same rules give the same bytes."""
    openpyxl = package("openpyxl", "a workbook")
    book = openpyxl.Workbook()
    page = book.active
    page.title = "boundaries"
    for line in (heading(sheet), state(sheet), result(sheet)):
        page.append([line])
    page.append(list(COLUMNS[_LEAD - 1 :]))
    for row in sheet.rows:
        page.append([_safe(cell) for cell in _cells(row)])
    for number, name in enumerate(COLUMNS[_LEAD - 1 :], start=1):
        letter = package("openpyxl.utils", "a workbook").get_column_letter(number)
        page.column_dimensions[letter].width = _WIDTHS.get(name, 14)
    page.freeze_panes = "A5"
    page.print_title_rows = "4:4"
    page.oddFooter.center.text = f"{sheet.hash[:12]} {sheet.program}   Checked by: ____________  Date: ____________"
    made = datetime.combine(sheet.on, time(), UTC).replace(tzinfo=None)
    book.properties.created = book.properties.modified = made
    out = BytesIO()
    book.save(out)
    return _alike(out.getvalue(), made)


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
