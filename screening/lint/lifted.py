"""What the compiler said about single criteria, as findings, except what a reviewer has decided since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from screening.lint.model import Finding, checks, sentence
from screening.predicates import Assumption, Choice, Predicate, children
from screening.ruleset import resolve
from screening.ruleset.model import Rule, RuleSet
from screening.text import Diagnostic, Kind


def lifted(rules: RuleSet) -> Iterator[Finding]:
    """Every diagnostic once."""
    open_codes = {rule.id: _open_codes(rule.predicate) for rule in resolve(rules).rules}
    for item in rules.diagnostics:
        yield _lifted(item)
    for rule in rules.rules:
        for item in rule.diagnostics:
            if item.kind is Kind.NOTE or not _is_decided(rules, rule, item, open_codes.get(rule.id, set())):
                yield _lifted(item, rule)


def _is_decided(rules: RuleSet, rule: Rule, item: Diagnostic, still_open: set[str]) -> bool:
    answered = any(criterion == rule.id for (criterion, _), _ in rules.decisions)
    return answered and item.code not in still_open


def _open_codes(made: Predicate) -> set[str]:
    own = {made.code} if isinstance(made, Assumption | Choice) else set()
    return own.union(*map(_open_codes, children(made)))


def _lifted(item: Diagnostic, *rules: Rule) -> Finding:
    """In the compiler's own words; advice of its own goes before the rule's."""
    check = checks().get(item.code) or replace(checks()["remark"], code=item.code)
    advice = item.suggestion or ("" if "{" in check.suggestion else check.suggestion)
    place = item.span or next((rule.spans[0] for rule in rules if rule.spans), None)
    return Finding(check, sentence(item.message), sentence(advice), place, tuple(rule.id for rule in rules))
