"""Which limits of a list an "or" joins: those right beside it, or two of one quantity."""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import Token
from screening.parse.trees.clause import Conditioned, Element, Excepted, Grouped, Join, Leaf, Tree
from screening.resources import table

_BESIDE = frozenset(table("reading")["small"]["beside"])
_VERBS = frozenset(table("reading")["small"]["finite"])
_WHOLE = frozenset(table("reading")["small"]["whole"])
_PLAIN = frozenset({"TEXT", "PRED", "OR", "AND", "COMMA", "LPAR", "RPAR", "GROUP"})
_NARROWING = frozenset(table("reading")["narrowing"]["behind_comma"])
_KIN = [frozenset(family) for family in table("measures")["kindred"]["sets"]]


def one_of_beside(elements: list[Element]) -> list[Element]:
    """The elements with the list behind "… and one of the following" as one: it is asked for beside what is before."""
    for at in range(1, len(elements)):
        if elements[at].type != "LEAD" or elements[at].payload.type != "ONEOF" or not _joins(elements[at - 1]):
            continue
        rest = [Element("COMMA") if one.type == "SEMI" else one for one in elements[at:]]
        listed = any(one.type in ("OR", "COMMA") for one in rest)
        return [*elements[:at], Element("LIST", rest)] if listed else elements
    return elements


def clause_behind_and(elements: list[Element]) -> list[Element]:
    """ "A or B and was stopped": a clause with a verb of its own behind "and" says more of all that stands before."""
    kinds = [one.type for one in elements]
    at = next((i for i in range(1, len(kinds) - 1) if kinds[i] == "AND" and opens_with_verb(elements[i + 1])), None)
    if at is None or "OR" not in kinds[:at] or not _PLAIN.issuperset(kinds):
        return elements
    return [Element("LIST", elements[:at]), *elements[at:]]


def opens_with_verb(element: Element) -> bool:
    """Whether words open with a finite verb, whose subject was named before ("was discontinued", "has progressed")."""
    tokens: tuple[Token, ...] = getattr(element.payload, "tokens", ()) if element.type == "TEXT" else ()
    return bool(tokens) and tokens[0].text.lower().partition(" ")[0] in _VERBS


def _joins(element: Element) -> bool:
    """Whether it joins what follows to what stands before: "and", or words that end in "plus" or "with"."""
    if element.type == "AND":
        return True
    tokens = getattr(element.payload, "tokens", ()) if element.type == "TEXT" else ()
    return any(token.text.lower() in _BESIDE for token in tokens[-1:])


def closes(elements: Sequence[Element], opening: int, at: int) -> bool:
    """Whether an exception is at its end: a semicolon, or a limit that is one of the whole ("a disease other than X
    with a life expectancy < 1 year")."""
    return elements[at].type == "SEMI" or (at > opening + 1 and _is_of_whole(elements[at]))


def _is_of_whole(element: Element) -> bool:
    named = getattr(element.payload, "subjects", ()) if element.type == "PRED" else ()
    return bool(named) and all(str(subject.token.value) in _WHOLE for subject in named)


def narrows(element: Element) -> bool:
    """ "> 160 mmHg, confirmed by a repeat measurement": words behind a comma that can only be about the limit."""
    tokens: Sequence[Token] = getattr(element.payload, "tokens", ()) if element.type == "TEXT" else ()
    opens = bool(tokens) and tokens[0].text.lower() in _NARROWING
    return opens and all(token.type not in ("CONCEPT", "VAR", "SCALE") for token in tokens)


def neighbours(left: Tree, right: Tree) -> Tree | None:
    """ "WBC ≥ 3 or ANC ≥ 1.5, platelets ≥ 100": in a list that goes on behind two limits, "or" joins these only."""
    if not (isinstance(right, Join) and right.how == "list"):
        return None
    if not _is_limit(right.items[0]):
        return _two_beside(left, right) if all(map(_is_limit, right.items[1:])) else None
    before = left.items if isinstance(left, Join) and left.how == "list" else (left,)
    last = before[-1].items if isinstance(before[-1], Join) and before[-1].how == "or" else (before[-1],)
    if not all(map(_is_limit, (*before[:-1], *last))):
        return None
    return Join("list", (*before[:-1], Join("or", (*last, right.items[0])), *right.items[1:]))


def _two_beside(left: Tree, right: Join) -> Tree | None:
    """ "≥ 2 moderate or ≥ 1 severe exacerbation, FEV1 < 80 %, …": behind two findings the limits of a list go on."""
    before = left.items if isinstance(left, Join) and left.how == "list" else (left,)
    if not any(map(_is_limit, before)):
        return Join("list", (Join("or", (*before, right.items[0])), *right.items[1:]))  # "A, B or C, FEV1 < 80 %"
    if not all(map(_is_limit, before[:-1])) or _is_limit(before[-1]) or (isinstance(left, Join) and left.how == "or"):
        return None
    return Join("list", (*before[:-1], Join("or", (before[-1], right.items[0])), *right.items[1:]))


def other_limit(left: Tree, right: Tree) -> Tree | None:
    """ "ECOG 0-1, ANC ≥ 1; or ANC ≥ 0.5 with marrow involvement": two limits of one quantity stand together."""
    if not (isinstance(left, Join) and left.how in ("list", "and")):
        return None
    last, named = left.items[-1], _subjects(right)
    same = bool(named) and (_subjects(last) == named if left.how == "list" else _kindred(left, named))
    return Join(left.how, (*left.items[:-1], Join("or", (last, right)))) if same else None


def _kindred(left: Join, named: frozenset[str]) -> bool:
    """ "LVEF ≤ 40 % and NT-proBNP ≥ 600 or BNP ≥ 150": two measures of one thing, of which nothing was said before."""
    *before, last = map(_subjects, left.items)
    both = last | named
    return bool(last) and not last & named and not any(one & both for one in before) and any(map(both.issubset, _KIN))


def _subjects(tree: Tree) -> frozenset[str]:
    """The quantities that the comparison of a part is about; none where it is no comparison."""
    if isinstance(tree, Leaf):
        named = getattr(tree.element.payload, "subjects", ()) if tree.element.type == "PRED" else ()
        return frozenset(str(subject.token.value) for subject in named)
    if isinstance(tree, Grouped | Conditioned | Excepted):
        return _subjects(tree.base)
    if isinstance(tree, Join) and tree.how == "beside":
        return next((found for item in tree.items if (found := _subjects(item))), frozenset())
    return frozenset()


def _is_limit(tree: Tree) -> bool:
    """Whether a part is one comparison, perhaps with a condition or a parenthesis of its own."""
    if isinstance(tree, Leaf):
        return tree.element.type == "PRED"
    return isinstance(tree, Grouped | Conditioned | Excepted) and _is_limit(tree.base)


__all__ = ["neighbours", "other_limit"]
