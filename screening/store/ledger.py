"""Everything of a source that did not become a row of the store, or not a usable one, counted with its first place."""

from __future__ import annotations

from collections.abc import Iterator

from screening.patient import Finding, vocabulary
from screening.store.cells import first_day, number, unlisted
from screening.store.database import Connection, columns, literal
from screening.store.mapping import Column, Mapping, Rows
from screening.store.origins import place, relation
from screening.store.shape import LISTS
from screening.variables import catalogue

UNSAID = "not said"
"""The certainty of an event whose cell says none that is known."""

DEAD = "'true', 't', 'yes', 'y', '1', '1.0', 'dead', 'deceased'"
_ALIVE = "'false', 'f', 'no', 'n', '0', '0.0', 'alive', 'living'"
"""What a column of the deceased may hold besides the date of death, as SQL lists it."""

_SERIAL = r"^\d{5}(\.\d+)?$"
_SPREADSHEET = "a spreadsheet's number of a day in place of a date: give the column a date format there"
_WITH_COMMA = r"^[<>=≤≥\s]*[+-]?\d+,\d+\s*$"
_COMMA = 'number with a comma, not compared: if that is the decimal sign, write decimal = "," in the mapping'
_NO_DATE = "date not read: write it as YYYY-MM-DD, or name its form in date_formats"


def left_out(connection: Connection, mapping: Mapping) -> Iterator[Finding]:
    """The findings of a conversion whose tables are made."""
    yield from _of_patients(connection, mapping)
    yield from _strangers(connection)
    yield from _unlisted(connection, mapping)
    yield from _of_results(connection, mapping)
    for name in LISTS:
        if "raw_start" in columns(connection, f"all_{name}"):
            yield from _of_events(connection, name, mapping)
    yield from _unread(connection, mapping)
    yield from _unrecognised(connection)


def _of_patients(connection: Connection, mapping: Mapping) -> Iterator[Finding]:
    yield from _counted(connection, "raw_patients", "patient_id IS NULL", "row without patient id", lost=True)
    said = "(birth, age, raw_sex, raw_deceased)"
    twice = f"patient_id IN (SELECT patient_id FROM raw_patients GROUP BY 1 HAVING count(DISTINCT {said}) > 1)"
    yield from _counted(connection, "raw_patients", twice, "patient listed twice and differently: the first counts")
    unborn = "patient_id IN (SELECT patient_id FROM final_patients WHERE birth_date IS NULL)"
    yield from _counted(connection, "raw_patients", f"{unborn} AND coalesce(birth, age) IS NULL", "no birth date")
    yield from _dates(connection, "raw_patients", "birth", mapping, "birth: ")
    no_age = f"{unborn} AND birth IS NULL AND age IS NOT NULL"
    yield from _counted(connection, "raw_patients", no_age, "age not read, or not the day on which it was so")
    sexless = "raw_sex IS NOT NULL AND patient_id IN (SELECT patient_id FROM final_patients WHERE sex IS NULL)"
    yield from _counted(connection, "raw_patients", sexless, "sex unknown or not recognised")
    dead = first_day("raw_deceased", mapping.date_formats)
    unclear = f"lower(raw_deceased) NOT IN ({DEAD}, {_ALIVE}) AND {dead} IS NULL"
    words = "deceased: neither yes or no nor a date of death, taken for alive: recode it with values in the mapping"
    yield from _counted(connection, "raw_patients", unclear, words)


def _strangers(connection: Connection) -> Iterator[Finding]:
    connection.execute("CREATE TABLE known AS SELECT DISTINCT patient_id FROM final_patients")
    stranger = "patient_id IS NULL OR patient_id NOT IN (FROM known)"
    for table in ("raw_observations", *(f"all_{name}" for name in LISTS)):
        if "source" in columns(connection, table):
            yield from _counted(connection, table, stranger, "row of nobody in the table of patients", lost=True)


def _unlisted(connection: Connection, mapping: Mapping) -> Iterator[Finding]:
    """Cells of a recoded column that its values do not list, and for which they name no default."""
    for rows in (mapping.patients, *mapping.observations, *mapping.events()):
        for name, column in rows:
            if isinstance(column, Column) and column.column and column.values is not None and column.value is None:
                yield from _not_listed(connection, rows, name, column, mapping)


