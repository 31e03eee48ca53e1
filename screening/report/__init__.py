"""Screening results and findings on paper, screen, spreadsheet and wire; nothing is decided here."""

from screening.report.findings import FINDING_FORMATS, render_findings
from screening.report.formats import FORMATS, render

__all__ = ["FINDING_FORMATS", "FORMATS", "render", "render_findings"]
