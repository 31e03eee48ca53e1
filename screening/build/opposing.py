"""Demands among exclusions: "X is not allowed" shuts out those with X; "must be sterile" those who are not."""

from __future__ import annotations

from collections.abc import Sequence

from screening.build.drafts import kind_of
from screening.parse.tokens import Token
from screening.predicates import IfElse, Not, Predicate
from screening.resources import table
from screening.ruleset.model import RuleKind

_WORDS = table("permissions")["forbids"]
_MODALS = frozenset(_WORDS["modals"])
_ALLOWED = frozenset(_WORDS["allowed"])
_RELATIVE = frozenset({"who", "that", "which", "whom", "if", "when"})
_NUMBERED = frozenset({"NUM", "LT", "LE", "GT", "GE", "IF", "EXCEPT", "UNLESS"})
_SHUT_OUT = frozenset(_WORDS["shut_out"])


def forbid(tokens: Sequence[Token]) -> None:
    """Takes the denial out of "must not have X" and "X is not allowed": among exclusions both shut out X."""
    for at, token in enumerate(tokens):
        if token.type != "MOD" or not any(role == "negation" for role, _ in token.value):
            continue
        words = token.text.lower().split()
        behind = next((one for one in tokens[at + 1 : at + 3] if one.text.lower() != "be"), None)
        before = tokens[at - 1].text.lower() if at else ""
        modal = "not" in words and (words[0] in _MODALS or (words == ["not"] and before in _MODALS))
        barred = words[-1] == "not" and behind is not None and behind.text.lower().partition(" ")[0] in _ALLOWED
        if modal or barred:
            token.value = tuple((role, name) for role, name in token.value if role != "negation")
            if not token.value:
                token.type = "FILL"
        if barred and behind is not None:
            behind.type = "FILL"


def demands(tokens: Sequence[Token]) -> bool:
    """Whether a clause among exclusions asks for something: "must" or "should" said of the patient, and no limit."""
    words = [token.text.lower() for token in tokens]
    said = f" {' '.join(words)} "
    if not ("must" in said or "should" in said or "shall" in said):
        return False
    if any(token.type in _NUMBERED for token in tokens) or any(f" {word} " in said for word in _SHUT_OUT):
        return False
    at = next((i for i, word in enumerate(words) if word.partition(" ")[0] in ("must", "should", "shall")), None)
    if at is None or "not" in words[at].split() or _RELATIVE.intersection(words[:at]):
        return False
    return words[at + 1 : at + 2] != ["not"]


def opposite(made: Predicate) -> Predicate:
    """What shuts out who does not meet a demand; what only a person can say stays as it is."""
    if kind_of(made) is not RuleKind.DATA:
        return made
    if isinstance(made, Not):
        return made.item
    return Not(made, made.span if not isinstance(made, IfElse) else None)


__all__ = ["demands", "forbid", "opposite"]
