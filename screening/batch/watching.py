"""How far a run is, told to whoever asks: steps done, and how much DuckDB has done of the step at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from screening.store.database import Connection

Tell = Callable[[float], None]
"""Takes the share that is done, 0 to 1."""

_EVERY = 0.2
"""Seconds between two looks."""


@dataclass(slots=True)
class Steps:
    """Steps of a run, of which *done* are behind it."""

    total: int
    done: int = 0

    def share(self, percent: float) -> float:
        """How much is done, with so many per cent of the step at hand; DuckDB says -1 where it does not know."""
        return min(1.0, (self.done + max(0.0, percent) / 100) / self.total)


@contextmanager
def watched(connection: Connection, steps: Steps, tell: Tell | None) -> Iterator[None]:
    """Tells how far the run is while it runs, from a thread of its own; nothing where nobody asks."""
    if tell is None:
        yield
        return
    over = Event()

    def look() -> None:
        while not over.wait(_EVERY):
            tell(steps.share(connection.query_progress()))

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
