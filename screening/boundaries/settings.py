"""What sheets are made with: rules/boundaries.toml, and the frame of one sheet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from screening.predicates import Predicate
from screening.predicates import anchors as named_in
from screening.resources import table


@cache
def settings() -> dict[str, Any]:
    """The table, read once."""
    return table("boundaries")


def default_day() -> date:
    """The screening date where none is given."""
    return date.fromisoformat(settings()["on"])


@dataclass(frozen=True, slots=True)
class Frame:
    """The screening date, and what of the trial bears on a criterion."""

    on: date
    index: tuple[str, ...] = ()  # concepts of the disease under study
    anchors: dict[str, date] = field(default_factory=dict, hash=False)

    def anchor(self, name: str) -> date:
        """The day from which a window counts."""
        return self.anchors.get(name, self.on)


def anchors(predicates: Iterable[Predicate], on: date) -> dict[str, date]:
    """Every anchor but the screening date, a few days after it, so that the two cannot be mistaken for each other."""
    later = on + timedelta(days=settings()["anchor_days"])
    names = frozenset().union(*map(named_in, predicates))
    return dict.fromkeys(sorted(names), later)
