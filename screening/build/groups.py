"""Clauses that bind a group ("male patients must …"): whom they bind is a condition of what they ask for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from screening.parse.tokens import Token
from screening.resources import table

_GROUPS = table("groups")
_PEOPLE = frozenset(_GROUPS["people"]["words"])
_VERBS = frozenset(_GROUPS["demands"]["verbs"])
_PASSIVE = frozenset(_GROUPS["demands"]["passive"])
_UNLESS = re.compile(_GROUPS["demands"]["unless"])
_POPULATIONS = frozenset(table("measures")["populations"]["concepts"])
_SMALL = frozenset({"FILL", "GLUE", "BULLET", "DASH", "EITHER", "LPAR"})
_SUBJECT = _SMALL | {"SEX", "CONCEPT", "MOD", "AND", "OR", "COMMA", "IF", "TO"}
_ENDS = frozenset({"SEMI", "EXCEPT", "COLON", "DOT", "LT", "LE", "GT", "GE", "EQ", "VAR", "SCALE", "NUM"})
_LIMITS = frozenset({"VAR", "NUM", "LT", "LE", "GT", "GE", "BETWEEN", "FROM"})
_RELATIVE = frozenset({"who have", "who has", "whose", "who can have"})
_COPULA = frozenset({"is", "are"})
_BRACKETS = frozenset({"LPAR", "RPAR"})
_FAR = 40  # tokens of a clause that may name a group


def demand_at(tokens: Sequence[Token]) -> int | None:
    """Where the demand of a clause begins whose subject is a group of patients; None where it is everybody, or none.

    "Male patients must …", "women of childbearing potential agree …", "patients with CNS tumours should …".
    """
    if len(tokens) > 1 and tokens[0].type == "IF" and tokens[1].text.lower() in _RELATIVE:
        tokens[1].type = "GLUE"
    depth = 0
    for at, token in enumerate(tokens[:_FAR]):
        if token.type in _BRACKETS:
            depth += 1 if token.type == "LPAR" else -1
        if depth or token.type == "RPAR":
            continue
        if at and _demands(tokens, at):
            bound = _is_group(tokens[:at]) and not _shuts_out(tokens) and not _ages_everybody(tokens, at)
            return _subject_end(tokens, at) if bound else None
        if token.type in _ENDS or (token.type == "IF" and at and not _all_small(tokens[:at])):
            return None
    return None


def names_group(tokens: Sequence[Token]) -> bool:
    """Whether the words before a comma name whom the rest is for: "In women, …", "For patients with X, …"."""
    said = [token for token in tokens if token.type not in ("BULLET", "DASH")]
    if not said or said[0].text.lower() not in _GROUPS["people"]["before"]:
        return False
    return any(token.type == "SEX" or token.text.lower().split()[-1] in _PEOPLE for token in said if token.text.strip())


def for_some(tokens: Sequence[Token]) -> None:
    """ "A pregnancy test is required for all women of childbearing potential": the group at the end is a condition."""
    depth = 0
    for at, token in enumerate(tokens):
        if token.type in _BRACKETS:
            depth += 1 if token.type == "LPAR" else -1
        if depth or not at or token.type == "IF" or token.text.lower() != "for":
            continue
        named = next((one for one in tokens[at + 1 : at + 4] if one.type not in ("GLUE", "FILL")), None)
        if named is not None and (named.type == "SEX" or _is_population(named)):
            token.type = "IF"


def opens_group(tokens: Sequence[Token]) -> bool:
    """Whether a heading names the group that the list below it binds: "Male patients who:", "For patients with X:"."""
    said = [token for token in tokens if token.type not in _SMALL]
    if not said or said[-1].type != "COLON":
        return False
    if said[0].type == "IF":
        return said[0].text.lower() == "for" or "for " in said[0].text.lower()
    if said[0].type == "SEX" or _is_population(said[0]):
        return True
    return demand_at(tokens) is not None


def _demands(tokens: Sequence[Token], at: int) -> bool:
    words = _words(tokens[at].text)
    if words[0] in _VERBS or words[:2] in (["have", "to"], ["has", "to"]):
        return True
    if words[0] in ("have", "has") and len(words) == 1:
        return at + 1 < len(tokens) and tokens[at + 1].text.lower() == "to"
    if words[0] not in _COPULA:
        return False
    behind = " ".join(token.text for token in tokens[at : at + 2]).lower().split()
    return bool(_PASSIVE.intersection(behind[1:3])) or _sex_only(tokens[:at])


@lru_cache(maxsize=1 << 14)
def _words(text: str) -> list[str]:
    return text.lower().split()


def _sex_only(tokens: Sequence[Token]) -> bool:
    """ "Female patients are …": nothing but one sex stands before the verb."""
    said = [token.type for token in tokens if token.type not in _SMALL]
    return said == ["SEX"]


def _ages_everybody(tokens: Sequence[Token], at: int) -> bool:
    """ "Women must be 20 to 70 years old" says who the trial is for."""
    behind = [token for token in tokens[at : at + 5] if token.type not in ("FILL", "GLUE")]
    return _sex_only(tokens[:at]) and bool(behind) and behind[0].type in _LIMITS


def _subject_end(tokens: Sequence[Token], at: int) -> int:
    """Where the group ends: before the verb, or before a subject of its own ("in patients with X, scans must …")."""
    if next((token.type for token in tokens if token.type not in _SMALL), "") != "IF":
        return at
    comma = next((i for i in range(1, at) if tokens[i].type == "COMMA"), None)
    if comma is None or any(token.type in ("AND", "OR") for token in tokens[comma:at]):
        return at
    return comma


def _is_group(tokens: Sequence[Token]) -> bool:
    """Whether the words before the verb name some patients and not all: a sex, or people with something."""
    if any(
        token.type not in _SUBJECT and token.type != "RPAR"
        for token in _outside(tokens)
        if not _after_people(tokens, token)
    ):
        return False
    if any(token.type == "SEX" or _is_population(token) for token in tokens):
        return True
    people = next((at for at, token in enumerate(tokens) if _PEOPLE.intersection(token.text.lower().split())), None)
    if people is None or not _all_small(tokens[:people]):
        return False
    return any(token.type == "CONCEPT" for token in tokens[people:])


def _after_people(tokens: Sequence[Token], token: Token) -> bool:
    """Whether a word stands behind the people it is said of ("patients who are taking …")."""
    return any(
        one.start < token.start and (one.type == "SEX" or _PEOPLE.intersection(one.text.lower().split()))
        for one in tokens
    )


def _outside(tokens: Sequence[Token]) -> list[Token]:
    depth, kept = 0, []
    for token in tokens:
        depth += (token.type == "LPAR") - (token.type == "RPAR")
        if not depth:
            kept.append(token)
    return kept


def _all_small(tokens: Sequence[Token]) -> bool:
    return all(token.type in _SMALL or token.text.lower() == "also" for token in tokens)


def _is_population(token: Token) -> bool:
    return token.type == "CONCEPT" and token.value in _POPULATIONS


def _shuts_out(tokens: Sequence[Token]) -> bool:
    return bool(_UNLESS.search(" ".join(token.text for token in tokens).lower()))


__all__ = ["demand_at", "for_some", "opens_group"]
