"""Numbers beside a finding that no record read here carries, so that a person must say: doses, how often, what type."""

from __future__ import annotations

from itertools import pairwise

from screening import concepts
from screening.build.findings.mentions import FORMAL, Mention
from screening.parse.tokens import Token
from screening.resources import table

_DOSES, _OFTEN, _LEVELLED = (
    {key: frozenset(words) for key, words in table("reading")[name].items()}
    for name in ("doses", "frequencies", "levelled")
)
_STRENGTH = "%"
_LEVELS = frozenset({"NUM", "LEVEL"})


def left_to_a_person(found: Mention) -> tuple[Token, Token] | None:
    """The first and last of the words left over, where they only say how much, how often or of which type."""
    if not found.residue:
        return None
    first, last = found.residue[0], found.residue[-1]
    if not found.concepts and not (found.result and found.tested):
        first, last = found.chunk.tokens[0], found.chunk.tokens[-1]
    if _is_dose(found) or (found.concepts and _is_frequency(found)):
        return first, last
    named = _level_named(found)
    return None if named is None else (min(named, first, key=_place), last)


def _place(token: Token) -> int:
    return token.start


def _is_dose(found: Mention) -> bool:
    """Whether only amounts of a drug or of radiation are left ("> 10 mg daily", "cumulative dose > 400 mg/m²", "10
    fractions")."""
    units, telling = _units(found), _telling(found)
    if not _DOSES["units"].isdisjoint(units) or (_STRENGTH in units and _only_drugs(found)):
        return _DOSES["words"].issuperset(telling)
    counted = any(token.type == "NUM" for token in found.residue) and not _DOSES["parts"].isdisjoint(telling)
    return counted and _DOSES["words"].union(_DOSES["parts"]).issuperset(telling)


def _is_frequency(found: Mention) -> bool:
    """Whether only a number of times in a while is left ("more than 2 days/week", "3 times a week")."""
    if all(token.type != "NUM" for token in found.residue):
        return False
    said = {token.text.lower() for token in found.chunk.tokens}
    if _OFTEN["units"].isdisjoint(_units(found)) and _OFTEN["words"].isdisjoint(said):
        return False
    return (_OFTEN["words"] | _OFTEN["beside"]).issuperset(_telling(found))


def _level_named(found: Mention) -> Token | None:
    """The word before a number that says of which stage or type it is; None where anything else is left over."""
    plain = all(
        token.type in _LEVELS or token.text.lower() in _LEVELLED["letters"] | _LEVELLED["words"]
        for token in found.residue
    )
    if not plain:
        return None
    words = [token for token in found.chunk.tokens if token.type != "LPAR"]
    return next(
        (one for one, after in pairwise(words) if one.text.lower() in _LEVELLED["words"] and after in found.residue),
        None,
    )


def _units(found: Mention) -> list[str]:
    return [str(token.value) for token in found.chunk.tokens if token.type == "UNIT"]


def _telling(found: Mention) -> list[str]:
    return [token.text.lower() for token in found.residue if token.type not in FORMAL]


def _only_drugs(found: Mention) -> bool:
    """Whether nothing but drugs is named, so that a percentage is the strength of one ("hydrocortisone 2.5 %")."""
    known = concepts.catalogue()
    return bool(found.concepts) and all(known[str(token.value)].kind == "drug" for token in found.concepts)
