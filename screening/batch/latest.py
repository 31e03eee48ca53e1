"""The one latest result of each slot, where the store knows the order of every day: columns of one grouped scan.

A slot gives the columns x (the number), g (its signature), lo and hi (its range), all from the row of the greatest k:
day and number of the result in one integer that sorts as they do. None of them is ever NULL there, since an aggregate
per column would skip a NULL and take the range of an older row: an absent range is -1, which is no limit either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from screening.batch import codes, sql
from screening.batch.atoms import Row
from screening.batch.records import Records
from screening.batch.slots import Placed
from screening.batch.sql import Sql

_DAY = 2**40
"""The step of a day in k; `Records.ordered` sees to it that numbers are smaller."""

_EPOCH = date(1970, 1, 1)

FIELDS = {"lo": "ref_low", "hi": "ref_high"}


def column(at: int, field: str) -> str:
    """The name of a slot's column."""
    return f"s{at}_{field}"


def row_of(at: int) -> Row:
    """The result in slot *at*, and the patient's sex."""
    return Row(lambda field: sql.col(field if field == "sex" else column(at, field)))


@dataclass(frozen=True, slots=True)
class Latest:
    """A slot of which one result is the latest; *limits*: the sides of its range that predicates use."""

    at: int
    placed: Placed
    on: date
    limits: tuple[str, ...]

    @property
    def _early(self) -> bool:
        """Whether the slot ends before the screening date, so that a later result does not count."""
        return self.placed.slot.latest < self.on

    def columns(self) -> list[Sql]:
        """The columns of the grouped scan; the signature of a result that is too old is written as `STALE`."""
        inside = [sql.among(sql.col("g"), (item.id for item in self.placed.signatures))]
        inside.append(self._says_something())
        before = sql.every(*(item.copy() for item in inside))
        if self._early:
            inside.append(_until(self.placed.slot.latest))
        chosen = sql.every(*inside)
        fields = [self._field(name, sql.col(name), chosen) for name in (*self._numbers, *self.limits)]
        ever = [self._field("a", sql.num(1), before)] if self._early else []
        return [self._field("g", self._kind(), chosen), *fields, *ever]

    def _says_something(self) -> Sql:
        """Whether a result has a number, or words where those count too."""
        number = sql.no(sql.absent(sql.col("x")))
        worded = [item.id for item in self.placed.signatures if item.observation.text]
        return sql.some(number, sql.among(sql.col("g"), worded)) if self.placed.slot.words and worded else number

    @property
    def _numbers(self) -> tuple[str, ...]:
        return () if self.placed.slot.words else ("x",)

    def _kind(self) -> Sql:
        earliest = self.placed.slot.earliest
        if earliest is None:
            return sql.col("g")
        old = exp.LT(this=sql.col("k"), expression=sql.num(_key(earliest)))
        return sql.case((old, sql.num(_STALE)), default=sql.col("g"))

    def _field(self, name: str, value: Sql, chosen: Sql) -> Sql:
        return sql.named(sql.filtered(sql.call("arg_max", value, sql.col("k")), chosen.copy()), column(self.at, name))

    def code(self, said: Sql) -> Sql:
        """Missing, stale, or what the result says."""
        kind = sql.col(column(self.at, "g"))
        branches = []
        if self._early:
            none = sql.absent(sql.col(column(self.at, "a")))
            branches += [(none, sql.num(codes.MISSING)), (sql.absent(kind.copy()), sql.num(codes.STALE))]
        else:
            branches.append((sql.absent(kind.copy()), sql.num(codes.MISSING)))
        if self.placed.slot.earliest is not None:
            branches.append((exp.EQ(this=kind, expression=sql.num(_STALE)), sql.num(codes.STALE)))
        return sql.case(*branches, default=said)


_STALE = -1
"""Stands for the signature of a result that is too old to count."""


def _until(day: date) -> Sql:
    """Whether a result is of that day or before."""
    return exp.LT(this=sql.col("k"), expression=sql.num(_key(day) + _DAY))


def _key(day: date) -> int:
    return (day - _EPOCH).days * _DAY


def number(records: Records) -> Sql:
    """The recorded number as a double; NaN and infinities are no numbers."""
    value = exp.cast(records.field("observations", "value", "DOUBLE"), "DOUBLE")
    finite = exp.LT(this=exp.Abs(this=value.copy()), expression=exp.cast(sql.text("Infinity"), "DOUBLE"))
    return sql.case((finite, value), default=exp.cast(exp.null(), "DOUBLE"))


def limit(records: Records, field: str) -> Sql:
    """A limit of a row's range; -1 where there is none, or where the range contradicts itself (low above high)."""
    low, high = (exp.cast(records.field("observations", name, "DOUBLE"), "DOUBLE") for name in FIELDS.values())
    value = low.copy() if field == "lo" else high.copy()
    contradictory = sql.every(
        exp.GT(this=low.copy(), expression=sql.num(0)),
        exp.GT(this=high.copy(), expression=sql.num(0)),
        exp.GT(this=low, expression=high),
    )
    stated = exp.Coalesce(this=value, expressions=[sql.num(-1)])
    return sql.case((contradictory, sql.num(-1)), default=stated)


def with_levels(x: Sql, wanted: Iterable[int], records: Records) -> Sql:
    """A number that is recorded in words ("NYHA III") counts as the number of that level."""
    levels = {item.id: item.level for item in records.signatures if item.id in set(wanted) and item.level is not None}
    if not levels:
        return x
    branches = [
        (exp.EQ(this=sql.col("g"), expression=sql.num(id)), exp.cast(sql.text(str(level)), "DOUBLE"))
        for id, level in levels.items()
    ]
    return exp.Coalesce(this=x, expressions=[sql.case(*branches, default=exp.null())])


def grouped(slots: list[Latest], records: Records) -> exp.Select:
    """SELECT patient_id and the columns of every slot, of the results up to the screening date."""
    wanted = {item.id for slot in slots for item in slot.placed.signatures}
    on = max(slot.on for slot in slots)
    limits = sorted({name for slot in slots for name in slot.limits})
    day = exp.cast(sql.col("date"), "DATE")
    days = exp.cast(exp.DateDiff(this=day, expression=sql.day(_EPOCH), unit=exp.var("DAY")), "BIGINT")
    key = exp.Add(this=exp.Mul(this=exp.paren(days), expression=sql.num(_DAY)), expression=sql.col("seq"))
    scan = (
        exp.select(
            sql.col("patient_id"),
            sql.named(records.signature_id(wanted), "g"),
            sql.named(number(records), "x0"),
            sql.named(key, "k"),
            *(sql.named(limit(records, name), name) for name in limits),
        )
        .from_(records.results())
        .where(exp.LTE(this=day.copy(), expression=sql.day(on)))
    )
    read = (
        exp.select(
            sql.col("patient_id"),
            sql.col("g"),
            sql.col("k"),
            *map(sql.col, limits),
            sql.named(with_levels(sql.col("x0"), wanted, records), "x"),
        )
        .from_(scan.subquery("scan"))
        .where(sql.no(sql.absent(sql.col("g"))))
    )
    columns = [item for slot in slots for item in slot.columns()]
    return exp.select(sql.col("patient_id"), *columns).from_(read.subquery("read")).group_by(sql.col("patient_id"))
