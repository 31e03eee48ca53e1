"""Parentheses that do not match: the sign that words beside a comparison were moved or lost."""

from __future__ import annotations

import re
from itertools import pairwise

from screening.build.context import Reader
from screening.parse.tokens import Token

_MARKER = re.compile(r"[a-z]|[ivx]+|\d{1,2}", re.IGNORECASE)
_BRACKETS = "()[]{}"


def note_garbled(reader: Reader, tokens: list[Token]) -> None:
    """Parentheses that do not match are shown: words beside a whole comparison were lost or moved.

    A parenthesis may close none where it marks an item of a list inside the sentence: "1) …, 2) …".
    """
    if any(map(reader.words(tokens[0], tokens[-1]).__contains__, _BRACKETS)) and not _balanced(tokens):
        reader.note(
            "garbled-text",
            "the parentheses do not match; words may have been moved or lost",
            reader.span(tokens[0], tokens[-1]),
        )


def _balanced(tokens: list[Token]) -> bool:
    depth = 0
    for before, token in pairwise([tokens[0], *tokens]):
        if token.type == "RPAR" and depth == 0 and not _marks_item(before, token):
            return False
        depth += (token.type == "LPAR") - (token.type == "RPAR" and depth > 0) + _left_open(token)
    return depth == 0


def _left_open(token: Token) -> int:
    """Parentheses that a name or number took with it ("RECIST) version 1.1"); none that was read as a small word."""
    if token.type in ("LPAR", "RPAR"):
        return 0
    text = token.text
    if len(text) == 1 and token.type == "FILL":
        return 0
    if len(text) > 1:
        return text.count("(") + text.count("[") - text.count(")") - text.count("]")
    return (text in "([") - (text in ")]")


def _marks_item(before: Token, token: Token) -> bool:
    return token.type == "RPAR" and bool(_MARKER.fullmatch(before.text))


__all__ = ["note_garbled"]
