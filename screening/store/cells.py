"""SQL for single cells: columns of a mapping, numbers as written, partial dates."""

from __future__ import annotations

import re

from screening.store.database import literal, quoted
from screening.store.mapping import Column, Mapping

NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
WRITTEN = rf"^\s*(<=|>=|=<|=>|<|>|≤|≥|=)?\s*({NUMBER})\s*$"
_LARGEST = "1e30"
"""Beyond which a number is no measurement."""


def cell(column: Column | None, mapping: Mapping) -> str:
    """The text of a column, trimmed; null tokens are NULL."""
    if column is None:
        return "NULL::VARCHAR"
    if column.column is None:
        return f"{literal(column.value)}::VARCHAR"
    text = f"trim(CAST({quoted(column.column)} AS VARCHAR))"
    nulls = ", ".join(literal(token) for token in ("", *mapping.nulls))
    if column.values is None:
        return f"CASE WHEN {text} IN ({nulls}) THEN {literal(column.value)} ELSE {text} END"
    cases = " ".join(f"WHEN {literal(key)} THEN {literal(value)}" for key, value in column.values.items())
    return f"CASE {text} {cases} ELSE {literal(column.value)} END"


def plain_number(text: str, decimal: str) -> str:
    """A number cell with a point for its decimal sign.

    Where another is declared, points must part groups of three digits ("1.450,5"): any other, as in "12.5", says
    neither twelve and a half nor a hundred and twenty-five, and the cell is no number.
    """
    if decimal == ".":
        return text
    swapped = f"replace(replace({text}, '.', ''), {literal(decimal)}, '.')"
    grouped = literal(rf"^[^\d.]*\d{{1,3}}(\.\d{{3}})+({re.escape(decimal)}\d*)?$")
    return (
        f"CASE WHEN {text} IS NULL THEN NULL WHEN NOT contains({text}, '.') OR regexp_matches({text}, {grouped})"
        f" THEN {swapped} ELSE '?' END"
    )


def number(text: str) -> str:
    """A finite number, else NULL."""
    found = f"TRY_CAST({text} AS DOUBLE)"
    return f"CASE WHEN isfinite({found}) AND abs({found}) < {_LARGEST} THEN {found} END"


def limit(text: str) -> str:
    """A limit of a reference range; one that is ≤ 0 is none."""
    return f"CASE WHEN {number(text)} > 0 THEN {number(text)} END"


def first_day(text: str, formats: tuple[str, ...] = ()) -> str:
    """The first possible day of a date: ISO 8601, partial, an interval "a/b", or of the mapping's formats."""
    start = f"split_part({text}, '/', 1)" if not formats else text
    return f"""CASE WHEN {_custom(text, formats)} IS NOT NULL THEN {_custom(text, formats)}
        WHEN regexp_matches({start}, '^\\d{{4}}-\\d{{2}}-\\d{{2}}') THEN TRY_CAST(substr({start}, 1, 10) AS DATE)
        WHEN regexp_matches({start}, '^\\d{{4}}-\\d{{2}}$') THEN TRY_CAST({start} || '-01' AS DATE)
        WHEN regexp_matches({start}, '^\\d{{4}}(\\.0)?$')
          THEN TRY_CAST(substr({start}, 1, 4) || '-01-01' AS DATE) END"""


def last_day(text: str, formats: tuple[str, ...] = ()) -> str:
    """The last possible day; NULL where the day is known."""
    end = f"CASE WHEN contains({text}, '/') THEN split_part({text}, '/', 2) ELSE {text} END" if not formats else text
    return f"""CASE WHEN {_custom(text, formats)} IS NOT NULL THEN NULL
        WHEN regexp_matches({end}, '^\\d{{4}}-\\d{{2}}-\\d{{2}}') AND contains({text}, '/') THEN TRY_CAST({end} AS DATE)
        WHEN regexp_matches({end}, '^\\d{{4}}-\\d{{2}}$') THEN last_day(TRY_CAST({end} || '-01' AS DATE))
        WHEN regexp_matches({end}, '^\\d{{4}}(\\.0)?$') THEN TRY_CAST(substr({end}, 1, 4) || '-12-31' AS DATE) END"""


def _custom(text: str, formats: tuple[str, ...]) -> str:
    if not formats:
        return "NULL::DATE"
    return f"CAST(try_strptime({text}, [{', '.join(literal(form) for form in formats)}]) AS DATE)"


def clock(text: str) -> str:
    """The time of day, HH:MM:SS, where one is written."""
    found = f"regexp_extract({text}, '[T ](\\d{{2}}:\\d{{2}}(?::\\d{{2}})?)', 1)"
    return f"CASE length({found}) WHEN 5 THEN {found} || ':00' WHEN 8 THEN {found} END"
