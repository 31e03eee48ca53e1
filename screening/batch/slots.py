"""Slots: which results of a patient a predicate looks at. Predicates on the same variable and dates share one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from screening import variables
from screening.batch.atoms import OnResults
from screening.batch.records import Records
from screening.batch.signatures import Signature
from screening.evaluate import qualifiers
from screening.evaluate.context import Context
from screening.evaluate.qualifiers import Asked
from screening.evaluate.selection import scope
from screening.predicates import Comparison, Result


class Slot(NamedTuple):
    """The results of a variable between two dates; *asked* only where some results are on record as made otherwise."""

    variable: str
    earliest: date | None
    latest: date
    asked: Asked | None = None
    words: bool = False  # results without a number count too
    every: bool = False  # all of the day, whatever their time
    sure: bool = False  # only those that surely lie between the dates: where some dates are partial
    sample: bool = False  # only those of the last day: where some dates are partial


@dataclass(frozen=True, slots=True)
class Placed:
    """A slot with the signatures that are in it."""

    slot: Slot
    signatures: tuple[Signature, ...]  # of the variable, all of them
    fitting: tuple[Signature, ...]  # those made as asked


def slot_of(predicate: OnResults, context: Context, records: Records) -> Placed:
    """The slot of a predicate in a store."""
    item = variables.catalogue()[predicate.variable]
    where = scope(context, predicate.window, item.max_age_days)
    words = isinstance(predicate, Result)
    asked = None if isinstance(predicate, Result) else qualifiers.asked(predicate)
    listed = records.of_variable.get(predicate.variable, ())
    fitting = tuple(s for s in listed if asked is None or not qualifiers.differs(asked, s.observation))
    narrowed = None if len(fitting) == len(listed) else asked
    slot = Slot(predicate.variable, where.earliest, where.latest, narrowed, words, aggregate_of(predicate) is not None)
    return Placed(slot, listed, fitting)


def aggregate_of(predicate: OnResults) -> str | None:
    """How several results of one day count together; None: the latest speaks."""
    if not isinstance(predicate, Comparison):
        return None
    return predicate.aggregate or variables.catalogue()[predicate.variable].aggregate
