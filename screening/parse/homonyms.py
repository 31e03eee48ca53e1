"""Names that mean another thing beside certain words: "off immunosuppression" speaks of the drugs, not of the state."""

from __future__ import annotations

from screening.parse.lexicon import words_of
from screening.parse.tokens import Token
from screening.resources import table

_NAMES: dict[str, str] = table("reading")["taken"]["names"]
_TAKING = frozenset(table("reading")["taken"]["words"])
_CLOSE = 2  # tokens: "on stable immunosuppression"
HOMONYMS = frozenset(word for name in _NAMES for word in words_of(name))


def taken(tokens: list[Token]) -> list[Token]:
    """ "off immunosuppression": the state is named for the drugs that make it."""
    for at, token in enumerate(tokens):
        drug = _NAMES.get(token.text.lower()) if token.type == "CONCEPT" else None
        if drug and any(one.text.lower() in _TAKING for one in tokens[max(0, at - _CLOSE) : at]):
            token.value = drug
    return tokens


__all__ = ["HOMONYMS", "taken"]
