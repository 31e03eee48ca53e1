"""The CSV report: one row per patient and criterion, each complete in itself, for a spreadsheet or a database."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from screening.explain.result import PatientResult, ScreeningResult

COLUMNS = (
    "trial",
    "on",
    "rules",
    "signed",
    "program",
    "patient",
    "verdict",
    "cohort",
    "criterion",
    "side",
    "kind",
    "outcome",
    "reason",
    "recoverable",
    "explanation",
    "text",
)

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would take for a formula."""


def report(result: ScreeningResult) -> str:
    """Header and rows. A patient without criteria (deceased) has one row, so that nobody is missing."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for patient in result.patients:
        writer.writerows([_safe(cell) for cell in row] for row in _rows(result, patient))
    return out.getvalue()


def _rows(result: ScreeningResult, patient: PatientResult) -> Iterator[list[str]]:
    signed = "yes" if result.rules.signed else "no"
    lead = [result.trial, str(result.on), result.rules.hash, signed, result.program, patient.id, patient.verdict]
    if not patient.criteria:
        yield [*lead, *[""] * (len(COLUMNS) - len(lead))]
    for criterion in patient.criteria:
        yield [
            *lead,
            criterion.cohort or "",
            criterion.id,
            criterion.side,
            criterion.kind,
            criterion.outcome,
            criterion.reason or "",
            "yes" if criterion.recoverable else "no",
            criterion.explanation,
            criterion.text,
        ]


def _safe(cell: str) -> str:
    """A cell that no spreadsheet executes.

    >>> _safe("=1+1")
    "'=1+1"
    """
    return f"'{cell}" if cell.startswith(FORMULA) else cell
