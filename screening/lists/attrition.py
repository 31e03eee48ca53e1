"""What each criterion costs, in figures that do not depend on the order in which criteria are applied, and a funnel
that does, with bounds.

Whether a patient remains is open while anything is unknown, so every "remaining" is given three times: *worst* (all
that is unknown fails), *potentially* (open judgements are attested, all else that is unknown fails: those whom
`screen` calls potentially eligible) and *best* (all that is unknown passes).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from screening.evaluate.outcome import Reason
from screening.lists.results import Listed, Results
from screening.lists.tables import Answer, Column, Table
from screening.store.database import literal

COLUMNS = (
    Column("criterion", "criterion"),
    Column("passed", "pass", "integer"),
    Column("failed", "fail", "integer"),
    Column("unknown", "open", "integer"),
    Column("sole_blocker", "fails only this", "integer"),
    Column("sole_open", "only this open", "integer"),
    Column("without_worst", "left without it, worst", "integer"),
    Column("without_best", "left without it, best", "integer"),
    Column("after_worst", "left after it, worst", "integer"),
    Column("after_potentially", "potentially", "integer"),
    Column("after_best", "best", "integer"),
    Column("text", "text", wide=True),
)

MEANING = (
    "Worst: all that is open fails. Potentially: judgements are attested, all else that is open fails. Best: all that"
    " is open passes. Left after it: in the order of the document."
)

SOLE = "Fails only this, only this open: whatever the order. An open judgement counts here where nothing else is open."

ALL = "(all)"
"""The row of the trial as a whole."""

_OPEN = f"<> {literal(Reason.JUDGEMENT.value)}"


def attrition(results: Results) -> Answer:
    """One row a criterion in the order of the document, and one of the trial as a whole."""
    alive, none_failed, none_unknown = results.one(
        "SELECT count(*), count(*) FILTER (failed = 0), count(*) FILTER (failed = 0 AND unknown = 0)"
        " FROM people WHERE verdict <> 'deceased'"
    )
    counts = list(_counts(results))
    funnel = _funnel(results, alive)
    rows = [
        (c.id, *held, none_unknown + more_worst, none_failed + held[3], *left, c.text)
        for c, (*held, more_worst), left in zip(results.criteria, counts, funnel, strict=True)
    ]
    potentially = results.one("SELECT count(*) FROM people WHERE verdict = 'potentially_eligible'")[0]
    rows.append(_total(alive, none_unknown, potentially, none_failed))
    table = Table("attrition", "Attrition by criterion", COLUMNS, tuple(rows), _notes(results, alive))
    return Answer("attrition", "Attrition", results.about, (table, _reasons(results)))


def _reasons(results: Results) -> Table:
    """Why each criterion is open, in how many patients."""
    whys = ", ".join(f"r{criterion.at}" for criterion in results.criteria)
    listed = f"SELECT unnest(range({len(results.criteria)})) AS place, unnest([{whys}]) AS why FROM people"
    query = (
        f"SELECT place, why, count(*) FROM ({listed}) WHERE why IS NOT NULL GROUP BY ALL ORDER BY place, 3 DESC, why"
    )
    rows = results.rows(query) if results.criteria else []
    ids = [criterion.id for criterion in results.criteria]
    columns = (
        Column("criterion", "criterion"),
        Column("reason", "why it is open"),
        Column("patients", "patients", "integer"),
    )
    return Table("reasons", "Why criteria are open", columns, tuple((ids[at], why, count) for at, why, count in rows))


def _counts(results: Results) -> Iterator[tuple[int, ...]]:
    """Of each criterion: pass, fail, unknown, sole blocker, sole open, and how many more would pass all the others for
    certain."""
    if not results.criteria:
        return
    wanted = [count for criterion in results.criteria for count in _wanted(criterion)]
    row = results.one(f"SELECT {', '.join(wanted)} FROM people WHERE verdict <> 'deceased'")
    size = len(wanted) // len(results.criteria)
    for at in range(0, len(row), size):
        yield tuple(row[at : at + size])


def _wanted(criterion: Listed) -> tuple[str, ...]:
    passed, why = f"p{criterion.at}", f"r{criterion.at}"
    conditions = (
        f"{passed} IS TRUE",
        f"{passed} IS FALSE",
        f"{why} IS NOT NULL",
        f"{passed} IS FALSE AND failed = 1",
        f"{why} {_OPEN} AND failed = 0 AND open = 1 OR {why} IS NOT NULL AND failed = 0 AND unknown = 1",
        f"{passed} IS FALSE AND failed = 1 AND unknown = 0 OR {why} IS NOT NULL AND failed = 0 AND unknown = 1",
    )
    return tuple(f"count(*) FILTER ({condition})" for condition in conditions)


def _funnel(results: Results, alive: int) -> list[tuple[int, ...]]:
    """How many are left after each criterion in the order of the document: worst, potentially, best."""
    ends = (
        [f"CASE WHEN p{c.at} IS DISTINCT FROM TRUE THEN {c.at} END" for c in results.criteria],
        [f"CASE WHEN p{c.at} IS FALSE OR r{c.at} {_OPEN} THEN {c.at} END" for c in results.criteria],
        [f"CASE WHEN p{c.at} IS FALSE THEN {c.at} END" for c in results.criteria],
    )
    columns = [_left(results, first, alive) for first in ends]
    return list(zip(*columns, strict=True))


def _left(results: Results, first: Sequence[str], alive: int) -> list[int]:
    """Who is left after each place, from the first place at which each patient drops out."""
    if not first:
        return []
    place = f"least({', '.join([*first, 'NULL'])})"
    dropped = dict(results.rows(f"SELECT {place}, count(*) FROM people WHERE verdict <> 'deceased' GROUP BY 1"))
    return [alive - gone for gone in accumulate(dropped.get(at, 0) for at in range(len(first)))]


def _total(alive: int, worst: int, potentially: int, best: int) -> tuple[Any, ...]:
    passed, failed = worst, alive - best
    return (
        ALL,
        passed,
        failed,
        best - worst,
        None,
        None,
        worst,
        best,
        worst,
        potentially,
        best,
        "the trial as a whole",
    )


def _notes(results: Results, alive: int) -> tuple[str, ...]:
    dead = results.one("SELECT count(*) FROM people WHERE verdict = 'deceased'")[0]
    return (
        f"{alive} patients screened; {dead} deceased are left out.",
        MEANING,
        SOLE,
    )
