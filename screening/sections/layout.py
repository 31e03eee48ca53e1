"""Lines of eligibility text: indents, blank lines, and whether a break was forced by the page width."""

from __future__ import annotations

import re
from dataclasses import dataclass

from screening.sections.markers import NUMBER, Marker, line_marker

_FIRST_WORD = re.compile(r"\S+")
_BARE = re.compile(r"(\d{1,2})[ \t]+(?=[^\W\d_])")
_FEWEST = 3  # lines that are counted off
_NARROW, _WIDE, _SLACK = 60, 125, 16  # page widths, in characters, at which registries break lines
_NESTING = 16  # characters that nested items, their indents lost, are narrower than the page


@dataclass(slots=True)
class Line:
    """One line without its indent; *forced*: the line above had no room for its first word, *full*: hardly any."""

    start: int
    end: int
    indent: int
    blank_before: bool
    forced: bool
    full: bool
    marker: Marker | None


def page_width(raw: str, start: int, end: int) -> int | None:
    """The width at which the lines of this text were broken by machine; None where each line is a paragraph."""
    texts = [line.rstrip() for line in raw[start:end].split("\n")]
    lengths = [len(text) for text in texts if text]
    width = max(lengths, default=0)
    if not _NARROW <= width <= _WIDE:
        return None
    full = sum(length >= width - _SLACK for length in lengths)
    broken = sum(text.lstrip()[:1].islower() for text in texts)
    return width if full >= max(3, len(lengths) // 5) and broken >= max(2, len(lengths) // 10) else None


def lines(raw: str, start: int, end: int, width: int | None) -> list[Line]:
    """The lines of raw[start:end] that hold text."""
    found: list[Line] = []
    line_start, blank, above_length = start, False, 0
    column = start - (raw.rfind("\n", 0, start) + 1)
    for line in raw[start:end].split("\n"):
        body = line.strip()
        if body:
            indent = len(line) - len(line.lstrip())
            first, column = line_start + indent, column + indent
            room = width - above_length - 1 - _word_length(body) if width and found and not blank else _WIDE
            marker = line_marker(raw, first, first + len(body))
            found.append(Line(first, first + len(body), column, blank, room < 0, room < _NESTING, marker))
            above_length = column + len(body)
        blank = not body
        line_start += len(line) + 1
        column = 0
    return _counted_off(raw, found)


def _counted_off(raw: str, found: list[Line]) -> list[Line]:
    """The lines with the bare numbers that count them off as markers: "1 Aged 18 to 75 years", "2 Smokers", "3 …".

    They are, where the bare numbers go up from 1 without a gap and open at least half of the lines.
    """
    numbered = [
        (line, match) for line in found if not line.marker and (match := _BARE.match(raw, line.start, line.end))
    ]
    counts = [int(match[1]) for _, match in numbered]
    if len(counts) < max(_FEWEST, len(found) / 2) or counts != list(range(1, len(counts) + 1)):
        return found
    for line, match in numbered:
        line.marker = Marker(line.start, match.end(1), match[1], "#", ((NUMBER, int(match[1])),))
    return found


def _word_length(body: str) -> int:
    match = _FIRST_WORD.match(body)
    return len(match[0]) if match else 0
