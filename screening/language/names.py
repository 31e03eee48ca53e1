"""The names a rule text may use: checked once, here, so that nothing after the parser has to.

Every function takes the token that holds the name, so that an error tells its place.
"""

from __future__ import annotations

from collections.abc import Iterable

from lark import Token

from screening import concepts, variables
from screening.language.errors import LanguageError, did_you_mean
from screening.language.grammar import TIME_WORDS
from screening.predicates import Reference, Term
from screening.units import accepted, ucum
from screening.variables import Variable

_UNITLESS_KINDS = frozenset({"scale", "ratio", "count", "qualitative"})
_LISTED = 8  # units named in a remedy
_STEPS = frozenset({"scale", "count"})
_TIME_CODES = {word + ending: code for code, word in TIME_WORDS.items() for ending in ("", "s")}


def fault(token: Token, what: str, remedy: str) -> LanguageError:
    """An error at *token*."""
    return LanguageError(what, remedy, token.line or 1, token.column or 1)


def distinct(tokens: Iterable[Token]) -> None:
    """Two readings of one choice need two names, or nobody could choose between them."""
    seen: set[str] = set()
    for token in tokens:
        if token.value in seen:
            raise fault(token, f"two readings of one choice are named {token.value!r}", "give each a name of its own")
        seen.add(token.value)


def variable(token: Token) -> Variable:
    """The variable named, by id."""
    known = variables.catalogue()
    if found := known.get(token.value):
        return found
    raise fault(token, f"no variable is named {token.value!r}", _variable_remedy(token.value))


def _variable_remedy(word: str) -> str:
    spoken = variables.by_name().get(word.replace("_", " ").casefold())
    return (
        f"write {spoken}" if spoken else did_you_mean(word, variables.catalogue(), "see rules/variables for the names")
    )


def term(tokens: tuple[Token, ...]) -> Term:
    """Qualifiers and a concept by their ids, the concept last; a concept's spoken name will do for its id."""
    *first, last = tokens
    known = last.value in concepts.catalogue() and all(token.value in concepts.modifiers() for token in first)
    if not known and (spoken := _spoken_term(tokens)):
        return spoken
    return Term(_concept(last), tuple(_qualifier(token) for token in first))


def _spoken_term(tokens: tuple[Token, ...]) -> Term | None:
    """Qualifiers by their ids, then the longest name of a concept that the words end with."""
    words = [str(token.value) for token in tokens]
    for start in range(len(words)):
        found = concepts.by_name().get(" ".join(words[start:]).replace("_", " ").casefold())
        if found and all(word in concepts.modifiers() for word in words[:start]):
            return Term(found, tuple(words[:start]))
    return None


def _concept(token: Token) -> str:
    if token.value in concepts.catalogue():
        return str(token.value)
    remedy = did_you_mean(token.value, concepts.catalogue(), "see rules/concepts for the names")
    raise fault(token, f"no concept is named {token.value!r}", remedy)


def _qualifier(token: Token) -> str:
    if token.value in concepts.modifiers():
        return str(token.value)
    remedy = did_you_mean(token.value, concepts.modifiers(), "see rules/modifiers.toml for the names")
    raise fault(token, f"no qualifier is named {token.value!r}", remedy)


def qualifier_of(token: Token, owner: Variable) -> str:
    """The qualifier of a variable ("room_air" of spo2)."""
    return _one_of(token, owner, owner.qualifiers, "qualifier")


def method_of(token: Token, owner: Variable) -> str:
    """The method of a variable ("echo" of lvef)."""
    return _one_of(token, owner, (*owner.methods, *owner.formulas), "method")


def _one_of(token: Token, owner: Variable, known: tuple[str, ...], noun: str) -> str:
    if token.value in known:
        return str(token.value)
    remedy = f"it knows {', '.join(known)}" if known else f"leave it out: {owner.id} has no {noun}s"
    raise fault(token, f"{owner.id} has no {noun} {token.value!r}", remedy)


def unit_of(token: Token, owner: Variable) -> str:
    """The UCUM code of a unit that the variable accepts, given as the code, a spelling of it, or a word of time."""
    known = accepted(owner.id)
    for code in (token.value, _TIME_CODES.get(token.value), ucum(token.value, owner.id)):
        if code in known:
            return str(code)
    remedy = did_you_mean(token.value, (*known, *Reference), _units_to_write(owner))
    raise fault(token, f"{owner.id} is not measured in {token.value!r}", remedy)


def _units_to_write(owner: Variable) -> str:
    known = accepted(owner.id)
    more = ", ..." if len(known) > _LISTED else ""
    return f"write one of {', '.join(known[:_LISTED])}{more}" if known else "leave the unit out"


def without_unit(token: Token, owner: Variable) -> None:
    """A quantity needs its unit: a number alone would be a guess."""
    if owner.unit in (None, "1") or owner.kind in _UNITLESS_KINDS:
        return
    raise fault(token, f"the limit {token.value} of {owner.id} has no unit", _units_to_write(owner))


def referable(token: Token, reference: Reference, owner: Variable) -> None:
    """Steps of a scale have no reference range; a patient's own baseline they do have."""
    if owner.kind in _STEPS and reference is not Reference.BASELINE:
        raise fault(token, f"{owner.id} is a scale and has no {reference}", "compare it with a number")


def time_unit(token: Token) -> str:
    """The UCUM code of a length of time."""
    code = _TIME_CODES.get(token.value, token.value)
    if code in TIME_WORDS:
        return str(code)
    raise fault(token, f"{token.value!r} is no length of time", "write hours, days, weeks, months or years")


def scale(token: Token) -> Variable:
    """A variable whose values are steps: only there does a set of values mean anything."""
    owner = variable(token)
    if owner.kind in _STEPS:
        return owner
    raise fault(token, f"{owner.id} is no scale, so it has no set of values", "compare it with <, <=, >, >=, or =")
