"""What a result file says of itself in its metadata: enough to read it, and to decide one of its patients again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import screening
from screening.evaluate.context import Context
from screening.ruleset import resolve, rules_hash
from screening.ruleset.model import Rule, RuleSet

KEY = b"screening"
"""The key of the metadata in the Parquet file; its value is JSON."""


def about(trials: Sequence[RuleSet], context: Context) -> dict[str, Any]:
    """Program, date, rule hash and criteria of each trial, and the options that decide; it holds no patient's data."""
    return {
        "program": f"screening {screening.__version__}",
        "on": context.on.isoformat(),
        "rules": {rules.trial: rules_hash(rules) for rules in trials},
        "criteria": {rules.trial: [_criterion(rule) for rule in resolve(rules).rules] for rules in trials},
        "options": _options(context),
    }


def as_text(found: dict[str, Any]) -> str:
    """The same for the same: keys in order."""
    return json.dumps(found, sort_keys=True, ensure_ascii=False)


def _criterion(rule: Rule) -> dict[str, str | None]:
    return {"id": rule.id, "side": rule.side.value, "cohort": rule.cohort, "text": rule.text}


def _options(context: Context) -> dict[str, Any]:
    return {
        "max_age": context.max_age,
        "assume_absent": sorted(kind.value for kind in context.assume_absent),
        "anchors": {name: on.isoformat() for name, on in sorted(context.anchors.items())},
        "compute": sorted(context.compute),
    }
