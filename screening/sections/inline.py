"""Lists inside a line, of which so many items are asked for: "At least two of the following: A, B, or C".

They are cut into items as a list of lines would be, so that each is read on its own and they can be counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from screening.resources import table
from screening.sections.nesting import Node, walk
from screening.text import Span

_NEXT_SENTENCE = re.compile(r"[.。]\s+(?=[A-Z(])")
_LABEL = re.compile(r"(?:^|(?<=[\s,;]))\(?(?P<label>[a-z]|[ivx]{1,4}|\d{1,2})\)\s*")
_FIRST = {"a", "i", "1"}
_SEMICOLON = re.compile(r"\s*;\s*(?:(?:and/or|and|or)\s+)?")
_COMMA = re.compile(r"\s*,\s+(?:(?:and/or|and|or)\s+)?")
_LAST = re.compile(r"\s+(?:and/or|and|or)\s+(?=[A-Za-z])")
_OXFORD = re.compile(r",\s+(?:and/or|and|or)\s")
_ENDS = re.compile(r"[\s,;]*(?:\b(?:and/or|and|or))?[\s.,;]*$")


def open_lists(raw: str, roots: list[Node]) -> list[Span]:
    """Cuts the lists inside the lines of *roots* into items below them; what parts them, as structure."""
    return [span for node in list(walk(roots)) for span in _opened(raw, node)]


def _opened(raw: str, node: Node) -> list[Span]:
    if node.children or len(node.spans) != 1:
        return []
    start, end = node.spans[0]
    head = _head().search(raw, start, end) if raw.find(":", start, end) >= 0 else None
    if head is None or _NEXT_SENTENCE.search(raw, head.end(), end):
        return []
    pieces = [piece for piece in _pieces(raw, head.end(), end) if piece.start < piece.end]
    if len(pieces) < 2:  # noqa: PLR2004 -- one thing is no list
        return []
    node.spans = [Span(start, head.end() - len(head["space"]))]
    node.children = [Node(None, [piece], cohort=node.cohort, heading=node.heading) for piece in pieces]
    return list(_between(node.spans[0].end, pieces, end, raw))


@cache
def _head() -> re.Pattern[str]:
    known = table("reading")["lists"]
    counts = "|".join(word for word, number in known["counts"].items() if number > 1)
    return re.compile(known["inline"].replace("COUNT", f"(?:{counts})") + r":(?P<space>\s*)(?=\S)", re.IGNORECASE)


def _pieces(raw: str, start: int, end: int) -> list[Span]:
    """The items: by their letters or numbers, else between semicolons, else between commas."""
    labelled = list(_counted_off(raw, start, end))
    if labelled:
        return [_trimmed(raw, begin, stop) for begin, stop in labelled]
    places = list(_apart(_SEMICOLON, raw, start, end)) or list(_apart(_COMMA, raw, start, end))
    cuts = [(start, start), *places]
    if not _OXFORD.search(raw, start, end) and (last := next(_apart(_LAST, raw, cuts[-1][1], end), None)):
        cuts.append(last)
    ends = [*(place for place, _ in cuts[1:]), end]
    return [_trimmed(raw, begin, stop) for (_, begin), stop in zip(cuts, ends, strict=True)]


def _counted_off(raw: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    found = list(_LABEL.finditer(raw, start, end))
    if len(found) < 2 or found[0].start() != start or found[0]["label"] not in _FIRST:  # noqa: PLR2004
        return
    for match, following in zip(found, [*found[1:], None], strict=True):
        yield match.end(), following.start() if following else end


def _apart(pattern: re.Pattern[str], raw: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where a pattern stands outside parentheses."""
    depth, counted = 0, start
    for match in pattern.finditer(raw, start, end):
        depth += raw.count("(", counted, match.start()) - raw.count(")", counted, match.start())
        counted = match.start()
        if depth <= 0:
            yield match.span()


def _trimmed(raw: str, start: int, end: int) -> Span:
    """An item without the marks and the connective that end it."""
    while start < end and raw[start].isspace():
        start += 1
    found = _ENDS.search(raw, start, end)
    return Span(start, found.start() if found else end)


def _between(start: int, pieces: Sequence[Span], end: int, raw: str) -> Iterator[Span]:
    """What stands between the items and behind the last."""
    for begin, stop in zip(
        [start, *(piece.end for piece in pieces)], [*(piece.start for piece in pieces), end], strict=True
    ):
        if raw[begin:stop].strip():
            yield Span(begin, stop)


__all__ = ["open_lists"]
