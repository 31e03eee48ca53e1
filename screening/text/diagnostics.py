"""What the program has to say about a text: bad text never raises, it yields diagnostics, all at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from screening.text.spans import Span


class Kind(StrEnum):
    """What a diagnostic does to a verdict (design: what the text does not say)."""

    NOTE = "note"  # shown, decides nothing
    ASSUMPTION = "assumption"  # one reading, not in the text: undecided until confirmed
    CHOICE = "choice"  # several readings: undecided where they differ


class Severity(StrEnum):
    """How a linter presents a finding; the names are SARIF's levels."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a stable *code* ("reversed-polarity"), a sentence of why, the place, and what to write instead."""

    code: str
    kind: Kind
    message: str
    span: Span | None = field(default=None, compare=False)
    severity: Severity = Severity.WARNING
    criterion: str | None = None
    suggestion: str | None = None

    def at(self, criterion: str) -> Diagnostic:
        """The same finding of the criterion of this id."""
        return Diagnostic(self.code, self.kind, self.message, self.span, self.severity, criterion, self.suggestion)
