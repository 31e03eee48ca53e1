"""The units that stand in a text: the longest run of pieces behind a number that spells one."""

from __future__ import annotations

import re
from functools import cache

from screening import units
from screening.parse.words.lexicon import unit_words
from screening.parse.words.pieces import Pieces
from screening.resources import table

_LONGEST = 14  # pieces of a unit
_UNIT_LIKE = re.compile(r"x?10|[ex]\d|e\d+$")
_ABBREVIATED = re.compile(r"(?<=[a-z])\s?\([a-z]{1,4}\)(?=\s?(?:/|per\b|\^?\d|$))", re.IGNORECASE)
_POWER = re.compile(r"\s?[·.*]?\s?([^\W\d_]+)\s?\^?[-−–]\s?([12])(?!\d)")
_UNSAFE = frozenset(
    {"in", "a", "d", "s", "m", "g", "l", "h", "c", "M", "K", "T", "C", "F", "G", "N", "p", "y", "L", "D", "E", "U", "o"}
)
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)", re.IGNORECASE)
_LINKS = frozenset({"and", "to", "-", "or"})
_GESTATION = frozenset(table("measures")["implied_by_unit"]["gestational_age"])
_AFTER_UNIT = frozenset(
    {"and", "or", "for", "at", "to", "but", "if", "in", "with", "within", "before", "after", "during"}
)


def unit_at(pieces: Pieces, begin: int, *, attached: bool) -> tuple[int, str] | None:
    """Where the unit that begins at *begin* ends, and its UCUM code; *attached*: no space stands before it.

    >>> unit_at(Pieces("mg/dL in blood"), 0, attached=False)
    (3, 'mg/dL')
    """
    for end in reversed(_ends(pieces, begin)):
        dotted = pieces.texts[end - 1] == "." and "." not in pieces.texts[begin : end - 1]  # "y.o." keeps its last
        if dotted or (end == begin + 1 and pieces.kinds[begin] == "num"):
            continue  # "10 years 1 1": a number alone is no unit
        spelling = pieces.words(begin, end)
        code = _ucum(spelling)
        if code is not None and (attached or spelling not in _UNSAFE or _closed(pieces, end)):
            if _divided(pieces, end):
                return None
            return _repeated(pieces, end, code), code
    return None


def _divided(pieces: Pieces, at: int) -> bool:
    """Whether the unit goes on behind a stroke to one that nobody knows ("1 kg/cm"): it is no kg."""
    return (
        at + 1 < len(pieces)
        and pieces.texts[at] == "/"
        and pieces.ends[at - 1] == pieces.starts[at] == pieces.starts[at + 1] - 1
        and _ucum(pieces.texts[at + 1]) is not None
    )


def _repeated(pieces: Pieces, end: int, code: str) -> int:
    """Behind a unit, where the same one in parentheses ends ("milligrams per deciliter (mg/dL)")."""
    if end + 2 >= len(pieces) or pieces.texts[end] != "(":
        return end
    for last in reversed(_ends(pieces, end + 1)):
        if last < len(pieces) and pieces.texts[last] == ")" and _ucum(pieces.words(end + 1, last)) == code:
            return last + 1
    return end


def _ends(pieces: Pieces, begin: int) -> list[int]:
    """Where a unit might end: behind each piece that may be part of one."""
    known, ends, depth = unit_words(), [], 0
    for here in range(begin, min(len(pieces), begin + _LONGEST)):
        key = pieces.keys[here]
        if key not in known and pieces.kinds[here] != "num" and not _UNIT_LIKE.match(key):
            break
        depth += (key == "(") - (key == ")")
        if depth < 0:
            break
        ends.append(here + 1)
    return ends


def _closed(pieces: Pieces, at: int) -> bool:
    return at >= len(pieces) or pieces.kinds[at] != "word" or pieces.keys[at] in _AFTER_UNIT


def ordinal_week(pieces: Pieces, at: int) -> str | None:
    """The number of a week of pregnancy counted in order: "37th week of gestation", "20th to 28th gestational week"."""
    told, behind = _ORDINAL.fullmatch(pieces.texts[at]), at + 1
    linked = behind + 1 < len(pieces) and pieces.texts[behind] in _LINKS
    if linked and _ORDINAL.fullmatch(pieces.texts[behind + 1]):
        behind += 2
    found = unit_at(pieces, behind, attached=False) if told and behind < len(pieces) else None
    if not told or found is None or found[1] != "wk" or _GESTATION.isdisjoint(pieces.keys[behind : found[0]]):
        return None
    return told[1]


def unknown_unit(pieces: Pieces, at: int) -> str | None:
    """The words that look like a unit nobody knows ("zorks/dL")."""
    if (
        at + 2 < len(pieces)
        and pieces.kinds[at] == pieces.kinds[at + 2] == "word"
        and pieces.keys[at + 2] in unit_words()
        and pieces.texts[at + 1] == "/"
        and pieces.ends[at] == pieces.starts[at + 1] == pieces.starts[at + 2] - 1
    ):
        return pieces.words(at, at + 3)
    return None


@cache
def _ucum(spelling: str) -> str | None:
    """The code of a spelling; an abbreviation in parentheses may stand behind its words ("milliliter (mL)/min")."""
    found = units.ucum(spelling)
    if found is None and "-" in spelling:
        return units.ucum(_POWER.sub(_divided_by, spelling))  # "kg·m-2", "mmol.l-1"
    return found if found or "(" not in spelling else units.ucum(_ABBREVIATED.sub("", spelling))


def _divided_by(power: re.Match[str]) -> str:
    """A negative power as a division: "·m-2" as "/m2"."""
    return f"/{power[1]}" + ("" if power[2] == "1" else power[2])
