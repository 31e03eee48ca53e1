"""Several results that may be the latest: what each says, and what they say together, as the interpreter has it.

They are of one day, or partial dates leave it open. Of one day the later time wins, then the larger number where all
have one. What is left is one fact if every two are equal within half the last digit of the coarser one; else the
results conflict only where they lead to different outcomes. One row a candidate, one column a predicate; then one row
a patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from screening.batch import codes, margins, sql
from screening.batch.atoms import OnResults, by_signature, rank_unit, test_of
from screening.batch.latest import SINCE, Latest
from screening.batch.numbers import Row
from screening.batch.records import Records
from screening.batch.scan import Scan, day_of
from screening.batch.signatures import Signature
from screening.batch.slots import aggregate_of
from screening.batch.sql import Sql
from screening.evaluate.context import Context
from screening.predicates import Comparison, Op, Result

NEAR = 1e-9
"""Relative distance within which two doubles are left to exact arithmetic."""

_FAR = 1e300
"""Ranks results in another unit than the limit's behind all others."""


@dataclass(frozen=True, slots=True)
class Tied:
    """A predicate on the results of one day of a slot, under the name of its column."""

    name: str
    latest: Latest
    predicate: OnResults
    context: Context
    margin: bool = False

    def per_row(self) -> list[Sql]:
        """The code of each result, the same where it can be used, and its rank among records of one fact."""
        said = by_signature(test_of(self.predicate, self.context), self.latest.placed.fitting, candidate(self.latest))
        own = exp.EQ(this=sql.col("slot"), expression=sql.num(self.latest.at))
        code = sql.case((own, said), default=sql.cast(exp.null(), "INTEGER"))
        return [sql.named(code, self.name), *self._ranked(), *self._gap(said)]

    def _gap(self, said: Sql) -> list[Sql]:
        """The margin of each result that is decided."""
        if not self.margin or not isinstance(self.predicate, Comparison):
            return []
        own = exp.EQ(this=sql.col("slot"), expression=sql.num(self.latest.at))
        found = margins.of_result(self.predicate, self.latest.placed.fitting, candidate(self.latest))
        of_own = sql.case((own, margins.where_decided(said, found)), default=margins.nothing())
        return [sql.named(of_own, f"{self.name}_gap")]

    def _ranked(self) -> list[Sql]:
        if self._aggregate or isinstance(self.predicate, Result):
            return []
        in_unit = rank_unit(self.predicate, self.latest.placed.fitting, candidate(self.latest), self.context)
        rank = sql.case((in_unit, sql.num(0)), (sql.no(exp.paren(in_unit.copy())), sql.real(_FAR)), default=exp.null())
        return [sql.named(rank, f"{self.name}_rank")]

    @property
    def _aggregate(self) -> str | None:
        return aggregate_of(self.predicate)

    def together(self) -> list[Sql]:
        """The code of all candidates of a patient."""
        code = sql.named(self._together(), self.name)
        if not self.margin or not isinstance(self.predicate, Comparison):
            return [code]
        gap = sql.col(f"{self.name}_gap")
        nearest = sql.call("arg_min", gap, exp.Abs(this=gap.copy()))
        return [code, sql.named(nearest, f"{self.name}_margin")]

    def _together(self) -> Sql:
        code, used = sql.col(self.name), self._usable()
        low, high = sql.call("min", used), sql.call("max", used.copy())
        left_open: Sql = _is(sql.call("max", code.copy()), codes.ASK)
        if not self._aggregate:
            left_open = sql.some(left_open, _is(unclear_time(), 1))
        branches = [(left_open, sql.num(codes.ASK)), (sql.absent(low), sql.call("min", code))]
        if self._aggregate and isinstance(self.predicate, Comparison):
            return sql.case(*branches, default=self._aggregated(low, high))
        alike = exp.EQ(this=low.copy(), expression=high.copy())
        open_all = sql.every(_above(low, codes.FALSE), exp.LT(this=high.copy(), expression=sql.num(codes.TRUE)))
        branches += [(alike, low.copy()), (open_all, low.copy())]
        conflict = sql.case(
            (sql.every(_is(low, codes.FALSE), _is(high, codes.TRUE)), sql.num(codes.CONFLICTING)),
            default=self._foremost(),
        )
        return sql.case(*branches, *self._one_fact(conflict), default=conflict.copy())

    def _usable(self) -> Sql:
        """The code, unless a value is spoiled or words say nothing: it does not stand against another."""
        if isinstance(self.predicate, Result):
            return exp.Nullif(this=sql.col(self.name), expression=sql.num(codes.MISSING))
        spoiled = exp.Between(
            this=sql.col(self.name), low=sql.num(codes.IMPLAUSIBLE), high=sql.num(codes.UNIT_INCOMPATIBLE)
        )
        return sql.case((spoiled, sql.cast(exp.null(), "INTEGER")), default=sql.col(self.name))

    def _foremost(self) -> Sql:
        """The foremost reason of the usable ones that are unknown."""
        used = self._usable()
        open_one = exp.Between(this=used, low=sql.num(codes.FALSE + 1), high=sql.num(codes.TRUE - 1))
        return sql.call("min", sql.case((open_one, used.copy()), default=sql.cast(exp.null(), "INTEGER")))

    def _aggregated(self, low: Sql, high: Sql) -> Sql:
        """The comparison of the largest, smallest or any of several values."""
        downwards = isinstance(self.predicate, Comparison) and self.predicate.op in (Op.LT, Op.LE)
        upwards = isinstance(self.predicate, Comparison) and self.predicate.op in (Op.GT, Op.GE)
        if downwards if self._aggregate == "max" else self._aggregate == "min" and upwards:
            return low.copy()
        held = (_is(high, codes.TRUE), sql.num(codes.TRUE))
        return sql.case(held, default=exp.Coalesce(this=self._foremost(), expressions=[sql.num(codes.FALSE)]))

    def _one_fact(self, conflict: Sql) -> list[tuple[Sql, Sql]]:
        """Results with different outcomes that are one result recorded twice: the one in the unit of the limit speaks,
        else the finest."""
        if isinstance(self.predicate, Result):
            return []
        used, value, half = self._usable(), sql.col("canonical"), sql.col("half")

        def over(aggregate: str, of: Sql) -> Sql:
            known = sql.no(sql.absent(used.copy()))
            return sql.call(aggregate, sql.case((known, of.copy()), default=exp.null()))

        spread = exp.paren(exp.Sub(this=over("max", value), expression=over("min", value)))
        allowed = over("max", half)
        rank = exp.Add(this=sql.col(f"{self.name}_rank"), expression=half.copy())
        return [
            (exp.LT(this=over("count", value), expression=sql.call("count", used.copy())), conflict),
            (exp.LT(this=over("count", half), expression=sql.call("count", used.copy())), sql.num(codes.ASK)),
            (_close(spread, allowed, over("max", exp.Abs(this=value))), sql.num(codes.ASK)),
            (exp.GT(this=spread.copy(), expression=allowed.copy()), conflict.copy()),
            (
                sql.every(
                    exp.EQ(this=sql.call("count", used.copy()), expression=sql.num(2)),
                    exp.NEQ(this=over("max", rank), expression=over("min", rank)),
                ),
                sql.call("arg_min", used.copy(), sql.case((sql.absent(used.copy()), exp.null()), default=rank.copy())),
            ),
            (exp.true(), sql.num(codes.ASK)),
        ]


