"""Steps of the study beside a limit: "ALC ≥ 300/µL before leukapheresis" says when to measure, and asks for no more."""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import Token
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


__all__ = ["says_when"]
