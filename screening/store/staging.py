"""Mapped tables → the store's tables, in SQL: rows never pass through Python one by one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from screening.patient import Activity, Certainty, EventKind, Finding
from screening.store import ledger, lookups, sources
from screening.store.cells import WRITTEN, cell, clock, first_day, last_day, limit, number, plain_number, unlisted
from screening.store.database import Connection, columns, connect, literal, package, quoted, readable
from screening.store.mapping import Column, Happenings, Mapping, Results, Wide
from screening.store.origins import place, relation
from screening.store.shape import LISTS, TABLES
from screening.store.sources import Source

_OPS = {"=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "=": None}
_SIGNS = ", ".join(map(literal, (*_OPS, "<", "<=", ">", ">=")))
_NO_SIGN = f"r.comparator NOT IN ({_SIGNS})"
"""A number beside which stands a comparison that nobody can read: it is no number to compare."""


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows written per table, findings, and the lists of which rows are lost."""

    counts: dict[str, int]
    findings: tuple[Finding, ...]
    unsure: frozenset[EventKind] = frozenset()


def convert_tables(source: Source, folder: Path) -> Staged:
    """Writes every table of the store into *folder*; where a file is damaged, what can be read of it."""
    try:
        return _converted(source, folder, salvage=False)
    except package("duckdb", str(source.path)).Error:
        with readable(str(source.path)):
            return _converted(source, folder, salvage=True)


def _converted(source: Source, folder: Path, *, salvage: bool) -> Staged:
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    with closing(connect(str(source.path), scratch)) as connection:
        damaged = sources.load(source, connection, scratch, salvage=salvage)
        found = [finding for several in damaged.values() for finding in several]
        _people(connection, source.mapping)
        _results(connection, source.mapping)
        numbered = 0
        for name in LISTS:
            numbered += _events(connection, source.mapping, name, numbered)
        found += (*ledger.left_out(connection, source.mapping), *sources.idle(source))
        unsure = {name: kind for name, kind in LISTS.items() if _holed(source.mapping, name, damaged)}
        complete = [name for name in source.mapping.complete if name not in unsure]
        found += (Finding(_NOT_COMPLETE, name) for name in source.mapping.complete if name not in complete)
        _declared(connection, complete)
        _findings(connection, found)
        counts = {name: _write(connection, name, folder) for name in TABLES}
    shutil.rmtree(scratch)
    return Staged(counts, tuple(found), frozenset(unsure.values()))


def _write(connection: Connection, name: str, folder: Path) -> int:
    target = literal(str(folder / f"{name}.parquet"))
    held = {column.casefold() for column in columns(connection, f"final_{name}")}
    listed = ", ".join(
        f"CAST({quoted(column) if column in held else 'NULL'} AS {kind}) AS {quoted(column)}"
        for column, kind in TABLES[name].items()
    )
    query = f"SELECT {listed} FROM final_{name}"
    connection.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd)")
    return int(connection.execute(f"SELECT count(*) FROM final_{name}").fetchone()[0])


