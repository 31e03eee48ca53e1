"""Signs of numbers: "between -1.00 and -6.00 D", "-1 to +1", "within ±5 D", "160 over 100", "18 55 years".

Each pass takes the tokens and gives the tokens, as in joining.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from screening import variables
from screening.parse.numbers import readings
from screening.parse.tokens import COMPARING, ORDERING, Token
from screening.resources import table

_BEFORE_NUMBER = COMPARING | {"BETWEEN", "FROM", "AND", "TO", "OR", "OUTSIDE"}
_NAMES = frozenset({"VAR", "SCALE"})
_NEAR = 6  # tokens from a name to the sign of its limit
_NORMS = frozenset({"ULN", "LLN", "NORMAL"})
_LINKS = frozenset(table("phrases")["AND"]["words"])
_SUMMED = frozenset(table("reading")["summed"]["scales"])
LOST = "LOST_RANGE"
"""The sense of the second number of a range that the text does not write as one, with what it writes."""
_DIGITS = 3  # of an age in years


def signed(tokens: list[Token]) -> list[Token]:
    """ "< -1", "between -1 and -6", "RASS -1 to +1": a dash or plus at a number, and not at the word before, is its
    sign."""
    kept: list[Token] = []
    for at, token in enumerate(tokens):
        if token.type == "NUM" and kept and kept[-1].text in ("-", "+") and kept[-1].end == token.start:
            sign = kept[-1]
            apart = len(kept) < 2 or sign.start > kept[-2].end
            if apart and (_may_be_signed(kept[:-1]) or _limits_behind(tokens[at + 1 : at + 4])):
                kept.pop()
                minus = "-" if sign.text == "-" else ""
                token = Token(
                    "NUM", f"{minus}{token.value}", sign.start, token.end, f"{sign.text}{token.text}", token.senses
                )
        kept.append(token)
    return kept


def _may_be_signed(before: Sequence[Token]) -> bool:
    """Whether a number with a sign may follow: behind a comparison or within a range, or behind a name whose values
    may be negative."""
    last = next((token for token in reversed(before) if token.type != "FILL"), None)
    if last is None:
        return False
    return last.type in COMPARING or (_has_negatives(before) and last.type in _BEFORE_NUMBER | _NAMES)


def _limits_behind(following: Sequence[Token]) -> bool:
    """Whether a comparison with a quantity that takes values below zero follows ("-15 D ≤ SE")."""
    while following and following[0].type == "UNIT":
        following = following[1:]
    return len(following) > 1 and following[0].type in COMPARING and _has_negatives(following[1:2])


def _has_negatives(before: Sequence[Token]) -> bool:
    """Whether the quantity named last takes values below zero."""
    named = next((token for token in reversed(before) if token.type in _NAMES), None)
    if named is None:
        return False
    variable = variables.catalogue()[str(named.value)]
    least = variable.scale_min if variable.kind == "scale" else (variable.plausible or (0, 0))[0]
    return least is not None and least < 0


def plus_or_minus(tokens: list[Token]) -> list[Token]:
    """ "within ±5.0 D": from -5 to 5; "> ± 5 D", "outside ±5": outside that; of what takes values below zero."""
    for at in range(1, len(tokens) - 1):
        sign, number = tokens[at], tokens[at + 1]
        if number.type != "NUM" or not _is_both(tokens, at) or not _has_negatives(tokens[max(0, at - _NEAR) : at]):
            continue
        before = tokens[at - 1]
        beyond = before.type in ("GT", "GE", "OUTSIDE")
        if before.type in COMPARING | {"WITHIN", "OUTSIDE", "BETWEEN", "FROM"}:
            before.type, before.value = ("OUTSIDE" if beyond else "BETWEEN"), before.text
        else:
            tokens.insert(at, Token("BETWEEN", "", sign.start, sign.start, ""))
            at += 1
        low = Token("NUM", f"-{number.value}", sign.start, sign.start, number.text)
        return [*tokens[:at], low, Token("TO", "-", sign.start, sign.end, sign.text), *tokens[at + 1 :]]
    return tokens


def _is_both(tokens: Sequence[Token], at: int) -> bool:
    """ "±", or "+" behind "outside", which lost its lower stroke."""
    return tokens[at].type == "PLUSMINUS" or (tokens[at].text == "+" and tokens[at - 1].type == "OUTSIDE")


def pair_over(tokens: list[Token]) -> list[Token]:
    """ "blood pressure above 160 over 100": a slash in words."""
    for at in range(2, len(tokens) - 1):
        first, over, second = tokens[at - 1 : at + 2]
        if over.text.lower() != "over" or (first.type, second.type) != ("NUM", "NUM"):
            continue
        named = next((one for one in reversed(tokens[max(0, at - _NEAR) : at]) if one.type == "VAR"), None)
        if named is not None and variables.catalogue()[str(named.value)].group_of:
            over.type, over.value = "SLASH", "/"
    return tokens


def sums(tokens: list[Token]) -> list[Token]:
    """ "Gleason 3+4": the score is their sum."""
    scale: Token | None = None
    for at, token in enumerate(tokens):
        scale = token if token.type == "SCALE" else scale
        plain = [one.type == "NUM" and one.text.isdigit() for one in tokens[at - 1 : at + 2 : 2]] if at else []
        if token.text == "+" and scale is not None and scale.value in _SUMMED and plain == [True, True]:
            first, second = tokens[at - 1], tokens[at + 1]
            second.value = str(int(first.value) + int(second.value))
            first.type = token.type = "FILL"
    return tokens


def lost_dashes(tokens: list[Token]) -> list[Token]:
    """ "18 55 years of age": two whole numbers of years side by side lost the dash between them."""
    for at in range(len(tokens) - 2):
        low, high, unit = tokens[at : at + 3]
        if (low.type, high.type, unit.type) != ("NUM", "NUM", "TIME") or unit.value != "a":
            continue
        before = tokens[at - 1].type if at else ""
        if before not in COMPARING | {"NUM", "DOT", "TIMES"} and _rising(low, high) and low.end < high.start:
            high.senses = {**high.senses, LOST: "two numbers stand side by side"}
            return [*tokens[: at + 1], Token("TO", "-", low.end, high.start, "-"), *tokens[at + 1 :]]
    return tokens


def lost_strokes(tokens: list[Token]) -> list[Token]:
    """ "BMI = 18.0 and = 30.0 kg/m2": nothing equals two numbers; ≥ and ≤ lost a stroke each, which is assumed."""
    for at in range(len(tokens) - 4):
        first, low, *rest = tokens[at : at + 6]
        if rest[0].type in ("UNIT", "TIME"):
            rest = rest[1:]
        if [one.type for one in (first, low, *rest[:3])] != ["EQ", "NUM", "AND", "EQ", "NUM"]:
            continue
        ends = [readings(str(one.value))[:1] for one in (low, rest[2])]
        if all(ends) and Decimal(ends[0][0]) < Decimal(ends[1][0]):
            first.type, rest[1].type = "BETWEEN", "FILL"
            rest[2].senses = {**rest[2].senses, LOST: "two numbers are said to be equal to one value"}
    return tokens


def years_between(tokens: list[Token]) -> list[Token]:
    """ "aged 18 and 65 years": two rising ages lost the "between" before them, which is assumed; "between the ages of"
    says it."""
    for at in range(len(tokens) - 4):
        name, low, link, high, unit = tokens[at : at + 5]
        of = name if name.text.lower() == "of" and at else None
        name = tokens[at - 1] if of else name
        if (low.type, link.type, high.type, unit.type) != ("NUM", "AND", "NUM", "TIME") or unit.value != "a":
            continue
        if name.type == "VAR" and name.value == "age" and _rising(low, high):
            if of is not None:
                of.type = "FILL"
            between = Token("BETWEEN", "", low.start, low.start, "")
            if not any(one.type == "BETWEEN" for one in tokens[max(0, at - _NEAR) : at]):
                high.senses = {**high.senses, LOST: "two ages are joined by “and”"}
            return [*tokens[: at + 1], between, *tokens[at + 1 :]]
    return tokens


def _rising(low: Token, high: Token) -> bool:
    digits = all(one.text.isdigit() and len(one.text) <= _DIGITS for one in (low, high))
    values = [*readings(str(low.value))[:1], *readings(str(high.value))[:1]] if digits else []
    return len(values) > 1 and Decimal(values[0]) < Decimal(values[1])


def both_ends(tokens: list[Token]) -> list[Token]:
    """ "at least 1 but not more than 4 regimens", "≥ 7 % but not > 10 %": the word that joins the two ends is none of
    the second."""
    kept: list[Token] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        link, _, sign = token.text.partition(" ")
        denied = token.type == "EXCEPT" and sign.lower() == "not" and following and following.type in ORDERING
        if (token.type == "LE" or denied) and link.lower() in _LINKS:
            end = token.start + len(link)
            kept.append(Token("AND", "", token.start, end, link))
            kept.append(Token("NOT" if denied else "LE", token.value, end + 1, token.end, sign))
        else:
            kept.append(token)
    return kept


def manifold(tokens: list[Token]) -> list[Token]:
    """ "2.5-fold": the hyphen says nothing."""
    for before, hyphen, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if hyphen.text == "-" and before.type == "NUM" and after.type == "TIMES" and after.text.isalpha():
            hyphen.type = "FILL"
    return tokens


def folds_higher(tokens: list[Token]) -> list[Token]:
    """ "fivefold higher than normal": the comparison behind the multiple says which side is meant, where none does."""
    for before, fold, sign, reference in zip([None, *tokens], tokens, tokens[1:], tokens[2:], strict=False):
        if fold.type != "MULT" or sign.type not in ORDERING or reference.type not in _NORMS:
            continue
        if before is not None and before.type in ORDERING:
            sign.type = "FILL"
    return tokens


__all__ = ["LOST", "lost_dashes", "lost_strokes", "pair_over", "plus_or_minus", "signed", "sums", "years_between"]
