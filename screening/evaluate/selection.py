"""Which results count: the latest on or before the screening date, inside the window or the maximum age.

Dates may be partial, so "the latest" can be several results; whoever asks must get one answer from all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import NamedTuple

from screening.evaluate import calendar
from screening.evaluate.chart import Measure
from screening.evaluate.context import Context
from screening.evaluate.outcome import Scope
from screening.predicates import Relation, Window


class Selection(NamedTuple):
    """*latest*: the results any of which may be the one that counts. *sure*: at least one is certainly inside.

    *outside*: the newest result before the screening date that does not count. *later*: results after it.
    """

    latest: tuple[Measure, ...]
    sure: bool
    outside: Measure | None
    later: tuple[Measure, ...]


def scope(context: Context, window: Window | None, max_age: int | None) -> Scope:
    """The dates a fact may have: those of the window, else of the maximum age the user or the variable gives."""
    if window is not None:
        return window_scope(context, window)
    days = max_age if context.max_age is None else context.max_age
    if days is None or days == "none":
        return Scope(None, context.on, None)
    return Scope(context.on - min(timedelta(days=days), context.on - date.min), context.on, days)


def window_scope(context: Context, window: Window, *, generous: bool = False) -> Scope:
    """The window's dates, never after the screening date: days surely inside, or (*generous*) possibly.

    The two differ only where a duration is not in whole days ("36 hours"), since records know days.
    """
    given = context.anchors.get(window.anchor)
    anchor = given or context.on
    far, near = calendar.before(anchor, window.duration)
    known = given is not None or window.anchor == "screening"
    if window.relation is Relation.WITHIN:
        return Scope(far if generous else near, min(anchor, context.on), None, known)
    latest = near if generous else far
    if window.relation is Relation.MORE_THAN and latest > date.min:
        latest -= timedelta(days=1)
    return Scope(None, min(latest, context.on), None, known)


def select(measures: tuple[Measure, ...], scope: Scope, on: date) -> Selection:
    """The results that count among *measures* (newest first)."""
    if measures:
        top = measures[0]
        if plainly_latest(top, measures, scope):
            return Selection((top,), sure=True, outside=None, later=())
    return _select(measures, scope, on)


def plainly_latest(top: Measure, measures: tuple[Measure, ...], scope: Scope) -> bool:
    """The common case: the newest result has a day of its own, inside the scope."""
    if top.last is None or top.first != top.last or top.last > scope.latest:
        return False
    if scope.earliest is not None and top.last < scope.earliest:
        return False
    return len(measures) == 1 or measures[1].last != top.last


def _select(measures: tuple[Measure, ...], scope: Scope, on: date) -> Selection:
    dated = [measure for measure in measures if measure.first is not None]
    undated = [measure for measure in measures if measure.first is None]
    later = tuple(measure for measure in dated if _first(measure) > on)
    possible = [measure for measure in dated if _may_lie(measure, scope)]
    if scope.earliest is None and not possible:
        possible, undated = undated, []
    before = [measure for measure in (*dated, *undated) if measure not in possible and measure not in later]
    sure = any(lies(measure, scope) for measure in possible)
    return Selection(_may_be_last(possible, scope), sure, before[0] if before else None, later)


def _first(measure: Measure) -> date:
    return measure.first or date.min


def lies(measure: Measure, scope: Scope) -> bool:
    """Whether the result certainly lies inside; an undated one does where any age will do."""
    if measure.first is None or measure.last is None:
        return scope.earliest is None
    return (scope.earliest is None or measure.first >= scope.earliest) and measure.last <= scope.latest


def _may_lie(measure: Measure, scope: Scope) -> bool:
    if measure.first is None or measure.last is None:
        return False
    return (scope.earliest is None or measure.last >= scope.earliest) and measure.first <= scope.latest


def _may_be_last(possible: list[Measure], scope: Scope) -> tuple[Measure, ...]:
    """Those that no certainly included result follows on a later day."""
    newest = max((_first(measure) for measure in possible if lies(measure, scope)), default=date.min)
    return tuple(measure for measure in possible if (measure.last or date.min) >= newest)


def newer(worded: tuple[Measure, ...], than: tuple[Measure, ...], scope: Scope) -> tuple[Measure, ...]:
    """Those of *worded* that lie, or may lie, in the scope and are later than all of *than*."""
    last = max((measure.last or date.min for measure in than), default=date.min)
    return tuple(measure for measure in worded if _may_lie(measure, scope) and _first(measure) > last)


def by_time(measures: tuple[Measure, ...]) -> tuple[Measure, ...]:
    """Of several on one day, the latest time of day, if all of them have one; then the last, if their order is
    known."""
    if len(measures) == 1 or len({(measure.first, measure.last) for measure in measures}) > 1:
        return measures
    times: list[time] = [measure.time for measure in measures if measure.time is not None]
    if len(times) == len(measures):
        measures = tuple(measure for measure in measures if measure.time == max(times))
    numbers = [measure.observation.seq for measure in measures if measure.observation.seq is not None]
    if len(numbers) < len(measures):
        return measures
    return tuple(measure for measure in measures if measure.observation.seq == max(numbers))


def straddling(measures: Iterable[Measure], scope: Scope) -> tuple[Measure, ...]:
    """Those whose partial date leaves open whether they count."""
    return tuple(measure for measure in measures if not lies(measure, scope))
