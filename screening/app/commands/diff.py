"""`screening diff`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import click

from screening.amendments import Flip, amendment, flips, versions
from screening.app import documents, inputs, options, output, records
from screening.app.problems import UnusableError, reading
from screening.patient import EventKind
from screening.report.amendments import AMENDMENT_FORMATS, render_amendment
from screening.ruleset.model import RuleSet

ON = "2026-01-01"
"""The date for which patients are made up unless the user names one, so that the output is the same every day."""


@click.command("diff")
@click.argument("old_path", metavar="OLD")
@click.argument("new_path", metavar="[NEW]", required=False)
@click.option("--on", default=ON, show_default=True, metavar="DATE", callback=options.day, help="The screening date.")
@click.option("--store", "patients_path", metavar="PATIENTS", help="List the patients whose verdict changes.")
@click.option("--format", "form", type=click.Choice(AMENDMENT_FORMATS), default="text", show_default=True)
@click.option("--max-age", metavar="DAYS|none", callback=options.days, help="How old a value may be.")
@click.option(
    "--assume-absent",
    metavar="LIST,...",
    default="",
    callback=options.lists,
    help=f"Lists whose silence means absence: {','.join(options.LISTS)}.",
)
@click.option("--ranges", metavar="FILE", help="A laboratory's reference ranges (CSV or JSON).")
@click.option("-o", "--output", "target", metavar="FILE", help="Write there instead of to standard output.")
def command(
    old_path: str,
    new_path: str | None,
    on: date,
    patients_path: str | None,
    form: str,
    max_age: int | Literal["none"] | None,
    assume_absent: frozenset[EventKind],
    ranges: str | None,
    target: str | None,
) -> int:
    """Compare two versions of a trial, criterion by criterion: what means the same, what is looser or tighter, proved,
    each with a made-up patient for whom it makes a difference.

    OLD and NEW are rule files or registry documents. Without NEW, OLD must state its eligibility twice: its two
    statements are compared. PATIENTS is as in `screening screen`.
    """
    old, new = _pair(old_path, new_path)
    found = amendment(old, new, on)
    if patients_path is None:
        output.write(render_amendment(found, None, on, form), target)
        return 0
    held = records.load(patients_path)
    book = inputs.ranges(ranges)
    people = output.progress(held.patients, "Screening")
    assumed = records.sure(assume_absent, held.unsure)
    turned: Sequence[Flip] = tuple(flips(old, new, people, on, max_age=max_age, assume_absent=assumed, ranges=book))
    output.write(render_amendment(found, turned, on, form), target)
    return int(output.left_out(held.findings))


def _pair(old_path: str, new_path: str | None) -> tuple[RuleSet, RuleSet]:
    old = _rules(old_path)
    if new_path is not None:
        return old, _rules(new_path)
    both = versions(old)
    if both is None:
        raise UnusableError(f"{old_path}: states its eligibility once. Give the new version as a second file.")
    return both


def _rules(path: str) -> RuleSet:
    with reading(path):
        return documents.load(path)
