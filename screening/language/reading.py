"""From rule text to predicate, with errors that say where, what and how to mend it."""

from __future__ import annotations

import re

from lark import Token, Tree, UnexpectedInput
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from screening.language.builder import Builder
from screening.language.errors import LanguageError
from screening.language.grammar import keywords, parser
from screening.predicates import Predicate

_JOINERS = frozenset({"AND", "OR", "EXCEPT"})
_LISTED = 12
_SPOKEN = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a quoted text",
    "UNIT": "a unit",
    "LT": "<",
    "LE": "<=",
    "GT": ">",
    "GE": ">=",
    "EQ": "=",
    "$END": "nothing more",
}


def parse_predicate(text: str) -> Predicate:
    """The predicate that *text* states.

    >>> parse_predicate("sex is female")
    Sex(value='female', span=None)
    """
    try:
        tree = parser().parse(text)
    except UnexpectedInput as error:
        raise _syntax_error(text, error) from None
    return _build(tree)


def _build(tree: Tree[Token]) -> Predicate:
    try:
        return Builder().transform(tree)
    except VisitError as error:
        raise error.orig_exc from None
    except RecursionError:
        raise LanguageError("the rule is nested too deeply", "split it into several criteria", 1, 1) from None


def _syntax_error(text: str, error: UnexpectedInput) -> LanguageError:
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        what, remedy = f"{str(error.token)!r} does not fit here", _token_remedy(text, error)
        return LanguageError(what, remedy, error.line, error.column)
    if isinstance(error, UnexpectedCharacters):
        what = f"{text.split(chr(10))[error.line - 1][error.column - 1]!r} does not fit here"
        return LanguageError(what, _expected(error.allowed), error.line, error.column)
    lines = text.rstrip().split("\n")
    return LanguageError("the rule ends too early", _missing(error), len(lines), len(lines[-1]) + 1)


def _token_remedy(text: str, error: UnexpectedToken) -> str:
    token = error.token
    if token.type in _JOINERS:
        return 'put parentheses around what belongs together: "and", "or" and "except" do not mix'
    if token.type == "NAME" and str(token).casefold() in keywords():
        return f"write {str(token).casefold()} in small letters"
    if token.type == "NAME" and (before := re.search(r"([A-Za-z]\w*)\s+\Z", text[: token.start_pos or 0])):
        return f"{_expected(error.expected)} (a name is one word: {before[1]}_{token})"
    return _expected(error.expected)


def _missing(error: UnexpectedInput) -> str:
    return _expected(error.expected) if isinstance(error, UnexpectedToken) else "write the rest of the rule"


def _expected(terminals: object) -> str:
    """What could stand there; a place where nearly anything can is not worth a list."""
    names = sorted(terminals) if isinstance(terminals, set | frozenset | list) else []
    if len(names) > _LISTED:
        return "write a predicate as shown in grammars/rule.lark"
    return f"expected {', '.join(map(_spoken, names))}"


def _spoken(terminal: str) -> str:
    if terminal in _SPOKEN:
        return _SPOKEN[terminal]
    pattern = next((term.pattern.value for term in parser().terminals if term.name == terminal), terminal)
    return f'"{pattern}"'
