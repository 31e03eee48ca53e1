"""Running trials over a store: one wide table of slots for a block of trials, then a table of codes per trial.

The codes are made by DuckDB, or by a Spark that is there already (`spark`); counting, ordering and writing are
DuckDB's in both cases, so that the same codes are the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from screening.batch import tally
from screening.batch.about import about, as_text
from screening.batch.asking import Code, decide
from screening.batch.compiler import WIDE, Compiler
from screening.batch.lost import lost
from screening.batch.margins import numeric
from screening.batch.problems import BatchError, RefusedError
from screening.batch.records import Records, open_records
from screening.batch.result import BatchResult, TrialCounts
from screening.batch.sheets import check_size, kind_of
from screening.batch.spark import Cluster, Spark, session
from screening.batch.sql import Sql
from screening.batch.trial import TrialSql, compiled
from screening.batch.unfinished import unfinished
from screening.batch.watching import Steps, Tell, watched
from screening.batch.writing import Writer
from screening.evaluate.attested import Answers
from screening.evaluate.context import Context
from screening.resources import without_cycle_search
from screening.ruleset.model import RuleSet
from screening.store.database import Connection, connect, readable
from screening.store.diagnosis import diagnosed
from screening.store.errors import DamagedError, TargetError
from screening.store.reading import COUNTED, Store
from screening.store.salvage import Salvaged, salvaged

BLOCK = 25
"""Trials whose slots share one wide table: enough to scan the store seldom, few enough to keep the table narrow."""

DECIDED = "decided"
"""The temporary table of a trial's codes and verdicts."""

_ROWS_OF_WIDE = "rows_of_wide"


@dataclass(frozen=True, slots=True)
class Run:
    """What a batch is asked with besides rules and store. *memory*: DuckDB's limit ("2GB"); beyond it DuckDB spills
    to files beside the result. *tell*: is told the share that is done. *spark*: where
    it runs, if not in DuckDB. *margins*: also how far each value lies from its limit (`screening.batch.margins`).
    *answers*: of people to criteria, beside those in the store.
    """

    context: Context
    skip_refused: bool = False
    threads: int | None = None
    memory: str | None = None
    tell: Tell | None = None
    spark: Cluster | None = None
    margins: bool = False
    answers: Answers = ()


class Engine(Protocol):
    """What makes relations of SQL over the tables of a store."""

    @property
    def name(self) -> str:
        """What it is called."""

    def share(self, query: Sql, *, again: bool) -> None:
        """Makes the relation `WIDE`, to be read more than once if it is asked for *again*."""

    @property
    def code(self) -> Code | None:
        """What makes a temporary table of DuckDB of a query; None: DuckDB itself."""


@dataclass(frozen=True, slots=True)
class DuckDB:
    """The embedded engine."""

    connection: Connection
    name: str = "duckdb"
    code: None = None

    def share(self, query: Sql, *, again: bool) -> None:
        """A view is enough for one reading, and saves writing the table."""
        made = query.sql("duckdb")
        if again:
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {_ROWS_OF_WIDE} AS {made}")
            made = f"SELECT * FROM {_ROWS_OF_WIDE}"
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {WIDE} AS {made}")


def batch(trials: Sequence[RuleSet], path: str | Path, out: str | Path, run: Run) -> BatchResult:
    """Screens every patient of a store against every trial; OUT appears whole or not at all.

    Raises StoreError where the store cannot be read, TargetError where OUT lies inside it, RefusedError where SQL would
    not decide as the interpreter does.
    """
    store, target = Store.at(path), Path(out)
    kind_of(target)
    if target.resolve().parent.is_relative_to(store.path.resolve()):
        raise TargetError(str(out), "lies inside the store it would be made from", "Give a file outside of it.")
    with unfinished(target) as folder:
        try:
            return _batch(trials, Salvaged(store, store.unsure), target, run, folder, whole=store)
        except (DamagedError, BatchError) as problem:
            found = None if isinstance(problem, RefusedError) else salvaged(store, folder / "salvaged")
            if found is None:
                raise (diagnosed(store, problem) if isinstance(problem, DamagedError) else problem) from None
            return _batch(trials, found, target, run, folder, whole=store)


