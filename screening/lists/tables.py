"""The shape of every answer: named tables with typed columns, whose rows may be many and are read when needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from screening.store.database import Connection

Kind = Literal["text", "integer", "number", "date", "boolean"]
Row = Sequence[Any]

_FETCH = 10_000
"""Rows held at a time."""


@dataclass(frozen=True, slots=True)
class Column:
    """*name* is for programs, *title* for people; *wide*: running text, the last one to be cut on a narrow page."""

    name: str
    title: str
    kind: Kind = "text"
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """The rows of a query, which runs anew each time they are asked for; never all of them in memory."""

    connection: Connection
    sql: str

    def __iter__(self) -> Iterator[Row]:
        """Row by row."""
        cursor = self.connection.cursor()
        cursor.execute(self.sql)
        while batch := cursor.fetchmany(_FETCH):
            yield from batch


@dataclass(frozen=True, slots=True)
class Table:
    """*title* says what a row is; *notes* what must be known to read it, such as who was left out. *detail*: for
    programs and files; too long for a page."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    notes: tuple[str, ...] = ()
    detail: bool = False

    def column(self, name: str) -> list[Any]:
        """All values of one column: for small tables."""
        at = [column.name for column in self.columns].index(name)
        return [row[at] for row in self.rows]

    def records(self) -> Iterator[dict[str, Any]]:
        """Each row by the names of its columns."""
        names = [column.name for column in self.columns]
        return (dict(zip(names, row, strict=True)) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What one must know to repeat a list."""

    trial: str
    on: str  # the screening date
    rules: str  # hash
    program: str
    cohort: str | None = None

    def line(self) -> str:
        """One line for people."""
        cohort = f" | cohort {self.cohort}" if self.cohort else ""
        return f"{self.trial}{cohort} | screened on {self.on} | rules {self.rules[:12]} | {self.program}"


@dataclass(frozen=True, slots=True)
class Answer:
    """One question answered: the table that answers it first, then what goes with it."""

    name: str
    title: str
    about: Provenance
    tables: tuple[Table, ...]

    def table(self, name: str) -> Table:
        """The table of that name."""
        return next(table for table in self.tables if table.name == name)
