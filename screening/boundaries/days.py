"""Plain date arithmetic, kept apart from the interpreter's so that each checks the other.

Weeks are 7 days, months and years calendar ones, clamped to the end of the month; whoever is born on 29 February is a
year older on 1 March of a common year.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

from screening.predicates import Duration, Relation, Window

_MONTHS = {"mo": 1, "a": 12}
_DAYS = {"d": 1, "wk": 7}
_HOURS = 24
FINER = {"a": ("mo", 12), "wk": ("d", 7)}


def months_before(day: date, months: int) -> date:
    """*day* so many calendar months earlier.

    >>> months_before(date(2026, 3, 31), 1)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def before(day: date, length: Duration) -> date | None:
    """The day *length* before; None where that is no whole number of days or months, or before the calendar begins.

    >>> before(date(2026, 3, 29), Duration(Decimal(4), "wk"))
    datetime.date(2026, 3, 1)
    """
    if length.unit == "h" and length.value % _HOURS == 0:
        length = Duration(length.value / _HOURS, "d")
    if length.value != int(length.value) or length.unit not in (*_MONTHS, *_DAYS):
        return None
    number = int(length.value)
    try:
        if length.unit in _MONTHS:
            return months_before(day, number * _MONTHS[length.unit])
        return day - timedelta(days=number * _DAYS[length.unit])
    except (ValueError, OverflowError):
        return None


def span(window: Window, anchor: date, on: date) -> tuple[date | None, date] | None:
    """First and last day of a window, never after the screening date; None for no day: as far back as one likes."""
    edge = before(anchor, window.duration)
    if edge is None:
        return None
    if window.relation is Relation.WITHIN:
        return edge, min(anchor, on)
    last = edge if window.relation is Relation.AT_LEAST else edge - timedelta(days=1)
    return None, min(last, on)


def completed(birth: date, on: date, unit: str) -> int:
    """Completed units of age.

    >>> completed(date(2008, 2, 29), date(2026, 2, 28), "a"), completed(date(2008, 2, 29), date(2026, 3, 1), "a")
    (17, 18)
    """
    if unit == "h":
        return (on - birth).days * 24
    if unit in _DAYS:
        return (on - birth).days // _DAYS[unit]
    had_birthday = (on.month, on.day) >= (birth.month, birth.day)
    if unit == "a":
        return on.year - birth.year - (0 if had_birthday else 1)
    return (on.year - birth.year) * 12 + on.month - birth.month - (0 if on.day >= birth.day else 1)


def born(on: date, number: int, unit: str) -> date | None:
    """Who has completed *number* units on just this day; None where the calendar has no such day."""
    return before(on, Duration(Decimal(number), unit))
