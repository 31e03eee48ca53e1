"""Modules that are imported when asked for something: a command shows its help without the packages of an extra."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for a module by its full name.

    >>> Later("fractions").Fraction(1, 2)
    Fraction(1, 2)
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:  # noqa: ANN401 -- type checkers are shown the module
        """What the module has under that name."""
        return getattr(import_module(self._name), attribute)
