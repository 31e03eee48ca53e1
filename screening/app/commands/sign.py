"""`screening sign`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from screening.app import documents
from screening.app.problems import reading
from screening.ruleset import rules_hash


@click.command("sign")
@click.argument("file", metavar="FILE.md")
@click.option("--name", required=True, help="Who signs.")
@click.option("--meaning", required=True, help='What the signature means, for example "reviewed against the protocol".')
def command(file: str, name: str, meaning: str) -> None:
    """Sign the reviewed rule file FILE.md: any later change of its text or reading makes it unsigned again."""
    with reading(file):
        rules = documents.sign(file, name=name, meaning=meaning, on=datetime.now(UTC).astimezone().date())
    click.echo(f"{file}: signed by {name}, rules {rules_hash(rules)}")
