"""Computed values in place of reported ones: where the text names a formula, or the user allows one.

Text names a formula: computed, a measured value is shown and not used. No formula named: the reported value, computed
only if there is none and the user names a formula.
"""

from __future__ import annotations

from collections.abc import Callable

from screening import variables
from screening.evaluate.chart import Chart
from screening.evaluate.context import Context
from screening.evaluate.outcome import Outcome, Reason, unknown
from screening.predicates import Comparison

Judge = Callable[[Chart], Outcome]


def formula_for(predicate: Comparison, context: Context) -> str | None:
    """The formula by which the variable may be computed here."""
    known = variables.catalogue()[predicate.variable].formulas
    if predicate.method is not None:
        return predicate.method if predicate.method in known else None
    return next((formula for formula in known if formula in context.compute), None)


def derived(predicate: Comparison, context: Context, reported: Judge) -> Judge:
    """The judge of a computed value."""
    return lambda chart: unknown(predicate, Reason.MISSING)
