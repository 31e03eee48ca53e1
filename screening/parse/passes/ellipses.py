"""Words said once for several: "(≤ 5 × if liver metastases)" behind "× ULN", "HIV, HBV and HCV negative".

Each pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import takewhile

from screening import concepts, variables
from screening.parse.tokens import DENIAL, ORDERING, Token
from screening.resources import table

_REFERENCES = frozenset({"ULN", "LLN"})
_ENDS = frozenset({"IF", "RPAR", "COMMA", "SEMI", "DOT", "AND", "OR"})
_FAR = 40  # tokens between a multiple and the reference it repeats
_OF_BOTH = frozenset(table("reading")["units_of_both"]["units"])
_BOTH = frozenset({"AND", "OR", "COMMA", "SLASH"})
_JOINS = frozenset({"AND", "OR", "COMMA", "SLASH", "DASH", "FILL", "GLUE"})
_BEHIND = frozenset(table("reading")["small"]["behind_multiples"])
_TYPED = re.compile(r"^type \w+ ")
_TYPES = {"1": "1", "2": "2", "I": "1", "II": "2"}
_NAMED = frozenset({"CONCEPT", "MOD", "WORD", "ORGAN", "FILL", "GLUE", "DASH"})
_SILENT = frozenset({"FILL", "GLUE", "SEX", "BULLET", "DASH", "DOT", "OR", "AND"})
_INDIFFERENT = frozenset(map(tuple, table("reading")["indifferent"]["pairs"]))
_EITHER_WAY = frozenset(table("reading")["indifferent"]["between"])
_TESTS = frozenset(table("reading")["tests"]["words"])
TESTED = _TESTS | {"negative"}
"""Words of which one stands where the result of a test, or a test without one, is spoken of."""


def multiples_alone(tokens: list[Token]) -> list[Token]:
    """ "≤ 2.5 × ULN (≤ 5 × if liver metastases)": the second multiple is of the same reference."""
    kept: list[Token] = []
    for at, token in enumerate(tokens):
        kept.append(token)
        if token.type != "TIMES" or at < 2 or tokens[at - 1].type != "NUM" or not _ends(tokens, at + 1):
            continue
        before = tokens[at - 2]
        reference = None
        if before.type in ORDERING or before.type == "LPAR":
            reference = _reference_before(tokens, at) or _reference_ahead(tokens, at)
        if reference is not None:
            kept.append(Token(reference.type, reference.value, token.end, token.end, "", reference.senses))
    return kept


def units_alone(tokens: list[Token]) -> list[Token]:
    """ "SBP > 180 or DBP > 110 mmHg": of two quantities in one unit the first may leave it to the second. Only units
    in which nobody means another multiple: "ANC ≥ 1500, platelets ≥ 100 × 10⁹/L" are two."""
    for at in reversed(range(len(tokens))):
        place = tokens[at].end
        if tokens[at].type == "NUM" and (unit := _unit_behind(tokens, at)) is not None:
            tokens.insert(at + 1, Token("UNIT", unit.value, place, place, ""))
    return tokens


def _unit_behind(tokens: Sequence[Token], at: int) -> Token | None:
    """The unit of the next limit, where this number has none and is the limit of a quantity in the same unit."""
    rest = tokens[at + 1 : at + 7]
    shape = [token.type for token in rest if token.type != "FILL"]
    if at < 2 or tokens[at - 1].type not in ORDERING or not _is_next_limit(shape):
        return None
    said = [token for token in rest if token.type != "FILL"]
    one, other = tokens[at - 2], said[1]
    if one.type != "VAR" or one.value == other.value:
        return None
    known = variables.catalogue()
    canonical = {known[str(token.value)].unit for token in (one, other)}
    return said[4] if len(canonical) == 1 and canonical <= _OF_BOTH else None


def _is_next_limit(shape: Sequence[str]) -> bool:
    """Whether kinds of words are: a connective, a name, a sign, a number and a unit."""
    kinds = list(shape[:5])
    return (
        len(kinds) == 5
        and kinds[0] in _BOTH
        and kinds[1] == "VAR"
        and kinds[2] in ORDERING
        and kinds[3:] == ["NUM", "UNIT"]
    )


def _ends(tokens: Sequence[Token], at: int) -> bool:
    following = tokens[at] if at < len(tokens) else None
    return following is None or following.type in _ENDS or following.text.lower() in _BEHIND


def _reference_before(tokens: Sequence[Token], at: int) -> Token | None:
    for here in range(at - 1, max(0, at - _FAR), -1):
        if tokens[here].type in _REFERENCES and any(one.type == "TIMES" for one in tokens[max(0, here - 3) : here]):
            return tokens[here]
    return None


def _reference_ahead(tokens: Sequence[Token], at: int) -> Token | None:
    """ "bilirubin < 2 times and ALT < 5 times the upper limit of normal": said once, behind the last multiple."""
    if at + 1 >= len(tokens) or tokens[at + 1].type not in ("AND", "OR", "COMMA"):
        return None
    for here in range(at + 2, min(at + _FAR, len(tokens))):
        if tokens[here].type in ("SEMI", "DOT", "LPAR", "UNIT"):
            return None
        if tokens[here].type in _REFERENCES:
            near = tokens[max(at + 1, here - 3) : here]
            return tokens[here] if any(one.type == "TIMES" for one in near) else None
    return None


def types_alone(tokens: list[Token]) -> list[Token]:
    """ "type 1 or type 2 diabetes", "type I or II diabetes": the disease stands once for both types."""
    for at in range(len(tokens) - 3):
        word, number, join, second = tokens[at : at + 4]
        noun = next((one for one in tokens[at + 3 : at + 6] if one.type == "CONCEPT"), None)
        if word.text.lower() != "type" or join.type not in ("OR", "AND", "SLASH", "COMMA") or noun is None:
            continue
        disease = _TYPED.sub("", noun.text.lower())
        found = _of_type(number, disease)
        if found:
            word.type, word.value, word.senses = "CONCEPT", found, {"CONCEPT": found}
            word.text, number.type = f"type {number.text} {disease}", "FILL"
            if second is not noun and (other := _of_type(second, disease)):
                second.type, noun.value = "FILL", other
    return tokens


def _of_type(number: Token, disease: str) -> str | None:
    """The concept of "2" and "diabetes"; None where there is none."""
    kind = _TYPES.get(number.text.upper())
    return concepts.by_name().get(f"type {kind} {disease}") if kind else None


def nor(tokens: list[Token]) -> list[Token]:
    """ "Neither A nor B": one negation governs both."""
    denied = False
    for token in tokens:
        if token.type in ("SEMI", "DOT"):
            denied = False
        elif token.denies:
            if denied and token.text.lower() == "nor":
                token.type, token.value, token.senses = "OR", "", {}
            denied = True
    return tokens


def indifferent(tokens: list[Token]) -> list[Token]:
    """ "Cirrhosis with or without ascites": what follows asks for nothing."""
    for at in range(len(tokens) - 2):
        if tokens[at + 1].type not in _EITHER_WAY:
            continue
        said = (tokens[at].text.lower().rpartition(" ")[2], tokens[at + 2].text.lower().partition(" ")[0])
        if said not in _INDIFFERENT:
            continue
        named = list(takewhile(lambda one: one.type in _NAMED, tokens[at + 3 :]))
        rest = (*tokens[:at], *tokens[at + 3 + len(named) :])
        for token in (*tokens[at : at + 3], *named):
            token.type, token.value, token.senses = "FILL", "", {}
        if all(token.type in _SILENT for token in rest):
            tokens[at].type = "ADVISE"  # nothing else is said: the line is listed as one that asks for nothing
    return tokens


def results_alone(tokens: list[Token]) -> list[Token]:
    """ "HIV, hepatitis B and hepatitis C testing must be negative": the result of each; a test without a result says
    nothing of the infection."""
    after: dict[int, Token] = {}
    told: set[int] = set()
    for at, token in enumerate(tokens):
        if token.type == "RESULT" and token.value == "negative":
            found = _tested_before(tokens, at)
            told.update(found)
            after.update(dict.fromkeys(found[1:], token))
            if not found and _opens(tokens, at) and _infection_behind(tokens, at):
                token.type, token.value, token.senses = "MOD", DENIAL, {}  # "negative HIV test"
                told.update(range(at, len(tokens)))
    for at, token in enumerate(tokens):
        if at not in told and _is_infection(token) and _test_behind(tokens, at):
            token.type = "WORD"
    if not after:
        return tokens
    return [one for at, token in enumerate(tokens) for one in _with_result(token, after.get(at))]


def _with_result(token: Token, result: Token | None) -> list[Token]:
    if result is None:
        return [token]
    return [token, Token("RESULT", result.value, token.end, token.end, "", result.senses)]


def _tested_before(tokens: Sequence[Token], at: int) -> list[int]:
    """The places of the infections of a list before a result, the nearest first."""
    found: list[int] = []
    for here in range(at - 1, -1, -1):
        token = tokens[here]
        if _is_infection(token):
            found.append(here)
        elif token.text.lower() in _TESTS:
            token.type = "FILL"
        elif token.type not in _JOINS:
            break
    return found


def _is_infection(token: Token) -> bool:
    return token.type == "CONCEPT" and token.value in _infections()


def _opens(tokens: Sequence[Token], at: int) -> bool:
    """Whether nothing that could be negative stands right before ("sputum-negative tuberculosis" is tuberculosis)."""
    return not at or tokens[at - 1].type not in ("WORD", "CONCEPT", "DASH", "TO", "VAR", "ORGAN")


def _infection_behind(tokens: Sequence[Token], at: int) -> bool:
    behind = next((token for token in tokens[at + 1 :] if token.type not in ("FILL", "GLUE", "IF")), None)
    return behind is not None and _is_infection(behind)


@cache
def _infections() -> frozenset[str]:
    """Infections, and names that stand for several of them."""
    single = concepts.narrower("infection") | frozenset(table("reading")["tests"]["also"])
    several = (one.id for one in concepts.catalogue().values() if one.either and single.issuperset(one.either))
    return single.union(several)


def _test_behind(tokens: Sequence[Token], at: int) -> bool:
    """Whether a test of it is named, and no result of the test."""
    behind = tokens[at + 1] if at + 1 < len(tokens) else None
    if behind is None or behind.text.lower() not in _TESTS or "positive" in tokens[at].text.lower():
        return False
    return not any(token.type == "RESULT" for token in tokens[at + 1 :])
