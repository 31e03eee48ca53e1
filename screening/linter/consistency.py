"""A trial as a whole: criteria that nobody can pass together, and criteria that others make superfluous; both proved.

What the registry's own fields say is left out: they repeat the text, and `registry-differs` compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from screening.linter.model import Finding, finding, groups
from screening.predicates import (
    All,
    Always,
    Any,
    IfElse,
    Judgement,
    Not,
    NotUnderstood,
    Predicate,
    children,
    neutral,
    rebuilt,
)
from screening.proofs import Demand, idle, impossible
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side
from screening.text import Span

_OPEN = Judgement | NotUnderstood


def unsatisfiable(rules: RuleSet) -> Iterator[Finding]:
    """Several criteria of which each can be passed, but not all together."""
    for listed in groups(rules).values():
        demands = _demands(listed)
        chain = impossible([demand for demand in demands.values() if impossible([demand]) is None])
        if chain is not None:
            involved = _named(listed, chain)
            yield finding("nobody-can-pass", _place(involved[-1]), *involved, criteria=_words(chain))


def superfluous(rules: RuleSet) -> Iterator[Finding]:
    """Criteria that everybody passes who passes some others."""
    for listed in groups(rules).values():
        for item in idle(tuple(_demands(listed).values())):
            rule, *others = _named(listed, (item.id, *item.because))
            if _binds_some(rule.predicate):
                continue
            words = {"one": rule.id, "others": _words(item.because)}
            if others:
                yield finding("never-decides", _place(rule), rule, *others, **words)


def _demands(rules: Sequence[Rule]) -> dict[str, Demand]:
    """The criteria that a trial's own text makes, as far as they are understood."""
    binding = (rule for rule in rules if _binds(rule))
    return {rule.id: Demand(rule.id, rule.side, _in_context(rule)) for rule in binding}


def _in_context(rule: Rule) -> Predicate:
    """The criterion with its open words as those of its own sentence: "at baseline" or "12 weeks" are no question that
    another criterion asks too, unless the whole sentence is the same."""
    made = rule.predicate
    return made if isinstance(made, _OPEN) else _apart(made, rule.text)


def _apart(made: Predicate, sentence: str) -> Predicate:
    if isinstance(made, _OPEN):
        return replace(made, text=f"{sentence}: {made.text}")
    parts = children(made)
    return rebuilt(made, [_apart(part, sentence) for part in parts]) if parts else made


def _binds(rule: Rule) -> bool:
    own = rule.side is not Side.REGISTRY and rule.kind is not RuleKind.SUGGESTED
    return own and not neutral(rule.predicate) and not isinstance(rule.predicate, NotUnderstood)


def _binds_some(made: Predicate) -> bool:
    """Whether a criterion speaks of a group: a limit that relaxes another for the group decides, though not alone."""
    match made:
        case IfElse(_, _, otherwise):
            return isinstance(otherwise, Always)
        case Not(item):
            return _binds_some(item)
        case All(items) | Any(items):
            return any(_binds_some(item) for item in items)
        case _:
            return False


def _named(rules: Sequence[Rule], ids: Sequence[str]) -> list[Rule]:
    by_id = {rule.id: rule for rule in rules}
    return [by_id[name] for name in ids]


def _place(rule: Rule) -> Span | None:
    return rule.spans[0] if rule.spans else None


def _words(ids: Sequence[str]) -> str:
    """The ids as a list in words.

    >>> _words(("I1", "I2", "E3"))
    'I1, I2 and E3'
    """
    *first, last = ids
    return f"{', '.join(first)} and {last}" if first else last
