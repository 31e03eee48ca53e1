"""Limits that differ by sex: "> 450 ms (men), > 470 ms (women)", "men ≥ 13, women ≥ 12", "< 50/40 (F/M)".

Words of sex beside a limit become the condition of that limit, in the terms of the logic grammar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from screening import concepts, units, variables
from screening.build.limits.quantities import is_typical, number_read
from screening.parse.passes.restoring import MEASURES
from screening.parse.tokens import Token
from screening.parse.trees.clause import Element
from screening.parse.trees.logic import ALONE
from screening.parse.trees.tree import Bound, Bounds, Island
from screening.resources import table

_SMALL = frozenset({"FILL", "GLUE", "SEX", "DASH"})
_DESCRIBING = frozenset({"FILL", "GLUE", "LPAR", "MOD", "CONCEPT", "IF", "DASH"})
_FOR = frozenset(table("reading")["small"]["of_some"])
_FAR = 6  # tokens from a value to the sex it is for
_ENDS = frozenset({"AND", "OR", "COMMA", "SEMI", "RPAR"})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two limits, the first for *first*; *words* named the sexes."""

    first: str
    limits: tuple[Bounds, Bounds]
    words: tuple[Token, ...]


def paired(tokens: Sequence[Token], island: Island) -> Pair | None:
    """The limits of "50/40 (F/M)"; None where the island has no such pair."""
    item = island.shape.bounds.items[0]
    if not isinstance(item, Bound) or len(item.value.numbers) != 2 or len(island.shape.bounds.items) > 1:
        return None
    behind = tokens[island.last : island.last + 6]
    sexes = [token for token in behind if token.type == "SEX"]
    if len(sexes) != 2 or sexes[0].value == sexes[1].value:
        return None
    first, second = (_alone(island.shape.bounds, item, number) for number in item.value.numbers)
    end = behind.index(sexes[1]) + 1
    closing = behind[end : end + 1] if end < len(behind) and behind[end].type == "RPAR" else []
    return Pair(str(sexes[0].value), (first, second), (*behind[:end], *closing))


def _alone(bounds: Bounds, item: Bound, number: Token) -> Bounds:
    return replace(bounds, items=(replace(item, value=replace(item.value, numbers=(number,))),))


def signed(bounds: Bounds) -> Bound | None:
    """The only bound of an island, if it compares."""
    item = bounds.items[0]
    return item if len(bounds.items) == 1 and isinstance(item, Bound) and item.op is not None else None


def compared_alike(bounds: Bounds, before: Bound | None, variable: str) -> Bounds:
    """ "≥ 50 kg (males) or 45 kg (females)": a value alone behind a limit of the same quantity is compared as that; a
    number without a unit, in the unit of that limit, where it may be one ("> 21 units/week (men) or > 14 (women)")."""
    item = bounds.items[0]
    if before is None or len(bounds.items) > 1 or not isinstance(item, Bound):
        return bounds
    if item.op is None:
        item = replace(item, op=before.op, symbol=before.symbol)
    if (unit := before.value.unit) is not None and _may_be_in(item, variable, unit):
        item = replace(item, value=replace(item.value, unit=unit))
    return replace(bounds, items=(item,))


def _may_be_in(item: Bound, variable: str, unit: Token) -> bool:
    """Whether the plain number of a bound lies, in this unit, where trials put limits on the quantity."""
    if item.value.unit is not None or item.value.reference or len(item.value.numbers) != 1 or unit.type != "UNIT":
        return False
    named = variables.catalogue()[units.quantity(variable, str(unit.value))]
    number = number_read(named, item.value.numbers[0].value, None) if named.typical_limit else None
    return number is not None and is_typical(named, number, str(unit.value))


def of_a_sex(tokens: Sequence[Token], at: int) -> bool:
    """Whether the words behind a value name a sex it is for ("11 in postmenopausal women", "40 (F)")."""
    for token in tokens[at : at + _FAR]:
        if _names_sex(token):
            return True
        if token.type not in _DESCRIBING and token.text.lower().rstrip("s") not in MEASURES:
            return False
    return False


