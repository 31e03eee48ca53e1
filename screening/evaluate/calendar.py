"""Date arithmetic: ages, windows and the days on which they open and close. No clock: every date is given.

Weeks are 7 days; months and years are calendar ones, clamped to the end of the month (31 March less a month is the
last day of February). A fractional year is taken in months, a remaining fraction of a month as that part of 30.4375
days, hours as parts of a day. Where that does not come to whole days, the day on the edge is neither surely inside
nor surely outside: UNKNOWN. Partial dates are intervals, and what their days do not agree on is UNKNOWN too.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from screening.patient.facts import DateSpan
from screening.predicates import Duration, Relation, Window
from screening.truth import Truth, truth

DAYS_PER_MONTH = Decimal("30.4375")  # 365.25 / 12: the mean Julian month, for fractions of a month only
_DAYS_PER_UNIT = {"h": Decimal(1) / 24, "d": Decimal(1), "wk": Decimal(7)}
_MONTHS_PER_UNIT = {"mo": 1, "a": 12}
_SLACK = timedelta(days=4)  # clamping to a month's end moves an edge by at most three days


def shift_months(day: date, months: int) -> date:
    """*day* so many calendar months later (earlier when negative), clamped to the month's end.

    >>> shift_months(date(2026, 3, 31), -1)
    datetime.date(2026, 2, 28)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _parts(duration: Duration) -> tuple[int, Decimal]:
    """A duration as whole calendar months and days, the days possibly fractional."""
    if duration.unit in _DAYS_PER_UNIT:
        return 0, duration.value * _DAYS_PER_UNIT[duration.unit]
    months = duration.value * _MONTHS_PER_UNIT[duration.unit]
    whole = months.to_integral_value(ROUND_FLOOR)
    return int(whole), (months - whole) * DAYS_PER_MONTH


def _shift(day: date, duration: Duration, sign: int, rounding: str) -> date:
    months, days = _parts(duration)
    try:
        return shift_months(day, sign * months) + timedelta(days=sign * int(days.to_integral_value(rounding)))
    except (OverflowError, ValueError):
        return date.min if sign < 0 else date.max


def before(anchor: date, duration: Duration) -> tuple[date, date]:
    """The day *duration* before the anchor, as (earliest, latest): equal unless the duration is not in whole days.

    >>> before(date(2026, 3, 31), Duration(Decimal(4), "wk"))[0]
    datetime.date(2026, 3, 3)
    >>> [day.isoformat() for day in before(date(2026, 3, 31), Duration(Decimal(36), "h"))]
    ['2026-03-29', '2026-03-30']
    """
    return _shift(anchor, duration, -1, ROUND_CEILING), _shift(anchor, duration, -1, ROUND_FLOOR)


def after(start: date, duration: Duration) -> tuple[date, date]:
    """The day *duration* after another, as (earliest, latest): equal unless the duration is not in whole days.

    >>> after(date(2026, 1, 31), Duration(Decimal(1), "mo"))[0]
    datetime.date(2026, 2, 28)
    """
    return _shift(start, duration, 1, ROUND_FLOOR), _shift(start, duration, 1, ROUND_CEILING)


def _completed_months(birth: date, on: date) -> int:
    return (on.year - birth.year) * 12 + on.month - birth.month - (on.day < birth.day)


_COMPLETED: dict[str, Callable[[date, date], int]] = {
    "a": lambda birth, on: _completed_months(birth, on) // 12,
    "mo": _completed_months,
    "wk": lambda birth, on: (on - birth).days // 7,
    "d": lambda birth, on: (on - birth).days,
    "h": lambda birth, on: (on - birth).days * 24,
}


def completed(birth: date, on: date, unit: str = "a") -> int:
    """Completed years, months, weeks, days or hours (UCUM a, mo, wk, d, h) at a date; negative before birth.

    Somebody born on 29 February is a year older on 1 March of a common year; somebody born on the 31st, a month
    older on the 1st after a shorter month.

    >>> completed(date(2008, 2, 29), date(2026, 2, 28)), completed(date(2008, 2, 29), date(2026, 3, 1))
    (17, 18)
    """
    return _COMPLETED[unit](birth, on)


