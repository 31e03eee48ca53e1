"""People beside the patient whose disease a text names: "same age as a child with malaria", "contacts of a patient with
tuberculosis". What is behind them is theirs, and no finding of whoever is screened.
"""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import Token
from screening.resources import table

_CONTACTS = table("reading")["contacts"]
RELATIONS = frozenset(_CONTACTS["relations"])
_LINKS = frozenset(_CONTACTS["links"])
_ARTICLES = frozenset(_CONTACTS["articles"])
_PEOPLE = frozenset(_CONTACTS["people"])
_HAVING = frozenset(_CONTACTS["having"])
_ENDS = frozenset({"COMMA", "SEMI", "DOT", "RPAR", "LPAR"})
_FAR = 8  # tokens between the relation and the other person


def of_contacts(tokens: list[Token]) -> list[Token]:
    """The tokens with the findings behind such a person, up to the next pause, as plain words."""
    for at, token in enumerate(tokens):
        if _has_something(tokens, at) and _is_other(tokens, at):
            token.type, token.senses = "WORD", {}
            for behind in tokens[at + 1 :]:
                if behind.type in _ENDS:
                    break
                if behind.type == "CONCEPT":
                    behind.type, behind.senses = "WORD", {}
    return tokens


def _has_something(tokens: Sequence[Token], at: int) -> bool:
    """Whether a person stands here, and "with" right behind, in the same token or the next."""
    person, _, having = tokens[at].text.lower().partition(" ")
    return person in _PEOPLE and (having or " ".join(one.text.lower() for one in tokens[at + 1 : at + 2])) in _HAVING


def _is_other(tokens: Sequence[Token], at: int) -> bool:
    """Whether "as a", "of", "for a" stand right before the person, and a word that relates somebody to it before."""
    words = [word for token in tokens[max(0, at - _FAR) : at] for word in token.text.lower().split()]
    while words and words[-1] in _ARTICLES:
        words.pop()
    return bool(words) and words[-1] in _LINKS and not RELATIONS.isdisjoint(words[:-1])


__all__ = ["RELATIONS", "of_contacts"]
