"""A second range under a limit of another quantity: "ferritin < 100 µg/L, or 100-299 µg/L with TSAT < 20 %".

The second limit of the same quantity and the limit beside it belong together: A or (B and C).
"""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import ORDERING, Token
from screening.resources import table

_LIMIT = ORDERING | {"NUM", "UNIT", "TIME", "ULN", "FILL", "COMMA"}
_FAR = 10  # tokens from the name to the "or"
BESIDE = frozenset(table("reading")["small"]["beside"])


def second_ranges(tokens: list[Token]) -> list[Token]:
    """The tokens with the name repeated behind "or", and "and" for what joins the other quantity to the range."""
    for at, token in enumerate(tokens):
        if token.type != "OR":
            continue
        name, begin = _named_before(tokens, at), at + 1
        while begin < len(tokens) and (
            tokens[begin].type == "FILL" or (tokens[begin].type == "VAR" and _same(tokens[begin], name))
        ):
            begin += 1
        end = _range_end(tokens, begin)
        join = _join_behind(tokens, end, name) if name is not None and end else None
        if name is None or join is None:
            continue
        join.type, join.value, join.senses = "AND", "and", {}
        if not any(one.type == "VAR" for one in tokens[at + 1 : begin]):
            place = tokens[begin].start
            tokens.insert(begin, Token("VAR", name.value, place, place, name.text, name.senses))
        return tokens
    return tokens


def _same(token: Token, name: Token | None) -> bool:
    return name is not None and token.value == name.value


def _named_before(tokens: Sequence[Token], at: int) -> Token | None:
    """The name of the limit right before "or"; None where something else stands between."""
    for here in range(at - 1, max(-1, at - _FAR), -1):
        if tokens[here].type == "VAR":
            compared = any(one.type in ORDERING for one in tokens[here + 1 : at])
            return tokens[here] if compared else None
        if tokens[here].type not in _LIMIT:
            return None
    return None


def _range_end(tokens: Sequence[Token], at: int) -> int:
    """Where a range that begins at *at* ends; 0 where none does."""
    here = at + (at < len(tokens) and tokens[at].type in ("BETWEEN", "FROM"))
    kinds = [token.type for token in tokens[here : here + 5]]
    if kinds[:1] != ["NUM"]:
        return 0
    width = 1 + (kinds[1:2] == ["UNIT"])
    if kinds[width : width + 1] not in (["TO"], ["AND"]) or kinds[width + 1 : width + 2] != ["NUM"]:
        return 0
    end = here + width + 2
    return end + (end < len(tokens) and tokens[end].type == "UNIT")


def _join_behind(tokens: Sequence[Token], at: int, name: Token | None) -> Token | None:
    """The word that joins a limit of another quantity to the range, its parentheses taken away."""
    opened = at < len(tokens) and tokens[at].type == "LPAR"
    here = at + opened
    following = [one for one in tokens[here + 1 : here + 6] if one.type not in ("FILL", "GLUE")]
    if here >= len(tokens) or tokens[here].text.lower() not in BESIDE or len(following) < 2:
        return None
    if following[0].type != "VAR" or _same(following[0], name) or following[1].type not in ORDERING:
        return None
    if opened:
        closing = next((one for one in tokens[here:] if one.type == "RPAR"), None)
        tokens[at].type = "FILL"
        if closing is not None:
            closing.type = "FILL"
    return tokens[here]


__all__ = ["BESIDE", "second_ranges"]
