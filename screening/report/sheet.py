"""The report as a table, CSV or workbook: one row per patient and criterion, each complete in itself."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from io import StringIO

from screening.explain.result import PatientResult, ScreeningResult
from screening.report.workbook import Page
from screening.report.workbook import workbook as pages
from screening.store.spreadsheet import safe

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

_PATIENT = ("patient", "verdict", "pass", "fail", "open", "failed criteria", "open criteria")
_WIDTHS = {"explanation": 80, "text": 60, "failed criteria": 30, "open criteria": 40, "verdict": 22}


def report(result: ScreeningResult) -> str:
    """Header and rows. A patient without criteria (deceased) has one row, so that nobody is missing."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for patient in result.patients:
        writer.writerows(map(safe, row) for row in _rows(result, patient))
    return out.getvalue()


def workbook(result: ScreeningResult) -> bytes:
    """A workbook: a sheet with a row per patient, and one with the rows of the CSV. Needs openpyxl."""
    signed = "signed" if result.rules.signed else "unsigned"
    lead = [f"{result.trial} | screened on {result.on} | rules {result.rules.hash} ({signed}) | {result.program}"]
    return pages(
        [
            Page("patients", _PATIENT, (_patient(patient) for patient in result.patients), lead, _WIDTHS),
            Page("criteria", COLUMNS, (row for one in result.patients for row in _rows(result, one)), (), _WIDTHS),
        ],
        result.on,
    )


def _patient(patient: PatientResult) -> list[str]:
    counts = Counter(criterion.outcome for criterion in patient.criteria)
    open_ = [criterion.id for criterion in patient.criteria if criterion.outcome == "unknown"]
    failed = [criterion.id for criterion in patient.criteria if criterion.outcome == "fail"]
    return [
        patient.id,
        patient.verdict,
        *(str(counts[outcome]) for outcome in ("pass", "fail", "unknown")),
        " ".join(failed),
        " ".join(open_),
    ]


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
