"""SQL for single cells: columns of a mapping, numbers as written, partial dates."""

from __future__ import annotations

import re

from screening.store.database import literal, quoted
from screening.store.mapping import Column, Mapping, Precision, precision

NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
WRITTEN = rf"^\s*(<=|>=|=<|=>|<|>|≤|≥|=)?\s*({NUMBER})\s*$"
_LARGEST = "1e30"
"""Beyond which a number is no measurement."""


def cell(column: Column | None, mapping: Mapping) -> str:
    """The text of a column, trimmed; null tokens are NULL, and so is what *values* recodes to nothing."""
    if column is None:
        return "NULL::VARCHAR"
    if column.column is None:
        return f"{literal(column.value)}::VARCHAR"
    if column.values is None:
        text = _trimmed(column.column)
        return f"CASE WHEN {text} IN ({_nulls(mapping)}) THEN {literal(column.value)} ELSE {text} END"
    cases = " ".join(f"WHEN {literal(key)} THEN {literal(value)}" for key, value in column.values.items())
    return f"nullif(CASE {_recodable(column.column)} {cases} ELSE {literal(column.value)} END, '')"


def _trimmed(name: str) -> str:
    return f"trim(CAST({quoted(name)} AS VARCHAR))"


def _recodable(name: str) -> str:
    """A text to look up: a whole number without ".0", which some tables hold as a fraction."""
    return f"regexp_replace({_trimmed(name)}, '^(-?\\d+)\\.0$', '\\1')"


def _nulls(mapping: Mapping) -> str:
    return ", ".join(literal(token) for token in ("", *mapping.nulls))


def unlisted(column: Column, mapping: Mapping) -> str:
    """Whether a recoded column holds something that its *values* do not list, and for which it names no default."""
    listed = ", ".join(map(literal, column.values or ()))
    text = _recodable(str(column.column))
    return f"{text} NOT IN ({_nulls(mapping)}) AND {text} NOT IN ({listed})"


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


_DAY = r"^\d{4}-\d{2}-\d{2}([T ][-0-9:.,Z+ ]*([AaPp][Mm])?( ?[A-Z]{2,5})?|Z)?$"
_MONTH, _YEAR = r"^\d{4}-\d{2}$", r"^\d{4}(\.0)?$"
_BASIC = r"^(1[89]|2[01])\d{6}$"
_INTERVAL = r"^\d{4}(-\d{2}){0,2}([T ][^/]*)?/\d{4}(-\d{2}){0,2}([T ][^/]*)?$"


def first_day(text: str, formats: tuple[str, ...] = ()) -> str:
    """The first possible day of a date: of the mapping's formats, ISO 8601, partial, or an interval "a/b"."""
    start = _side(text, 1)
    return f"""CASE WHEN {_custom(text, formats)} IS NOT NULL THEN {_custom(text, formats)}
        WHEN regexp_matches({start}, {literal(_DAY)}) THEN TRY_CAST(substr({start}, 1, 10) AS DATE)
        WHEN regexp_matches({start}, {literal(_BASIC)})
          THEN CAST(try_strptime({start}, '%Y%m%d') AS DATE)
        WHEN regexp_matches({start}, {literal(_MONTH)}) THEN TRY_CAST({start} || '-01' AS DATE)
        WHEN regexp_matches({start}, {literal(_YEAR)}) THEN TRY_CAST(substr({start}, 1, 4) || '-01-01' AS DATE) END"""


def last_day(text: str, formats: tuple[str, ...] = ()) -> str:
    """The last possible day; NULL where the day is known."""
    end = _side(text, 2)
    return f"""CASE WHEN {_custom(text, formats)} IS NOT NULL THEN {_custom_end(text, formats)}
        WHEN regexp_matches({end}, {literal(_DAY)}) AND regexp_matches({text}, {literal(_INTERVAL)})
          THEN TRY_CAST(substr({end}, 1, 10) AS DATE)
        WHEN regexp_matches({end}, {literal(_MONTH)}) THEN last_day(TRY_CAST({end} || '-01' AS DATE))
        WHEN regexp_matches({end}, {literal(_YEAR)}) THEN TRY_CAST(substr({end}, 1, 4) || '-12-31' AS DATE) END"""


def _side(text: str, side: int) -> str:
    """One end of an interval; of any other date the whole, which may hold strokes of its own ("2026/03/01")."""
    return (
        f"CASE WHEN regexp_matches({text}, {literal(_INTERVAL)}) THEN split_part({text}, '/', {side}) ELSE {text} END"
    )


def _custom(text: str, formats: tuple[str, ...]) -> str:
    """The first day of a date of one of the *formats*. A year of two digits is none of four, as DuckDB takes it."""
    each = [f"CAST(try_strptime({text}, {literal(form)}) AS DATE)" for form in formats]
    read = [f"CASE WHEN {day} >= DATE '1000-01-01' THEN {day} END" for day in each]
    return f"coalesce({', '.join(read)})" if read else "NULL::DATE"


def _custom_end(text: str, formats: tuple[str, ...]) -> str:
    """The last day of the month or year, where that is all the format says; NULL where it names the day."""
    day = _custom(text, formats)
    by_precision = {of: tuple(form for form in formats if precision(form) is of) for of in Precision}
    cases = [
        f"WHEN {_custom(text, by_precision[of])} IS NOT NULL THEN {last}"
        for of, last in (
            (Precision.DAY, "NULL"),
            (Precision.MONTH, f"last_day({day})"),
            (Precision.YEAR, f"make_date(year({day}), 12, 31)"),
        )
        if by_precision[of]
    ]
    return f"CASE {' '.join(cases)} END" if cases else "NULL::DATE"


def clock(text: str) -> str:
    """The time of day, HH:MM:SS, where one is written."""
    found = f"regexp_extract({text}, '[T ](\\d{{2}}:\\d{{2}}(?::\\d{{2}})?)', 1)"
    return f"CASE length({found}) WHEN 5 THEN {found} || ':00' WHEN 8 THEN {found} END"
