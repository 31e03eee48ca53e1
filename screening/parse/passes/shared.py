"""Modifiers that share the noun behind them: "acute or chronic leukaemia" is acute leukaemia or chronic leukaemia."""

from __future__ import annotations

from typing import Any

from screening import concepts
from screening.parse.passes.trailing import VAGUE
from screening.parse.tokens import Token
from screening.resources import table

_SHARING = frozenset({"severity", "activity", "history", "current"})
_ANOTHER = "other_malignancy"
_USE = (("current", "receiving"),)
_BETWEEN = frozenset({"OR", "SLASH"})
_SHORT = 5  # letters of a short form
_PLACING = frozenset(table("reading")["placing"]["words"])
_COURSES = frozenset(table("reading")["course"]["modifiers"])


def shared_nouns(tokens: list[Token]) -> list[Token]:
    """The tokens with the noun repeated, in no place of its own, behind each modifier that stands without it."""
    kept: list[Token] = []
    for at, token in enumerate(tokens):
        if token.type == "AND" and 0 < at < len(tokens) - 1 and _courses(tokens[at - 1]) and _courses(tokens[at + 1]):
            token.type = "FILL"  # "treated and stable metastases"
        kept.append(token)
        if "MOD" in token.senses and (noun := _lacking(tokens, at)) is not None:
            tokens[at + 1].type = "OR"  # "acute/chronic hepatitis"
            kept.append(Token("CONCEPT", noun["CONCEPT"], token.end, token.end, token.text, noun))
    return kept


def either_named(tokens: list[Token]) -> list[Token]:
    """ "fludarabine/cladribine", "DVT/PE", "CLL/SLL": a stroke between two names offers both, also where one is the
    short form of a drug that nobody knows ("metformin/SU")."""
    for one, stroke, other in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if (one.type, stroke.type) == ("CONCEPT", "SLASH") and (other.type == "CONCEPT" or _short(one, other)):
            stroke.type = "OR"
    return tokens


def _short(drug: Token, other: Token) -> bool:
    short = other.type == "WORD" and other.text.isupper() and 1 < len(other.text) <= _SHORT
    return short and concepts.catalogue()[str(drug.value)].kind == "drug"


def organ_lists(tokens: list[Token]) -> list[Token]:
    """ "radiotherapy on the lung and liver": the organs behind a preposition are where one thing was done."""
    for at in range(1, len(tokens) - 2):
        join = tokens[at + 1]
        other = next((token for token in tokens[at + 2 : at + 4] if token.type != "FILL"), None)
        if tokens[at].type != "ORGAN" or join.type not in ("AND", "OR", "SLASH") or _is_not(other, "ORGAN"):
            continue
        before = next((token for token in reversed(tokens[max(0, at - 2) : at]) if token.text.lower() != "the"), None)
        if before is not None and before.text.lower() in _PLACING:
            join.type = "FILL"
    return tokens


def _is_not(token: Token | None, kind: str) -> bool:
    return token is None or token.type != kind


def _courses(token: Token) -> bool:
    """Whether a word says how a disease stands."""
    return "MOD" in token.senses and all(identity in _COURSES for _, identity in token.senses["MOD"])


def _lacking(tokens: list[Token], at: int) -> dict[str, Any] | None:
    """The senses of the noun that a modifier stands without."""
    if at + 2 >= len(tokens) or tokens[at + 1].type not in _BETWEEN or not _sharing(tokens[at]):
        return None
    if at and tokens[at - 1].type == "CONCEPT":
        return None
    behind = (token for token in tokens[at + 3 :] if token.senses.get("MOD") != _USE)
    return _shared(tokens[at + 2], next(behind, None))  # "current or planned use of X"


def _shared(other: Token, noun: Token | None) -> dict[str, Any] | None:
    """The senses of the noun behind a second modifier, or of the second part of one name ("latent
    tuberculosis")."""
    if _sharing(other) or other.text.lower() in VAGUE:
        return _as_finding(noun.senses, noun.text) if noun is not None and "CONCEPT" in noun.senses else None
    modifier, _, rest = other.text.partition(" ")
    if other.type != "CONCEPT" or modifier.casefold() not in concepts.modifiers_by_name():
        return None
    if concepts.catalogue()[str(other.value)].rule == _ANOTHER:
        return {"CONCEPT": other.value}  # "concurrent or previous malignancy": another one, either way
    named = concepts.by_name().get(rest.casefold())
    return (
        _as_finding({"CONCEPT": named, "NARROW": rest.casefold() in concepts.narrower_names()}, rest) if named else None
    )


def _as_finding(senses: dict[str, Any], name: str) -> dict[str, Any]:
    """What a noun is as a finding, without its other senses; the name of a special kind goes with it, to be quoted."""
    return {"CONCEPT": senses["CONCEPT"], **({"NARROW": name} if senses.get("NARROW") else {})}


def _sharing(token: Token) -> bool:
    return "MOD" in token.senses and all(role in _SHARING for role, _ in token.senses["MOD"])


__all__ = ["either_named", "organ_lists", "shared_nouns"]
