"""What inclusion criteria forbid in a list: "A, B or C are not allowed within 4 weeks" denies A and B as it does C."""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import DENIAL, Token
from screening.resources import table

_ALLOWED = frozenset(table("permissions")["forbids"]["allowed"])
_JOINS = frozenset({"COMMA", "AND", "OR", "SLASH"})
_LISTED = frozenset({"CONCEPT", "WORD", "MOD", "FILL", "GLUE", "DASH", *_JOINS})
_TOLD = frozenset({"CONCEPT", "TIME", "ANCHOR", "WORD", "GLUE", "FILL", "RPAR"})
_WITH = frozenset(table("reading")["small"]["having"])


def bar(tokens: list[Token]) -> None:
    """Moves the denial behind such a list before it, in place; a denial behind one finding stays where it is."""
    at = next((at for at, token in enumerate(tokens) if token.denies), 0)
    ahead = [token for token in tokens[:at] if token.type not in ("BULLET", "DOT")]
    if not _is_list(ahead) or not _is_permission(tokens, at):
        return
    tokens[at].type = "FILL"
    begin = ahead[0].start
    tokens.insert(tokens.index(ahead[0]), Token("MOD", DENIAL, begin, begin, "no", {"MOD": DENIAL}))


def lacking(tokens: list[Token]) -> None:
    """ "Bone metastases with no visceral disease": what stands before "with no" is asked for, and not denied."""
    for before, token, behind in zip(tokens, tokens[1:], tokens[2:], strict=False):
        told = before.type in _TOLD and token.text.lower() in _WITH and behind.denies
        if told and any(one.type == "CONCEPT" for one in tokens[: tokens.index(token)]):
            token.type, token.value, token.senses = "SEMI", "", {}


def _is_list(ahead: Sequence[Token]) -> bool:
    """Whether at least two findings stand in a list, and nothing but their names and small words."""
    kinds = [token.type for token in ahead]
    named = [at for at, kind in enumerate(kinds) if kind == "CONCEPT"]
    return len(named) > 1 and set(kinds) <= _LISTED and not _JOINS.isdisjoint(kinds[named[0] : named[-1]])


def _is_permission(tokens: Sequence[Token], at: int) -> bool:
    """Whether "allowed" or its like stands right behind the denial ("not permitted", "not be used")."""
    behind = next((one for one in tokens[at + 1 : at + 3] if one.text.lower() != "be"), None)
    return behind is not None and behind.text.lower().partition(" ")[0] in _ALLOWED


__all__ = ["bar", "lacking"]
