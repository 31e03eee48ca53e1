"""What is tried on one part of a criterion, and what that part must then say.

A *slot* is one thing about a patient that parts of a criterion ask for: a variable, a concept, the age, the sex. A
*probe* is one state of it: facts, a name for the position, and what each part must say of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from screening.evaluate.outcome import Reason
from screening.patient.facts import DateSpan, Event, EventKind, Observation
from screening.predicates import Predicate
from screening.truth import Truth

Said = tuple[Truth, Reason | None]
Key = tuple[str, ...]

YES: Said = (Truth.TRUE, None)
NO: Said = (Truth.FALSE, None)


def open_(reason: Reason) -> Said:
    """Undecided, and why."""
    return Truth.UNKNOWN, reason


def decided(holds: bool) -> Said:
    """Yes or no."""
    return YES if holds else NO


Plan = Mapping[Key, "Probe"]
"""One probe for some of the slots; of the others nothing is on record."""


Says = Callable[[Predicate, Plan], Said]
"""What a part of a criterion must say of a probe, given what the rest of the patient is."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One state of a slot. *core*: tried in every context, others in the first only.

    *kind* names what is tested ("limit", "unit", "window", ...), *label* the position ("just below"), *value* and
    *unit* what is recorded, as far as that is one number.
    """

    kind: str
    label: str
    says: Says = field(compare=False, repr=False)
    facts: tuple[Observation | Event, ...] = ()
    birth: DateSpan | None = None
    sex: str | None = None
    complete: frozenset[EventKind] = frozenset()
    value: str = ""
    unit: str | None = None
    limit: str = ""  # which of the slot's limits
    reference: str = ""  # the reference limit that is multiplied
    on: date | None = None  # a screening date of its own
    core: bool = False
    brief: str = ""  # how the probe reads as the background of another


class Slot(Protocol):
    """One thing about a patient, with the parts of the criterion that ask for it."""

    @property
    def key(self) -> Key:
        """What the slot is."""

    @property
    def title(self) -> str:
        """Its name for people."""

    def probes(self) -> tuple[Probe, ...]:
        """Everything that is tried on it."""

    def states(self) -> tuple[Probe, ...]:
        """A few probes, plain ones first, from which a background is chosen."""

    def absent(self, part: Predicate, plan: Plan) -> Said:
        """What a part says where nothing is on record."""
