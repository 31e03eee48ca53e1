"""Why a batch cannot be run; each message is one line that names the place and the remedy, and holds no value."""

from __future__ import annotations


class BatchError(ValueError):
    """The store or the engine cannot be used."""


class RefusedError(BatchError):
    """A predicate that SQL would not decide as the interpreter does; names the criterion and the part of it."""
