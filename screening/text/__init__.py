"""Source text: spans, offset-preserving clean-up, diagnostics."""

from screening.text.cleanup import CleanText, clean
from screening.text.diagnostics import Diagnostic, Kind, Severity
from screening.text.guarded import Guarded, guarded
from screening.text.spans import Span

__all__ = ["CleanText", "Diagnostic", "Guarded", "Kind", "Severity", "Span", "clean", "guarded"]
