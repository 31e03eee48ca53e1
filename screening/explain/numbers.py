"""Numbers, units and dates as people write them, exact wherever the decimals end."""

from __future__ import annotations

from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, lru_cache

from screening.patient.facts import DateSpan
from screening.resources import table

DIGITS = 6
"""Significant digits of a number whose decimals do not end."""

_EXACT = 15
"""Up to so many significant digits a number is written out in full."""

OPERATORS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "=": "="}


def plain(value: Decimal) -> str:
    """A decimal as recorded, without exponent.

    >>> plain(Decimal("1.50")), plain(Decimal("1E+3"))
    ('1.50', '1000')
    """
    return format(value, "f")


@lru_cache(maxsize=1 << 14)
def shown(value: Fraction) -> tuple[str, bool]:
    """A fraction as a decimal, and whether that is exact.

    >>> shown(Fraction(3, 2)), shown(Fraction(1, 3)), shown(Fraction(1200))
    (('1.5', True), ('0.333333', False), ('1200', True))
    """
    full = _decimal(value, _EXACT)
    if Fraction(full) == value:
        return _trimmed(full), True
    return _trimmed(_decimal(value, DIGITS)), False


def _decimal(value: Fraction, digits: int) -> Decimal:
    context = Context(prec=digits)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


def _trimmed(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def equals(value: Fraction, unit: str | None) -> str:
    """A converted value with the sign of its exactness in front.

    >>> equals(Fraction(1200), "/uL"), equals(Fraction(4, 3), "mg/dL")
    ('= 1200 /µL', '≈ 1.33333 mg/dL')
    """
    text, exact = shown(value)
    return f"{'=' if exact else '≈'} {with_unit(text, unit)}"


@cache
def _symbols() -> dict[str, str]:
    symbols: dict[str, str] = table("wording")["units"]
    return symbols


@cache
def unit_name(unit: str | None) -> str:
    """A unit as people write it; "" for none.

    >>> unit_name("/uL"), unit_name("a"), unit_name(None), unit_name("{score}")
    ('/µL', 'years', '', '')
    """
    if unit is None:
        return ""
    return _symbols().get(unit, "" if unit.startswith("{") and unit.endswith("}") else unit)


@lru_cache(maxsize=1 << 14)
def with_unit(number: str, unit: str | None) -> str:
    """Number and unit; a power of ten multiplies.

    >>> with_unit("90", "%"), with_unit("2", None), with_unit("1.5", "10*9/L")
    ('90 %', '2', '1.5 × 10⁹/L')
    """
    name = unit_name(unit)
    return f"{number} × {name}" if name.startswith("10") else f"{number} {name}".rstrip()


def day(when: DateSpan | None) -> str:
    """A date as precisely as it is known.

    >>> day(DateSpan(date(2026, 3, 1), date(2026, 3, 31)))
    '2026-03'
    """
    return "no date" if when is None else _days(when.first, when.last)


@lru_cache(maxsize=1 << 14)
def _days(first: date, last: date) -> str:
    if first == last:
        return first.isoformat()
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%Y-%m}"
    return f"{first:%Y}" if first.year == last.year else f"{first.isoformat()} to {last.isoformat()}"


def distance(when: DateSpan | None, on: date) -> str:
    """How far before screening a fact lies.

    >>> distance(DateSpan(date(2026, 3, 2), date(2026, 3, 2)), date(2026, 3, 11))
    '9 days before screening'
    """
    return "" if when is None or not when.exact else _away(when.first, on)


@lru_cache(maxsize=1 << 14)
def _away(day: date, on: date) -> str:
    days = (on - day).days
    if days == 0:
        return "on the day of screening"
    side = "before" if days > 0 else "after"
    return f"{counted(abs(days), 'day')} {side} screening"


def counted(number: int, noun: str) -> str:
    """A count with its noun.

    >>> counted(1, "day"), counted(2, "day")
    ('1 day', '2 days')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
