"""What the compiler said about single criteria, as findings, except what a reviewer has decided since."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from screening.linter.model import Check, Finding, checks, sentence, words_of
from screening.predicates import Assumption, Choice, Predicate, children
from screening.ruleset import resolve
from screening.ruleset.model import Rule, RuleSet
from screening.text import Diagnostic, Kind


def lifted(rules: RuleSet) -> Iterator[Finding]:
    """Every diagnostic; an assumption or choice only while it is open, be it decided by a box or by an edited rule."""
    still_open = {rule.id: _open_codes(rule.predicate) for rule in resolve(rules).rules}
    for item in rules.diagnostics:
        yield _lifted(item)
    for rule in rules.rules:
        for item in rule.diagnostics:
            stands = item.kind is Kind.NOTE or item.code in still_open.get(rule.id, set())
            if stands and _fits(rules, rule, item):
                yield _lifted(item, rule)


def _open_codes(made: Predicate) -> set[str]:
    own = {made.code} if isinstance(made, Assumption | Choice) else set()
    return own.union(*map(_open_codes, children(made)))


def _fits(rules: RuleSet, rule: Rule, item: Diagnostic) -> bool:
    """Whether the text at the place is such as the linter's rule is for."""
    check = checks().get(item.code)
    return check is None or bool(re.search(check.needs, words_of(rules, item.span, rule)))


def _advice(check: Check, own: str | None) -> str:
    """The compiler's own advice, in the words around it that the rule has, if it has any; else the rule's."""
    if own and "{" not in check.suggestion:
        return own
    return re.sub(r"\{\w+\}", own or "…", check.suggestion)


def _lifted(item: Diagnostic, *rules: Rule) -> Finding:
    """In the compiler's own words; advice of its own goes before the rule's."""
    check = checks().get(item.code) or replace(checks()["remark"], code=item.code)
    advice = _advice(check, item.suggestion)
    place = item.span or next((rule.spans[0] for rule in rules if rule.spans), None)
    return Finding(check, sentence(item.message), sentence(advice), place, tuple(rule.id for rule in rules))
