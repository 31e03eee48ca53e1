"""Events of a store as SQL sees them: a number for what they are, and their dates.

What an event is (codes, words, certainty, activity, qualifiers) is one of a few thousand distinct combinations, its
signature; each is read once, as the store's own reader reads it, and judged in Python. SQL joins the answer back to
the rows and compares dates. Rows of one event with several codings are one event: its first row speaks, with the
codes of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import Any, NamedTuple

from sqlglot import exp

from screening import concepts
from screening.batch import sql
from screening.batch.records import ROW, Records
from screening.batch.sql import Sql
from screening.patient.facts import Activity, Event, EventKind
from screening.store.rows import event_of
from screening.store.shape import LISTS, TABLES

STATE = ("text", "certainty", "activity", "qualifiers")
"""The columns of a signature besides the codes."""

DAYS = ("start_first", "start_last", "end_first", "end_last")
"""First and last day of start and end; NULL where there is no date."""

NEVER, EVER = date.max, date.min

_DATES = {"start_first": "start", "start_last": "start_last", "end_first": "end", "end_last": "end_last"}
_NOTHING: Mapping[str, Any] = dict.fromkeys(TABLES["conditions"])


class Words(NamedTuple):
    """What names an event, apart from its state."""

    codes: tuple[concepts.Code, ...]
    text: str


@dataclass(frozen=True, slots=True)
class EventSignature:
    """One distinct combination: *key* as SQL groups by it."""

    table: str
    key: tuple[str, ...]

    def event(self) -> Event:
        """An event of that kind, without dates, read as the store's own reader reads it."""
        pairs, state = self.key[: -len(STATE)], dict(zip(STATE, self.key[-len(STATE) :], strict=True))
        qualifiers = [item for item in state["qualifiers"].split(",") if item]
        codings = [
            {**_NOTHING, **state, "qualifiers": qualifiers, "system": system, "code": code}
            for system, code in zip(pairs[::2], pairs[1::2], strict=True)
        ]
        return event_of(self.table, codings)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is looked up of a signature: the number of its *profile*, and of its *site* if it is a primary tumour."""

    signature: EventSignature
    profile: int
    site: int | None


@dataclass(slots=True)
class Events:
    """The events of one store; what is asked of it is remembered."""

    records: Records
    _codings: dict[str, int] = field(default_factory=dict)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of events that the store has."""
        return tuple(table for table in LISTS if self.records.has(table))

    def by_words(self) -> Mapping[Words, Sequence[EventSignature]]:
        """Every combination on record, those of one name together."""
        found: dict[Words, list[EventSignature]] = {}
        named: dict[tuple[str, ...], tuple[concepts.Code, ...]] = {}
        for table in self.tables:
            for key in self._distinct(table):
                pairs, text = key[: -len(STATE)], key[-len(STATE)]
                if pairs not in named:
                    coded = zip(pairs[::2], pairs[1::2], strict=True)
                    named[pairs] = tuple((system, code) for system, code in coded if code)
                found.setdefault(Words(named[pairs], text), []).append(EventSignature(table, key))
        return found

    def _distinct(self, table: str) -> list[tuple[str, ...]]:
        listed = [sql.col(name) for name in self._key(table)]
        described = self._described(table).subquery("described", copy=False)
        query = exp.select(*listed).distinct().from_(described, copy=False)
        return self.records.rows(query.order_by(*(item.copy() for item in listed), copy=False))

    def _key(self, table: str) -> tuple[str, ...]:
        """The columns of a signature: system and code of each coding, then its state."""
        return (*_pairs(self._most(table)), *STATE)

    # Rows

    def _most(self, table: str) -> int:
        """The greatest number of rows of one event."""
        if table not in self._codings:
            self._codings[table] = self._counted(table) if "event" in self.records.columns(table) else 1
        return self._codings[table]

    def _counted(self, table: str) -> int:
        numbered = sql.no(sql.absent(sql.col("event")))
        each = (
            exp.select(sql.named(exp.Count(this=exp.Star()), "n"))
            .from_(table, copy=False)
            .where(numbered)
            .group_by(sql.col("patient_id"), sql.col("event"), copy=False)
        )
        query = exp.select(exp.Max(this=sql.col("n"))).from_(each.subquery("each", copy=False), copy=False)
        return int(self.records.rows(query)[0][0] or 1)

    def _described(self, table: str) -> exp.Select:
        """SELECT patient_id, the columns of the signature and the dates: one row an event."""
        if self._most(table) == 1:
            return self._plain(table).from_(table, copy=False)
        own = (
            self._plain(table, self._most(table))
            .from_(table, copy=False)
            .where(sql.absent(sql.col("event")), copy=False)
        )
        several = self._joined(table)
        both = exp.union(own, several, distinct=False, copy=False).subquery("both", copy=False)
        return exp.select("*").from_(both, copy=False)

    def _plain(self, table: str, codings: int = 1) -> exp.Select:
        """The fields of rows that are events of their own; codings beyond the first are empty."""
        further = [sql.named(sql.text(""), name) for name in _pairs(codings)[2:]]
        first = [sql.named(value, name) for name, value in zip(_pairs(1), self._coding(table), strict=True)]
        return exp.select(sql.col("patient_id"), *first, *further, *self._state(table), *self._dates(table))

    def _coding(self, table: str) -> tuple[Sql, Sql]:
        """System and code; a row without a code has neither."""
        code = _filled(self.records.field(table, "code"))
        system = sql.case(
            (exp.EQ(this=code.copy(), expression=sql.text("")), sql.text("")),
            default=_filled(self.records.field(table, "system")),
        )
        return system, code

    def _state(self, table: str) -> list[Sql]:
        """Words, certainty, activity and qualifiers, with what stands for one that is not recorded."""
        ended = sql.no(sql.absent(self.records.field(table, "end", "DATE")))
        silent = sql.case((ended, sql.text(Activity.PAST.value)), default=sql.text(Activity.CURRENT.value))
        listed = self.records.field(table, "qualifiers", "VARCHAR[]")
        held = {
            "text": _filled(self.records.field(table, "text")),
            "certainty": _filled(self.records.field(table, "certainty"), sql.text("confirmed")),
            "activity": _filled(self.records.field(table, "activity"), silent),
            "qualifiers": _filled(exp.ArrayToString(this=listed, expression=sql.text(","))),
        }
        return [sql.named(held[name], name) for name in STATE]

    def _dates(self, table: str) -> list[Sql]:
        held: dict[str, Sql] = {
            name: sql.cast(self.records.field(table, _DATES[name], "DATE"), "DATE") for name in DAYS
        }
        for edge in ("start", "end"):
            names = f"{edge}_first", f"{edge}_last"
            held |= dict(zip(names, sql.ends(*(held[name] for name in names)), strict=True))
        return [sql.named(value, name) for name, value in held.items()]

    def _joined(self, table: str) -> exp.Select:
        """The rows of each event made one: the fields of its first row, with the codings of all."""
        fields = [*_pairs(1), *STATE, *DAYS]
        order = exp.Order(expressions=[sql.col(ROW)])
        place = exp.Window(this=exp.RowNumber(), partition_by=[sql.col("patient_id"), sql.col("event")], order=order)
        numbered = (
            self._plain(table)
            .select(sql.col("event"), sql.named(place, "place"), copy=False)
            .from_(table, copy=False)
            .where(sql.no(sql.absent(sql.col("event"))), copy=False)
        )
        codings = [
            sql.named(_filled(_of_row(name, row)), f"{name[:-1]}{row}")
            for row in range(1, self._most(table) + 1)
            for name in _pairs(1)
        ]
        first = [sql.named(_of_row(name, 1), name) for name in fields[2:]]
        return (
            exp.select(sql.col("patient_id"), *codings, *first)
            .from_(numbered.subquery("numbered", copy=False), copy=False)
            .group_by(sql.col("patient_id"), sql.col("event"), copy=False)
        )

    # Rows with what is looked up of them

    def kept(self, found: Sequence[Kept], on: date) -> exp.Query | None:
        """SELECT patient_id, profile, site, dates and ending of the events up to the screening date.

        Only those of a signature in *found*; None where there is none.
        """
        by_table: dict[str, list[Kept]] = {}
        for item in found:
            by_table.setdefault(item.signature.table, []).append(item)
        parts = [self._looked_up(table, listed, on) for table, listed in by_table.items()]
        return reduce(lambda one, other: exp.union(one, other, distinct=False, copy=False), parts) if parts else None

    def _looked_up(self, table: str, listed: list[Kept], on: date) -> exp.Query:
        key = self._key(table)
        name = self.records.temporary(
            f"profile_of_{table}",
            {**dict.fromkeys(key, "VARCHAR"), "profile": "INTEGER", "site": "INTEGER"},
            [(*item.signature.key, item.profile, item.site) for item in listed],
        )
        same = [exp.EQ(this=sql.col(column, "e"), expression=sql.col(column, "k")) for column in key]
        begun = exp.LTE(this=sql.col("start_first", "e"), expression=sql.day(on))
        return (
            exp.select(
                sql.col("patient_id", "e"),
                sql.col("profile", "k"),
                sql.col("site", "k"),
                *(sql.col(day, "e") for day in DAYS),
                *_lasting(LISTS[table], on),
            )
            .from_(self._described(table).subquery("e", copy=False), copy=False)
            .join(exp.to_table(name, alias="k"), on=sql.every(*same), copy=False)
            .where(sql.some(sql.absent(sql.col("start_first", "e")), begun), copy=False)
        )


