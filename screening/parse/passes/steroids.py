""" "Steroids over 2 mg dexamethasone daily": the amount is of the drug named behind it, not of prednisone."""

from __future__ import annotations

import itertools

from screening.parse.tokens import Token
from screening.resources import table

_KNOWN = table("measures")["steroids"]
_OWN: dict[str, str] = _KNOWN["own"]
_CLASS = frozenset(_KNOWN["class"])
STEROIDS = frozenset((*_OWN, *_KNOWN["others"]))
_SMALL = frozenset({"FILL", "GLUE", "BEFORE"})
_ENDS = frozenset({"OR", "AND", "COMMA", "SEMI"})
_FAR = 8  # tokens from the name of the class to the amount


def named_steroids(tokens: list[Token]) -> list[Token]:
    """The same tokens, the amount as the dose of the drug named behind it, or as words that only a person can weigh."""
    for at, unit in enumerate(tokens):
        drug = next((one for one in tokens[at + 1 : at + 4] if one.type not in _SMALL), None)
        if unit.type != "UNIT" or drug is None or drug.text.lower() not in STEROIDS:
            continue
        begin = max(0, at - _FAR)
        near = [*itertools.takewhile(lambda one: one.type not in _ENDS, reversed(tokens[begin:at]))]
        named = next((one for one in near if one.senses.get("CONCEPT") in _CLASS), None)
        if named is None or named.type not in ("VAR", "CONCEPT"):
            continue
        if drug.text.lower() in _OWN:
            named.type, drug.type, drug.value = "FILL", "VAR", _OWN[drug.text.lower()]
            drug.senses = {"VAR": drug.value}
        else:
            named.type = drug.type = "WORD"  # nobody knows how much of prednisone that is
    return tokens


__all__ = ["STEROIDS", "named_steroids"]
