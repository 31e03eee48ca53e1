"""One shape for what is on record about a patient, whatever format it came in.

Values keep their decimals as written; units are UCUM codes once recognised, with the spelling kept beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum

from screening.predicates import Op


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A calendar date as written; a partial one ("1961-03") is the interval of days it may be."""

    first: date
    last: date
    time: time | None = None

    @property
    def exact(self) -> bool:
        """Whether the day is known."""
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class ReferenceRange:
    """A laboratory's range for one result, in its own unit; a limit that is absent is None (a limit ≤ 0 is absent)."""

    low: Decimal | None
    high: Decimal | None
    unit: str | None  # UCUM; None: the unit of the result
    raw_unit: str | None = None
    sex: str | None = None
    age_low: Decimal | None = None  # years
    age_high: Decimal | None = None  # years
    type: str | None = None  # "normal" or None (untyped) serve as ULN/LLN; others ("therapeutic", "critical") never


@dataclass(frozen=True, slots=True)
class Observation:
    """One result: numeric (*value*), an interval by *comparator* ("<" 0.2), or qualitative (*text*)."""

    variable: str | None  # id in rules/variables, None where code and name are unknown
    name: str  # as recorded
    value: Decimal | None = None
    comparator: Op | None = None
    unit: str | None = None  # UCUM; None: none recorded, or not recognised (see raw_unit)
    raw_unit: str | None = None
    text: str | None = None  # qualitative or coded result, as recorded
    date: DateSpan | None = None
    ranges: tuple[ReferenceRange, ...] = ()
    method: str | None = None  # id of rules/methods ("echo", "cockcroft_gault"), as far as recognised
    qualifiers: tuple[str, ...] = ()  # ids recorded as holding ("room_air", "fasting")
    preliminary: bool = False
    absent: str | None = None  # dataAbsentReason, where there is no value
    codes: tuple[tuple[str, str], ...] = ()  # (system, code)
    source: str = ""  # place in the input ("Bundle.entry[3]", "line 12")
    result: str | None = None  # "positive", "negative" or "indeterminate", where *text* or its code says so
    seq: int | None = None  # of results on one day the larger is later; None where the source knows no order


class EventKind(StrEnum):
    """Which of the patient's lists an event stands in."""

    CONDITION = "condition"
    MEDICATION = "medication"
    PROCEDURE = "procedure"
    ALLERGY = "allergy"


class Certainty(StrEnum):
    """How sure the record is."""

    CONFIRMED = "confirmed"
    POSSIBLE = "possible"  # unconfirmed, provisional, differential
    REFUTED = "refuted"  # recorded absence


class Activity(StrEnum):
    """Whether an event still holds."""

    CURRENT = "current"
    PAST = "past"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Event:
    """A condition, drug, procedure or allergy on record. *end* None with activity CURRENT is ongoing."""

    kind: EventKind
    text: str  # as recorded
    codes: tuple[
        tuple[str, str], ...
    ] = ()  # (system, code): "icd10cm", "icd10", "oncotree", "atc", "rxnorm", "snomed", ...
    certainty: Certainty = Certainty.CONFIRMED
    activity: Activity = Activity.CURRENT
    start: DateSpan | None = None
    end: DateSpan | None = None
    qualifiers: tuple[str, ...] = ()  # ids ("severe", "active", "uncontrolled", "cured")
    source: str = ""


@dataclass(frozen=True, slots=True)
class Attestation:
    """A person's answer to one criterion of one trial."""

    criterion: str
    answer: bool  # whether the criterion's text holds, in its literal sense
    who: str
    on: date
    why: str = ""
    trial: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the input that was not used, and why ("unit not recognised: 'foo'"); never holds a value."""

    message: str
    source: str
    lost: bool = False  # True: a whole row or resource was left out (exit status 1)
    rows: int = 1  # how many rows or resources it stands for


@dataclass(frozen=True, slots=True)
class Patient:
    """Everything on record about one person. *complete* names the lists the source declares complete
    (absence from them is recorded absence); "nilknown" lists arrive the same way."""

    id: str
    birth: DateSpan | None = None
    sex: str | None = None  # "male", "female", "other", None: unknown
    deceased: bool = False
    observations: tuple[Observation, ...] = field(default=(), repr=False)
    events: tuple[Event, ...] = field(default=(), repr=False)
    complete: frozenset[EventKind] = frozenset()
    attestations: tuple[Attestation, ...] = ()
    findings: tuple[Finding, ...] = ()
