"""What any input must survive, whatever it is: one function for each way into the program. Each raises AssertionError,
or whatever the program raised, where it does not."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from screening import ruleset
from screening.build import compile_trial, extract, windows
from screening.language import LanguageError, parse_predicate, print_predicate
from screening.linter import lint
from screening.patient import PatientInputError, read_patients
from screening.report import FINDING_FORMATS, Checked, render_findings
from screening.ruleset import RuleFileError
from screening.ruleset.model import RuleSet
from screening.sections import DocumentError, Trial, read, read_document


class GapError(AssertionError):
    """The ledger does not cover the text exactly once."""


def text(raw: str) -> None:
    """A text is read, compiled, linted and listed; every character is accounted for; every reading comes back."""
    compiled(read(raw, "T"))


def document(content: bytes, name: str = "T.txt", *, linted: bool = True) -> None:
    """The bytes of a file are read as a whole document, or refused in one line."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            trial = read_document(path)
        except DocumentError as error:
            one_line(str(error))
            return
    compiled(trial, linted=linted)


def compiled(trial: Trial, *, linted: bool = True) -> None:
    """What holds of every trial that could be cut up."""
    rules = compile_trial(trial)
    if missed := gaps(trial, rules):
        raise GapError("; ".join(missed))
    assert len({rule.id for rule in rules.rules}) == len(rules.rules)
    for row in [*extract(rules), *windows(rules)]:
        assert 0 <= row["span"][0] <= row["span"][1] <= len(rules.raw)
    for rule in rules.rules:
        assert parse_predicate(print_predicate(rule.predicate)) == rule.predicate
    if linted:
        _linted(rules)


def _linted(rules: RuleSet) -> None:
    found = lint(rules)
    for item in found:
        one_line(item.message)
        assert item.span is None or 0 <= item.span.start <= item.span.end <= len(rules.raw)
    for form in FINDING_FORMATS:
        assert render_findings([Checked("T", rules, found, rules.raw)], form)


def gaps(trial: Trial, rules: RuleSet) -> list[str]:
    """Where the ledger does not cover the eligibility text exactly once."""
    covered = sorted((entry.span.start, entry.span.end) for entry in rules.ledger)
    ranges = [(span.start, span.end) for span in trial.eligibility if span.start < span.end]
    found = [f"overlap at {second[0]}" for first, second in pairwise(covered) if first[1] > second[0]]
    found += [f"outside at {s}" for s, e in covered if not any(s >= low and e <= high for low, high in ranges)]
    if sum(end - start for start, end in covered) != sum(end - start for start, end in ranges):
        found.append("characters missing")
    return found


def predicate(words: str) -> None:
    """A rule is refused in words, or read; what was read is printed and read back the same."""
    try:
        made = parse_predicate(words)
    except LanguageError as error:
        words_only(str(error))
        return
    assert parse_predicate(print_predicate(made)) == made


def rule_file(words: str) -> None:
    """A rule file is refused in words, or read; what was read is written and read back the same."""
    try:
        rules = ruleset.read(words)
    except RuleFileError as error:
        one_line(str(error))
        return
    lint(rules)
    assert ruleset.content_hash(ruleset.read(ruleset.write(rules))) == ruleset.content_hash(rules)


def patients(content: bytes, name: str = "records.json") -> None:
    """Patient records are refused in one line, or read; what was left out is said in one line each."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            records = read_patients(path)
        except PatientInputError as error:
            one_line(str(error))
            return
        for finding in [*records.findings, *(one for patient in records for one in patient.findings)]:
            one_line(finding.message)


def words_only(message: str) -> None:
    """A message says something, and can be printed."""
    assert message.strip()
    assert message.encode("utf8", errors="backslashreplace")


def one_line(message: str) -> None:
    """A message is words, and stands in one line."""
    assert message.strip()
    assert len(message.splitlines()) == 1, message
