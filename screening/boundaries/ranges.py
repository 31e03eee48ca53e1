"""Probes of reference ranges: none, an older result's, two that differ, another unit's, the trial's own definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from screening import synthetic
from screening.boundaries.decimals import around, short
from screening.boundaries.probes import Probe
from screening.boundaries.verdicts import canonical
from screening.explain.numbers import with_unit
from screening.patient.facts import Observation
from screening.predicates import Comparison, Multiple, Reference

if TYPE_CHECKING:
    from screening.boundaries.measured import Made, Measured

KIND = "reference"


def probes(slot: Measured) -> Iterator[Probe]:
    """What is tried on the reference values of every multiple."""
    limits = [part.limit for part in slot.parts if isinstance(part, Comparison) and isinstance(part.limit, Multiple)]
    for limit in dict.fromkeys(limits):
        if limit.of is Reference.BASELINE:
            fact, seen = slot.again()
            yield slot.probe(KIND, "no baseline recorded", (fact, replace(seen, baseline=None)))
        elif not limit.factor:
            continue
        elif limit.defined is None:
            yield from _of_results(slot, limit)
        else:
            yield from _trial_defined(slot, limit)


def _of_results(slot: Measured, limit: Multiple) -> Iterator[Probe]:
    one, two, *_ = slot.references()
    home = synthetic.recordable(slot.variable)[0]
    value = short(Fraction(limit.factor) * Fraction(one))
    bare = slot.make(value, home)
    older = _older(slot, limit, value, one)
    yield slot.probe(KIND, "no reference range", bare)
    yield slot.probe(KIND, "reference range only on an older result", bare, also=(older,))
    shown = f"{limit.of} {with_unit(format(two, 'f'), home)}"
    for number in around(Fraction(limit.factor) * Fraction(two)):
        if number is not None:
            made = slot.make(number, home, reference=sides(limit, two))
            yield slot.probe(KIND, "an older result has another limit", made, also=(older,), reference=shown)
    zero = slot.make(value, home, reference=sides(limit, Decimal(0)))
    yield slot.probe(KIND, "limit of the range recorded as 0", zero)
    yield slot.probe(KIND, "only a therapeutic range", _therapeutic(slot, limit, value, one))
    yield slot.probe(KIND, "two ranges that differ", _differing(slot, limit, value, (one, two)))
    yield from _in_another_unit(slot, limit, one)


def sides(limit: Multiple, value: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """A reference value as (ULN, LLN)."""
    return (value, None) if limit.of is Reference.ULN else (None, value)


def _older(slot: Measured, limit: Multiple, value: Decimal, reference: Decimal) -> Observation:
    """A result of the day before, with a reference range."""
    day = slot.day - timedelta(days=1)
    return slot.make(value, synthetic.recordable(slot.variable)[0], reference=sides(limit, reference), day=day)[0]


def _therapeutic(slot: Measured, limit: Multiple, value: Decimal, reference: Decimal) -> Made:
    high, low = sides(limit, reference)
    held = synthetic.reference(slot.variable, low, high, kind="therapeutic")
    return slot.make(value, synthetic.recordable(slot.variable)[0], ranges=(held,))


def _differing(slot: Measured, limit: Multiple, value: Decimal, references: tuple[Decimal, Decimal]) -> Made:
    high, low = sides(limit, references[1])
    second = synthetic.reference(slot.variable, low, high)
    home = synthetic.recordable(slot.variable)[0]
    fact, seen = slot.make(value, home, reference=sides(limit, references[0]), ranges=(second,))
    return fact, replace(seen, uln=None, lln=None)


def _in_another_unit(slot: Measured, limit: Multiple, reference: Decimal) -> Iterator[Probe]:
    """The range in the last of the accepted units, the result in the first."""
    home, *others = synthetic.recordable(slot.variable)
    for unit in others[-1:]:
        own = short(slot.in_unit(Fraction(reference), unit))
        high, low = sides(limit, own)
        held = synthetic.reference(slot.variable, low, high, unit)
        known = (Fraction(own), unit)
        at = canonical(slot.variable, limit.factor * own, unit) or Fraction(0)
        shown = f"{limit.of} {with_unit(format(own, 'f'), unit)}"
        for number in around(at):
            if number is not None:
                fact, seen = slot.make(number, home, ranges=(held,))
                seen = replace(seen, uln=known) if limit.of is Reference.ULN else replace(seen, lln=known)
                yield slot.probe(KIND, "range in another unit than the result", (fact, seen), reference=shown)


def _trial_defined(slot: Measured, limit: Multiple) -> Iterator[Probe]:
    """The range of the result does not stand against the trial's own definition."""
    far = slot.references()[-1] * 10
    made = slot.again(reference=sides(limit, far))
    shown = f"{limit.of} of the result {far:f}"
    yield slot.spoilt(KIND, "the result's own range differs", made, reference=shown)
