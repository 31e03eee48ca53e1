"""Words that only explain what stands beside them: "CD4 cells (white cells that fight infection) < 350/mm³", "Glutamic
Acid Decarboxylase (GAD)", "without internal or external bleeding".

Each pass takes the tokens and gives the tokens, as in joining.py, which runs them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from screening import concepts
from screening.parse.passes.contacts import RELATIONS, of_contacts
from screening.parse.tokens import COMPARING, Token
from screening.resources import table

_RELATIVE = frozenset(table("reading")["glosses"]["relative"])
_TELLING = frozenset(
    {"NUM", "MOD", "QUAL", "METHOD", "RESULT", "NORMAL", "TIME", "WITHIN", "BEFORE", "AFTER", "IF", *COMPARING}
)
_NAMING = frozenset({"CONCEPT", "VAR", "SCALE"})
_PREVENTING = frozenset(table("reading")["glosses"]["preventing"])
_FOR = table("reading")["glosses"]["purpose"]
_WITHOUT = frozenset(table("reading")["small"]["not_having"])
_SHORT, _LONG = 2, 6  # letters of an abbreviation


def explained(tokens: list[Token]) -> list[Token]:
    """What a quantity is, between its name and its limit: "CD4 cells (white cells that fight infection) < 350"."""
    for at in range(1, len(tokens)):
        if tokens[at].type != "LPAR" or tokens[at - 1].type != "VAR":
            continue
        end = next((here for here in range(at, len(tokens)) if tokens[here].type == "RPAR"), None)
        inside = tokens[at + 1 : end]
        relative = any(one.text.lower().partition(" ")[0] in _RELATIVE for one in inside)
        if end is None or not relative or any(one.type in _TELLING for one in inside):
            continue
        if end + 1 < len(tokens) and tokens[end + 1].type in COMPARING:
            for one in tokens[at : end + 1]:
                one.type, one.senses = "FILL", {}
    return tokens


def abbreviated(tokens: list[Token]) -> list[Token]:
    """ "Glutamic Acid Decarboxylase (GAD)": the short form of the words before it, whatever else it may stand for."""
    for at in range(1, len(tokens) - 2):
        left, short, right = tokens[at : at + 3]
        if (left.type, right.type) != ("LPAR", "RPAR") or short.type not in _NAMING or not short.text.isupper():
            continue
        if _SHORT <= len(short.text) <= _LONG and _initials(tokens[:at], len(short.text)) == short.text:
            short.type, short.senses = "WORD", {}
    return tokens


def prevented(tokens: list[Token]) -> list[Token]:
    """ "aspirin to prevent stroke": what a drug is taken against is its purpose, as behind "for"."""
    for at, token in enumerate(tokens):
        if token.text.lower() not in _PREVENTING or token.type != "JUDGE" or not at or tokens[at - 1].type != "CONCEPT":
            continue
        if concepts.catalogue()[str(tokens[at - 1].value)].kind == "drug":
            token.type, token.text, token.senses = "GLUE", _FOR, {}
    return tokens


def of_either_kind(tokens: list[Token]) -> list[Token]:
    """ "without internal or external bleeding": "or" between two words of kind joins no two things."""
    for at in range(len(tokens) - 4):
        denial, one, join, other, noun = tokens[at : at + 5]
        kinds = (one.type, join.type, other.type)
        if denial.text.lower() in _WITHOUT and kinds == ("WORD", "OR", "WORD") and noun.type in ("WORD", "CONCEPT"):
            join.type, join.senses = "WORD", {}
    return tokens


def _initials(before: Sequence[Token], length: int) -> str:
    """The first letters of the last words before a parenthesis, of words that nothing here knows."""
    letters: list[str] = []
    for token in reversed(before):
        if token.type in ("TO", "DASH"):
            continue
        if token.type != "WORD" or len(letters) == length:
            break
        letters.append(token.text[:1].upper())
    return "".join(reversed(letters))


GLOSSES: tuple[tuple[Callable[[list[Token]], list[Token]], frozenset[str], frozenset[str]], ...] = (
    (of_contacts, frozenset({"CONCEPT"}), RELATIONS),
    (explained, frozenset({"VAR", "LPAR", "RPAR"}), _RELATIVE),
    (prevented, frozenset({"JUDGE", "CONCEPT"}), frozenset({"prevent", "preventing"})),
    (of_either_kind, frozenset({"MOD", "WORD", "OR"}), _WITHOUT),
    (abbreviated, frozenset({"WORD", "LPAR", "RPAR"}), frozenset()),
)
"""The passes, as joining.py lists them."""

__all__ = ["GLOSSES"]
