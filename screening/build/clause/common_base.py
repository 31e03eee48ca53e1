"""What several alternatives share: "colitis with Mayo ≥ 6 or CRP > 5 mg/L" asks for colitis in either case."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from screening import concepts
from screening.build.common.contents import variables_in
from screening.build.findings.dating import TREATMENTS
from screening.build.limits.binding import Compared
from screening.parse.tokens import Token
from screening.parse.trees.clause import Element
from screening.resources import table

_WITH = frozenset(table("reading")["small"]["having"]) - {"in"}
_EITHER = frozenset({"either"})
_UNDER = frozenset(table("reading")["small"]["under"])
_KIN = [frozenset(family) for family in table("measures")["kindred"]["sets"]]
_OF = frozenset(table("reading")["prepositions"]["words"])
_MORE = frozenset({"VAR", "SCALE", "SEX", "NUM", "JUDGE"})
_FAMILY = 10  # concepts at most that are kinds of one disease ("stroke"), and no chapter of medicine
_ENDS = frozenset({"SEMI", "DOT"})


def with_alternatives(elements: list[Element]) -> list[Element]:
    """The elements with the limits joined by "or" behind a "with" as one, beside what stands before it.

    Left as they are where a comma stands before the "or", or where the alternatives name people or findings, or the
    quantity before "with", of their own.
    """
    for at in range(len(elements) - 3):
        if not _opens(elements[at]) or not _behind_something(elements, at):
            continue
        end = _alternatives_end(elements, at + 1)
        if end is not None and not _starts_anew(elements[:at], elements[at + 1 : end]):
            return [*elements[: at + 1], Element("LIST", elements[at + 1 : end]), *elements[end:]]
    return elements


def _opens(element: Element) -> bool:
    """Whether words end in "with" or "with either"."""
    tokens = getattr(element.payload, "tokens", ()) if element.type == "TEXT" else ()
    said = [token.text.lower() for token in tokens[-2:]]
    return bool(said) and (said[-1] in _WITH or (said[-1] in _EITHER and said[0] in _WITH))


def _behind_something(elements: Sequence[Element], at: int) -> bool:
    """Whether a finding or limit stands before the "with", and not people only."""
    if any(token.type in ("CONCEPT", "SEX") for token in getattr(elements[at].payload, "tokens", ())):
        return True
    return at > 0 and elements[at - 1].type in ("PRED", "TEXT")


def _alternatives_end(elements: Sequence[Element], at: int) -> int | None:
    """Where limits joined by commas and "or" end, each with small words behind it; None where that is not all."""
    here, joins = at, list[str]()
    while here < len(elements) and elements[here].type == "PRED":
        here += 1
        if here < len(elements) and _is_small(elements[here]):
            here += 1
        if here == len(elements) or elements[here].type in _ENDS:
            return here if joins and joins[-1] == "OR" else None
        kinds = [one.type for one in elements[here : here + 2]]
        if kinds[:1] == ["OR"]:
            joins.append("OR")
            here += 1
        elif kinds == ["COMMA", "AND"] and joins[-1:] == ["OR"]:
            return here
        elif kinds == ["COMMA", "OR"] and len(joins) > 0:
            joins.append("OR")
            here += 2
        elif kinds[:1] == ["COMMA"]:
            joins.append("COMMA")
            here += 1
        else:
            return None
    return None


def _is_small(element: Element) -> bool:
    """Whether words name no finding and open no new list: "at 10 minutes"."""
    tokens = getattr(element.payload, "tokens", ()) if element.type == "TEXT" else ()
    kinds = {token.type for token in tokens}
    return bool(tokens) and not kinds & {"CONCEPT", "MOD", "SEX", "JUDGE"} and not _opens(element)


def _starts_anew(before: Sequence[Element], alternatives: Sequence[Element]) -> bool:
    """Whether an alternative behind the first limits again what was limited before: "age ≥ 50 with A or age ≥ 18"."""
    names = _limited(before)
    return not names.isdisjoint(_limited(alternatives))


def _limited(elements: Sequence[Element]) -> set[str]:
    found = (one.payload.made for one in elements if isinstance(one.payload, Compared))
    return {name for made in found for name in variables_in(made)}


def of_one_family(elements: list[Element]) -> list[Element]:
    """ "Type 1 or type 2 diabetes with HbA1c > 8.5 %": a limit behind kinds of one disease is for each of them; behind
    drugs, so is one in parentheses ("metformin or gliclazide (HbA1c ≤ 8 %)")."""
    for at in range(len(elements) - 1, 1, -1):
        limit = _limit_behind(elements, at) if elements[at].type == "TEXT" and elements[at - 1].type == "OR" else None
        if limit is None:
            continue
        begin = _kin_begin(elements, at)
        if begin < at:
            both = Element("LIST", elements[begin : at + 1])
            return [*elements[:begin], *elements[at + 1 : limit], both, *elements[limit:]]
    return elements


def _limit_behind(elements: Sequence[Element], at: int) -> int | None:
    """Where the limit ends that stands behind a name and "with", or behind a drug in parentheses."""
    kinds = [one.type for one in elements[at + 1 : at + 4]]
    if kinds[:1] in (["PRED"], ["LIST"]) and _opens(elements[at]):
        return at + 2
    drug = _is_drug(elements[at]) or _is_unknown(elements[at])
    return at + 4 if drug and kinds == ["LPAR", "PRED", "RPAR"] else None


def _kin_begin(elements: Sequence[Element], last: int) -> int:
    """Where the alternatives begin that are kinds of one disease, or drugs as the last of them is."""
    begin, here, behind = last, last - 2, elements[last]
    while here >= 0 and elements[here].type == "TEXT" and elements[here + 1].type in ("OR", "COMMA"):
        if not _are_kin(elements[here], behind):
            break
        begin, here = here, here - 2
    return begin if any(map(_concepts, elements[begin : last + 1])) else last


def _are_kin(one: Element, last: Element) -> bool:
    if _is_unknown(last) or _is_drug(last):
        return _is_drug(one) or (_is_unknown(one) and not _opens(last))
    ours, theirs = _concepts(one), _concepts(last)
    if len(ours) == 1 and _is_ellipsis(one, last):
        return True
    if len(ours) != 1 or len(theirs) != 1:
        return False
    return ours == theirs or any(family.issuperset((*ours, *theirs)) for family in _families())


def _concepts(element: Element) -> list[str]:
    """The concepts that words name; none where they say anything of a limit or of people too."""
    tokens = _tokens(element)
    if any(token.type in _MORE for token in tokens):
        return []
    return [str(token.value) for token in tokens if token.type == "CONCEPT"]


def _tokens(element: Element) -> Sequence[Token]:
    return getattr(element.payload, "tokens", ()) if element.type == "TEXT" else ()


def _is_drug(element: Element) -> bool:
    return [concepts.catalogue()[name].kind for name in _concepts(element)] == ["drug"]


def _is_unknown(element: Element) -> bool:
    """Whether an element is a single word that nobody knows: among drugs, one more drug."""
    return [token.type for token in _tokens(element) if token.type not in ("FILL", "GLUE")] == ["WORD"]


def _is_ellipsis(one: Element, last: Element) -> bool:
    """ "Osteoarthritis of the knee or hip with …", "hepatitis B or C with …": a place or a letter alone."""
    said = [token for token in _tokens(last) if token.type not in ("FILL", "GLUE", "MOD")]
    if len(said) != 1 or said[0].type not in ("ORGAN", "WORD"):
        return False
    named = next(token for token in _tokens(one) if token.type == "CONCEPT")
    return len(said[0].text) == 1 or not _OF.isdisjoint(named.text.lower().split())


@cache
def _families() -> tuple[frozenset[str], ...]:
    """The concepts below each one that has few of them."""
    found = {frozenset(concepts.narrower(name)) for name in concepts.catalogue()}
    return tuple(family for family in found if 1 < len(family) <= _FAMILY)


def under_treatment(elements: list[Element]) -> list[Element]:
    """ "SBP > 160 or DBP > 100 mmHg on antihypertensive drugs": measures of one thing joined by "or" as one, beside the
    treatment under which both are taken."""
    for at in range(len(elements) - 3):
        kinds = [one.type for one in elements[at : at + 4]]
        if kinds != ["PRED", "OR", "PRED", "TEXT"] or not _says_treatment(elements[at + 3]):
            continue
        names = [_limited([elements[at]]), _limited([elements[at + 2]])]
        if names[0] != names[1] and any(family.issuperset(names[0] | names[1]) for family in _KIN):
            both = Element("LIST", elements[at : at + 3])
            return [*elements[:at], elements[at + 3], both, *elements[at + 4 :]]
    return elements


def _says_treatment(element: Element) -> bool:
    """Whether words open with "on" or "after" and name a treatment."""
    tokens = [token for token in getattr(element.payload, "tokens", ()) if token.text.strip()]
    named = [concepts.catalogue()[str(token.value)].kind for token in tokens if token.type == "CONCEPT"]
    return bool(named) and set(named) <= TREATMENTS and tokens[0].text.lower().split()[0] in _UNDER


__all__ = ["of_one_family", "under_treatment", "with_alternatives"]
