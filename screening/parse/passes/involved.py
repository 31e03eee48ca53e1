""" "CNS involvement by lymphoma": what an organ is involved by is the disease itself, no further finding."""

from __future__ import annotations

from itertools import pairwise

from screening.parse.tokens import Token
from screening.resources import table

INVOLVED = frozenset(table("reading")["involved"]["nouns"])
_LINKS = frozenset(table("reading")["involved"]["links"])


def involved(tokens: list[Token]) -> list[Token]:
    """The same tokens, what stands behind an involvement and its preposition as words that add nothing."""
    told = [token for token in tokens if token.type != "FILL" or token.text.lower() in _LINKS]
    for (before, link), (_, what) in pairwise(pairwise(told)):
        named = before.type == what.type == "CONCEPT" and before.text.lower().rpartition(" ")[2] in INVOLVED
        if named and link.text.lower() in _LINKS:
            link.type = what.type = "FILL"
    return tokens


__all__ = ["INVOLVED", "involved"]
