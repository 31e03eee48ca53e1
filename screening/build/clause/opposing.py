"""Demands among exclusions: "X is not allowed" shuts out those with X; "must be sterile" those who are not."""

from __future__ import annotations

from collections.abc import Sequence

from screening.build.common.drafts import kind_of
from screening.parse.tokens import Token
from screening.predicates import IfElse, Not, Predicate
from screening.resources import table
from screening.ruleset.model import RuleKind

_WORDS = table("permissions")["forbids"]
_MODALS = frozenset(_WORDS["modals"])
_ALLOWED = frozenset(_WORDS["allowed"])
_RELATIVE = frozenset({"who", "that", "which", "whom", "if", "when"})
_SOFTENED = frozenset({"EXCEPT", "UNLESS"})
_MUST = ("must", "should", "shall")
_OF_AGE = frozenset(table("measures")["implied_by_unit"]["age"])
_ENTERING = frozenset(_WORDS["entering"])
_SHUT_OUT = frozenset(_WORDS["shut_out"])


def forbid(tokens: Sequence[Token]) -> None:
    """Takes the denial out of "must not have X" and "X is not allowed": among exclusions both shut out X."""
    for at, token in enumerate(tokens):
        if not token.denies:
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
    """Whether a clause among exclusions asks for something: "must" or "should" said of the patient or of a limit, or
    "only patients with … are eligible"."""
    said = f" {' '.join([token.text.lower() for token in tokens])} "
    if not ("must" in said or "should" in said or "shall" in said or "only" in said):
        return False
    outside = _outside(tokens)
    words = [token.text.lower() for token in outside]
    said = f" {' '.join(words)} "
    if any(token.type in _SOFTENED for token in tokens) or any(f" {word} " in said for word in _SHUT_OUT):
        return False
    if _only_these(outside):
        return True
    at = next((i for i, word in enumerate(words) if word.partition(" ")[0] in _MUST), None)
    if at is None or _RELATIVE.intersection(words[:at]) or _lengths_apart(tokens):
        return False
    if outside[at].type in ("LT", "LE", "GT", "GE"):
        return True  # "QTc must not exceed 470 ms"
    return "not" not in words[at].split() and words[at + 1 : at + 2] != ["not"]


def _outside(tokens: Sequence[Token]) -> list[Token]:
    """The tokens outside parentheses."""
    depth, kept = 0, []
    for token in tokens:
        depth += (token.type == "LPAR") - (token.type == "RPAR")
        if depth <= 0 and token.type != "RPAR":
            kept.append(token)
    return kept


def _only_these(tokens: Sequence[Token]) -> bool:
    """ "Only patients with ECOG 0-1 are eligible": whom the trial takes, and nobody else."""
    opening = next((token.text.lower() for token in tokens if token.type not in ("BULLET", "DASH")), "")
    said = " ".join(token.text for token in tokens).lower().split()
    limited = any(token.type in ("VAR", "SCALE") for token in tokens) and not _ALLOWED.isdisjoint(said)
    return opening.split()[:1] == ["only"] and (limited or not _ENTERING.isdisjoint(said))


def _lengths_apart(tokens: Sequence[Token]) -> bool:
    """ "At least 4 weeks must lie between …": a length of time with no limit beside it is no demand on the patient."""
    kinds = {token.type for token in tokens}
    aged = any(token.type == "TIME" and token.text.lower().rpartition(" ")[2] in _OF_AGE for token in tokens)
    return "TIME" in kinds and not aged and not kinds & {"VAR", "SCALE", "WITHIN"}


def opposite(made: Predicate) -> Predicate:
    """What shuts out who does not meet a demand; what only a person can say stays as it is."""
    if kind_of(made) is not RuleKind.DATA:
        return made
    if isinstance(made, Not):
        return made.item
    return Not(made, made.span if not isinstance(made, IfElse) else None)


__all__ = ["demands", "forbid", "opposite"]
