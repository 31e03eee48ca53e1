"""Compiles clinical-trial eligibility criteria into unit-aware predicates and screens patients, arithmetic shown.

    rules = screening.load("NCT03619954.txt")               a registry document, or a reviewed rule file
    patients = screening.read_patients("patients/")          FHIR R4 or native JSON
    result = screening.screen(rules, patients, on=date(2026, 3, 11))
    print(screening.render(result, "text"))

The names below are the public interface; each command of the command line wraps one of them. They are imported
when first used, so that `import screening` and `screening --help` cost next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from screening.app.demo import demo
    from screening.app.documents import compile, lint, load, read, sign
    from screening.build import extract
    from screening.build.windows import windows
    from screening.explain.screen import screen
    from screening.patient import read_patients
    from screening.report import render

__version__ = "0.1.0"

_HOME = {
    "compile": "screening.app.documents",
    "demo": "screening.app.demo",
    "extract": "screening.build",
    "lint": "screening.app.documents",
    "load": "screening.app.documents",
    "read": "screening.app.documents",
    "read_patients": "screening.patient",
    "render": "screening.report",
    "screen": "screening.explain.screen",
    "sign": "screening.app.documents",
    "windows": "screening.build.windows",
}

__all__ = [
    "__version__",
    "compile",
    "demo",
    "extract",
    "lint",
    "load",
    "read",
    "read_patients",
    "render",
    "screen",
    "sign",
    "windows",
]


def __getattr__(name: str) -> Any:
    """The public function *name*, imported from its home on first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    """What tab completion offers."""
    return sorted(__all__)
