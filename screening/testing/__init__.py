"""Laws that every rule file must keep, patients to try them on, and a check that its boundary cases notice a slip.

    from screening import load, testing
    rules = load("trial.md")
    test_units = testing.unit_invariant(rules)          # pytest collects it; so of the other laws

`screening test trial.md` runs them all. Needs the extra `screening[test]` (Hypothesis). The names below are imported
when first used, because the pytest plugin stands in this package and is loaded in every run of pytest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from screening.boundaries import Answer, Engine, interpreter
    from screening.testing.laws import boundary_exact, laws_of, missing_never_passes, monotone_in, unit_invariant
    from screening.testing.mutants import Mutant, Mutation, mutation
    from screening.testing.running import Law, LawBrokenError, Verdict, check
    from screening.testing.strategies import (
        equivalent_patients,
        patients,
        patients_near_thresholds,
        records_in_other_units,
    )

_HOMES = {
    "screening.boundaries": ("Answer", "Engine", "interpreter"),
    "screening.testing.laws": ("boundary_exact", "laws_of", "missing_never_passes", "monotone_in", "unit_invariant"),
    "screening.testing.mutants": ("Mutant", "Mutation", "mutation"),
    "screening.testing.running": ("Law", "LawBrokenError", "Verdict", "check"),
    "screening.testing.strategies": (
        "equivalent_patients",
        "patients",
        "patients_near_thresholds",
        "records_in_other_units",
    ),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Answer",
    "Engine",
    "Law",
    "LawBrokenError",
    "Mutant",
    "Mutation",
    "Verdict",
    "boundary_exact",
    "check",
    "equivalent_patients",
    "interpreter",
    "laws_of",
    "missing_never_passes",
    "monotone_in",
    "mutation",
    "patients",
    "patients_near_thresholds",
    "records_in_other_units",
    "unit_invariant",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 -- PEP 562: a module attribute may be anything
    """The public name, imported from its home on first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value
