"""A result file of `screening batch`, opened: one trial, one cohort, as a view in DuckDB.

The view `people` has a row per patient: patient_id, verdict, failed, unknown (of these), open (unknown for another
reason than a judgement), and for the criterion at place i: p{i} whether it passes, r{i} why it is unknown and m{i}
the signed relative distance to its limit (null where the file has none).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from screening.batch.about import KEY
from screening.evaluate.outcome import Reason
from screening.lists.problems import ListError
from screening.lists.tables import Column, Provenance
from screening.store.database import Connection, connect, literal, package, quoted, readable

_REASON, _MARGIN = "_reason", "_margin"
_PATTERN = re.compile(r"[*?\[]")
_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT"})
_NEEDED = ("trial", "patient_id", "verdict")


@dataclass(frozen=True, slots=True)
class Listed:
    """A criterion of the result: its place in the view, its id and its source text."""

    at: int
    id: str
    text: str = ""
    margin: bool = False  # whether the file holds distances


@dataclass(frozen=True)
class Results:
    """The view `people` and what is known of it. *described*: what the result says of itself (`batch.about`)."""

    connection: Connection
    path: str
    about: Provenance
    criteria: tuple[Listed, ...]
    id_kind: str  # the DuckDB type of patient_id
    described: dict[str, Any] = field(default_factory=dict)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query that has few."""
        with readable(self.path):
            found: list[tuple[Any, ...]] = self.connection.execute(sql).fetchall()
        return found

    def one(self, sql: str) -> tuple[Any, ...]:
        """The only row of a query."""
        return self.rows(sql)[0]

    @property
    def patient(self) -> Column:
        """The column of patient ids."""
        return Column("patient_id", "patient", "integer" if self.id_kind in _INTEGERS else "text")

    @property
    def margins(self) -> bool:
        """Whether any criterion comes with its distance to the limit."""
        return any(criterion.margin for criterion in self.criteria)

    def criterion(self, id: str) -> Listed:
        """The criterion of that id; an id that is not there is named with those that are."""
        for criterion in self.criteria:
            if criterion.id == id:
                return criterion
        known = " ".join(criterion.id for criterion in self.criteria)
        raise ListError(f"{self.path}: no criterion {id!r}. Take one of: {known}")


@contextmanager
def open_results(path: str | Path, trial: str | None = None, cohort: str | None = None) -> Iterator[Results]:
    """A result file, opened for one trial, and for one cohort where the trial has several.

    Raises ListError where *path* is no result, or where it holds several trials or cohorts and none is named.
    """
    name = str(path)
    parquet = package("pyarrow.parquet", name)
    if Path(path).is_dir():
        raise ListError(f"{name}: is a folder. Give the file that screening batch has written, OUT.parquet.")
    if not Path(path).is_file():
        raise ListError(f"{name}: no such file. Make it with: screening batch RULES STORE -o {name} --on DATE")
    if Path(path).suffix.casefold() in (".csv", ".xlsx"):
        remedy = "Give the batch a name that ends in .parquet, and the list that"
        raise ListError(f"{name}: a table for people, from which no list is made. {remedy}.")
    connection = connect(name)
    try:
        described = _described(parquet, name)
        with readable(name):
            results = _opened(_File(connection, name, described, trial, cohort))
        yield results
    finally:
        connection.close()


