"""Option values that are more than a word: each refuses what it cannot read with a remedy."""

from __future__ import annotations

import re
from datetime import date

import click

NO_LIMIT = "none"


class Day(click.ParamType):
    """A calendar date."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """YYYY-MM-DD and nothing else: 03/04/2026 means two different days."""
        if isinstance(value, date):
            return value
        try:
            return parse_day(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def parse_day(text: str) -> date:
    """A date as written in ISO 8601.

    >>> parse_day("2026-03-11")
    datetime.date(2026, 3, 11)
    """
    problem = f"{text!r} is not a date; write it as YYYY-MM-DD, for example 2026-03-11."
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError(problem)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(problem) from None


class Days(click.ParamType):
    """A whole number of days, or "none" for no limit."""

    name = "days"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """A count of days, or the word."""
        text = str(value)
        if text == NO_LIMIT:
            return text
        if not re.fullmatch(r"\d+", text, re.ASCII):
            self.fail(f"{text!r} is no number of days; write for example 28, or none.", param, ctx)
        return int(text)


class Anchor(click.ParamType):
    """NAME=DATE: the day of an event from which a trial counts time."""

    name = "name=date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, date]:
        """The name and the day."""
        if isinstance(value, tuple):
            return value
        name, equals, day = str(value).partition("=")
        if not name or not equals:
            self.fail(f"{value!r} is not NAME=DATE; write for example first_dose=2026-03-20.", param, ctx)
        try:
            return name, parse_day(day)
        except ValueError as error:
            self.fail(str(error), param, ctx)
