"""Spark as the engine: the same expressions in its dialect, over the same files; codes come back as Arrow batches.

The session is somebody's existing Spark (a master URL, or Spark Connect). What the compiler looks up of a store
(signatures, counts) DuckDB reads here, so the store's folder must be readable under one path here and by the workers.
Spark and DuckDB agree on NULL, dates and max_by as they are used; the session is set to UTC and ANSI for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from socket import create_connection
from typing import Any
from urllib.parse import urlsplit

from sqlglot import exp

from screening.batch.compiler import WIDE
from screening.batch.problems import BatchError
from screening.batch.records import FILE, ROW, Records
from screening.batch.spark_words import in_sparks_words
from screening.batch.sql import Sql
from screening.store.database import Connection, package, quoted
from screening.store.shape import LISTS

Session = Any
"""A pyspark.sql.SparkSession; the package is an extra."""

Frame = Any
"""A pyspark.sql.DataFrame."""

_READ = ("patients", "observations", *LISTS, "complete")

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
    "spark.sql.codegen.hugeMethodLimit": "8000",
}
"""The last: Java interprets methods of more than 8,000 bytes for ever, and Spark would write a trial as one of them."""

_AT_START = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
"""What is said before a driver of ours starts; a Spark Connect server has its own."""

_ON_ONE_MACHINE = {
    "spark.sql.files.maxPartitionBytes": "8m",
    "spark.sql.join.preferSortMergeJoin": "false",
}
"""Parts of a file so small that the patients of one stay in the processor's caches and nothing is spilled; no sorting
of wide rows for a join of one row with one. A cluster has its own.
"""

_TOGETHER = 50_000
"""Patients put together in one part of a shuffle on one machine: Spark's 200 parts, each met by every part of a file,
cost a sixth of the processor time of a million patients; many more in one would not fit into the memory of a driver."""

_JAVA = "-XX:+UseParallelGC"
"""Java's own collector works beside the query, and takes up to 7 of 100 seconds of processor time from it."""

_CELLS = 100_000_000
"""Codes fetched at a time: a byte each."""

_PORT = 15002
"""Of a Spark Connect server whose URL names none."""

_PATIENCE = 10.0
"""Seconds that a server may take to answer at all."""

_SILENT = """
appender.nowhere.type = Null
appender.nowhere.name = nowhere
rootLogger.level = off
rootLogger.appenderRef.nowhere.ref = nowhere
"""
"""Spark's messages may quote values of the data; errors reach the user as one line without them."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where Spark is: *master* ("local[2]", "spark://host:7077", "yarn") or *remote* ("sc://host:15002")."""

    master: str | None = None
    remote: str | None = None

    @property
    def name(self) -> str:
        """As the user gave it."""
        return self.remote or self.master or "local[*]"

    @property
    def embedded(self) -> bool:
        """Whether it runs inside this process's own Java."""
        return self.remote is None and self.name.startswith("local")


@contextmanager
def session(cluster: Cluster, folder: Path) -> Iterator[Session]:
    """A session of its own on that Spark, stopped at the end. *folder*: for what must not outlive the run."""
    found = package("pyspark.sql", f"--engine spark ({cluster.name})").SparkSession
    builder = found.builder.appName("screening")
    builder = builder.remote(cluster.remote) if cluster.remote else _local(builder, cluster, folder)
    with answering(cluster):
        if cluster.remote:
            _knock(cluster.remote)
        spark = builder.getOrCreate()
        for name, value in _SETTINGS.items():
            spark.conf.set(name, value)
    try:
        yield spark
    finally:
        spark.stop()


def _local(builder: Any, cluster: Cluster, folder: Path) -> Any:  # noqa: ANN401 -- pyspark's builder
    """A driver in a process of ours, its scratch files in *folder*."""
    quiet = folder / "log4j2.properties"
    quiet.write_text(_SILENT, encoding="utf8")
    given = _AT_START | {
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={quiet.absolute().as_uri()} {_JAVA}",
        "spark.local.dir": str((folder / "spark").absolute()),
        "spark.sql.warehouse.dir": str((folder / "warehouse").absolute()),
    }
    if cluster.embedded:
        given |= _ON_ONE_MACHINE
    for name, value in given.items():
        builder = builder.config(name, value)
    return builder.master(cluster.name)


def _knock(remote: str) -> None:
    """Raises OSError where nobody answers; pyspark itself would try again for ten minutes."""
    place = urlsplit(remote)
    try:
        port = place.port or _PORT
    except ValueError as problem:  # not a number
        raise OSError from problem
    with create_connection((place.hostname or "", port), timeout=_PATIENCE):
        pass


@contextmanager
def answering(cluster: Cluster) -> Iterator[None]:
    """Turns what goes wrong in Spark into one line; its own messages may hold values of the data."""
    errors = package("pyspark.errors", f"--engine spark ({cluster.name})")
    try:
        yield
    except (errors.PySparkException, *_of_java()) as problem:
        raise BatchError(f"Spark at {cluster.name}: {_cause(problem)}") from None
    except (ConnectionError, OSError) as problem:
        why = f"cannot be reached ({type(problem).__name__}). Check the URL and that it runs."
        raise BatchError(f"Spark at {cluster.name}: {why}") from None


