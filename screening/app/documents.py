"""From a path to a trial or its rules: the functions behind `compile`, `sign`, `lint` and the RULES of `screen`."""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

from screening import ruleset
from screening.build import compile_trial
from screening.report.findings import findings
from screening.ruleset.model import RuleSet
from screening.sections import read_document
from screening.sections.model import Trial
from screening.text import Diagnostic

STANDARD_INPUT = "-"


def read(document: str | Path) -> Trial:
    """A registry document cut up into fields, sides and items; "-" is standard input."""
    if str(document) == STANDARD_INPUT:
        return _read_standard_input()
    return read_document(Path(document))


def _read_standard_input() -> Trial:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "standard-input.txt"
        path.write_bytes(sys.stdin.buffer.read())
        return read_document(path)


def compile(document: str | Path | Trial) -> RuleSet:
    """The rules of a registry document, unsigned."""
    return compile_trial(document if isinstance(document, Trial) else read(document))


def load(path: str | Path) -> RuleSet:
    """The rules of a rule file, or of a registry document compiled on the fly."""
    if str(path) != STANDARD_INPUT and Path(path).suffix == ".md":
        return ruleset.load(Path(path))
    return compile(path)


def lint(document: str | Path | Trial | RuleSet) -> tuple[Diagnostic, ...]:
    """What is unclear, assumed or contradictory in a document, in the order of its text."""
    return findings(document if isinstance(document, RuleSet) else compile(document))


def sign(path: str | Path, name: str, meaning: str, on: date) -> RuleSet:
    """Writes a signature over text and reading into a rule file; any later change shows."""
    signed = ruleset.sign(ruleset.load(Path(path)), name=name, meaning=meaning, on=on)
    Path(path).write_text(ruleset.write(signed), encoding="utf8")
    return signed
