"""The neighbours of a token, by which it settles on one of its senses."""

from __future__ import annotations

from screening.parse.tokens import Token

_NAMES = frozenset(
    {"VAR", "SCALE", "CONCEPT", "TIMES", "MULT"}
)  # without company these are unread words, not small ones


def _passed_over(token: Token) -> bool:
    """Fillers, and words that will be fillers once settled ("of" behind a name)."""
    return token.type == "FILL" or (token.type == "BEFORE" and token.text.lower() == "of")


class Around:
    """The neighbours of a token, fillers passed over."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens

    def before(self, at: int, *passed: str) -> Token | None:
        """The nearest token before *at* that is no filler, nor of the kinds *passed* over."""
        near = self._index(at)
        while passed and near is not None and self.tokens[near].type in passed:
            near = self._index(near)
        return None if near is None else self.tokens[near]

    def before_that(self, at: int) -> Token | None:
        """The second token before *at* that is no filler."""
        near = self._index(at)
        return self.before(near) if near is not None else None

    def _index(self, at: int) -> int | None:
        for here in range(at - 1, -1, -1):
            if not _passed_over(self.tokens[here]):
                return here
        return None

    def after(self, at: int, skip: int = 0) -> Token | None:
        """The nearest token after *at* that is no filler, *skip* of them passed over."""
        tokens = self.tokens
        for here in range(at + 1, len(tokens)):
            if not _passed_over(tokens[here]):
                if not skip:
                    return tokens[here]
                skip -= 1
        return None


def is_one(token: Token | None, *kinds: str) -> bool:
    """Whether there is a token, of one of these kinds."""
    return token is not None and token.type in kinds


def first_sense(token: Token, *senses: str) -> None:
    """Gives a token the first of these senses that it has; without any it is an unread word, or a small one."""
    for sense in senses:
        if sense in token.senses:
            token.become(sense)
            return
    token.type, token.value = ("WORD" if token.type in _NAMES else "GLUE"), token.text
