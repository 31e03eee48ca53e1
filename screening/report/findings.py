"""What the linter has to say about documents: as lines, as JSON, and as SARIF for code scanning tools."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple
from urllib.parse import quote

from screening import __version__
from screening.linter import Check, Finding, Manner
from screening.ruleset import rules_hash
from screening.ruleset.model import RuleSet
from screening.text import Span

PROGRAM = f"screening {__version__}"

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Checked:
    """A file, its rules, and its findings with their places in *source*, the text of the file."""

    name: str
    rules: RuleSet
    findings: tuple[Finding, ...]
    source: str


class Place(NamedTuple):
    """Line and column of a character, both counted from 1, the column in Unicode code points."""

    line: int
    column: int


def render_findings(documents: Sequence[Checked], format: str = "text") -> str:
    """The findings of several documents in one of FINDING_FORMATS."""
    return FINDING_FORMATS[format](documents)


class _Lines:
    """Finds line and column in a text."""

    def __init__(self, raw: str) -> None:
        self._starts = [0, *accumulate(len(line) + 1 for line in raw.split("\n"))]

    def place(self, offset: int) -> Place:
        line = bisect_right(self._starts, offset)
        return Place(line, offset - self._starts[line - 1] + 1)


def _text(documents: Sequence[Checked]) -> str:
    return "".join(f"{line}\n" for document in documents for line in _document_lines(document))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _document_lines(document: Checked) -> list[str]:
    """The findings that stand, and a line that counts them and those a reviewer set aside."""
    lines = _Lines(document.source)
    found = [item for item in document.findings if not item.waiver]
    waived = f" ({len(document.findings) - len(found)} waived)" if len(found) < len(document.findings) else ""
    total = f"{_counted(len(found), 'finding')}{waived}; rules {rules_hash(document.rules)}; {PROGRAM}"
    return [*(_line(document.name, lines, item) for item in found), f"{document.name}: {total}"]


def _line(name: str, lines: _Lines, item: Finding) -> str:
    at = ":{}:{}".format(*lines.place(item.span.start)) if item.span else ""
    kind = " (question)" if item.check.kind is Manner.ASK else ""
    criterion = f" {item.criterion}:" if item.criterion else ""
    advice = f" Suggestion: {item.suggestion}" if item.suggestion else ""
    return f"{name}{at}: {item.check.severity.value}: {item.code}{kind}:{criterion} {item.message}{advice}"


def _json(documents: Sequence[Checked]) -> str:
    rows = [row for document in documents for row in _rows(document)]
    content = {"program": PROGRAM, "documents": [_head(document) for document in documents], "findings": rows}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _head(document: Checked) -> dict[str, str]:
    return {"file": document.name, "trial": document.rules.trial, "rules": rules_hash(document.rules)}


def _rows(document: Checked) -> list[dict[str, Any]]:
    lines = _Lines(document.source)
    return [_row(document, lines, item) for item in document.findings]


def _row(document: Checked, lines: _Lines, item: Finding) -> dict[str, Any]:
    place = lines.place(item.span.start) if item.span else None
    return {
        "file": document.name,
        "trial": document.rules.trial,
        "criterion": item.criterion,
        "criteria": list(item.criteria),
        "code": item.code,
        "kind": item.check.kind.value,
        "severity": item.check.severity.value,
        "message": item.message,
        "suggestion": item.suggestion or None,
        "span": list(item.span) if item.span else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "waived": item.waiver.reason if item.waiver else None,
    }


def _sarif(documents: Sequence[Checked]) -> str:
    """SARIF 2.1.0 (OASIS standard, 2020)."""
    used = {item.code: item.check for document in documents for item in document.findings}
    rules = [_sarif_rule(used[code]) for code in sorted(used)]
    places = {rule["id"]: index for index, rule in enumerate(rules)}
    results = [result for document in documents for result in _sarif_results(document, places)]
    driver = {"name": "screening", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _sarif_rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.code,
        "shortDescription": {"text": check.title},
        "defaultConfiguration": {"level": check.severity.value},
        "properties": {"kind": check.kind.value},
    }


def _sarif_results(document: Checked, places: dict[str, int]) -> list[dict[str, Any]]:
    lines = _Lines(document.source)
    return [_sarif_result(document.name, lines, item, places[item.code]) for item in document.findings]


def _sarif_result(name: str, lines: _Lines, item: Finding, index: int) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(name)}}
    if item.span:
        location["region"] = _region(lines, item.span)
    result: dict[str, Any] = {
        "ruleId": item.code,
        "ruleIndex": index,
        "level": item.check.severity.value,
        "message": {"text": f"{item.message} {item.suggestion}".strip()},
        "locations": [{"physicalLocation": location}],
        "properties": {"criteria": list(item.criteria)},
    }
    if item.waiver:
        result["suppressions"] = [{"kind": "inSource", "justification": item.waiver.reason}]
    return result


def _region(lines: _Lines, span: Span) -> dict[str, int]:
    start, end = lines.place(span.start), lines.place(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "charOffset": span.start,
        "charLength": span.end - span.start,
    }


FINDING_FORMATS: dict[str, Callable[[Sequence[Checked]], str]] = {"text": _text, "json": _json, "sarif": _sarif}
