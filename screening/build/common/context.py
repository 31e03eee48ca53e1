"""What the builder knows while it reads one criterion."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from screening.parse.tokens import Token
from screening.predicates import Window
from screening.sections.model import Side
from screening.text import CleanText, Diagnostic, Kind, Severity, Span


@dataclass(slots=True)
class Reader:
    """One criterion under construction: its text, its side, and the diagnostics found so far."""

    text: CleanText
    side: Side
    heading: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    headed: bool = False  # a heading inside the clause introduces what follows
    windows: list[tuple[Window, Span]] = field(default_factory=list)  # lengths of time that date something, if used
    weighing: bool = False  # conditions of an exception: each counts, also one word of which no record tells
    opposed: frozenset[str] = frozenset()  # circumstances that the clause names beside their opposites
    spent: list[Span] = field(default_factory=list)  # words that introduce, or belong to what was read elsewhere
    excluding: bool = field(init=False)  # the criterion excludes when its predicate is true

    def __post_init__(self) -> None:
        """Notes the side as every pass asks for it."""
        self.excluding = self.side is Side.EXCLUSION

    def span(self, first: Token, last: Token | None = None) -> Span:
        """The raw place from *first* to *last*."""
        return self.text.raw_span(first.start, first.end if last is None else last.end)

    def words(self, first: Token, last: Token) -> str:
        """The clean words from *first* to *last*."""
        return self.text.text[first.start : last.end]

    def say(self, code: str, kind: Kind, message: str, span: Span | None, suggestion: str | None = None) -> None:
        """Adds a diagnostic once."""
        found = Diagnostic(
            code, kind, message, span, Severity.NOTE if kind is Kind.NOTE else Severity.WARNING, None, suggestion
        )
        if found not in self.diagnostics:
            self.diagnostics.append(found)

    def note(self, code: str, message: str, span: Span | None) -> None:
        """Adds a note, which decides nothing."""
        self.say(code, Kind.NOTE, message, span)

    def between(self, span: Span) -> str:
        """The clean words at a raw place."""
        return self.text.text[self.text.at(span.start) : self.text.at(span.end)]

    def label(self, base: str) -> str:
        """A name for an assumption or choice, unique in this criterion."""
        self.labels[base] = self.labels.get(base, 0) + 1
        return base if self.labels[base] == 1 else f"{base} ({self.labels[base]})"

    def turned(self) -> Reader:
        """The same criterion seen through a negation: what is asked for is shut out, and the other way round."""
        return replace(self, side=Side.INCLUSION if self.excluding else Side.EXCLUSION)

    def allowing(self) -> Reader:
        """The same criterion where it says on which conditions somebody may enter all the same."""
        return replace(self, side=Side.INCLUSION, weighing=True)

    def inside(self, heading: str) -> Reader:
        """The same criterion under a further heading."""
        return replace(self, heading=f"{self.heading} {heading}".strip())
