"""What makes patient records unusable as a whole."""

from __future__ import annotations


class PatientInputError(ValueError):
    """Unusable input: one line that names the file, the place and the remedy, and never holds a patient's value."""

    def __init__(self, file: str, problem: str, remedy: str) -> None:
        super().__init__(f"{file}: {problem}. {remedy}")
