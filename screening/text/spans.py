"""Places in a source text. Spans ride on nodes and never take part in equality."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """Characters *start* (included) to *end* (excluded) of the raw document."""

    start: int
    end: int

    def cover(self, other: Span) -> Span:
        """The smallest span that holds both.

        >>> Span(3, 5).cover(Span(1, 4))
        Span(start=1, end=5)
        """
        return Span(min(self.start, other.start), max(self.end, other.end))

    def of(self, text: str) -> str:
        """The words of *text* at this place."""
        return text[self.start : self.end]