def _of_java() -> tuple[type[Exception], ...]:
    """What Java raises while it sends rows, where it runs beside this process and not behind Spark Connect."""
    try:
        return (import_module("py4j.protocol").Py4JError,)
    except ImportError:
        return ()


_CAUSES = {
    "JAVA_GATEWAY_EXITED": "Java did not start. Install Java 17 or later, or set JAVA_HOME.",
    "FAILED_READ_FILE.NO_HINT": "a file of the store cannot be read. Export or convert it again.",
    "PATH_NOT_FOUND": "the store is not there. Give it a folder that is the same here and for Spark.",
    "PACKAGE_NOT_INSTALLED": "a package is missing here. Run: pip install 'screening[spark]'",
}
"""What Spark calls it → what it means and what to do."""


_CONDITION = re.compile(r"SparkException: \[([A-Z_.]+)\]")
"""The name of a condition in what Java says; nothing else of it may be shown."""


def _cause(problem: Any) -> str:  # noqa: ANN401 -- a PySparkException, or an error of Java's
    if hasattr(problem, "getCondition"):
        condition = problem.getCondition() or type(problem).__name__
    else:
        named = _CONDITION.search(str(problem))
        condition = named[1] if named else type(problem).__name__
    if condition in _CAUSES:
        return _CAUSES[condition]
    return f"the query did not run ({condition}). Run it with --engine duckdb, and report this."


@dataclass(frozen=True, slots=True)
class Spark:
    """The tables of a store as temporary views of a session."""

    session: Session
    cluster: Cluster
    records: Records
    name: str = "spark"
    _files: dict[str, list[Frame]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Finds the files and their columns, before any time is taken."""
        with answering(self.cluster):
            if self.cluster.embedded:
                self.session.conf.set("spark.sql.shuffle.partitions", str(self._parts))
            for table in _READ:
                if self.records.has(table):
                    files = self.records.store.files(table)
                    self._files[table] = [self.session.read.parquet(_place(file)) for file in files]

    @property
    def _parts(self) -> int:
        """Parts of a shuffle on one machine: none too large, and no processor without one."""
        return max(int(self.session.sparkContext.defaultParallelism), -(-self._patients // _TOGETHER))

    def _view(self, table: str, *, numbered: bool) -> None:
        """A table as a view; its rows are *numbered*, as DuckDB numbers them, only where a query asks for it."""
        parts = self._files[table]
        if numbered:
            row = package("pyspark.sql.functions", "--engine spark").col("_metadata.row_index")
            parts = [part.select("*", (row + at * FILE).alias(ROW)) for at, part in enumerate(parts)]
        found = parts[0]
        for part in parts[1:]:
            found = found.unionByName(part, allowMissingColumns=True)
        found.createOrReplaceTempView(table)

    def share(self, query: Sql, *, again: bool) -> None:
        """A view, kept in Spark's memory where it is read again."""
        with answering(self.cluster):
            found = self._run(query)
            (found.cache() if again else found).createOrReplaceTempView(WIDE)

    def code(self, relation: str, query: Sql) -> None:
        """The rows come in blocks of patients and become a table of DuckDB here."""
        connection: Connection = self.records.connection
        made = "CREATE OR REPLACE TEMP TABLE {0} AS SELECT * FROM from_spark"
        with answering(self.cluster):
            for block in self._blocks(self._run(query)):
                connection.register("from_spark", block.toArrow())
                connection.execute(made.format(relation))
                connection.unregister("from_spark")
                made = "INSERT INTO {0} SELECT * FROM from_spark"

    def _blocks(self, found: Frame) -> Iterator[Frame]:
        """The rows in parts of some `_CELLS`."""
        parts = self._patients * len(found.columns) // _CELLS + 1
        if parts == 1:
            yield found
            return
        found.persist()
        for part in range(parts):
            yield found.where(f"pmod(hash(patient_id), {parts}) = {part}")
        found.unpersist()

    @property
    def _patients(self) -> int:
        return int(self.records.rows("SELECT count(*) FROM patients")[0][0])

    def _run(self, query: Sql) -> Frame:
        numbered = any(column.name == ROW for column in query.find_all(exp.Column))
        for name in sorted({table.name for table in query.find_all(exp.Table)}):
            if name in self._files:
                self._view(name, numbered=numbered)
            elif name in self._lookups:
                rows = self.records.connection.sql(f"SELECT * FROM {quoted(name)}").to_arrow_table()
                self.session.createDataFrame(rows).createOrReplaceTempView(name)
        return self.session.sql(in_sparks_words(query).sql("spark"))

    @property
    def _lookups(self) -> set[str]:
        """The temporary tables the compiler made in DuckDB."""
        rows = self.records.rows("SELECT table_name FROM duckdb_tables() WHERE temporary")
        return {str(row[0]) for row in rows}


def _place(file: Path) -> str:
    """A file of this machine, wherever Spark looks by default and from whichever folder a server was started."""
    return f"file:{file.absolute()}"
