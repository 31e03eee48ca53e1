"""Threshold curves: how many more if the limit were another. Each step is decided anew by the batch engine, exactly.

Only the changed criterion is compiled, once a step, all steps over one scan of the store; the others stand as the
result has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from screening.batch import codes
from screening.batch.records import open_records
from screening.batch.within import Decided, decide
from screening.evaluate.outcome import Reason
from screening.explain.numbers import plain, unit_name
from screening.explain.phrases import phrase
from screening.lists.movable import Movable, movable
from screening.lists.problems import ListError
from screening.lists.recheck import Source
from screening.lists.results import Listed
from screening.lists.steps import automatic
from screening.lists.tables import Answer, Column, Table
from screening.predicates import Multiple, OrdinalSet
from screening.store.database import literal

COLUMNS = (
    Column("limit", "limit", "number"),
    Column("current", "as it stands", "boolean"),
    Column("potentially", "potentially eligible", "integer"),
    Column("gain", "more", "integer"),
    Column("best", "if all open passes", "integer"),
    Column("gain_best", "more", "integer"),
    Column("others_pass", "pass all else: pass", "integer"),
    Column("others_unknown", "open", "integer"),
    Column("others_fail", "fail", "integer"),
)

MEANING = (
    "Potentially eligible: judgements are attested, all else that is open fails. Pass all else: those whom no other"
    " criterion fails or leaves open, judgements apart."
)

_TABLE = "moved_limits"


def curve(source: Source, which: str, steps: Sequence[Decimal] = ()) -> Answer:
    """The counts as the limit *which* ("I6c", "I1#2") moves over *steps*, or over the values that are on record.

    *potentially*: open judgements attested, all else that is open fails; *best*: all that is open passes. The three
    columns on those who pass all else for certain (judgements apart) split them by the moved criterion.
    """
    moved = movable(source.decided, which)
    criterion = source.results.criterion(moved.rule.id)
    store = source.needed_store()
    connection = source.results.connection
    open_records(connection, store)
    numbers = tuple(sorted({*(steps or automatic(moved, connection)), moved.number}))
    variants = [moved.at(number, _name(moved, number)) for number in numbers]
    decided = decide(connection, store, variants, source.context, _TABLE, answers=source.answers)
    for why in decided.refused.values():
        raise ListError(f"{which}: SQL cannot decide this criterion: {why}. Move the limit of another.")
    _check(source, criterion, f"v.c{numbers.index(moved.number)}", decided)
    rows = tuple(_rows(source, criterion, moved, numbers, decided))
    connection.execute(f"DROP TABLE {decided.name}")
    return Answer("curve", f"Threshold curve of {which}", source.results.about, (_table(which, moved, rows),))


def _check(source: Source, criterion: Listed, code: str, decided: Decided) -> None:
    """Refuses a store in which the limit as it stands gives something else than the result has."""
    passed = f"CASE {code} WHEN {codes.TRUE} THEN true WHEN {codes.FALSE} THEN false END"
    (differing,) = source.results.one(
        f"SELECT count(*) FILTER (o.p{criterion.at} IS DISTINCT FROM {passed} OR v.patient_id IS NULL)"
        f" FROM people AS o LEFT JOIN {decided.name} AS v"
        " ON CAST(o.patient_id AS VARCHAR) = CAST(v.patient_id AS VARCHAR) WHERE o.verdict <> 'deceased'"
    )
    if differing:
        raise source.differs(differing)


def _name(moved: Movable, number: Decimal) -> str:
    """Under its own id only the limit as it stands: what people have answered, they have answered to that."""
    return moved.rule.id if number == moved.number else f"{moved.rule.id}@{number}"


def _table(which: str, moved: Movable, rows: tuple[tuple[Any, ...], ...]) -> Table:
    title = f"{which}: {phrase(moved.part)}, with other limits ({_unit(moved)})"
    return Table("curve", title, COLUMNS, rows, (MEANING,))


def _unit(moved: Movable) -> str:
    if isinstance(moved.part, OrdinalSet):
        return "levels"
    limit = moved.part.limit
    return f"× {limit.of}" if isinstance(limit, Multiple) else unit_name(limit.unit) or "no unit"


def _rows(
    source: Source, criterion: Listed, moved: Movable, numbers: Sequence[Decimal], decided: Decided
) -> Iterator[tuple[Any, ...]]:
    counted = ", ".join(count for at in range(len(numbers)) for count in _counts(f"v.c{at}"))
    row = source.results.one(
        f"SELECT {counted} FROM ({_others(criterion)}) AS o JOIN {decided.name} AS v"
        " ON CAST(o.patient_id AS VARCHAR) = CAST(v.patient_id AS VARCHAR)"
    )
    found = [row[at : at + 5] for at in range(0, len(row), 5)]
    now = found[numbers.index(moved.number)]
    for number, held in zip(numbers, found, strict=True):
        potentially, best, *rest = held
        yield (
            float(plain(number)), number == moved.number, potentially, potentially - now[0], best, best - now[1], *rest
        )  # fmt: skip


def _others(criterion: Listed) -> str:
    """Of each living patient, how many of the other criteria fail, and how many are open, judgements apart."""
    own_open = f"r{criterion.at} <> {literal(Reason.JUDGEMENT.value)}"
    return (
        f"SELECT patient_id, failed - CASE WHEN p{criterion.at} IS FALSE THEN 1 ELSE 0 END AS failed,"
        f" open - CASE WHEN {own_open} THEN 1 ELSE 0 END AS open FROM people WHERE verdict <> 'deceased'"
    )


def _counts(code: str) -> tuple[str, ...]:
    """Potentially, best, and of those who pass all else: pass, open, fail."""
    passes, fails = f"{code} = {codes.TRUE}", f"{code} = {codes.FALSE}"
    conditions = (
        f"o.failed = 0 AND o.open = 0 AND {code} >= {codes.JUDGEMENT}",
        f"o.failed = 0 AND NOT {fails}",
        f"o.failed = 0 AND o.open = 0 AND {passes}",
        f"o.failed = 0 AND o.open = 0 AND NOT {passes} AND NOT {fails}",
        f"o.failed = 0 AND o.open = 0 AND {fails}",
    )
    return tuple(f"count(*) FILTER ({condition})" for condition in conditions)
