"""Loads of the virus that a text names elsewhere: "HIV with an undetectable viral load" is HIV RNA.

The pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

from screening.parse.tokens import Token
from screening.resources import table

_LOADS = table("measures")["loads"]
_UNNAMED = str(_LOADS["unnamed"])
_OF = {virus: load for load, viruses in _LOADS["of"].items() for virus in viruses}
LOADS = frozenset(_LOADS["words"])


def loads(tokens: list[Token]) -> list[Token]:
    """The tokens with a load of no virus as that of the only virus of the text; of several it stays nobody's."""
    named = {_OF[str(token.value)] for token in tokens if token.type == "CONCEPT" and str(token.value) in _OF}
    if len(named) == 1:
        for token in tokens:
            if token.type == "VAR" and token.value == _UNNAMED:
                token.value = next(iter(named))
                token.senses["VAR"] = token.value
    return tokens


__all__ = ["LOADS", "loads"]
