"""Lists on screen or paper: columns as wide as they need to be, heads over several lines, the last column wrapped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from textwrap import wrap
from typing import Any

from screening.lists.tables import Answer, Column, Table
from screening.report.plain import WIDTH

_LEAST = 30
"""Characters that running text needs beside other columns; with fewer it goes below them."""

_MOST = 42
"""Characters that are shown of a cell beside others; files hold it whole."""

_INDENT = 4
"""Columns before running text that stands below its row."""

_HEAD = 11
"""Characters at which the head of a column goes on to the next line."""


def cell(value: Any, column: Column | None = None) -> str:  # noqa: ANN401 -- a cell may hold anything
    """A value for people: yes and no, few digits, nothing for what is not there.

    >>> [cell(value) for value in (True, None, 0.123456, 1500.0, "missing")]
    ['yes', '', '0.1235', '1500', 'missing']
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{round(value, 4) + 0.0:.10g}"  # + 0.0: no negative zero
        case date():
            return value.isoformat()
        case str() if column is not None and column.name in (
            "verdict",
            "then",
            "reason",
            "before_reason",
            "after_reason",
        ):
            return value.replace("_", " ")
        case _:
            return " ".join(str(value).split())


def text(answer: Answer, width: int = WIDTH) -> Iterator[str]:
    """The answer, line by line."""
    yield answer.title
    yield answer.about.line()
    for table in answer.tables:
        if not table.detail:
            yield ""
            yield from _table(table, width)


def _table(table: Table, width: int) -> Iterator[str]:
    yield table.title
    for note in table.notes:
        yield from wrap(note, width, initial_indent="  ", subsequent_indent="  ")
    rows = [[_shown(value, column) for value, column in zip(row, table.columns, strict=True)] for row in table.rows]
    yield from _laid_out(table.columns, rows, width) if rows else ["  (none)"]


def _shown(value: Any, column: Column) -> str:  # noqa: ANN401 -- a cell may hold anything
    text = cell(value, column)
    return text if column.wide or len(text) <= _MOST else text[: _MOST - 1] + "…"


def _laid_out(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    heads = [wrap(column.title, _HEAD) or [""] for column in columns]
    sizes = [max(map(len, [*head, *(row[at] for row in rows)])) for at, head in enumerate(heads)]
    left = width - sum(sizes[:-1]) - 2 * len(sizes[:-1])
    below = columns[-1].wide and left < min(_LEAST, sizes[-1])
    if below:
        columns, heads, sizes = columns[:-1], heads[:-1], sizes[:-1]
    elif columns[-1].wide:
        sizes[-1] = min(sizes[-1], left)
    yield from _heads(heads, sizes, columns)
    for row in rows:
        yield from _below(row, sizes, columns, width) if below else _beside(row, sizes, columns)


def _heads(heads: Sequence[Sequence[str]], sizes: Sequence[int], columns: Sequence[Column]) -> Iterator[str]:
    high = max(map(len, heads))
    for line in range(high):
        named = ([""] * (high - len(head)) + list(head) for head in heads)
        yield _line([head[line] for head in named], sizes, columns)
    yield "  ".join("-" * size for size in sizes)


def _below(row: Sequence[str], sizes: Sequence[int], columns: Sequence[Column], width: int) -> Iterator[str]:
    yield _line(row[:-1], sizes, columns)
    indent = " " * _INDENT
    yield from wrap(row[-1], width, initial_indent=indent, subsequent_indent=indent)


def _beside(row: Sequence[str], sizes: Sequence[int], columns: Sequence[Column]) -> Iterator[str]:
    first, *more = wrap(row[-1], sizes[-1]) or [""]
    yield _line([*row[:-1], first], sizes, columns)
    yield from (" " * (sum(sizes[:-1]) + 2 * len(sizes[:-1])) + rest for rest in more)


def _line(cells: Sequence[str], sizes: Sequence[int], columns: Sequence[Column]) -> str:
    """Numbers stand to the right."""
    right = [column.kind in ("integer", "number") for column in columns]
    laid = (c.rjust(size) if r else c.ljust(size) for c, size, r in zip(cells, sizes, right, strict=True))
    return "  ".join(laid).rstrip()
