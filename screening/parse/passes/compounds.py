"""Two names that are one thing, and a noun said once for two: ratios, either method, "swollen and tender joints"."""

from __future__ import annotations

from itertools import pairwise

from screening import concepts, units, variables
from screening.parse.numbers import readings
from screening.parse.tokens import COMPARING, EITHER, Token
from screening.resources import table

_BARE_BELOW: int = table("measures")["bare_ratios"]["below"]
_COMPLETED = frozenset({"WORD", "ORGAN", "GLUE", "VAR"})  # what may lack the noun that stands behind another
_CALENDAR = frozenset({"a", "mo", "wk", "d"})
LONE = frozenset(table("reading")["lone_times"]["words"])
_RATIOS: dict[tuple[str, str], str] = {(one, other): name for name, (one, other) in table("measures")["ratios"].items()}


def lone_times(tokens: list[Token]) -> list[Token]:
    """ "in the past month": a unit of time without a number is one of it."""
    for before, token in pairwise(tokens):
        if token.type == "WORD" and "WITHIN" in {before.type, *before.senses} and before.type != "BEFORE":
            code = units.ucum(token.text.lower()) if token.text.lower() in LONE else None
            if code in _CALENDAR:
                token.type, token.value = "TIME", code
    return tokens


def ratios(tokens: list[Token]) -> list[Token]:
    """ "FEV1 [forced expiratory volume] / FVC [forced vital capacity]": two names that are a third one together."""
    kept: list[Token] = []
    for at, token in enumerate(tokens):
        kept.append(token)
        if token.type == "VAR" and len(kept) > 2 and kept[-2].type == "SLASH" and kept[-3].type == "VAR":
            first = kept[-3]
            name = f"{first.text}/{token.text}".casefold()
            identity = variables.by_name().get(name) or _RATIOS.get((first.value, token.value))
            if identity is None and _plain_number(tokens, at + 1):
                identity = variables.by_name().get(f"{name} ratio")
            if identity:
                kept[-3:] = [Token("VAR", identity, first.start, token.end, f"{first.text}/{token.text}")]
    return kept


def _plain_number(tokens: list[Token], at: int) -> bool:
    """Whether a comparison with a small number follows that has no unit and multiplies nothing: a ratio's."""
    near = [token for token in tokens[at : at + 6] if token.type != "FILL"]
    if len(near) < 2 or near[0].type not in COMPARING or near[1].type != "NUM":
        return False
    after = near[2].type if len(near) > 2 else ""
    value = readings(near[1].value)
    return after not in ("UNIT", "TIMES", "ULN", "LLN", "MULT", "NORMAL") and bool(value) and value[0] < _BARE_BELOW


def elliptical(tokens: list[Token]) -> list[Token]:
    """ "pleural or pericardial effusion", "cardiac and pulmonary dysfunction": the noun stands once for both."""
    names = concepts.by_name()
    for at in range(len(tokens) - 3, -1, -1):
        word, join = tokens[at], tokens[at + 1]
        if word.type not in _COMPLETED or join.type not in ("AND", "OR", "COMMA", "SLASH"):
            continue
        noun = next((t for t in tokens[at + 2 : at + 5] if t.type not in ("AND", "OR")), None)
        if noun is None or noun.type != "CONCEPT" or " " not in noun.text:
            continue
        found = next((name for name in _completed(word.text, noun.text) if name in names), None)
        if found and names[found] == noun.value and join.type == "COMMA":
            word.type = join.type = "FILL"  # "a malignant, neoplastic disease": two words for one
        elif found:
            word.type, word.value = "CONCEPT", names[found]
            word.senses = {"CONCEPT": names[found], **({"NARROW": True} if found in concepts.narrower_names() else {})}
            word.text = f"{word.text} {noun.text.split(' ', 1)[1]}"
    return tokens


def elliptical_names(tokens: list[Token]) -> list[Token]:
    """ "≥ 3 swollen and 3 tender joints": the noun of a quantity stands once for both."""
    names = variables.by_name()
    for at in range(len(tokens) - 2):
        word = tokens[at]
        if word.type != "WORD" or tokens[at + 1].type not in ("AND", "OR", "COMMA", "SLASH"):
            continue
        noun = next((token for token in tokens[at + 2 : at + 6] if token.type in ("VAR", "WORD", "CONCEPT")), None)
        if noun is None or noun.type != "VAR" or " " not in noun.text:
            continue
        found = next((names[name] for name in _completed(word.text, noun.text) if name in names), None)
        if found and found != noun.value:
            word.type, word.value = "VAR", found
    return tokens


def _completed(word: str, noun: str) -> list[str]:
    parts = noun.casefold().split()
    return [f"{word.casefold()} {' '.join(parts[cut:])}" for cut in range(1, len(parts))]


def any_method(tokens: list[Token]) -> list[Token]:
    """ "by echocardiogram or MUGA", "measured by urine collection or calculated by Cockcroft-Gault": either method."""
    kept: list[Token] = []
    for token in tokens:
        kept.append(token)
        if token.type != "METHOD":
            continue
        at = next((i for i in range(len(kept) - 2, -1, -1) if kept[i].type != "FILL"), 0)
        before = next((i for i in range(at - 1, -1, -1) if kept[i].type != "FILL"), at)
        one, join = kept[before], kept[at]
        if one.type == "METHOD" and join.type in ("OR", "SLASH"):
            text = f"{one.text} {join.text} {token.text}"
            kept[before:] = [Token("METHOD", f"{one.value}{EITHER}{token.value}", one.start, token.end, text)]
    return kept


__all__ = ["LONE", "any_method", "elliptical", "elliptical_names", "lone_times", "ratios"]
