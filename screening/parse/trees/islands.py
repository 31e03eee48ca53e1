"""Finds the islands: runs the strict LALR grammar from every place where one can start; the longest piece wins."""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import Token
from screening.parse.trees.cuts import cuts
from screening.parse.trees.running import Frame, IncompleteError, Run
from screening.parse.trees.shaping import machines
from screening.parse.trees.tree import Island

LONGEST = 120  # tokens of an island; longer ones are cut, with a diagnostic
_STARTS = {
    "VAR": "measured",
    "SCALE": "scaled",
    "METHOD": "measured",
    "QUAL": "measured",
    **dict.fromkeys(
        (
            "LT",
            "LE",
            "GT",
            "GE",
            "EQ",
            "NUM",
            "FROM",
            "BETWEEN",
            "OUTSIDE",
            "BEYOND",
            "WITHIN",
            "MULT",
            "NORMAL",
            "ULN",
            "LLN",
            "NOT",
        ),
        "bare",
    ),
}
_LISTED = frozenset({"COMMA", "AND", "OR", "SLASH", "FILL"})


def islands(tokens: Sequence[Token], begin: int = 0, end: int | None = None) -> list[Island]:
    """Every island that begins between *begin* and *end*, left to right, none overlapping."""
    found, at = [], begin
    last = len(tokens) if end is None else end
    while at < last:
        if tokens[at].type not in _STARTS:
            at += 1
            continue
        island = island_at(tokens, at)
        if island:
            found.append(island)
        at = island.last if island else _behind_names(tokens, at)
    return found


def _behind_names(tokens: Sequence[Token], at: int) -> int:
    """Where to look next after no island begins at *at*: a list of names without a limit has none from its middle
    either."""
    name = tokens[at].type
    if name not in ("VAR", "SCALE"):
        return at + 1
    end = at + 1
    while end < len(tokens) and tokens[end].type in _LISTED | {name}:
        end += 1
    while tokens[end - 1].type != name:
        end -= 1
    return end


def shorter(tokens: Sequence[Token], island: Island) -> Island | None:
    """The next shorter island that begins at the same place, if there is one."""
    return island_at(tokens, island.first, island.last - 1)


def island_at(tokens: Sequence[Token], first: int, end: int | None = None) -> Island | None:
    """The longest island that begins at *first* (and ends before *end*)."""
    start = _STARTS.get(tokens[first].type)
    if start is None:
        return None
    run = machines()[start].begin()
    for last, frame in reversed(_accepted(run, tokens, first, len(tokens) if end is None else end)):
        if cuts(tokens, first, last):
            continue
        try:
            return Island(run.end(frame), first, last)
        except IncompleteError:
            continue
    return None


def _accepted(run: Run, tokens: Sequence[Token], first: int, end: int) -> list[tuple[int, Frame]]:
    """Every place where the parser would accept, with the parse up to there, the shortest first."""
    found = []
    for at in range(first, min(end, first + LONGEST)):
        token = tokens[at]
        if token.type == "FILL":
            continue
        if not run.feed(token.type, token):
            break
        if run.may_end():
            found.append((at + 1, run.top))
    return found
