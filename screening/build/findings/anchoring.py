"""Events that only say from when a length of time is counted: "no progression for 3 months following radiotherapy"."""

from __future__ import annotations

from screening.build.limits.chunks import Chunk
from screening.parse.tokens import Token
from screening.parse.trees.tree import Bound, Shape
from screening.predicates import Op

_SMALL = frozenset({"FILL", "GLUE", "MOD", "DASH", "ORGAN"})
_DATED = frozenset({"CONCEPT", "VAR", "SCALE", "RESULT"})
_LONGER = (Op.GE, Op.GT)


def only_anchors(chunk: Chunk) -> tuple[Token, ...]:
    """The words from a window to the event it counts from, where another event before it is the one that is dated.

    "Recurrence more than 6 months after chemotherapy" is left as it is: whoever had one had the other as long ago.
    """
    for shape, first, last in chunk.windows:
        if _counts_from_what_follows(shape, last) and not _implies(chunk, shape) and _dated_before(chunk, first):
            behind = _named_behind(chunk, last)
            if behind is not None and not _same_before(chunk, behind):
                return tuple(token for token in chunk.tokens if first.start <= token.start <= behind.start)
    return ()


def _counts_from_what_follows(shape: Shape, last: Token) -> bool:
    anchorage = shape.anchorage
    if anchorage is None or anchorage.anchor is not None:
        return False
    return anchorage.relation == "after" or last.text.lower() == "of"


def _implies(chunk: Chunk, shape: Shape) -> bool:
    item = shape.bounds.items[-1]
    denied = any(token.denies for token in chunk.tokens)
    return isinstance(item, Bound) and item.op in _LONGER and not denied


def _dated_before(chunk: Chunk, first: Token) -> bool:
    """Whether something that can be dated stands before the window."""
    return any(token.type in _DATED and token.end <= first.start for token in chunk.tokens)


def _same_before(chunk: Chunk, behind: Token) -> bool:
    """ "Growth factors: at least 14 days after the last dose of a growth factor": the same event is named twice."""
    return any(one.type == "CONCEPT" and one.value == behind.value and one.start < behind.start for one in chunk.tokens)


def _named_behind(chunk: Chunk, last: Token) -> Token | None:
    """The last of the events right behind a window."""
    found = None
    for token in chunk.tokens:
        if token.start < last.end:
            continue
        if token.type == "CONCEPT":
            found = token
        elif token.type not in _SMALL:
            break
    return found


__all__ = ["only_anchors"]
