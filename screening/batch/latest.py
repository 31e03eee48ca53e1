"""The latest result of each slot and what may stand against it: columns of one grouped scan, and the code they give.

A slot gives the columns x (the number), g (its signature), lo and hi (its range), all from the row of the greatest k:
day and number of the result in one integer that sorts as they do. Where more than that one row may count, further
columns say so: j (another result of that day), w (a newer result in words), e and o (results made as asked, and any),
b (a baseline). What they cannot settle is settled by `ties` or left to the interpreter. Stores with partial dates need
more (`spans`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from screening.batch import codes, sql
from screening.batch.numbers import Row
from screening.batch.records import Records
from screening.batch.scan import DAY, day_of, key
from screening.batch.signatures import Signature
from screening.batch.slots import Placed, Slot
from screening.batch.sql import Sql
from screening.evaluate.limits import BASELINE

SINCE = "since"
"""The column beside each candidate with the number of a day, see `Latest.since`."""

_STALE = -1
"""Stands for the signature of a result that is too old to count, as `_too_old` for its number."""


def column(at: int, field: str) -> str:
    """The name of a slot's column."""
    return f"s{at}_{field}"


def row_of(latest: Latest) -> Row:
    """The result in a slot, and the patient's own facts."""

    def of(field: str) -> Sql:
        return sql.col(field) if field in ("sex", "birth_first", "birth_last") else latest.field(field)

    return Row(of, latest.records.long)


