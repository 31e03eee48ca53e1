"""`screening batch`."""

from __future__ import annotations

import json
from datetime import date
from typing import Literal

import click

from screening.app import documents, options, output
from screening.app.problems import UnusableError, reading
from screening.batch import BatchError
from screening.batch.engine import Run, batch
from screening.evaluate import Context
from screening.explain import screen
from screening.patient import EventKind
from screening.report import render
from screening.ruleset import is_signed
from screening.ruleset.model import RuleSet
from screening.store.reading import read_store


@click.command("batch")
@click.argument("rules_paths", metavar="RULES...", nargs=-1, required=True)
@click.argument("store", metavar="STORE")
@click.option("-o", "--output", "target", metavar="OUT.parquet", help="The result: a row per patient and trial.")
@click.option("--on", required=True, metavar="DATE", callback=options.day, help="The screening date, YYYY-MM-DD.")
@click.option("--engine", type=click.Choice(["duckdb"]), default="duckdb", show_default=True, help="Runs the SQL.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--max-age", metavar="DAYS|none", callback=options.days, help="How old a value may be.")
@click.option(
    "--assume-absent",
    metavar="LIST,...",
    default="",
    callback=options.lists,
    help=f"Lists whose silence means absence: {','.join(options.LISTS)}.",
)
@click.option(
    "--anchor",
    "anchors",
    metavar="NAME=DATE",
    multiple=True,
    callback=options.anchors,
    help="The day of an event the trial counts from; repeatable.",
)
@click.option("--require-signed", is_flag=True, help="Refuse rules that nobody signed as they are.")
@click.option(
    "--skip-refused",
    is_flag=True,
    help="List criteria that SQL cannot decide as interpreter only, instead of stopping.",
)
@click.option("--explain", "who", metavar="ID", help="Instead: one patient in full, by the interpreter.")
def command(
    rules_paths: tuple[str, ...],
    store: str,
    target: str | None,
    on: date,
    engine: str,  # noqa: ARG001 -- one engine so far
    form: str,
    max_age: int | Literal["none"] | None,
    assume_absent: frozenset[EventKind],
    anchors: dict[str, date],
    require_signed: bool,
    skip_refused: bool,
    who: str | None,
) -> int:
    """Screen every patient of a STORE against one or more trials at once, on a date.

    RULES are rule files or registry documents. STORE is a folder of Parquet tables (see `screening store`). The same
    rules, store and options give the same bytes; a result that could not be finished is not left behind.
    """
    trials = _load(rules_paths, require_signed)
    context = Context(on, max_age, assume_absent, anchors)
    if who is not None:
        return _explain(trials, store, who, context, form)
    if target is None:
        raise click.UsageError("Missing option '-o': the Parquet file to write.")
    with reading(store):
        try:
            result = batch(trials, store, target, Run(context, skip_refused=skip_refused))
        except BatchError as problem:
            raise UnusableError(str(problem)) from problem
    shown = json.dumps(result.json(), ensure_ascii=False, indent=1) if form == "json" else "\n".join(result.lines())
    output.write(shown + "\n", None)
    return 0


def _load(paths: tuple[str, ...], require_signed: bool) -> list[RuleSet]:
    """The trials, each once."""
    found: dict[str, RuleSet] = {}
    for path in paths:
        with reading(path):
            rules = documents.load(path)
        if require_signed and not is_signed(rules):
            raise UnusableError(f"{path}: these rules are not signed as they are. Then: screening sign {path}")
        if rules.trial in found:
            raise UnusableError(f"{path}: the trial {rules.trial} is given twice. Give it once.")
        found[rules.trial] = rules
    return list(found.values())


def _explain(trials: list[RuleSet], store: str, who: str, context: Context, form: str) -> int:
    """One patient of the store, screened by the interpreter with every criterion explained."""
    with reading(store):
        people = list(read_store(store, [who]))
    if not people:
        raise UnusableError(f"{store}: no patient has the id {who!r}. Take one from the result's column patient_id.")
    for rules in trials:
        result = screen(
            rules,
            people,
            context.on,
            max_age=context.max_age,
            assume_absent=context.assume_absent,
            anchors=context.anchors,
        )
        output.write(render(result, form, width=output.width()), None)
    return 0
