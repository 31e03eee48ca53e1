"""A rule under construction: before numbering, before the checks that need the whole record."""

from __future__ import annotations

from dataclasses import replace

from screening.predicates import Advisory, Judgement, NotUnderstood, Predicate, Window, children
from screening.records import record
from screening.ruleset.model import LedgerEntry, RuleKind, Share
from screening.sections.model import Side
from screening.text import Diagnostic, Span


@record(frozen=True, slots=True)
class Draft:
    """One clause with its reading, and where it stands."""

    base: str
    side: Side
    text: str
    predicate: Predicate
    spans: tuple[Span, ...] = ()
    cohort: str | None = None
    version: int = 0
    heading: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    kind: RuleKind | None = None
    lead: str | None = None  # the logic it states for the list below it
    empty: bool = False  # small words only: a heading, no rule
    window: Window | None = None  # the length of time it states, for the list below it
    anchor: str | None = None  # the step of the study from which the list below it counts
    past: bool = False  # it speaks of the past without naming anything ("History of:")
    shares: tuple[LedgerEntry, ...] | None = None
    group: Predicate | None = None  # the group of patients that it names for the list below it
    denies: bool = False  # it denies what the items of the list below it name ("none of the following:")
    defines: bool = False  # it says what a term means, in the list below it
    describes: bool = False  # it only says of what kind the items of the list below it are
    opens_or: bool = False
    ends_or: bool = False
    any_of: bool = False  # alternatives joined to one

    def as_structure(self) -> Draft:
        """The same words as a heading."""
        return replace(self, empty=True, shares=tuple(LedgerEntry(span, Share.STRUCTURE) for span in self.spans))

    def painted(self) -> tuple[LedgerEntry, ...]:
        """What became of its words: the whole by its kind, then the parts that are of another kind."""
        if self.shares is not None:
            return self.shares
        if self.empty:
            return tuple(LedgerEntry(span, Share.STRUCTURE) for span in self.spans)
        base = _SHARES[self.kind or kind_of(self.predicate)]
        return (*[LedgerEntry(span, base) for span in self.spans], *_parts(self.predicate))


_SHARES = {
    RuleKind.DATA: Share.COMPILED,
    RuleKind.SUGGESTED: Share.COMPILED,
    RuleKind.JUDGEMENT: Share.JUDGEMENT,
    RuleKind.ADVISORY: Share.ADVISORY,
    RuleKind.NOT_UNDERSTOOD: Share.NOT_UNDERSTOOD,
}


def _parts(predicate: Predicate) -> list[LedgerEntry]:
    """The places of the atoms that no record decides, in the order of the text."""
    found, rest = list[LedgerEntry](), [predicate]
    while rest:
        made = rest.pop()
        kind = _OPEN.get(type(made))
        if kind is None:
            rest += reversed(children(made))
        elif made.span is not None:
            found.append(LedgerEntry(made.span, _SHARES[kind]))
    return found


def kind_of(predicate: Predicate) -> RuleKind:
    """What it takes to decide a predicate: data if any of it can be checked, else judgement before the rest."""
    alone = _OPEN.get(type(predicate))
    if alone is not None:
        return alone
    kinds = _kinds(predicate)
    for kind in (RuleKind.DATA, RuleKind.NOT_UNDERSTOOD, RuleKind.JUDGEMENT):
        if kind in kinds:
            return kind
    return RuleKind.ADVISORY


def _kinds(predicate: Predicate) -> set[RuleKind]:
    """The kinds of the atoms, as far as they matter: the search ends at the first that can be checked."""
    found, rest = set[RuleKind](), [predicate]
    while rest:
        made = rest.pop()
        kind = _OPEN.get(type(made))
        if kind is not None:
            found.add(kind)
            continue
        parts = children(made)
        if not parts:
            return {RuleKind.DATA}
        rest.extend(parts)
    return found


_OPEN = {
    Judgement: RuleKind.JUDGEMENT,
    Advisory: RuleKind.ADVISORY,
    NotUnderstood: RuleKind.NOT_UNDERSTOOD,
}
