"""Several stages or types of one finding, said in a row: "stage 1, 2 or 3", "type 1 or 2" of what has no scale here.

The pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

from screening.parse.tokens import Token
from screening.resources import table

NAMED = frozenset(table("reading")["levelled"]["words"])
_JOINTS = frozenset({"COMMA", "AND", "OR", "TO", "DASH", "SLASH"})
_RANGING = frozenset({"TO", "DASH"})
_NEAR = 8  # tokens from the word to the scale behind its levels
_MEASURED = frozenset({"UNIT", "TIME", "TIMES", "ULN", "LLN"})


def staged(tokens: list[Token]) -> list[Token]:
    """The tokens, with what joins the levels behind such a word as small words: they are alternatives."""
    for at, token in enumerate(tokens[:-3]):
        if not _is_level(tokens[at + 1]) or token.text.lower() not in NAMED:
            continue
        if any(one.type == "SCALE" or "SCALE" in one.senses for one in tokens[: at + _NEAR]):
            continue  # "NYHA III (class II-IV if …)", "stage 3 or 4 CKD": the levels of a scale
        _join(tokens, at + 1)
    return tokens


def _join(tokens: list[Token], first: int) -> None:
    """Makes one run of the levels from here on; a number that counts something else ends it."""
    at = first
    while _goes_on(tokens, at):
        tokens[at + 1].type, tokens[at + 1].value = "GLUE", ""
        at += 2


def _goes_on(tokens: list[Token], at: int) -> bool:
    """Whether what joins two levels and the next of them stand behind this one."""
    if at + 2 >= len(tokens) or tokens[at + 1].type not in _JOINTS or not _is_level(tokens[at + 2]):
        return False
    behind = [token.type for token in tokens[at + 3 : at + 6]]
    if behind[:1] and behind[0] in _RANGING and behind[1:2] == ["NUM"]:
        return _is_level(tokens[at + 4]) and behind[2:3] != ["TIME"]
    return not behind or behind[0] not in _MEASURED


def _is_level(token: Token) -> bool:
    """Whether it may be a stage: no classification has ten."""
    return token.type == "LEVEL" or (token.type == "NUM" and len(token.text) == 1)
