"""Near misses: patients whom a single criterion keeps out, and by how much."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from screening.explain.sentences import explain
from screening.lists.gaps import gap
from screening.lists.recheck import Source
from screening.lists.results import Results
from screening.lists.tables import Answer, Column, Query, Row, Table
from screening.lists.validity import HORIZON
from screening.lists.waiting import days_until, judged, keeps_out
from screening.patient.facts import Patient
from screening.ruleset.model import Rule
from screening.sections.model import Side
from screening.store.database import literal

TOP = 100
"""Near misses listed unless more are asked for."""

LOOKED_AT = 5_000
"""Patients decided again to find the nearest, where the result holds no margins."""

_RECOVERABLE, _OFF = 4, 7
"""Places in a row of those looked at."""

_BRIEF = (Column("criterion", "fails only"), Column("margin", "margin", "number"), Column("unknown", "open", "integer"))

_FULL = (
    Column("recoverable", "could change", "boolean"),
    Column("value", "value"),
    Column("limit", "limit"),
    Column("off_by", "off by", "number"),
    Column("unit", "unit"),
    Column("date", "date"),
    Column("explanation", "explanation", wide=True),
)


def near_misses(results: Results, source: Source | None = None, *, top: int | None = TOP) -> Answer:
    """Patients who fail exactly one criterion: the nearest first, then the fewest open, then the patient's id.

    With *source* (rules and store) the interpreter looks at those listed: value, limit, date, distance, and whether
    anything could change it (a new measurement, time), by which the list is then split; the distance from the end of a
    washout is in days (unit d). Without, the distance is the result's own, and null where it holds none.
    """
    total = results.one("SELECT count(*) FROM people WHERE failed = 1 AND verdict <> 'deceased'")[0]
    looked = source is not None and source.store is not None
    rows: Iterable[Row]
    if source is not None and looked:
        rows = _looked_at(results, source, top)
    else:
        rows = Query(results.connection, _query(results, top))
    columns = (results.patient, *_BRIEF, *(_FULL if looked else ()))
    title = "Near misses: exactly one criterion fails" + (", those that could change first" if looked else "")
    table = Table("near-misses", title, columns, rows, tuple(_notes(results, total, top, looked=looked)))
    return Answer("near-misses", "Near misses", results.about, (table, _by_criterion(results)))


def _query(results: Results, top: int | None) -> str:
    """Patient, criterion, margin and the number of open criteria."""
    which = "".join(f" WHEN p{c.at} IS FALSE THEN {literal(c.id)}" for c in results.criteria)
    margin = "".join(f" WHEN p{c.at} IS FALSE THEN m{c.at}" for c in results.criteria)
    limit = "" if top is None else f" LIMIT {top}"
    return (
        f"SELECT patient_id, CASE{which} END AS criterion, CASE{margin} END AS margin, unknown FROM people"
        f" WHERE failed = 1 AND verdict <> 'deceased' ORDER BY margin DESC NULLS LAST, unknown, patient_id{limit}"
        if results.criteria
        else "SELECT patient_id, NULL, NULL, unknown FROM people WHERE false"
    )


def _notes(results: Results, total: int, top: int | None, *, looked: bool) -> Iterator[str]:
    shown = total if top is None else min(total, top)
    yield f"{shown} of {total} near misses shown."
    if not looked:
        yield "With the rules and the store the list also says value, limit, date, and what could change."
    if not results.margins and shown < total and not (looked and total <= LOOKED_AT):
        yield "The result holds no margins (made without --margins): those shown may not be the nearest."


def _by_criterion(results: Results) -> Table:
    """How many each criterion alone keeps out."""
    counts = ", ".join(f"count(*) FILTER (p{c.at} IS FALSE)" for c in results.criteria) or "0"
    found = results.one(f"SELECT {counts} FROM people WHERE failed = 1 AND verdict <> 'deceased'")
    rows = [(c.id, count, c.text) for c, count in zip(results.criteria, found, strict=False) if count]
    columns = (
        Column("criterion", "criterion"),
        Column("near_misses", "near misses", "integer"),
        Column("text", "text", wide=True),
    )
    ranked = tuple(sorted(rows, key=lambda row: -row[1]))
    return Table("near-misses-by-criterion", "Near misses by the criterion they fail", columns, ranked)


def _looked_at(results: Results, source: Source, top: int | None) -> list[Row]:
    """The nearest patients, decided again; those whom nothing can change last."""
    asked = top if top is None or results.margins else max(top, LOOKED_AT)
    listed = {str(row[0]): row for row in results.rows(_query(results, asked))}
    rules = {rule.id: rule for rule in source.decided.rules}
    found = [
        row
        for patient in source.patients(list(listed))
        if (row := _row(source, rules[listed[patient.id][1]], patient, listed[patient.id])) is not None
    ]
    if len(found) < len(listed):
        raise source.differs(len(listed) - len(found))
    nearest = _with_waits(source, sorted(found, key=_nearest)[:top])
    return sorted(nearest, key=lambda row: (not row[_RECOVERABLE], _soonest(row)))


def _soonest(row: Row) -> tuple[Any, ...]:
    """As `_nearest`, but of those without a margin first those whose waiting ends first."""
    none, margin, *rest = _nearest(row)
    wait = row[_OFF] if none and row[_OFF] is not None else math.inf if none else 0
    return (none, margin, wait, *rest)


def _with_waits(source: Source, rows: list[Row]) -> list[Row]:
    """Those whom no measured value keeps out, but something that passes, with the days until it has passed."""
    waiting = {str(row[0]): row for row in rows if row[_RECOVERABLE] and row[_OFF] is None}
    rules = {rule.id: rule for rule in source.decided.rules}
    days = {
        patient.id: days_until(rules[waiting[patient.id][1]], patient, source.context, HORIZON)
        for patient in source.patients(list(waiting))
    }
    told = {id: (*waiting[id][:_OFF], count, "d", *waiting[id][_OFF + 2 :]) for id, count in days.items() if count}
    return [told.get(str(row[0]), row) for row in rows]


def _nearest(row: Row) -> tuple[Any, ...]:
    margin, unknown = row[2], row[3]
    return (margin is None, -(margin or 0.0), unknown, row[0])


def _row(source: Source, rule: Rule, patient: Patient, listed: Row) -> Row | None:
    """What keeps the patient out; None where the record does not say so."""
    outcome = judged(rule, patient, source.context)
    if not keeps_out(rule, outcome):
        return None
    held = gap(outcome)
    id, criterion, margin, unknown = listed
    explained = explain(outcome, source.on)
    if held is None:
        return (id, criterion, margin, unknown, outcome.recoverable, None, None, None, None, None, explained)
    own = float(-held.relative if rule.side is Side.EXCLUSION else held.relative)
    off = None if held.off is None else float(held.off)
    margin = own if margin is None else margin
    shown = (f"{held.variable} {held.value}", held.limit, off, held.unit, held.date)
    return (id, criterion, margin, unknown, outcome.recoverable, *shown, explained)
