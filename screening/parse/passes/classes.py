"""Classes of a scale named before: "NYHA I-II (if LVEF < 40 %, class I only)", "Child-Pugh A or B; only class A if …".

The pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from screening import variables
from screening.parse.tokens import Token
from screening.resources import table

CLASSES = frozenset(table("reading")["classed"]["words"])
_OWNERS = frozenset({"SCALE", "LT", "LE", "GT", "GE", "EQ", "CONCEPT", "WORD", "VAR", "ORGAN"})
_JOINS = frozenset({"TO", "DASH", "OR", "AND", "COMMA", "SLASH"})


def classes_again(tokens: list[Token]) -> list[Token]:
    """The tokens with each "class" that a level follows as the scale with classes that was named last."""
    scale: Token | None = None
    for at, (token, behind) in enumerate(pairwise(tokens)):
        if token.type == "SCALE":
            scale = token if _has_classes(str(token.value)) else None
        elif scale is not None and token.text.lower() in CLASSES and _is_its(scale, behind, tokens, at):
            token.type, token.value, token.senses = "SCALE", scale.value, dict(scale.senses)
            _as_levels(tokens, at + 1, scale)
    return tokens


def _has_classes(scale: str) -> bool:
    return any(name.casefold().rpartition(" ")[2] in CLASSES for name in variables.catalogue()[scale].names)


def _is_its(scale: Token, behind: Token, tokens: Sequence[Token], at: int) -> bool:
    """Whether a class is one of the scale: not right behind its name, nor of a finding ("nephritis class III")."""
    before = next((one for one in reversed(tokens[:at]) if one.type != "FILL"), None)
    return _level(scale, behind) is not None and (before is None or before.type not in _OWNERS)


def _level(scale: Token, token: Token) -> str | None:
    found = variables.catalogue()[str(scale.value)].levels.get(token.text)
    return str(found) if found is not None and token.text.isupper() else None


def _as_levels(tokens: list[Token], first: int, scale: Token) -> None:
    """The levels of a list or range as such, and the sign between them."""
    for at in range(first, len(tokens)):
        level = _level(scale, tokens[at])
        if level is not None:
            tokens[at].type, tokens[at].value = "LEVEL", Decimal(level)
            if tokens[at - 1].type == "DASH":
                tokens[at - 1].type = "TO"
        elif tokens[at].type not in _JOINS:
            return


__all__ = ["CLASSES", "classes_again"]
