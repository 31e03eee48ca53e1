"""Words on the time of a finding that stand apart from it: "malignancy, current or past", "recent (within 3 months)
stroke", "surgery within 4 weeks or planned".

Each pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from screening.parse.tokens import Token
from screening.resources import table

_LENGTH = frozenset({"WITHIN", "LT", "LE", "NUM", "TIME", "FILL", "GLUE", "BEFORE", "ANCHOR"})
_LONGEST = 9  # tokens of a length of time in parentheses
_BETWEEN = frozenset({"MOD", "FILL", "ORGAN"})  # what may stand between it and the noun
_ENDS = frozenset({"RPAR", "DOT", "SEMI", "COMMA", "WITHIN", "BEFORE", "GLUE", "FILL", "CONTRAST"})
_CLAUSE_ENDS = frozenset({"DOT", "SEMI", "BULLET"})
_NAMES = frozenset({"CONCEPT", "VAR", "SCALE", "WORD", "ORGAN", "RESULT"})
VAGUE = frozenset(table("reading")["vague_times"]["words"])
"""Words that say that something was not long ago, and not how long."""
PLANNED = "planned"
_HISTORY = (("history", "history_of"),)


def dated_before_noun(tokens: list[Token]) -> list[Token]:
    """ "Recent (within 3 months) stroke", "history (within 2 years) of stroke": a length of time in parentheses before
    the noun dates it all the same."""
    for at in range(1, len(tokens) - 2):
        if tokens[at].type != "LPAR" or (end := _closed(tokens, at)) is None or not _noun_behind(tokens, end):
            continue
        of_it = _is_of(tokens, end + 1)
        if of_it and tokens[at - 1].text.lower() == "history":
            tokens[at - 1].senses = {"MOD": _HISTORY}
            tokens[at - 1].become("MOD")
        if of_it:
            tokens[end + 1].type = "FILL"
        if of_it or _is_time(tokens[at - 1]) or tokens[at - 1].text.lower() in VAGUE:
            tokens[at].type = tokens[end].type = "FILL"
    return tokens


def _closed(tokens: Sequence[Token], at: int) -> int | None:
    """Where a parenthesis ends that holds nothing but a length of time."""
    for end in range(at + 1, min(len(tokens), at + _LONGEST)):
        if tokens[end].type == "RPAR":
            return end if any(token.type == "TIME" for token in tokens[at:end]) else None
        if tokens[end].type not in _LENGTH:
            return None
    return None


def _is_of(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].text.lower() == "of"


def _noun_behind(tokens: Sequence[Token], end: int) -> bool:
    begin = end + 2 if _is_of(tokens, end + 1) else end + 1
    behind = tokens[begin : begin + 3]
    noun = next((token for token in behind if token.type not in _BETWEEN), None)
    return noun is not None and "CONCEPT" in noun.senses


def times_behind(tokens: list[Token]) -> list[Token]:
    """The tokens with the noun repeated, in no place of its own, beside each word on its time that stands behind
    it."""
    said: Token | None = None
    kept: list[Token] = []
    for at, token in enumerate(tokens):
        if token.type in _CLAUSE_ENDS:
            said = None
        if "CONCEPT" in token.senses:
            said = token
        before = kept[-1] if kept else None
        kept.append(token)
        if said is None or before is None or before.type != "OR":
            continue
        if _is_time(token) and _lacks_noun(tokens, at + 1) and (_is_planned(token) or _paired(tokens, at)):
            kept.append(_repeated(said, token.end))
        elif "WITHIN" in token.senses and _paired(tokens, at):
            kept.insert(-1, _repeated(said, before.end))
    return kept


def _repeated(noun: Token, place: int) -> Token:
    return Token("CONCEPT", noun.senses["CONCEPT"], place, place, noun.text)


def _is_time(token: Token) -> bool:
    """Whether a word says that something was, is, or is to come."""
    return any(role in ("history", "current") or identity == PLANNED for role, identity in token.senses.get("MOD", ()))


def _is_planned(token: Token) -> bool:
    return any(identity == PLANNED for _, identity in token.senses.get("MOD", ()))


def _lacks_noun(tokens: Sequence[Token], at: int) -> bool:
    """Whether no noun follows that the word could belong to."""
    behind = tokens[at] if at < len(tokens) else None
    if behind is not None and behind.type not in _ENDS:
        return False
    rest = _clause(tokens[at:])
    return all(token.type not in _NAMES for token in rest)


def _clause(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type in _CLAUSE_ENDS or token.type in ("OR", "AND", "COMMA", "RPAR"):
            return
        yield token


def _paired(tokens: list[Token], at: int) -> bool:
    """Whether the word is the second of two behind a comma or an opening parenthesis right behind the noun, which then
    part nothing ("malignancy, current or past", "malignancy (current or past)")."""
    if at < 4 or "MOD" not in tokens[at - 2].senses or "CONCEPT" not in tokens[at - 4].senses:
        return False
    opened = tokens[at - 3]
    if opened.type not in ("COMMA", "LPAR", "FILL"):
        return False
    if opened.type == "LPAR":
        end = next((token for token in tokens[at:] if token.type == "RPAR"), None)
        if end is None:
            return False
        end.type = "FILL"
    opened.type = "FILL"
    return True


__all__ = ["PLANNED", "VAGUE", "dated_before_noun", "times_behind"]
