"""Findings about records: the same thing is said once, with how often it occurred."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from screening.patient.facts import Finding

PLACES = 20
"""Places that are named of what was left out for one and the same reason."""


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings of the same words become one with their number, at the first place; of what is lost, all places.

    >>> merged([Finding("unit not recognised: 'foo'", "line 1"), Finding("unit not recognised: 'foo'", "line 2")])
    (Finding(message="unit not recognised: 'foo' (2 times)", source='line 1', lost=False, rows=2),)
    """
    grouped: dict[tuple[str, bool], list[Finding]] = {}
    for finding in findings:
        grouped.setdefault((finding.message, finding.lost), []).append(finding)
    return tuple(_said(several) for several in grouped.values())


def _said(several: Sequence[Finding]) -> Finding:
    first, count = several[0], len(several)
    if count == 1:
        return first
    source = _places(several) if first.lost else first.source
    total = sum(finding.rows for finding in several)
    return replace(first, message=f"{first.message} ({count} times)", source=source, rows=total)


def _places(several: Sequence[Finding]) -> str:
    """The places, each once, the first `PLACES` of them by name.

    >>> _places([Finding("lost", f"line {number}") for number in range(1, 23)]).partition("line 20")[2]
    ' and 2 more'
    """
    listed = list(dict.fromkeys(finding.source for finding in several))
    more = f" and {len(listed) - PLACES} more" if len(listed) > PLACES else ""
    return ", ".join(listed[:PLACES]) + more
