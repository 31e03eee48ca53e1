"""Every list that can be made of a result with what is at hand: for one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from screening.lists.attrition import attrition
from screening.lists.curve import curve
from screening.lists.nearmisses import near_misses
from screening.lists.ranking import ranked
from screening.lists.recheck import Source
from screening.lists.results import Results
from screening.lists.tables import Answer
from screening.lists.validity import HORIZON, dates
from screening.lists.worklist import worklist


def overview(
    results: Results,
    source: Source | None = None,
    *,
    top: int | None = 50,
    curves: Mapping[str, Sequence[Decimal]] | None = None,
    horizon: int = HORIZON,
) -> Iterator[Answer]:
    """Ranked candidates, near misses and attrition of any result; with the rules the worklist; with the store, too,
    the dates and the threshold *curves* (which limit → steps, none for automatic ones)."""
    yield attrition(results)
    yield ranked(results, top=top)
    yield near_misses(results, source, top=top)
    if source is None:
        return
    yield worklist(results, source, top=top)
    if source.store is not None:
        yield from (curve(source, which, steps) for which, steps in (curves or {}).items())
        yield dates(results, source, top=top, horizon=horizon)
