"""Dates of records: as written, partial ones as intervals."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.patient import dates


@given(st.dates(), st.one_of(st.none(), st.times().map(lambda t: t.replace(microsecond=0))))
def test_a_written_day_reads_back(day: date, moment: time | None) -> None:
    written = day.isoformat() + (f"T{moment.isoformat()}" if moment else "")
    span = dates.parse(written)
    assert (span.first, span.last, span.time) == (day, day, moment)
    assert dates.parse(dates.write(span)) == span


@pytest.mark.parametrize("offset", ["Z", "+14:00", "-11:30", ""])
def test_the_calendar_day_is_the_one_written_whatever_the_offset(offset: str) -> None:
    assert dates.parse(f"2026-03-11T23:59:59.999{offset}").first == date(2026, 3, 11)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("1961", date(1961, 1, 1), date(1961, 12, 31)), ("2024-02", date(2024, 2, 1), date(2024, 2, 29))],
)
def test_partial_dates_are_intervals(text: str, first: date, last: date) -> None:
    span = dates.parse(text)
    assert (span.first, span.last) == (first, last)
    assert dates.write(span) == text


@pytest.mark.parametrize(
    "text", ["11.03.2026", "2026-13-01", "2026-02-30", "03/04/2026", "", "yesterday", "2026-03T10:00"]
)
def test_an_unreadable_date_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a date|no such") as caught:
        dates.parse(text)
    assert not text or text not in str(caught.value)


def test_an_age_is_the_year_of_life() -> None:
    span = dates.years_after(dates.parse("1980-06-15"), 40)
    assert (span.first, span.last) == (date(2020, 6, 15), date(2021, 6, 14))
