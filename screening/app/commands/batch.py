"""`screening batch`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Literal

import click

from screening.app import documents, inputs, options, output, records
from screening.app.later import Later
from screening.app.problems import UnusableError, reading, writing
from screening.batch import BatchError
from screening.evaluate import Context
from screening.evaluate.attested import Answers
from screening.explain import screen
from screening.patient import EventKind
from screening.report import render
from screening.ruleset import is_signed
from screening.ruleset.model import RuleSet
from screening.store.salvage import with_salvage

if TYPE_CHECKING:
    from screening.batch import engine as engines
    from screening.batch import spark
    from screening.batch.result import BatchResult
else:
    engines, spark = Later("screening.batch.engine"), Later("screening.batch.spark")


@click.command("batch")
@click.argument("rules_paths", metavar="RULES...", nargs=-1, required=True)
@click.argument("store", metavar="STORE")
@click.option(
    "-o",
    "--output",
    "target",
    metavar="OUT.parquet",
    help="The result, a row per patient and trial; else OUT.csv or OUT.xlsx, from which no lists are made.",
)
@click.option("--on", required=True, metavar="DATE", callback=options.day, help="The screening date, YYYY-MM-DD.")
@click.option(
    "--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True, help="Runs the SQL."
)
@click.option("--master", metavar="URL", help="With --engine spark: where it is, for example spark://host:7077.")
@click.option("--remote", metavar="URL", help="With --engine spark: Spark Connect, for example sc://host:15002.")
@click.option("--threads", type=click.IntRange(1), help="Threads of DuckDB; default: one a core.")
@click.option(
    "--memory",
    metavar="SIZE",
    callback=options.size,
    help="DuckDB's limit, for example 2GB; beyond it, temporary files.",
)
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
@click.option("--attest", metavar="FILE", help="A person's answers to criteria (CSV or JSON).")
@click.option("--ranges", metavar="FILE", help="A laboratory's reference ranges (CSV or JSON).")
@click.option(
    "--compute",
    metavar="FORMULA",
    multiple=True,
    callback=options.formulas,
    help="A formula that may stand in for an unreported value; repeatable.",
)
@click.option("--require-signed", is_flag=True, help="Refuse rules that nobody signed as they are.")
@click.option(
    "--skip-refused",
    is_flag=True,
    help="List criteria that SQL cannot decide as interpreter only, instead of stopping.",
)
@click.option("--margins", is_flag=True, help="Also how far each number lies from its limit: columns <id>_margin.")
@click.option("--explain", "who", metavar="ID", help="Instead: one patient in full, by the interpreter.")
def command(
    rules_paths: tuple[str, ...],
    store: str,
    target: str | None,
    on: date,
    engine: str,
    master: str | None,
    remote: str | None,
    threads: int | None,
    memory: str | None,
    form: str,
    max_age: int | Literal["none"] | None,
    assume_absent: frozenset[EventKind],
    anchors: dict[str, date],
    attest: str | None,
    ranges: str | None,
    compute: tuple[str, ...],
    require_signed: bool,
    skip_refused: bool,
    margins: bool,
    who: str | None,
) -> int:
    """Screen every patient of a STORE against one or more trials at once, on a date.

    RULES are rule files or registry documents. STORE is a folder of Parquet tables (see `screening store`). The same
    rules, store and options give the same bytes; a result that could not be finished is not left behind.
    """
    trials = _load(rules_paths, require_signed)
    output.warn_all(documents.idle_anchors(anchors, trials))
    context = Context(on, max_age, assume_absent, anchors, inputs.ranges(ranges), compute=frozenset(compute))
    answers = inputs.attestations(attest)
    output.warn_all(inputs.too_late(answers, on))
    if who is not None:
        if target is not None:
            output.warn(f"--explain goes to standard output: {target} is not written")
        return _explain(trials, store, who, context, form, answers)
    if target is None:
        raise click.UsageError("Missing option '-o': the file to write, .parquet, .csv or .xlsx.")
    cluster = _cluster(engine, master, remote)
    run = engines.Run(context, skip_refused, threads, memory, spark=cluster, margins=margins, answers=answers)
    result = _run(trials, store, target, run)
    shown = json.dumps(result.json(), ensure_ascii=False, indent=1) if form == "json" else "\n".join(result.lines())
    output.write(shown + "\n", None)
    return int(_report(result))


def _cluster(engine: str, master: str | None, remote: str | None) -> spark.Cluster | None:
    """Where Spark is; None for DuckDB."""
    if engine == "spark":
        if (master is None) == (remote is None):
            raise click.UsageError("--engine spark needs --master or --remote, one of them.")
        return spark.Cluster(master, remote)
    if master or remote:
        raise click.UsageError("--master and --remote go with --engine spark.")
    return None


def _run(trials: list[RuleSet], store: str, target: str, run: engines.Run) -> BatchResult:
    with reading(store), writing(target), output.bar("Screening") as tell:
        try:
            return engines.batch(trials, store, target, replace(run, tell=tell))
        except BatchError as problem:
            raise UnusableError(str(problem)) from problem


def _report(result: BatchResult) -> bool:
    """Names on standard error what was lost; whether anything was."""
    records.sure(result.unsure, result.unsure)
    for finding in result.lost.shown:
        output.warn(f"left out: {finding.message} ({finding.source})")
    if result.lost.count:
        output.warn(
            f"{output.rows(result.lost.count)} left out in all; screening store check STORE lists those of the store"
        )
    return result.lost.count > 0


def _load(paths: tuple[str, ...], require_signed: bool) -> list[RuleSet]:
    """The trials, each once."""
    found: dict[str, tuple[str, RuleSet]] = {}
    for path in paths:
        with reading(path):
            rules = documents.to_screen(path)
        if require_signed and not is_signed(rules):
            raise UnusableError(f"{path}: these rules are not signed as they are. Then: screening sign {path}")
        if rules.trial in found:
            twice = f"its trial {rules.trial} is that of {found[rules.trial][0]}"
            raise UnusableError(
                f"{path}: {twice}. Give each trial once; a text without a registry's id is named by its file."
            )
        found[rules.trial] = path, rules
    return [rules for _, rules in found.values()]


def _explain(trials: list[RuleSet], store: str, who: str, context: Context, form: str, answers: Answers) -> int:
    """One patient of the store, screened by the interpreter with every criterion explained."""
    with reading(store):
        people, found, unsure = with_salvage(
            store, lambda held: (list(held.store.patients([who])), held.store.findings, held.unsure)
        )
    if not people:
        raise UnusableError(f"{store}: no patient has the id {who!r}. Take one from the result's column patient_id.")
    assumed = records.sure(context.assume_absent, unsure)
    for rules in trials:
        result = screen(
            rules,
            people,
            context.on,
            attestations=answers,
            max_age=context.max_age,
            assume_absent=assumed,
            anchors=context.anchors,
            ranges=context.ranges,
            compute=context.compute,
        )
        output.write(render(result, form, width=output.width()), None)
    return int(output.left_out(found))
