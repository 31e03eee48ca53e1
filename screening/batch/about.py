"""What a result file says of itself in its metadata: enough to read it, and to decide one of its patients again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import screening
from screening.evaluate.attested import Answers
from screening.evaluate.context import BookRange, Context
from screening.patient.facts import EventKind
from screening.ruleset import resolve, rules_hash
from screening.ruleset.model import Rule, RuleSet

KEY = b"screening"
"""The key of the metadata in the Parquet file; its value is JSON."""


def about(
    trials: Sequence[RuleSet], context: Context, answers: Answers = (), store: str | None = None
) -> dict[str, Any]:
    """Program, date, rule hash and criteria of each trial, and the options that decide; it holds no patient's data.

    Of *answers* beside the store and of the *store* itself only what tells whether others are the same.
    """
    return {
        "program": f"screening {screening.__version__}",
        "on": context.on.isoformat(),
        "rules": {rules.trial: rules_hash(rules) for rules in trials},
        "criteria": {rules.trial: [_criterion(rule) for rule in resolve(rules).rules] for rules in trials},
        "options": _options(context),
        "answers": answers_hash(answers),
        "store": store,
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
        "ranges": [_book_row(row) for row in context.ranges],
    }


def _book_row(row: BookRange) -> dict[str, str]:
    """A row of the range book, without what it does not say."""
    return {name: str(value) for name, value in asdict(row).items() if value is not None}


def answers_hash(answers: Answers) -> str | None:
    """Tells files of answers apart, whatever the order of their rows; None for no answers."""
    if not answers:
        return None
    told = sorted(json.dumps([owner, *map(str, asdict(answer).values())]) for owner, answer in answers)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:12]


def asked_with(held: Mapping[str, Any], on: date) -> Context:
    """The options that a result names, for its screening date."""
    options = held.get("options", {})
    return Context(
        on,
        options.get("max_age"),
        frozenset(map(EventKind, options.get("assume_absent", ()))),
        {name: date.fromisoformat(day) for name, day in options.get("anchors", {}).items()},
        tuple(map(_range, options.get("ranges", ()))),
        compute=frozenset(options.get("compute", ())),
    )


_NUMBERS, _DAYS = ("low", "high", "age_from", "age_to"), ("valid_from", "valid_to")


def _range(row: Mapping[str, str]) -> BookRange:
    read: dict[str, Any] = dict.fromkeys(("low", "high", "unit")) | dict(row)
    read |= {name: Decimal(row[name]) for name in _NUMBERS if name in row}
    read |= {name: date.fromisoformat(row[name]) for name in _DAYS if name in row}
    return BookRange(**read)
