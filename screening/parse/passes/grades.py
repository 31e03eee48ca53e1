"""Grades of a finding: "grade 3 or 4", "≥ grade 2", "grade 2 or higher" become one modifier of the finding beside them.

Grades are those of adverse events, 1 to 4 (a fifth is death). A grade at most so high limits no finding and stays as it
is; so does one of a scale that the text names.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from screening.parse.tokens import DENIAL, Token
from screening.resources import table

_WORDS = frozenset(table("reading")["grades"]["words"])
_EVENTS = tuple(table("reading")["grades"]["criteria"])
_SCALE = table("reading")["grades"]["scale"]
_NUMBERS = {"1": 1, "2": 2, "3": 3, "4": 4, "I": 1, "II": 2, "III": 3, "IV": 4}
_HIGHEST = 4
_ABOVE = {"GE": 0, "GT": 1}
_LISTED = frozenset({"OR", "AND", "SLASH", "COMMA"})
_FAR = 10  # tokens, with small words
_SMALL = frozenset({"FILL", "BEFORE", "LPAR", "RPAR"})
_TWO = 2  # words of a grade with a name of its own ("grade II")


def grades(tokens: list[Token]) -> list[Token]:
    """The tokens with each grade as one modifier (roles: each grade that it may be)."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        if _turned(out, tokens, at):
            tokens[at], tokens[at + 1] = tokens[at + 1], tokens[at]  # "grade ≤ 1" is "≤ grade 1"
            out.append(tokens[at])
            at += 1
            continue
        if (ruled := _ruled_out(tokens, at)) is not None:
            at, made = ruled
            out.append(made)
            continue
        found = _grade(tokens, at) or _from_named(tokens, at)
        if found is not None and (most := _at_most(out, found[1])):
            denied = _modifier(out[-1], tokens[found[0] - 1], most, named=_by_events(out, tokens, found[0]))
            out[-1] = Token("MOD", (*DENIAL, *denied.value), denied.start, denied.end, denied.text)
            at = found[0]
            continue
        if found is None or (out and out[-1].type in ("LT", "LE")) or _scaled(out, tokens, found[0]):
            out.append(tokens[at])
            at += 1
            continue
        end, levels = found
        named = any(token.type == "SCALE" for token in tokens[at:end]) or _by_events(out, tokens, end)
        out.append(_modifier(tokens[at], tokens[end - 1], levels, named=named))
        at = end
    return out


def _turned(out: Sequence[Token], tokens: Sequence[Token], at: int) -> bool:
    """Whether the sign stands between the word and its number, behind a finding."""
    if not out or out[-1].type != "CONCEPT" or at + 2 >= len(tokens) or not _says_grade(tokens[at]):
        return False
    return tokens[at + 1].type in ("LT", "LE") and tokens[at + 2].text in _NUMBERS


def _at_most(out: Sequence[Token], levels: Sequence[int]) -> tuple[int, ...]:
    """ "Neuropathy ≤ grade 1": the grades that are then ruled out; () where no finding stands right before."""
    if len(out) < 2 or out[-1].type not in ("LT", "LE") or out[-2].type != "CONCEPT":
        return ()
    return _from(levels[0] + (out[-1].type == "LE"))


def _ruled_out(tokens: Sequence[Token], at: int) -> tuple[int, Token] | None:
    """ "≤ grade 1 dyspnoea": where the grade ends, and the denial of higher ones; None where no finding follows."""
    if tokens[at].type not in ("LT", "LE") or at + 2 >= len(tokens):
        return None
    here = _past_fill(tokens, at + 1)
    if (level := _named_level(tokens[here])) is None and _says_grade(tokens[here]):
        here = _past_fill(tokens, here + 1)
        level = _NUMBERS.get(tokens[here].text) if here < len(tokens) else None
    if level is None or here + 1 >= len(tokens) or tokens[here + 1].type != "CONCEPT":
        return None
    denied = _modifier(tokens[at], tokens[here], _from(level + (tokens[at].type == "LE")), named=False)
    return here + 1, Token("MOD", (*DENIAL, *denied.value), denied.start, denied.end, denied.text)


def _named_level(token: Token) -> int | None:
    """The level of a grade that has a name of its own ("grade 2")."""
    name = token.text.split()
    known = token.type == "MOD" and len(name) == _TWO and name[0].lower() in _WORDS
    return _NUMBERS.get(name[1]) if known else None


def _modifier(first: Token, last: Token, levels: Sequence[int], *, named: bool) -> Token:
    roles = [("severity", f"grade_{level}") for level in levels]
    if named:
        roles.append(("scale", "adverse_events"))
    return Token("MOD", tuple(roles), first.start, last.end, f"grade {levels[0]}")