def _pairs(codings: int) -> tuple[str, ...]:
    """The columns of so many codings."""
    return tuple(f"{part}{at}" for at in range(1, codings + 1) for part in ("system", "code"))


def _filled(value: Sql, otherwise: Sql | None = None) -> Sql:
    """A text, or what stands for one that is missing or empty."""
    if otherwise is None:
        return exp.Coalesce(this=value, expressions=[sql.text("")])
    return exp.Coalesce(this=exp.Nullif(this=value, expression=sql.text("")), expressions=[otherwise])


def _of_row(name: str, place: int) -> Sql:
    """A field of the row at that place among those of its event."""
    here = exp.EQ(this=sql.col("place"), expression=sql.num(place))
    return exp.Max(this=sql.case((here, sql.col(name)), default=sql.null()))


def _lasting(kind: EventKind, on: date) -> list[Sql]:
    """First and last day on which the event may have begun and ended: `screening.evaluate.periods` in SQL."""
    start, start_last, end, end_last = (sql.col(name, "e") for name in DAYS)
    dated, begun = (sql.no(sql.absent(day.copy())) for day in (end, start))
    current = exp.EQ(this=sql.col("activity", "e"), expression=sql.text(Activity.CURRENT.value))
    first, last = (
        [(dated, end), (current, sql.day(NEVER))],
        [
            (exp.LT(this=end_last.copy(), expression=start.copy()), _later(end_last.copy(), sql.day(on))),
            (dated.copy(), end_last),
            (current.copy(), sql.day(NEVER)),
        ],
    )
    if kind is EventKind.PROCEDURE:
        unknown = exp.EQ(this=sql.col("activity", "e"), expression=sql.text(Activity.UNKNOWN.value))
        on_a_day = sql.every(begun, unknown)
        first.append((on_a_day, start.copy()))
        last.append((on_a_day.copy(), start_last))
    since = exp.Coalesce(this=start.copy(), expressions=[sql.day(EVER)])
    until = exp.Coalesce(this=sql.col("start_last", "e"), expressions=[sql.day(on)])
    return [
        sql.named(since.copy(), "begun_first"),
        sql.named(until, "begun_last"),
        sql.named(sql.case(*first, default=since), "over_first"),
        sql.named(sql.case(*last, default=sql.day(on)), "over_last"),
    ]


def _later(one: Sql, other: Sql) -> Sql:
    return exp.Greatest(this=one, expressions=[other], ignore_nulls=True)
