"""The integer of a row's signature, worked out of its columns: for stores of few distinct values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

from sqlglot import exp

from screening.batch import sql
from screening.batch.sql import Sql

Combination = tuple[Any, ...]
"""The values of the columns of a signature."""

_SIMPLE = 400
"""Up to so many distinct values a column is numbered by an expression."""

_FEW = 30
"""Up to so many signatures are told apart by branches; more would make a method too long for Java to compile."""


@dataclass(frozen=True)
class Numbering:
    """*combinations*: every one on record, of the columns *names*. *value*: the expression of a column.

    *branching*: for an engine that works an expression out for every row; DuckDB looks the places of values in lists up
    once a dictionary entry.
    """

    names: Sequence[str]
    combinations: Sequence[Combination]
    value: Callable[[str], Sql]
    branching: bool = False

    @cached_property
    def varying(self) -> tuple[int, ...]:
        """The places of the columns that are not the same in every row: only they tell signatures apart."""
        places = range(len(self.names))
        return tuple(at for at in places if len({_hashable(row[at]) for row in self.combinations}) > 1)

    @cached_property
    def plain(self) -> bool:
        """Whether a signature is a sum of numbered columns: text only, and few values."""
        if "qualifiers" in (self.names[at] for at in self.varying):
            return False
        sizes = [len({row[at] for row in self.combinations}) for at in self.varying]
        product = 1
        for size in sizes:
            product *= size + 1
        return max(sizes, default=0) <= _SIMPLE and product < 2**31

    @cached_property
    def _numbers(self) -> dict[int, dict[Any, int]]:
        """Per column that varies, its values numbered; NULL is 0."""
        found = {}
        for at in self.varying:
            values = sorted({row[at] for row in self.combinations if row[at] is not None})
            found[at] = {None: 0} | {value: number for number, value in enumerate(values, 1)}
        return found

    def number(self, row: Combination) -> int:
        """The integer of a combination."""
        number = 0
        for at, numbers in self._numbers.items():
            number = number * len(numbers) + numbers[row[at]]
        return number

    def expression(self, wanted: Collection[int]) -> Sql:
        """The integer of a row, if it is *wanted*; else another one, or NULL."""
        if self.branching and len(wanted) <= _FEW:
            return self._branches(self.combinations, wanted)
        total: Sql = sql.num(0)
        for at, numbers in self._numbers.items():
            scaled = exp.Mul(this=exp.paren(total), expression=sql.num(len(numbers)))
            total = exp.Add(this=scaled, expression=self._place(at, numbers, wanted))
        return exp.paren(total)

    def _place(self, at: int, numbers: Mapping[Any, int], wanted: Collection[int]) -> Sql:
        """The number of a column's value; NULL for one that no signature wanted has."""
        needed = self._needed(at, wanted)
        value, values = self.value(self.names[at]), [str(item) for item in numbers if item is not None]
        none = next(text for text in map(str, count()) if text not in values)
        listed = [sql.text(str(item) if item in needed else none) for item in numbers if item is not None]
        place = exp.ArrayPosition(this=exp.array(*listed), expression=sql.cast(value, "VARCHAR"))
        return sql.case((sql.absent(value.copy()), sql.num(0)), default=place) if None in needed else place

    def _needed(self, at: int, wanted: Collection[int]) -> set[Any]:
        """The values of a column that signatures wanted have."""
        return {row[at] for row in self.combinations if self.number(row) in wanted}

    def _branches(self, rows: Sequence[Combination], wanted: Collection[int]) -> Sql:
        """The integer of a row that is one of these; NULL for one that is not wanted. A column is looked at where it
        tells some of them apart."""
        apart = next((at for at in self.varying if len({row[at] for row in rows}) > 1), None)
        if apart is None:
            return sql.num(self.number(rows[0]))
        value, branches = self.value(self.names[apart]), []
        for held in self._numbers[apart]:
            alike = [row for row in rows if row[apart] == held]
            if any(self.number(row) in wanted for row in alike):
                branches.append((_holds(value, held), self._branches(alike, wanted)))
        return sql.case(*branches, default=exp.null())

    def conditions(self, wanted: Collection[int]) -> list[Sql]:
        """Conditions on the columns of a row, of which one fails unless its signature may be one of those *wanted*;
        none on a column of which every value on record is."""
        found: list[Sql] = []
        for at, numbers in self._numbers.items():
            needed = self._needed(at, wanted)
            if needed < {row[at] for row in self.combinations}:
                value = self.value(self.names[at])
                texts = [sql.text(str(item)) for item in numbers if item is not None and item in needed]
                among = [exp.In(this=sql.cast(value, "VARCHAR"), expressions=texts)] if texts else []
                none = [sql.absent(value.copy())] if None in needed else []
                found.append(exp.paren(sql.some(*none, *among)))
        return found


def _holds(value: Sql, held: object) -> Sql:
    if held is None:
        return sql.absent(value.copy())
    return exp.EQ(this=sql.cast(value.copy(), "VARCHAR"), expression=sql.text(str(held)))


def _hashable(value: Any) -> Any:  # noqa: ANN401 -- a cell
    return tuple(value) if isinstance(value, list) else value
