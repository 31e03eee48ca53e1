"""The limits of a rule that can be moved, counted from 1 in the order of the text.

They are those of every comparison with a number, and the last level of each list of levels that begins at an end of its
scale ("ECOG 0 or 1").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from screening import variables
from screening.explain.phrases import phrase
from screening.lists.problems import ListError
from screening.predicates import Amount, Comparison, Multiple, OrdinalSet, Predicate, children, rebuilt
from screening.ruleset.model import Rule, RuleSet

Limited = Comparison | OrdinalSet

Path = tuple[int, ...]
"""The way from a predicate to one of its parts: which child, which child of that, …"""


@dataclass(frozen=True, slots=True)
class Movable:
    """A rule and the part of it whose limit moves."""

    rule: Rule
    path: Path
    part: Limited

    @property
    def number(self) -> Decimal:
        """The limit as the rule has it: the amount, the factor of a multiple, or the last level."""
        if isinstance(self.part, OrdinalSet):
            return _ends(self.part)[1]
        limit = self.part.limit
        return limit.factor if isinstance(limit, Multiple) else limit.value

    def at(self, number: Decimal, id: str) -> Rule:
        """The rule with another limit, under another id."""
        if isinstance(self.part, OrdinalSet):
            moved: Limited = replace(self.part, values=_levels(_ends(self.part)[0], number))
        else:
            moved = replace(self.part, limit=_moved(self.part.limit, number))
        return replace(self.rule, id=id, predicate=_put(self.rule.predicate, self.path, moved))


def _ends(part: OrdinalSet) -> tuple[Decimal, Decimal]:
    """The level at an end of the scale, which stays, and the one that moves."""
    least, most = min(part.values), max(part.values)
    return (least, most) if least == variables.catalogue()[part.variable].scale_min else (most, least)


def _levels(fixed: Decimal, moved: Decimal) -> tuple[Decimal, ...]:
    """Every whole level from one to the other.

    >>> _levels(Decimal(0), Decimal(2))
    (Decimal('0'), Decimal('1'), Decimal('2'))
    """
    low, high = sorted((fixed, moved))
    return tuple(low + step for step in range(int(high - low) + 1))


def _can_move(part: OrdinalSet) -> bool:
    """Whether the list is every level from an end of the scale to some level."""
    known = variables.catalogue()[part.variable]
    if not part.values or {min(part.values), max(part.values)}.isdisjoint({known.scale_min, known.scale_max}):
        return False
    return set(part.values) == set(_levels(min(part.values), max(part.values)))


def _moved(limit: Amount | Multiple, number: Decimal) -> Amount | Multiple:
    return replace(limit, factor=number) if isinstance(limit, Multiple) else replace(limit, value=number)


def _put(predicate: Predicate, path: Path, part: Predicate) -> Predicate:
    if not path:
        return part
    parts = list(children(predicate))
    parts[path[0]] = _put(parts[path[0]], path[1:], part)
    return rebuilt(predicate, parts)


def limited(predicate: Predicate, path: Path = ()) -> Iterator[tuple[Path, Limited]]:
    """Every part with a limit and the way to it, in the order of the text."""
    if isinstance(predicate, Comparison) or (isinstance(predicate, OrdinalSet) and _can_move(predicate)):
        yield path, predicate
    for at, part in enumerate(children(predicate)):
        yield from limited(part, (*path, at))


def movable(rules: RuleSet, which: str) -> Movable:
    """The limit that *which* names: "I6c" where the criterion has one, "I6c#2" for its second.

    Raises ListError, which names the limits there are.
    """
    id, numbered, number = which.partition("#")
    rule = next((rule for rule in rules.rules if rule.id == id), None)
    if rule is None:
        raise ListError(f"{which}: the rules have no criterion {id!r}. {_numeric(rules)}")
    found = list(limited(rule.predicate))
    if not found:
        raise ListError(f"{which}: no limit that is a number stands in this criterion. {_numeric(rules)}")
    if not numbered and len(found) == 1:
        return Movable(rule, *found[0])
    if not number.isdecimal() or not 1 <= int(number) <= len(found):
        raise ListError(f"{which}: name one limit of the criterion: {_choices(id, found)}.")
    return Movable(rule, *found[int(number) - 1])


def _numeric(rules: RuleSet) -> str:
    found = [rule.id for rule in rules.rules if any(True for _ in limited(rule.predicate))]
    return f"Take one of: {' '.join(found)}" if found else "None of these rules has one that could move."


def _choices(id: str, found: Sequence[tuple[Path, Limited]]) -> str:
    return ", ".join(f"{id}#{number} ({phrase(item)})" for number, (_, item) in enumerate(found, 1))
