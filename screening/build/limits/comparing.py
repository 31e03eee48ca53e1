"""Comparisons whose direction the quantity tells, not the word: "ECOG 2 or better", "vision worse than 0.3 logMAR"."""

from __future__ import annotations

from dataclasses import replace

from screening.build.common.context import Reader
from screening.build.limits.unstated import Typed
from screening.parse.trees.tree import Bound
from screening.predicates import Choice, Op, Predicate, Reading
from screening.resources import table
from screening.text import Kind
from screening.variables import Variable

_QUALITY = {kind: frozenset(words) for kind, words in table("reading")["quality"].items()}


def by_quality(variable: Variable, bound: Bound) -> Bound:
    """The bound with the sign that "better" or "worse" means for a quantity of which more is good, or bad."""
    if bound.op is None or bound.symbol is None or variable.adverse not in ("low", "high"):
        return bound
    said = bound.symbol.text.lower().split()
    better, worse = (not _QUALITY[kind].isdisjoint(said) for kind in ("better", "worse"))
    if better == worse:
        return bound
    rises = (better != (not _QUALITY["not"].isdisjoint(said))) == (variable.adverse == "low")
    if bound.op in (Op.GE, Op.LE):
        return replace(bound, op=Op.GE if rises else Op.LE)
    return replace(bound, op=Op.GT if rises else Op.LT)


def either_way(reader: Reader, typed: Typed, at_least: Predicate, at_most: Predicate) -> Predicate:
    """ "BMI = 30": nobody is asked for one value of what is measured; ≥ or ≤ lost its stroke."""
    message = f"no trial asks for exactly one value of {typed.variable.name}; the sign has lost its stroke"
    reader.say("lost-comparator", Kind.CHOICE, message, typed.span, "write ≥ or ≤")
    readings = (Reading("at least", at_least), Reading("at most", at_most))
    return Choice("lost-comparator", reader.label(f"sign of {typed.variable.id}"), readings, typed.span)


__all__ = ["by_quality", "either_way"]