def _not_listed(connection: Connection, rows: Rows, name: str, column: Column, mapping: Mapping) -> Iterator[Finding]:
    table = f"(SELECT *, {place(rows, mapping)} AS its_place FROM {relation(rows, connection)})"
    message = f"{name}: not among the values that the mapping lists for the column {column.column!r}"
    yield from _counted(connection, table, unlisted(column, mapping), message, source="its_place")


def _of_results(connection: Connection, mapping: Mapping) -> Iterator[Finding]:
    yield from _counted(connection, "raw_observations", "raw_value IS NULL", "row without a result")
    yield from _dates(connection, "raw_observations", "raw_date", mapping)
    unread = " OR ".join(f"({side} IS NOT NULL AND {number(side)} IS NULL)" for side in ("low", "high"))
    yield from _counted(connection, "typed", unread, "limit of a reference range that is no number: not used")
    upside_down = f"{number('low')} > {number('high')} AND {number('high')} > 0"
    yield from _counted(connection, "typed", upside_down, "reference range whose low limit lies above its high one")


def _of_events(connection: Connection, name: str, mapping: Mapping) -> Iterator[Finding]:
    table = f"all_{name}"
    for side in ("raw_start", "raw_end"):
        yield from _dates(connection, table, side, mapping, f"{name}: ")
    empty = "text = '' AND len(codings) = 0"
    yield from _counted(connection, table, empty, f"{name}: row with neither text nor code")
    unsaid = "raw_certainty NOT IN ('confirmed', 'possible', 'refuted')"
    yield from _counted(connection, table, unsaid, f"{name}: certainty not recognised, taken for possible")
    unknown = "raw_activity NOT IN ('current', 'past', 'unknown')"
    yield from _counted(connection, table, unknown, f"{name}: activity not recognised, taken for unknown")


def _dates(connection: Connection, table: str, column: str, mapping: Mapping, lead: str = "") -> Iterator[Finding]:
    """Cells that are no date."""
    unread = f"{column} IS NOT NULL AND {first_day(column, mapping.date_formats)} IS NULL"
    serial = f"regexp_matches({column}, {literal(_SERIAL)})"
    yield from _counted(connection, table, f"{unread} AND {serial}", lead + _SPREADSHEET)
    yield from _counted(connection, table, f"{unread} AND NOT {serial}", lead + _NO_DATE)


def _unread(connection: Connection, mapping: Mapping) -> Iterator[Finding]:
    """Results that are neither a number nor a word with a meaning, by variable."""
    comma = f"regexp_matches(o.text, {literal(_WITH_COMMA)})"
    rows = connection.execute(
        f"SELECT o.variable, {comma}, min(o.source), count(*) FROM typed AS o"
        " LEFT JOIN words AS w ON o.variable IS NOT DISTINCT FROM w.c0 AND o.text = w.c1"
        " WHERE o.variable IS NOT NULL AND o.text IS NOT NULL AND w.c2 IS NULL AND w.c3 IS NULL"
        " GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2"
    ).fetchall()
    for variable, with_comma, where, count in rows:
        if variable in catalogue() and catalogue()[variable].kind == "qualitative":
            continue
        message = _COMMA if with_comma and mapping.decimal == "." else vocabulary.UNREAD
        yield Finding(f"{variable}: {message} ({count} rows)", where or "", rows=count)


def _unrecognised(connection: Connection) -> Iterator[Finding]:
    """Tests and units, as often as they stand there."""
    problems = connection.execute(
        "SELECT problem, min(source), count(*) FROM typed WHERE problem IS NOT NULL GROUP BY 1 ORDER BY 3 DESC, 1"
    ).fetchall()
    yield from (Finding(f"{problem} ({count} rows)", where or "", rows=count) for problem, where, count in problems)


def _counted(  # noqa: PLR0913 -- what is counted where, and how it is said
    connection: Connection, table: str, condition: str, message: str, *, lost: bool = False, source: str = "source"
) -> Iterator[Finding]:
    count, where = connection.execute(f"SELECT count(*), min({source}) FROM {table} WHERE {condition}").fetchone()
    if count:
        yield Finding(f"{message} ({count} rows)", where or "", lost=lost, rows=count)
