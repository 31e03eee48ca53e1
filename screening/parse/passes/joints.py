"""Counts of joints with the number that was looked at: "≥ 6/68 tender joints, ≥ 6/66 swollen", "6 of 28 swollen".

The pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import Token
from screening.resources import table

_COUNTED = table("measures")["counted_of"]
JOINTS = frozenset(_COUNTED["words"])
_SHORT: dict[str, str] = _COUNTED["short"]
_NAMES = frozenset(_SHORT.values())
_TOTALS = frozenset(str(number) for number in _COUNTED["totals"])
_OF = frozenset(_COUNTED["links"])
_BESIDE = frozenset({"FILL", "WORD", "VAR", "RPAR"})


def joint_counts(tokens: list[Token]) -> list[Token]:
    """The tokens with "/68", "of 68" and "(68 count)" as small words, and "swollen" alone as the count it names."""
    for at, token in enumerate(tokens):
        if token.type == "WORD" and token.text.lower() in _SHORT and _counted(tokens[:at]):
            name = _SHORT[token.text.lower()]
            token.type, token.value, token.senses = "VAR", name, {"VAR": name}
    if not any(token.type == "VAR" and token.value in _NAMES for token in tokens):
        return tokens
    for at, token in enumerate(tokens):
        if token.type == "NUM" and token.value in _TOTALS and at:
            _looked_at(tokens, at)
    return tokens


def _counted(before: Sequence[Token]) -> bool:
    """Whether a number stands before the word, with no more than what it is of between."""
    return any(token.type == "NUM" for token in before[-4:])


def _looked_at(tokens: list[Token], at: int) -> None:
    before, behind = tokens[at - 1], tokens[at + 1] if at + 1 < len(tokens) else None
    opened = before.type == "LPAR" or (at > 1 and before.text.lower() in _OF and tokens[at - 2].type == "LPAR")
    linked = before.type == "SLASH" or before.text.lower() in _OF
    if behind is not None and behind.type in ("UNIT", "TIME"):
        return  # "an ESR of 28 mm/h"
    if not (linked or (opened and behind is not None and behind.type in _BESIDE)):
        return
    first = at - 2 if opened and before.type != "LPAR" else at - 1
    end = next((i for i in range(at, min(at + 4, len(tokens))) if tokens[i].type == "RPAR"), at) if opened else at
    for one in tokens[first : end + 1]:
        one.type = "FILL"


__all__ = ["JOINTS", "joint_counts"]
