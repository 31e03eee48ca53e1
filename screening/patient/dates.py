"""Dates of records: the calendar date as written; a partial one is the interval of days it may be."""

from __future__ import annotations

import calendar
import re
from datetime import date, time
from functools import lru_cache

from screening.patient.facts import DateSpan

_WRITTEN = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?"
    r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> DateSpan:
    """An ISO 8601 date, date and time, month or year; the time zone is ignored, so the day stays the one written.

    Raises ValueError without repeating the text, which may be a patient's.

    >>> parse("2026-02").last
    datetime.date(2026, 2, 28)
    >>> parse("2026-03-11T23:30:00-08:00").first
    datetime.date(2026, 3, 11)
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None or (found["hour"] and not found["day"]):
        raise ValueError("not a date; write YYYY-MM-DD, YYYY-MM or YYYY")
    first, last = _days(found)
    return DateSpan(first, last, _time(found))


def _days(found: re.Match[str]) -> tuple[date, date]:
    year = int(found["year"])
    try:
        if found["day"]:
            day = date(year, int(found["month"]), int(found["day"]))
            return day, day
        if found["month"]:
            month = int(found["month"])
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, 1, 1), date(year, 12, 31)
    except ValueError as error:
        raise ValueError("no such day in the calendar") from error


def _time(found: re.Match[str]) -> time | None:
    if not found["hour"]:
        return None
    try:
        return time(int(found["hour"]), int(found["minute"]), min(int(found["second"] or 0), 59))
    except ValueError as error:
        raise ValueError("no such time of day") from error


def write(span: DateSpan) -> str:
    """The inverse of `parse`.

    >>> write(parse("2026-02")), write(parse("2026-03-11T08:05"))
    ('2026-02', '2026-03-11T08:05:00')
    """
    if span.time is not None:
        return f"{span.first.isoformat()}T{span.time.isoformat('seconds')}"
    if span.exact:
        return span.first.isoformat()
    return f"{span.first:%Y-%m}" if span.first.month == span.last.month else f"{span.first.year:04d}"


def years_after(birth: DateSpan, years: int) -> DateSpan:
    """The days on which somebody born in *birth* was *years* old: from that birthday to the eve of the next.

    >>> years_after(parse("2000-02-29"), 1).first
    datetime.date(2001, 3, 1)
    """
    return DateSpan(_birthday(birth.first, years), _eve(_birthday(birth.last, years + 1)))


def _birthday(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def _eve(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)
