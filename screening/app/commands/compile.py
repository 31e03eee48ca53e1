"""`screening compile`."""

from __future__ import annotations

import click

from screening.app import documents, output
from screening.app.problems import reading
from screening.build.ledger import shares_in_words
from screening.report import render_findings
from screening.ruleset import to_json, write


@click.command("compile")
@click.argument("document", metavar="DOC")
@click.option("-o", "--output", "target", metavar="FILE", help="Write there instead of to standard output.")
@click.option("--json", "as_json", is_flag=True, help="Write the compiled rules as JSON.")
def command(document: str, target: str | None, as_json: bool) -> None:
    """Compile the registry document DOC ("-": standard input) into a rule file to review.

    DOC is a ClinicalTrials.gov study (API JSON or page text), an IRCT protocol, a MedPath page, or plain text with
    inclusion and exclusion headings. What was repaired, assumed, ambiguous or not understood goes to standard error,
    and last what share of the text was compiled, is left to judgement, is advisory, is structure, was not understood.
    """
    with reading(document):
        rules = documents.compile(document)
    output.write(to_json(rules) if as_json else write(rules), target)
    click.echo(render_findings([documents.checked(document, rules)]), nl=False, err=True)
    click.echo(f"{document}: {shares_in_words(rules.ledger)} of the text", err=True)
