"""The list below a rule: what was noted, the boxes by which a reviewer decides what is open, and what is waived.

- note repaired-superscript: 109/L read as 10⁹/L
  - instead: 1.5 × 10^9/L
- choice reversed-polarity (error): the limit admits sick patients and refuses healthy ones
- [ ] reversed-polarity: platelets — written
- [x] reversed-polarity: platelets — reversed
- waive window-without-anchor: the protocol counts from screening
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from screening.language import did_you_mean
from screening.predicates import Predicate
from screening.ruleset.decisions import CONFIRMED, DISMISSED, OpenPoint, open_points
from screening.ruleset.lines import DASH, Line, Source, from_inline, from_inline_pair, inline
from screening.ruleset.model import Waiver
from screening.text import Diagnostic, Kind, Severity

_DIAGNOSTIC = re.compile(rf"-\s+({'|'.join(Kind)})\s+([^\s:()]+)(?:\s+\(([^)]*)\))?:\s*(.*)")
_SUGGESTION = re.compile(r"\s+-\s+instead:\s*(.*)")
_WAIVER = re.compile(r"-\s+waive\s+([^\s:]+):\s*(.*)")
_BOX = re.compile(r"-\s+\[([ xX]?)\]\s+(.*)")
_ASSUMPTION_WORDS = ("confirm", "dismiss")
_GENERAL = "general"

Decision = tuple[tuple[str, str], str]  # (criterion, label), answer


class Box(NamedTuple):
    """One check box: line, whether it is ticked, the title of what it decides, the word of its answer."""

    number: int
    ticked: bool
    title: str
    word: str


class Remarks(NamedTuple):
    """What a list holds, each kind in its order."""

    diagnostics: tuple[Diagnostic, ...]
    boxes: list[Box]
    waivers: tuple[Waiver, ...]


# Writing


def write_diagnostics(diagnostics: tuple[Diagnostic, ...], owner: str | None) -> Iterator[str]:
    """The lines of *diagnostics* as they stand under the criterion *owner*, or in the header (None)."""
    for item in diagnostics:
        yield f"- {item.kind} {item.code}{_particulars(item, owner)}: {inline(item.message)}"
        if item.suggestion is not None:
            yield f"  - instead: {inline(item.suggestion)}"


def _particulars(item: Diagnostic, owner: str | None) -> str:
    """What differs from the usual: an unusual severity, a criterion other than the one it stands under."""
    severity = [item.severity.value] if item.severity is not _usual(item.kind) else []
    criterion = [] if item.criterion == owner else [f"of {item.criterion}" if item.criterion else _GENERAL]
    return f" ({', '.join(severity + criterion)})" if severity or criterion else ""


def write_waivers(waivers: tuple[Waiver, ...], owner: str | None) -> Iterator[str]:
    """The lines of those *waivers* that stand under the criterion *owner*, or in the header (None)."""
    yield from (f"- waive {item.code}: {inline(item.reason)}" for item in waivers if item.criterion == owner)


def _usual(kind: Kind) -> Severity:
    return Severity.NOTE if kind is Kind.NOTE else Severity.WARNING


def write_boxes(predicate: Predicate, answers: dict[str, str]) -> Iterator[str]:
    """A line for each answer to each open point, the given ones ticked."""
    for label, point in open_points(predicate).items():
        for word, answer in _box_words(point.answers).items():
            tick = "x" if answers.get(label) == answer else " "
            yield f"- [{tick}] {inline(point.title)}{DASH}{inline(word)}"


def _box_words(possible: tuple[str, ...]) -> dict[str, str]:
    """What the boxes of an assumption or choice say → the answer each stands for."""
    words = _ASSUMPTION_WORDS if possible == (CONFIRMED, DISMISSED) else possible
    return dict(zip(words, possible, strict=True))


# Reading


def read_list(source: Source, lines: list[Line], owner: str | None) -> Remarks:
    """Diagnostics, boxes and waivers."""
    diagnostics: list[Diagnostic] = []
    boxes: list[Box] = []
    waivers: list[Waiver] = []
    for line in lines:
        text = line.text.rstrip()
        if match := _DIAGNOSTIC.fullmatch(text):
            diagnostics.append(_read_diagnostic(source, line, match, owner))
        elif (match := _SUGGESTION.fullmatch(text)) and diagnostics:
            diagnostics[-1] = replace(diagnostics[-1], suggestion=from_inline(match[1]))
        elif match := _WAIVER.fullmatch(text):
            waivers.append(_read_waiver(source, line, match, owner))
        elif match := _BOX.fullmatch(text):
            boxes.append(Box(line.number, match[1] in ("x", "X"), *from_inline_pair(match[2])))
        elif text:
            raise source.error(line.number, "this line means nothing here", 'write a remark as "- note remark: ..."')
    return Remarks(tuple(diagnostics), boxes, tuple(waivers))


def _read_waiver(source: Source, line: Line, match: re.Match[str], owner: str | None) -> Waiver:
    if reason := from_inline(match[2]):
        return Waiver(match[1], reason, owner)
    raise source.error(line.number, f"the waiver of {match[1]} gives no reason", "write the reason behind the colon")


def _read_diagnostic(source: Source, line: Line, match: re.Match[str], owner: str | None) -> Diagnostic:
    kind, code, particulars, message = match.groups()
    severity, criterion = _usual(Kind(kind)), owner
    for word in (particulars or "").split(", ") if particulars else ():
        if word in set(Severity):
            severity = Severity(word)
        elif word == _GENERAL or word.startswith("of "):
            criterion = None if word == _GENERAL else word.removeprefix("of ")
        else:
            raise source.error(line.number, f"{word!r} is no severity", f"write one of {', '.join(Severity)}")
    return Diagnostic(code, Kind(kind), from_inline(message), severity=severity, criterion=criterion)


def read_decisions(source: Source, criterion: str, predicate: Predicate, boxes: list[Box]) -> tuple[Decision, ...]:
    """What the ticked boxes decide, in the order of the rule's open points."""
    points = open_points(predicate)
    labels = {point.title: label for label, point in points.items()}
    ticked: dict[str, str] = {}
    for box in boxes:
        label = _label(source, box, labels)
        answer = _answer(source, box, points[label])
        if box.ticked and label in ticked:
            raise source.error(box.number, f"two boxes of {box.title!r} are ticked", "tick one, or none")
        if box.ticked:
            ticked[label] = answer
    return tuple(((criterion, label), ticked[label]) for label in points if label in ticked)


def _label(source: Source, box: Box, labels: dict[str, str]) -> str:
    if box.title in labels:
        return labels[box.title]
    remedy = did_you_mean(box.title, labels, "delete the box, or put the assumption or choice back into the rule")
    raise source.error(box.number, f"the rule leaves nothing open that is named {box.title!r}", remedy)


def _answer(source: Source, box: Box, point: OpenPoint) -> str:
    words = _box_words(point.answers)
    if box.word in words:
        return words[box.word]
    raise source.error(box.number, f"{box.word!r} is no answer to {box.title!r}", f"write {' or '.join(words)}")