def unclear_time() -> Sql:
    """Is 1 where one of several results has a time that is not plain."""
    unclear = sql.every(_is(sql.col("timed"), 1), sql.absent(sql.col("clock")))
    return sql.call("max", sql.case((unclear, sql.num(1)), default=sql.num(0)))


def _close(spread: Sql, allowed: Sql, size: Sql) -> Sql:
    """Whether a difference is too near half a digit for doubles to tell on which side it lies."""
    gap = exp.Abs(this=exp.paren(exp.Sub(this=spread.copy(), expression=allowed.copy())))
    slack = exp.Add(
        this=exp.Mul(this=sql.real(NEAR), expression=allowed.copy()),
        expression=exp.Mul(this=sql.real(NEAR / 1000), expression=size),
    )
    return exp.LTE(this=gap, expression=slack)


def _is(value: Sql, code: int) -> Sql:
    return exp.EQ(this=value.copy(), expression=sql.num(code))


def _above(value: Sql, code: int) -> Sql:
    return exp.GT(this=value.copy(), expression=sql.num(code))


_ENDS = ("min", "max")
_DATE = (sql.col("f"), day_of(sql.col("k")))
"""First and last day of a date."""


def candidate(latest: Latest) -> Row:
    """A result in the relation of candidates."""
    return Row(sql.col, latest.records.long)


