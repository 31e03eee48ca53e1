"""Parentheses that do not match: the sign that words beside a comparison were moved or lost."""

from __future__ import annotations

import re

from screening.build.common.context import Reader
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
    before = tokens[0]
    for token in tokens:
        if token.type == "LPAR":
            depth += 1
        elif token.type == "RPAR":
            if depth == 0 and not _marks_item(before):
                return False
            depth -= depth > 0
        elif not token.text.isalnum():
            depth += _left_open(token)
        before = token
    return depth == 0


def _left_open(token: Token) -> int:
    """Parentheses that a name or number took with it ("RECIST) version 1.1"); none that was read as a small word."""
    text = token.text
    if len(text) == 1 and token.type == "FILL":
        return 0
    if len(text) > 1:
        return text.count("(") + text.count("[") - text.count(")") - text.count("]")
    return (text in "([") - (text in ")]")


def _marks_item(before: Token) -> bool:
    """Whether a letter or number stands before a parenthesis that closes none."""
    return _MARKER.fullmatch(before.text) is not None


__all__ = ["note_garbled"]