def by_sex(elements: list[Element]) -> list[Element]:
    """The elements with each sex beside a limit as a condition (IF …) behind it or (IF … THEN) before it."""
    if not any(is_sex(element) or _sex_and_more(element) or _describes_sex(element) for element in elements):
        return elements
    out: list[Element] = []
    at = 0
    while at < len(elements):
        here = elements[at : at + 3]
        kinds = [element.type for element in here]
        limited = bool(out) and out[-1].type == "PRED"
        if limited and kinds == ["LPAR", "TEXT", "RPAR"] and is_sex(here[1]):
            out += [_if(elements[at + 3 :]), here[1]]
            at += 3
        elif (limited and is_sex(here[0]) and (len(here) == 1 or kinds[1] in _ENDS)) or (
            limited and _describes_sex(here[0]) and (len(here) == 1 or kinds[1] in _ENDS)
        ):
            out += [_if(elements[at + 1 :]), here[0]]
            at += 1
        elif limited and kinds[:2] == ["IF", "TEXT"] and is_sex(here[1]) and (len(here) < 3 or kinds[2] in _ENDS):
            out += [_if(elements[at + 2 :]), here[1]]
            at += 2
        elif limited and (split := _sex_and_more(here[0])):
            out += [split[1], _if(elements[at + 1 :]), split[0]]
            at += 1
        elif is_sex(here[0]) and (length := _before_limit(kinds, here, out)):
            out += [Element("IF"), here[0], Element("THEN")]
            at += length
        else:
            out.append(here[0])
            at += 1
    return out


def _if(behind: Sequence[Element]) -> Element:
    """The condition that one sex is: no further than the sex, unless other people follow ("for women or for those on
    dialysis")."""
    if behind and behind[0].payload == "inside":
        return Element("IF")  # "women up to 50 years of age"
    joined = len(behind) > 1 and behind[0].type in ("OR", "AND") and behind[1].type == "TEXT"
    tokens: Sequence[Token] = behind[1].payload.tokens if joined and behind[1].payload is not None else ()
    people = bool(tokens) and (tokens[0].text.lower() in _FOR or any(map(_names_sex, tokens)))
    return Element("IF") if people else Element("IF", ALONE)


def _before_limit(kinds: list[str], here: list[Element], out: list[Element]) -> int:
    """How many elements a sex before an inherited limit takes ("women ≥ 12", "female: ≥ 50 kg"); 0 where there is
    none."""
    if out and out[-1].type not in _ENDS | {"LPAR", "COLON", "TEXT"}:
        return 0
    length = 2 if kinds[1:2] == ["COLON"] else 1
    limit = here[length] if len(here) > length else None
    return length if limit is not None and limit.type == "PRED" and limit.payload.inherited else 0


def _sex_and_more(element: Element) -> tuple[Element, Element] | None:
    """The sex at the beginning of more words, and those words ("in women | on a screening ECG")."""
    chunk: Any = element.payload
    if element.type != "TEXT" or chunk is None or chunk.windows or chunk.loose:
        return None
    at = next((i for i, token in enumerate(chunk.tokens) if token.type not in ("FILL", "GLUE")), len(chunk.tokens))
    first, rest = chunk.tokens[: at + 1], chunk.tokens[at + 1 :]
    if not rest or first[-1].type != "SEX" or at == 0 or any(token.type == "SEX" for token in rest):
        return None
    return element._replace(payload=chunk._replace(tokens=first)), element._replace(payload=chunk._replace(tokens=rest))


def _describes_sex(element: Element) -> bool:
    """Whether an element names some of one sex behind a small word ("in postmenopausal women")."""
    payload: Any = element.payload
    if element.type != "TEXT" or payload is None or payload.windows or payload.loose:
        return False
    first, last = payload.tokens[0], payload.tokens[-1]
    kinds = {token.type for token in payload.tokens}
    named = sum(map(_names_sex, payload.tokens))
    return first.text.lower() in _FOR and named == 1 and _names_sex(last) and kinds <= _SMALL | {"CONCEPT", "MOD"}


def _names_sex(token: Token) -> bool:
    """Whether a word names one sex, or people of one ("postmenopausal women")."""
    if token.type == "CONCEPT":
        return concepts.catalogue()[str(token.value)].pertains is not None
    return token.type == "SEX"


def is_sex(element: Element) -> bool:
    """Whether an element is the word of one sex and small words."""
    payload: Any = element.payload
    if element.type != "TEXT" or payload is None:
        return False
    kinds = [token.type for token in payload.tokens]
    return kinds.count("SEX") == 1 and set(kinds) <= _SMALL
