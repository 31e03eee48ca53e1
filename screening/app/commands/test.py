"""`screening test`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening import __version__
from screening.app import documents, options, output
from screening.app.later import Later
from screening.app.problems import UnusableError, reading
from screening.report.wording import HASH_LENGTH
from screening.ruleset import rules_hash
from screening.ruleset.model import RuleSet

if TYPE_CHECKING:
    from screening.testing import laws, mutants, running
else:
    laws, mutants, running = (Later(f"screening.testing.{name}") for name in ("laws", "mutants", "running"))


@click.command("test")
@click.argument("rules_path", metavar="RULES")
@click.option(
    "--mutants", "changed", is_flag=True, help="Instead: change each limit in turn, and see which case notices."
)
@click.option("--on", metavar="DATE", callback=options.optional_day, help="The screening date, YYYY-MM-DD.")
@click.option(
    "--examples", type=click.IntRange(1), default=200, show_default=True, help="Made-up patients for each law."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Another seed, other patients.")
@click.option("-o", "--output", "folder", metavar="FOLDER", default=".", help="Where patients that break a law go.")
def command(rules_path: str, changed: bool, on: date | None, examples: int, seed: int, folder: str) -> int:
    """Try the laws of screening on RULES: limits turn where they say, units do not matter, more is not judged worse,
    and what is missing never passes.

    A law that fails is shown with the smallest made-up patient, written as a JSON file. With --mutants each limit,
    operator, unit, multiple, connective and window is changed in turn; a change that no boundary case notices is
    listed, with the proof where it changes nothing. Exit status 1: a law is broken, or a change went unnoticed.
    """
    with reading(rules_path):
        rules = documents.load(rules_path)
    if not Path(folder).is_dir():
        raise UnusableError(f"{folder}: no such folder. Give one that exists with -o FOLDER.")
    head = f"{rules.trial} | rules {rules_hash(rules)[:HASH_LENGTH]} | screening {__version__}"
    if changed:
        return _mutants(rules, head, on)
    with reading(folder):
        found = running.check(rules, laws.laws_of(rules), on=on, examples=examples, seed=seed, folder=folder)
        lines = [_law(verdict) for verdict in found]
    broken = sum(line.startswith("BROKEN") for line in lines)
    told = f"{broken} of {len(lines)} laws broken" if broken else f"{len(lines)} laws hold"
    output.write("\n".join([head, *lines, told]).replace(" RULES ", f" {rules_path} ") + "\n", None)
    return 1 if broken else 0


def _law(verdict: running.Verdict) -> str:
    if verdict.broken is None:
        return f"holds   {verdict.law.name}: {verdict.law.says}"
    return f"BROKEN  {verdict.broken}"


def _mutants(rules: RuleSet, head: str, on: date | None) -> int:
    found = mutants.mutation(rules, on)
    lines = [head, f"{len(found.mutants)} changes: {len(found.caught)} noticed by a boundary case"]
    if found.equivalent:
        lines.append(f"{len(found.equivalent)} proved to change nothing:")
        lines += [f"  {item.criterion}  {item.what}: {item.proof}" for item in found.equivalent]
    if found.survivors:
        lines.append(f"{len(found.survivors)} NOT NOTICED, and not proved to change nothing:")
        lines += [f"  {item.criterion}  {item.what}" for item in found.survivors]
    output.write("\n".join(lines) + "\n", None)
    return 1 if found.survivors else 0
