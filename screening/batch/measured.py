"""Gathers the results that predicates of any number of trials need of one store, into one relation.

slots ─▶ one grouped scan: the latest result of each (`latest`)
─▶ where several results of one day may count: all of them, and what they say together (`ties`)
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from sqlglot import exp

from screening.batch import codes, margins, sql
from screening.batch.atoms import OnResults, by_signature, test_of
from screening.batch.book import has_rows
from screening.batch.latest import Latest, baselines, row_of
from screening.batch.records import Records
from screening.batch.scan import Scan
from screening.batch.slots import Placed, Slot, slot_of
from screening.batch.spans import Spanned
from screening.batch.sql import Sql
from screening.batch.ties import Tied, Ties
from screening.evaluate.context import Context
from screening.predicates import Comparison, Multiple, Reference

LATEST = "latest_results"
"""The relation of the latest result of each slot, inside the query."""


class OfCandidates(Protocol):
    """Something worked out of all results of the latest day."""

    def per_row(self) -> list[Sql]:
        """Columns of each result."""

    def together(self) -> list[Sql]:
        """Columns of each patient."""


MakeInput = Callable[[str, Latest], OfCandidates]


@dataclass(slots=True)
class Measured:
    """The slots of one store and what is asked of each."""

    records: Records
    context: Context
    places: dict[Slot, tuple[int, Placed]] = field(default_factory=dict)
    fields: dict[int, set[str]] = field(default_factory=dict)
    margins: bool = False
    tied: dict[tuple[int, OnResults], str] = field(default_factory=dict)
    inputs: dict[tuple[int, Hashable], tuple[str, MakeInput]] = field(default_factory=dict)

    def code(self, predicate: OnResults, context: Context) -> tuple[Sql, bool] | None:
        """The code of a predicate on results, and whether it may be `ASK`; None where no such result is on record."""
        placed = slot_of(predicate, context, self.records)
        if not placed.signatures:
            return None
        latest = self.place(placed, self._fields(predicate, placed))
        said = by_signature(test_of(predicate, self.context), placed.fitting, row_of(latest))
        return latest.code(said, self._together(latest, predicate)), latest.asks

    def margin(self, predicate: Comparison, context: Context) -> Sql:
        """How far the value lies from the limit, where both are known."""
        placed = slot_of(predicate, context, self.records)
        latest = self.place(placed, self._fields(predicate, placed))
        own = margins.of_result(predicate, placed.fitting, row_of(latest))
        if not latest.tied:
            return own
        return sql.case((latest.several(), sql.col(f"{self.tied[latest.at, predicate]}_margin")), default=own)

    def _fields(self, predicate: OnResults, placed: Placed) -> set[str]:
        """The sides of a row's range that a predicate uses; b where it counts from a baseline that is on record."""
        limit = predicate.limit if isinstance(predicate, Comparison) else None
        if not isinstance(limit, Multiple) or limit.defined is not None:
            return set()
        if limit.of is Reference.BASELINE:
            return {"b"} if baselines(placed.signatures) else set()
        booked = {"k"} if has_rows(predicate.variable, self.context) else set()
        return {"hi" if limit.of is Reference.ULN else "lo"} | booked

    def place(self, placed: Placed, fields: Iterable[str]) -> Latest:
        """The slot, which gives these fields from now on."""
        at, _ = self.places.setdefault(placed.slot, (len(self.places), placed))
        wanted = set(fields)
        if self.records.long:
            wanted.add("z")
        self.fields.setdefault(at, set()).update(wanted)
        return self._latest(at, placed, tuple(sorted(wanted)))

    def _latest(self, at: int, placed: Placed, fields: tuple[str, ...], *, later: bool = False) -> Latest:
        kind = Spanned if self.records.facts.partial else Latest
        return kind(at, placed, self.context.on, self.records, fields, later)

    def _together(self, latest: Latest, predicate: OnResults) -> Sql | None:
        """What several results of one day say, in a column of the tied."""
        if not latest.tied:
            return None
        name = self.tied.setdefault((latest.at, predicate), f"t{latest.at}_{len(self.tied)}")
        return exp.Coalesce(this=sql.col(name), expressions=[sql.num(codes.ASK)])

    def tie_input(self, at: int, key: Hashable, make: MakeInput) -> str:
        """The name under which several results of one day are one input of a formula."""
        name, _ = self.inputs.setdefault((at, key), (f"i{at}_{len(self.inputs)}", make))
        return name

    # The relation

    def _slots(self) -> list[Latest]:
        """Every slot with all its fields."""
        later = self._later
        return [
            self._latest(at, placed, tuple(sorted(self.fields[at])), later=later) for at, placed in self.places.values()
        ]

    @property
    def _later(self) -> bool:
        """Whether results after the screening date have to be read."""
        asked = any(slot.asked is not None for slot in self.places)
        return asked or any(fields & {"b", "r"} for fields in self.fields.values())

    def table(self) -> exp.Select | None:
        """SELECT patient_id and the columns of every slot; None where there is none."""
        slots = self._slots()
        if not slots:
            return None
        latest = self._grouped(slots)
        if not self.tied and not self.inputs:
            return latest
        ties = self._settled(slots).subquery("settled", copy=False)
        joined = (
            exp.select("*").from_(LATEST, copy=False).join(ties, using=["patient_id"], join_type="left", copy=False)
        )
        return joined.with_(LATEST, as_=latest, copy=False)

    def _scan(self, slots: list[Latest], *, moments: bool = False) -> Scan:
        limits = tuple(sorted({name for slot in slots for name in slot.fields} & {"lo", "hi"}))
        wanted = frozenset(id for slot in slots for id in slot.wanted)
        return Scan(self.records, wanted, self.context.on, limits, self._later, moments)

    def _grouped(self, slots: list[Latest]) -> exp.Select:
        timed = any("clock" in slot.fields for slot in slots)
        rows = self._scan(slots, moments=timed).rows().subquery("read", copy=False)
        columns = [item for slot in slots for item in slot.columns()]
        return (
            exp.select(sql.col("patient_id"), *columns, copy=False)
            .from_(rows, copy=False)
            .group_by(sql.col("patient_id"), copy=False)
        )

    def _settled(self, slots: list[Latest]) -> exp.Select:
        """SELECT patient_id and what several results of one day say together."""
        held = {slot.at: slot for slot in slots}
        tied: list[OfCandidates] = [
            *(
                Tied(name, held[at], predicate, self.context, self.margins)
                for (at, predicate), name in self.tied.items()
            ),
            *(make(name, held[at]) for (at, _), (name, make) in self.inputs.items()),
        ]
        several = [slot for slot in slots if slot.tied]
        candidates = Ties(self.records, self._scan(slots, moments=True), several, LATEST).candidates()
        per_row = exp.select("*", *(item for one in tied for item in one.per_row()), copy=False).from_(
            candidates.subquery("candidates", copy=False),
            copy=False,
        )
        columns = [column for one in tied for column in one.together()]
        return (
            exp.select(sql.col("patient_id"), *columns, copy=False)
            .from_(per_row.subquery("said", copy=False), copy=False)
            .group_by(sql.col("patient_id"), copy=False)
        )
