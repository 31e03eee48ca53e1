"""What judging one predicate gives: a truth, why it is unknown, and the facts behind it.

The tree of outcomes mirrors the tree of predicates and *is* the explanation; nothing else is traced.
Outcomes are named tuples: immutable, and cheap enough to build for every patient and criterion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from screening.patient.facts import Attestation, DateSpan, Event, EventKind, Observation
from screening.predicates import Predicate
from screening.truth import Truth


class Reason(StrEnum):
    """Why an outcome is unknown, the most telling first.

    Where several parts of a criterion are unknown, the reason that stands highest here is given: first facts that
    are on record and could not be used (somebody can correct them), then facts to be measured or asked for, then
    what the program or a reviewer must settle, and an open judgement last, because it alone does not keep a patient
    from being potentially eligible.
    """

    CONFLICTING = "conflicting"
    IMPLAUSIBLE = "implausible"
    UNIT_MISSING = "unit_missing"
    UNIT_INCOMPATIBLE = "unit_incompatible"
    METHOD_MISMATCH = "method_mismatch"
    QUALIFIER_UNKNOWN = "qualifier_unknown"
    CENSORED = "censored"
    NO_REFERENCE_RANGE = "no_reference_range"
    STALE = "stale"
    MISSING = "missing"
    ASSUMPTION = "assumption"
    NOT_UNDERSTOOD = "not_understood"
    JUDGEMENT = "judgement"


_RANK = {reason: rank for rank, reason in enumerate(Reason)}


def foremost(reasons: Iterable[Reason | None]) -> Reason | None:
    """The most telling of several reasons; None when there is none.

    >>> foremost([Reason.JUDGEMENT, None, Reason.STALE])
    <Reason.STALE: 'stale'>
    """
    return min((reason for reason in reasons if reason is not None), key=_RANK.__getitem__, default=None)


class Use(StrEnum):
    """What became of a fact."""

    USED = "used"
    STALE = "stale"  # too old, or dated so that it may be
    LATER = "after screening date"
    OUTSIDE = "outside the window"
    TOO_RECENT = "too recent"  # of a washout: not yet over, or over too lately
    UNUSABLE = "not usable"  # implausible, or its unit is missing or does not fit
    SUPERSEDED = "older, not used"  # a newer result is on record and cannot be read
    OTHER_METHOD = "other method"
    MEASURED = "measured, not used"  # the text asks for a computed value
    INPUT = "input"
    PAST = "not current"
    EXCLUDED = "does not count"  # named as an exception by the criterion, or the trial's own condition
    UNSURE = "unsure"  # possible diagnosis, qualifier or date not on record
    REFUTED = "recorded absence"
    UNRECOGNISED = "not recognised"  # neither a code nor a name that is known: it may be anything


class ReferenceSource(StrEnum):
    """Where a ULN, LLN or baseline comes from."""

    TRIAL = "trial"  # the trial's own definition
    RESULT = "result"  # the reference range of the same result
    BOOK = "book"  # the range book the user supplies
    BASELINE = "baseline"  # a result recorded as baseline


class Threshold(NamedTuple):
    """A limit made definite for one result: *value* in *unit*, and in the variable's canonical unit if convertible.

    For a multiple, *reference* is the ULN, LLN or baseline in *unit*, as its *source* states it.
    """

    value: Fraction
    unit: str | None
    canonical: Fraction | None
    reference: Decimal | None = None
    source: ReferenceSource | None = None


class ObservationUse(NamedTuple):
    """One result, what became of it, and the truth it gives or would give against *threshold*."""

    observation: Observation
    use: Use
    truth: Truth | None = None
    threshold: Threshold | None = None
    reason: Reason | None = None
    number: Decimal | None = None  # where the record names a level ("NYHA III"): its number


class DerivedUse(NamedTuple):
    """A value computed by *formula* (id) from *inputs*; as old as its oldest input. *given*: the inputs, converted."""

    variable: str
    formula: str
    value: Fraction | None
    unit: str | None
    date: DateSpan | None
    inputs: tuple[ObservationUse, ...]
    given: tuple[tuple[str, Fraction | str], ...] = ()
    truth: Truth | None = None
    threshold: Threshold | None = None
    lacking: tuple[str, ...] = ()


class AgeUse(NamedTuple):
    """Completed age in *unit* at the screening date; two numbers where the birth date is partial."""

    birth: DateSpan
    low: int
    high: int
    unit: str


class SexUse(NamedTuple):
    """The sex on record."""

    sex: str


class EventUse(NamedTuple):
    """One event and what it says about the presence asked for."""

    event: Event
    use: Use
    truth: Truth
    reason: Reason | None = None
    note: str = ""


class Absence(NamedTuple):
    """Why a concept counts as absent: the record says so (*lists* complete), or the user asked to assume it."""

    lists: tuple[EventKind, ...]
    assumed: bool


class AttestationUse(NamedTuple):
    """A person's answer to the criterion."""

    attestation: Attestation
    used: bool


class Scope(NamedTuple):
    """The dates between which a fact counts; *days* is the maximum age behind it, where no window is written."""

    earliest: date | None
    latest: date
    days: int | None
    anchored: bool = True  # False: the text names an anchor for which no date was given


Evidence = ObservationUse | DerivedUse | AgeUse | SexUse | EventUse | Absence | AttestationUse | Scope


class Outcome(NamedTuple):
    """The truth of *predicate* for one patient on one date, in the literal sense of the text.

    *recoverable*: whether a new measurement, time or an attestation could change it.
    """

    truth: Truth
    reason: Reason | None
    predicate: Predicate
    children: tuple[Outcome, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    recoverable: bool = True


Said = tuple[Truth, Reason | None]
"""An outcome without its evidence; the reason stands exactly when the truth is UNKNOWN."""

HOLDS: Said = (Truth.TRUE, None)
FAILS: Said = (Truth.FALSE, None)
OPEN: Mapping[Reason | None, Said] = MappingProxyType({reason: (Truth.UNKNOWN, reason) for reason in Reason})


def said(outcome: Outcome) -> Said:
    """Truth and reason."""
    return outcome.truth, outcome.reason


def unknown(predicate: Predicate, reason: Reason, *evidence: Evidence) -> Outcome:
    """An atom that cannot be decided; something can always be done about that."""
    return Outcome(Truth.UNKNOWN, reason, predicate, (), evidence)
