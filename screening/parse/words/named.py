"""The scale just named in a text: which of the words behind it are its levels."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from screening import variables
from screening.parse.tokens import Token
from screening.parse.words.pieces import Pieces

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6}


class NamedScale:
    """*id* is the scale variable whose levels may follow the *tokens* so far; None where none was just named."""

    __slots__ = ("id", "pieces", "tokens")

    def __init__(self, pieces: Pieces, tokens: Sequence[Token]) -> None:
        self.pieces, self.tokens = pieces, tokens
        self.id: str | None = None

    def level(self, at: int) -> Decimal | None:
        """The level that the piece at *at* is."""
        text, key = self.pieces.texts[at], self.pieces.keys[at]
        if self.id is None or self.pieces.kinds[at] != "word" or text == "v":
            return None
        levels = variables.catalogue()[self.id].levels
        for name in (text, key):
            if name in levels:
                return Decimal(levels[name])
        classes = variables.catalogue()[self.id].classes
        if classes and text in variables.catalogue()[classes].levels:
            return self._of_classes(classes, text)
        if key in _ROMAN and text.isupper():
            return Decimal(_ROMAN[key])
        return None

    def _of_classes(self, classes: str, level: str) -> Decimal:
        """ "Child-Pugh score of B": the letter belongs to the classes of the scale, so the scale named is that one."""
        for token in reversed(self.tokens):
            if token.type == "SCALE" and token.value == self.id:
                token.value = classes
                break
        self.id = classes
        return Decimal(variables.catalogue()[classes].levels[level])
