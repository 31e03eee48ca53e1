"""Results and events made to order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from screening import units, variables
from screening.patient import vocabulary
from screening.patient.facts import (
    Activity,
    Certainty,
    DateSpan,
    Event,
    Observation,
    ReferenceRange,
)
from screening.patient.fhir_values import named_unit
from screening.predicates import Op, Tense, Term
from screening.synthetic.records import Entry, entry, kind_of

CANONICAL: Final = "canonical"
"""Stands for the canonical unit of the variable."""

Number = Decimal | int | str


def result(  # noqa: PLR0913 -- a result has as many parts
    variable: str,
    value: Number | None,
    *,
    day: date | DateSpan | None,
    unit: str | None = CANONICAL,
    uln: Number | None = None,
    lln: Number | None = None,
    ranges: tuple[ReferenceRange, ...] = (),
    comparator: Op | None = None,
    method: str | None = None,
    qualifiers: tuple[str, ...] = (),
    text: str | None = None,
) -> Observation:
    """One result of a variable (id), its *unit* read as in a record (None: none recorded); *uln*, *lln* share it.

    >>> result("alt", "88", day=date(2026, 3, 2), uln=40).unit
    'U/L'
    """
    known = variables.catalogue()[variable]
    own = (reference(variable, lln, uln),) if uln is not None or lln is not None else ()
    ucum, raw = _unit(variable, known.unit if unit == CANONICAL else unit)
    return Observation(
        variable,
        known.name,
        _number(value),
        comparator,
        ucum,
        raw,
        text,
        _span(day),
        own + ranges,
        method,
        qualifiers,
        result=vocabulary.result(text, ()),
    )


def reference(
    variable: str, low: Number | None, high: Number | None, unit: str | None = None, kind: str | None = None
) -> ReferenceRange:
    """A laboratory's range; without *unit* it stands in that of the result. *kind*: "therapeutic", for one."""
    ucum, raw = _unit(variable, unit)
    return ReferenceRange(_number(low), _number(high), ucum, raw, type=kind)


def _unit(variable: str, unit: str | None) -> tuple[str | None, str | None]:
    """The code and the spelling, as the readers of records make them of a unit."""
    if unit is None:
        return None, None
    found = named_unit(units.ucum(unit, variable), unit, variable)
    return found.ucum, found.raw


def recordable(variable: str) -> tuple[str | None, ...]:
    """The accepted units in which a record can hold a result, the canonical one first; None: a plain number.

    >>> recordable("egfr"), recordable("ecog")
    (('mL/min/{1.73_m2}', 'mL/s/{1.73_m2}'), (None,))
    """
    known = variables.catalogue()[variable]
    read = (_unit(variable, unit)[0] for unit in units.accepted(variable))
    held = tuple(dict.fromkeys(unit for unit in read if unit is not None))
    return held if known.unit is not None else (None, *held)


def _number(value: Number | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _span(day: date | DateSpan | None) -> DateSpan | None:
    return DateSpan(day, day) if isinstance(day, date) else day


def event(  # noqa: PLR0913 -- as above
    term: Term | str,
    tense: Tense | None = Tense.HAS,
    *,
    day: date | DateSpan | None = None,
    end: date | DateSpan | None = None,
    certainty: Certainty = Certainty.CONFIRMED,
    written: Entry | None = None,
) -> Event:
    """A condition, drug, procedure or allergy: HAS goes on, HAD is over (by *end*, else by *day*), None says neither.

    *written*: text and codes, where they are to be others than those of the concept itself.

    >>> event("liver_metastasis", day=date(2026, 1, 5)).activity.value
    'current'
    """
    wanted = Term(term) if isinstance(term, str) else term
    text, codes = written or entry(wanted.concept)
    activity = {Tense.HAS: Activity.CURRENT, Tense.HAD: Activity.PAST, None: Activity.UNKNOWN}[tense]
    ended = _span(end) or (_span(day) if tense is Tense.HAD else None)
    return Event(kind_of(wanted.concept), text, codes, certainty, activity, _span(day), ended, wanted.qualifiers)
