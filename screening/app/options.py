"""Option values that are more than a word: each refuses what it cannot read with a remedy."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

import click

from screening.patient import EventKind
from screening.resources import table

LISTS = {
    "conditions": EventKind.CONDITION,
    "medications": EventKind.MEDICATION,
    "procedures": EventKind.PROCEDURE,
    "allergies": EventKind.ALLERGY,
}
"""What users call the lists of a record."""


def parse_day(text: str) -> date:
    """A date as YYYY-MM-DD and nothing else: 03/04/2026 means two different days.

    >>> parse_day("2026-03-11")
    datetime.date(2026, 3, 11)
    """
    problem = f"{text!r} is not a date; write it as YYYY-MM-DD, for example 2026-03-11."
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise click.BadParameter(problem)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(problem) from None


def day(_ctx: click.Context, _param: click.Parameter, value: str) -> date:
    """A calendar date."""
    return parse_day(value)


def optional_day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    """A calendar date, or none."""
    return None if value is None else parse_day(value)


def days(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int | Literal["none"] | None:
    """A whole number of days, or "none" for no limit."""
    if value is None:
        return None
    if value == "none":
        return "none"
    if not re.fullmatch(r"\d{1,6}", value, re.ASCII):
        raise click.BadParameter(f"{value!r} is no number of days; write for example 28, or none.")
    return int(value)


def anchors(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, date]:
    """NAME=DATE: the days of events from which a trial counts time."""
    found: dict[str, date] = {}
    for name, on in map(_anchor, values):
        if found.setdefault(name, on) != on:
            raise click.BadParameter(f"{name!r} is given twice, with different dates; give it once.")
    return found


def _anchor(text: str) -> tuple[str, date]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"{text!r} is not NAME=DATE; write for example first_dose=2026-03-20.")
    return name, parse_day(value)


def lists(_ctx: click.Context, _param: click.Parameter, value: str) -> frozenset[EventKind]:
    """Lists of a record, separated by commas; none for no text."""
    names = [name.strip() for name in value.split(",") if name.strip()]
    for name in names:
        if name not in LISTS:
            raise click.BadParameter(f"{name!r} is no list; write one or more of {','.join(LISTS)}.")
    return frozenset(LISTS[name] for name in names)


def size(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """An amount of memory: a number with MB, GB or TB."""
    if value is not None and not re.fullmatch(r"\d{1,6}(\.\d+)? ?[MGT]i?B", value, re.ASCII | re.IGNORECASE):
        raise click.BadParameter(f"{value!r} is no amount of memory; write for example 2GB.")
    return value


def formulas(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Ids of rules/formulas.toml."""
    known = table("formulas")
    for value in values:
        if value not in known:
            raise click.BadParameter(f"{value!r} is no formula; take one of {', '.join(known)}.")
    return values
