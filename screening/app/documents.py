"""From a path to a trial or its rules: the functions behind `compile`, `sign`, `lint` and the RULES of `screen`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from screening import ruleset
from screening.build import compile_trial
from screening.linter import Finding, placed
from screening.linter import lint as linted
from screening.predicates import anchors as named_in
from screening.report import Checked
from screening.ruleset.model import RuleSet
from screening.sections import DocumentError, Trial, read_document

RULE_FILE_SIGNS = ("\n```rule\n", "\n- Trial: ")
"""Either makes a Markdown file a rule file, also a damaged one; other Markdown is a document to compile."""


def read(document: str | Path) -> Trial:
    """A registry document cut up into fields, sides and items; "-" is standard input."""
    trial = read_document(document)
    if trial.raw.lstrip().startswith(("{", "[")):
        remedy = "give one study of the ClinicalTrials.gov API v2, or the registry page as text"
        raise DocumentError(f"{document}: JSON, but not a registry's study; {remedy}")
    return trial


def compile(document: str | Path | Trial) -> RuleSet:
    """The rules of a registry document, unsigned."""
    return compile_trial(document if isinstance(document, Trial) else read(document))


def load(path: str | Path) -> RuleSet:
    """The rules of a rule file, or of a registry document compiled on the fly."""
    return ruleset.load(path) if _is_rule_file(Path(path)) else compile(path)


def to_screen(path: str | Path) -> RuleSet:
    """The rules of a trial to screen by. Raises DocumentError for none: whom nothing is asked of, everything passes."""
    rules = load(path)
    if not rules.rules:
        raise DocumentError(f"{path}: no criterion in it; give the text with its inclusion and exclusion criteria")
    return rules


def idle_anchors(anchors: Iterable[str], trials: Sequence[RuleSet]) -> Iterator[str]:
    """Says which anchors no criterion counts from: a slip in a name would leave the window to the screening date."""
    named = {anchor for rules in trials for rule in rules.rules for anchor in named_in(rule.predicate)}
    for idle in sorted(set(anchors) - named):
        known = f"these rules count from {', '.join(sorted(named))}" if named else "these rules name no such day"
        yield f"--anchor {idle}: not used; {known}"


def _is_rule_file(path: Path) -> bool:
    if path.suffix != ".md" or not path.is_file():
        return False
    text = path.read_bytes().decode("utf8", errors="replace").replace("\r\n", "\n")
    return any(sign in text for sign in RULE_FILE_SIGNS)


def lint(document: str | Path | Trial | RuleSet) -> tuple[Finding, ...]:
    """What is unclear, assumed or contradictory in a document or rule file, in the order of its text."""
    match document:
        case RuleSet():
            return linted(document)
        case Trial():
            return linted(compile(document))
        case _:
            return check(document).findings


def check(path: str | Path) -> Checked:
    """The rules of a document or rule file with their findings, each at its place in the file."""
    if not _is_rule_file(Path(path)):
        return checked(path, compile(path))
    rules, text = ruleset.load(path), Path(path).read_text(encoding="utf-8-sig")
    return Checked(str(path), rules, placed(linted(rules), ruleset.places(text)), text)


def checked(path: str | Path, rules: RuleSet) -> Checked:
    """The findings of a document just compiled."""
    return Checked(str(path), rules, linted(rules), rules.raw)


def sign(path: str | Path, name: str, meaning: str, on: date) -> RuleSet:
    """Writes a signature over text, reading and decisions into a rule file; any later change of them shows."""
    ruleset.load(path)  # errors name the file
    file = Path(path)
    file.write_text(ruleset.sign_text(file.read_text(encoding="utf-8-sig"), name, meaning, on), encoding="utf8")
    return ruleset.load(path)
