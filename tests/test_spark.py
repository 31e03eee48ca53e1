"""Spark and DuckDB give the same codes and margins, cell by cell, and the same result file; skipped where there is no Spark."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from screening import predicates as p
from screening.batch import sql
from screening.batch.compiler import Compiler
from screening.batch.engine import DuckDB
from screening.batch.records import Records, open_records
from screening.batch.spark import Cluster, Spark, session
from screening.batch.spark_words import in_sparks_words
from screening.evaluate import Context
from tests import batch_agreement as results
from tests import batch_stores as stores
from tests import test_batch_presence as events

duckdb = results.duckdb
CLUSTER = Cluster(master="local[2]")
LACKING = [
    name
    for name, there in {
        "the package pyspark (pip install 'screening[spark]')": importlib.util.find_spec("pyspark"),
        "Java": shutil.which("java") or os.environ.get("JAVA_HOME"),
    }.items()
    if not there
]

pytestmark = pytest.mark.filterwarnings("ignore")  # pyspark's own


@pytest.fixture(scope="module", autouse=True)
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of its own. In CI a missing Spark is a failure: there it is installed."""
    if LACKING and os.environ.get("CI"):
        pytest.fail(f"no Spark: {LACKING[0]} is missing")
    if LACKING:
        pytest.skip(f"no Spark: {LACKING[0]} is missing")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with session(CLUSTER, tmp_path_factory.mktemp("spark")) as found:
        yield found


def asked(records: Records, wanted: list[p.Predicate], context: Context) -> tuple[exp.Select, Compiler, list[int]]:
    """The query of codes and margins, the compiler that knows the columns, and the places of those with a margin."""
    compiler = Compiler(records, context)
    compiler.measured.margins = True
    nodes = [compiler._node(predicate, context) for predicate in wanted]  # noqa: SLF001 -- predicates without rules
    listed = [sql.named(exp.cast(node.use(), "TINYINT"), f"c{at}") for at, node in enumerate(nodes)]
    gaps = [at for at, node in enumerate(nodes) if node.margin is not None]
    listed += [sql.named(exp.cast(nodes[at].margin, "DOUBLE"), f"m{at}") for at in gaps]
    query = exp.select(sql.col("patient_id"), *listed).from_(compiler.decided().subquery("decided"))
    return query, compiler, gaps


def agree(spark: Any, folder: Path, wanted: list[p.Predicate], context: Context) -> tuple[int, int]:
    """Asserts that every code and every margin is the same; how many codes there are, and margins that are numbers."""
    with duckdb.connect() as connection:
        query, compiler, gaps = asked(open_records(connection, folder), wanted, context)
        DuckDB(connection).share(compiler.wide(), again=False)
        connection.execute(f"CREATE TEMP TABLE here AS {query.sql('duckdb')}")
        records = open_records(connection, folder, branching=True)
        query, compiler, _ = asked(records, wanted, context)
        other = Spark(spark, CLUSTER, records)
        other.share(compiler.wide(), again=False)
        other.code("there", query)
        here, there = (
            connection.execute(f"SELECT * FROM {name} ORDER BY patient_id").fetchall() for name in ("here", "there")
        )
    assert len(here) == len(there)
    for mine, its in zip(here, there, strict=True):
        for predicate, one, two in zip([*wanted, *(wanted[at] for at in gaps)], mine[1:], its[1:], strict=True):
            assert one == two, f"{predicate} for {mine[0]}: DuckDB {one}, Spark {two}"
    margins = sum(one is not None for mine in here for one in mine[1 + len(wanted) :])
    return len(here) * len(wanted), margins


