"""Nothing lost: every character of the eligibility text, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from screening.build.drafts import Draft
from screening.ruleset.model import LedgerEntry, Share
from screening.sections.model import Trial
from screening.text import Span


def ledger(trial: Trial, drafts: Sequence[Draft]) -> tuple[LedgerEntry, ...]:
    """Entries that cover the eligibility text whole, in order, without overlap. White space goes with its
    surroundings."""
    return tuple(entry for span in trial.eligibility for entry in _one(trial, span, drafts))


def _one(trial: Trial, whole: Span, drafts: Sequence[Draft]) -> Iterator[LedgerEntry]:
    shares: list[Share | None] = [None] * (whole.end - whole.start)
    paints = [LedgerEntry(span, Share.STRUCTURE) for span in trial.structure]
    paints += [entry for draft in drafts for entry in draft.painted()]
    for entry in paints:
        start, end = max(entry.span.start, whole.start), min(entry.span.end, whole.end)
        if start < end:
            shares[start - whole.start : end - whole.start] = [entry.share] * (end - start)
    _fill(trial.raw, whole, shares)
    yield from _runs(whole, shares)


def _fill(raw: str, whole: Span, shares: list[Share | None]) -> None:
    """White space takes the share before it; any other character no rule claims was not understood."""
    before = Share.STRUCTURE
    for at, share in enumerate(shares):
        if share is None:
            shares[at] = before if raw[whole.start + at].isspace() else Share.NOT_UNDERSTOOD
        else:
            before = share


def _runs(whole: Span, shares: list[Share | None]) -> Iterator[LedgerEntry]:
    begin = 0
    for at in range(1, len(shares) + 1):
        if at == len(shares) or shares[at] is not shares[begin]:
            share = shares[begin]
            assert share is not None
            yield LedgerEntry(Span(whole.start + begin, whole.start + at), share)
            begin = at


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
