"""Labels: references, markers, products and stages whose numbers state no limit, found by the patterns of rules/labels.

"RECIST version 1.1", "Section 5.3.2" add nothing; "BRAF V600E", "GSK2141795", "cT2-4 N0-2" are findings that a person
must attest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from screening.parse.words.pieces import Pieces
from screening.resources import table

_MACRO = re.compile(r"@(\w+)@")


class Label(NamedTuple):
    """A place of the clean text, and the token it is."""

    start: int
    end: int
    type: str
    value: str


_BEGINNINGS = ("capital", "small", "number", "sign")
_BEGINS = re.compile(r"\(\?#([a-z ]+)\)")
_LETTERS = ("capital", "small")

_Kinds = tuple[tuple[str, str], ...]


@cache
def _patterns() -> tuple[dict[str, re.Pattern[str]], _Kinds]:
    """The pattern of all labels that begin so, for each beginning: most fit at letters only; and what labels are."""
    kinds = table("labels")["label"]
    found = {beginning: re.compile("|".join(_parts(beginning)), re.IGNORECASE) for beginning in _BEGINNINGS}
    return found, tuple((kind["type"], kind.get("value", "")) for kind in kinds)


def _parts(beginning: str) -> Iterator[str]:
    """The patterns that begin so, those of one kind together, each named by the number of its kind."""
    macros = table("labels")["macros"]
    for at, kind in enumerate(table("labels")["label"]):
        if fitting := [pattern for pattern in kind["patterns"] if beginning in beginnings(pattern)]:
            yield f"(?P<L{at}>{_whole(fitting, macros)})"


def beginnings(pattern: str) -> Sequence[str]:
    """What a pattern of rules/labels may begin with, as the comment at its head says.

    >>> beginnings("(?#number sign)[<≤]?5"), beginnings("RECIST")
    (['number', 'sign'], ('capital', 'small'))
    """
    said = _BEGINS.match(pattern)
    return said[1].split() if said else _LETTERS


@lru_cache(maxsize=1 << 14)
def _beginning(text: str) -> str:
    """What a piece begins with."""
    first = text[0]
    return "number" if first.isdecimal() else "capital" if first.isupper() else "small" if first.islower() else "sign"


def _whole(patterns: Iterable[str], macros: Mapping[str, str]) -> str:
    """The patterns of one kind as one, each "@name@" in them as the pattern it stands for."""
    return _MACRO.sub(lambda found: macros[found[1]], "|".join(patterns))


@cache
def _hint() -> tuple[re.Pattern[str], tuple[str, ...]]:
    hint = table("labels")["hint"]
    return re.compile(hint["pattern"]), tuple(hint["words"])


@cache
def _after_names() -> tuple[str, ...]:
    return tuple(table("labels")["hint"]["after_names"])


@cache
def _openers() -> frozenset[str]:
    return frozenset(table("labels")["hint"]["openers"])


def _holds(folded: str, words: Iterable[str]) -> bool:
    """Whether a folded text holds one of the words: they are sought faster so than in any case."""
    for word in words:  # noqa: SIM110 -- a generator costs as much as the search, for every text
        if word in folded:
            return True
    return False


_NEVER, _AS_NAME, _ANYWHERE = range(3)


@lru_cache(maxsize=1 << 14)
def _may_begin(text: str, kind: str) -> int:
    """Where a label may begin with a piece: of the signs and the plain words, only the openers; a plain word with one
    capital may be a name."""
    if text.lower() in _openers():
        return _ANYWHERE
    if kind == "sym" or (text.isalpha() and text.islower()):
        return _NEVER
    return _AS_NAME if text.isalpha() and text[1:].islower() else _ANYWHERE


def labels(pieces: Pieces) -> Iterator[Label]:
    """The labels of a clean text that begin with one of its pieces, left to right, none overlapping.

    >>> [(found.type, found.value) for found in labels(Pieces("per RECIST 1.1, with BRAF V600E"))]
    [('GLUE', ''), ('CONCEPT', 'molecular_marker')]
    """
    hint, words = _hint()
    folded = pieces.text.casefold()
    if not hint.search(pieces.text) and not _holds(folded, words):
        return
    least = _AS_NAME if _holds(folded, _after_names()) else _ANYWHERE
    patterns, kinds = _patterns()
    done = 0
    for start, text, kind in zip(pieces.starts, pieces.texts, pieces.kinds, strict=True):
        if start < done or _may_begin(text, kind) < least:
            continue
        match = patterns[_beginning(text)].match(pieces.text, start)
        if match:
            kind, value = kinds[int((match.lastgroup or "L0")[1:])]
            done = match.end()
            yield Label(start, done, kind, value)
