"""What is in a store: counts per variable, codes and units nobody knows, shares with a range, likely errors of unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from screening import concepts, units
from screening.patient import Finding
from screening.patient.analytes import recognise
from screening.store.database import Connection, columns, connect, quoted, readable
from screening.store.reading import Store
from screening.store.shape import LISTS, OBSERVATIONS
from screening.variables import catalogue

_FAR = 5
"""Medians of one variable in two units that differ by more than this factor are likely errors of unit."""

_BEYOND = 20
"""A median result that is so many times its upper limit (or so small a part of it) has another unit than its range."""


@dataclass(frozen=True, slots=True)
class UnitUse:
    """The results of one variable in one unit as recorded."""

    variable: str
    unit: str | None  # UCUM; None: none, or not recognised
    raw_unit: str | None
    rows: int
    patients: int
    ranged: int  # rows with a reference range
    first: date | None
    last: date | None
    median: float | None  # as recorded
    implausible: int  # rows outside the hard limits of rules/variables
    problem: str | None  # why these rows decide nothing, or probably mislead


@dataclass(frozen=True, slots=True)
class Check:
    """What a store holds. *unknown*: (what, rows) of tests and of codes in events that nothing here knows."""

    path: Path
    tables: dict[str, int]
    deceased: int
    uses: tuple[UnitUse, ...]
    unknown_tests: tuple[tuple[str, int], ...]
    events: dict[str, tuple[int, int]]  # table → rows, rows that are a concept of this program
    unknown_events: tuple[tuple[str, int], ...]
    undated: int
    censored: int
    findings: tuple[Finding, ...]


def check(path: str | Path) -> Check:
    """Looks through a whole store. Raises StoreError where there is none or it is damaged."""
    store = Store.at(path)
    with closing(connect(str(path))) as connection, readable(str(path)):
        tables = {name: _count(connection, store, name) for name in ("patients", "observations", *LISTS)}
        rows = _grouped(connection, store)
        known = list(_resolved(rows))
        events = {name: _concepts(connection, store, name) for name in LISTS}
        return Check(
            path=Path(path),
            tables=tables,
            deceased=_count(connection, store, "patients", "deceased"),
            uses=tuple(_judged([use for use in known if isinstance(use, UnitUse)])),
            unknown_tests=tuple(_summed(item for item in known if isinstance(item, tuple))),
            events={name: (total, total - sum(unknown.values())) for name, (total, unknown) in events.items()},
            unknown_events=tuple(sum((unknown for _, unknown in events.values()), Counter()).most_common()),
            undated=sum(row["undated"] for row in rows),
            censored=sum(row["censored"] for row in rows),
            findings=store.findings,
        )


def _count(connection: Connection, store: Store, table: str, where: str = "true") -> int:
    source = store.source(table)
    if source is None or (where != "true" and where not in columns(connection, source)):
        return 0
    return int(connection.execute(f"SELECT count(*) FROM {source} WHERE {where}").fetchone()[0])


def _grouped(connection: Connection, store: Store) -> list[dict[str, Any]]:
    """Rows per variable, code, name and unit, with their smallest, median and largest values counted in SQL."""
    source = store.source("observations")
    if source is None:
        return []
    held = {name.casefold() for name in columns(connection, source)}
    absent = ", ".join(f"NULL::{kind} AS {quoted(name)}" for name, kind in OBSERVATIONS.items() if name not in held)
    names = ("variable", "loinc", "name", "unit", "raw_unit")
    limited = "CASE WHEN isfinite(CAST(value AS DOUBLE)) THEN CAST(value AS DOUBLE) END"
    cursor = connection.execute(
        f"""SELECT {", ".join(names)}, count(*) AS count, count(DISTINCT patient_id) AS patients,
          count(*) FILTER (ref_low > 0 OR ref_high > 0) AS ranged,
          min(date) AS first, max(coalesce(date_last, date)) AS last,
          count(*) FILTER (date IS NULL) AS undated, count(*) FILTER (comparator IS NOT NULL) AS censored,
          median({limited}) AS median, histogram({limited}) AS spread,
          median({limited} / nullif(CAST(ref_high AS DOUBLE), 0)) FILTER (ref_high > 0 AND ref_unit IS NULL) AS to_range
        FROM (SELECT *{", " + absent if absent else ""} FROM {source}) GROUP BY {", ".join(names)} ORDER BY 6 DESC"""
    )
    titles = [column[0] for column in cursor.description]
    return [dict(zip(titles, row, strict=True)) for row in cursor.fetchall()]


def _resolved(rows: list[dict[str, Any]]) -> Iterator[UnitUse | tuple[str, int]]:
    """Each group as a use of a unit, or as a test that is not known."""
    for row in rows:
        codes = (("loinc", row["loinc"]),) if row["loinc"] else ()
        variable = row["variable"] or (recognise(codes, row["name"] or "").variable if codes else None)
        if variable is None or variable not in catalogue():
            yield " ".join(filter(None, (row["loinc"], row["name"]))) or "no code and no name", row["count"]
        else:
            yield _use(variable, row)


def _use(variable: str, row: dict[str, Any]) -> UnitUse:
    unit = row["unit"] if row["unit"] in units.accepted(variable) else units.ucum(row["unit"] or "", variable)
    raw = row["raw_unit"] or row["unit"]
    problem = _unusable(variable, unit, raw)
    outside = 0 if problem else _outside(variable, unit, row["spread"] or {})
    if not problem and row["to_range"] and not 1 / _BEYOND <= row["to_range"] <= _BEYOND:
        problem = "likely unit error: results and their own ranges lie far apart"
    return UnitUse(
        variable, unit, raw, row["count"], row["patients"], row["ranged"], row["first"], row["last"], row["median"],
        outside, problem,
    )  # fmt: skip


def _unusable(variable: str, unit: str | None, raw: str | None) -> str | None:
    if unit is None and raw is None:
        return "no unit" if catalogue()[variable].unit else None
    if unit is None:
        return "unit not recognised"
    try:
        units.conversion(variable, unit)
    except units.UnitError:
        return "not a unit of this variable"
    return None


def _outside(variable: str, unit: str | None, spread: dict[float, int]) -> int:
    """Rows outside the hard limits."""
    if unit is None:
        return sum(n for value, n in spread.items() if not units.plausible(variable, Fraction(value)))
    convert = units.conversion(variable, unit)
    return sum(n for value, n in spread.items() if not units.plausible(variable, convert(Fraction(str(value)))))


def _judged(uses: list[UnitUse]) -> Iterator[UnitUse]:
    """Adds what only a comparison of the units of one variable tells."""
    most: dict[str, Fraction] = {}
    for use in sorted(uses, key=lambda use: -use.rows):
        middle = _middle(use)
        if middle:
            most.setdefault(use.variable, middle)
    for use in sorted(uses, key=lambda use: (use.variable, -use.rows)):
        yield _replaced(use, most.get(use.variable))


def _replaced(use: UnitUse, usual: Fraction | None) -> UnitUse:
    middle = _middle(use)
    problem = use.problem
    if problem is None and use.implausible * 2 > use.rows:
        problem = "likely unit error: most results are outside the hard limits"
    if problem is None and middle and usual and not Fraction(1, _FAR) <= middle / usual <= _FAR:
        problem = "likely unit error: far from the results in other units"
    return replace(use, problem=problem)


def _middle(use: UnitUse) -> Fraction | None:
    """The median in the canonical unit."""
    if use.median is None or use.problem in ("no unit", "unit not recognised", "not a unit of this variable"):
        return None
    value = Fraction(str(use.median))
    return units.conversion(use.variable, use.unit)(value) if use.unit else value


def _summed(items: Iterator[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    total: Counter[str] = Counter()
    for name, count in items:
        total[name] += count
    yield from total.most_common()


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
            unknown[f"{table}: {' '.join(filter(None, (system, code, text)))}"] += count
    return total, unknown
