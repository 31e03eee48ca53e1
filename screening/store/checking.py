"""What is in a store: counts per variable, codes and units nobody knows, shares with a range, likely errors of unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from screening import concepts
from screening.patient import Finding
from screening.store.database import Connection, columns, connect, readable
from screening.store.reading import Store
from screening.store.salvage import Salvaged, with_salvage
from screening.store.shape import LISTS
from screening.store.uses import UnitUse, results

_AFTER = "try_cast({{}} AS DATE) > DATE '{}'"
"""A birth date after a day: so a year of two digits is read, "60" as 2060."""

_NO_SEX = "{0} IS NULL OR {0} NOT IN ('male', 'female', 'other')"


@dataclass(frozen=True, slots=True)
class Check:
    """What a store holds. *unknown*: (what, rows) of tests and of codes in events that nothing here knows."""

    path: Path
    tables: dict[str, int]
    deceased: int
    birthless: int  # patients without a birth date
    unborn: int  # patients with one in the future
    sexless: int  # patients of whose sex nothing is said that is known
    uses: tuple[UnitUse, ...]
    unknown_tests: tuple[tuple[str, int], ...]
    events: dict[str, tuple[int, int]]  # table → rows, rows that are a concept of this program
    unknown_events: tuple[tuple[str, int], ...]
    undated: int
    censored: int
    unread_dates: int  # that are no dates
    unread_values: int  # that are no numbers
    findings: tuple[Finding, ...]


def check(path: str | Path, today: date) -> Check:
    """Looks through a whole store, or what can be read of a damaged one; what lies after *today* is the future. Raises
    StoreError where there is none."""
    return replace(with_salvage(path, partial(_checked, today=today)), path=Path(path))


def _checked(held: Salvaged, *, today: date) -> Check:
    store, path = held.store, held.store.path
    with closing(connect(str(path))) as connection, readable(str(path)):
        tables = {name: _count(connection, store, name) for name in ("patients", "observations", *LISTS)}
        found = results(connection, store.source("observations"))
        events = {name: _concepts(connection, store, name) for name in LISTS}
        return Check(
            path=path,
            tables=tables,
            deceased=_count(connection, store, "patients", "deceased"),
            birthless=_lacking(connection, store, "birth_date", "{} IS NULL"),
            unborn=_lacking(connection, store, "birth_date", _AFTER.format(today), absent="false"),
            sexless=_lacking(connection, store, "sex", _NO_SEX),
            uses=found.uses,
            unknown_tests=found.unknown,
            events={name: (total, total - sum(unknown.values())) for name, (total, unknown) in events.items()},
            unknown_events=tuple(sum((unknown for _, unknown in events.values()), Counter()).most_common()),
            undated=found.undated,
            censored=found.censored,
            unread_dates=found.unread_dates,
            unread_values=found.unread_values,
            findings=(*store.findings, *_of_patients(connection, store)),
        )


def _of_patients(connection: Connection, store: Store) -> Iterator[Finding]:
    """What of single patients was left out when the store was made, counted by its reason."""
    source = store.source("findings")
    if source is None:
        return
    rows_each = "coalesce(rows, 1)" if "rows" in columns(connection, source) else "1"
    found = connection.execute(
        f"SELECT message, min(source), CAST(sum({rows_each}) AS BIGINT) FROM {source}"
        " WHERE lost AND patient_id IS NOT NULL GROUP BY message ORDER BY message"
    ).fetchall()
    for message, place, count in found:
        times = f" ({count:,} times)" if count > 1 else ""
        yield Finding(f"{message}{times}", place or "", lost=True, rows=count)


def _count(connection: Connection, store: Store, table: str, where: str = "true") -> int:
    source = store.source(table)
    if source is None or (where != "true" and where not in {name.casefold() for name in columns(connection, source)}):
        return 0
    return _count_where(connection, source, where)


def _lacking(connection: Connection, store: Store, column: str, condition: str, *, absent: str = "true") -> int:
    """Patients who lack something usable; all of them where there is no such column, unless *absent* says none."""
    source = str(store.source("patients"))
    there = column in {name.casefold() for name in columns(connection, source)}
    return _count_where(connection, source, condition.format(column) if there else absent)


def _count_where(connection: Connection, source: str, condition: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {source} WHERE {condition}").fetchone()[0])


def _concepts(connection: Connection, store: Store, table: str) -> tuple[int, Counter[str]]:
    """Rows of a table of events, and those that are no concept of this program, by code and text."""
    source = store.source(table)
    if source is None:
        return 0, Counter()
    held = {name.casefold() for name in columns(connection, source)}
    listed = ", ".join(name if name in held else f"NULL AS {name}" for name in ("system", "code", "text"))
    query = f"SELECT {listed}, count(*) FROM {source} GROUP BY ALL"
    unknown: Counter[str] = Counter()
    total = 0
    for system, code, text, count in connection.execute(query).fetchall():
        total += count
        codes = ((system or "", code),) if code else ()
        if all(concepts.matches(concept, codes, text or "") == "no" for concept in concepts.catalogue()):
            unknown[f"{table}: {' '.join(filter(None, (system, code, text))) or 'neither code nor text'}"] += count
    return total, unknown