def _people(connection: Connection, mapping: Mapping) -> None:
    """`final_patients`: each id once; a second row of an id that says something else is left out."""
    people = mapping.patients
    birth, age, on = (cell(column, mapping) for column in (people.birth, people.age, people.age_on))
    formats = mapping.date_formats
    connection.execute(
        f"CREATE TABLE raw_patients AS SELECT {cell(people.patient, mapping)} AS patient_id, {birth} AS birth,"
        f" {age} AS age, {on} AS age_on, {cell(people.sex, mapping)} AS raw_sex,"
        f" {cell(people.deceased, mapping)} AS raw_deceased, {place(people, mapping)} AS source,"
        f" row_number() OVER () AS line FROM {relation(people, connection)}"
    )
    years = "CAST(TRY_CAST(age AS DOUBLE) AS INTEGER)"
    oldest = f"CASE WHEN {years} >= {people.age_top} THEN 125 ELSE {years} END" if people.age_top else years
    connection.execute(
        f"""CREATE TABLE final_patients AS
        SELECT patient_id,
          coalesce({first_day("birth", formats)},
            CAST({first_day("age_on")} - to_years({oldest} + 1) + INTERVAL 1 DAY AS DATE)) AS birth_date,
          CASE WHEN {first_day("birth", formats)} IS NOT NULL THEN {last_day("birth", formats)}
            ELSE CAST(coalesce({last_day("age_on")}, {first_day("age_on")}) - to_years({years}) AS DATE)
          END AS birth_last,
          CASE WHEN lower(raw_sex) IN ('male', 'm', 'man') THEN 'male' WHEN lower(raw_sex) IN ('female', 'f', 'woman')
            THEN 'female' WHEN lower(raw_sex) IN ('other', 'undifferentiated') THEN 'other' END AS sex,
          coalesce(lower(raw_deceased) IN ({ledger.DEAD}), false) OR {first_day("raw_deceased", formats)} IS NOT NULL
            AS deceased
        FROM raw_patients WHERE patient_id IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY patient_id ORDER BY line) = 1 ORDER BY line"""
    )


def _results(connection: Connection, mapping: Mapping) -> None:
    """`final_observations`."""
    parts = [part for results in mapping.observations for part in _parts(results, mapping, connection)]
    united = " UNION ALL BY NAME ".join(parts) or _no_results()
    connection.execute(f"CREATE TABLE raw_observations AS SELECT *, row_number() OVER () AS line FROM ({united})")
    lookups.tests(connection, mapping)
    joined = " AND ".join(f"r.{name} IS NOT DISTINCT FROM s.c{n}" for n, name in enumerate(lookups.KEY))
    written = f"CASE WHEN {_NO_SIGN} THEN '?' ELSE {plain_number('r.raw_value', mapping.decimal)} END"
    low, high = (plain_number(f"r.{side}", mapping.decimal) for side in ("low", "high"))
    connection.execute(
        f"""CREATE TABLE typed AS
        SELECT r.* EXCLUDE (low, high), s.c8 AS variable, s.c9 AS unit, s.c10 AS ref_unit, s.c11 AS method,
          CASE WHEN s.c12 IS NOT NULL AND r.qualifier IS NOT NULL THEN [r.qualifier, s.c12]
            WHEN coalesce(s.c12, r.qualifier) IS NOT NULL THEN [coalesce(s.c12, r.qualifier)]
            ELSE CAST([] AS VARCHAR[]) END AS qualifiers, s.c13 AS problem,
          nullif(regexp_extract({written}, {literal(WRITTEN)}, 2), '') AS value_text,
          nullif(regexp_extract({written}, {literal(WRITTEN)}, 1), '') AS sign,
          CASE WHEN NOT regexp_matches({written}, {literal(WRITTEN)})
            AND lower(r.raw_value) NOT IN ('nan', 'inf', '-inf')
            THEN CASE WHEN {_NO_SIGN} THEN r.comparator || ' ' ELSE '' END || r.raw_value END AS text,
          {low} AS low, {high} AS high
        FROM raw_observations AS r LEFT JOIN tests AS s ON {joined}"""
    )
    lookups.words(connection)
    connection.execute(_final_results(mapping))


