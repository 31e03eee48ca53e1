"""The rows a mapping takes, as SQL: from which table or query, whether its columns are there, where each row stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening.store.cells import cell
from screening.store.database import Connection, columns, literal, quoted
from screening.store.errors import StoreError
from screening.store.mapping import Column, Mapping, Rows


def relation(rows: Rows, connection: Connection) -> str:
    """The rows, as the FROM of a query. Raises StoreError for a column that is not there."""
    origin = f"({rows.query})" if rows.query else quoted(str(rows.table))
    held = {name.casefold() for name in columns(connection, f"{origin} AS t")} - {"file_row_number"}
    used = list(_used(rows))
    for name in used:
        if name.casefold() not in held:
            raise StoreError(rows.label, f"there is no column {name!r}", _remedy(held, used))
    return f"{origin} AS t"


def _remedy(held: set[str], used: Iterable[str]) -> str:
    """The columns there are, unless none is one of the mapping's: then the first line may be of a patient."""
    if held.isdisjoint(name.casefold() for name in used):
        return f"None of its {len(held)} columns is in the mapping. Check that it begins with a header, in UTF-8"
    return f"Its columns are: {', '.join(sorted(held))}"


def _used(rows: Rows) -> Iterator[str]:
    for _, held in rows:
        if isinstance(held, Column) and held.column:
            yield held.column
    for coding in getattr(rows, "codings", ()):
        yield from (column.column for column in (coding.system, coding.code) if column.column)
    yield from getattr(rows, "wide", {})


def place(rows: Rows, mapping: Mapping) -> str:
    """Where a row stands in the input."""
    if rows.source:
        return cell(rows.source, mapping)
    return f"{literal(rows.label)} || ' row ' || (file_row_number + 1)" if rows.table else "NULL::VARCHAR"
