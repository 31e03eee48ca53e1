"""`screening store convert` and `screening store check`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click

from screening import __version__
from screening.app import output
from screening.app.problems import reading
from screening.app.storecheck import described
from screening.patient import Finding
from screening.store import check, convert

SHOWN = 20
"""Findings that are shown on standard error; what is left out is always shown whole."""


@click.group("store")
def command() -> None:
    """Bring patients to one long-format shape that many can be screened from, and check it."""


@command.command("convert")
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@click.option("--mapping", metavar="FILE", help="Which table and column holds what (TOML), for tables of any layout.")
def convert_command(source: str, target: str, mapping: str | None) -> int:
    """Write the store OUT, a folder of Parquet tables, from IN.

    IN is FHIR R4 JSON or NDJSON, native JSON, or a folder of them (each file also .gz); OMOP CDM 5.4 or CDISC SDTM; or,
    with a mapping, a folder of CSV, TSV, Parquet or Excel tables.
    """
    with reading(source):
        made = convert(source, target, mapping, program=f"screening {__version__}")
    click.echo("".join(f"{count:>12,}  {table}\n" for table, count in made.counts.items()), nl=False)
    _report(made.findings)
    return int(made.lost)


@command.command("check")
@click.argument("path", metavar="STORE")
def check_command(path: str) -> int:
    """Say what is in a store: variables, units, ranges, dates, what is not recognised, likely errors of unit."""
    with reading(path):
        found = check(path, date.today())  # noqa: DTZ011 -- the calendar day here
    click.echo("\n".join(described(found)))
    return int(any(finding.lost for finding in found.findings))


def _report(findings: Sequence[Finding]) -> None:
    """Names what was left out, then the first of what was merely not understood; the store keeps them all."""
    output.left_out(findings)
    others = [finding for finding in findings if not finding.lost]
    for finding in others[:SHOWN]:
        output.warn(f"{finding.message} ({finding.source})")
    if len(others) > SHOWN:
        output.warn(f"and {len(others) - SHOWN} more remarks; screening store check sums them up")
