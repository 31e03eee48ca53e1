"""How a recorded number compares with a limit, on doubles, as exact fractions do.

A limit that is known at compile time is rounded once to a double. Rounding keeps order, so only a number that has the
same double as the limit needs care: what is written with up to 15 digits is the one shortest decimal of its double, and
how that lies to the limit is known at compile time too. Numbers of more digits (`z`) that meet a limit this closely are
left to the interpreter.

Where the limit is computed from the row itself (k × ULN) there is a rounding to allow for, `TOLERANCE`; within it the
two are equal, if both are of few digits, else the interpreter is asked (`too_fine`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlglot import exp

from screening.batch import codes, sql
from screening.batch.sql import Sql
from screening.evaluate.exact import Bounds
from screening.predicates import Op

TOLERANCE = 4e-15
"""Relative difference up to which a value and k × ULN are equal: 18 roundings' worth, a hundredth of the least
difference of a value of 9 digits from k × a limit of 9 digits with k of 3 in units that differ by a power of ten."""

DIGITS = 15
"""Digits up to which a decimal is the shortest one of its double."""

_SCALES = (10**6, 10**3, 1)
_LARGEST = 10**11
"""Two numbers that are whole multiples of 1 / scale, and below `_LARGEST` / scale, differ from one another, and from k
times one another with k of 3 decimals, by more than twice the tolerance, if they differ at all."""


@dataclass(frozen=True, slots=True)
class Row:
    """How to get at one result: columns of the wide table, or of a table of results.

    *long*: whether some numbers have more than 15 digits, so that there is a z.
    """

    of: Callable[[str], Sql]
    long: bool = False

    def __call__(self, name: str) -> Sql:
        """A fresh expression for a field: x (the number), g (signature), lo, hi (range), sex (the patient's), z (1 for
        a number or range of more digits than a double holds, else 0)."""
        return self.of(name)


def exactly(number: Sql, op: Op, limit: Fraction) -> Sql:
    """Whether number op limit, for numbers of up to 15 digits.

    >>> for limit in ("1.5", "1.50000000000000000001"):
    ...     print(exactly(sql.col("x"), Op.LT, Fraction(limit)).sql())
    "x" < CAST('1.5' AS DOUBLE)
    "x" <= CAST('1.5' AS DOUBLE)
    """
    edge = sql.real(limit)
    written = Fraction(Decimal(repr(float(limit))))
    if written == limit:
        return sql.compared(number.copy(), op, edge)
    if op is Op.EQ:
        return exp.false()
    below = Op.LE if written < limit else Op.LT
    upwards = Op.GT if below is Op.LE else Op.GE
    return sql.compared(number.copy(), below if op in (Op.LT, Op.LE) else upwards, edge)


def between(number: Sql, low: Fraction, high: Fraction) -> Sql:
    """Whether low ≤ number ≤ high, for numbers of up to 15 digits.

    >>> print(between(sql.col("x"), Fraction(0), Fraction(3, 2)).sql())
    "x" BETWEEN CAST('0.0' AS DOUBLE) AND CAST('1.5' AS DOUBLE)
    """
    least, most = exactly(number, Op.GE, low), exactly(number, Op.LE, high)
    if isinstance(least, exp.GTE) and isinstance(most, exp.LTE):
        return exp.Between(this=number.copy(), low=least.expression, high=most.expression)
    return sql.every(least, most)


def unclear(row: Row, limits: Iterable[Fraction]) -> list[tuple[Sql, Sql]]:
    """The branch for a number of more than 15 digits that meets a limit as closely as doubles can tell."""
    if not row.long:
        return []
    met = exp.In(this=row("x"), expressions=[sql.real(limit) for limit in limits])
    return [(sql.every(_long(row), met), sql.num(codes.ASK))]


def _long(row: Row) -> Sql:
    return exp.EQ(this=row("z"), expression=sql.num(1))


def _plain(known: Bounds) -> bool:
    """Whether a value is one number."""
    return known.low is not None and known.high is not None and known.low_in and known.high_in


_SIDES = {
    Op.LT: (codes.TRUE, codes.FALSE, codes.FALSE),
    Op.LE: (codes.TRUE, codes.TRUE, codes.FALSE),
    Op.EQ: (codes.FALSE, codes.TRUE, codes.FALSE),
    Op.GE: (codes.FALSE, codes.TRUE, codes.TRUE),
    Op.GT: (codes.FALSE, codes.FALSE, codes.TRUE),
}
"""What a number below a limit, equal to it and above it says."""


def truth(condition: Sql) -> Sql:
    """The code of a condition."""
    return sql.case((condition, sql.num(codes.TRUE)), default=sql.num(codes.FALSE))


@dataclass(frozen=True, slots=True)
class LimitSql:
    """The limit of one comparison in the unit of one signature.

    *exact*: what it is, where that is known at compile time; else *reference*: the side of the range it comes from.
    """

    value: Sql | None  # None: its unit does not fit the variable
    same_unit: bool = False
    usable: Sql | None = None  # the condition under which there is a limit; None: always
    exact: Fraction | None = None
    reference: Sql | None = None
    open: Sql | None = None  # the condition under which only the interpreter can tell

    def left_open(self) -> list[tuple[Sql, Sql]]:
        """The branch for limits that only the interpreter finds."""
        return [] if self.open is None else [(self.open.copy(), sql.num(codes.ASK))]

    def says(self, known: Bounds, op: Op, row: Row, doubt: int) -> Sql:
        """The code of a value of which *known* sides are known against this limit, where there is one."""
        if self.value is None:
            return sql.num(codes.UNIT_INCOMPATIBLE)
        if self.reference is not None and _plain(known):
            return self._nearly(op, row)
        said = self._against(known, op, row("x"), doubt)
        return sql.case(*self._unclear(row), default=said)

    def _nearly(self, op: Op, row: Row) -> Sql:
        """The code of a number against a limit that is known up to the tolerance: beyond it, below it, or equal to it,
        unless there are too many digits to say so."""
        below, equal, above = (sql.num(code) for code in _SIDES[op])
        within = sql.case((self._fine(row), sql.num(codes.ASK)), default=equal)
        over, under = (self._compared(row("x"), side) for side in (Op.GT, Op.LT))
        return sql.case((over, above), (under, below), default=within)

    def _fine(self, row: Row) -> Sql:
        numbers = [row("x"), *([] if self.reference is None else [self.reference])]
        return sql.some(*map(too_fine, numbers), *([_long(row)] if row.long else []))

    def _unclear(self, row: Row) -> list[tuple[Sql, Sql]]:
        if self.exact is not None:
            return unclear(row, [self.exact])
        if self.reference is None:
            return []
        return [(sql.every(self._compared(row("x"), Op.EQ), exp.paren(self._fine(row))), sql.num(codes.ASK))]

    def _against(self, known: Bounds, op: Op, number: Sql, doubt: int) -> Sql:
        if op is Op.EQ:
            return self._equal(known, number, doubt)
        upwards = op in (Op.GT, Op.GE)
        if _plain(known):
            return truth(self._compared(number, op))
        strict = op in (Op.LT, Op.GE)
        below, above = self._sides(known, number, strict)
        yes, other = (codes.FALSE, codes.TRUE) if upwards else (codes.TRUE, codes.FALSE)
        held = [(side, sql.num(code)) for side, code in ((below, yes), (above, other)) if side is not None]
        return sql.case(*held, default=sql.num(doubt))

    def _sides(self, known: Bounds, number: Sql, strict: bool) -> tuple[Sql | None, Sql | None]:
        """Where the value surely lies below the limit (*strict*: < it, else ≤), and where surely not."""
        below = above = None
        if known.high is not None:
            below = self._compared(number, Op.LT if strict and known.high_in else Op.LE)
        if known.low is not None:
            above = self._compared(number, Op.GE if strict or not known.low_in else Op.GT)
        return below, above

    def _equal(self, known: Bounds, number: Sql, doubt: int) -> Sql:
        if _plain(known):
            return truth(self._compared(number, Op.EQ))
        below, _ = self._sides(known, number, strict=True)
        _, above = self._sides(known, number, strict=False)
        outside = [(side, sql.num(codes.FALSE)) for side in (below, above) if side is not None]
        if known.low is not None and known.high is not None:
            outside.insert(0, (self._compared(number, Op.EQ), sql.num(codes.TRUE)))
        return sql.case(*outside, default=sql.num(doubt))

    def _compared(self, number: Sql, op: Op) -> Sql:
        if self.exact is not None:
            return exactly(number, op, self.exact)
        if op is Op.EQ:
            return sql.every(self._compared(number, Op.LE), self._compared(number, Op.GE))
        limit = exp.paren((self.value or sql.null()).copy())
        edge = 1 + TOLERANCE if op in (Op.LE, Op.GT) else 1 - TOLERANCE
        return sql.compared(number.copy(), op, exp.Mul(this=limit, expression=sql.real(edge)))


def too_fine(number: Sql) -> Sql:
    """Whether a number, unless there is none, has too many digits to tell it apart from others by the tolerance."""
    held = [
        sql.every(
            exp.LT(this=exp.Abs(this=number.copy()), expression=sql.real(_LARGEST / scale)),
            exp.EQ(this=_rounded(number, scale), expression=number.copy()),
        )
        for scale in _SCALES
    ]
    return sql.no(exp.paren(sql.some(*map(exp.paren, held))))


def _rounded(number: Sql, scale: int) -> Sql:
    """The nearest multiple of 1 / scale: that of a double with so few decimals is itself."""
    scaled = exp.Mul(this=number.copy(), expression=sql.real(scale))
    return exp.Div(this=exp.Round(this=scaled), expression=sql.real(scale), typed=False, safe=False)
