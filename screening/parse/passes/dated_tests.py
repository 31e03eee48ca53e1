"""Lengths of time that say when a test was, or how long nothing was given, where a limit seems to stand.

"Negative pregnancy test ≤ 7 days before registration" limits no result, and "platelets ≥ 75 × 10⁹/L without growth
factor support for 7 days" dates what was not given: both are windows.
"""

from __future__ import annotations

from screening import variables
from screening.parse.tokens import Token
from screening.resources import table

_INSIDE = frozenset({"LT", "LE"})
_COUNTING = frozenset({"BEFORE", "AFTER", "AGO"})
_FOR = table("reading")["going_on"]["words"]
GOING_ON = frozenset(word.split()[0] for word in _FOR)
_NEAR = 4  # tokens from the words for what was not given to the length of time
_TIMED = "time"  # the kind of what is itself a length of time


def dated_tests(tokens: list[Token]) -> list[Token]:
    """The tokens with the sign before such a length of time behind a test as "within"."""
    for name, sign, number, unit, link in zip(tokens, tokens[1:], tokens[2:], tokens[3:], tokens[4:], strict=False):
        timed = sign.type in _INSIDE and number.type == "NUM" and unit.type == "TIME" and link.type in _COUNTING
        if timed and name.type == "VAR" and variables.catalogue()[str(name.value)].kind != _TIMED:
            sign.type = "WITHIN"
    return tokens


def never_given(tokens: list[Token]) -> list[Token]:
    """The tokens with "for" between "without growth factor support" and a length of time as "within"."""
    for at, token in enumerate(tokens):
        if token.type != "QUAL":
            continue
        behind = [one for one in tokens[at + 1 : at + 1 + _NEAR] if one.type != "GE"]
        kinds = [one.type for one in behind[:3]]
        if kinds[1:] == ["NUM", "TIME"] and behind[0].text.lower() in _FOR:
            behind[0].type = "WITHIN"
            for least in tokens[at + 1 : at + 1 + _NEAR]:
                least.type = "FILL" if least.type == "GE" else least.type
    return tokens


__all__ = ["GOING_ON", "dated_tests", "never_given"]
