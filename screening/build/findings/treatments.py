"""Treatments of which something is said that no record tells: that one was changed ("no change in antihypertensives"),
or how long one takes ("operation time > 4 h")."""

from __future__ import annotations

from collections.abc import Sequence

from screening import concepts
from screening.build.findings.dating import TREATMENTS, says_how_long
from screening.build.findings.mentions import Mention
from screening.parse.tokens import Token
from screening.resources import table

_GOES_ON = frozenset(table("reading")["going_on_procedures"]["concepts"])
_TREATING = frozenset(table("reading")["taken"]["treating"])
_COURSES = frozenset(table("reading")["taken"]["courses"])
_MEMBERS = frozenset(table("reading")["taken"]["members"])
_PART_ENDS = frozenset({"COMMA", "SEMI", "AND", "OR", "LPAR", "RPAR", "COLON"})
_ALTERED = frozenset(table("reading")["changing"]["altered"])


def judge_members(tokens: Sequence[Token]) -> None:
    """ "Stable background therapy including methotrexate and leflunomide" asks for a therapy that nobody knows by name:
    whether its members are examples of it or must all be taken, and whether it is stable, a person must say."""
    for at, token in enumerate(tokens):
        if token.type != "EXAMPLE" or token.text.lower() not in _MEMBERS:
            continue
        last = at - (2 if at and tokens[at - 1].type in ("COMMA", "LPAR") else 1)
        begin = next((here for here in range(last, -1, -1) if tokens[here].type in _PART_ENDS), -1)
        before = tokens[begin + 1 : last + 1]
        unnamed = any(map(_attested, before)) or not any(map(_is_told, before))
        if unnamed and any(map(_names_treatment, before)):
            token.type = "JUDGE"


def _is_told(token: Token) -> bool:
    """Whether a word is a limit, or names a class of drugs, of which the members are only examples."""
    if token.type in ("VAR", "SCALE", "NUM"):
        return True
    return token.type == "CONCEPT" and concepts.catalogue()[str(token.value)].kind in TREATMENTS


def _attested(token: Token) -> bool:
    """Whether a word names a treatment, or its course, that only a person can tell ("stable doses of")."""
    return token.type == "CONCEPT" and token.value in _COURSES


def _names_treatment(token: Token) -> bool:
    """Whether a word is "therapy" or its like, alone or behind what it is of ("heart failure therapy")."""
    return _attested(token) or (token.type != "CONCEPT" and token.text.lower().rpartition(" ")[2] in _TREATING)


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
    words = [token.text.lower() for token in tokens]
    if _ALTERED.isdisjoint(words):
        return False
    at = next(at for at, word in enumerate(words) if word in _ALTERED)
    known = concepts.catalogue()
    behind = next((token for token in tokens[at:] if token.type == "CONCEPT"), None)
    return behind is not None and known[str(behind.value)].kind in TREATMENTS


__all__ = ["is_untold", "judge_members"]
