"""Ends of a range that do not belong to it: "50 kg (inclusive) to 90 kg (exclusive)" is ≥ 50 and < 90 kg."""

from __future__ import annotations

from screening.parse.tokens import Token


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


__all__ = ["exclusive_ends"]
