"""Doubts that the words of the sentence settle: where a careful reader knows what is meant, no question is put."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache

from screening.build.common.context import Reader
from screening.resources import table
from screening.text import Span

_STOP = re.compile(r"[.;:](?=\s)")


def settles(reader: Reader, kind: str, span: Span | None, *, whole: bool = True) -> bool:
    """Whether a word of this kind (rules/doubts.toml, [settled]) stands in the sentence of a doubt: up to the end of
    the place, or of the sentence if *whole*."""
    if span is None:
        return False
    return bool(_pattern(kind).search(_sentence(reader, span, whole=whole)))


def _sentence(reader: Reader, span: Span, *, whole: bool) -> str:
    text, starts = reader.text.text, reader.text.starts
    first, last = bisect_left(starts, span.start), bisect_left(starts, span.end)
    begin = max((stop.end() for stop in _STOP.finditer(text, 0, first)), default=0)
    if not whole:
        return text[begin:last]
    end = _STOP.search(text, last)
    return text[begin : end.start() if end else len(text)]


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile(table("doubts")["settled"][kind], re.IGNORECASE)
