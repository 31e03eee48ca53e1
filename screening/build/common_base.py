"""What several alternatives share: "colitis with Mayo ≥ 6 or CRP > 5 mg/L" asks for colitis in either case."""

from __future__ import annotations

from collections.abc import Sequence

from screening import concepts
from screening.build.binding import Compared
from screening.build.contents import variables_in
from screening.build.dating import TREATMENTS
from screening.parse.clause import Element
from screening.resources import table

_WITH = frozenset(table("reading")["small"]["having"]) - {"in"}
_EITHER = frozenset({"either"})
_UNDER = frozenset(table("reading")["small"]["under"])
_KIN = [frozenset(family) for family in table("measures")["kindred"]["sets"]]
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


__all__ = ["under_treatment", "with_alternatives"]