@dataclass(frozen=True, slots=True)
class Ties:
    """All candidates of the tied slots of a store; *latest* is the relation with the columns of the slots."""

    records: Records
    scan: Scan
    slots: Sequence[Latest]
    latest: str

    def candidates(self) -> exp.Select:
        """SELECT patient_id, slot and the columns of each result that may be the latest of a slot."""
        found = self._of_the_day()
        whole = [latest.at for latest in self.slots if latest.slot.every]
        by_clock = _outlasting(found, "clock", "day", whole, partial=self.partial)
        return _outlasting(by_clock, "q", "moment", whole, partial=self.partial)

    def _of_the_day(self) -> exp.Select:
        pairs = self._pairs().subquery("pairs", copy=False)
        rows = self.scan.rows().subquery("rows", copy=False)
        people = exp.select(
            sql.col("patient_id"),
            sql.named(self.records.field("patients", "sex"), "sex"),
            *(sql.named(sql.cast(self.records.birth(which), "DATE"), f"birth_{which}") for which in ("first", "last")),
        ).from_("patients", copy=False)
        size, half = self._sizes()
        return (
            exp.select("*", sql.named(size, "canonical"), sql.named(half, "half"))
            .from_(pairs, copy=False)
            .join(rows, using=["patient_id"], copy=False)
            .join(people.subquery("people", copy=False), using=["patient_id"], copy=False)
            .where(self._belongs(), copy=False)
        )

    def _belongs(self) -> Sql:
        """Whether a result is one of those in the slot that may be the latest."""
        branches = []
        for latest in self.slots:
            fitting = sql.among(sql.col("g"), (item.id for item in latest.placed.fitting))
            inside = sql.every(exp.paren(fitting), latest.says_something(), *self._own(latest))
            branches.append((exp.EQ(this=sql.col("slot"), expression=sql.num(latest.at)), inside))
        return sql.every(*self._shared(), sql.case(*branches, default=exp.false()))

    def _shared(self) -> list[Sql]:
        """The condition on the day, where it is the same for all slots."""
        return [] if self.partial else self.slots[0].candidate()

    def _own(self, latest: Latest) -> list[Sql]:
        return latest.candidate() if self.partial else []

    @property
    def partial(self) -> bool:
        """Whether some dates are partial."""
        return self.records.facts.partial > 0

    def _pairs(self) -> exp.Query:
        """SELECT patient_id, slot and the day since which results count, of the slots where several may."""
        listed = []
        for latest in self.slots:
            tied = sql.every(sql.no(latest.none()), latest.several())
            columns = [sql.col("patient_id"), sql.named(sql.num(latest.at), "slot"), sql.named(latest.since(), SINCE)]
            listed.append(exp.select(*columns).from_(self.latest, copy=False).where(tied, copy=False))
        return exp.union(*listed, distinct=False, copy=False) if len(listed) > 1 else listed[0]

    def _sizes(self) -> tuple[Sql, Sql]:
        """Value in canonical units and half its last digit there; NULL for what is not one number of its variable."""
        nothing = sql.cast(exp.null(), "DOUBLE")
        wanted = {item.id: item for latest in self.slots for item in latest.placed.fitting}
        kinds = [item for item in wanted.values() if item.comparator is None and item.problem is None]
        values = [(_of(item), _canonical(item)) for item in kinds]
        halves = [(_of(item), _half(item)) for item in kinds]
        return sql.case(*values, default=nothing), sql.case(*halves, default=nothing.copy())