def _described(parquet: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 -- pyarrow has no types
    """The metadata of a batch; none in a file that another program wrote anew."""
    try:
        found = parquet.read_schema(name).metadata or {}
    except (OSError, ValueError):
        remedy = "Make it anew with: screening batch RULES STORE -o OUT.parquet --on DATE"
        raise ListError(f"{name}: no Parquet file that can be read. {remedy}") from None
    held: dict[str, Any] = json.loads(found.get(KEY, b"{}"))
    return held


@dataclass(frozen=True)
class _File:
    """A result file and what is asked of it."""

    connection: Connection
    name: str
    described: dict[str, Any]
    asked: str | None
    cohort: str | None

    @property
    def source(self) -> str:
        """The file as SQL reads it: a name, and no pattern."""
        plain = _PATTERN.sub(r"[\g<0>]", self.name)
        return f"read_parquet({literal(plain)})"

    @cached_property
    def columns(self) -> dict[str, str]:
        """Column → type."""
        rows = self.connection.execute(f"DESCRIBE SELECT * FROM {self.source}").fetchall()
        return {row[0]: row[1] for row in rows}

    @cached_property
    def trial(self) -> str:
        """The trial asked for, or the only one."""
        lacking = [column for column in _NEEDED if column not in self.columns]
        if lacking:
            why = f"no result of screening batch: it has no column {lacking[0]}"
            raise ListError(f"{self.name}: {why}. Give its OUT.parquet.")
        query = f"SELECT DISTINCT trial FROM {self.source} ORDER BY trial"
        known = [row[0] for row in self.connection.execute(query).fetchall()]
        if self.asked is None and len(known) == 1:
            return str(known[0])
        if self.asked not in known:
            if not known:
                raise ListError(f"{self.name}: it holds no patient. Give the result of a store that has some.")
            raise ListError(f"{self.name}: it holds the trials {', '.join(known)}. Name one of them with --trial.")
        return str(self.asked)

    @property
    def rows(self) -> str:
        """The rows of the trial."""
        return f"{self.source} WHERE trial = {literal(self.trial)}"


def _opened(file: _File) -> Results:
    criteria = tuple(_criteria(file))
    file.connection.execute(f"CREATE VIEW people AS {_people(file, criteria)}")
    known = file.described
    about = Provenance(
        file.trial,
        known.get("on", "a date that the file does not name"),
        known.get("rules", {}).get(file.trial, "that the file does not name"),
        known.get("program", "a program that the file does not name"),
        file.cohort,
    )
    return Results(file.connection, file.name, about, criteria, file.columns["patient_id"], known)


def _criteria(file: _File) -> Iterator[Listed]:
    """The trial's criteria by its metadata, else the columns in which it has anything; shared ones and the cohort's."""
    known = file.described.get("criteria", {}).get(file.trial)
    if known is None:
        known = [{"id": id, "cohort": None, "text": ""} for id in _filled(file)]
    _check_cohort(file, [item["cohort"] for item in known])
    chosen = [item for item in known if item["id"] in file.columns and item["cohort"] in (None, file.cohort)]
    for at, item in enumerate(chosen):
        yield Listed(at, item["id"], " ".join(item["text"].split()), item["id"] + _MARGIN in file.columns)


def _check_cohort(file: _File, known: Sequence[str | None]) -> None:
    names = list(dict.fromkeys(item for item in known if item))
    if file.cohort is None and names:
        raise ListError(f"{file.name}: the trial has the cohorts {', '.join(names)}. Name one with --cohort.")
    if file.cohort is not None and file.cohort not in names:
        there = f"it has {', '.join(names)}" if names else "it has none"
        raise ListError(
            f"{file.name}: the trial has no cohort {file.cohort!r}; {there}. Leave out --cohort or name one of these."
        )


def _filled(file: _File) -> list[str]:
    """The criteria of which the trial's rows say anything."""
    ids = [column.removesuffix(_REASON) for column in file.columns if column.endswith(_REASON)]
    ids = [id for id in ids if id in file.columns]
    if not ids:
        return []
    counted = ", ".join(f"count({quoted(id)}) + count({quoted(id + _REASON)})" for id in ids)
    row = file.connection.execute(f"SELECT {counted} FROM {file.rows}").fetchone()
    return [id for id, count in zip(ids, row, strict=True) if count]


def _people(file: _File, criteria: Sequence[Listed]) -> str:
    """The view: counts and verdict are those of the chosen criteria."""
    cells = "".join(f", {cell}" for criterion in criteria for cell in _cells(criterion))
    source = f"SELECT patient_id, verdict AS overall{cells} FROM {file.rows}"
    counts = {
        "failed": _counted([f"p{c.at} IS FALSE" for c in criteria]),
        "unknown": _counted([f"r{c.at} IS NOT NULL" for c in criteria]),
        "open": _counted([f"r{c.at} <> {literal(Reason.JUDGEMENT.value)}" for c in criteria]),
    }
    counted = ", ".join(f"{count} AS {name}" for name, count in counts.items())
    verdict = (
        "CASE WHEN overall = 'deceased' THEN overall WHEN failed > 0 THEN 'not_eligible'"
        " WHEN open > 0 THEN 'needs_information' ELSE 'potentially_eligible' END"
    )
    return f"SELECT *, {verdict} AS verdict FROM (SELECT *, {counted} FROM ({source}))"


def _cells(criterion: Listed) -> tuple[str, str, str]:
    id, at = criterion.id, criterion.at
    margin = f"CAST({quoted(id + _MARGIN)} AS DOUBLE)" if criterion.margin else "CAST(NULL AS DOUBLE)"
    return f"{quoted(id)} AS p{at}", f"{quoted(id + _REASON)} AS r{at}", f"{margin} AS m{at}"


def _counted(conditions: Sequence[str]) -> str:
    """How many hold."""
    return " + ".join(f"CASE WHEN {condition} THEN 1 ELSE 0 END" for condition in conditions) or "0"
