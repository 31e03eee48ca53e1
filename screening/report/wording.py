"""The words all reports share, so that a verdict reads the same on screen, on paper and in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

from screening.explain.result import CriterionResult, Missing, PatientResult, ScreeningResult

VERDICTS = {
    "not_eligible": "not eligible",
    "needs_information": "needs information",
    "potentially_eligible": "potentially eligible",
    "deceased": "deceased, not screened",
}

OUTCOMES = ("fail", "unknown", "pass")
"""In the order in which a coordinator wants to read them."""

HASH_LENGTH = 12
"""Hexadecimal digits shown of a rule hash: enough to tell apart any two rule files of a site."""


def plain(code: str) -> str:
    """A code as words.

    >>> plain("no_reference_range")
    'no reference range'
    """
    return code.replace("_", " ")


def verdict(code: str) -> str:
    """A verdict for people.

    >>> verdict("needs_information")
    'needs information'
    """
    return VERDICTS.get(code, plain(code))


def reason(criterion: CriterionResult) -> str:
    """Why a criterion is open or failed, and whether anything could change that; "" for a pass."""
    if criterion.outcome == "pass":
        return ""
    parts = [plain(criterion.reason)] if criterion.reason else []
    return ", ".join([*parts, "could change" if criterion.recoverable else "will not change"])


def heading(result: ScreeningResult) -> str:
    """The trial's id and title; plain text has the same for both."""
    return result.trial if result.title in ("", result.trial) else f"{result.trial} {result.title}"


def provenance(result: ScreeningResult) -> str:
    """Program, rules and date: what one must know to repeat a screening."""
    signed = "signed" if result.rules.signed else "unsigned"
    return f"screened on {result.on} | rules {result.rules.hash[:HASH_LENGTH]} ({signed}) | {result.program}"


def chosen(patient: PatientResult, outcome: str) -> list[CriterionResult]:
    """The criteria with one outcome, in the order of the document."""
    return [criterion for criterion in patient.criteria if criterion.outcome == outcome]


def steps(explanation: str, width: int) -> list[str]:
    """An explanation cut into lines after semicolons; several short steps share a line of *width*.

    >>> steps("ALT 30 U/L (a; b) ≤ 80 → yes; AST: no record; open", 32)
    ['ALT 30 U/L (a; b) ≤ 80 → yes;', 'AST: no record; open']
    """
    lines = [""]
    for step in _steps(explanation):
        joined = f"{lines[-1]} {step}".strip()
        lines[-1:] = [joined] if not lines[-1] or len(joined) <= width else [lines[-1], step]
    return lines


def _steps(explanation: str) -> Iterator[str]:
    """Cut at semicolons, but not inside brackets or quotation marks."""
    depth = start = 0
    for at, character in enumerate(explanation):
        depth += (character in "(“[") - (character in ")”]")
        if depth <= 0 and explanation.startswith("; ", at):
            yield explanation[start : at + 1]
            start = at + 2
    yield explanation[start:]


def missing_fact(missing: Missing) -> str:
    """A fact to get, what to do about it, and for which criteria."""
    return f"{missing.fact} ({', '.join(missing.criteria)})"