def _grade(tokens: Sequence[Token], at: int) -> tuple[int, tuple[int, ...]] | None:
    """Where a grade that begins at *at* ends, and which levels it allows."""
    here, above = at, None
    if tokens[here].type in _ABOVE:
        above, here = _ABOVE[tokens[here].type], _past_fill(tokens, here + 1)
    if above is not None and here < len(tokens) and (level := _named_level(tokens[here])) is not None:
        return (here + 1, _from(level + above)) if level + above <= _HIGHEST else None
    if here >= len(tokens) or not _says_grade(tokens[here]):
        return None
    here = _past_fill(tokens, here + 1)
    if above is None and here < len(tokens) and tokens[here].type in _ABOVE:
        above, here = _ABOVE[tokens[here].type], _past_fill(tokens, here + 1)
    if here >= len(tokens) or tokens[here].text not in _NUMBERS:
        return None
    return _levels(tokens, here, above)


def _from_named(tokens: Sequence[Token], at: int) -> tuple[int, tuple[int, ...]] | None:
    """ "grade II-IV": the first grade has a name of its own, and the rest of the list follows it."""
    token = tokens[at]
    if token.type != "MOD" or at + 2 >= len(tokens) or tokens[at + 2].text not in _NUMBERS:
        return None
    name = token.text.split()
    if len(name) != _TWO or name[0].lower() not in _WORDS or name[1] not in _NUMBERS:
        return None
    if tokens[at + 1].type not in ("TO", "DASH", *_LISTED):
        return None
    first, last = _NUMBERS[name[1]], _NUMBERS[tokens[at + 2].text]
    if tokens[at + 1].type in ("TO", "DASH"):
        return at + 3, tuple(range(first, last + 1)) or (first,)
    return at + 3, (first, last)


def _says_grade(token: Token) -> bool:
    text = token.text.lower()
    return text in _WORDS or (token.type == "SCALE" and _names_events(token) and text.endswith("grade"))


def _past_fill(tokens: Sequence[Token], at: int) -> int:
    while at < len(tokens) and tokens[at].type == "FILL" and tokens[at].text.lower() not in _WORDS:
        at += 1
    return at


def _levels(tokens: Sequence[Token], at: int, above: int | None) -> tuple[int, tuple[int, ...]] | None:
    first, end = _NUMBERS[tokens[at].text], at + 1
    if above is not None:
        return (end, _from(first + above)) if first + above <= _HIGHEST else None
    if end < len(tokens) and tokens[end].type in ("POSTGE", "POSTLE"):
        return (end + 1, _from(first)) if tokens[end].type == "POSTGE" else None
    if end < len(tokens) and tokens[end].type in ("LT", "LE", "GT", "UNIT", "TIME"):
        return None
    if end + 1 < len(tokens) and tokens[end].type in ("TO", "DASH") and tokens[end + 1].text in _NUMBERS:
        return end + 2, tuple(range(first, _NUMBERS[tokens[end + 1].text] + 1)) or (first,)
    found = [first]
    while end + 1 < len(tokens) and tokens[end].type in _LISTED and tokens[end + 1].text in _NUMBERS:
        found.append(_NUMBERS[tokens[end + 1].text])
        end += 2
    return end, tuple(found)


def _from(first: int) -> tuple[int, ...]:
    return tuple(range(first, _HIGHEST + 1))


def _scaled(before: Sequence[Token], tokens: Sequence[Token], end: int) -> bool:
    """Whether the grade is one of another scale named beside it ("NYHA grade II", "grade 2 by Child-Pugh")."""
    said = [token for token in before[-_FAR:] if token.type not in _SMALL]
    near = [*said[-4:], *(token for token in takewhile(_together, tokens[end : end + 4]) if token.value != _SCALE)]
    return any(token.type == "SCALE" and not _names_events(token) for token in near)


def _together(token: Token) -> bool:
    """Whether what follows may still belong to the grade: behind "or" another finding begins."""
    return token.type != "OR"


def _by_events(before: Sequence[Token], tokens: Sequence[Token], end: int) -> bool:
    """Whether the criteria for adverse events are named beside it; their name then is no measurement."""
    named = [
        token for token in [*before[-4:], *tokens[end : end + 8]] if token.type == "SCALE" and _names_events(token)
    ]
    for token in named:
        token.type = "FILL"
    return bool(named)


def _names_events(token: Token) -> bool:
    return token.text.lower().startswith(_EVENTS)
