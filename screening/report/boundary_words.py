"""The words that all forms of a boundary sheet share."""

from __future__ import annotations

from screening.boundaries import Answer, Sheet
from screening.report.wording import HASH_LENGTH, plain


def heading(sheet: Sheet) -> str:
    """The trial."""
    title = "" if sheet.title in ("", sheet.trial) else f" {sheet.title}"
    return f"Boundary sheet of {sheet.trial}{title}"


def state(sheet: Sheet) -> str:
    """What one must know to make the same sheet again."""
    day = str(sheet.on) if sheet.given_day else f"{sheet.on} (none was asked for)"
    signed = "signed" if sheet.signed else "unsigned"
    others = "".join(f" | {name.replace('_', ' ')} on {on}" for name, on in sheet.anchors)
    return f"screened on {day}{others} | rules {sheet.hash[:HASH_LENGTH]} ({signed}) | {sheet.program}"


def result(sheet: Sheet) -> str:
    """Whether every outcome is what the position demands."""
    wrong = len(sheet.disagreements)
    if not wrong:
        return f"{len(sheet.rows)} made-up patients; every outcome is the one that the position demands"
    return f"{len(sheet.rows)} made-up patients; {wrong} OUTCOMES ARE NOT WHAT THE POSITION DEMANDS, marked !!"


def answer(found: Answer) -> str:
    """Outcome, with the reason why it is open.

    >>> answer(Answer("pass"))
    'pass'
    """
    return f"{found.outcome} ({plain(found.reason.value)})" if found.reason else found.outcome
