"""What a screening is asked with, besides rules and patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from screening.patient.facts import EventKind
from screening.sections.model import Side


@dataclass(frozen=True, slots=True)
class BookRange:
    """One row of a laboratory's range book. Ages in years; dates are those between which the range was in force."""

    laboratory: str
    variable: str
    low: Decimal | None
    high: Decimal | None
    unit: str | None
    method: str | None = None
    sex: str | None = None
    age_from: Decimal | None = None
    age_to: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """One screening: the date it is made for, and what the user allows.

    *max_age*: days, "none" (any age will do), or None (each variable's own default). *assume_absent*: lists whose
    silence counts as absence. *anchors*: dates of events the text counts from. *compute*: formulas that may stand in
    for a value that is not reported. *trial*, *criterion* and *side* say which attestations apply.
    """

    on: date
    max_age: int | Literal["none"] | None = None
    assume_absent: frozenset[EventKind] = frozenset()
    anchors: Mapping[str, date] = field(default_factory=dict)
    ranges: tuple[BookRange, ...] = ()
    index_conditions: tuple[str, ...] = ()
    compute: frozenset[str] = frozenset()
    trial: str | None = None
    criterion: str | None = None
    side: Side | None = None
