"""Causes joined by "or": in "thrombosis due to trauma or pregnancy" both are causes, and neither is a finding."""

from __future__ import annotations

from screening.parse.tokens import Token

_JOINS = frozenset({"OR", "SLASH"})
_ENDS = frozenset({"AND", "OR", "COMMA", "SEMI", "LPAR", "RPAR", "EXCEPT", "IF", "COLON", "THEN", "DOT", "EXAMPLE"})
_STOPS = frozenset({"SEMI", "LPAR", "RPAR", "EXCEPT", "IF", "COLON", "THEN", "DOT", "CAUSE"})
_LIMITS = frozenset({"NUM", "LT", "LE", "GT", "GE", "EQ"})
_OWN = frozenset({"history", "current", "negation"})


def cause_lists(tokens: list[Token]) -> list[Token]:
    """The tokens with what joins the causes of one finding as small words: "or", and all of a list of examples.

    Behind a comma, or before words that date or deny it, something else may be listed.
    """
    for at, token in enumerate(tokens):
        if token.type != "CAUSE" or not _names_finding(tokens, at):
            continue
        join = _end(tokens, at + 1)
        if join + 1 >= len(tokens):
            continue
        if tokens[join].type in _JOINS and _goes_on(tokens, join + 1):
            tokens[join].type = "FILL"
        elif tokens[join].type == "EXAMPLE":
            _join_examples(tokens, join)
    return tokens


def _join_examples(tokens: list[Token], at: int) -> None:
    """ "Dyspnoea due to other causes such as asthma, anaemia or obesity": the whole list only says what causes."""
    end = next((here for here in range(at, len(tokens)) if tokens[here].type in _STOPS), len(tokens))
    if not any(token.type in _LIMITS for token in tokens[at:end]):
        for token in tokens[at:end]:
            if token.type in _ENDS:
                token.type = "FILL"


def _names_finding(tokens: list[Token], at: int) -> bool:
    """Whether a finding stands before the cause in the same phrase."""
    for token in reversed(tokens[:at]):
        if token.type in _ENDS:
            return False
        if token.type == "CONCEPT" and "WEAK" not in token.senses:
            return True
    return False


def _end(tokens: list[Token], at: int) -> int:
    """Where the phrase that begins at *at* ends."""
    return next((here for here in range(at, len(tokens)) if tokens[here].type in _ENDS), len(tokens))


def _goes_on(tokens: list[Token], at: int) -> bool:
    """Whether the phrase at *at* may be a further cause: no limit, and no words of its own that date or deny it."""
    phrase = tokens[at : _end(tokens, at)]
    if not phrase or any(token.type in _LIMITS for token in phrase):
        return False
    opening = next((token for token in phrase if token.type not in ("FILL", "GLUE")), None)
    return opening is not None and not (opening.type == "MOD" and any(role in _OWN for role, _ in opening.value))


__all__ = ["cause_lists"]
