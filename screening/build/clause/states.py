"""Alternatives that are states of one disease: "AML in relapse or refractory to two lines" is AML in either case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import takewhile

from screening import concepts
from screening.build.clause.qualifying import cover
from screening.build.common.contents import variables_in
from screening.build.findings.dating import TREATMENTS
from screening.build.findings.mentions import Mention
from screening.parse.tokens import Token
from screening.parse.trees.clause import Element, Join, Tree
from screening.predicates import All, Any, Judgement, Predicate, Presence, Term
from screening.resources import table

_STATES = frozenset(table("reading")["states"]["words"])
_DOSED = frozenset(table("reading")["states"]["doses"])
_SMALL = frozenset({"FILL", "GLUE"})
_STOPS = frozenset({"SEMI", "IF", "EXCEPT", "LEAD"})
_PURPOSES = frozenset(table("reading")["states"]["purposes"])
_TWO = 2
_OPENING = 4  # tokens of an alternative among which the word of its state stands


def of_one_disease(
    tree: Join,
    items: Sequence[Tree],
    made: Sequence[Predicate | None],
    mention: Callable[[Tree], Mention | None],
) -> list[Predicate | None]:
    """The parts of a tree; where they are alternatives, and states of the disease that the first of them names, the
    disease with either state in the place of the first.

    *made*: what the items say, one by one.
    """
    parts = _with_purpose(tree, list(made))
    if tree.how != "or" or any(one is None for one in parts):
        return parts
    found = [mention(_opening(item)) for item in items]
    disease = _disease(found[0], parts[0])
    if disease is None or parts[0] == disease or not all(map(_is_state, found[1:])):
        return parts
    own = parts[0].items[1:] if isinstance(parts[0], All) and parts[0].items[0] == disease else ()
    first = (All(own, cover(own)) if own[1:] else own[0]) if own else parts[0]
    either = [one for one in (first, *parts[1:]) if one is not None]
    whole = All((disease, Any(tuple(either), cover(either))), cover([disease, *either]))
    return [whole, *([None] * (len(parts) - 1))]


def _with_purpose(tree: Join, parts: list[Predicate | None]) -> list[Predicate | None]:
    """ "Chemotherapy or radiotherapy for another cancer": what the last treatment was for the others were for, too."""
    last = parts[-1] if parts and tree.how == "or" else None
    purpose = last.items[-1] if isinstance(last, All) else None
    if not isinstance(purpose, Judgement) or purpose.text.lower().partition(" ")[0] not in _PURPOSES:
        return parts
    return [All((one, purpose)) if _is_treatment(one) and one is not None else one for one in parts]


def _is_treatment(one: Predicate | None) -> bool:
    return isinstance(one, Presence) and concepts.catalogue()[one.term.concept].kind in TREATMENTS


def _opening(tree: Tree) -> Tree:
    """The words before a limit ("refractory to ≥ 2 lines")."""
    return tree.items[0] if isinstance(tree, Join) and tree.how == "beside" else tree


def _disease(one: Mention | None, made: Predicate | None) -> Presence | None:
    """The one recorded disease that an alternative asks for, whatever its state."""
    named = [str(token.value) for token in one.concepts if _is_disease(token)] if one is not None else []
    if one is None or len(named) != 1 or one.negated or one.history or one.window is not None:
        return None
    first = made.items[0] if isinstance(made, All) else made
    if not isinstance(first, Presence) or first.term.concept != named[0]:
        return None
    return Presence(Term(named[0]), first.tense, None, (), first.span)


def _is_disease(token: Token) -> bool:
    concept = concepts.catalogue()[str(token.value)]
    return concept.kind == "condition" and not concept.attest and not concept.either


def _is_state(one: Mention | None) -> bool:
    """Whether an alternative says how a disease stands ("refractory to two lines"), and names none."""
    if one is None or one.negated or any(map(_is_disease, one.concepts)):
        return False
    said = [token for token in one.chunk.tokens if token.type not in _SMALL or token.text.lower() in _STATES]
    return any(word in _STATES for token in said[:_OPENING] for word in token.text.lower().split())


def is_dosed(one: Mention) -> bool:
    """Whether it speaks of the dose of what was denied before: "not on steroids, or on a stable dose"."""
    return any(str(token.value) in _DOSED for token in one.concepts)


def behind_either(elements: list[Element]) -> list[Element]:
    """The elements with the alternatives behind "…, either A or B" as one: they are asked for beside what is before."""
    for at in range(1, len(elements) - 2):
        if _opens_either(elements[at]) and elements[at - 1].type in ("COMMA", "AND", "TEXT", "PRED"):
            end = _either_end(elements, at)
            if end is not None:
                return [*elements[:at], Element("LIST", elements[at:end]), *elements[end:]]
    return elements


def _opens_either(element: Element) -> bool:
    tokens: Sequence[Token] = getattr(element.payload, "tokens", ()) if element.type == "TEXT" else ()
    return next((token.type == "EITHER" for token in tokens if token.type not in _SMALL), False)


def _either_end(elements: Sequence[Element], at: int) -> int | None:
    """Where the alternatives end: before what a comma, or a comma and "and", joins to the last of them; None where
    that is open."""
    inside = [one.type for one in takewhile(lambda one: one.type not in _STOPS, elements[at:])]
    last = next((i for i in range(len(inside)) if inside[i] == "OR"), None)
    if last is None or "AND" in inside[:last]:
        return None
    end = next((i for i in range(last, len(inside)) if _parts(inside[i : i + 2])), len(inside))
    return None if "AND" in inside[last:end] else at + end


def _parts(kinds: Sequence[str]) -> bool:
    """Whether a comma stands here that no "or" follows."""
    return kinds[:1] == ["COMMA"] and kinds[1:] != ["OR"]


def ages_apart(elements: list[Element]) -> list[Element]:
    """ "≥ 65 years, or < 65 years with comorbidities": what stands behind the second age narrows only that one."""
    out: list[Element] = []
    for at, element in enumerate(elements):
        behind = elements[at + 1] if at + 1 < len(elements) else None
        ages = _two_ages(element)
        if ages is None or behind is None or behind.type not in ("TEXT", "AND"):
            out.append(element)
            continue
        first, last = ages
        out += [Element("PRED", replace(element.payload, made=first)), Element("OR")]
        out.append(Element("PRED", replace(element.payload, made=last)))
    return out


def _two_ages(element: Element) -> tuple[Predicate, Predicate] | None:
    """The two alternatives of a limit of age."""
    made = getattr(element.payload, "made", None) if element.type == "PRED" else None
    if not isinstance(made, Any) or len(made.items) != _TWO or variables_in(made) != {"age"}:
        return None
    return made.items[0], made.items[1]


__all__ = ["ages_apart", "behind_either", "is_dosed", "of_one_disease"]
