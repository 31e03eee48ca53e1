"""Screening results and findings on paper, screen, spreadsheet and wire; nothing is decided here."""

from screening.report.findings import FINDING_FORMATS, Checked, render_findings
from screening.report.formats import FORMATS, render
from screening.report.plain import patient_report, table
from screening.report.sheet import workbook
from screening.report.wording import VERDICTS

__all__ = [
    "FINDING_FORMATS",
    "FORMATS",
    "VERDICTS",
    "Checked",
    "patient_report",
    "render",
    "render_findings",
    "table",
    "workbook",
]
