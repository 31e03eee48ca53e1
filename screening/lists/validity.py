"""Eligible from, eligible until: when washouts end and results expire, if the record stays as it is.

The interpreter decides anew on every day on which something can change (`moments`); what differs from the day before
is a change. Between two changes every outcome, and the reason of every unknown one, stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from screening.batch.trial import INTERPRETER_ONLY
from screening.evaluate.context import Context
from screening.explain.screen import Screener
from screening.explain.verdict import Judged, verdict
from screening.lists.moments import clock
from screening.lists.ranking import ranking
from screening.lists.recheck import Source
from screening.lists.results import Results
from screening.lists.tables import Answer, Column, Row, Table
from screening.patient.facts import Patient
from screening.ruleset.model import RuleSet
from screening.store.database import literal

HORIZON = 365
"""Days ahead that are looked at unless more are asked for."""

TOP = 100
"""Patients looked at unless more are asked for."""


MEANING = (
    "From: the first day on which no criterion fails (none: not within these days). Until: the last day on which all"
    " that passed then still passes (none: beyond these days)."
)


class State(NamedTuple):
    """The outcomes from a day on, until the next state's."""

    since: date
    criteria: tuple[Judged, ...]


def timelines(rules: RuleSet, patients: Iterable[Patient], context: Context, horizon: int) -> dict[str, list[State]]:
    """Each patient's states from the screening date to *horizon* days later; the deceased have none.

    Day by day over all patients, since the rules have to be prepared anew for each day.
    """
    living = [patient for patient in patients if not patient.deceased]
    found: dict[str, list[State]] = {patient.id: [] for patient in living}
    for day, asked in sorted(_calendar(rules, living, context, horizon).items()):
        screener = Screener(rules, replace(context, on=day))
        for patient in asked:
            criteria, held = screener.judge(patient).criteria, found[patient.id]
            if not held or held[-1].criteria != criteria:
                held.append(State(day, criteria))
    return found


def _calendar(
    rules: RuleSet, patients: Sequence[Patient], context: Context, horizon: int
) -> Mapping[date, list[Patient]]:
    """Who is to be looked at on which day."""
    ticking = clock(rules.rules, context)
    found: dict[date, list[Patient]] = {context.on: list(patients)}
    for patient in patients:
        for day in ticking.moments(patient, horizon):
            found.setdefault(day, []).append(patient)
    return found


@dataclass(frozen=True, slots=True)
class Validity:
    """The first stretch of days on which nothing fails. *start* None: none within the horizon; *end* None: it lasts
    beyond. *waits*: the criteria that fail until then; *ends*: those that no longer pass on the day after."""

    start: date | None
    verdict: str | None = None
    waits: tuple[Judged, ...] = ()
    end: date | None = None
    ends: tuple[Judged, ...] = ()


def validity(states: Sequence[State]) -> Validity:
    """From the first day without a failure to the last on which all that passed then still passes."""
    failing = tuple(entry for entry in states[0].criteria if entry.outcome == "fail") if states else ()
    for at, state in enumerate(states):
        if all(entry.outcome != "fail" for entry in state.criteria):
            end, ends = _end(state, states[at + 1 :])
            return Validity(state.since, verdict(state.criteria), failing, end, ends)
    return Validity(None, waits=failing)


def _end(start: State, later: Iterable[State]) -> tuple[date | None, tuple[Judged, ...]]:
    passing = [at for at, entry in enumerate(start.criteria) if entry.outcome == "pass"]
    for state in later:
        lost = tuple(state.criteria[at] for at in passing if state.criteria[at].outcome != "pass")
        if lost:
            return state.since - timedelta(days=1), lost
    return None, ()


def dates(results: Results, source: Source, *, top: int | None = TOP, horizon: int = HORIZON) -> Answer:
    """For the first of the ranked list, those who fail included: from when to when nothing fails, and every change."""
    listed = results.rows(ranking(results, top=top, failed=True))
    verdicts = {str(row[1]): (row[1], row[2]) for row in listed}
    people = list(source.patients(list(verdicts)))
    found = timelines(source.undecided, people, source.context, horizon)
    _check(source, found, [id for id, (_, now) in verdicts.items() if now != "deceased"])
    rows = tuple(_row(*verdicts[id], validity(found[id])) for id in verdicts if id in found)
    columns = (
        results.patient,
        Column("verdict", "verdict now"),
        Column("from", "from", "date"),
        Column("then", "verdict then"),
        Column("waits_for", "waits for"),
        Column("until", "until", "date"),
        Column("ends_by", "what ends it", wide=True),
    )
    (total,) = results.one("SELECT count(*) FROM people WHERE verdict <> 'deceased'")
    shown = f"{len(rows)} of {total} patients shown, {horizon} days from {source.on} on, if nothing new is recorded."
    notes = (shown, MEANING)
    table = Table("dates", "Eligible from and until", columns, rows, notes)
    changes = tuple(row for id in verdicts if id in found for row in _changes(verdicts[id][0], found[id]))
    return Answer("dates", "Eligible from and until", results.about, (table, _listed_changes(results, changes)))


def _check(source: Source, found: Mapping[str, Sequence[State]], listed: Sequence[str]) -> None:
    """Refuses a store in which the screening date gives other outcomes than the result has. What SQL was not asked
    about, only the interpreter knows."""
    results = source.results
    cells = ", ".join(f"p{criterion.at}, r{criterion.at}" for criterion in results.criteria)
    if not cells or not listed:
        return
    wanted = ", ".join(literal(id) for id in listed)
    rows = results.rows(f"SELECT patient_id, {cells} FROM people WHERE CAST(patient_id AS VARCHAR) IN ({wanted})")
    differing = 0
    for id, *held in rows:
        states = found.get(str(id))
        own = {entry.id: entry for entry in states[0].criteria} if states else {}
        pairs = zip(results.criteria, held[::2], held[1::2], strict=True)
        differing += not all(_same(own.get(criterion.id), passed, reason) for criterion, passed, reason in pairs)
    if differing:
        raise source.differs(differing)


_PASSED = {"pass": True, "fail": False}


def _same(entry: Judged | None, passed: bool | None, reason: str | None) -> bool:
    if reason == INTERPRETER_ONLY:
        return True
    return entry is not None and _PASSED.get(entry.outcome) == passed and (entry.reason or None) == reason


def _row(id: object, now: str, found: Validity) -> Row:
    waits = " ".join(entry.id for entry in found.waits) if found.start else ""
    return (id, now, found.start, found.verdict, waits, found.end, ", ".join(map(_how, found.ends)))


def _how(entry: Judged) -> str:
    """A criterion that no longer passes, and why."""
    return f"{entry.id} {entry.reason.replace('_', ' ') if entry.reason else entry.outcome}"


def _changes(id: object, states: Sequence[State]) -> Iterator[Row]:
    for before, state in pairwise(states):
        for old, new in zip(before.criteria, state.criteria, strict=True):
            if old != new:
                yield (id, state.since, new.id, old.outcome, old.reason, new.outcome, new.reason)


def _listed_changes(results: Results, changes: tuple[Row, ...]) -> Table:
    columns = (
        results.patient,
        Column("date", "date", "date"),
        Column("criterion", "criterion"),
        Column("before", "before"),
        Column("before_reason", "why"),
        Column("after", "from that day on"),
        Column("after_reason", "why"),
    )
    return Table("changes", "Every change of an outcome", columns, changes, detail=True)
