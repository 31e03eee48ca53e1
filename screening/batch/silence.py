"""Where no event says anything: which lists the record declares complete, and which hold an entry nobody can read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from screening.batch import bits, codes, sql
from screening.batch.records import Records
from screening.batch.sql import Sql
from screening.patient.facts import Certainty, Event, EventKind
from screening.store.shape import LISTS

LISTED, UNREAD = "lists_complete", "lists_unread"
"""The columns of a patient: a bit for each list."""

_BIT = {kind: 1 << at for at, kind in enumerate(EventKind)}


def mask(lists: frozenset[EventKind]) -> int:
    """The bits of some lists."""
    return sum(_BIT[kind] for kind in lists)


def unread(event: Event) -> int:
    """The bit of the list of an event that may be anything for all that anybody can read; a denial never is."""
    return 0 if event.certainty is Certainty.REFUTED else _BIT[event.kind]


@dataclass(slots=True)
class Silence:
    """What silence says; *asked* once some predicate needs to know what nobody can read."""

    asked: bool = False

    def code(self, lists: frozenset[EventKind], assumed: frozenset[EventKind], records: Records) -> Sql:
        """FALSE where the lists that decide are complete, or assumed to be, and readable; else missing."""
        stated = lists - assumed
        if not lists or (stated and not records.has("complete")):
            return sql.num(codes.MISSING)
        self.asked = True
        wanted = mask(stated)
        readable = sql.no(bits.any_of(_or_none(UNREAD), mask(lists)))
        if wanted:
            complete = exp.EQ(this=bits.only(_or_none(LISTED), wanted), expression=sql.num(wanted))
            readable = sql.every(complete, readable)
        return sql.case((readable, sql.num(codes.FALSE)), default=sql.num(codes.MISSING))

    def complete(self) -> exp.Select:
        """SELECT patient_id and the bits of the complete lists."""
        branches = [
            (exp.EQ(this=sql.col("list"), expression=sql.text(name)), sql.num(_BIT[kind]))
            for name, kind in LISTS.items()
        ]
        held = sql.cast(bits.gathered(sql.case(*branches, default=sql.num(0))), "TINYINT")
        return (
            exp.select(sql.col("patient_id"), sql.named(held, LISTED)).from_("complete").group_by(sql.col("patient_id"))
        )


def _or_none(name: str) -> Sql:
    return exp.Coalesce(this=sql.col(name), expressions=[sql.num(0)])
