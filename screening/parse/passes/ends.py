"""Ends of a range that do not belong to it: "50 kg (inclusive) to 90 kg (exclusive)" is ≥ 50 and < 90 kg."""

from __future__ import annotations

from screening.parse.numbers import readings
from screening.parse.tokens import Token

_AGAIN = 12  # tokens of a range, and of what says its ends again
_SAID_AGAIN = frozenset({"NUM", "UNIT", "TIME", "AND", "COMMA", "OR", "FILL", "BOTH", "EITHER"})
_LEADING = frozenset({"FROM", "FILL", "COLON"})


def exclusive_ends(tokens: list[Token]) -> list[Token]:
    """The tokens with "(exclusive)" behind the second end of a range as signs before both."""
    for at in range(len(tokens) - 2):
        left, word, right = tokens[at : at + 3]
        if (left.type, right.type) != ("LPAR", "RPAR") or word.text.lower() != "exclusive":
            continue
        told = [token for token in tokens[:at] if token.type != "FILL"]
        high = next((here for here in range(len(told) - 1, max(-1, len(told) - 3), -1) if told[here].type == "NUM"), 0)
        if high and told[high - 1].type in ("TO", "AND", "DASH"):
            left.type = word.type = right.type = "FILL"
            return _with_signs(tokens, told, high)
    return tokens


def _with_signs(tokens: list[Token], told: list[Token], high: int) -> list[Token]:
    low = next((token for token in reversed(told[:high]) if token.type == "NUM"), None)
    out: list[Token] = []
    for token in tokens:
        if token is told[high]:
            out.append(Token("LT", "<", token.start, token.start, "<"))
        elif token is low:
            out.append(Token("GE", "≥", token.start, token.start, "≥"))
        out.append(token)
    return out


def ends_again(tokens: list[Token]) -> list[Token]:
    """ "18-65 years old (including 18 and 65 years old)": the ends named again are no further limits."""
    for at, token in enumerate(tokens):
        if token.type != "LPAR" or at + 2 >= len(tokens) or tokens[at + 1].type != "EXAMPLE":
            continue
        end = next((here for here in range(at + 2, min(len(tokens), at + _AGAIN)) if tokens[here].type == "RPAR"), at)
        said = {one.value for one in tokens[at:end] if one.type == "NUM"}
        before = {one.value for one in tokens[max(0, at - _AGAIN) : at] if one.type == "NUM"}
        if said and said <= before and all(one.type in _SAID_AGAIN for one in tokens[at + 2 : end]):
            for one in tokens[at : end + 1]:
                one.type = "FILL"
    return tokens


def colon_ranges(tokens: list[Token]) -> list[Token]:
    """ "BMI from 25 : 29.9 kg/m2", "HbA1c 6.5 % : 8 %": a colon between two numbers that rise, behind a name."""
    for at in range(2, len(tokens) - 1):
        if tokens[at].type != "COLON" or tokens[at + 1].type != "NUM":
            continue
        begin = at - 1 if tokens[at - 1].type == "NUM" else at - 2
        low, name = tokens[begin], next((one for one in reversed(tokens[:begin]) if one.type not in _LEADING), None)
        values = [readings(low.value), readings(tokens[at + 1].value)] if low.type == "NUM" else []
        if name is None or name.type not in ("VAR", "SCALE") or not values or not all(values):
            continue
        if 1 < values[0][0] < values[1][0] and (begin == at - 1 or tokens[at - 1].type in ("UNIT", "TIME")):
            tokens[at].type = "TO"
    return tokens


__all__ = ["colon_ranges", "ends_again", "exclusive_ends"]
