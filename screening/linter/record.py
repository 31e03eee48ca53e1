"""Checks of the whole record."""

from __future__ import annotations

from collections.abc import Iterator

from screening.linter.model import Finding, finding
from screening.ruleset.model import RuleSet


def several_cohorts(rules: RuleSet) -> Iterator[Finding]:
    """One record that screens for several cohorts at once."""
    first = {rule.cohort: rule for rule in reversed(rules.rules) if rule.cohort is not None}
    if len(first) > 1:
        rule = min(first.values(), key=rules.rules.index)
        names = ", ".join(dict.fromkeys(one.cohort for one in rules.rules if one.cohort is not None))
        yield finding(
            "several-cohorts", rule.spans[0] if rule.spans else None, rule, number=str(len(first)), names=names
        )