def _final_results(mapping: Mapping) -> str:
    formats = mapping.date_formats
    signs = " ".join(f"WHEN {literal(key)} THEN {literal(value)}" for key, value in _OPS.items())
    sign = "coalesce(comparator, sign)"
    return f"""CREATE VIEW final_observations AS
        SELECT patient_id, variable, loinc, coalesce(name, code, loinc, variable) AS name,
          coalesce({number("value_text")}, w.c2) AS value,
          CASE WHEN {number("value_text")} IS NOT NULL THEN value_text END AS value_text,
          CASE WHEN {sign} IN ({_SIGNS}) THEN CASE {sign} {signs} ELSE {sign} END END AS comparator,
          unit, raw_unit, o.text AS text, w.c3 AS result,
          {first_day("raw_date", formats)} AS date, {last_day("raw_date", formats)} AS date_last,
          {clock("raw_date")} AS time, {limit("low")} AS ref_low, {limit("high")} AS ref_high, ref_unit, ref_type,
          CASE WHEN {limit("low")} IS NOT NULL THEN low END AS ref_low_text,
          CASE WHEN {limit("high")} IS NOT NULL THEN high END AS ref_high_text,
          method, qualifiers, false AS preliminary, TRY_CAST(seq AS BIGINT) AS seq, source
        FROM typed AS o LEFT JOIN words AS w ON o.variable IS NOT DISTINCT FROM w.c0 AND o.text = w.c1
        WHERE patient_id IN (SELECT patient_id FROM final_patients) AND raw_value IS NOT NULL ORDER BY line"""


_CELLS = {
    "variable_given": "variable",
    "loinc": "loinc",
    "code": "code",
    "name": "name",
    "raw_value": "value",
    "comparator": "comparator",
    "raw_unit": "unit",
    "unit_code": "unit_code",
    "raw_date": "date",
    "low": "low",
    "high": "high",
    "raw_ref_unit": "ref_unit",
    "ref_type": "ref_type",
    "raw_method": "method",
    "qualifier": "qualifier",
    "seq": "seq",
}


def _parts(results: Results, mapping: Mapping, connection: Connection) -> Iterator[str]:
    """One SELECT, or one for each column of a wide table."""
    rows = relation(results, connection)
    for title, wide in results.wide.items() or ((None, None),):
        over = _wide(title, wide) if title and wide else {}
        listed = ", ".join(
            f"{cell(over.get(field, getattr(results, field)), mapping)} AS {name}" for name, field in _CELLS.items()
        )
        where = f" WHERE {cell(over['value'], mapping)} IS NOT NULL" if over else ""
        yield (
            f"SELECT {cell(results.patient, mapping)} AS patient_id, {listed}, {place(results, mapping)} AS source,"
            f" {literal(results.label)} AS origin FROM {rows}{where}"
        )


def _wide(title: str, wide: Wide) -> dict[str, Column | None]:
    constants = {"variable": wide.variable, "loinc": wide.loinc, "name": wide.name or title, "unit": wide.unit}
    held: dict[str, Column | None] = {key: Column(value=value) if value else None for key, value in constants.items()}
    return {**held, "value": Column(column=title)}


def _no_results() -> str:
    nulls = ", ".join(f"NULL::VARCHAR AS {name}" for name in ("patient_id", *_CELLS, "source", "origin"))
    return f"SELECT {nulls} WHERE false"


def _events(connection: Connection, mapping: Mapping, name: str, numbered: int) -> int:
    """`final_conditions` and its like: a row for each coding, numbered by event on from *numbered*; how many events."""
    held: tuple[Happenings, ...] = getattr(mapping, name)
    parts = [_happening(rows, mapping, connection) for rows in held]
    empty = "SELECT NULL::VARCHAR AS patient_id, NULL::BIGINT AS event WHERE false"
    united = (
        f"SELECT *, row_number() OVER () + {numbered} AS event FROM ({' UNION ALL BY NAME '.join(parts)})"
        if parts
        else empty
    )
    connection.execute(f"CREATE TABLE all_{name} AS {united}")
    if not parts:
        connection.execute(f"CREATE VIEW final_{name} AS FROM all_{name}")
        return 0
    formats = mapping.date_formats
    start, end = "raw_start", "raw_end"
    connection.execute(
        f"""CREATE VIEW final_{name} AS
        SELECT patient_id, coding.system AS system, coding.code AS code, text,
          {first_day(start, formats)} AS start, {last_day(start, formats)} AS start_last,
          {first_day(end, formats)} AS "end", {last_day(end, formats)} AS end_last,
          {clock(start)} AS start_time, {clock(end)} AS end_time,
          {_word("raw_certainty", Certainty.POSSIBLE)} AS certainty,
          coalesce({_word("raw_activity", Activity.UNKNOWN)},
            CASE WHEN raw_end IS NOT NULL THEN 'past' ELSE 'current' END) AS activity,
          CAST([] AS VARCHAR[]) AS qualifiers, event, source
        FROM (SELECT * EXCLUDE codings, unnest(CASE WHEN len(codings) = 0 THEN [NULL] ELSE codings END) AS coding
          FROM all_{name}) WHERE patient_id IN (SELECT patient_id FROM final_patients) ORDER BY event"""
    )
    return int(connection.execute(f"SELECT count(*) FROM all_{name}").fetchone()[0])


