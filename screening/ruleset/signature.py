"""Who answers for a rule file: a hash over text, reading and decisions, and a signature that names it.

Wrapping, indentation and notes do not enter the hash; any changed word, limit, decision or criterion does.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from enum import StrEnum
from hashlib import sha256

from screening.language import print_flat
from screening.ruleset.model import Rule, RuleSet, Signature

SHORT = 12  # hexadecimal digits of a hash as shown: 48 bits tell any number of rule files apart


class Status(StrEnum):
    """How far a rule file can be relied on."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    CHANGED = "changed"  # signed once, but not as it stands


def content_hash(rules: RuleSet) -> str:
    """SHA-256 of what the rules mean and of the text they were read from, in hexadecimal digits."""
    content: dict[str, object] = {
        "trial": rules.trial,
        "index": rules.index_conditions,
        "rules": [_content(rule) for rule in rules.rules],
        "decisions": sorted(rules.decisions),
    }
    if rules.waivers:
        content["waivers"] = sorted((item.criterion or "", item.code, item.reason) for item in rules.waivers)
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _content(rule: Rule) -> tuple[str | None, ...]:
    text = " ".join(rule.text.split())
    return rule.id, rule.side, rule.kind, rule.cohort, text, print_flat(rule.predicate)


def rules_hash(rules: RuleSet) -> str:
    """The short hash that every output names."""
    return content_hash(rules)[:SHORT]


def status(rules: RuleSet) -> Status:
    """Whether somebody signed these rules as they stand."""
    if rules.signature is None:
        return Status.UNSIGNED
    return Status.SIGNED if rules.signature.hash == content_hash(rules) else Status.CHANGED


def is_signed(rules: RuleSet) -> bool:
    """Whether the rules are signed and unchanged since."""
    return status(rules) is Status.SIGNED


def sign(rules: RuleSet, name: str, meaning: str, on: date) -> RuleSet:
    """The rules with a signature over what they say now, in place of any earlier one."""
    return replace(rules, signature=new_signature(rules, name, meaning, on))


def new_signature(rules: RuleSet, name: str, meaning: str, on: date) -> Signature:
    """A signature over what the rules say now."""
    return Signature(name, meaning, on.isoformat(), content_hash(rules))
