"""Treatments of which something is said that no record tells: that one was changed ("no change in antihypertensives"),
or how long one takes ("operation time > 4 h")."""

from __future__ import annotations

from screening import concepts
from screening.build.dating import TREATMENTS, says_how_long
from screening.build.mentions import Mention
from screening.resources import table

_GOES_ON = frozenset(table("reading")["going_on_procedures"]["concepts"])
_ALTERED = frozenset(table("reading")["changing"]["altered"])


def is_untold(found: Mention) -> bool:
    """Whether what is said of a treatment asks of nobody to have had it, and only a person can tell it."""
    return bool(found.concepts) and (_is_altered(found) or _takes(found))


def _takes(found: Mention) -> bool:
    """ "Expected duration of surgery > 2 hours": how long a procedure takes, which may still be to come."""
    known = concepts.catalogue()
    return (
        bool(found.lasting)
        and all(known[str(token.value)].kind == "procedure" for token in found.concepts)
        and _GOES_ON.isdisjoint([str(token.value) for token in found.concepts])
        and says_how_long(found.chunk.tokens)
    )


def _is_altered(found: Mention) -> bool:
    """Whether a word of change stands before the name of a treatment."""
    tokens = found.chunk.tokens
    at = next((at for at, token in enumerate(tokens) if token.text.lower() in _ALTERED), None)
    if at is None:
        return False
    known = concepts.catalogue()
    behind = next((token for token in tokens[at:] if token.type == "CONCEPT"), None)
    return behind is not None and known[str(behind.value)].kind in TREATMENTS


__all__ = ["is_untold"]