def _batch(  # noqa: PLR0913 -- what is asked, and where
    trials: Sequence[RuleSet],
    held: Salvaged,
    target: Path,
    asked: Run,
    folder: Path,
    *,
    whole: Store,
) -> BatchResult:
    """One attempt. *folder*: for what is unfinished. *whole*: the store as given, of which *held* may be what can be
    read. A list of which rows are lost is not taken for complete, though it be *asked*."""
    store = held.store
    sure = asked.context.assume_absent - held.unsure
    run = replace(asked, context=replace(asked.context, assume_absent=sure))
    path = str(store.path)
    described = about(trials, run.context, run.answers, whole.fingerprint) | {"salvaged": store is not whole}
    with closing(connect(path, folder / "spill")) as connection, readable(path):
        _configure(connection, run)
        records = open_records(connection, store.path, run.answers, branching=run.spark is not None)
        patients, different = map(int, records.rows(f"SELECT {COUNTED.format('patient_id')} FROM patients")[0])
        store.refuse_shared(patients, different)
        check_size(target, patients * len(trials), len(_columns(trials)))
        with (
            _engine(run, records, folder) as engine,
            Writer(target, folder, _columns(trials), as_text(described), _numeric(trials, run)) as writer,
        ):
            task = _Task(run, records, engine, Steps(_steps(trials)))
            with watched(connection, task.steps, run.tell):
                counts = [found for block in _blocks(trials) for found in task.block(block, writer)]
        left_out = lost(connection, records, trials)
    program, on, hashes = (described[name] for name in ("program", "on", "rules"))
    return BatchResult(
        task.engine.name, task.seconds, task.writing, patients, tuple(counts), program, on, hashes, left_out,
        asked.context.assume_absent & held.unsure,
    )  # fmt: skip


@contextmanager
def _engine(run: Run, records: Records, folder: Path) -> Iterator[Engine]:
    if run.spark is None:
        yield DuckDB(records.connection)
        return
    with session(run.spark, folder) as found:
        yield Spark(found, run.spark, records)


def _configure(connection: Connection, run: Run) -> None:
    connection.execute("SET preserve_insertion_order = true")
    if run.threads:
        connection.execute(f"SET threads = {int(run.threads)}")
    if run.memory:
        connection.execute("SET memory_limit = ?", [run.memory])


def _columns(trials: Sequence[RuleSet]) -> tuple[str, ...]:
    """The criteria of all trials by id: one id, one column."""
    return tuple(dict.fromkeys(rule.id for rules in trials for rule in rules.rules))


def _numeric(trials: Sequence[RuleSet], run: Run) -> frozenset[str]:
    """The criteria that have a margin."""
    if not run.margins:
        return frozenset()
    return frozenset(rule.id for rules in trials for rule in rules.rules if numeric(rule.predicate))


def _blocks(trials: Sequence[RuleSet]) -> Iterator[Sequence[RuleSet]]:
    for start in range(0, len(trials), BLOCK):
        yield trials[start : start + BLOCK]


def _steps(trials: Sequence[RuleSet]) -> int:
    """One for the wide table of each block, two for each trial: deciding and writing."""
    return len(list(_blocks(trials))) + 2 * len(trials)


@dataclass(slots=True)
class _Task:
    """A run under way. *seconds*: spent reading and deciding; *writing*: spent writing the answer down."""

    run: Run
    records: Records
    engine: Engine
    steps: Steps
    seconds: float = field(default=0.0, init=False)
    writing: float = field(default=0.0, init=False)

    def block(self, trials: Sequence[RuleSet], writer: Writer) -> Iterator[TrialCounts]:
        """Decides and writes some trials."""
        started = time.perf_counter()
        context, records = self.run.context, self.records
        with without_cycle_search():
            shared = Compiler(records, context)
            shared.measured.margins = self.run.margins
            made = [
                compiled(rules, shared.beside(_of(context, rules)), skip_refused=self.run.skip_refused)
                for rules in trials
            ]
        self.engine.share(shared.wide(), again=len(made) > 1)
        self.seconds += time.perf_counter() - started
        self.steps.done += 1
        for trial in made:
            yield self._trial(trial, writer)

    def _trial(self, trial: TrialSql, writer: Writer) -> TrialCounts:
        started = time.perf_counter()
        connection = self.records.connection
        asked = decide(trial, DECIDED, self.engine.code)
        counts = tally.counts(trial, connection, DECIDED, asked)
        decided = time.perf_counter()
        self.steps.done += 1
        writer.write(trial, tally.rows(connection, DECIDED))
        self.steps.done += 1
        self.seconds += decided - started
        self.writing += time.perf_counter() - decided
        return counts


def _of(context: Context, rules: RuleSet) -> Context:
    known = context.index_conditions or rules.index_conditions
    return replace(context, trial=rules.trial, index_conditions=known)