SETTINGS = settings(deadline=None, max_examples=1, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
CASES = given(st.integers(0, 2**32), st.lists(results.atoms, min_size=30, max_size=30), results.contexts)


@SETTINGS
@CASES
def test_where_the_order_of_a_day_is_known(
    spark: Any, tmp_path_factory: pytest.TempPathFactory, seed: int, wanted: list[p.Predicate], context: Context
) -> None:
    folder, pick = tmp_path_factory.mktemp("store"), Random(seed)  # noqa: S311 -- test data
    stores.write(folder, stores.ordered_store(pick, 150))
    cells, margins = agree(spark, folder, results.grown(wanted, 40, pick), context)
    assert cells == 6_000
    assert margins > 0


@SETTINGS
@CASES
def test_where_several_results_of_a_day_may_count(
    spark: Any, tmp_path_factory: pytest.TempPathFactory, seed: int, wanted: list[p.Predicate], context: Context
) -> None:
    folder, pick = tmp_path_factory.mktemp("store"), Random(seed)  # noqa: S311 -- test data
    stores.write(folder, stores.loose_store(pick, 150))
    cells, margins = agree(spark, folder, results.grown(wanted, 40, pick), context)
    assert cells == 6_000
    assert margins > 0


@SETTINGS
@given(st.integers(0, 2**32), st.lists(events.predicates, min_size=20, max_size=20), events.contexts)
def test_conditions_medications_and_procedures_in_blocks_of_patients(
    spark: Any, tmp_path_factory: pytest.TempPathFactory, seed: int, wanted: list[p.Predicate], context: Context
) -> None:
    folder = tmp_path_factory.mktemp("store")
    events.write(folder, events.generated(Random(seed)))  # noqa: S311 -- test data
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("screening.batch.spark._CELLS", 10 * events.PEOPLE)
        assert agree(spark, folder, wanted, context) == (20 * events.PEOPLE, 0)


@pytest.mark.parametrize("more", [0, 40])
def test_places_in_a_list_picks_of_some_rows_and_numbers_are_said_in_sparks_words(spark: Any, more: int) -> None:
    """*more*: values that nothing has, so that the list is too long for branches."""
    words = ["a", "-", "b", "-", "é", *(f"x{at}" for at in range(more))]
    place = exp.ArrayPosition(this=exp.array(*map(sql.text, words)), expression=sql.col("word"))
    chosen = sql.filtered(sql.call("arg_max", sql.col("word"), sql.col("k")), exp.GT(this=place, expression=sql.num(1)))
    numbers = [sql.real(number) for number in (1.5, 1e-07, 123456789012345680.0, 5e-324)]
    listed = [sql.named(item, f"v{at}") for at, item in enumerate([chosen, sql.call("max", place.copy()), *numbers])]
    query = exp.select(sql.col("owner"), *listed).from_("held").group_by(sql.col("owner"))
    rows = "(1, 'b', 1), (1, 'a', 2), (1, 'z', 3), (1, NULL, 4), (1, 'é', 0), (2, 'a', 1), (3, NULL, 1), (3, 'b', NULL)"
    held = f"VALUES {rows} AS t(owner, word, k)"
    spark.sql(f"SELECT * FROM {held}").createOrReplaceTempView("held")
    translated = in_sparks_words(query)
    assert len(list(translated.find_all(exp.Filter))) == 1
    assert bool(list(translated.find_all(exp.ArrayPosition))) == bool(more)
    there = sorted(tuple(row) for row in spark.sql(translated.sql("spark")).collect())
    assert [row[:3] for row in there] == [(1, "b", 5), (2, None, 1), (3, None, 3)]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW held AS SELECT * FROM ({held.replace(' AS t', ') AS t')}")
        assert connection.execute(f"{query.sql('duckdb')} ORDER BY 1").fetchall() == there


TRIAL = """Small trial

Inclusion Criteria:
- Age 18 to 75 years
- ANC >= 1500/uL
- ALT <= 2.5 x ULN

Exclusion Criteria:
- Platelets > 450 x 10^9/L
- Active hepatitis B infection
"""


def batch(folder: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    paths = [str(folder / "trial.txt"), str(folder / "store"), "-o", str(out), "--on", "2028-02-29"]
    command = [sys.executable, "-m", "screening", "batch", *paths, *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf8")


def test_the_command_writes_the_same_bytes(tmp_path: Path) -> None:
    stores.write(tmp_path / "store", stores.loose_store(Random(5), 60))  # noqa: S311 -- test data
    (tmp_path / "trial.txt").write_text(TRIAL, encoding="utf8")
    here, there = tmp_path / "duckdb.parquet", tmp_path / "spark.parquet"
    assert batch(tmp_path, here).returncode == 0
    done = batch(tmp_path, there, "--engine", "spark", "--master", "local[2]")
    assert done.returncode == 0, done.stderr
    assert "60 patients, spark" in done.stdout
    assert there.read_bytes() == here.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["duckdb.parquet", "spark.parquet", "store", "trial.txt"]


def test_a_spark_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    stores.write(tmp_path / "store", stores.loose_store(Random(5), 5))  # noqa: S311 -- test data
    (tmp_path / "trial.txt").write_text(TRIAL, encoding="utf8")
    neither = batch(tmp_path, tmp_path / "out.parquet", "--engine", "spark")
    assert (neither.returncode, neither.stderr.count("\n")) == (2, 1)
    assert "--remote" in neither.stderr


def test_a_damaged_store_is_used_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    """Spark fails while it sends rows; what Java says of it stays unsaid, and the rest is screened as DuckDB does it."""
    (tmp_path / "trial.txt").write_text(TRIAL, encoding="utf8")
    stores.write(tmp_path / "store", stores.loose_store(Random(5), 60))  # noqa: S311 -- test data
    file = tmp_path / "store" / "observations.parquet"
    stores.pq.write_table(stores.pq.read_table(file), file, row_group_size=100)
    page = stores.pq.read_metadata(file).row_group(2).column(2).data_page_offset
    held = bytearray(file.read_bytes())
    held[page + 4 : page + 40] = bytes(byte ^ 0x5A for byte in held[page + 4 : page + 40])
    file.write_bytes(bytes(held))
    spark = ("--engine", "spark", "--master", "local[2]")
    runs = [batch(tmp_path, tmp_path / f"{name}.parquet", *more) for name, more in (("here", ()), ("there", spark))]
    assert [run.returncode for run in runs] == [1, 1]
    assert all("Traceback" not in run.stderr and "rows left out in all" in run.stderr for run in runs)
    assert (tmp_path / "here.parquet").read_bytes() == (tmp_path / "there.parquet").read_bytes()
