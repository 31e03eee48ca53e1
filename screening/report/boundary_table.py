"""Boundary sheets as tables: a row per made-up patient, each complete in itself, as CSV or as a workbook."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from screening.boundaries import Row, Sheet
from screening.report.boundary_words import answer, heading, result, state
from screening.report.workbook import Page
from screening.report.workbook import workbook as pages
from screening.store.spreadsheet import safe

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


def csv_text(sheet: Sheet) -> str:
    """Head and rows."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(safe, row) for row in _rows(sheet))
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


def workbook(sheet: Sheet) -> bytes:
    """A workbook of one sheet, the head row fixed; the same rules give the same bytes."""
    page = Page(
        "boundaries",
        COLUMNS[_LEAD - 1 :],
        (_cells(row) for row in sheet.rows),
        lead=(heading(sheet), state(sheet), result(sheet)),
        widths=_WIDTHS,
        footer=f"{sheet.hash[:12]} {sheet.program}   Checked by: ____________  Date: ____________",
    )
    return pages([page], sheet.on)
