"""`screening demo`."""

from __future__ import annotations

import click

from screening.app import output
from screening.app.demo import demo


@click.command("demo")
def command() -> None:
    """Screen the sample patients against the five trials and explain one of them."""
    output.write(demo(output.width()), None)
