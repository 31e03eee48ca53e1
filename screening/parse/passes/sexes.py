"""Whom a text names by sex: "men and women" is everybody, "men and postmenopausal women" is not.

Each pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from screening import concepts
from screening.parse.tokens import Token

_JOINS = frozenset({"AND", "OR", "COMMA", "SLASH"})
_RUN = frozenset({"MOD", "DASH", "TO", "FILL", "GLUE", "BEFORE", "CONCEPT", "SEX", "AND", "OR", "COMMA"})
_PAIR = 6  # tokens from the first of two numbers to the sexes they are for
_FAR = 14  # tokens that may describe the second sex


def some_of_one_sex(tokens: list[Token]) -> list[Token]:
    """ "Men and postmenopausal women aged 40 to 75": either of them, in brackets, so that the age is of both."""
    for at, token in enumerate(tokens):
        if token.type != "SEX":
            continue
        join = _join_behind(tokens, at)
        end = _described_end(tokens, join + 1, str(token.value)) if join else None
        if join and end:
            for comma in tokens[at + 1 : join]:
                comma.type = "FILL" if comma.type == "COMMA" else comma.type
            tokens[join].type = "OR"
            opening, inner = (Token("LPAR", "(", place, place, "") for place in (token.start, tokens[join + 1].start))
            closing = [Token("RPAR", ")", tokens[end - 1].end, tokens[end - 1].end, "") for _ in range(2)]
            return [
                *tokens[:at],
                opening,
                *tokens[at : join + 1],
                inner,
                *tokens[join + 1 : end],
                *closing,
                *tokens[end:],
            ]
    return tokens


def _join_behind(tokens: Sequence[Token], at: int) -> int | None:
    """Where the last of "and", "or", a comma or a slash stands right behind the first sex."""
    here = at + 1
    while here < len(tokens) and tokens[here].type in ("GLUE", "FILL"):
        here += 1
    found = None
    while here < len(tokens) and tokens[here].type in _JOINS:
        found = here
        here += 1
    return found


def _described_end(tokens: Sequence[Token], begin: int, other: str) -> int | None:
    """Where the description of the second sex ends; None where nothing that only that sex has is said of it."""
    last, own = None, False
    for at in range(begin, min(begin + _FAR, len(tokens))):
        token = tokens[at]
        if token.type not in _RUN or (token.type == "SEX" and token.value == other):
            break
        if token.type == "CONCEPT":
            pertains = concepts.catalogue()[str(token.value)].pertains
            if pertains in (None, other):
                break
            own = True
        if token.type in ("CONCEPT", "SEX"):
            last = at + 1
    return last if own else None


def _pair_before(tokens: Sequence[Token]) -> bool:
    """Whether two numbers with a slash between them end the tokens, but for a unit and small words: "50/40 (F/M)"."""
    kinds = [token.type for token in tokens]
    at = max((i for i, kind in enumerate(kinds) if kind == "SLASH"), default=0)
    return kinds[at - 1 : at + 2] == ["NUM", "SLASH", "NUM"] if at else False


def both_sexes(tokens: list[Token]) -> list[Token]:
    """ "Men and women", "male or female": everybody, and no condition at all."""
    for at in range(len(tokens) - 2):
        one, join, other = tokens[at : at + 3]
        both = one.type == other.type == "SEX" and one.value != other.value and join.type in (*_JOINS, "TO")
        if both and not _pair_before(tokens[max(0, at - _PAIR) : at]):
            one.type = join.type = other.type = "GLUE"
    return tokens
