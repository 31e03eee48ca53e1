"""What is measured in another specimen, or of another thing than the patient: "CSF glucose < 40 mg/dL", "sputum
eosinophils ≥ 3 %", "room temperature", "central apnea index". No value of the patient's blood or body answers that, so
that the name is left unread, and its limit with it. So are "live fetus with a heart rate > 110 bpm" and "PPD ≥ 5 mm"
beside tuberculosis.

The pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import Token
from screening.resources import table

_ELSEWHERE = table("measures")["elsewhere"]
_UNBORN = frozenset(_ELSEWHERE["unborn"]["words"])
_OF_UNBORN = frozenset(_ELSEWHERE["unborn"]["variables"])
_MOTHERS = frozenset(_ELSEWHERE["unborn"]["mothers"])
_BEFORE = frozenset(_ELSEWHERE["before"]) | frozenset(_ELSEWHERE["specimens"])
_HOMONYMS = {name: (frozenset(one["names"]), frozenset(one["words"])) for name, one in _ELSEWHERE["homonyms"].items()}
WORDS = _BEFORE | _UNBORN | frozenset[str]().union(*(names for names, _ in _HOMONYMS.values()))
_FAR = 8  # tokens from an unborn child to what is measured of it
_SPECIMENS = frozenset(_ELSEWHERE["specimens"])
_MATERIAL = frozenset(_ELSEWHERE["material"])  # may stand between a specimen and what is measured in it
_NAMES = frozenset({"VAR", "SCALE"})


def elsewhere(tokens: list[Token]) -> list[Token]:
    """The tokens with such names as plain words; a name that holds the specimen ("urine protein") is none of them."""
    for at, token in enumerate(tokens):
        if token.type in _NAMES and (_said_before(tokens, at) or _said_behind(tokens, at) or _another(tokens, at)):
            token.type, token.senses = "WORD", {}
    return tokens


def _said_before(tokens: Sequence[Token], at: int) -> bool:
    before = [word for token in tokens[max(0, at - 2) : at] for word in _words(token)]
    while before and before[-1] in _MATERIAL:
        before.pop()
    return bool(before) and before[-1] in _BEFORE


def _said_behind(tokens: Sequence[Token], at: int) -> bool:
    """ "leucocytes in urine": the specimen behind "in"; "in blood or urine" leaves the choice."""
    behind = [word for token in tokens[at + 1 : at + 4] for word in _words(token) if word != "the"]
    return behind[:1] == ["in"] and len(behind) > 1 and behind[1] in _SPECIMENS


def _another(tokens: Sequence[Token], at: int) -> bool:
    """Whether other words of the text say that something else has the name here, or that it is of an unborn child."""
    names, beside = _HOMONYMS.get(str(tokens[at].value), (frozenset[str](), frozenset[str]()))
    if tokens[at].text.lower() in names and any(word in beside for token in tokens for word in _words(token)):
        return True
    return _unborn(tokens, at)


def _unborn(tokens: Sequence[Token], at: int) -> bool:
    """ "live fetus with a heart rate > 110 bpm": of the child, where nobody else is named behind it."""
    if tokens[at].value not in _OF_UNBORN:
        return False
    before = [word for token in tokens[max(0, at - _FAR) : at] for word in _words(token)]
    named = next((word for word in reversed(before) if word in _UNBORN or word in _MOTHERS), None)
    return named in _UNBORN


def _words(token: Token) -> list[str]:
    return token.text.lower().split()


__all__ = ["WORDS", "elsewhere"]
