"""The results of a store as rows of plain columns: number, signature, a key that sorts them by day, range, moment.

Where some dates are partial, the key is that of the last day that the date may be, and f is the number of the first.
None of the columns that aggregates pick by key is NULL, since an aggregate per column would skip a NULL and take the
range of an older row: an absent range is `NO_LIMIT`. NaN and infinities are no numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from screening.batch import sql
from screening.batch.numbers import DIGITS
from screening.batch.records import ROW, Records
from screening.batch.signatures import Signature
from screening.batch.sql import Sql

DAY = 2**40
"""The step of a day in the key k; numbers of rows are smaller (`Records` sees to it)."""

NO_LIMIT = -1
"""Stands for a limit that the range of a result does not have."""

OPEN_LIMIT = -2
"""Stands for a limit that only the interpreter finds, among several ranges of one result."""

FIELDS = {"lo": "ref_low", "hi": "ref_high"}

EPOCH = date.min
"""The first of the days that are numbered."""

_CLOCK = r"^(\d\d):(\d\d)(:(\d\d)(\.\d{1,6})?)?([+-]\d\d:?\d\d|Z)?$"


def key(day: date) -> int:
    """The least key of a day; undated results have the day 0."""
    return number_of(day) * DAY


def number_of(day: date) -> int:
    """The number of a day as `days` counts it."""
    return (day - EPOCH).days + 1


def days(value: Sql) -> Sql:
    """The number of a day, 1 for the first of January 1; NULL for none."""
    between = exp.DateDiff(this=value, expression=sql.day(EPOCH), unit=exp.var("DAY"))
    return exp.Add(this=sql.cast(between, "BIGINT"), expression=sql.num(1))


def day_of(value: Sql) -> Sql:
    """The number of the day in a key."""
    return exp.IntDiv(this=value, expression=sql.num(DAY))


@dataclass(frozen=True, slots=True)
class Scan:
    """What to read of every result. *later*: also those after the screening date, because whether any is there counts.

    *limits*: the sides of the range; *moments*: time and number of the day, digits and span, for results of one day.
    """

    records: Records
    wanted: frozenset[int]
    on: date
    limits: tuple[str, ...]
    later: bool = False
    moments: bool = False

    def rows(self) -> exp.Select:
        """SELECT patient_id, g, x, k and what else is asked for, of the results of the wanted signatures."""
        inner = self._inner().subquery("scan", copy=False)
        kept = [sql.col(name) for name in ("patient_id", "g", "k", *self.limits, *self._extra)]
        number = sql.named(with_levels(sql.col("x0"), self._levels), "x")
        if self.records.long:
            kept.append(sql.named(sql.case((sql.col("long"), sql.num(1)), default=sql.num(0)), "z"))
        found = exp.select(*kept, number, copy=False).from_(inner, copy=False)
        return found.where(sql.is_finite(sql.col("x0")), copy=False) if self.records.wordless else found

    @property
    def _levels(self) -> list[Signature]:
        """The signatures of results in words that name a level."""
        return [item for item in self.records.signatures if item.id in self.wanted and item.leveled]

    @property
    def _extra(self) -> tuple[str, ...]:
        partial = ("f",) if self.records.facts.partial else ()
        return (*partial, *(("clock", "timed", "q", "written") if self.moments else ()))

    def _inner(self) -> exp.Select:
        day, last = self.records.days()
        listed = {
            "g": self.records.signature_id(self.wanted),
            "x0": _read(self.records, *_VALUE) if self.records.wordless else number(self.records),
            "k": self._key(last),
            **{name: limit(self.records, name) for name in self.limits},
            **self._extras(day),
        }
        if self._levels:
            listed["undigited"] = sql.absent(self.records.field("observations", "value_text"))
        columns = [sql.named(value, name) for name, value in listed.items()]
        found = exp.select(sql.col("patient_id"), *columns, copy=False).from_(self.records.results(), dialect="duckdb")
        return found.where(*self.records.of_signatures(self.wanted), *self._past(day), copy=False)

    def _past(self, day: Sql) -> list[Sql]:
        """Whether a result is of the screening date or before, where the later ones are not read."""
        if self.later:
            return []
        past: Sql = exp.LTE(this=day.copy(), expression=sql.day(self.on))
        undated = sql.absent(day.copy())
        return [past if self.records.facts.undated == 0 else exp.paren(sql.some(past, undated))]

    def _key(self, last: Sql) -> Sql:
        """The key of the last day that the date of a result may be."""
        number = self._number(last)
        order = sql.col("seq") if self.records.ordered else sql.col(ROW)
        return exp.Add(this=exp.Mul(this=exp.paren(number), expression=sql.num(DAY)), expression=order)

    def _long(self) -> Sql:
        """Whether a number of the row is written with more characters than digits that a double holds."""
        written = self.records.written()
        return sql.some(*(exp.GT(this=sql.call("length", text), expression=sql.num(DIGITS)) for text in written))

    def _number(self, day: Sql) -> Sql:
        """The number of a day; an undated result has the day 0."""
        number = days(day.copy())
        return exp.Coalesce(this=number, expressions=[sql.num(0)]) if self.records.facts.undated else number

    def _extras(self, day: Sql) -> dict[str, Sql]:
        found: dict[str, Sql] = {}
        if self.records.facts.partial:
            found["f"] = self._number(day)
        if self.records.long:
            found["long"] = self._long()
        if self.moments:
            time = self.records.field("observations", "time")
            timed = exp.NEQ(this=exp.Coalesce(this=time, expressions=[sql.text("")]), expression=sql.text(""))
            found["clock"], found["timed"] = clock(time.copy()), sql.case((timed, sql.num(1)), default=sql.num(0))
            found["q"] = self.records.field("observations", "seq", "BIGINT")
            found["written"] = written(self.records)
        return found


def clock(time: Sql) -> Sql:
    """The time of day in seconds, the offset from UTC ignored; NULL where there is none, or none that is plain."""
    parts = [
        exp.Coalesce(this=exp.TryCast(this=_group(time, at), to=exp.DataType.build("DOUBLE")), expressions=[sql.num(0)])
        for at in (1, 2, 4, 5)
    ]
    hours, minutes, seconds, fraction = parts
    total = exp.Add(
        this=exp.Add(
            this=exp.Mul(this=hours, expression=sql.num(3600)), expression=exp.Mul(this=minutes, expression=sql.num(60))
        ),
        expression=exp.Add(this=seconds, expression=fraction),
    )
    plain = exp.RegexpLike(this=time.copy(), expression=sql.text(_CLOCK))
    return sql.case((plain, total), default=sql.cast(exp.null(), "DOUBLE"))


def _group(time: Sql, at: int) -> Sql:
    return exp.RegexpExtract(this=time.copy(), expression=sql.text(_CLOCK), group=sql.num(at))


def finite(value: Sql) -> Sql:
    """The number; NULL for NaN and infinities."""
    return sql.case((sql.is_finite(value), value), default=sql.cast(exp.null(), "DOUBLE"))


_VALUE = ("value", "value_text")
"""Columns of a number, and of its digits as written."""


def _read(records: Records, name: str, text: str) -> Sql:
    """A number by its digits as written where the store has them, else as the number it is."""
    value = sql.cast(records.field("observations", name, "DOUBLE"), "DOUBLE")
    if text not in records.columns("observations"):
        return value
    digits = finite(exp.TryCast(this=sql.col(text), to=exp.DataType.build("DOUBLE")))
    return exp.Coalesce(this=digits, expressions=[value])


def number(records: Records) -> Sql:
    """The recorded number as a double."""
    return finite(_read(records, *_VALUE))


def written(records: Records) -> Sql:
    """The digits of a number as they are written; NULL for a level in words."""
    kind = records.kinds("observations").get("value", "DOUBLE")
    value = records.field("observations", "value", "DOUBLE")
    wide = sql.cast(value, "DOUBLE") if kind in ("DOUBLE", "FLOAT") else value
    plain = sql.cast(wide, "VARCHAR")
    if "value_text" not in records.columns("observations"):
        return plain
    digits = exp.TryCast(this=sql.col("value_text"), to=exp.DataType.build("DOUBLE"))
    return sql.case((sql.no(sql.absent(digits)), exp.Trim(this=sql.col("value_text"))), default=plain)


def limit(records: Records, field: str) -> Sql:
    """A limit of a row's range; `NO_LIMIT` where there is none, or where low is above high; see `OPEN_LIMIT`."""
    low, high = (finite(_read(records, name, f"{name}_text")) for name in FIELDS.values())
    value = low.copy() if field == "lo" else high.copy()
    stated = exp.Coalesce(this=value.copy(), expressions=[sql.num(NO_LIMIT)])
    branches = []
    if set(FIELDS.values()) <= records.columns("observations"):
        positive = (exp.GT(this=side.copy(), expression=sql.num(0)) for side in (low, high))
        branches.append((sql.every(*positive, exp.GT(this=low, expression=high)), sql.num(NO_LIMIT)))
    if records.facts.ranged:
        several = sql.no(sql.absent(sql.col("ranges")))
        branches.insert(0, (sql.every(several, sql.absent(value)), sql.num(OPEN_LIMIT)))
    return sql.case(*branches, default=stated)


def with_levels(x: Sql, levels: Iterable[Signature]) -> Sql:
    """A number that is recorded in words ("NYHA III") counts as the number of that level, if the words are a level."""
    branches = []
    for item in levels:
        named = exp.null() if item.level is None else sql.cast(sql.text(str(item.level)), "DOUBLE")
        unless_digits = sql.some(sql.col("undigited"), sql.absent(sql.col("x0")))
        branches.append((sql.every(exp.EQ(this=sql.col("g"), expression=sql.num(item.id)), unless_digits), named))
    return sql.case(*branches, default=x)
