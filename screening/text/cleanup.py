"""Repairs the writing of a text (escapes, superscripts, other scripts' digits) and keeps the way back.

Superscripts go first: NFKC would turn 10⁹ into 109. Every clean character knows its raw place.
"""

from __future__ import annotations

import re
import string
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import field
from functools import cache
from typing import NamedTuple

from screening.records import record
from screening.resources import table
from screening.text.spans import Span

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SUPERSCRIPT_RUN = "[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+"


@record(frozen=True, slots=True)
class CleanText:
    """A repaired text; its i-th character stands for the raw characters *starts*[i] to *ends*[i]."""

    text: str
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)
    repaired: tuple[Span, ...] = ()

    def raw_span(self, start: int, end: int) -> Span:
        r"""The raw place of clean characters *start* to *end*.

        >>> clean("ANC \\> 5").raw_span(4, 5)
        Span(start=4, end=6)
        """
        if start < end:
            return Span(self.starts[start], self.ends[end - 1])
        at = self.starts[start] if start < len(self.starts) else self.ends[-1] if self.ends else 0
        return Span(at, at)

    def at(self, raw: int) -> int:
        r"""The first clean character that stands for the raw place *raw* or for one behind it.

        >>> clean("ANC \\> 5").at(5), clean("ANC > 5").at(4)
        (5, 4)
        """
        starts = self.starts
        if isinstance(starts, range):  # nothing was repaired: no need to search
            return min(max(raw - starts.start, 0), len(starts))
        return bisect_left(starts, raw)


@cache
def _pattern() -> re.Pattern[str]:
    sequences = sorted(_sequences(), key=len, reverse=True)
    first = "".join({re.escape(sequence[0]) for sequence in sequences})
    return re.compile(
        rf"(?=[{first}\x80-\U0010ffff])(?:"  # elsewhere none of the others is tried
        rf"(?P<symbol>(?<=\s)³(?=\s*\d))|(?P<sequence>{'|'.join(map(re.escape, sequences))})"
        rf"|(?P<power>(?<=10){_SUPERSCRIPT_RUN})|(?P<super>{_SUPERSCRIPT_RUN})|(?P<other>[^\x00-\x7f]))"
    )


@cache
def _odd() -> re.Pattern[str]:
    """What a repair begins with: a rare character, or the whole of a sequence that begins like any word; most texts
    have none."""
    begun = {sequence: sequence[0].isascii() and sequence[0] not in string.punctuation for sequence in _sequences()}
    rare = "".join({re.escape(sequence[0]) for sequence, common in begun.items() if not common})
    common = [re.escape(sequence) for sequence, common in begun.items() if common]
    return re.compile("|".join([rf"[{rare}\x80-\U0010ffff]", *common]))


@cache
def _sequences() -> dict[str, str]:
    return dict(table("cleanup")["sequences"])


@cache
def _character(char: str) -> str:
    """One non-ASCII character, folded: the data first, then digits of any script, then NFKC."""
    known = table("cleanup")["characters"].get(char)
    if known is not None:
        return str(known)
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if char.isspace():
        return " "
    return unicodedata.normalize("NFKC", char) or char


def _replacement(match: re.Match[str]) -> str:
    found = match.group()
    match match.lastgroup:
        case "symbol":
            return "≥"
        case "power":
            return "^" + found.translate(_SUPERSCRIPTS)
        case "super":
            return found.translate(_SUPERSCRIPTS)
        case "sequence":
            return _sequences()[found]
        case _:
            return _character(found)


def clean(raw: str, spans: Sequence[Span] | None = None) -> CleanText:
    r"""Repairs *raw*, or the pieces of it at *spans* joined by single spaces; places stay places in *raw*.

    >>> clean("PLT≥100×10⁹/L").text
    'PLT≥100×10^9/L'
    >>> clean("Hb \\> 10 ，WBC").text
    'Hb > 10 ,WBC'
    """
    places = [Span(0, len(raw))] if spans is None else spans
    repairs = [_repairs(raw, place) for place in places]
    if len(places) == 1 and not repairs[0]:  # places differ by a constant
        start, end = places[0]
        text = raw[start:end]
        return CleanText(text, range(start, start + len(text)), range(start + 1, start + len(text) + 1))
    work = _Work([], [], [], [])
    for span, found in zip(places, repairs, strict=True):
        if work.pieces:
            work.put(" ", Span(work.ends[-1], span.start) if work.ends else span)
        _clean_piece(raw, span, found, work)
    return CleanText("".join(work.pieces), work.starts, work.ends, tuple(work.repaired))


class _Work(NamedTuple):
    pieces: list[str]
    starts: list[int]
    ends: list[int]
    repaired: list[Span]

    def put(self, new: str, place: Span) -> None:
        self.pieces.append(new)
        self.starts.extend([place.start] * len(new))
        self.ends.extend([place.end] * len(new))

    def copy(self, raw: str, start: int, end: int) -> None:
        self.pieces.append(raw[start:end])
        self.starts.extend(range(start, end))
        self.ends.extend(range(start + 1, end + 1))


def _repairs(raw: str, span: Span) -> list[tuple[re.Match[str], str]]:
    """What is to be replaced, and by what; most texts hold nothing of the kind, or only signs that stay ("≥")."""
    if not _odd().search(raw, *span):
        return []
    found = [(match, _replacement(match)) for match in _pattern().finditer(raw, *span)]
    return [(match, new) for match, new in found if new != match.group()]


def _clean_piece(raw: str, span: Span, repairs: list[tuple[re.Match[str], str]], work: _Work) -> None:
    at = span.start
    for match, new in repairs:
        place = Span(match.start(), match.end())
        work.copy(raw, at, place.start)
        work.put(new, place)
        if match.lastgroup != "other":
            work.repaired.append(place)
        at = place.end
    work.copy(raw, at, span.end)
