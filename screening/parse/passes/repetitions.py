"""What is said twice: "ULN (ULN)", "eight (8)", "Xyz (ANC) ≥ 5", "visual analogue scale pain score".

Each pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

from screening.parse.tokens import COMPARING, Token


def said_again(tokens: list[Token]) -> list[Token]:
    """Drops what says the same twice: "ULN (ULN)", "ALT (alanine aminotransferase)", "eight (8)"."""
    kept: list[Token] = []
    for token in tokens:
        kept.append(token)
        if token.type == "RPAR" and len(kept) >= 4:
            first, left, again, _ = kept[-4:]
            if left.type == "LPAR" and again.type in COMPARING and first.type in COMPARING:
                kept[-4:] = [Token(again.type, again.value, first.start, token.end, again.text, again.senses)]
            elif left.type == "LPAR" and _same(first, again):
                joined = Token(first.type, first.value, first.start, token.end, first.text, first.senses)
                kept[-4:] = [joined]
    return kept


def unwrapped(tokens: list[Token]) -> list[Token]:
    """An abbreviation in parentheses that carries the limit stands for the unknown name before it: "Xyz (ANC) ≥ 5"."""
    for at in range(1, len(tokens) - 3):
        left, name, right = tokens[at : at + 3]
        if (
            left.type == "LPAR"
            and right.type == "RPAR"
            and name.type in ("VAR", "SCALE")
            and tokens[at - 1].type == "WORD"
            and tokens[at + 3].type in COMPARING
        ):
            name.senses = {**name.senses, "EXPANDED": tokens[at - 1].text}
            left.type = right.type = "FILL"
    return tokens


def named_twice(tokens: list[Token]) -> list[Token]:
    """ "visual analogue scale pain score": a second name of the same quantity right behind the first adds nothing."""
    before: Token | None = None
    for token in tokens:
        if token.type in ("VAR", "SCALE"):
            if before is not None and (before.type, before.value) == (token.type, token.value):
                token.type = "FILL"
            else:
                before = token
        elif token.type != "FILL":
            before = None
    return tokens


def _same(first: Token, again: Token) -> bool:
    if first.type != again.type:
        return False
    if first.type in ("ULN", "LLN"):
        return True
    return first.type in ("VAR", "SCALE", "NUM", "CONCEPT", "METHOD") and str(first.value) == str(again.value)


__all__ = ["named_twice", "said_again", "unwrapped"]
