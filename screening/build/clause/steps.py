"""Steps of the study beside a limit: "ALC ≥ 300/µL before leukapheresis" says when to measure, and asks for no more."""

from __future__ import annotations

from collections.abc import Sequence

from screening.build.clause.qualifying import names_instrument
from screening.build.common.contents import variables_in
from screening.build.limits.binding import Compared
from screening.build.limits.chunks import Chunk
from screening.parse.tokens import Token
from screening.parse.trees.clause import Join, Leaf, Tree
from screening.resources import table

_KNOWN = table("reading")["steps"]
_STEPS = frozenset(_KNOWN["concepts"])
_TIMES = frozenset(_KNOWN["times"])
_SMALL = _TIMES | frozenset(_KNOWN["beside"])


def says_when(tokens: Sequence[Token]) -> bool:
    """Whether words name a step of the study with a word of time before it, and nothing else."""
    said = [token for token in tokens if token.type not in ("DASH", "BULLET", "DOT", "COMMA")]
    steps = [token for token in said if token.type == "CONCEPT" and token.value in _STEPS]
    words = [token.text.lower() for token in said if token not in steps]
    return len(steps) == 1 and said[-1] is steps[0] and _SMALL.issuperset(words) and not _TIMES.isdisjoint(words)


def only_measures(item: Tree, tree: Join) -> bool:
    """Whether words beside a limit only say what its value is read from, or when ("on a screening ECG")."""
    if not isinstance(item, Leaf) or not isinstance(item.element.payload, Chunk):
        return False
    limits = [one.element.payload.made for one in tree.items if isinstance(one, Leaf) and _is_limit(one)]
    named = {name for made in limits for name in variables_in(made)}
    tokens = item.element.payload.tokens
    return bool(named) and (names_instrument(tokens, named) or says_when(tokens))


def _is_limit(item: Leaf) -> bool:
    return isinstance(item.element.payload, Compared)


__all__ = ["only_measures", "says_when"]
