"""What makes a store, or what is to become one, unusable as a whole."""

from __future__ import annotations

from screening.patient import PatientInputError


class StoreError(PatientInputError):
    """One line that names the file, the place and the remedy, and never holds a patient's value."""


class DamagedError(StoreError):
    """A file that DuckDB cannot read: perhaps some of it can be salvaged."""


class TargetError(StoreError):
    """The place where something is to be written; the message begins with it."""


class MissingExtraError(StoreError):
    """A package of an extra that was not installed."""

    def __init__(self, what: str, package: str, extra: str) -> None:
        """*what* needs *package*, which comes with *extra*."""
        super().__init__(what, f"needs the package {package}", f"Install it with: pip install 'screening[{extra}]'")
