"""The results of a store by variable and unit, however the unit is spelt, and which of them are likely errors of unit.

A likely error needs evidence: at least `EVIDENCE` results, and more than half of them astray. Less is counted and
shown, and called nothing: one odd result is a result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from screening import units
from screening.patient.analytes import recognise
from screening.store.database import Connection, columns, make, quoted
from screening.store.shape import OBSERVATIONS
from screening.variables import catalogue

EVIDENCE = 5
"""Results from which on a share means anything."""

_FAR = 5
"""Medians of one variable in two units that differ by more than this factor are likely errors of unit."""

_BEYOND = 20
"""A result so many times its own upper limit (or so small a part of it) may have another unit than its range."""

_KEY = ("variable", "loinc", "name", "unit", "raw_unit")

NO_UNIT, UNREAD, FOREIGN = "no unit", "unit not recognised", "not a unit of this variable"
_UNUSABLE = frozenset({NO_UNIT, UNREAD, FOREIGN})


@dataclass(frozen=True, slots=True)
class UnitUse:
    """The results of one variable in one unit."""

    variable: str
    unit: str | None  # UCUM; None: none, or not recognised
    spellings: tuple[tuple[str, int], ...]  # of the unit as recorded, with their rows
    rows: int
    patients: int
    ranged: int  # rows with a reference range
    first: date | None
    last: date | None
    median: float | None  # as recorded
    implausible: int  # rows outside the hard limits of rules/variables
    problem: str | None  # why these rows decide nothing, or probably mislead
    remarks: tuple[str, ...] = ()  # what is odd, with too little evidence for more


class Results(NamedTuple):
    """All results: by variable and unit; rows of tests that nothing here knows; and what is counted of all rows."""

    uses: tuple[UnitUse, ...]
    unknown: tuple[tuple[str, int], ...]
    undated: int
    censored: int
    unread_dates: int
    unread_values: int


class _Group(NamedTuple):
    variable: str
    unit: str | None
    spelt: str | None  # where the unit is not known
    problem: str | None


def results(connection: Connection, source: str | None) -> Results:
    """Looks through the table of results, given as SQL reads it."""
    if source is None:
        return Results((), (), 0, 0, 0, 0)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW results AS {_completed(connection, source)}")
    listed = ", ".join(_KEY)
    found = connection.execute(f"SELECT {listed}, count(*) FROM results GROUP BY ALL ORDER BY ALL").fetchall()
    groups, unknown, spelt = _resolved(found)
    uses = [_use(row, spelt) for row in _counted(connection, groups)]
    return Results(tuple(_judged(uses)), tuple(unknown.most_common()), *_overall(connection))


def _completed(connection: Connection, source: str) -> str:
    """Every column of a store's table of results, null where it is missing; a cell of a wrong type is null, too."""
    held = {name.casefold() for name in columns(connection, source)}
    listed = [
        f"TRY_CAST({quoted(name)} AS {kind}) AS {quoted(name)}" if name in held else f"NULL::{kind} AS {quoted(name)}"
        for name, kind in OBSERVATIONS.items()
        if name not in ("patient_id", "ranges", "codes", "qualifiers")
    ]
    date = "date IS NOT NULL AND TRY_CAST(date AS DATE) IS NULL" if "date" in held else "false"
    value, *limits = (_no_number(name) if name in held else "false" for name in ("value", "ref_low", "ref_high"))
    return (
        f"SELECT CAST(patient_id AS VARCHAR) AS patient_id, {', '.join(listed)}, {date} AS unread_date,"
        f" {value} AS unread_value, {' OR '.join(limits)} AS unread_range FROM {source}"
    )


def _no_number(column: str) -> str:
    """Whether a cell holds something that is no number, or NaN or an infinity, which screening takes for none."""
    return f"({column} IS NOT NULL AND NOT coalesce(isfinite(TRY_CAST({column} AS DOUBLE)), false))"


def _overall(connection: Connection) -> tuple[int, ...]:
    row = connection.execute(
        "SELECT count(*) FILTER (date IS NULL), count(*) FILTER (comparator IS NOT NULL),"
        " count(*) FILTER (unread_date), count(*) FILTER (unread_value) FROM results"
    ).fetchone()
    return tuple(map(int, row))


def _resolved(
    found: Iterable[Sequence[Any]],
) -> tuple[dict[tuple[Any, ...], _Group], Counter[str], dict[_Group, Counter[str]]]:
    """What each combination of test and unit is: a variable in a unit with its spellings, or a test nobody knows."""
    groups: dict[tuple[Any, ...], _Group] = {}
    unknown: Counter[str] = Counter()
    spelt: dict[_Group, Counter[str]] = {}
    for *key, count in found:
        group = _group(dict(zip(_KEY, key, strict=True)))
        if group is None:
            unknown[" ".join(filter(None, (key[1], key[2]))) or "no code and no name"] += count
            continue
        groups[tuple(key)] = group
        spelt.setdefault(group, Counter())[key[4] or key[3] or ""] += count
    return groups, unknown, spelt


def _group(row: dict[str, Any]) -> _Group | None:
    codes = (("loinc", row["loinc"]),) if row["loinc"] else ()
    variable = row["variable"] or (recognise(codes, row["name"] or "").variable if codes else None)
    if variable is None or variable not in catalogue():
        return None
    unit = row["unit"] if row["unit"] in units.accepted(variable) else units.ucum(row["unit"] or "", variable)
    if not row["variable"]:
        variable = units.quantity(variable, unit) or variable
    raw = row["raw_unit"] or row["unit"]
    return _Group(variable, unit, None if unit else raw, _unusable(variable, unit, raw))


