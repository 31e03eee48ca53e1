"""What SQL has to know of a store: columns, signatures of results, and whether the order of a day is known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from sqlglot import exp

from screening.batch import sql
from screening.batch.charts import Charts
from screening.batch.numbering import Numbering
from screening.batch.numbers import DIGITS
from screening.batch.signatures import COLUMNS, Signature, signature
from screening.batch.sql import Sql
from screening.evaluate.attested import Answers
from screening.store.database import Connection, columns, package, quoted
from screening.store.reading import Store

SIGNATURES = "signature_of_result"
"""The temporary table that numbers the distinct combinations, where no expression does."""

ROW = "row_of_store"
"""The column that numbers the rows of a table, below 2 ** 40: of one patient and day the key of a result is its own."""

ROWS = 2**40
"""Rows of a table, at most."""

FILE = 2**28
"""Rows of one file, at most."""


class Facts(NamedTuple):
    """Counts of results: all, without a day, with a number in the order of a day, with a time of day, with a list of
    ranges, with a partial date; the least and the greatest number in the order of a day."""

    total: int = 0
    undated: int = 0
    numbered: int = 0
    timed: int = 0
    ranged: int = 0
    partial: int = 0
    least: int = 0
    most: int = 0


@dataclass(frozen=True)
class Records:
    """The tables of a store as views of a connection. *given*: answers of people that are not in the store.
    *branching*: see `Numbering`."""

    connection: Connection
    store: Store
    given: Answers = ()
    branching: bool = False

    def __post_init__(self) -> None:
        """Makes the views, each with its rows numbered as written."""
        for table in ("patients", "observations", "conditions", "medications", "procedures", "allergies", "complete"):
            source = self.store.source(table)
            if source is not None:
                numbered = f"{self._listed(source)}, CAST(file_index AS BIGINT) * {FILE} + file_row_number AS {ROW}"
                self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS SELECT {numbered} FROM {source}")

    def _listed(self, source: str) -> str:
        """The columns of a table under the names that the shape gives them, however their letters are."""
        names = columns(self.connection, source)
        if all(name == name.casefold() for name in names):
            return "*"
        return ", ".join(f"{quoted(name)} AS {quoted(name.casefold())}" for name in names) + ", file_index"

    def has(self, table: str) -> bool:
        """Whether the store has the table."""
        return self.store.source(table) is not None

    @cached_property
    def _kinds(self) -> dict[str, dict[str, str]]:
        return {table: self._described(table) for table in _TABLES if self.has(table)}

    def _described(self, table: str) -> dict[str, str]:
        return {row[0]: row[1] for row in self.rows(f"DESCRIBE SELECT * FROM {table}")}

    def columns(self, table: str) -> frozenset[str]:
        """The columns of a table; none where there is no such table."""
        return frozenset(self.kinds(table))

    def kinds(self, table: str) -> Mapping[str, str]:
        """The columns of a table with their types."""
        return self._kinds.get(table, {})

    def field(self, of: str, name: str, kind: str = "VARCHAR", table: str | None = None) -> Sql:
        """A column of a table, or NULL where it has none of that name; *table*: its alias in the query."""
        return sql.col(name, table) if name in self.columns(of) else sql.cast(exp.null(), kind)

    def birth(self, which: str) -> Sql:
        """The first or the last day that a birth date may be."""
        first = sql.cast(self.field("patients", "birth_date", "DATE"), "DATE")
        if "birth_last" not in self.columns("patients"):
            return first
        return sql.ends(first, sql.cast(sql.col("birth_last"), "DATE"))[which == "last"]

    def days(self) -> tuple[Sql, Sql]:
        """The first and the last day that the date of a result may be."""
        day = sql.cast(self.field("observations", "date", "DATE"), "DATE")
        if not self.facts.partial:
            return day, day.copy()
        return sql.ends(day, sql.cast(sql.col("date_last"), "DATE"))

    def rows(self, query: Sql | str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        found: list[tuple[Any, ...]] = self.connection.execute(
            query if isinstance(query, str) else query.sql("duckdb")
        ).fetchall()
        return found

    def temporary(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> str:
        """Makes a temporary table of Python rows; its name."""
        arrow = package("pyarrow", str(self.store.path))
        listed = ", ".join(f"CAST({quoted(column)} AS {kind}) AS {quoted(column)}" for column, kind in columns.items())
        held = {column: [row[at] for row in rows] for at, column in enumerate(columns)}
        self.connection.register(f"{name}_rows", arrow.table(held))
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {listed} FROM {name}_rows")
        self.connection.unregister(f"{name}_rows")
        return name

    @cached_property
    def charts(self) -> Charts:
        """Single patients of the store, for the interpreter."""
        return Charts(self.store.path, self.given)

    # Signatures

    @cached_property
    def _signing(self) -> tuple[str, ...]:
        known = self.columns("observations") | ({"text"} if self._unread else set())
        return tuple(name for name in COLUMNS if name in known)

    @cached_property
    def _unread(self) -> bool:
        """Whether some results have digits that are none ("8,1"), and no number: those are words (`store.rows`)."""
        if "value_text" not in self.columns("observations"):
            return False
        return self._any(self._in_words())

    def _in_words(self, table: str | None = None) -> Sql:
        """Whether the digits of a result say nothing, nor its number."""
        digits, number = sql.col("value_text", table), self.field("observations", "value", "DOUBLE", table)
        read = exp.TryCast(this=digits.copy(), to=exp.DataType.build("DOUBLE"))
        return sql.every(
            exp.NEQ(this=exp.Trim(this=digits), expression=sql.text("")),
            *(_not_finite(found) for found in (read, sql.cast(number, "DOUBLE"))),
        )

    def _signed(self, name: str, table: str | None = None) -> Sql:
        """A column of the signature; where there are no words, digits that are none are the words."""
        if name != "text" or not self._unread:
            return sql.col(name, table)
        words = exp.Nullif(this=self.field("observations", "text", table=table), expression=sql.text(""))
        digits = sql.case((self._in_words(table), sql.col("value_text", table)), default=exp.null())
        return exp.Coalesce(this=words, expressions=[digits])

    @cached_property
    def _combinations(self) -> list[tuple[Any, ...]]:
        listed = [sql.named(self._signed(name), name) for name in self._signing]
        if not listed:
            return []
        distinct = exp.select(*listed).distinct().from_("observations").subquery("signed", copy=False)
        return self.rows(exp.select("*").from_(distinct).order_by(*map(sql.col, self._signing)))

    @cached_property
    def _numbering(self) -> Numbering:
        return Numbering(self._signing, self._combinations, self._signed, self.branching)

    @property
    def _plain(self) -> bool:
        """Whether the number of a signature is worked out of the columns of a row, and not looked up."""
        return self._numbering.plain

    @property
    def _telling(self) -> tuple[str, ...]:
        return tuple(self._signing[at] for at in self._numbering.varying)

    @cached_property
    def signatures(self) -> tuple[Signature, ...]:
        """Every combination on record."""
        made = []
        for at, row in enumerate(self._combinations):
            number = self._numbering.number(row) if self._plain else at
            made.append(signature(number, dict(zip(self._signing, row, strict=True))))
        return tuple(made)

    @cached_property
    def of_variable(self) -> dict[str, tuple[Signature, ...]]:
        """The signatures of each variable on record."""
        found: dict[str, list[Signature]] = {}
        for item in self.signatures:
            if item.variable is not None:
                found.setdefault(item.variable, []).append(item)
        return {name: tuple(items) for name, items in found.items()}

    @cached_property
    def wordless(self) -> bool:
        """Whether no result is recorded in words, so that one without a number says nothing at all."""
        return not any(item.observation.text or item.observation.result for item in self.signatures)

    def signature_id(self, wanted: Collection[int]) -> Sql:
        """The number of a row's signature, if it is *wanted*; else another one, or NULL."""
        return self._numbering.expression(wanted) if self._plain else sql.col("g")

    def of_signatures(self, wanted: Collection[int]) -> list[Sql]:
        """Conditions that rows of the signatures wanted fulfil."""
        return self._numbering.conditions(wanted) if self._plain else []

    def results(self) -> str:
        """The relation of results, with the column g where signatures are looked up."""
        if self._plain:
            return "observations"
        same = ((name, self._signed(name, "o").sql("duckdb")) for name in self._telling)
        on = " AND ".join(f's."{name}" IS NOT DISTINCT FROM {value}' for name, value in same)
        return f"(SELECT o.*, s.g FROM observations AS o JOIN {self._lookup} AS s ON {on})"

    @cached_property
    def _lookup(self) -> str:
        """The temporary table of signatures, made when first asked for; numbered in the order of `_combinations`."""
        listed = ", ".join(f'"{name}"' for name in self._signing)
        signed = ", ".join(f'{self._signed(name).sql("duckdb")} AS "{name}"' for name in self._signing)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {SIGNATURES} AS SELECT *, CAST(row_number() OVER (ORDER BY {listed}) - 1"
            f" AS INTEGER) AS g FROM (SELECT DISTINCT {signed} FROM observations)"
        )
        return SIGNATURES

    # Order

    @cached_property
    def facts(self) -> Facts:
        """What the results of the store have. Counts and extremes of plain columns DuckDB takes from what a Parquet
        file says of itself, unless anything else is asked in one query with them."""
        known = self.columns("observations")
        if not known:
            return Facts()
        held = [name for name in ("date", "seq", "time", "ranges") if name in known]
        total, *found = self._one("count", exp.Star(), *map(sql.col, held))
        counted = dict(zip(held, found, strict=True))
        least, most = (self._one(edge, sql.col("seq"))[0] if "seq" in known else 0 for edge in ("min", "max"))
        return Facts(
            total=total,
            undated=total - counted.get("date", 0),
            numbered=counted.get("seq", 0),
            timed=counted.get("time", 0),
            ranged=counted.get("ranges", 0),
            partial=self._partial,
            least=least or 0,
            most=most or 0,
        )

    def _one(self, aggregate: str, *values: Sql) -> tuple[Any, ...]:
        """One aggregate of several values of the results."""
        return self.rows(exp.select(*(sql.call(aggregate, value) for value in values)).from_("observations"))[0]

    def _any(self, condition: Sql) -> bool:
        """Whether some result is so."""
        return bool(self.rows(exp.select(sql.num(1)).from_("observations").where(condition).limit(1)))

    def written(self) -> list[Sql]:
        """The texts of values and limits whose digits a double may not hold."""
        kinds = self.kinds("observations")
        texts = [sql.col(name) for name in ("value_text", "ref_low_text", "ref_high_text") if name in kinds]
        exact = [name for name in ("value", "ref_low", "ref_high") if kinds.get(name, "DOUBLE") not in _ROUNDED]
        return [*texts, *(sql.cast(sql.col(name), "VARCHAR") for name in exact)]

    @cached_property
    def long(self) -> bool:
        """Whether some numbers are written with more characters than digits that a double holds."""
        texts = self.written()
        longer = (exp.GT(this=sql.call("length", text), expression=sql.num(DIGITS)) for text in texts)
        return bool(texts) and self._any(sql.some(*longer))

    @property
    def _partial(self) -> int:
        """How many results have a partial date."""
        if not {"date", "date_last"} <= self.columns("observations") or not self._one("count", sql.col("date_last"))[0]:
            return 0
        other = exp.NEQ(this=sql.col("date_last"), expression=sql.col("date"))
        return int(self.rows(exp.select(sql.call("count", exp.Star())).from_("observations").where(other))[0][0])

    @cached_property
    def ordered(self) -> bool:
        """Whether every result has an exact day and a number that no other has, so that one is always the latest."""
        facts = self.facts
        if not {"date", "seq"} <= self.columns("observations") or facts.partial or facts.undated or facts.timed:
            return False
        if facts.numbered < facts.total:
            return False
        return facts.least >= 0 and facts.most < ROWS and self._distinct(facts)

    def _distinct(self, facts: Facts) -> bool:
        """Rows that are numbered one by one, or at least in their order, are told apart at once; others are counted."""
        if facts.most - facts.least + 1 < facts.total:
            return False
        counted = exp.Add(this=sql.col(ROW), expression=sql.num(facts.least))
        if not self._any(exp.NEQ(this=sql.col("seq"), expression=counted)):
            return True
        before = "SELECT seq, lag(seq) OVER () AS before FROM observations"
        if not self.rows(f"SELECT 1 FROM ({before}) WHERE seq <= before LIMIT 1"):
            return True
        return bool(self.rows("SELECT count(DISTINCT seq) FROM observations")[0][0] == facts.total)


_ROUNDED = ("DOUBLE", "FLOAT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT", "BOOLEAN")
"""Types of columns whose numbers are doubles, or fit into one."""

_TABLES = ("patients", "observations", "conditions", "medications", "procedures", "allergies", "complete")


def _not_finite(value: Sql) -> Sql:
    """Whether there is no number, or NaN or an infinity."""
    return sql.no(exp.Coalesce(this=sql.is_finite(value), expressions=[exp.false()]))


def open_records(connection: Connection, path: str | Path, given: Answers = (), *, branching: bool = False) -> Records:
    """The store at *path*, with answers beside it. Raises StoreError where there is none, or its files are damaged."""
    return Records(connection, Store(Path(path)), given, branching)
