"""What is measured in another specimen, or of another thing than the patient: "CSF glucose < 40 mg/dL", "sputum
eosinophils ≥ 3 %", "room temperature", "central apnea index". No value of the patient's blood or body answers that, so
that the name is left unread, and its limit with it.

The pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import Token
from screening.resources import table

_ELSEWHERE = table("measures")["elsewhere"]
WORDS = frozenset(_ELSEWHERE["before"]) | frozenset(_ELSEWHERE["specimens"])
_SPECIMENS = frozenset(_ELSEWHERE["specimens"])
_MATERIAL = frozenset(_ELSEWHERE["material"])  # may stand between a specimen and what is measured in it
_NAMES = frozenset({"VAR", "SCALE"})


def elsewhere(tokens: list[Token]) -> list[Token]:
    """The tokens with such names as plain words; a name that holds the specimen ("urine protein") is none of them."""
    for at, token in enumerate(tokens):
        if token.type in _NAMES and (_said_before(tokens, at) or _said_behind(tokens, at)):
            token.type, token.senses = "WORD", {}
    return tokens


def _said_before(tokens: Sequence[Token], at: int) -> bool:
    before = [word for token in tokens[max(0, at - 2) : at] for word in _words(token)]
    while before and before[-1] in _MATERIAL:
        before.pop()
    return bool(before) and before[-1] in WORDS


def _said_behind(tokens: Sequence[Token], at: int) -> bool:
    """ "leucocytes in urine": the specimen behind "in"; "in blood or urine" leaves the choice."""
    behind = [word for token in tokens[at + 1 : at + 4] for word in _words(token) if word != "the"]
    return behind[:1] == ["in"] and len(behind) > 1 and behind[1] in _SPECIMENS


def _words(token: Token) -> list[str]:
    return token.text.lower().split()


__all__ = ["WORDS", "elsewhere"]
