"""A compiled trial: every criterion beside its reading, with what was noted, assumed and left open."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from screening.predicates import Predicate
from screening.sections.model import Side
from screening.text import Diagnostic, Span


class RuleKind(StrEnum):
    """What it takes to decide a criterion."""

    DATA = "data"
    JUDGEMENT = "judgement"
    ADVISORY = "advisory"
    NOT_UNDERSTOOD = "not_understood"
    SUGGESTED = "suggested"


class Share(StrEnum):
    """What became of a character of the eligibility text."""

    COMPILED = "compiled"
    JUDGEMENT = "judgement"
    ADVISORY = "advisory"
    STRUCTURE = "structure"
    NOT_UNDERSTOOD = "not_understood"


class LedgerEntry(NamedTuple):
    """One stretch of raw eligibility text and what became of it; the entries of a trial cover it without overlap."""

    span: Span
    share: Share


@dataclass(frozen=True, slots=True)
class Rule:
    """One criterion: id ("I6c", "E3b", "R1"), its own source words, and its reading (before any decision)."""

    id: str
    side: Side
    kind: RuleKind
    text: str
    predicate: Predicate
    spans: tuple[Span, ...] = field(default=(), compare=False)
    cohort: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """Who took responsibility for a rule file, for which content (SHA-256 of text and reading), when."""

    name: str
    meaning: str
    date: str
    hash: str


@dataclass(frozen=True, slots=True)
class Waiver:
    """Why findings of one code are set aside: at the criterion of this id, or (None) everywhere."""

    code: str
    reason: str
    criterion: str | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A trial ready to screen. *decisions* are a reviewer's answers to assumptions and choices:
    (criterion id, label) → "confirmed", "dismissed" or the name of the chosen reading."""

    trial: str
    title: str
    rules: tuple[Rule, ...]
    status: str | None = None
    index_conditions: tuple[str, ...] = ()  # concept ids of the disease under study, as far as known
    diagnostics: tuple[Diagnostic, ...] = ()
    decisions: tuple[tuple[tuple[str, str], str], ...] = ()
    signature: Signature | None = None
    waivers: tuple[Waiver, ...] = ()  # the header's, then each criterion's, as the rule file has them
    ledger: tuple[LedgerEntry, ...] = field(default=(), compare=False)
    raw: str = field(default="", repr=False, compare=False)
