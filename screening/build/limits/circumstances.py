"""How a value is to be measured, as far as results of the variable can state it: qualifiers and methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screening.build.common.context import Reader
from screening.build.limits.agreeing import method_in_name, qualifiers_in_name
from screening.parse.tokens import EITHER, Token
from screening.resources import table
from screening.text import Span
from screening.variables import Variable

_CIRCUMSTANCES = table("qualifiers")
_TOLD_APART = frozenset(name for name, row in _CIRCUMSTANCES.items() if row.get("told_apart"))
_COMPARED = frozenset({"LT", "LE", "GT", "GE"})
_FEW = 2  # circumstances at least of which one can be the opposite of another


def told_apart(reader: Reader, tokens: Sequence[Token]) -> Reader:
    """The reader of a clause that sets a limit for each of two opposite circumstances.

    "≥ 140 mmHg off medication / ≥ 130 mmHg on medication": what stands between the two limits is an "or", since nobody
    is in both circumstances at once.
    """
    named = [str(token.value) for token in tokens if token.type == "QUAL"]
    opposed = frozenset(one for one in named if not frozenset(named).isdisjoint(_excluded(one)))
    if len(opposed) < _FEW:
        return reader
    said = [token for token in tokens if token.type != "FILL"]
    for before, token, behind in zip(said, said[1:], said[2:], strict=False):
        if before.type == "QUAL" and token.type in ("SLASH", "COMMA") and behind.type in _COMPARED:
            token.type = "OR"
    return replace(reader, opposed=opposed)


def _excluded(name: str) -> tuple[str, ...]:
    return tuple(_CIRCUMSTANCES.get(name, {}).get("excludes", ()))


def qualifiers(reader: Reader, variable: Variable, how: Sequence[Token], name: str, span: Span) -> tuple[str, ...]:
    """The circumstances asked for ("fasting"), beside the *name* of the variable or in it ("FPG"); those that results
    of the variable never state are noted."""
    known = tuple(one for one in variable.qualifiers if one not in _TOLD_APART or one in reader.opposed)
    named = _recorded(reader, variable, [token for token in how if token.type == "QUAL"], known, span)
    return named or tuple(one for one in qualifiers_in_name(name) if one in known)


def methods(reader: Reader, variable: Variable, how: Sequence[Token], name: str, span: Span) -> tuple[str | None, ...]:
    """The method or formula asked for, beside the *name* of the variable or in it; None where any will do. Several
    where the text leaves the choice ("by echocardiogram or MUGA")."""
    known = (*variable.methods, *variable.formulas)
    named = _recorded(reader, variable, [token for token in how if token.type == "METHOD"], known, span)
    in_name = method_in_name(name, variable.id)
    if named:
        said = next(token for token in how if token.type == "METHOD" and named[0] in _named_by(token))
        return tuple(name for name in named if name in _named_by(said))
    return (in_name if in_name in known else None,)


def _recorded(
    reader: Reader, variable: Variable, said: Sequence[Token], known: tuple[str, ...], span: Span
) -> tuple[str, ...]:
    """The circumstances named that results of the variable may state; of others no record could tell."""
    named = dict.fromkeys((value, token.text) for token in said for value in _named_by(token))
    for value, text in named:
        if value not in known and value not in variable.id:
            message = f"“{text}” is not recorded with {variable.name}; it is left out of the reading"
            reader.note("circumstance-left-out", message, span)
    return tuple(dict.fromkeys(value for value, _ in named if value in known))


def _named_by(token: Token) -> list[str]:
    """The circumstances that one token names: "by echocardiogram or MUGA" two methods."""
    return str(token.value).split(EITHER)
