"""Ending on a signal as on Ctrl-C: what is unfinished is removed on the way out."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_BY_SIGNAL = 128
"""Added to the number of a signal: the exit status that shells show."""


@contextmanager
def tidied_up() -> Iterator[None]:
    """Ends on SIGTERM or a closed terminal as on Ctrl-C; a signal that is ignored (nohup) stays so."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = [signal.signal(number, _leave) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _leave(number: int, _frame: object) -> None:
    raise SystemExit(_BY_SIGNAL + number)
