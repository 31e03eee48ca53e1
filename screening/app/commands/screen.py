"""`screening screen`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

import click

from screening.app import documents, inputs, options, output, records
from screening.app.problems import UnusableError, reading
from screening.explain import screen
from screening.explain.result import ScreeningResult
from screening.patient import Attestation, EventKind, Finding
from screening.report import FORMATS, render, workbook
from screening.ruleset import is_signed
from screening.ruleset.model import RuleSet
from screening.store import StoreError

REMARKS = 5
"""Remarks on the input that are shown on standard error; what is left out is always shown whole."""


@click.command("screen")
@click.argument("rules_path", metavar="RULES")
@click.argument("patients_path", metavar="PATIENTS")
@click.option("--on", required=True, metavar="DATE", callback=options.day, help="The screening date, YYYY-MM-DD.")
@click.option("--format", "form", type=click.Choice([*FORMATS, "xlsx"]), default="text", show_default=True)
@click.option("--max-age", metavar="DAYS|none", callback=options.days, help="How old a value may be.")
@click.option(
    "--assume-absent",
    metavar="LIST,...",
    default="",
    callback=options.lists,
    help=f"Lists whose silence means absence: {','.join(options.LISTS)}.",
)
@click.option("--attest", metavar="FILE", help="A person's answers to criteria (CSV or JSON).")
@click.option("--ranges", metavar="FILE", help="A laboratory's reference ranges (CSV or JSON).")
@click.option(
    "--anchor",
    "anchors",
    metavar="NAME=DATE",
    multiple=True,
    callback=options.anchors,
    help="The day of an event the trial counts from; repeatable.",
)
@click.option(
    "--compute",
    metavar="FORMULA",
    multiple=True,
    callback=options.formulas,
    help="A formula that may stand in for an unreported value; repeatable.",
)
@click.option("--require-signed", is_flag=True, help="Refuse rules that nobody signed as they are.")
@click.option(
    "-o", "--output", "target", metavar="FILE", help="Write there instead of to standard output; needed for xlsx."
)
def command(
    rules_path: str,
    patients_path: str,
    on: date,
    form: str,
    max_age: int | Literal["none"] | None,
    assume_absent: frozenset[EventKind],
    attest: str | None,
    ranges: str | None,
    anchors: dict[str, date],
    compute: tuple[str, ...],
    require_signed: bool,
    target: str | None,
) -> int:
    """Screen PATIENTS against RULES on a date.

    RULES is a rule file, or a registry document that is compiled on the fly (marked unsigned). PATIENTS is FHIR R4
    JSON or NDJSON, native JSON, a folder of them, or a store. Either may be "-": standard input.
    """
    if form == "xlsx" and target in (None, "-"):
        raise UnusableError("A workbook needs a file: give -o FILE.xlsx.")
    if rules_path == patients_path == "-":
        raise UnusableError("RULES and PATIENTS cannot both be standard input. Give one of them as a file.")
    rules = _rules(rules_path, require_signed)
    held = records.load(patients_path)
    output.warn_all(documents.idle_anchors(anchors, [rules]))
    answers = inputs.attestations(attest)
    output.warn_all(inputs.too_late(answers, on))
    result = screen(
        rules,
        output.progress(held.patients, "Screening"),
        on,
        max_age=max_age,
        assume_absent=records.sure(assume_absent, held.unsure),
        attestations=answers,
        ranges=inputs.ranges(ranges),
        anchors=anchors,
        compute=compute,
    )
    if form == "xlsx":
        output.write_bytes(_workbook(result), str(target))
    else:
        output.write(render(result, form, width=output.width()), target)
    return int(_report((*held.findings, *_unplaced(answers, result)), result, form))


def _workbook(result: ScreeningResult) -> bytes:
    try:
        return workbook(result)
    except StoreError as problem:  # a package is missing
        raise UnusableError(str(problem)) from problem


def _rules(path: str, require_signed: bool) -> RuleSet:
    with reading(path):
        rules = documents.to_screen(path)
    if require_signed and not is_signed(rules):
        who = rules.signature
        why = f"changed after {who.name} signed them on {who.date}" if who else "signed by nobody"
        raise UnusableError(f"{path}: these rules are {why}. Review them, then: screening sign {path}")
    return rules


def _unplaced(answers: Sequence[tuple[str, Attestation]], result: ScreeningResult) -> Iterator[Finding]:
    """Attestations that no screened patient or criterion took up."""
    criteria = {patient.id: {criterion.id for criterion in patient.criteria} for patient in result.patients}
    for who, answer in answers:
        if answer.trial not in (None, result.trial):
            continue
        if answer.criterion not in criteria.get(who, ()):
            yield Finding(
                "attestation for a patient or criterion that was not screened", f"{who} {answer.criterion}", lost=True
            )


def _report(found: Sequence[Finding], result: ScreeningResult, form: str) -> bool:
    """Names on standard error what was not used; whether anything was left out whole.

    What a report shows beside its patient is not repeated here, unless a whole row was lost.
    Tables have no place for it.
    """
    notes = [Finding(note.message, note.source, note.lost) for patient in result.patients for note in patient.findings]
    lost = output.left_out((*found, *notes))
    unseen = [*found, *notes] if form in ("csv", "xlsx") else found
    _remark([finding for finding in unseen if not finding.lost])
    return lost


def _remark(findings: Sequence[Finding]) -> None:
    """Names what was read but not used, as far as it is worth reading."""
    for finding in findings[:REMARKS]:
        output.warn(f"{finding.message} ({finding.source})")
    if len(findings) > REMARKS:
        output.warn(f"and {len(findings) - REMARKS} more remarks like these; --format text lists those on patients")
