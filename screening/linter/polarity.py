"""Limits that let in the sick and keep out the healthy where the record seems to mean the opposite."""

from __future__ import annotations

from collections.abc import Iterator

from screening import variables
from screening.language import print_flat
from screening.linter.model import Finding, finding
from screening.predicates import (
    Any,
    Comparison,
    Multiple,
    OneMethod,
    Op,
    Predicate,
    Reference,
)
from screening.ruleset.model import Rule, RuleSet
from screening.sections.model import Side

_UPWARD = (Op.GT, Op.GE)
_TURNED = {Op.LT: ">", Op.LE: "≥", Op.GT: "<", Op.GE: "≤"}


def reversed_limits(rules: RuleSet) -> Iterator[Finding]:
    """Exclusions of everybody with a normal value, by the limit itself and by which end of the variable is adverse."""
    for rule in rules.rules:
        if rule.side is Side.EXCLUSION:
            for atom in _excluding(rule.predicate, truth=True):
                if _keeps_out_normal(atom):
                    yield _finding(rule, atom)


def _finding(rule: Rule, atom: Comparison) -> Finding:
    name = variables.catalogue()[atom.variable].name
    return finding("reversed-polarity", atom.span, rule, limit=print_flat(atom), name=name, op=_TURNED[atom.op])


def _excluding(made: Predicate, *, truth: bool) -> Iterator[Comparison]:
    """The comparisons that by themselves exclude: alternatives of the criterion, not its conditions or exceptions."""
    match made:
        case Comparison() if truth:
            yield made
        case Any(items) | OneMethod(_, items) if truth:
            for item in items:
                yield from _excluding(item, truth=True)
        case _:
            return


def _keeps_out_normal(atom: Comparison) -> bool:
    """Whether every normal value falls under an exclusion on the side that is no danger."""
    adverse = variables.catalogue()[atom.variable].adverse
    limit = atom.limit
    if isinstance(limit, Multiple):
        if adverse == "high" and limit.of is Reference.ULN:
            return atom.op in (Op.LT, Op.LE) and limit.factor >= 1
        return adverse == "low" and limit.of is Reference.LLN and atom.op in _UPWARD and limit.factor <= 1
    return False
