"""Limits whose number does not fit its unit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from screening import units, variables
from screening.language import print_flat
from screening.linter.model import Finding, finding
from screening.predicates import Amount, Assumption, Comparison, Predicate, children
from screening.resources import table
from screening.ruleset.model import Rule, RuleSet


def implausible_values(rules: RuleSet) -> Iterator[Finding]:
    """Limits no value comes near, and limits far from where trials put them that another unit would explain."""
    for rule in rules.rules:
        for atom in _stated(rule.predicate):
            yield from _implausible(rule, atom)


def _stated(made: Predicate) -> Iterator[Comparison]:
    """The comparisons with a unit of their own; a unit that is only assumed has its own finding."""
    if isinstance(made, Comparison):
        yield made
    elif not isinstance(made, Assumption) or made.code != "missing-unit":
        for part in children(made):
            yield from _stated(part)


def _implausible(rule: Rule, atom: Comparison) -> Iterator[Finding]:
    amount = atom.limit
    if not isinstance(amount, Amount) or amount.unit is None or amount.value == 0:
        return
    try:
        value = units.canonical(atom.variable, amount.value, amount.unit)
    except units.UnitError:
        return
    fitting = _fitting_units(atom.variable, amount)
    name = variables.catalogue()[atom.variable].name
    if _is_outside(value, variables.catalogue()[atom.variable].plausible) or (
        fitting and _is_far(atom.variable, value)
    ):
        other = f"{amount.value} {fitting[0]}" if fitting else f"a value of {name} that occurs"
        yield finding("implausible-value", atom.span, rule, limit=print_flat(atom), name=name, instead=other)


def _is_outside(value: Fraction, limits: tuple[Decimal, Decimal] | None) -> bool:
    return limits is not None and not Fraction(limits[0]) <= value <= Fraction(limits[1])


def _is_far(variable: str, value: Fraction) -> bool:
    """Whether a limit lies so far from where trials put limits on the variable that a slip of unit is likely."""
    typical = variables.catalogue()[variable].typical_limit
    if typical is None:
        return False
    factor = Fraction(table("lint")["settings"]["far"])
    low, high = Fraction(typical[0]), Fraction(typical[1])
    return value * factor < low or (high > 0 and value > high * factor)


def _fitting_units(variable: str, amount: Amount) -> list[str]:
    """The variable's other units in which the number lies where trials put limits."""
    typical = variables.catalogue()[variable].typical_limit
    if typical is None:
        return []
    others = [unit for unit in units.accepted(variable) if unit != amount.unit]
    return [unit for unit in others if not _is_outside(units.canonical(variable, amount.value, unit), typical)]
