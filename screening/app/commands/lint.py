"""`screening lint`."""

from __future__ import annotations

import click

from screening.app import documents, output
from screening.app.problems import reading
from screening.report import FINDING_FORMATS, Checked, render_findings


@click.command("lint")
@click.argument("paths", metavar="DOC|RULES...", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(list(FINDING_FORMATS)), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Exit with status 1 if there is any finding but notes and waived ones.")
def command(paths: tuple[str, ...], form: str, strict: bool) -> int:
    """List what is unclear, assumed or contradictory in registry documents ("-": standard input) and rule files.

    In a rule file a line "- waive CODE: reason" under a criterion, or in the header, sets a finding aside.
    """
    checked = [_check(path) for path in output.progress(paths, "Reading")]
    output.write(render_findings(checked, form), None)
    return int(strict and any(item.fails for document in checked for item in document.findings))


def _check(path: str) -> Checked:
    with reading(path):
        return documents.check(path)
