"""Age and sex of a patient, from the table of patients."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

from sqlglot import exp

from screening.batch import codes, sql
from screening.batch.sql import Sql
from screening.evaluate import calendar
from screening.evaluate.ages import _counted as counted
from screening.predicates import Amount, Comparison, Op, Sex


def age(predicate: Comparison, on: date) -> Sql:
    """A limit on age as a limit on the birth date, found with the interpreter's own calendar.

    A partial birth date is decided where its first and its last day (as far as lived) agree.
    """
    limit = predicate.limit
    if not isinstance(limit, Amount) or limit.unit is None:
        return sql.num(codes.ASSUMPTION)
    value, unit = counted(Fraction(limit.value), limit.unit)
    first = sql.col("birth_first")
    last = exp.Least(this=sql.col("birth_last"), expressions=[sql.day(on)], ignore_nulls=True)
    unborn = exp.GT(this=first.copy(), expression=sql.day(on))
    gone = (sql.some(sql.absent(first.copy()), unborn), sql.num(codes.MISSING))
    if predicate.op is Op.EQ:
        return sql.case(gone, *_equal(first, last, value, unit, on), default=sql.num(codes.MISSING))
    whole = floor(value) + 1 if predicate.op in (Op.GT, Op.LE) else ceil(value)
    born = sql.day(latest_birth(whole, unit, on))
    grown = predicate.op in (Op.GT, Op.GE)
    yes, no = (codes.TRUE, codes.FALSE) if grown else (codes.FALSE, codes.TRUE)
    return sql.case(
        gone,
        (exp.LTE(this=last, expression=born), sql.num(yes)),
        (exp.GT(this=first, expression=born.copy()), sql.num(no)),
        default=sql.num(codes.MISSING),
    )


def _equal(first: Sql, last: Sql, number: Fraction, unit: str, on: date) -> list[tuple[Sql, Sql]]:
    """Inside the year (or month …) of that age, or wholly outside it."""
    if number.denominator != 1:
        return [(exp.true(), sql.num(codes.FALSE))]
    oldest, youngest = (latest_birth(int(number) + step, unit, on) for step in (1, 0))
    inside = sql.every(
        exp.GT(this=first.copy(), expression=sql.day(oldest)), exp.LTE(this=last.copy(), expression=sql.day(youngest))
    )
    outside = sql.some(
        exp.GT(this=first.copy(), expression=sql.day(youngest)), exp.LTE(this=last.copy(), expression=sql.day(oldest))
    )
    return [(inside, sql.num(codes.TRUE)), (outside, sql.num(codes.FALSE))]


def latest_birth(age: int, unit: str, on: date) -> date:
    """The last birth date with which so many units are completed on a day.

    >>> latest_birth(18, "a", date(2026, 2, 28)), latest_birth(0, "a", date(2026, 2, 28))
    (datetime.date(2008, 2, 28), datetime.date(2026, 2, 28))
    """
    low, high = date.min.toordinal(), on.toordinal()
    if age <= 0:
        return on
    if calendar.completed(date.min, on, unit) < age:
        return date.min
    while low < high:
        middle = (low + high + 1) // 2
        if calendar.completed(date.fromordinal(middle), on, unit) >= age:
            low = middle
        else:
            high = middle - 1
    return date.min + timedelta(days=low - 1)


def sex(predicate: Sex) -> Sql:
    """One that is not recorded as male or female is not known."""
    recorded = sql.col("sex")
    known = exp.In(this=recorded, expressions=[sql.text("male"), sql.text("female")])
    same = exp.EQ(this=recorded.copy(), expression=sql.text(predicate.value))
    held = sql.case((same, sql.num(codes.TRUE)), default=sql.num(codes.FALSE))
    return sql.case((known, held), default=sql.num(codes.MISSING))


def completed(birth: Sql, on: date, unit: str = "a") -> Sql | None:
    """Completed years, months, weeks or days at a date, below zero for those born after it; NULL without a birth date.

    None for a unit in which SQL does not count.
    """
    days: Sql = exp.DateDiff(this=sql.day(on), expression=birth.copy(), unit=exp.var("DAY"))
    found = {"d": (days, 1), "wk": (days, 7), "mo": (_months(birth, on), 1), "a": (_months(birth, on), 12)}.get(unit)
    if found is None:
        return None
    count, size = found
    steps = exp.Div(this=sql.cast(exp.paren(count), "DOUBLE"), expression=sql.real(size), typed=False, safe=False)
    whole = sql.cast(exp.Floor(this=steps), "INTEGER")
    return sql.case((sql.absent(birth.copy()), sql.cast(exp.null(), "INTEGER")), default=whole)


def _months(birth: Sql, on: date) -> Sql:
    year, month, day = (kind(this=birth.copy()) for kind in (exp.Year, exp.Month, exp.Day))
    counted = exp.Add(this=exp.Mul(this=year, expression=sql.num(12)), expression=month)
    unripe = sql.case((exp.GT(this=day, expression=sql.num(on.day)), sql.num(1)), default=sql.num(0))
    since = exp.Sub(this=sql.num(on.year * 12 + on.month), expression=exp.paren(counted))
    return exp.Sub(this=since, expression=unripe)