def _of(item: Signature) -> Sql:
    return exp.EQ(this=sql.col("g"), expression=sql.num(item.id))


def _canonical(item: Signature) -> Sql:
    conversion = item.conversion(item.unit)
    scale, offset = (conversion.scale, conversion.offset) if conversion else (1, 0)
    scaled = exp.Mul(this=sql.col("x"), expression=sql.real(scale))
    return exp.Add(this=scaled, expression=sql.real(offset)) if offset else scaled


def _half(item: Signature) -> Sql:
    """Half the last digit as written; NULL where the digits are written with a power of ten."""
    conversion = item.conversion(item.unit)
    scale = abs(conversion.scale) if conversion else 1
    digits, point = sql.col("written"), sql.call("strpos", sql.col("written"), sql.text("."))
    decimals = sql.case(
        (_is(point, 0), sql.num(0)),
        default=exp.Sub(this=sql.call("length", digits.copy()), expression=point.copy()),
    )
    power = exp.Pow(this=sql.real(10), expression=exp.Neg(this=exp.paren(decimals)))
    half = exp.Mul(this=sql.real(float(scale) / 2), expression=power)
    plain = exp.RegexpLike(this=digits.copy(), expression=sql.text(r"^[+-]?\d+(\.\d*)?$"))
    worded = (sql.absent(digits), sql.real(float(scale) / 2))
    return sql.case(worded, (plain, half), default=sql.cast(exp.null(), "DOUBLE"))


def _outlasting(rows: exp.Select, by: str, group: str, exempt: Sequence[int], *, partial: bool) -> exp.Select:
    """Of the results of a slot those with the greatest *by*, where all have one; *exempt*: slots that keep all.

    Where some dates are *partial*, all are kept unless they are of one date.
    """
    window = [sql.col("patient_id"), sql.col("slot")]

    def over(aggregate: str, of: Sql) -> Sql:
        return exp.Window(this=sql.call(aggregate, of), partition_by=[item.copy() for item in window])

    dates = [sql.named(over(of, day), f"{group}_{of}_{at}") for of in _ENDS for at, day in enumerate(_DATE)]
    counted = exp.select(
        "*",
        *(dates if partial else ()),
        sql.named(over("max", sql.col(by)), f"{group}_last"),
        sql.named(over("count", sql.col(by)), f"{group}_known"),
        sql.named(over("count", sql.num(1)), f"{group}_all"),
    ).from_(rows.subquery(f"{group}_rows", copy=False), copy=False)
    some_lack = exp.LT(this=sql.col(f"{group}_known"), expression=sql.col(f"{group}_all"))
    last = exp.EQ(this=sql.col(by), expression=sql.col(f"{group}_last"))
    kept: list[Sql] = [some_lack, last]
    if partial:
        ends = [[sql.col(f"{group}_{of}_{at}") for of in _ENDS] for at in range(len(_DATE))]
        kept += [exp.NEQ(this=first, expression=last) for first, last in ends]
    if exempt:
        kept.append(sql.among(sql.col("slot"), exempt))
    return (
        exp.select("*")
        .from_(counted.subquery(f"{group}_counted", copy=False), copy=False)
        .where(sql.some(*kept), copy=False)
    )
