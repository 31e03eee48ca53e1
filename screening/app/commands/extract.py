"""`screening extract`."""

from __future__ import annotations

import json
from typing import Any

import click

from screening.app import documents, output
from screening.app.problems import reading
from screening.build import extract, windows


@click.command("extract")
@click.argument("paths", metavar="DOC...", nargs=-1, required=True)
@click.option("--jsonl", is_flag=True, help="One JSON object a line instead of one list.")
@click.option("--windows", "only_windows", is_flag=True, help="List the time windows instead of the comparisons.")
def command(paths: tuple[str, ...], jsonl: bool, only_windows: bool) -> None:
    """List the atomic comparisons of registry documents ("-": standard input) as JSON.

    Rows are in the literal sense of the text: the bound of an exclusion criterion is what excludes.
    """
    if jsonl:
        for path in output.progress(paths, "Reading"):
            output.write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(path, only_windows)), None)
        return
    rows = [row for path in output.progress(paths, "Reading") for row in _rows(path, only_windows)]
    output.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", None)


def _rows(path: str, only_windows: bool) -> list[dict[str, Any]]:
    with reading(path):
        rules = documents.load(path)
    return windows(rules) if only_windows else extract(rules)