def _happening(rows: Happenings, mapping: Mapping, connection: Connection) -> str:
    origin = relation(rows, connection)
    codings = ", ".join(
        f"{{'system': {cell(one.system, mapping)}, 'code': {cell(one.code, mapping)}}}" for one in rows.codings
    )
    none = "CAST([] AS STRUCT(system VARCHAR, code VARCHAR)[])"
    kept = f"list_filter([{codings}], lambda c: c.code IS NOT NULL)" if codings else none
    certainty = cell(rows.certainty, mapping) if rows.certainty else literal(Certainty.CONFIRMED.value)
    return (
        f"SELECT {cell(rows.patient, mapping)} AS patient_id, coalesce({cell(rows.text, mapping)}, '') AS text,"
        f" {kept} AS codings, {cell(rows.start, mapping)} AS raw_start, {cell(rows.end, mapping)} AS raw_end,"
        f" coalesce({certainty}, {literal(ledger.UNSAID)}) AS raw_certainty,"
        f" {_activity(rows, mapping)} AS raw_activity,"
        f" {place(rows, mapping)} AS source, {literal(rows.label)} AS origin FROM {origin}"
    )


def _activity(rows: Happenings, mapping: Mapping) -> str:
    """What the column says; of a cell that its values do not list nobody knows whether it holds."""
    column = rows.activity
    said = cell(column, mapping)
    if column is None or column.values is None or column.value is not None:
        return said
    return f"CASE WHEN {unlisted(column, mapping)} THEN {literal(Activity.UNKNOWN.value)} ELSE {said} END"


def _word(raw: str, instead: Certainty | Activity) -> str:
    """A word of the store's own, or what stands for any other."""
    known = ", ".join(literal(one.value) for one in type(instead))
    return f"CASE WHEN {raw} IN ({known}) THEN {raw} WHEN {raw} IS NOT NULL THEN {literal(instead.value)} END"


_NOT_COMPLETE = "not taken for complete, as the mapping says it is: rows of it are lost"


def _holed(mapping: Mapping, name: str, damaged: dict[str, list[Finding]]) -> bool:
    """Whether rows of a list are lost: then silence in it means nothing."""
    tables = {rows.table for rows in getattr(mapping, name)}
    return any(finding.lost for table, found in damaged.items() if tables & {table, None} for finding in found)


def _declared(connection: Connection, complete: Iterable[str]) -> None:
    lists = ", ".join(f"({literal(name)})" for name in complete)
    query = f"SELECT patient_id, list FROM final_patients, (VALUES {lists}) AS l(list)" if lists else ""
    connection.execute(f"CREATE VIEW final_complete AS {query or 'SELECT NULL AS patient_id WHERE false'}")
    connection.execute("CREATE VIEW final_attestations AS SELECT NULL AS patient_id WHERE false")


def _findings(connection: Connection, found: list[Finding]) -> None:
    connection.execute(
        "CREATE TABLE final_findings (patient_id VARCHAR, source VARCHAR, message VARCHAR, lost BOOLEAN, rows BIGINT)"
    )
    if found:
        rows = [[None, finding.source, finding.message, finding.lost, finding.rows] for finding in found]
        connection.executemany("INSERT INTO final_findings VALUES (?, ?, ?, ?, ?)", rows)
