"""The parser of the rule language, made once from grammars/shared.lark and grammars/rule.lark."""

from __future__ import annotations

from functools import cache

from lark import Lark
from lark.lexer import PatternStr

from screening.resources import grammar

# The units of a length of time as the language prints them: UCUM code → word, plural with "s".
TIME_WORDS = {"h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}


def source() -> str:
    """The whole grammar."""
    return grammar("shared") + "\n" + grammar("rule")


@cache
def parser() -> Lark:
    """LALR without conflicts; the contextual lexer lets a name be any word that is no keyword at its place."""
    return Lark(source(), parser="lalr", maybe_placeholders=True)


@cache
def keywords() -> frozenset[str]:
    """Words that a name may not be unless it is quoted.

    >>> "excluding" in keywords() and "platelets" not in keywords()
    True
    """
    return frozenset(term.pattern.value for term in parser().terminals if isinstance(term.pattern, PatternStr))