@dataclass(frozen=True, slots=True)
class Latest:
    """A slot in a store; *fields*: what else predicates need of it (hi, lo: sides of its range; b, r, clock)."""

    at: int
    placed: Placed
    on: date
    records: Records
    fields: tuple[str, ...]
    later: bool = False  # whether the scan has results after the screening date

    @property
    def slot(self) -> Slot:
        """Which results it looks at."""
        return self.placed.slot

    @property
    def tied(self) -> bool:
        """Whether several results of one day may count."""
        return self.slot.every or not self.records.ordered

    @property
    def asks(self) -> bool:
        """Whether some patients are left to the interpreter."""
        several = self.tied and not self.slot.every
        return several or self.records.long or self.ranged or "b" in self.fields

    @property
    def ranged(self) -> bool:
        """Whether the range of a result is looked at."""
        return any(name in self.fields for name in ("lo", "hi"))

    @property
    def _early(self) -> bool:
        """Whether the slot ends before the screening date, so that a later result does not count."""
        return self.slot.latest < self.on

    @property
    def wanted(self) -> frozenset[int]:
        """The signatures whose rows it needs."""
        return frozenset(item.id for item in self.placed.signatures)

    # Columns

    def columns(self) -> list[Sql]:
        """The columns of the grouped scan; the signature of a result that is too old is written as `_STALE`. Of but
        one signature the number says whether there is a result, and whether it is too old (`_telling`), or the key."""
        before = sql.every(self._fitting(), self.says_something(), *self._until(self.on, always=False))
        chosen = sql.every(self._fitting(), self.says_something(), *self._until(self.slot.latest), *self._inside())
        fields = [self._picked(name, self._value(name), chosen) for name in (*self._numbers, *self._limits)]
        ever = [self._any("a", before)] if self._early else []
        kind = [] if self._single else [self._picked("g", self._kind(), chosen)]
        return [*kind, *fields, *ever, *self._others(chosen)]

    @property
    def _single(self) -> bool:
        return len(self.placed.fitting) == 1

    @property
    def _telling(self) -> bool:
        """Whether the number itself says that there is no result, or that it is too old, so that no key is needed. The
        same for all that share the slot."""
        return self._single and not (self.slot.words or self.tied or self.worded)

    @property
    def _limits(self) -> list[str]:
        return [name for name in ("lo", "hi", "clock", "z") if name in self.fields]

    @property
    def _numbers(self) -> tuple[str, ...]:
        return () if self.slot.words else ("x",)

    def _fitting(self) -> Sql:
        return sql.among(sql.col("g"), (item.id for item in self.placed.fitting))

    def says_something(self) -> Sql:
        """Whether a result has a number, or words where those count too."""
        if self.records.wordless:
            return exp.true()
        number = sql.no(sql.absent(sql.col("x")))
        worded = [item.id for item in self.placed.signatures if item.observation.text]
        return sql.some(number, sql.among(sql.col("g"), worded)) if self.slot.words and worded else number

    def _until(self, day: date, *, always: bool = True) -> list[Sql]:
        """Whether a result is of that day or before, where the scan does not see to it."""
        if not self.later and not (always and day < self.on):
            return []
        return [self._by(day)]

    def _by(self, day: date) -> Sql:
        """Whether a result is of that day or before, or may be."""
        return exp.LT(this=sql.col("k"), expression=sql.num(key(day) + DAY))

    def _begun(self) -> Sql:
        """The key of the first day that a result may be of."""
        return sql.col("k")

    def _inside(self) -> list[Sql]:
        """What else a result of the slot has to fulfil."""
        return []

    def _kind(self) -> Sql:
        return self._unless_old(sql.col("g"), sql.num(_STALE))

    def _value(self, name: str) -> Sql:
        """A column of the scan, none of which is NULL in a result that counts; without a time of day it has -1."""
        value = sql.col(name)
        if name == "x" and self._telling:
            return self._unless_old(value, _too_old())
        return exp.Coalesce(this=value, expressions=[sql.num(-1)]) if name == "clock" else value

    def _unless_old(self, value: Sql, old: Sql) -> Sql:
        """A value of the scan, or what stands for it in a result that is too old."""
        if self.slot.earliest is None:
            return value
        before = exp.LT(this=sql.col("k"), expression=sql.num(key(self.slot.earliest)))
        return sql.case((before, old), default=value)

    def _picked(self, name: str, value: Sql, chosen: Sql) -> Sql:
        return self._filtered(name, sql.call("arg_max", value, sql.col("k")), chosen)

    def _any(self, name: str, condition: Sql) -> Sql:
        return self._filtered(name, sql.call("max", sql.num(1)), condition)

    def _filtered(self, name: str, aggregate: Sql, condition: Sql) -> Sql:
        return sql.named(sql.filtered(aggregate, condition.copy()), column(self.at, name))

    def _others(self, chosen: Sql) -> list[Sql]:
        """The columns on what may stand against the latest result."""
        found = []
        if self.tied or self.worded or (self._single and not self._telling) or "k" in self.fields:
            found.append(self._filtered("k", sql.call("max", sql.col("k")), chosen))
        if self.tied:
            found.append(self._filtered("j", sql.call("max", _mirrored()), chosen))
        if self.worded:
            newer = [_in_words(self.worded), *self._until(self.slot.latest)]
            found.append(self._filtered("w", sql.call("max", self._begun()), sql.every(*newer)))
        return [*found, *self._asked(), *self._needed()]

    def _asked(self) -> list[Sql]:
        """Whether any result fits what is asked for, and whether any at all lies in time."""
        if self.slot.asked is None:
            return []
        within = self._until(self.slot.latest)
        if self.slot.earliest is not None:
            last = key(self.slot.earliest)
            within.append(exp.GTE(this=sql.col("k"), expression=sql.num(last)))
        number = sql.no(sql.absent(sql.col("x")))
        of_variable = sql.among(sql.col("g"), self.wanted)
        found = [self._any("e", sql.every(self._fitting(), number.copy()))]
        found.append(self._any("o", sql.every(of_variable, number, *within)))
        return found

    def _needed(self) -> list[Sql]:
        found = []
        if "b" in self.fields:
            known = sql.every(sql.no(sql.absent(sql.col("x"))), exp.NEQ(this=sql.col("x"), expression=sql.num(0)))
            listed = (item.id for item in baselines(self.placed.signatures))
            found.append(self._any("b", sql.every(sql.among(sql.col("g"), listed), known)))
        if "r" in self.fields:
            number = sql.no(sql.absent(sql.col("x")))
            worded = [item.id for item in self.placed.signatures if item.observation.text]
            recorded = sql.some(number, sql.among(sql.col("g"), worded)) if worded else number
            found.append(self._any("r", sql.every(sql.among(sql.col("g"), self.wanted), recorded)))
        return found

    @property
    def worded(self) -> tuple[int, ...]:
        """The signatures of results in words that hold a number nobody can read for sure."""
        if self.slot.words:
            return ()
        return tuple(item.id for item in self.placed.signatures if _holds_number(item))

    # The code

    def code(self, said: Sql, together: Sql | None) -> Sql:
        """Missing, stale, or what the result says, or several *together*."""
        branches = [*self._unfitting(), *self._absent()]
        if self.worded:
            newer = exp.GT(this=day_of(self.field("w")), expression=day_of(self.field("k")))
            branches.append((newer, _code("MISSING")))
        if "b" in self.fields:
            branches.append((sql.no(sql.absent(self.field("b"))), sql.num(codes.ASK)))
        if together is not None:
            branches.append((self.several(), together))
        return sql.case(*branches, default=said)

    def field(self, name: str) -> Sql:
        """A reference to one of its columns, or the one signature there is."""
        if name == "g" and self._single:
            return sql.num(self.placed.fitting[0].id)
        return sql.col(column(self.at, name))

    def _unfitting(self) -> list[tuple[Sql, Sql]]:
        """No result made as asked: another method's stands in its place, or there is none."""
        if self.slot.asked is None:
            return []
        none, any_at_all = sql.absent(self.field("e")), sql.no(sql.absent(self.field("o")))
        return [(sql.every(none, any_at_all), _code("METHOD_MISMATCH")), (none.copy(), _code("MISSING"))]

    def _absent(self) -> list[tuple[Sql, Sql]]:
        branches: list[tuple[Sql, Sql]] = []
        if self._early:
            branches.append((sql.absent(self.field("a")), _code("MISSING")))
            branches.append((self._nothing(), _code("STALE")))
        else:
            branches.append((self._nothing(), _code("MISSING")))
        return [*branches, *((old, _code("STALE")) for old in self._old())]

    def _nothing(self) -> Sql:
        """Whether there is no result of the slot at all."""
        return sql.absent(self.field("x" if self._telling else "k" if self._single else "g"))

    def _old(self) -> list[Sql]:
        """Whether the latest is too old, where one can be."""
        if self.slot.earliest is None:
            return []
        if self._telling:
            return [exp.EQ(this=self.field("x"), expression=_too_old())]
        if self._single:
            return [exp.LT(this=self.field("k"), expression=sql.num(key(self.slot.earliest)))]
        return [exp.EQ(this=self.field("g"), expression=sql.num(_STALE))]

    def none(self) -> Sql:
        """Whether no result surely lies in time."""
        return exp.paren(sql.some(self._nothing(), *self._old()))

    # Several

    def since(self) -> Sql:
        """The number of the day that a result has to reach for it to be one of several that may be the latest."""
        return day_of(self.field("k"))

    def candidate(self) -> list[Sql]:
        """What a row has to fulfil, besides being of the slot, to be one of several; *since* stands in `SINCE`."""
        return [exp.EQ(this=sql.col(SINCE), expression=day_of(sql.col("k")))]

    def several(self) -> Sql:
        """Whether more than one result is of the latest day: greatest and least number of the row are not the same."""
        first, mirrored = (exp.Mod(this=self.field(name), expression=sql.num(DAY)) for name in ("k", "j"))
        return exp.NEQ(this=exp.Add(this=first, expression=mirrored), expression=sql.num(DAY - 1))


