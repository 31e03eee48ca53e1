"""Where an event lies in time against a window: a period counts by its end, an open end is ongoing."""

from __future__ import annotations

from datetime import date

from screening.evaluate.outcome import Scope
from screening.patient.facts import Activity, DateSpan, Event, EventKind
from screening.predicates import Relation
from screening.truth import Truth


def placed(event: Event, relation: Relation, scope: Scope, on: date) -> Truth:
    """Whether the event, or a part of it, lies inside the window; for a washout, whether it had ended by then.

    Partial and missing dates that leave it open give UNKNOWN.
    """
    ends = ending(event, on)
    if relation is not Relation.WITHIN:
        return _by(ends, scope.latest)
    began = _by(event.start or DateSpan(date.min, on), scope.latest)
    return min(began, Truth.TRUE if scope.earliest is None else ~_by(ends, scope.earliest, strict=True))


def _by(when: DateSpan, limit: date, *, strict: bool = False) -> Truth:
    """Whether a (possibly partial) date is on or before *limit*; *strict*: before it."""
    if when.last < limit or (when.last == limit and not strict):
        return Truth.TRUE
    return Truth.FALSE if when.first > limit or (when.first == limit and strict) else Truth.UNKNOWN


def ending(event: Event, on: date) -> DateSpan:
    """When the event ended: ongoing ones never so far; ended ones without a date, on some day since their start.

    A procedure of which nothing but a day is recorded was done on that day. An end before the start is one of two
    dates that cannot both be right: it ended at some time.
    """
    if event.end is not None:
        backwards = event.start is not None and event.end.last < event.start.first
        return DateSpan(event.end.first, max(event.end.last, on)) if backwards else event.end
    if event.activity is Activity.CURRENT:
        return DateSpan(date.max, date.max)
    if event.kind is EventKind.PROCEDURE and event.start is not None and event.activity is Activity.UNKNOWN:
        return event.start
    return DateSpan(event.start.first if event.start is not None else date.min, on)
