"""Labels: references, markers, products and stages whose numbers state no limit, found by the patterns of rules/labels.

"RECIST version 1.1", "Section 5.3.2" add nothing; "BRAF V600E", "GSK2141795", "cT2-4 N0-2" are findings that a person
must attest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from screening.parse.pieces import Pieces
from screening.resources import table


class Label(NamedTuple):
    """A place of the clean text, and the token it is."""

    start: int
    end: int
    type: str
    value: str


@cache
def _pattern() -> tuple[re.Pattern[str], tuple[tuple[str, str], ...]]:
    kinds = table("labels")["label"]
    parts = [f"(?P<L{at}>{'|'.join(kind['patterns'])})" for at, kind in enumerate(kinds)]
    return re.compile("|".join(parts), re.IGNORECASE), tuple((kind["type"], kind.get("value", "")) for kind in kinds)


@cache
def _hint() -> tuple[re.Pattern[str], tuple[str, ...]]:
    hint = table("labels")["hint"]
    return re.compile(hint["pattern"]), tuple(hint["words"])


@cache
def _openers() -> frozenset[str]:
    return frozenset(table("labels")["hint"]["openers"])


def _may_hold(text: str) -> bool:
    """Whether a text holds what every label holds; a word is sought faster in a folded text than in any case."""
    pattern, words = _hint()
    if pattern.search(text):
        return True
    folded = text.casefold()
    for word in words:  # noqa: SIM110 -- a generator costs as much as the search, for every text
        if word in folded:
            return True
    return False


def _may_begin(text: str, kind: str) -> bool:
    """Whether a label may begin with a piece: of the signs, and the words in small letters, only the openers."""
    return text in _openers() or (kind != "sym" and not (text.islower() and text.isalpha()))


def labels(pieces: Pieces) -> Iterator[Label]:
    """The labels of a clean text that begin with one of its pieces, left to right, none overlapping.

    >>> [(found.type, found.value) for found in labels(Pieces("per RECIST 1.1, with BRAF V600E"))]
    [('GLUE', ''), ('CONCEPT', 'molecular_marker')]
    """
    if not _may_hold(pieces.text):
        return
    pattern, kinds = _pattern()
    done = 0
    for start, text, kind in zip(pieces.starts, pieces.texts, pieces.kinds, strict=True):
        if start < done or not _may_begin(text, kind):
            continue
        match = pattern.match(pieces.text, start)
        if match:
            kind, value = kinds[int((match.lastgroup or "L0")[1:])]
            done = match.end()
            yield Label(start, done, kind, value)
