"""Charts of single patients of a store, for the few of whom SQL leaves something to the interpreter."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from screening.evaluate.attested import Answers, with_answers
from screening.evaluate.chart import Chart
from screening.store.reading import read_store

CHUNK = 5_000
"""Patients that are read from the store at a time."""

KEPT = 20_000
"""Charts that are kept for the next trial: the patients of whom SQL leaves something open are much the same."""


@dataclass(slots=True)
class Charts:
    """The charts of patients of a store, the latest of them remembered. *given*: answers that are not in the store."""

    path: Path
    given: Answers = ()
    _kept: OrderedDict[str, Chart] = field(default_factory=OrderedDict)

    def of(self, ids: Sequence[str]) -> Iterator[tuple[str, Chart]]:
        """Each patient's id and chart, read together where they are not known yet."""
        for start in range(0, len(ids), CHUNK):
            yield from self._chunk(ids[start : start + CHUNK])

    def _chunk(self, ids: Sequence[str]) -> Iterator[tuple[str, Chart]]:
        known = {name: self._kept[name] for name in ids if name in self._kept}
        unknown = [name for name in ids if name not in known]
        read = read_store(self.path, unknown) if unknown else ()
        found = {patient.id: Chart(with_answers(patient, self.given)) for patient in read}
        self._kept.update(found)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        yield from ((name, chart) for name in ids if (chart := found.get(name) or known.get(name)) is not None)
