"""Markers inside a paragraph: which of them open an item, and where prose without any is cut."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from screening.sections.markers import NUMBER, Marker, follows_number_word, is_product
from screening.sections.nesting import Outline
from screening.text import Span

_ENDED = re.compile(r"[.;:。；：!?][\s)\]\"'*_]*(?:(?:and|or|and/or)[\s,]*)?$|^\s*$", re.IGNORECASE)
_SENTENCE = re.compile(r"[;；]\s*|(?<=[a-z)\]%\d][.])\s+(?=[A-Z][a-z])|。\s*")
_LISTED = re.compile(r",\s*(?:(?:and/or|and|or)\s+)?$")
_AHEAD = 700  # characters in which the second of a run-in list must follow its first
_BEHIND = 14  # characters before a place that show whether the text above it had ended


def ended(raw: str, start: int, at: int) -> bool:
    """Whether raw[start:at] ends like a finished item: with a stop, perhaps "and", or it is empty."""
    return bool(_ENDED.search(raw, max(at - _BEHIND, start), at))


def sentences(raw: str, span: Span) -> list[Span]:
    """A paragraph cut after semicolons and full stops, but not inside parentheses."""
    pieces, at, counted, depth = [], span.start, span.start, 0
    for match in _SENTENCE.finditer(raw, *span):
        depth += raw.count("(", counted, match.start()) - raw.count(")", counted, match.start())
        counted = match.start()
        if depth <= 0:
            pieces.append(Span(at, match.start() + len(match[0].rstrip())))
            at, depth = match.end(), 0
    pieces.append(Span(at, span.end))
    return [piece for piece in pieces if piece.start < piece.end]


@dataclass(slots=True)
class RunIn:
    """Judges the markers inside the paragraphs of one side, raw[…:end]."""

    raw: str
    end: int
    outline: Outline
    numbers: dict[str, list[int]]  # where each printed number opens a line
    many_lines: bool  # whether several lines open with a marker

    def next_line(self, number: int, at: int) -> int:
        """Where *number* next opens a line after *at*; the end of the side if nowhere."""
        places = self.numbers.get(str(number), [])
        position = bisect_right(places, at)
        return places[position] if position < len(places) else self.end

    def accepts(self, marker: Marker, start: int, end: int) -> bool:
        """Whether a marker inside a paragraph opens an item: it must go on a list, or open one that goes on."""
        if marker.bullet:
            return self._accepts_bullet(marker, start)
        if self._opens_line_later(marker) or follows_number_word(
            self.raw, start, marker.start, enclosed=marker.style.endswith(")")
        ):
            return False
        strong = ended(self.raw, start, marker.start)
        if self.outline.continues(marker, same_style=not strong):
            counted = marker.options[0][0] == NUMBER or marker.style.endswith(")")
            return strong or (self._weak(marker, end) and counted)
        if self._second(marker) and (strong or self._weak(marker, end)):
            self.outline.number_first(marker)
            return True
        return marker.opens and strong and self._follow_up(marker) and not self._in_parentheses(marker, start)

    def _in_parentheses(self, marker: Marker, start: int) -> bool:
        start = max(start, marker.start - _AHEAD)
        return self.raw.count("(", start, marker.start) > self.raw.count(")", start, marker.start)

    def _second(self, marker: Marker) -> bool:
        """A run-in "2." whose "1." was lost, with "3." to follow."""
        roots = self.outline.roots
        if marker.text != "2" or self.outline.levels or len(roots) != 1 or roots[0].marker:
            return False
        return self.raw.find(marker.style.replace("#", "3"), marker.end, min(marker.end + _AHEAD, self.end)) >= 0

    def _accepts_bullet(self, marker: Marker, start: int) -> bool:
        if is_product(self.raw, marker):
            return False
        if marker.text not in "-–—*·":
            return True
        known = any(level.marker and level.marker.style == marker.style for level in self.outline.levels)
        if marker.text == "*":
            return known or ended(self.raw, start, marker.start)
        return known and not self.many_lines and self.raw[marker.end : marker.end + 2].strip()[:1].isupper()

    def _opens_line_later(self, marker: Marker) -> bool:
        """The same number opens one of the next lines: the one in the paragraph is no marker."""
        later = self.numbers.get(marker.text, [])
        position = bisect_right(later, marker.start)
        level = self.outline.levels[-1] if self.outline.levels else None
        return (
            position < len(later)
            and level is not None
            and later[position] - marker.start < 3 * _AHEAD
            and (level.marker is not None and not marker.opens)
        )

    def _weak(self, marker: Marker, end: int) -> bool:
        """Run-in numbers without punctuation before them need a capital or a comparison after them."""
        after = self.raw[marker.end : min(self.end, end + _BEHIND)].lstrip()[:1]
        if not after or marker.style == "#-":
            return False
        if after.isupper() or after in "≥≤<>" or not after.isascii():
            return True
        return self._stands(marker, 1, marker.end, marker.end + _AHEAD) or (
            marker.style.endswith(")") and self._stands(marker, -1, marker.start - _AHEAD, marker.start)
        )

    def _stands(self, marker: Marker, step: int, start: int, end: int) -> bool:
        """Whether the number after this one (*step* 1), or before it (-1), stands in raw[start:end]."""
        value = marker.value(NUMBER)
        other = marker.style.replace("#", str(value + step)) if value else ""
        return bool(other) and self.raw.find(f" {other} ", max(0, start), min(end, self.end)) >= 0

    def _follow_up(self, marker: Marker) -> bool:
        """Whether the second of this list stands near below, behind an item that has ended: a list between commas is
        read as one sentence."""
        second = {"1": "2", "a": "b", "i": "ii", "①": "②", "A": "B", "I": "II"}.get(marker.text)
        if second is None:
            return False
        printed = marker.style.replace("#", second).replace("a", second).replace("①", second)
        at = self.raw.find(printed, marker.end, min(marker.end + _AHEAD, self.end))
        return at >= 0 and not _LISTED.search(self.raw, max(marker.end, at - _BEHIND), at)
