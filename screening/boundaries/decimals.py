"""Numbers as a laboratory could write them: at a limit, and next to it on either side, in at most nine digits."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import NamedTuple

from screening.boundaries.settings import settings


class Around(NamedTuple):
    """Decimals next to a limit; *at* is None where no number of so few digits is exactly there."""

    below: Decimal
    at: Decimal | None
    above: Decimal


def around(limit: Fraction, *, whole: bool = False) -> Around:
    """The neighbours of a limit: one digit finer than itself, or the nearest there are; *whole*: whole numbers only.

    >>> around(Fraction(3, 2))
    Around(below=Decimal('1.49'), at=Decimal('1.5'), above=Decimal('1.51'))
    >>> around(Fraction(1, 3))
    Around(below=Decimal('0.333333333'), at=None, above=Decimal('0.333333334'))
    """
    digits = settings()["digits"]
    low, high = rounded(limit, digits, ROUND_FLOOR), rounded(limit, digits, ROUND_CEILING)
    if low != high:
        return Around(low, None, high) if not whole else _whole(limit)
    at = plain(low)
    if whole:
        return _whole(limit)
    step = Decimal(1).scaleb(max(min(exponent(at), 0) - 1, at.adjusted() - digits + 1))
    return Around(at - step, at, at + step)


def _whole(limit: Fraction) -> Around:
    floor = limit.numerator // limit.denominator
    if floor == limit:
        return Around(Decimal(floor - 1), Decimal(floor), Decimal(floor + 1))
    return Around(Decimal(floor), None, Decimal(floor + 1))


def exponent(value: Decimal) -> int:
    """The place of the last digit."""
    place = value.as_tuple().exponent
    return place if isinstance(place, int) else 0


def rounded(value: Fraction, digits: int, rounding: str) -> Decimal:
    """A fraction in so many significant digits."""
    return Context(prec=digits, rounding=rounding).divide(Decimal(value.numerator), Decimal(value.denominator))


def plain(value: Decimal) -> Decimal:
    """Without trailing zeros behind the point, and without an exponent.

    >>> plain(Decimal("1.500")), plain(Decimal("8E+3"))
    (Decimal('1.5'), Decimal('8000'))
    """
    text = format(value, "f")
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def short(value: Fraction) -> Decimal:
    """A reference limit near *value* that reads like one: exact where few digits do."""
    exact = rounded(value, settings()["digits"], ROUND_FLOOR)
    if Fraction(exact) == value:
        return plain(exact)
    return plain(rounded(value, settings()["factor_digits"], ROUND_FLOOR))
