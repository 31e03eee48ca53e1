"""The user's range book in SQL: which of its rows serves a result that has no range of its own.

What depends on the kind of result (variable, method) is settled at compile time; the day of the result, the sex and
the age of the patient on that day are left to SQL. Rows that fit but differ are no limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from sqlglot import exp

from screening.batch import sql
from screening.batch.scan import EPOCH, day_of, number_of
from screening.batch.signatures import Signature
from screening.batch.sql import Sql
from screening.evaluate.context import BookRange, Context
from screening.evaluate.exact import convert
from screening.patient.ranges import contradictory
from screening.predicates import Multiple, Reference

_MONTHS = 12

Field = Callable[[str], Sql]
"""A column of one result, or of its patient."""


@dataclass(frozen=True, slots=True)
class BookLimit:
    """One limit of the book: the reference value, its unit, and when it serves."""

    value: Decimal
    unit: str | None
    serves: Sql


def has_rows(variable: str, context: Context) -> bool:
    """Whether the book says anything on a variable."""
    return any(row.variable == variable for row in context.ranges)


def serving(variable: str, limit: Multiple, signature: Signature, row: Field, context: Context) -> list[BookLimit]:
    """The distinct limits of the book, each with the condition under which it alone serves."""
    method = signature.observation.method
    grouped: dict[tuple[Fraction | None, Decimal | None], tuple[BookRange, list[Sql]]] = {}
    for item in context.ranges:
        value = _side(item, limit.of)
        if item.variable != variable or item.method not in (None, method) or value is None:
            continue
        canonical = convert(variable, Fraction(limit.factor) * Fraction(value), item.unit)
        key = (canonical, None if canonical else value)
        grouped.setdefault(key, (item, []))[1].append(_fits(item, row, context.on))
    fits = [sql.some(*conditions) for _, conditions in grouped.values()]
    found = []
    for at, (item, _) in enumerate(grouped.values()):
        others = [sql.no(exp.paren(other.copy())) for n, other in enumerate(fits) if n != at]
        alone = exp.Coalesce(this=exp.paren(sql.every(exp.paren(fits[at].copy()), *others)), expressions=[exp.false()])
        found.append(BookLimit(_side(item, limit.of) or Decimal(0), item.unit, alone))
    return found


def _side(item: BookRange, of: Reference) -> Decimal | None:
    """The limit asked for; one that is ≤ 0, or of a range that contradicts itself, is none."""
    if contradictory(item.low, item.high):
        return None
    value = item.high if of is Reference.ULN else item.low
    return value if value is not None and value.is_finite() and value > 0 else None


def _fits(item: BookRange, row: Field, on: date) -> Sql:
    """Whether a row of the book was in force on the day of the result, for the patient's sex and age on it."""
    day = day_of(row("k"))
    day = sql.case((exp.EQ(this=day, expression=sql.num(0)), sql.num(number_of(on))), default=day.copy())
    conditions: list[Sql] = []
    if item.valid_from is not None:
        conditions.append(exp.GTE(this=day, expression=sql.num(number_of(item.valid_from))))
    if item.valid_to is not None:
        conditions.append(exp.LTE(this=day.copy(), expression=sql.num(number_of(item.valid_to))))
    if item.sex is not None:
        conditions.append(exp.EQ(this=row("sex"), expression=sql.text(item.sex)))
    for which in ("birth_first", "birth_last"):
        conditions += _of_age(item, row(which), day.copy())
    return exp.Coalesce(this=exp.paren(sql.every(*conditions)), expressions=[exp.false()])


def _of_age(item: BookRange, birth: Sql, day: Sql) -> list[Sql]:
    """The ages of a row, in completed months; "to 65" includes the day before the 66th birthday."""
    months = _completed_months(birth, day)
    found: list[Sql] = []
    if item.age_from is not None:
        found.append(exp.GTE(this=months, expression=sql.num(ceil(Fraction(item.age_from) * _MONTHS))))
    if item.age_to is not None:
        age = Fraction(item.age_to)
        whole = age.denominator == 1 and age >= 1
        last = int((age + 1) * _MONTHS) - 1 if whole else floor(age * _MONTHS)
        found.append(exp.LTE(this=months.copy(), expression=sql.num(last)))
    return found


def _completed_months(birth: Sql, day: Sql) -> Sql:
    step = exp.Sub(this=exp.paren(day), expression=sql.num(1))
    then = sql.cast(exp.DateAdd(this=sql.day(EPOCH), expression=exp.paren(step), unit=exp.var("DAY")), "DATE")
    year, month, date_of = (
        (kind(this=then.copy()), kind(this=birth.copy())) for kind in (exp.Year, exp.Month, exp.Day)
    )
    years = exp.paren(exp.Sub(this=year[0], expression=year[1]))
    months = exp.paren(exp.Sub(this=month[0], expression=month[1]))
    unripe = sql.case((exp.LT(this=date_of[0], expression=date_of[1]), sql.num(1)), default=sql.num(0))
    total = exp.Add(this=exp.Mul(this=years, expression=sql.num(_MONTHS)), expression=months)
    return exp.paren(exp.Sub(this=total, expression=unripe))
