"""What results have in common besides numbers and dates: every distinct combination on record, judged once.

Units, methods, qualifiers, comparators and words are read here with the interpreter's own functions; SQL only looks
up the integer of a combination.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from screening import units, variables
from screening.evaluate import exact
from screening.evaluate.levels import reading
from screening.evaluate.outcome import Reason
from screening.patient.facts import Observation
from screening.patient.fhir_values import level
from screening.predicates import Op
from screening.store.rows import observation
from screening.store.shape import TABLES

COLUMNS = (
    "variable",
    "loinc",
    "unit",
    "raw_unit",
    "ref_unit",
    "ref_type",
    "ref_sex",
    "method",
    "qualifiers",
    "comparator",
    "text",
    "result",
)
"""The columns of observations that make a signature, as far as the store has them."""

_LIMIT = 1.0
"""Stands for a limit, so that the range of a row is read together with its unit."""


@dataclass(frozen=True)
class Signature:
    """One combination: *id* as SQL computes it, and a result of that kind, without value and date."""

    id: int
    observation: Observation

    @cached_property
    def variable(self) -> str | None:
        """The variable it is a result of, if that is known."""
        found = self.observation.variable
        return found if found in variables.catalogue() else None

    @property
    def unit(self) -> str | None:
        """The unit of its value, UCUM."""
        return self.observation.unit

    @property
    def comparator(self) -> Op | None:
        """How a censored value is recorded."""
        return self.observation.comparator

    @cached_property
    def level(self) -> Decimal | None:
        """The number of a level in words ("NYHA III"), for a result without a number."""
        words, known = self.observation.text, self.variable
        found = variables.catalogue()[known].levels.get(words.strip().casefold()) if words and known else None
        return None if found is None else Decimal(found)

    @cached_property
    def leveled(self) -> bool:
        """Whether its words name a level, as far as the reader of stores can tell."""
        words, known = self.observation.text, self.variable
        return bool(words and known) and (self.level is not None or level(words or "", known) is not None)

    @cached_property
    def reads(self) -> str | None:
        """What its words read as, "positive" or "negative"."""
        return self.observation.result or reading(self.observation.text or "")

    @cached_property
    def problem(self) -> Reason | None:
        """Why its values cannot be used, whatever they are."""
        if self.unit is None and self.observation.raw_unit:
            return Reason.UNIT_INCOMPATIBLE
        if self.unit is None and exact.needs_unit(self.variable or ""):
            return Reason.UNIT_MISSING
        return Reason.UNIT_INCOMPATIBLE if self.conversion(self.unit) is None else None

    def conversion(self, unit: str | None) -> units.Conversion | None:
        """From a unit to the variable's canonical one; None where it does not fit."""
        offset = exact.convert(self.variable or "", Fraction(0), unit)
        one = exact.convert(self.variable or "", Fraction(1), unit)
        return None if offset is None or one is None else units.Conversion(one - offset, offset)


_NOTHING: dict[str, Any] = dict.fromkeys(TABLES["observations"])


def signature(id: int, cells: dict[str, Any]) -> Signature:
    """The signature of one distinct row of the store, read as the store's own reader reads it."""
    return Signature(id, observation({**_NOTHING, **cells, "ref_low": _LIMIT, "ref_high": _LIMIT}))