def age(birth: DateSpan, on: date, unit: str = "a") -> tuple[int, int]:
    """The same for a birth date that may be partial, as (least, most).

    >>> age(DateSpan(date(1961, 1, 1), date(1961, 12, 31)), date(2026, 6, 15))
    (64, 65)
    """
    most = completed(birth.first, on, unit)
    return (most if birth.exact else completed(birth.last, on, unit)), most


def birthday(birth: date, years: int) -> date:
    """The first day on which somebody born then has completed so many years.

    >>> birthday(date(2008, 2, 29), 18)
    datetime.date(2026, 3, 1)
    """
    leap_day = (birth.month, birth.day) == (2, 29) and not calendar.isleap(birth.year + years)
    return date(birth.year + years, 3, 1) if leap_day else birth.replace(year=birth.year + years)


def window(found: Window, anchor: date) -> tuple[date | None, date]:
    """The days of a window as (first, last), both included; None: as far back as one likes.

    A duration that is not in whole days counts as the whole days that hold it.

    >>> [day.isoformat() for day in window(Window(Relation.WITHIN, Duration(Decimal(4), "wk")), date(2026, 3, 29))]
    ['2026-03-01', '2026-03-29']
    """
    edge, _ = before(anchor, found.duration)
    if found.relation is Relation.WITHIN:
        return edge, anchor
    return None, edge if found.relation is Relation.AT_LEAST or edge == date.min else edge - timedelta(days=1)


def _day_in_window(day: date, window: Window, anchor: date) -> Truth:
    """Whether one day lies in the window; days after the anchor never do."""
    earliest, latest = before(anchor, window.duration)
    if day > anchor:
        return Truth.FALSE
    if window.relation is Relation.WITHIN:
        return _between(day >= latest, day >= earliest)
    if window.relation is Relation.AT_LEAST:
        return _between(day <= earliest, day <= latest)
    return _between(day < earliest, day < latest)


def _between(surely: bool, possibly: bool) -> Truth:
    return Truth.TRUE if surely else truth(None if possibly else False)


def in_window(span: DateSpan, window: Window, anchor: date) -> Truth:
    """Whether a fact of that date lies in the window, counted back from the anchor, both ends included.

    "Within 4 weeks" holds from day 0 to day 28; "at least 4 weeks" from day 28 on; "more than" from day 29 on.

    >>> within = Window(Relation.WITHIN, Duration(Decimal(4), "wk"))
    >>> from screening.patient import dates
    >>> [in_window(dates.parse(day), within, date(2026, 3, 29)).name for day in ("2026-03-01", "2026-02-28", "2026")]
    ['TRUE', 'FALSE', 'UNKNOWN']
    """
    days = {span.first, span.last, *_edges(span, window, anchor)}
    answers = {_day_in_window(day, window, anchor) for day in days}
    return answers.pop() if len(answers) == 1 else Truth.UNKNOWN


def _edges(span: DateSpan, window: Window, anchor: date) -> set[date]:
    """The days inside a partial date where the answer may change: a window may lie wholly inside it."""
    one = timedelta(days=1)
    cuts = {anchor, *before(anchor, window.duration)}
    near = {cut + step for cut in cuts if date.min < cut < date.max for step in (-one, 0 * one, one)}
    return {day for day in near if span.first <= day <= span.last}


def eligible_from(day: date, window: Window) -> date:
    """The first anchor date on which a fact of that day has left a "within" window, or entered an "at least" one.

    >>> eligible_from(date(2026, 3, 1), Window(Relation.WITHIN, Duration(Decimal(4), "wk")))
    datetime.date(2026, 3, 30)
    >>> eligible_from(date(2026, 3, 1), Window(Relation.AT_LEAST, Duration(Decimal(4), "wk")))
    datetime.date(2026, 3, 29)
    """
    wanted = Truth.FALSE if window.relation is Relation.WITHIN else Truth.TRUE
    anchor = max(day, _shift(day, window.duration, 1, ROUND_FLOOR) - _SLACK)
    while _day_in_window(day, window, anchor) is not wanted:
        anchor += timedelta(days=1)
    return anchor
