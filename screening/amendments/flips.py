"""Which patients an amendment turns: those whose verdict is another by the new version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Unpack

from screening.explain import judge
from screening.explain.result import Verdict
from screening.explain.screen import Options
from screening.explain.verdict import Judged
from screening.patient.facts import Patient
from screening.ruleset.model import RuleSet


@dataclass(frozen=True, slots=True)
class Flip:
    """A patient's verdict by both versions, and the criteria of the new one that do not pass."""

    id: str
    before: Verdict
    after: Verdict
    open: tuple[Judged, ...]


def flips(
    old: RuleSet, new: RuleSet, patients: Iterable[Patient], on: date, **options: Unpack[Options]
) -> Iterator[Flip]:
    """Every patient whose verdict changes, in the order given; for the options see `screening.explain.screen`."""
    for patient in patients:
        (before,), (after,) = (tuple(judge(rules, [patient], on, **options)) for rules in (old, new))
        if before.verdict != after.verdict:
            yield Flip(
                patient.id, before.verdict, after.verdict, tuple(j for j in after.criteria if j.outcome != "pass")
            )
