"""Words that open a condition or a permission, settled before a clause is cut.

What each is depends on the rest of the clause."""

from __future__ import annotations

from itertools import pairwise

from screening.build.findings.denials import is_denied
from screening.parse.tokens import Token
from screening.resources import table

_PROVIDED = frozenset(table("reading")["provided"]["words"])
_REST = frozenset(table("reading")["otherwise"]["words"])
_ALLOWED = frozenset(table("permissions")["forbids"]["allowed"])
_LIMIT_OPENS = frozenset({"LT", "LE", "GT", "GE", "EQ", "VAR", "SCALE", "NUM", "FROM", "BETWEEN"})
_FEW = 6  # words of "who will only be included if"
_SMALL = frozenset({"FILL", "GLUE", "BULLET", "DASH"})
_PEOPLE = _SMALL | {"INELIGIBLE", "THEN"}


def settle_conditions(tokens: list[Token], *, excluding: bool) -> None:
    """Gives the words of conditions and permissions in a clause the sense they have there."""
    kinds = {token.type for token in tokens}
    if "THEN" in kinds and "IF" not in kinds:
        _none_allowed(tokens)
    if "IF" in kinds:
        _only_condition(tokens)
        _for_the_rest(tokens)
        _whom_excepted(tokens)
        _only_if(tokens)
        if not excluding:
            _provided(tokens)


def _whom_excepted(tokens: list[Token]) -> None:
    """ "except in patients with X": who is excepted, and no condition of it."""
    said = [token for token in tokens if token.type not in ("FILL", "GLUE")]
    for before, token in pairwise(said):
        if before.type == "EXCEPT" and token.type == "IF":
            token.type = "FILL"


def _only_if(tokens: list[Token]) -> None:
    """ "except for patients with X, who are only included if ALT ≤ 5 × ULN": the limit is theirs, not a condition."""
    excepted = False
    for at, token in enumerate(tokens):
        excepted = excepted or token.type == "EXCEPT"
        if not excepted or token.type != "IF" or token.text.lower() != "if":
            continue
        begin = next(
            (here for here in range(at - 1, max(-1, at - _FEW), -1) if tokens[here].text.lower() == "who"), None
        )
        if begin is None or all(one.text.lower() != "only" for one in tokens[begin:at]):
            continue
        for one in tokens[begin - 1 if tokens[begin - 1].type == "COMMA" else begin : at + 1]:
            one.type = "FILL"


def _only_condition(tokens: list[Token]) -> None:
    """ "Participants will be eligible if they are over 60": a condition with nothing but people before it, and nothing
    behind it, is itself what is asked for."""
    at = next((i for i, token in enumerate(tokens) if token.type not in _PEOPLE), len(tokens))
    if at == len(tokens) or tokens[at].type != "IF" or tokens[at].text.lower() not in ("if", "when"):
        return
    if all(token.type not in ("THEN", "COMMA", "COLON", "SEMI") for token in tokens[at + 1 :]):
        tokens[at].type = "FILL"


def _provided(tokens: list[Token]) -> None:
    """ "FLC ≥ 10 mg/dL, provided the ratio is abnormal": behind a demand, what else must hold; behind a permission, or
    in a parenthesis with another limit, a condition."""
    depth, demanded = 0, False
    for token in tokens:
        depth += (token.type == "LPAR") - (token.type == "RPAR")
        if token.type == "THEN" or (token.type == "IF" and not demanded):
            return
        demanded = demanded or token.type in ("VAR", "SCALE", "CONCEPT")
        if token.type == "IF" and depth == 0 and token.text.lower() in _PROVIDED:
            token.type = "AND"


def _for_the_rest(tokens: list[Token]) -> None:
    """A word that turns to all whom the condition before it leaves out is an "or": "… if on oxygen, otherwise > 3"."""
    conditional = False
    for token, following in pairwise(tokens):
        conditional = conditional or token.type == "IF"
        if conditional and following.type in _LIMIT_OPENS and token.text.lower() in _REST:
            token.type = "OR"


def _none_allowed(tokens: list[Token]) -> None:
    """ "No transfusion is allowed within 7 days of screening": the verb parts no group of people from a demand."""
    opening = next((token for token in tokens if token.type not in _SMALL), None)
    if opening is None or not is_denied((opening,)):
        return
    for token in tokens:
        if token.type == "THEN" and token.text.lower().rpartition(" ")[2] in _ALLOWED:
            token.type = "FILL"


__all__ = ["settle_conditions"]
