"""Treatments that are only said to have been changed, which no record tells: "no change in antihypertensives"."""

from __future__ import annotations

from screening import concepts
from screening.build.dating import TREATMENTS
from screening.build.mentions import Mention
from screening.resources import table

_ALTERED = frozenset(table("reading")["changing"]["altered"])


def is_altered(found: Mention) -> bool:
    """Whether a word of change stands before the name of a treatment."""
    tokens = found.chunk.tokens
    at = next((at for at, token in enumerate(tokens) if token.text.lower() in _ALTERED), None)
    if at is None:
        return False
    known = concepts.catalogue()
    behind = next((token for token in tokens[at:] if token.type == "CONCEPT"), None)
    return behind is not None and known[str(behind.value)].kind in TREATMENTS


__all__ = ["is_altered"]
