"""Clauses that shut people out by their own words ("… are not eligible"): so among the exclusions, and turned round
among the inclusions, where such a sentence would else ask for what it forbids."""

from __future__ import annotations

from collections.abc import Sequence

from screening.build.common.contents import is_decidable
from screening.build.common.context import Reader
from screening.parse.tokens import Token
from screening.predicates import Not, Predicate


def refused(reader: Reader, tokens: Sequence[Token], made: Predicate | None) -> Predicate | None:
    """The reading of a clause, negated where an inclusion says that such patients are not eligible."""
    if made is None or reader.excluding or not is_decidable(made) or not refuses(tokens):
        return made
    return made.item if isinstance(made, Not) else Not(made, made.span)


def refuses(tokens: Sequence[Token]) -> bool:
    """Whether words of refusal stand outside parentheses."""
    depth = 0
    for token in tokens:
        depth += (token.type == "LPAR") - (token.type == "RPAR")
        if token.type == "INELIGIBLE" and depth <= 0:
            return True
    return False
