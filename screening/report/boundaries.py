"""Boundary sheets as text; and which formats there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from textwrap import wrap

from screening.boundaries import Row, Sheet
from screening.boundaries.measured import POSITIONS
from screening.report import boundary_page, boundary_table
from screening.report.boundary_words import answer, heading, result, state

WIDTH = 100
_NEXT_TO = frozenset((*POSITIONS, "nearest below", "nearest above"))
_GAP = " · "


def report(sheet: Sheet, width: int = WIDTH) -> str:
    """The sheet: criterion by criterion, the three positions at each limit on one line, the rest below."""
    lines = [heading(sheet), state(sheet), result(sheet), ""]
    for (_, reading), rows in groupby(sheet.rows, key=lambda row: (row.case.criterion, row.case.reading)):
        lines += _criterion(list(rows), reading, width)
    without = [f"  {rule.id}  {rule.text}" for rule in sheet.without]
    if without:
        lines += ["No record decides these, so they have no boundary:", *_wrapped(without, width), ""]
    lines += [f"  {criterion}: no case could be made for {what}" for criterion, what in sheet.untried]
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _wrapped(lines: list[str], width: int) -> list[str]:
    return [part for line in lines for part in wrap(line, width, subsequent_indent="      ")]


def _criterion(rows: list[Row], reading: str, width: int) -> Iterator[str]:
    rule = rows[0].rule
    yield from wrap(f"{rule.id} ({rule.side.value})  {rule.text}", width, subsequent_indent="    ")
    if reading:
        yield from wrap(f"read: {reading}", width, initial_indent="  ", subsequent_indent="    ")
    for (subject, given), several in groupby(rows, key=lambda row: (row.case.subject, row.case.given)):
        beside = f"; beside it: {given}" if given else ""
        yield from wrap(f"{subject}{beside}", width, initial_indent="  ", subsequent_indent="      ")
        yield from _subject(list(several), width)
    yield ""


def _subject(rows: list[Row], width: int) -> Iterator[str]:
    at = [row for row in rows if row.case.probe.label in _NEXT_TO]
    for (limit, reference), near in groupby(at, key=lambda row: (row.case.probe.limit, row.case.probe.reference)):
        several = list(near)
        yield from wrap(f"{limit}{_GAP + reference if reference else ''}", width, initial_indent="    ")
        for _, three in groupby(several, key=lambda row: row.case.probe.unit):
            yield "      " + "   ".join(_position(row) for row in three)
        if several[0].case.probe.core:
            yield from _arithmetic(several, width)
    others = sorted((row for row in rows if row.case.probe.label not in _NEXT_TO), key=_kind_of(rows))
    for kind, several_of in groupby(others, key=lambda row: row.case.probe.kind):
        told = _GAP.join(_other(row) for row in several_of)
        yield from wrap(f"{kind}: {told}", width, initial_indent="    ", subsequent_indent="      ")


def _kind_of(rows: list[Row]) -> Callable[[Row], int]:
    """Kinds in the order in which they first come."""
    order = {kind: number for number, kind in enumerate(dict.fromkeys(row.case.probe.kind for row in rows))}
    return lambda row: order[row.case.probe.kind]


def _position(row: Row) -> str:
    """Value and outcome, said where it is not next to the limit by name."""
    nearest = "~" if row.case.probe.label.startswith("nearest") else ""
    return f"{nearest}{row.case.probe.value} {_told(row)}"


def _other(row: Row) -> str:
    probe = row.case.probe
    value = f", {probe.value}" if probe.value and probe.value not in probe.label else ""
    return f"{probe.label}{value}: {_told(row)}"


def _told(row: Row) -> str:
    return answer(row.found) + ("" if row.agrees else f" !! MUST BE {answer(row.case.expected)}")


def _arithmetic(rows: list[Row], width: int) -> Iterator[str]:
    shown = next((row for row in rows if row.case.probe.label == POSITIONS[1]), rows[0])
    yield from wrap(shown.explanation, width, initial_indent="      = ", subsequent_indent="        ")


FORMATS: dict[str, Callable[[Sheet], str | bytes]] = {
    "text": report,
    "csv": boundary_table.csv_text,
    "xlsx": boundary_table.workbook,
    "html": boundary_page.page,
}
"""Every format by name; a workbook is bytes."""
