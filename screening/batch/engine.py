"""Running trials over a store in DuckDB: one wide table of slots, then a table of codes and its counts per trial."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from screening.batch import codes
from screening.batch.about import about, as_text
from screening.batch.compiler import WIDE, Compiler
from screening.batch.records import Records, open_records
from screening.batch.result import BatchResult, CriterionCounts, TrialCounts
from screening.batch.trial import INTERPRETER_ONLY, VERDICTS, Criterion, TrialSql, compiled
from screening.batch.writing import Writer
from screening.evaluate.context import Context
from screening.ruleset.model import RuleSet
from screening.store.database import Connection, connect, quoted, readable

BLOCK = 25
"""Trials whose slots share one wide table: enough to scan the store seldom, few enough to keep the table narrow."""

Progress = Callable[[Sequence[RuleSet]], Iterable[RuleSet]]


@dataclass(frozen=True, slots=True)
class Run:
    """What a batch is asked with besides rules and store."""

    context: Context
    skip_refused: bool = False
    threads: int | None = None


def batch(trials: Sequence[RuleSet], path: str | Path, out: str | Path, run: Run) -> BatchResult:
    """Screens every patient of a store against every trial; OUT appears whole or not at all.

    Raises StoreError where the store cannot be read, RefusedError where SQL would not decide as the interpreter does.
    """
    with closing(connect(str(path))) as connection, readable(str(path)):
        _configure(connection, run)
        records = open_records(connection, path)
        listed = _columns(trials)
        described = about(trials, run.context)
        with Writer(Path(out), listed, as_text(described)) as writer:
            clock = _Clock()
            counts = [found for block in _blocks(trials) for found in _block(block, records, run, writer, clock)]
        patients = int(records.rows("SELECT count(patient_id) FROM patients")[0][0])
    program, on, hashes = (described[name] for name in ("program", "on", "rules"))
    return BatchResult("duckdb", clock.seconds, clock.writing, patients, tuple(counts), program, on, hashes)


@dataclass(slots=True)
class _Clock:
    """Seconds spent deciding, and seconds spent writing the answer down."""

    seconds: float = 0.0
    writing: float = 0.0


def _configure(connection: Connection, run: Run) -> None:
    connection.execute("SET preserve_insertion_order = true")
    if run.threads:
        connection.execute(f"SET threads = {int(run.threads)}")


def _columns(trials: Sequence[RuleSet]) -> tuple[str, ...]:
    """The criteria of all trials by id: one id, one column."""
    return tuple(dict.fromkeys(rule.id for rules in trials for rule in rules.rules))


def _blocks(trials: Sequence[RuleSet]) -> Iterator[Sequence[RuleSet]]:
    for start in range(0, len(trials), BLOCK):
        yield trials[start : start + BLOCK]


def _block(
    trials: Sequence[RuleSet], records: Records, run: Run, writer: Writer, clock: _Clock
) -> Iterator[TrialCounts]:
    started = time.perf_counter()
    shared = Compiler(records, run.context)
    made = [
        compiled(rules, shared.beside(_context(run.context, rules)), skip_refused=run.skip_refused) for rules in trials
    ]
    connection = records.connection
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {WIDE} AS {shared.wide().sql('duckdb')}")
    clock.seconds += time.perf_counter() - started
    for trial in made:
        yield _trial(trial, connection, writer, clock)


def _context(context: Context, rules: RuleSet) -> Context:
    known = context.index_conditions or rules.index_conditions
    return replace(context, trial=rules.trial, index_conditions=known)


def _trial(trial: TrialSql, connection: Connection, writer: Writer, clock: _Clock) -> TrialCounts:
    started = time.perf_counter()
    connection.execute(f"CREATE OR REPLACE TEMP TABLE decided AS {trial.table().sql('duckdb')}")
    counts = _counts(trial, connection)
    decided = time.perf_counter()
    writer.write(_output(trial, connection))
    clock.seconds += decided - started
    clock.writing += time.perf_counter() - decided
    return counts


def _counts(trial: TrialSql, connection: Connection) -> TrialCounts:
    listed = [f"count(*) FILTER (verdict = {at})" for at in range(len(VERDICTS))]
    for at in range(len(trial.criteria)):
        listed += [f"count(*) FILTER (c{at} = {code})" for code in (codes.TRUE, codes.FALSE)]
        listed.append(f"count(*) FILTER (c{at} BETWEEN {codes.FALSE + 1} AND {codes.TRUE - 1})")
    row = connection.execute(f"SELECT {', '.join(listed)} FROM decided").fetchall()[0]
    verdicts = dict(zip(VERDICTS, row, strict=False))
    per = [row[len(VERDICTS) + 3 * at : len(VERDICTS) + 3 * at + 3] for at in range(len(trial.criteria))]
    criteria = [
        CriterionCounts(item.rule.id, item.rule.text, passed, failed, unknown, item.refused)
        for item, (passed, failed, unknown) in zip(trial.criteria, per, strict=True)
    ]
    return TrialCounts(trial.trial, tuple(criteria), verdicts)


def _output(trial: TrialSql, connection: Connection) -> Any:  # noqa: ANN401 -- an Arrow reader
    """The rows to write, in the order of the patients' ids."""
    verdict = " ".join(f"WHEN {at} THEN '{name}'" for at, name in enumerate(VERDICTS))
    name = trial.trial.replace("'", "''")
    listed = [f"'{name}' AS trial", "patient_id", f"CASE verdict {verdict} END AS verdict", "failed", "unknown"]
    listed += [part for at, item in enumerate(trial.criteria) for part in _cells(at, item)]
    query = f"SELECT {', '.join(listed)} FROM decided ORDER BY patient_id"
    return connection.sql(query)


def _cells(at: int, item: Criterion) -> tuple[str, str]:
    passed = f"CASE c{at} WHEN {codes.TRUE} THEN true WHEN {codes.FALSE} THEN false END"
    if item.refused is None:
        reasons = " ".join(f"WHEN {codes.unknown(reason)} THEN '{reason.value}'" for reason in codes.REASONS)
    else:
        reasons = f"WHEN {codes.NOT_UNDERSTOOD} THEN '{INTERPRETER_ONLY}'"
    name = item.rule.id
    return f"{passed} AS {quoted(name)}", f"CASE c{at} {reasons} END AS {quoted(name + '_reason')}"
