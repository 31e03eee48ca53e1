"""Slots of a store in which some results have a partial date ("2017/2018"): the interpreter's choice, by intervals.

A result counts where its interval reaches into the slot; that some result counts is sure where one lies wholly inside.
The latest may be any that reaches the last of the first days of those that lie wholly inside. The key k is that of the
last day of an interval, f the number of its first; the greatest k is always one of the results that may be the latest,
and further columns say whether it is the only one: n (the last of the first days of those wholly inside, NULL: none is)
and c (how many reach into the slot).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from screening.batch import codes, sql
from screening.batch.latest import SINCE, Latest
from screening.batch.scan import DAY, day_of, number_of
from screening.batch.sql import Sql


@dataclass(frozen=True)
class Spanned(Latest):
    """A slot in a store with partial dates. With *sure*, results that may lie outside do not count at all; with
    *sample*, only those of the last day."""

    # Columns

    def _by(self, day: date) -> Sql:
        return exp.LTE(this=sql.col("f"), expression=sql.num(number_of(day)))

    def _begun(self) -> Sql:
        return exp.Mul(this=sql.col("f"), expression=sql.num(DAY))

    def _inside(self) -> list[Sql]:
        return self._surely() if self.slot.sure else []

    def _surely(self) -> list[Sql]:
        """Whether a result lies wholly between the dates; an undated one does where any age will do."""
        found: list[Sql] = [exp.LTE(this=day_of(sql.col("k")), expression=sql.num(number_of(self.slot.latest)))]
        if self.slot.earliest is not None:
            found.append(exp.GTE(this=sql.col("f"), expression=sql.num(number_of(self.slot.earliest))))
        return found

    def _possibly(self) -> list[Sql]:
        """Whether a result may lie between the dates."""
        found: list[Sql] = [exp.LTE(this=sql.col("f"), expression=sql.num(number_of(self.slot.latest)))]
        if self.slot.earliest is not None:
            reaches = exp.GTE(this=day_of(sql.col("k")), expression=sql.num(number_of(self.slot.earliest)))
            found.append(reaches)
        return found

    def _others(self, chosen: Sql) -> list[Sql]:
        surely = sql.every(chosen.copy(), *self._surely())
        possibly = sql.every(chosen.copy(), *self._possibly())
        own = [
            self._filtered("n", sql.call("max", sql.col("f")), surely),
            self._filtered("c", sql.call("count", sql.num(1)), possibly),
        ]
        return [*super()._others(chosen), *own]

    # The code

    def _absent(self) -> list[tuple[Sql, Sql]]:
        """Results of which none surely lies inside are too old, as far as anybody knows."""
        return [*super()._absent(), (self._doubtful(), sql.num(codes.STALE))]

    def _doubtful(self) -> Sql:
        """Whether none surely lies inside; undated ones do so only where no date at all reaches in."""
        none = sql.absent(self.field("n"))
        if not self.records.facts.undated:
            return none
        undated = exp.EQ(this=self.field("n"), expression=sql.num(0))
        return exp.paren(
            sql.some(none, sql.every(undated, exp.GT(this=day_of(self.field("k")), expression=sql.num(0))))
        )

    def none(self) -> Sql:
        """Whether no result surely lies in time."""
        return exp.paren(sql.some(super().none(), self._doubtful()))

    # Several

    def since(self) -> Sql:
        """The number of the day that a result has to reach for it to be one of several that may be the latest."""
        return super().since() if self.slot.sample else self.field("n")

    def candidate(self) -> list[Sql]:
        """What a row has to fulfil, besides being of the slot, to be one of several."""
        reaches = exp.GTE(this=day_of(sql.col("k")), expression=sql.col(SINCE))
        return [reaches, *(self._surely() if self.slot.sure else self._possibly())]

    def several(self) -> Sql:
        """Whether more than one result may be the latest; now and then also where there is but one after all."""
        same_day = super().several()
        if self.slot.sample:
            return same_day
        wide = exp.NEQ(this=self.field("n"), expression=day_of(self.field("k")))
        others = exp.GT(this=self.field("c"), expression=sql.num(1))
        return sql.every(others, exp.paren(sql.some(same_day, wide)))
