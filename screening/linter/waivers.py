"""Findings that a reviewer has looked at and set aside, with the reason, in the rule file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from screening.linter.model import Finding, finding
from screening.ruleset.model import RuleSet, Waiver


def waived(rules: RuleSet, findings: list[Finding]) -> Iterator[Finding]:
    """The findings, those marked that a waiver covers; and the waivers that cover none."""
    marked = [replace(one, waiver=_waiver(rules.waivers, one)) for one in findings]
    yield from marked
    used = {one.waiver for one in marked}
    for waiver in rules.waivers:
        if waiver not in used:
            rule = next((rule for rule in rules.rules if rule.id == waiver.criterion), None)
            span = rule.spans[0] if rule and rule.spans else None
            yield finding("unused-waiver", span, *([rule] if rule else []), waived=waiver.code)


def _waiver(waivers: tuple[Waiver, ...], one: Finding) -> Waiver | None:
    """The first waiver of this code that stands in the header or under a criterion involved."""
    return next((w for w in waivers if w.code == one.code and w.criterion in (None, *one.criteria)), None)
