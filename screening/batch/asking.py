"""Cells that SQL leaves open, and those a person has answered: the interpreter settles them, patient by patient.

SQL marks a cell `ASK` where it would have to guess: a computed value a billionth from its limit, a number of more than
15 digits that meets its limit as closely as doubles can tell, inputs of one sample that are of different moments, a
limit counted from a baseline on record, several ranges of one result. Answers of people (attestations) are heard here
too, as in `screen`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from screening.batch import codes
from screening.batch.charts import Charts
from screening.batch.records import Records
from screening.batch.sql import Sql
from screening.batch.trial import TrialSql
from screening.evaluate.chart import Chart
from screening.evaluate.interpreter import prepare
from screening.evaluate.outcome import Outcome
from screening.predicates import neutral
from screening.sections.model import Side
from screening.store.database import Connection, make, package

Cells = Mapping[str, Sequence[int]]
"""Patient id → places of the criteria that are left open."""

Answer = tuple[str, int, int]
"""Patient id, place of the criterion, code in the sense of passing."""

Code = Callable[[str, Sql], None]
"""Makes a temporary table of DuckDB under a name from a query."""


def answers(trial: TrialSql, cells: Cells, charts: Charts) -> Iterator[Answer]:
    """The code of every cell, by the interpreter."""
    judges = {at: _judge(trial, at) for at in {at for places in cells.values() for at in places}}
    for name, chart in charts.of(list(cells)):
        yield from ((name, at, _code(trial, at, judges[at](chart))) for at in cells[name])


def _judge(trial: TrialSql, at: int) -> Callable[[Chart], Outcome]:
    rule, context = trial.criteria[at].rule, trial.compiler.context
    return prepare(rule.predicate, replace(context, trial=trial.trial, side=rule.side, criterion=rule.id))


def _code(trial: TrialSql, at: int, outcome: Outcome) -> int:
    """The outcome's code, as pass and fail."""
    code = codes.code_of(outcome)
    held = code in (codes.TRUE, codes.FALSE)
    return codes.TRUE - code if held and trial.criteria[at].rule.side is Side.EXCLUSION else code


def decide(trial: TrialSql, relation: str, code: Code | None = None) -> int:
    """Makes the temporary table *relation* of DuckDB with every patient's codes and verdict.

    *code* makes a temporary table of DuckDB by another engine. Returns how many cells the interpreter settled.
    """
    records = trial.compiler.records
    answered = records.store.source("attestations")
    if code is None and not trial.asking and answered is None and not records.given:
        _create(records.connection, relation, trial.table())
        return 0
    if code is None:
        _create(records.connection, _CODED, trial.coded())
    else:
        code(_CODED, trial.coded())
    cells = _open(trial, records.connection)
    for found_there in (_attested(trial, records.connection, answered), _given(trial, records)):
        for name, places in found_there.items():
            cells[name] = sorted({*cells.get(name, ()), *places})
    found = list(answers(trial, cells, records.charts))
    if found:
        _update(records.connection, found)
    records.connection.execute(f"CREATE OR REPLACE TEMP TABLE {relation} AS {trial.table(_CODED).sql('duckdb')}")
    return len(found)


_CODED = "coded"
"""The temporary table of codes, before the verdict."""


def _create(connection: Connection, relation: str, query: Sql) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {relation} AS {query.sql('duckdb')}")


def _open(trial: TrialSql, connection: Connection) -> dict[str, Sequence[int]]:
    if not trial.asking:
        return {}
    listed = ", ".join(f"c{at} = {codes.ASK}" for at in trial.asking)
    some = " OR ".join(f"c{at} = {codes.ASK}" for at in trial.asking)
    rows = connection.execute(
        f"SELECT CAST(patient_id AS VARCHAR), {listed} FROM {_CODED} WHERE {some} ORDER BY patient_id"
    ).fetchall()
    return {row[0]: [at for at, asked in zip(trial.asking, row[1:], strict=True) if asked] for row in rows}


def _update(connection: Connection, found: Iterable[Answer]) -> None:
    """Writes the answers into the table."""
    arrow: Any = package("pyarrow", "batch")
    ids, places, given = zip(*found, strict=True)
    columns = [arrow.array(ids, arrow.string()), arrow.array(places, arrow.int32()), arrow.array(given, arrow.int8())]
    connection.register("answers", arrow.Table.from_arrays(columns, names=["id", "place", "code"]))
    for at in sorted(set(places)):
        connection.execute(
            f"UPDATE {_CODED} SET c{at} = a.code FROM (SELECT id, code FROM answers WHERE place = {at}) AS a"
            f" WHERE CAST({_CODED}.patient_id AS VARCHAR) = a.id"
        )
    connection.unregister("answers")


def _attested(trial: TrialSql, connection: Connection, attestations: str | None) -> Cells:
    """The cells of living patients that somebody has answered; *attestations*: the store's table, if it has one."""
    if attestations is None:
        return {}
    places = _places(trial)
    rows = connection.execute(
        f"SELECT DISTINCT CAST(t.patient_id AS VARCHAR) AS id, a.criterion FROM {attestations} AS a JOIN {_CODED} AS t"
        " ON CAST(a.patient_id AS VARCHAR) = CAST(t.patient_id AS VARCHAR)"
        " WHERE NOT t.deceased AND (a.trial IS NULL OR a.trial = ?) ORDER BY ALL",
        [trial.trial],
    ).fetchall()
    found: dict[str, list[int]] = {}
    for name, criterion in rows:
        if criterion in places:
            found.setdefault(name, []).append(places[criterion])
    return found


def _given(trial: TrialSql, records: Records) -> Cells:
    """The cells of living patients that an answer beside the store is about."""
    places = _places(trial)
    found: dict[str | None, set[int]] = defaultdict(set)
    for owner, answer in records.given:
        if answer.criterion in places and answer.trial in (None, trial.trial):
            found[owner].add(places[answer.criterion])
    everyone = found.pop(None, set())
    if not (found or everyone):
        return {}
    living = f"SELECT CAST(patient_id AS VARCHAR) FROM {_CODED} WHERE NOT deceased"
    if everyone:
        rows = records.connection.execute(f"{living} ORDER BY ALL").fetchall()
    else:
        make(records.connection, "answered", ["VARCHAR"], [(name,) for name in found])
        rows = records.connection.execute(
            f"{living} AND CAST(patient_id AS VARCHAR) IN (SELECT c0 FROM answered) ORDER BY ALL"
        ).fetchall()
    return {name: sorted(everyone | found.get(name, set())) for (name,) in rows}


def _places(trial: TrialSql) -> dict[str, int]:
    """The place of each criterion that an answer can settle, by id: neither refused by SQL nor mere advice."""
    return {
        item.rule.id: at
        for at, item in enumerate(trial.criteria)
        if item.refused is None and not neutral(item.rule.predicate)
    }
