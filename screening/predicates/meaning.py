"""What a predicate stands for whatever the patient: families of variables, and the parts that constrain nobody."""

from __future__ import annotations

from dataclasses import replace

from screening import variables
from screening.predicates.nodes import Advisory, All, Any, Comparison, Op, Predicate, children


def neutral(predicate: Predicate) -> bool:
    """Whether a predicate constrains nobody: an advisory, or made of advisories only."""
    if isinstance(predicate, Advisory):
        return True
    parts = children(predicate)
    return bool(parts) and all(map(neutral, parts))


def of_each(predicate: Comparison, family: tuple[str, ...]) -> Predicate:
    """A limit on a family ("liver enzymes ≤ 2.5 × ULN") is kept by each; an adverse one ("> 2.5 × ULN") any reaches."""
    high = variables.catalogue()[predicate.variable].adverse == "high"
    adverse = (Op.GT, Op.GE) if high else (Op.LT, Op.LE)
    kind = Any if predicate.op in adverse else All
    return kind(tuple(replace(predicate, variable=part) for part in family), predicate.span)


def anchors(predicate: Predicate) -> frozenset[str]:
    """The days from which its windows count, by name; the screening date is none of them."""
    window = getattr(predicate, "window", None)
    own = frozenset({window.anchor}) if window is not None else frozenset()
    return own.union(*map(anchors, children(predicate))) - {"screening"}
