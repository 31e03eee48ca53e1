"""Ages, windows and the days they open and close."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.evaluate.calendar import (
    age,
    before,
    birthday,
    eligible_from,
    in_window,
    shift_months,
)
from screening.evaluate.calendar import (
    window as days_of,
)
from screening.patient.dates import parse
from screening.patient.facts import DateSpan
from screening.predicates import Duration, Relation, Window
from screening.truth import Truth

DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
DURATIONS = st.builds(
    Duration,
    st.integers(0, 60).map(Decimal) | st.sampled_from([Decimal("0.5"), Decimal("1.5")]),
    st.sampled_from(["h", "d", "wk", "mo", "a"]),
)
WINDOWS = st.builds(Window, st.sampled_from(Relation), DURATIONS)


def on(text: str) -> date:
    return date.fromisoformat(text)


def exact(day: date) -> DateSpan:
    return DateSpan(day, day)


def window(relation: Relation, value: str, unit: str) -> Window:
    return Window(relation, Duration(Decimal(value), unit))


@pytest.mark.parametrize(
    ("born", "at", "unit", "expected"),
    [
        ("2008-02-29", "2026-02-28", "a", (17, 17)),
        ("2008-02-29", "2026-03-01", "a", (18, 18)),
        ("2008-02-29", "2028-02-29", "a", (20, 20)),
        ("2000-06-15", "2026-06-15", "a", (26, 26)),
        ("2000-06-15", "2026-06-14", "a", (25, 25)),
        ("1961", "2026-06-15", "a", (64, 65)),
        ("1961-06", "2026-06-15", "a", (64, 65)),
        ("1961-06", "2026-06-30", "a", (65, 65)),
        ("2026-01-31", "2026-02-28", "mo", (0, 0)),
        ("2026-01-31", "2026-03-01", "mo", (1, 1)),
        ("2026-01-01", "2026-01-14", "wk", (1, 1)),
        ("2026-01-01", "2026-01-15", "wk", (2, 2)),
        ("2026-01-01", "2026-01-15", "d", (14, 14)),
    ],
)
def test_age_in_completed_units(born: str, at: str, unit: str, expected: tuple[int, int]) -> None:
    assert age(parse(born), on(at), unit) == expected


@given(DAYS, st.integers(1, 110))
def test_age_grows_exactly_on_the_birthday(born: date, years: int) -> None:
    day = birthday(born, years)
    assert age(exact(born), day) == (years, years)
    assert age(exact(born), day - timedelta(days=1)) == (years - 1, years - 1)


@given(DAYS, DAYS, st.sampled_from(["a", "mo", "wk", "d"]))
def test_age_never_falls_as_days_pass(born: date, at: date, unit: str) -> None:
    today, tomorrow = (age(exact(born), day, unit)[0] for day in (at, at + timedelta(days=1)))
    assert today <= tomorrow <= today + 1


@given(DAYS, DAYS, DAYS)
def test_a_partial_birth_date_spans_the_ages_of_its_days(one: date, other: date, at: date) -> None:
    first, last = sorted((one, other))
    low, high = age(DateSpan(first, last), at)
    assert low == age(exact(last), at)[0] <= age(exact(first), at)[0] == high


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-03-31", -1, "2026-02-28"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-01-15", -13, "2024-12-15"),
    ],
)
def test_months_are_clamped_to_the_end(day: str, months: int, expected: str) -> None:
    assert shift_months(on(day), months) == on(expected)


@pytest.mark.parametrize(
    ("relation", "days_ago", "expected"),
    [
        (Relation.WITHIN, 0, True),
        (Relation.WITHIN, 28, True),
        (Relation.WITHIN, 29, False),
        (Relation.WITHIN, -1, False),
        (Relation.AT_LEAST, 27, False),
        (Relation.AT_LEAST, 28, True),
        (Relation.MORE_THAN, 28, False),
        (Relation.MORE_THAN, 29, True),
    ],
)
def test_both_ends_of_a_window_belong_to_it(relation: Relation, days_ago: int, expected: bool) -> None:
    anchor = on("2026-03-11")
    found = in_window(exact(anchor - timedelta(days=days_ago)), window(relation, "4", "wk"), anchor)
    assert found is (Truth.TRUE if expected else Truth.FALSE)


def test_a_partial_date_that_straddles_the_edge_is_unknown() -> None:
    anchor = on("2026-03-20")
    span = parse("2026-02")
    assert in_window(span, window(Relation.WITHIN, "4", "wk"), anchor) is Truth.UNKNOWN
    assert in_window(span, window(Relation.WITHIN, "2", "mo"), anchor) is Truth.TRUE
    assert in_window(span, window(Relation.WITHIN, "1", "wk"), anchor) is Truth.FALSE


def test_a_window_inside_a_partial_date_is_unknown() -> None:
    assert (
        in_window(DateSpan(on("2020-01-01"), on("2030-01-01")), window(Relation.WITHIN, "1", "wk"), on("2026-01-01"))
        is Truth.UNKNOWN
    )


def test_hours_that_are_no_whole_days_leave_the_edge_open() -> None:
    anchor = on("2026-03-11")
    half = window(Relation.WITHIN, "12", "h")
    assert in_window(exact(anchor), half, anchor) is Truth.TRUE
    assert in_window(exact(on("2026-03-10")), half, anchor) is Truth.UNKNOWN
    assert in_window(exact(on("2026-03-09")), half, anchor) is Truth.FALSE
    assert in_window(exact(on("2026-03-10")), window(Relation.WITHIN, "24", "h"), anchor) is Truth.TRUE


def test_half_a_year_is_six_months() -> None:
    assert before(on("2026-08-31"), Duration(Decimal("0.5"), "a")) == (on("2026-02-28"), on("2026-02-28"))


@given(DAYS, DAYS, WINDOWS)
def test_more_days_ago_never_re_enters_a_within_window(day: date, anchor: date, found: Window) -> None:
    now, earlier = (in_window(exact(d), found, anchor) for d in (day, day - timedelta(days=1)))
    if day <= anchor:
        assert (earlier <= now) if found.relation is Relation.WITHIN else (earlier >= now)


@given(DAYS, DAYS, DAYS, WINDOWS)
def test_a_partial_date_decides_only_what_all_its_days_decide(one: date, other: date, anchor: date, at: Window) -> None:
    first, last = sorted((one, other))
    whole = in_window(DateSpan(first, last), at, anchor)
    if whole is not Truth.UNKNOWN:
        middle = first + (last - first) / 2
        assert {in_window(exact(day), at, anchor) for day in (first, middle, last)} == {whole}


@given(DAYS, WINDOWS)
def test_eligible_from_is_the_first_such_day(day: date, at: Window) -> None:
    wanted = Truth.FALSE if at.relation is Relation.WITHIN else Truth.TRUE
    found = eligible_from(day, at)
    assert in_window(exact(day), at, found) is wanted
    if found > day:
        assert in_window(exact(day), at, found - timedelta(days=1)) is not wanted


@given(DAYS, DAYS, WINDOWS)
def test_the_days_of_a_window_are_those_that_may_lie_in_it(day: date, anchor: date, found: Window) -> None:
    first, last = days_of(found, anchor)
    inside = (first is None or first <= day) and day <= last
    answer = in_window(exact(day), found, anchor)
    assert answer is Truth.UNKNOWN or inside is (answer is Truth.TRUE)
