"""What the compiler has to say about documents: as lines, as JSON, and as SARIF for code scanning tools."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple
from urllib.parse import quote

from screening import __version__
from screening.ruleset import rules_hash
from screening.ruleset.model import RuleSet
from screening.text import Diagnostic, Kind, Severity, Span

PROGRAM = f"screening {__version__}"

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Checked:
    """A compiled document and the name of its file."""

    name: str
    rules: RuleSet


class Place(NamedTuple):
    """Line and column of a character, both counted from 1, the column in Unicode code points."""

    line: int
    column: int


def findings(rules: RuleSet) -> tuple[Diagnostic, ...]:
    """Every diagnostic of a trial, once, in the order of the text; those without a place come first."""
    everything = [*rules.diagnostics, *(item for rule in rules.rules for item in rule.diagnostics)]
    distinct = {(item.code, item.span, item.criterion, item.message): item for item in everything}
    return tuple(sorted(distinct.values(), key=lambda item: item.span or Span(-1, -1)))


def render_findings(documents: Sequence[Checked], format: str = "text") -> str:
    """The findings of several documents in one of FINDING_FORMATS."""
    return FINDING_FORMATS[format](documents)


def is_strict(item: Diagnostic) -> bool:
    """Whether `lint --strict` fails on it: notes decide nothing and never fail."""
    return item.severity is not Severity.NOTE


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
    lines = _Lines(document.rules.raw)
    found = findings(document.rules)
    total = f"{document.name}: {_counted(len(found), 'finding')}; rules {rules_hash(document.rules)}; {PROGRAM}"
    return [*(_line(document.name, lines, item) for item in found), total]


def _line(name: str, lines: _Lines, item: Diagnostic) -> str:
    at = ":{}:{}".format(*lines.place(item.span.start)) if item.span else ""
    kind = "" if item.kind is Kind.NOTE else f" ({item.kind.value})"
    criterion = f" {item.criterion}:" if item.criterion else ""
    advice = f" Suggestion: {item.suggestion}" if item.suggestion else ""
    return f"{name}{at}: {item.severity.value}: {item.code}{kind}:{criterion} {item.message}{advice}"


def _json(documents: Sequence[Checked]) -> str:
    rows = [_row(document, item) for document in documents for item in findings(document.rules)]
    content = {"program": PROGRAM, "documents": [_head(document) for document in documents], "findings": rows}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _head(document: Checked) -> dict[str, str]:
    return {"file": document.name, "trial": document.rules.trial, "rules": rules_hash(document.rules)}


def _row(document: Checked, item: Diagnostic) -> dict[str, Any]:
    return {
        "file": document.name,
        "trial": document.rules.trial,
        "criterion": item.criterion,
        "code": item.code,
        "kind": item.kind.value,
        "severity": item.severity.value,
        "message": item.message,
        "suggestion": item.suggestion,
        "span": list(item.span) if item.span else None,
    }


def _sarif(documents: Sequence[Checked]) -> str:
    """SARIF 2.1.0 (OASIS standard, 2020)."""
    results = [result for document in documents for result in _sarif_results(document)]
    codes = sorted({result["ruleId"] for result in results})
    driver = {"name": "screening", "version": __version__, "rules": [{"id": code} for code in codes]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _sarif_results(document: Checked) -> list[dict[str, Any]]:
    lines = _Lines(document.rules.raw)
    return [_sarif_result(document.name, lines, item) for item in findings(document.rules)]


def _sarif_result(name: str, lines: _Lines, item: Diagnostic) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(name)}}
    if item.span:
        location["region"] = _region(lines, item.span)
    message = f"{item.message} {item.suggestion or ''}".strip()
    return {
        "ruleId": item.code,
        "level": item.severity.value,
        "message": {"text": message},
        "locations": [{"physicalLocation": location}],
    }


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
