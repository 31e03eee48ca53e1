"""Option values of `screening list`: how many patients, which limits."""

from __future__ import annotations

import re
from decimal import Decimal

import click


def number_or_all(_ctx: click.Context, _param: click.Parameter, value: str) -> int | None:
    """A whole number from 1 on, or None for "all"."""
    if value == "all":
        return None
    if not re.fullmatch(r"[1-9]\d{0,8}", value, re.ASCII):
        raise click.BadParameter(f"{value!r} is no number of patients; write for example 100, or all.")
    return int(value)


def threshold(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, tuple[Decimal, ...]]:
    """ID=A,B,…: which limit, and the numbers it takes; only ID: those that are on record."""
    return _threshold(value)


def thresholds(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, tuple[Decimal, ...]]:
    """Several of them."""
    return dict(map(_threshold, values))


def _threshold(text: str) -> tuple[str, tuple[Decimal, ...]]:
    which, _, steps = text.partition("=")
    numbers = [step.strip() for step in steps.split(",") if step.strip()]
    if not which or not all(re.fullmatch(r"\d{1,9}(\.\d{1,9})?", step, re.ASCII) for step in numbers):
        raise click.BadParameter(f"{text!r} is not ID=A,B,…; write for example I6c=1.0,1.25,1.5, or I6c alone.")
    return which, tuple(map(Decimal, numbers))