def _too_old() -> Sql:
    """Stands for the number of a result that is too old to count: no number of the scan is infinite."""
    return sql.cast(sql.text("-Infinity"), "DOUBLE")


def _code(name: str) -> Sql:
    return sql.num(getattr(codes, name))


def _mirrored() -> Sql:
    """The key of the same day with the number of the row counted backwards."""
    order = exp.Mod(this=sql.col("k"), expression=sql.num(DAY))
    turned = exp.Sub(this=sql.num(DAY - 1), expression=exp.Mul(this=sql.num(2), expression=exp.paren(order)))
    return exp.Add(this=sql.col("k"), expression=exp.paren(turned))


def _in_words(signatures: tuple[int, ...]) -> Sql:
    return sql.every(sql.among(sql.col("g"), signatures), sql.absent(sql.col("x")))


def baselines(signatures: tuple[Signature, ...]) -> tuple[Signature, ...]:
    """The kinds of results that are recorded as baseline."""
    return tuple(item for item in signatures if BASELINE in item.observation.qualifiers)


def _holds_number(item: Signature) -> bool:
    """Whether results of this kind, without a number, hold one in words ("8,1 g/dL (low)")."""
    text = item.observation.text or ""
    return item.level is None and item.observation.result is None and any(map(str.isdecimal, text))
