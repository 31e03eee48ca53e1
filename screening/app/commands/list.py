"""`screening list ranked`, `near-misses`, `worklist`, `attrition`, `curve`, `dates` and `report`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from screening.app import documents, inputs, listing, output
from screening.app.later import Later
from screening.app.problems import UNUSABLE, UnusableError, reading
from screening.batch import BatchError
from screening.report.list_formats import FORMATS, STREAMS
from screening.store.salvage import Salvaged, with_salvage

if TYPE_CHECKING:
    from screening import lists
    from screening.lists import validity
    from screening.report import lists as formats
else:
    lists, validity = Later("screening.lists"), Later("screening.lists.validity")
    formats = Later("screening.report.lists")

T = TypeVar("T", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Asked:
    """What every list is asked with."""

    result: str
    rules: str | None
    store: str | None
    attest: str | None
    trial: str | None
    cohort: str | None
    top: int | None
    format: str | None
    target: str | None


@click.group("list")
def command() -> None:
    """Answer from OUT.parquet, the result of `screening batch`: who is nearest, what is missing, what criteria cost."""


_RULES = click.option("--rules", metavar="RULES", help="The rules the result was made with.")
_STORE = click.option("--store", metavar="STORE", help="The store the result was made from.")
_ATTEST = click.option("--attest", metavar="FILE", help="The answers of people it was made with, if it was.")
_COMMON = (
    click.argument("result", metavar="OUT.parquet"),
    _RULES,
    _STORE,
    _ATTEST,
    click.option("--trial", metavar="ID", help="Which trial, where the result holds several."),
    click.option("--cohort", metavar="NAME", help="Which cohort, where the trial has several."),
    click.option(
        "--top",
        metavar="N|all",
        default="100",
        show_default=True,
        callback=listing.number_or_all,
        help="How many patients to list.",
    ),
)
_OUTPUT = (
    click.option(
        "--format",
        type=click.Choice(FORMATS),
        help="Else the ending of FILE decides, else it is text.",
    ),
    click.option("-o", "--output", "target", metavar="FILE", help="Write there instead of to standard output."),
)


def _options(decorators: Iterable[Callable[[T], T]]) -> Callable[[T], T]:
    """Several options, in the order given."""

    def decorated(function: T) -> T:
        for decorator in reversed(tuple(decorators)):
            function = decorator(function)
        return function

    return decorated


def _a_list(function: Callable[..., lists.Answer]) -> Callable[..., int]:
    """A command that opens the result, makes one answer and writes it."""

    @wraps(function)
    def made(
        result: str,
        rules: str | None,
        store: str | None,
        attest: str | None,
        trial: str | None,
        cohort: str | None,
        top: int | None,
        format: str | None,
        target: str | None,
        **more: Any,  # noqa: ANN401 -- the options of one list
    ) -> int:
        asked = Asked(result, rules, store, attest, trial, cohort, top, format, target)
        return _answered(asked, lambda results, source: _write(function(asked, results, source, **more), asked))

    return _options((*_COMMON, *_OUTPUT))(made)


def _answered(asked: Asked, answer: Callable[[lists.Results, lists.Source | None], None]) -> int:
    """Opens the result and what it came from as far as that is given, and answers; the exit status.

    Of a store that was damaged for the batch, what the batch could read: its losses are named again.
    """
    with _listing(), _opened(asked) as results:
        source = _source(asked, results)
        if source is None or source.store is None or not results.described.get("salvaged"):
            answer(results, source)
            return 0
        return with_salvage(source.store, lambda held: _from(held, results, source, answer), at_once=True)


@contextmanager
def _opened(asked: Asked) -> Iterator[lists.Results]:
    """The result, once it is clear that the answer can be written where it shall."""
    formats.asked_format(asked.format, asked.target)
    if asked.target not in (None, "-"):
        formats.check_target(str(asked.target), (asked.result, asked.rules, asked.store, asked.attest))
    with lists.open_results(asked.result, asked.trial, asked.cohort) as results:
        yield results


def _from(
    held: Salvaged,
    results: lists.Results,
    source: lists.Source,
    answer: Callable[[lists.Results, lists.Source | None], None],
) -> int:
    answer(results, replace(source, readable=str(held.store.path)))
    return int(output.left_out(held.store.findings))


@contextmanager
def _listing() -> Iterator[None]:
    """What cannot be used, in one line. A reader who has gone (`| head`) is no fault, and passes."""
    try:
        yield
    except (lists.ListError, BatchError, *UNUSABLE) as problem:
        raise UnusableError(str(problem)) from problem


def _source(asked: Asked, results: lists.Results) -> lists.Source | None:
    if asked.rules is None:
        if asked.store is not None or asked.attest is not None:
            raise UnusableError("--store and --attest go with --rules: without the criteria they say nothing.")
        return None
    with reading(asked.rules):
        rules = documents.load(asked.rules)
    return lists.Source(results, rules, asked.store, inputs.attestations(asked.attest))


def _needed(asked: Asked, source: lists.Source | None) -> lists.Source:
    if source is None:
        raise UnusableError(f"{asked.result}: this list reads the criteria. Give them with --rules RULES.")
    return source


def _write(answer: lists.Answer, asked: Asked) -> None:
    form = formats.asked_format(asked.format, asked.target)
    if asked.target in (None, "-"):
        if form not in STREAMS:
            raise UnusableError(f"{form} does not go to standard output. Name a file with -o FILE.")
        for piece in formats.stream(answer, form, output.width()):
            output.write(piece, None)
        output.warn_all(formats.unsaid(answer, form))
        if form == "csv" and len(answer.tables) > 1:
            others = ", ".join(table.name for table in answer.tables[1:])
            output.warn(f"with -o FILE.csv also written: {others}")
        return
    with reading(str(asked.target)):
        made = formats.save(answer, form, str(asked.target), output.width())
    output.warn_all(formats.unsaid(answer, form))
    output.warn_all(f"written: {path}" for path in made)


@command.command("ranked")
@click.option("--failed", is_flag=True, help="List also those who fail a criterion.")
@_a_list
def ranked_command(asked: Asked, results: lists.Results, _: lists.Source | None, *, failed: bool) -> lists.Answer:
    """Candidates, nearest first.

    Fewest failed, then fewest open, then the greatest least margin to a limit, then the patient's id.
    """
    return lists.ranked(results, top=asked.top, failed=failed)


@command.command("near-misses")
@_a_list
def near_misses_command(asked: Asked, results: lists.Results, source: lists.Source | None) -> lists.Answer:
    """Patients whom one criterion keeps out.

    And by how much; with --rules and --store also value, limit, date, and whether anything could change it.
    """
    return lists.near_misses(results, source, top=asked.top)


@command.command("worklist")
@_a_list
def worklist_command(asked: Asked, results: lists.Results, source: lists.Source | None) -> lists.Answer:
    """Facts that would settle most patients.

    Of those who have not failed; and for each what to get. Needs --rules; with --store it tells apart the parts of a
    criterion.
    """
    return lists.worklist(results, _needed(asked, source), top=asked.top)


@command.command("attrition")
@_a_list
def attrition_command(_: Asked, results: lists.Results, __: lists.Source | None) -> lists.Answer:
    """What each criterion costs.

    Whatever the order; and who is left after each in the order of the document, with bounds.
    """
    return lists.attrition(results)


@command.command("curve")
@click.option(
    "--threshold",
    metavar="ID[#N]=A,B,…",
    required=True,
    callback=listing.threshold,
    help="Which limit moves, and over which numbers (none: those on record).",
)
@_a_list
def curve_command(
    asked: Asked, _: lists.Results, source: lists.Source | None, *, threshold: tuple[str, tuple[Decimal, ...]]
) -> lists.Answer:
    """How many more if a limit were another. Needs --rules and --store."""
    return lists.curve(_needed(asked, source), *threshold)


_HORIZON = click.option(
    "--horizon", metavar="DAYS", type=click.IntRange(1, 3660), show_default="a year",
    help="How many days ahead to look.",
)  # fmt: skip


@command.command("dates")
@_HORIZON
@_a_list
def dates_command(
    asked: Asked, results: lists.Results, source: lists.Source | None, *, horizon: int | None
) -> lists.Answer:
    """Eligible from and until when.

    When washouts end and results expire, if nothing new is recorded. Needs --rules and --store.
    """
    return lists.dates(results, _needed(asked, source), top=asked.top, horizon=horizon or validity.HORIZON)


@command.command("report")
@_options(_COMMON)
@click.option(
    "--threshold",
    "thresholds",
    metavar="ID[#N]=A,B,…",
    multiple=True,
    callback=listing.thresholds,
    help="A curve for this limit; repeatable.",
)
@_HORIZON
@click.option("-o", "--output", "target", metavar="PAGE.html", required=True, help="The page.")
def report_command(
    result: str,
    rules: str | None,
    store: str | None,
    attest: str | None,
    trial: str | None,
    cohort: str | None,
    top: int | None,
    thresholds: dict[str, tuple[Decimal, ...]],
    horizon: int | None,
    target: str,
) -> int:
    """All lists on one page with plots.

    To read or print; more of them with --rules and --store.
    """
    asked = Asked(result, rules, store, attest, trial, cohort, top, "html", target)

    with _listing():
        formats.check_page(target)

    def page(results: lists.Results, source: lists.Source | None) -> None:
        answers = list(lists.overview(results, source, top=top, curves=thresholds, horizon=horizon or validity.HORIZON))
        with reading(target):
            output.warn_all([f"written: {formats.save_page(answers, target)}"])

    return _answered(asked, page)
