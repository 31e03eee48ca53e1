"""Checks that need the whole record; each is a pass over the drafts, and all have one signature."""

from __future__ import annotations

from collections.abc import Callable

from screening.build.drafts import Draft
from screening.sections.model import Trial

Pass = Callable[[Trial, list[Draft]], list[Draft]]


def drop_headings(_trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """Placeholder order: headings stay for the ledger."""
    return drafts


PASSES: tuple[Pass, ...] = (drop_headings,)
