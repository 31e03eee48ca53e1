"""Words beside a limit that leave it to a person: "clinically significant ALT > 3 × ULN"."""

from __future__ import annotations

from collections.abc import Mapping

from screening.parse.tokens import Token
from screening.parse.trees.tree import Island
from screening.resources import table

_WEIGHED = frozenset(table("reading")["weighed"]["modifiers"])
_SMALL = frozenset({"FILL", "GLUE", "CHANGE"})
_BETWEEN = _SMALL | {"AND", "COMMA", "LPAR", "IF"}  # what may stand between a limit and what is said of it
_ENDS = frozenset({"AND", "OR", "COMMA", "SEMI", "DOT", "RPAR", "JUDGE"})


def weighed(tokens: list[Token], found: Mapping[int, Island]) -> None:
    """Leaves a modifier to a person where it stands with a limit and not with a finding.

    *found*: the islands of the tokens by their first. Before what is measured ("clinically significant ALT > 3 × ULN"),
    or behind it with nothing more ("potassium > 5.5 mmol/L and clinically significant").
    """
    places = [at for at, token in enumerate(tokens) if token.type == "MOD" and _is_weighed(token)]
    ends = {island.last for island in found.values() if island.shape.subjects is not None} if places else set()
    for at in places:
        after = _next(tokens, at)
        before_limit = after < len(tokens) and tokens[after].type in ("VAR", "SCALE")
        if before_limit or (_closes(tokens, after) and _last(tokens, at) in ends):
            tokens[at].type = "JUDGE"


def _is_weighed(token: Token) -> bool:
    return any(value in _WEIGHED for _, value in token.value)


def _next(tokens: list[Token], at: int) -> int:
    """Where the next telling word stands."""
    return next((here for here in range(at + 1, len(tokens)) if tokens[here].type not in _SMALL), len(tokens))


def _closes(tokens: list[Token], at: int) -> bool:
    return at == len(tokens) or tokens[at].type in _ENDS


def _last(tokens: list[Token], at: int) -> int:
    """Where what stands before ends, small words and connectives aside."""
    while at and tokens[at - 1].type in _BETWEEN:
        at -= 1
    return at
