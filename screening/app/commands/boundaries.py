"""`screening boundaries`."""

from __future__ import annotations

from datetime import date

import click

from screening.app import documents, options, output
from screening.app.problems import UnusableError, reading
from screening.boundaries import sheet
from screening.report.boundaries import FORMATS, report
from screening.store import StoreError


@click.command("boundaries")
@click.argument("rules_path", metavar="RULES")
@click.option("--on", metavar="DATE", callback=options.optional_day, help="The screening date, YYYY-MM-DD.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("-o", "--output", "target", metavar="FILE", help="Write there; needed for xlsx.")
def command(rules_path: str, on: date | None, form: str, target: str | None) -> int:
    """Show the outcome just below, at and just above every limit of RULES, for made-up patients.

    Each limit is tried in every unit, with several ULNs, with its condition yes, no and unknown, on the first and the
    last day that counts, and with results that must not count. What each outcome must be is worked out from the
    position alone; where the program says otherwise, the row is marked and the exit status is 1.
    """
    with reading(rules_path):
        rules = documents.load(rules_path)
    made = sheet(rules, on)
    if form == "xlsx":
        if target in (None, "-"):
            raise click.UsageError("A workbook needs a file: give -o FILE.xlsx.")
        try:
            content = FORMATS[form](made)
        except StoreError as problem:
            raise UnusableError(str(problem)) from problem
        output.write_bytes(content if isinstance(content, bytes) else content.encode(), str(target))
    else:
        text = report(made, output.width()) if form == "text" else FORMATS[form](made)
        output.write(str(text), target)
    if made.disagreements:
        output.warn(f"{len(made.disagreements)} outcomes are not what the position demands; see the rows marked !!")
    return 1 if made.disagreements else 0
