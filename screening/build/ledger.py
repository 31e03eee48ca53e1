"""Nothing lost: every character of the eligibility text, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from screening.build.common.drafts import Draft
from screening.ruleset.model import LedgerEntry, Share
from screening.sections.model import Trial
from screening.text import Span


def ledger(trial: Trial, drafts: Sequence[Draft]) -> tuple[LedgerEntry, ...]:
    """Entries that cover the eligibility text whole, in order, without overlap. White space goes with its
    surroundings."""
    paints = _paints(trial, drafts)
    return tuple(entry for span in trial.eligibility for entry in _one(trial.raw, span, paints))


def _paints(trial: Trial, drafts: Sequence[Draft]) -> list[LedgerEntry]:
    """What each part of the text became, the later entries over the earlier ones."""
    paints = [LedgerEntry(span, Share.STRUCTURE) for span in trial.structure]
    paints += [entry for draft in drafts for entry in draft.painted()]
    return paints


def _one(raw: str, whole: Span, paints: Sequence[LedgerEntry]) -> Iterator[LedgerEntry]:
    """The entries of one stretch of text; its shares are held as one letter a character."""
    offset, last = whole
    letters = bytearray(b"." * (last - offset))
    for (start, end), share in paints:
        if start < last and end > offset:
            start, end = max(start, offset), min(end, last)
            letters[start - offset : end - offset] = _LETTERS[share] * (end - start)
    _fill(raw, whole, letters)
    for run in _RUNS.finditer(letters):
        start, end = run.span()
        yield LedgerEntry(Span(offset + start, offset + end), _SHARES[run[0][:1]])


def _fill(raw: str, whole: Span, letters: bytearray) -> None:
    """White space takes the share before it; any other character no rule claims was not understood."""
    unread = _LETTERS[Share.NOT_UNDERSTOOD]
    for gap in _UNPAINTED.finditer(bytes(letters)):
        start, end = gap.span()
        before = bytes(letters[start - 1 : start]) or _LETTERS[Share.STRUCTURE]
        words = raw[whole.start + start : whole.start + end]
        blank = words.isspace()
        letters[start:end] = (
            before * (end - start) if blank else b"".join(before if c.isspace() else unread for c in words)
        )


_LETTERS = {share: bytes((number,)) for number, share in enumerate(Share, ord("a"))}
_SHARES = {letter: share for share, letter in _LETTERS.items()}
_RUNS = re.compile(b"|".join(b"(?:%s)+" % letter for letter in _SHARES))
_UNPAINTED = re.compile(rb"\.+")


def shares(entries: Sequence[LedgerEntry]) -> dict[Share, float]:
    """The part of the text each share has, from 0 to 1."""
    total = sum(entry.span.end - entry.span.start for entry in entries) or 1
    return {share: sum(e.span.end - e.span.start for e in entries if e.share is share) / total for share in Share}


def shares_in_words(entries: Sequence[LedgerEntry]) -> str:
    """The shares in one line.

    >>> shares_in_words([LedgerEntry(Span(0, 3), Share.COMPILED), LedgerEntry(Span(3, 4), Share.NOT_UNDERSTOOD)])
    'compiled 75 %, judgement 0 %, advisory 0 %, structure 0 %, not understood 25 %'
    """
    return ", ".join(
        f"{share.replace('_', ' ')} {part:.0%}".replace("%", " %") for share, part in shares(entries).items()
    )
