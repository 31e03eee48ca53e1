"""What an amendment does to a trial, criterion by criterion."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from screening.explain.result import OutcomeWord
from screening.patient.facts import Patient
from screening.ruleset.model import Rule


class Kind(StrEnum):
    """What became of a criterion."""

    UNCHANGED = "unchanged"  # the same words and the same reading
    REWORDED = "reworded"  # other words, proved to mean the same
    LOOSER = "looser"  # proved: nobody gets farther from passing
    TIGHTER = "tighter"  # proved: nobody comes nearer to passing
    INCOMPARABLE = "incomparable"  # proved: some get nearer, others farther
    UNDECIDED = "undecided"  # only a person can compare the words
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Witness:
    """A made-up patient for whom the outcome of the criterion differs, as the interpreter judges *patient*."""

    patient: Patient
    before: OutcomeWord
    after: OutcomeWord
    why_before: str
    why_after: str


@dataclass(frozen=True, slots=True)
class Amended:
    """One criterion in both versions; several on a side where it was split or joined. No *old*: added; no *new*:
    removed."""

    kind: Kind
    old: tuple[Rule, ...]
    new: tuple[Rule, ...]
    witnesses: tuple[Witness, ...] = ()
    note: str = ""

    @property
    def id(self) -> str:
        """The ids, of the new version where there is one."""
        return "+".join(rule.id for rule in self.new or self.old)


@dataclass(frozen=True, slots=True)
class Amendment:
    """Two versions of a trial compared."""

    trial: str
    old_hash: str
    new_hash: str
    criteria: tuple[Amended, ...]
