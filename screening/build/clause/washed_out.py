"""A washout in the parenthesis of a heading: "Blood routine (no transfusion within 14 days before screening): Hb ≥ …".

It asks for something of its own, and says nothing of when the values of the list behind it are to be measured; so it
is cut out as a clause of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import ORDERING, Token

_HEADS = 6  # tokens from the parenthesis to the colon of the heading ("(…), as follows:")
_COUNTING = frozenset({"WITHIN", "BEFORE", "AGO"})
_LEAST = 4  # tokens of the shortest washout ("no transfusion within 14 days")


def washouts_apart(clause: list[Token]) -> list[list[Token]]:
    """The clause without such a parenthesis, and what the parenthesis says; the clause alone where it has none."""
    kinds = [token.type for token in clause]
    if "TIME" not in kinds or "COLON" not in kinds or "LPAR" not in kinds:
        return [clause]
    opened = kinds.index("LPAR")
    closed = next((at for at in range(opened, len(kinds)) if kinds[at] == "RPAR"), None)
    if closed is None or "COLON" not in kinds[closed : closed + _HEADS] or ORDERING & set(kinds[:opened]):
        return [clause]
    inside = clause[opened + 1 : closed]
    if "LPAR" in kinds[opened + 1 : closed] or len(inside) < _LEAST or not _washes_out(inside):
        return [clause]
    rest = [*clause[:opened], *clause[closed + 1 :]]
    return [rest, inside] if opened else [inside, rest]


def _washes_out(inside: Sequence[Token]) -> bool:
    """Whether something is denied for a length of time."""
    kinds = {token.type for token in inside}
    if "TIME" not in kinds or not _COUNTING & kinds or ({"VAR", "NUM"} <= kinds and ORDERING & kinds):
        return False
    return any(token.type == "QUAL" or token.denies for token in inside)


__all__ = ["washouts_apart"]
