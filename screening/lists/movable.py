"""The limits of a rule that can be moved: each comparison with a number, counted from 1 in the order of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from screening.explain.phrases import phrase
from screening.lists.problems import ListError
from screening.predicates import Amount, Comparison, Multiple, Predicate, children, rebuilt
from screening.ruleset.model import Rule, RuleSet

Path = tuple[int, ...]
"""The way from a predicate to one of its parts: which child, which child of that, …"""


@dataclass(frozen=True, slots=True)
class Movable:
    """A rule and the comparison in it whose limit moves."""

    rule: Rule
    path: Path
    comparison: Comparison

    @property
    def number(self) -> Decimal:
        """The limit as the rule has it: the amount, or the factor of a multiple."""
        limit = self.comparison.limit
        return limit.factor if isinstance(limit, Multiple) else limit.value

    def at(self, number: Decimal, id: str) -> Rule:
        """The rule with another limit, under another id."""
        moved = replace(self.comparison, limit=_moved(self.comparison.limit, number))
        return replace(self.rule, id=id, predicate=_put(self.rule.predicate, self.path, moved))


def _moved(limit: Amount | Multiple, number: Decimal) -> Amount | Multiple:
    return replace(limit, factor=number) if isinstance(limit, Multiple) else replace(limit, value=number)


def _put(predicate: Predicate, path: Path, part: Predicate) -> Predicate:
    if not path:
        return part
    parts = list(children(predicate))
    parts[path[0]] = _put(parts[path[0]], path[1:], part)
    return rebuilt(predicate, parts)


def comparisons(predicate: Predicate, path: Path = ()) -> Iterator[tuple[Path, Comparison]]:
    """Every comparison with the way to it, in the order of the text."""
    if isinstance(predicate, Comparison):
        yield path, predicate
    for at, part in enumerate(children(predicate)):
        yield from comparisons(part, (*path, at))


def movable(rules: RuleSet, which: str) -> Movable:
    """The limit that *which* names: "I6c" where the criterion has one, "I6c#2" for its second.

    Raises ListError, which names the limits there are.
    """
    id, numbered, number = which.partition("#")
    rule = next((rule for rule in rules.rules if rule.id == id), None)
    if rule is None:
        raise ListError(f"{which}: the rules have no criterion {id!r}. Take one of: {_numeric(rules)}")
    found = list(comparisons(rule.predicate))
    if not found:
        raise ListError(f"{which}: no limit that is a number stands in this criterion. Take one of: {_numeric(rules)}")
    if not numbered and len(found) == 1:
        return Movable(rule, *found[0])
    if not number.isdecimal() or not 1 <= int(number) <= len(found):
        raise ListError(f"{which}: name one limit of the criterion: {_choices(id, found)}.")
    return Movable(rule, *found[int(number) - 1])


def _numeric(rules: RuleSet) -> str:
    return " ".join(rule.id for rule in rules.rules if any(True for _ in comparisons(rule.predicate)))


def _choices(id: str, found: Sequence[tuple[Path, Comparison]]) -> str:
    return ", ".join(f"{id}#{number} ({phrase(item)})" for number, (_, item) in enumerate(found, 1))
