"""Limits whose sign or name stands in words around the number: "weight limit of 120 kg", "raised to twice normal",
"≥ 20 on the clinician-rated HAMD", "30 weeks or more pregnant", "P-K > 5.5".

Each pass takes the tokens and gives the tokens, as in joining.py, which runs them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from screening.parse.tokens import COMPARING, Token
from screening.resources import table

_WORDED = table("reading")["worded"]
_LIMITS = frozenset(_WORDED["limits"])
_SIGNS = {**dict.fromkeys(_WORDED["upper"], "LE"), **dict.fromkeys(_WORDED["lower"], "GE")}
_CAPPED = frozenset(_WORDED["capped"])
_REACHED = frozenset(_WORDED["reached"])
_RAISED = frozenset(table("reading")["small"]["raised"])
_RATED = frozenset(_WORDED["rated"])
_PREGNANT = frozenset(table("measures")["implied_by_unit"]["gestational_age"])
_FACTORS = frozenset({"LPAR", "VAR", "WORD"})
_ORDERED = frozenset({"POSTGE", "POSTLE"})
_MULTIPLE = frozenset({"MULT", "NUM"})
_ITEMS = frozenset(_WORDED["items"])
_AGAIN: dict[str, str] = _WORDED["again"]
_SPECIMENS = frozenset(_WORDED["specimens"])
_PREFIXED = frozenset(word.lower() for word in _SPECIMENS)
_NEAR = 6  # tokens between a score and the scale it is on


def limits_named(tokens: list[Token]) -> list[Token]:
    """ "Upper weight limit of 120 kg": the words say on which side the number lies; so does a sign before them, from
    which a limit is the value itself ("exceeding the weight limit of 120 kg")."""
    for at in reversed(range(len(tokens))):
        name = _name_of_limit(tokens, at)
        number = _number_behind(tokens, at)
        if name is None or number is None:
            continue
        before = _before(tokens, name)
        sign = _side(tokens, at, name)
        if before is not None and before.type in COMPARING:
            sign, before.type = before.type, "FILL"
        if sign is not None:
            _say(tokens, at, name, sign)
    return tokens


def _name_of_limit(tokens: Sequence[Token], at: int) -> int | None:
    """Where the name of the quantity stands that "limit" at this place is of: the word before, or itself ("age
    limit")."""
    words = tokens[at].text.lower().split()
    if not words or words[-1] not in _LIMITS:
        return None
    if tokens[at].type == "VAR":
        return at
    return at - 1 if at and tokens[at - 1].type == "VAR" else None


def _number_behind(tokens: Sequence[Token], at: int) -> Token | None:
    behind = next((one for one in tokens[at + 1 : at + 4] if "FILL" not in one.senses and one.type != "COLON"), None)
    return behind if behind is not None and behind.type == "NUM" else None


def _before(tokens: Sequence[Token], at: int) -> Token | None:
    return next((one for one in reversed(tokens[max(0, at - 3) : at]) if one.type != "FILL"), None)


def _side(tokens: Sequence[Token], at: int, name: int) -> str | None:
    """The sign that the words stand for; a limit of weight is what a scanner or a table bears."""
    words = [word for token in tokens[max(0, name - 1) : at + 1] for word in token.text.lower().split()]
    told = next((_SIGNS[word] for word in words if word in _SIGNS), None)
    return told or ("LE" if tokens[name].value in _CAPPED else None)


def _say(tokens: list[Token], at: int, name: int, sign: str) -> None:
    """The sign right behind the name, where the word for it stands; the words before the name add nothing."""
    first = tokens[name - 1] if name and tokens[name - 1].text.lower() in _SIGNS else None
    if first is not None:
        first.type, first.senses = "FILL", {}
    colon = tokens[at + 1]
    if colon.type == "COLON":
        colon.type = "FILL"
    if at == name:
        end = tokens[at].end
        tokens.insert(at + 1, Token(sign, sign, end, end, ""))
        return
    tokens[at].type, tokens[at].value, tokens[at].senses = sign, sign, {}


def reached(tokens: list[Token]) -> list[Token]:
    """ "transaminases elevated to twice normal", "raised AST or ALT to 3 × ULN": up to there, or beyond."""
    for at in range(1, len(tokens) - 1):
        to = tokens[at]
        if to.text.lower() not in _REACHED or tokens[at + 1].type not in _MULTIPLE:
            continue
        near = tokens[max(0, at - _NEAR) : at]
        comma = next((here for here in reversed(range(len(near))) if near[here].type in ("COMMA", "SEMI")), 0)
        said = next((one for one in near[comma:] if one.text.lower() in _RAISED), None)
        if said is not None and any(one.type == "VAR" for one in near[comma:]) and _is_multiple(tokens, at + 1):
            to.type, to.value, to.senses = "GE", "≥", {}
            if not comma:
                said.type, said.senses = "FILL", {}
    return tokens


def _is_multiple(tokens: Sequence[Token], at: int) -> bool:
    return any(one.type in ("ULN", "NORMAL", "BASELINE") for one in tokens[at + 1 : at + 5])


def rated_by(tokens: list[Token]) -> list[Token]:
    """ "score ≥ 20 on the clinician-rated HAMD": who rates it does not stand between a score and its scale."""
    for at, token in enumerate(tokens):
        if token.type != "SCALE":
            continue
        first = next((here for here in range(at - 1, max(-1, at - _NEAR), -1) if not _rates(tokens[here])), at)
        if first >= at - 1 or tokens[first].text.lower() != "on" or tokens[first - 1].type not in ("NUM", *_ORDERED):
            continue
        for one in tokens[first:at]:
            one.type, one.senses = "FILL", {}
    return tokens


def _rates(token: Token) -> bool:
    return token.type == "FILL" or token.text == "-" or token.text.lower() in _RATED


def items_counted(tokens: list[Token]) -> list[Token]:
    """ "24-item HAMD", "Hamilton Depression Rating Scale 17-item (HAMD-17)": how many questions a scale has."""
    for at in range(1, len(tokens)):
        if tokens[at].text.lower() not in _ITEMS:
            continue
        first = at - 2 if tokens[at - 1].text == "-" else at - 1
        near = [*tokens[max(0, first - 1) : first], *tokens[at + 1 : at + 2]]
        if first < 0 or tokens[first].type != "NUM" or all(one.type != "SCALE" for one in near):
            continue
        for one in tokens[first : at + 1]:
            one.type, one.text, one.senses = "FILL", "", {}  # its word is none of "item 9 of the PHQ-9"
    return tokens


def formulas(tokens: list[Token]) -> list[Token]:
    """ "(GFR = 186 × (SCr / 88.4) × …)": how a value is computed is no limit of what stands in the formula."""
    for at in range(1, len(tokens) - 3):
        name, sign, number, times, behind = tokens[at - 1 : at + 4]
        if (sign.type, number.type, times.type) != ("EQ", "NUM", "TIMES") or behind.type not in _FACTORS:
            continue
        if name.type == "VAR":
            _unread(tokens, at - 1)
    return tokens


def _unread(tokens: Sequence[Token], first: int) -> None:
    """Plain words up to the parenthesis that closes around them, or the end of the sentence."""
    depth = 0
    for one in tokens[first:]:
        depth += (one.type == "LPAR") - (one.type == "RPAR")
        if depth < 0 or one.type in ("SEMI", "DOT"):
            return
        one.leave()


def radii(tokens: list[Token]) -> list[Token]:
    """ "between 7.5 mm (45 D) and 8.0 mm (42 D)": the second unit in parentheses says the same once more."""
    for at in range(1, len(tokens) - 3):
        first, unit = tokens[at - 1], tokens[at + 2]
        kinds = [token.type for token in tokens[at - 1 : at + 4]]
        if kinds == ["UNIT", "LPAR", "NUM", "UNIT", "RPAR"] and _AGAIN.get(str(first.value)) == unit.value:
            for one in tokens[at : at + 4]:
                one.type, one.senses = "FILL", {}
    return tokens


def weeks_pregnant(tokens: list[Token]) -> list[Token]:
    """ "30 weeks or more pregnant": the word behind tells what the weeks are of."""
    for unit, order, word in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if unit.type == "TIME" and order.type in _ORDERED and word.text.lower() in _PREGNANT:
            unit.text = f"{unit.text} {word.text}"
            word.type, word.senses = "FILL", {}
    return tokens


def specimens_ahead(tokens: list[Token]) -> list[Token]:
    """ "P-K > 5.5 mmol/L", "fS-glucose": the letters glued before the name only say in what it is measured."""
    kept: list[Token] = []
    for token in tokens:
        if token.type == "VAR" and len(kept) > 1 and kept[-2].text in _SPECIMENS and _glued(kept[-2], kept[-1], token):
            token.start = kept[-2].start
            del kept[-2:]
        kept.append(token)
    return kept


def _glued(letters: Token, hyphen: Token, name: Token) -> bool:
    return hyphen.text == "-" and letters.end == hyphen.start and hyphen.end == name.start


WORDED: tuple[tuple[Callable[[list[Token]], list[Token]], frozenset[str], frozenset[str]], ...] = (
    (limits_named, frozenset({"VAR", "NUM"}), _LIMITS),
    (reached, frozenset({"VAR"}), _RAISED),
    (rated_by, frozenset({"SCALE", "NUM"}), frozenset({"on"})),
    (items_counted, frozenset({"SCALE", "NUM"}), _ITEMS),
    (formulas, frozenset({"VAR", "EQ", "NUM", "TIMES"}), frozenset()),
    (radii, frozenset({"UNIT", "RPAR", "NUM"}), frozenset({"d"})),
    (weeks_pregnant, frozenset({"TIME", "NUM"}), _PREGNANT),
    (specimens_ahead, frozenset({"VAR", "TO"}), _PREFIXED),
)
"""The passes, as joining.py lists them."""

__all__ = ["WORDED"]
