"""The time windows of a rule set, one row per event (`screening extract --windows`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any as Anything

from screening.build.rows import days
from screening.predicates import (
    Choice,
    Event,
    Except,
    Judgement,
    Not,
    NotUnderstood,
    Predicate,
    Presence,
    Result,
    Window,
    children,
)
from screening.resources import table
from screening.ruleset.model import Rule, RuleSet
from screening.sections.model import Side
from screening.text import Span

Row = dict[str, Anything]
_WORD = re.compile(r"[^\W\d_]{2,}")
_NAMELESS = frozenset(table("reading")["nameless"]["words"])


def windows(rules: RuleSet) -> list[Row]:
    """One row a window on an event, in the literal sense of the text; fields as the design gives them."""
    return [row for rule in rules.rules for row in _unique(_rule(rules, rule))]


def _rule(rules: RuleSet, rule: Rule) -> Iterator[Row]:
    for event, window, span, negated in _walk(rule.predicate, negated=False):
        where = span or (rule.spans[0] if rule.spans else Span(0, 0))
        number = days(window.duration)
        yield {
            "trial": rules.trial,
            "criterion": rule.id,
            "side": "exclusion" if rule.side is Side.EXCLUSION else "inclusion",
            "event": event,
            "relation": str(window.relation),
            "days": int(number) if number == int(number) else float(number),
            "anchor": window.anchor if window.stated else None,
            "negated": negated,
            "span": list(where),
            "text": " ".join(where.of(rules.raw).split()),
        }


def _walk(made: Predicate, *, negated: bool) -> Iterator[tuple[str, Window, Span | None, bool]]:
    match made:
        case Presence(term=term, window=Window() as window, span=span):
            yield term.concept, window, span, negated
        case Result(variable=variable, window=Window() as window, span=span):
            yield variable, window, span, negated
        case Judgement(event=Event() as event) | NotUnderstood(event=Event() as event) if _names_something(event.words):
            yield event.words, event.window, event.span, negated != event.negated
        case Not(item):
            yield from _walk(item, negated=not negated)
        case Except(base, exception):
            yield from _walk(base, negated=negated)
            yield from _walk(exception, negated=not negated)
        case Choice(readings=readings):
            yield from _walk(readings[0].predicate, negated=negated)
        case _:
            for part in children(made):
                yield from _walk(part, negated=negated)


def _names_something(words: str) -> bool:
    """Whether words name an event: numbers, single letters and words that only speak of time ("days 1 and 8",
    "afterwards") name none."""
    return any(word.casefold() not in _NAMELESS for word in _WORD.findall(words))


def _unique(rows: Iterator[Row]) -> Iterator[Row]:
    seen: set[str] = set()
    for row in rows:
        key = f"{row['event']} {row['relation']} {row['days']} {row['span']}"
        if key not in seen:
            seen.add(key)
            yield row
