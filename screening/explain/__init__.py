"""Explanations: from outcomes to sentences with the arithmetic, and the result of a whole screening."""

from screening.explain.result import (
    CriterionResult,
    Evidence,
    FindingNote,
    Missing,
    PatientResult,
    ReadingNote,
    Rules,
    ScreeningResult,
    ToAttest,
)
from screening.explain.screen import PatientVerdict, Screener, judge, screen

__all__ = [
    "CriterionResult",
    "Evidence",
    "FindingNote",
    "Missing",
    "PatientResult",
    "PatientVerdict",
    "ReadingNote",
    "Rules",
    "Screener",
    "ScreeningResult",
    "ToAttest",
    "judge",
    "screen",
]
