"""Findings about records: the same thing is said once, with how often it occurred."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from screening.patient.facts import Finding


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings of the same words become one, at the first place, with their number.

    >>> merged([Finding("unit not recognised: 'foo'", "line 1"), Finding("unit not recognised: 'foo'", "line 2")])
    (Finding(message="unit not recognised: 'foo' (2 times)", source='line 1', lost=False),)
    """
    counted: dict[tuple[str, bool], tuple[Finding, int]] = {}
    for finding in findings:
        first, count = counted.get((finding.message, finding.lost), (finding, 0))
        counted[finding.message, finding.lost] = (first, count + 1)
    return tuple(_said(first, count) for first, count in counted.values())


def _said(first: Finding, count: int) -> Finding:
    return first if count == 1 else replace(first, message=f"{first.message} ({count} times)")
