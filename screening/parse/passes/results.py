"""Words beside a limit that only say how it is meant: results that a limit behind them defines, methods that are used.

In "estrogen receptor negative (< 1 %)" the limit says what the result means, so that the name is compared and the word
for the result adds nothing; "using the Cockcroft-Gault formula" names a method.
"""

from __future__ import annotations

from collections.abc import Sequence

from screening import variables
from screening.parse.tokens import COMPARING, Token
from screening.resources import table

_SMALL = frozenset({"FILL", "GLUE", "EXAMPLE", "DEFINES"})
USING = frozenset(table("reading")["methods_used"]["words"])
_NEAR = 5  # tokens from "using" to the method
_LONGEST = 6  # tokens of a limit in parentheses
_LIMIT = frozenset({"NUM", "UNIT", "FILL", "GLUE", *COMPARING})


def defined_results(tokens: list[Token]) -> list[Token]:
    """The tokens with each such result and its brackets as small words."""
    for at in range(1, len(tokens) - 3):
        result, opening = tokens[at], tokens[at + 1]
        if result.type != "RESULT" or opening.type != "LPAR" or not _measured(tokens, at):
            continue
        end = _limit_end(tokens, at + 2)
        if end is not None:
            for token in (result, opening, tokens[end]):
                token.type, token.senses = "FILL", {}
    return tokens


def methods_used(tokens: list[Token]) -> list[Token]:
    """ "CrCl ≥ 45 mL/min using the Cockcroft-Gault formula": what is used is a method, and nobody takes it."""
    for at, token in enumerate(tokens):
        if token.type != "MOD" or token.text.lower() not in USING:
            continue
        behind = next((one for one in tokens[at + 1 : at + _NEAR] if one.type not in _SMALL), None)
        if behind is not None and behind.type == "METHOD":
            token.type, token.senses = "FILL", {}
    return tokens


def _measured(tokens: Sequence[Token], at: int) -> bool:
    """Whether a quantity stands right before, or its short form in parentheses."""
    named = at - 1
    if tokens[named].type == "RPAR" and named >= len("(x") and tokens[named - 2].type == "LPAR":
        named -= 1
    name = tokens[named]
    return name.type == "VAR" and variables.catalogue()[str(name.value)].kind != "qualitative"


def _limit_end(tokens: Sequence[Token], at: int) -> int | None:
    """Where a parenthesis ends that holds one limit and nothing else."""
    first = next((here for here in range(at, len(tokens)) if tokens[here].type not in _SMALL), len(tokens))
    if first + 1 >= len(tokens) or tokens[first].type not in COMPARING or tokens[first + 1].type != "NUM":
        return None
    for here in range(first + 1, min(len(tokens), first + _LONGEST)):
        if tokens[here].type == "RPAR":
            return here
        if tokens[here].type not in _LIMIT:
            return None
    return None


__all__ = ["USING", "defined_results", "methods_used"]
