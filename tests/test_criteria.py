"""Golden readings: sentences of eligibility text, how they are read, and what is noted, in files a clinician can read.

A file of tests/criteria holds, after each quoted sentence with its side, the reading in the rule language (one part
a clause) and the kind and code of every diagnostic. `pytest tests/test_criteria.py --rewrite` writes the readings
anew; then read the diff. A sentence that carries a line "Known fault: …" states the right reading, which the program
does not give yet; it is left alone by the rewriting and fails the day it is read rightly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from screening.build import compile_trial, shares
from screening.language import parse_predicate, print_predicate
from screening.ruleset.model import RuleSet, Share
from screening.sections import read

FOLDER = Path(__file__).parent / "criteria"
FILES = sorted(FOLDER.glob("*.md"))
CASE = re.compile(
    r"^> \*\*(?P<side>Inclusion|Exclusion)\*\* (?P<sentence>.+)\n(?P<reading>(?:(?!^> |^#).*\n)*)", re.MULTILINE
)
FAULT = "Known fault: "


@dataclass(frozen=True)
class Case:
    side: str
    sentence: str
    reading: str

    @property
    def fault(self) -> bool:
        return FAULT in self.reading


def compiled(side: str, sentence: str) -> RuleSet:
    """The rule set of a document that holds this one criterion."""
    return compile_trial(read(f"{side} Criteria:\n\n1. {sentence}\n", "T"))


def reading(rules: RuleSet) -> str:
    """The golden text of a rule set: its readings, then its diagnostics."""
    printed = [print_predicate(rule.predicate) for rule in rules.rules] or ["(nothing)"]
    noted = dict.fromkeys(f"- {one.kind} {one.code}" for rule in rules.rules for one in rule.diagnostics)
    remarks = "\n" + "\n".join(noted) + "\n" if noted else ""
    return "\n```rule\n" + "\n\n".join(printed) + "\n```\n" + remarks


def cases(text: str) -> Iterator[Case]:
    for match in CASE.finditer(text):
        yield Case(match["side"], match["sentence"], match["reading"])


def rewritten(text: str) -> str:
    """The file with every reading anew, but for known faults."""

    def anew(match: re.Match[str]) -> str:
        if FAULT in match["reading"]:
            return match.group()
        return f"> **{match['side']}** {match['sentence']}\n{reading(compiled(match['side'], match['sentence']))}\n"

    return CASE.sub(anew, text).rstrip() + "\n"


def _golden() -> Iterator[Any]:
    for path in FILES:
        for case in cases(path.read_text(encoding="utf8")):
            yield pytest.param(case, id=f"{path.stem}: {case.sentence[:60]}")


CASES = list(_golden())


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.startswith(FAULT)]


@pytest.mark.parametrize("case", CASES)
def test_a_sentence_is_read_as_written_down(case: Case, request: pytest.FixtureRequest) -> None:
    if case.fault:
        request.applymarker(pytest.mark.xfail(reason=case.reading.strip().splitlines()[0]))
    assert _lines(reading(compiled(case.side, case.sentence))) == _lines(case.reading)


@pytest.mark.parametrize("case", CASES)
def test_a_golden_reading_is_in_the_rule_language(case: Case) -> None:
    block = case.reading.split("```rule\n")[1].split("```")[0]
    for one in re.split(r"\n\n(?=\S)", block.strip()):
        if one != "(nothing)":
            assert print_predicate(parse_predicate(one)) == one


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden_files_are_written_by_the_program(path: Path, *, rewrite: bool) -> None:
    text = path.read_text(encoding="utf8")
    if rewrite:
        path.write_text(rewritten(text), encoding="utf8")
    elif not any(case.fault for case in cases(text)):
        assert rewritten(text) == text


def test_every_sentence_stands_once() -> None:
    sentences = [(case.side, case.sentence) for path in FILES for case in cases(path.read_text(encoding="utf8"))]
    assert len(sentences) == len(set(sentences)) >= 150


def test_no_golden_sentence_is_lost() -> None:
    for path in FILES:
        for case in cases(path.read_text(encoding="utf8")):
            rules = compiled(case.side, case.sentence)
            covered = sum(entry.span.end - entry.span.start for entry in rules.ledger)
            assert covered == len(rules.raw) - rules.raw.index(case.sentence[0], len(case.side) + 10) or covered > 0
            assert shares(rules.ledger)[Share.NOT_UNDERSTOOD] <= 1
