"""Numbers that count no quantity: of visits, cohorts and questions, and signs of multiplication before a number.

"recorded at visit 1 or < 90 %", "cohort 2 (asthma) ≥ 18 years", "> x3 times the upper limit".
"""

from __future__ import annotations

import re

from screening.parse.tokens import COMPARING, Token
from screening.resources import table

_PARTS = frozenset(table("reading")["parts_of_scales"]["words"])
NUMBERED = frozenset(table("reading")["numbered"]["words"])
_MEASURED = frozenset({"UNIT", "TIME", "TIMES", "POSTGE", "POSTLE", "POSTGT", "MULT", "ULN", "LLN"})
_JOINS = frozenset({"AND", "OR", "SLASH", "TO"})
_SHORT = 2  # digits of the number of a visit or cohort
_TIMES = re.compile(r"[x×](\d+(?:\.\d+)?)", re.IGNORECASE)


def numbered(tokens: list[Token]) -> list[Token]:
    """The number of a visit, cohort or question is a part of its name."""
    for at in range(1, len(tokens)):
        name = tokens[at - 1].text.lower()
        if name in _PARTS and at > 1 and tokens[at - 2].type in ("VAR", "SCALE"):
            continue  # "PHQ-9 item 9": no part of the score is read, so that its number is left to be told
        if name in NUMBERED and _is_name(tokens, at):
            tokens[at].type = "FILL"
            if at + 2 < len(tokens) and tokens[at + 1].type in _JOINS and _is_name(tokens, at + 2):
                tokens[at + 1].type = tokens[at + 2].type = "FILL"
    return tokens


def _is_name(tokens: list[Token], at: int) -> bool:
    """Whether a plain number measures nothing."""
    token = tokens[at]
    if token.type != "NUM" or not token.text.isdigit() or len(token.text) > _SHORT:
        return False
    return at + 1 == len(tokens) or tokens[at + 1].type not in _MEASURED


def multiplied(tokens: list[Token]) -> list[Token]:
    """ "> x3 ULN", "> × 3 times ULN": the sign before a number says what stands behind it anyway."""
    for at, before in enumerate(tokens[:-1], 1):
        if before.type not in COMPARING:
            continue
        token = tokens[at]
        if token.type == "WORD" and (glued := _TIMES.fullmatch(token.text)):
            token.type, token.value = "NUM", glued[1]
            _counts(tokens, at + 1)
        elif token.type == "TIMES" and at + 1 < len(tokens) and tokens[at + 1].type == "NUM":
            token.type = "FILL"
            _counts(tokens, at + 2)
    return tokens


def _counts(tokens: list[Token], at: int) -> None:
    """Puts the sign behind the number where none stands there."""
    if at < len(tokens) and "TIMES" in tokens[at].senses:
        tokens[at].become("TIMES")


__all__ = ["NUMBERED", "multiplied", "numbered"]
