"""How tests of reading come from a text to what was read: a whole side, one sentence, one predicate, its parts."""

from __future__ import annotations

from screening.build import compile_trial
from screening.predicates import Predicate, children
from screening.ruleset.model import RuleSet
from screening.sections import read


def compiled(lines: str, side: str = "Inclusion") -> RuleSet:
    """The rules of lines as they stand below the heading of a side."""
    return compile_trial(read(f"{side} Criteria:\n\n{lines}\n", "T"))


def sentence(text: str, side: str = "Inclusion") -> RuleSet:
    """The rules of one numbered item."""
    return compiled(f"1. {text}", side)


def reading(text: str, side: str = "Inclusion") -> Predicate:
    """The predicate of an item that makes one rule and no more."""
    found = [rule for rule in sentence(text, side).rules if rule.id[0] != "R"]
    assert len(found) == 1, [rule.text for rule in found]
    return found[0].predicate


def nodes(made: Predicate) -> list[Predicate]:
    """A predicate and all its parts, the whole before its parts."""
    return [made, *(node for part in children(made) for node in nodes(part))]


def codes(text: str, side: str = "Inclusion") -> set[str]:
    """The codes of what was unclear in one item."""
    return {one.code for made in sentence(text, side).rules for one in made.diagnostics}