def _unusable(variable: str, unit: str | None, raw: str | None) -> str | None:
    if unit is None and raw is None:
        return NO_UNIT if catalogue()[variable].unit else None
    if unit is None:
        return UNREAD
    try:
        units.conversion(variable, unit)
    except units.UnitError:
        return FOREIGN
    return None


def _counted(connection: Connection, groups: dict[tuple[Any, ...], _Group]) -> Iterator[tuple[_Group, dict[str, Any]]]:
    """Every group with what SQL counts of its rows, all its spellings together."""
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups.values()))}
    kinds = [*("VARCHAR" for _ in _KEY), "INTEGER"]
    make(connection, "group_of_test", kinds, [(*key, numbers[group]) for key, group in groups.items()])
    joined = " AND ".join(f"r.{name} IS NOT DISTINCT FROM g.c{at}" for at, name in enumerate(_KEY))
    to_own = "number / ref_high"
    cursor = connection.execute(
        f"""SELECT g.c{len(_KEY)} AS number_of_group, count(*) AS count, count(DISTINCT patient_id) AS patients,
          count(*) FILTER (NOT unread_range AND (ref_low > 0 OR ref_high > 0)) AS ranged,
          count(*) FILTER (unread_value) AS no_number, count(*) FILTER (unread_range) AS no_range, min(date) AS first,
          max(coalesce(date_last, date)) AS last, median(number) AS median, histogram(number) AS spread,
          count(*) FILTER (same) AS compared,
          count(*) FILTER (same AND ({to_own} > {_BEYOND} OR {to_own} < 1 / {_BEYOND})) AS astray
        FROM (SELECT *, CASE WHEN isfinite(value) THEN value END AS number,
            ref_high > 0 AND comparator IS NULL AND (ref_unit IS NULL OR ref_unit = unit)
              AND isfinite(value) AND NOT unread_range AS same FROM results) AS r
          JOIN group_of_test AS g ON {joined} GROUP BY 1 ORDER BY 1"""
    )
    titles = [column[0] for column in cursor.description]
    known = list(numbers)
    for row in cursor.fetchall():
        yield known[row[0]], dict(zip(titles, row, strict=True))


def _use(counted: tuple[_Group, dict[str, Any]], spelt: dict[_Group, Counter[str]]) -> UnitUse:
    group, row = counted
    outside = 0 if group.problem else _outside(group.variable, group.unit, row["spread"] or {})
    said = UnitUse(
        group.variable, group.unit, tuple((name, n) for name, n in spelt[group].most_common() if name),
        row["count"], row["patients"], row["ranged"], row["first"], row["last"], row["median"], outside, group.problem,
    )  # fmt: skip
    for count, what in ((row["no_number"], "values"), (row["no_range"], "limits of normal")):
        if count:
            said = replace(
                said, remarks=(*said.remarks, f"likely errors: {what} NaN, infinite or no number ({count:,})")
            )
    if outside:
        said = _told(said, outside, row["count"], "outside the hard limits")
    if row["astray"] and not group.problem:
        said = _told(said, row["astray"], row["compared"], f"more than {_BEYOND} times off their own upper limit")
    return said


def _told(use: UnitUse, count: int, of: int, what: str) -> UnitUse:
    """That some of the results are astray: a likely error of unit where the evidence is enough, else a remark."""
    counted = f"{count:,} of {of:,} {what} ({100 * count // of} %)"
    if use.problem is None and of >= EVIDENCE and count * 2 > of:
        return replace(use, problem=f"likely unit error: {counted}")
    return replace(use, remarks=(*use.remarks, counted))


def _outside(variable: str, unit: str | None, spread: dict[float, int]) -> int:
    """Rows outside the hard limits."""
    if unit is None:
        return sum(n for value, n in spread.items() if not units.plausible(variable, Fraction(value)))
    convert = units.conversion(variable, unit)
    return sum(n for value, n in spread.items() if not units.plausible(variable, convert(Fraction(str(value)))))


def _judged(uses: list[UnitUse]) -> Iterator[UnitUse]:
    """Adds what only a comparison of the units of one variable tells."""
    usual: dict[str, UnitUse] = {}
    for use in sorted(uses, key=lambda use: -use.rows):
        if _middle(use):
            usual.setdefault(use.variable, use)
    for use in sorted(uses, key=lambda use: (use.variable, -use.rows, use.unit or "")):
        yield _compared(use, usual.get(use.variable))


def _compared(use: UnitUse, usual: UnitUse | None) -> UnitUse:
    """The medians of two units of one variable, in its canonical unit."""
    middle, other = _middle(use), _middle(usual) if usual else None
    if usual is None or use is usual or not middle or not other or Fraction(1, _FAR) <= middle / other <= _FAR:
        return use
    times = float(max(middle / other, other / middle))
    way = "above" if middle > other else "below"
    said = f"median {times:.2g} times {way} that of the {usual.rows:,} results in {usual.unit or 'no unit'}"
    if use.problem is None and min(use.rows, usual.rows) >= EVIDENCE:
        return replace(use, problem=f"likely unit error: {said}")
    return replace(use, remarks=(*use.remarks, said))


def _middle(use: UnitUse) -> Fraction | None:
    """The median in the canonical unit."""
    if use.median is None or use.problem in _UNUSABLE:
        return None
    value = Fraction(str(use.median))
    return units.conversion(use.variable, use.unit)(value) if use.unit else value
