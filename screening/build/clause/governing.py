"""How far a condition at the head of an exclusion governs: "if on dialysis, potassium > 5.5 mmol/L or pregnancy"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from screening.build.clause.qualifying import complement
from screening.build.common.contents import base_span, concepts_in, variables_in
from screening.build.common.context import Reader
from screening.build.findings.courses import chunks_in
from screening.parse.tokens import COMPARING, Token
from screening.parse.trees.clause import Conditioned
from screening.predicates import Always, Any, Choice, IfElse, Predicate, Presence, Reading, children
from screening.text import Kind


def is_another_limit(base: Predicate, condition: Predicate, tree: Conditioned) -> bool:
    """Whether a condition is none, but sets another limit: one of the quantity before ("> 470 ms; if > 470 ms …"), or
    one that nobody could read ("> 24 for high school, > 20 for primary school"). The limit before it is then unread
    too, as nobody knows for whom it is."""
    if any(complement(one, condition) for one in (base, *children(base))):
        return True
    if tree.head or not variables_in(base):
        return False
    return any(_ends_in_limit(chunk.tokens) for chunk in chunks_in(tree.condition))


def _ends_in_limit(tokens: Sequence[Token]) -> bool:
    """Whether words end in a comparison with a plain number."""
    said = [token for token in tokens if token.type not in ("FILL", "GLUE")]
    return any(one.type in COMPARING and two.type == "NUM" for one, two in pairwise(said[-2:]))


def governed_alone(condition: Predicate, base: Predicate) -> tuple[Predicate, ...]:
    """The limits that a condition may govern alone, where findings that need none of it stand beside them."""
    if not isinstance(base, Any) or not concepts_in(condition):
        return ()
    limits = tuple(one for one in base.items if variables_in(one))
    findings = [one for one in base.items if isinstance(one, Presence)]
    return limits if limits and len(limits) + len(findings) == len(base.items) > len(limits) else ()


def for_the_limits(reader: Reader, condition: Predicate, base: Predicate, limits: Sequence[Predicate]) -> Predicate:
    """A choice: the condition governs all that follows, or the limits only."""
    assert isinstance(base, Any)
    span = base_span(base, condition)
    message = "the condition may govern all that follows it, or the limit only"
    reader.say("ambiguous-and-or", Kind.CHOICE, message, span)
    whole = IfElse(condition, base, Always(), span)
    held = limits[0] if len(limits) == 1 else Any(tuple(limits), base.span)
    apart = tuple(one for one in base.items if one not in limits)
    alone = Any((IfElse(condition, held, Always(), span), *apart), span)
    readings = (Reading("all", whole), Reading("limit", alone))
    return Choice("ambiguous-and-or", reader.label("reach of the condition"), readings, span)


__all__ = ["for_the_limits", "governed_alone", "is_another_limit"]
