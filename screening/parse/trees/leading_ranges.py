"""A range that stands before a window, with only a comma between: "35 to 55 years, at least 12 months since …"."""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import Token
from screening.parse.trees.islands import shorter
from screening.parse.trees.tree import Island, Span2


def before_window(tokens: Sequence[Token], island: Island) -> Island | None:
    """ "35 to 55 years, at least 12 months since …": the range that stands before the window, on its own."""
    items = island.shape.bounds.items
    if island.shape.kind != "window" or len(items) == 1 or not isinstance(items[0], Span2):
        return None
    less = shorter(tokens, island)
    while less is not None and len(less.shape.bounds.items) > 1:
        less = shorter(tokens, less)
    return less if less is not None and less.shape.kind == "bare" else None


__all__ = ["before_window"]
