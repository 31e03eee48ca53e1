"""What makes patient records unusable as a whole."""

from __future__ import annotations


class PatientInputError(ValueError):
    """Unusable input: one line that names the file, the place and the remedy, and never holds a patient's value."""

    def __init__(self, file: str, problem: str, remedy: str) -> None:
        """*file* and its *problem*, and what to do about it."""
        super().__init__(f"{file}: {problem}. {remedy}")
