"""The linter: what in a compiled trial is worth a second look before anybody is screened by it.

The compiler's own diagnostics are lifted; the other checks work on the predicates, limits by interval reasoning.
Codes, severities and sentences are in rules/lint.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from screening.linter.consistency import superfluous, unsatisfiable
from screening.linter.lifted import lifted
from screening.linter.limits import impossible_ranges, opposed_limits
from screening.linter.model import Check, Finding, Manner, checks
from screening.linter.polarity import reversed_limits
from screening.linter.record import several_cohorts
from screening.linter.registry import registry_differs
from screening.linter.values import implausible_values
from screening.linter.waivers import waived
from screening.ruleset import resolve
from screening.ruleset.model import RuleSet
from screening.text import Span

Pass = Callable[[RuleSet], Iterator[Finding]]
PASSES: tuple[Pass, ...] = (
    impossible_ranges,
    opposed_limits,
    registry_differs,
    implausible_values,
    reversed_limits,
    several_cohorts,
    unsatisfiable,
    superfluous,
)


_PAIRS = frozenset({"contradiction", "limits-overlap", "limits-gap", "duplicate-threshold"})
"""The findings that set the limits of two criteria against each other."""


def lint(rules: RuleSet) -> tuple[Finding, ...]:
    """Every finding once, in the order of the text; those without a place first. What a reviewer decided counts."""
    decided = resolve(rules)
    found = [*lifted(rules), *(one for check in PASSES for one in check(decided))]
    found = [one for one in found if not _told_already(one, found)]
    distinct = {(one.code, one.span, one.criteria, one.message): one for one in found}
    marked = waived(rules, list(distinct.values()))
    return tuple(sorted(marked, key=lambda one: one.span or Span(-1, -1)))


def _told_already(one: Finding, found: Iterable[Finding]) -> bool:
    """Whether a criterion that never decides beside another is one whose limit was set against that one's already."""
    pair = set(one.criteria)
    return one.code == "never-decides" and any(
        other.code in _PAIRS and len(pair) > 1 and pair == set(other.criteria) for other in found
    )


def placed(findings: Iterable[Finding], places: Mapping[str, Span]) -> tuple[Finding, ...]:
    """The findings of a rule file at the *places* of its criteria, in the order of the file."""
    found = (replace(one, span=places.get(one.criterion or "")) for one in findings)
    return tuple(sorted(found, key=lambda one: one.span or Span(-1, -1)))


__all__ = ["Check", "Finding", "Manner", "checks", "lint", "placed"]
