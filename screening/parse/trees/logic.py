"""The logic between the islands of one clause: parentheses, conditions and exceptions first, then logic.lark.

Elements come in typed (`Element`), and nothing is ever rejected: stray parentheses and connectives become nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from lark import Lark, Transformer

from screening.parse.trees.clause import (
    EMPTY,
    Conditioned,
    Element,
    Excepted,
    Exemption,
    Grouped,
    Join,
    Leaf,
    Led,
    Negated,
    Opening,
    Tree,
)
from screening.parse.trees.neighbours import clause_behind_and, closes, narrows, neighbours, one_of_beside, other_limit
from screening.parse.trees.running import Machine
from screening.resources import grammar

CHAINED = 4  # conditions and exceptions one upon the other; further ones are read as a list
ALONE = "alone"  # what an IF carries whose condition is the next element only
DEEPEST = 12  # nested parentheses; deeper ones are read as a list


class _Builder(Transformer[Any, Any]):
    def leaf(self, parts: list[Any]) -> Tree:
        element: Element = parts[0]
        return element.payload if element.type in ("GROUP", "LIST") else Leaf(element)

    def first(self, parts: list[Any]) -> Tree:
        return parts[0]  # type: ignore[no-any-return]

    part = single = unit = behind = first

    def beside(self, parts: list[Any]) -> Tree:
        return _join("beside", parts[0], self.leaf(parts[2:]))

    def clause_more(self, parts: list[Any]) -> Tree:
        return _join("semi", parts[0], parts[2])

    def any_more(self, parts: list[Any]) -> Tree:
        left, right = parts[0], parts[2]
        return neighbours(left, right) or other_limit(left, right) or _join("or", left, right)

    def all_more(self, parts: list[Any]) -> Tree:
        return _join("and", parts[0], parts[2])

    def list_more(self, parts: list[Any]) -> Tree:
        return _join("list", parts[0], parts[2])

    def led(self, parts: list[Any]) -> Tree:
        return Led(parts[0], parts[1])

    def negated(self, parts: list[Any]) -> Tree:
        return Negated(parts[1])

    def grouped(self, parts: list[Any]) -> Tree:
        return Grouped(parts[0], parts[1].payload)

    def conditioned(self, parts: list[Any]) -> Tree:
        return Conditioned(parts[0], parts[1].payload)

    def conditioned_head(self, parts: list[Any]) -> Tree:
        return Conditioned(parts[1], parts[0].payload, head=True)

    conditioned_part = conditioned_head

    def excepted(self, parts: list[Any]) -> Tree:
        exemption: Exemption = parts[1].payload
        return Excepted(parts[0], exemption.tree, exemption.opens)


def _join(how: Literal["and", "or", "list", "semi", "beside"], left: Tree, right: Tree) -> Tree:
    """One flat join; a comma list before "and" or "or" takes that connective ("A, B or C")."""
    if how in ("and", "or") and isinstance(left, Join) and left.how == "list":
        left = Join(how, left.items)
    items = left.items if isinstance(left, Join) and left.how == how else (left,)
    return Join(how, (*items, right))


@cache
def _parser() -> Lark:
    return Lark(
        grammar("logic") + f"\n%declare {' '.join(sorted(_TERMINALS))}\n",
        parser="lalr",
        start="clause",
        transformer=_builder(),
    )


_TERMINALS = {
    "PRED",
    "TEXT",
    "GROUP",
    "LIST",
    "AND",
    "OR",
    "COMMA",
    "SEMI",
    "NEG",
    "LEAD",
    "CONDITION",
    "IFHEAD",
    "IFTAIL",
    "EXCEPT",
    "BESIDE",
    "RESUME",
}
_CONNECTIVES = {"AND", "OR", "COMMA", "SEMI", "BESIDE", "RESUME"}
_OPERANDS = {"PRED", "TEXT", "GROUP", "LIST"}
_COMPLETE = frozenset({*_OPERANDS, "IFTAIL", "EXCEPT"})  # something may be joined to these
_BEGINNING = frozenset({"PRED", "TEXT", "LIST", "NEG", "IFHEAD", "LEAD", "CONDITION"})
_OPEN = frozenset({"SEMI", "NEG", "LEAD", "CONDITION", "IFHEAD"})  # behind these nothing is joined yet


@cache
def _machine() -> Machine:
    return Machine(_parser(), "clause", _builder().first)


def logic(elements: Sequence[Element]) -> Tree:
    """The logic tree of one clause; EMPTY when it holds nothing."""
    if any(element.type in ("LPAR", "RPAR") for element in elements):
        return _parse(_grouped(elements, 0))
    return _parse(list(elements))


def _parse(elements: list[Element], depth: int = 0) -> Tree:
    kinds = {element.type for element in elements}
    if "LEAD" in kinds and "ONEOF" in {getattr(one.payload, "type", "") for one in elements[1:]}:
        elements = one_of_beside(elements)
        kinds = {element.type for element in elements}
    if "AND" in kinds and "OR" in kinds:
        elements = clause_behind_and(elements)
        kinds = {element.type for element in elements}
    if "LIST" in kinds:
        elements = [_listing(one, depth) for one in elements]
    if "IF" in kinds or "THEN" in kinds:
        elements = _conditions(elements)
    if "EXCEPT" in kinds:
        elements = _exceptions(elements, depth)
    if len(elements) != 1 or elements[0].type not in _OPERANDS:
        elements = _tidy(_adjacent(elements))
    if not elements:
        return EMPTY
    if len(elements) == 1:
        return _builder().leaf([elements[0]])
    run = _machine().begin()
    for element in elements:
        run.feed(element.type, element)
    tree: Tree = run.end()
    return tree


def _listing(element: Element, depth: int) -> Element:
    """What one negation denies, parsed once."""
    unparsed = element.type == "LIST" and isinstance(element.payload, list)
    return Element("LIST", _parse(element.payload, depth)) if unparsed else element


@cache
def _builder() -> _Builder:
    return _Builder()


# ---- parentheses


def _grouped(elements: Sequence[Element], depth: int) -> list[Element]:
    """Each balanced parenthesis as one GROUP; stray ones vanish."""
    out: list[Element] = []
    stack: list[list[Element]] = [out]
    for element in elements:
        if element.type == "LPAR":
            stack.append([])
        elif element.type == "RPAR":
            if len(stack) > 1:
                inner = stack.pop()
                _close(stack[-1], inner, len(stack) + depth)
        else:
            stack[-1].append(element)
    while len(stack) > 1:
        inner = stack.pop()
        stack[-1].extend([Element("COMMA"), *inner])
    return out


def _close(outer: list[Element], inner: list[Element], depth: int) -> None:
    if depth > DEEPEST:
        outer.extend(inner)
    elif inner:
        tree = _parse(inner)
        outer.append(Element("GROUP", Led(inner[0], tree) if inner[0].type == "OR" else tree))


# ---- conditions and exceptions


def _conditions(elements: list[Element]) -> list[Element]:
    """Cuts out each condition: from IF to the predicate it governs, or to the end of the clause part."""
    out: list[Element] = []
    at = 0
    while at < len(elements):
        if elements[at].type != "IF":
            if elements[at].type != "THEN":
                out.append(elements[at])
            at += 1
            continue
        alone = elements[at].payload == ALONE
        end, follows = (at + 2, False) if alone else _condition_end(elements, at + 1)
        if not follows and (not out or out[-1].type == "SEMI") and (comma := _head_end(elements, at + 1)):
            end, follows = comma, True
        inside = _parse([e for e in elements[at + 1 : end] if e.type != "THEN"])
        begins = not out or out[-1].type == "SEMI"
        kind = "IFTAIL" if out and out[-1].type in _OPERANDS else "CONDITION" if begins else "IFHEAD"
        if kind != "IFTAIL" and not follows:
            kind = "IFTAIL"
            while out and out[-1].type in _CONNECTIVES:
                out.pop()
        out.append(Element(kind, inside))
        at = end
        while kind != "IFTAIL" and at < len(elements) and elements[at].type in ("COMMA", "THEN"):
            at += 1
    return out


def _head_end(elements: list[Element], at: int) -> int | None:
    """Where the condition of "if female, pregnant or breastfeeding" ends: at the first comma behind plain words, or one
    limit ("if HBV DNA ≥ 2000 IU/mL, antiviral treatment …")."""
    for here in range(at, len(elements)):
        if elements[here].type == "COMMA":
            return here if here + 1 < len(elements) else None
        if elements[here].type not in ("TEXT", "GROUP") and (here > at or elements[here].type != "PRED"):
            return None
    return None


def _condition_end(elements: list[Element], at: int) -> tuple[int, bool]:
    """Where a condition ends, and whether a predicate it governs follows."""
    here, last_comma = at, None
    while here < len(elements):
        kind = elements[here].type
        if kind == "THEN":
            return here, True
        if kind in ("SEMI", "EXCEPT", "IF"):
            break
        if kind == "COMMA":
            last_comma = here
        if kind == "PRED" and here > at and elements[here - 1].payload != "inside":
            follows = elements[here - 1].type not in ("AND", "OR") or last_comma == here - 1
            told = last_comma is not None and any(one.type == "PRED" for one in elements[at:last_comma])
            cut = (
                last_comma + 1
                if told and last_comma is not None and _only_words(elements[last_comma + 1 : here])
                else here
            )
            while cut > at and elements[cut - 1].type in _CONNECTIVES:
                cut -= 1
            behind = elements[here - 1].type in ("COMMA", "TEXT", "GROUP", "THEN") or _is_whole(elements, at, here)
            return cut, follows and behind
        here += 1
    return here, False


def _is_whole(elements: Sequence[Element], at: int, end: int) -> bool:
    """ "≥ 60, and for patients > 60 years ≥ 50": a condition that opens a part is one limit, right before another."""
    return at > 1 and elements[at - 2].type in ("COMMA", "AND") and elements[end - 1].type == "PRED"


def _only_words(elements: Sequence[Element]) -> bool:
    return bool(elements) and all(element.type == "TEXT" for element in elements)


def _exceptions(elements: list[Element], depth: int) -> list[Element]:
    """An exception runs to the end of its part."""
    if depth > CHAINED:
        return [Element("COMMA") if element.type == "EXCEPT" else element for element in elements]
    out: list[Element] = []
    at = 0
    while at < len(elements):
        if elements[at].type != "EXCEPT" or isinstance(elements[at].payload, Exemption):
            out.append(elements[at])
            at += 1
            continue
        end = next((i for i in range(at + 1, len(elements)) if closes(elements, at, i)), len(elements))
        opens: Opening = "" if elements[at].payload is None else "unless"
        while out and out[-1].type in _CONNECTIVES - {"SEMI"}:
            comma = out.pop().type == "COMMA"
            opens = "apart" if opens and comma else opens
        tree = _stated(elements[at], _parse(elements[at + 1 : end], depth + 1))
        out.append(Element("EXCEPT", Exemption(tree, opens)))
        out.extend([Element("RESUME")] if end < len(elements) and elements[end].type == "PRED" else [])
        at = end
    return out


def _stated(opening: Element, tree: Tree) -> Tree:
    """The conditions behind "unless" must all hold where "and" joins them, or words stand beside a limit: the word
    states their logic."""
    conditional = opening.payload is not None and isinstance(tree, Join) and tree.how in ("and", "beside")
    return Led(Element("LEAD", opening.payload), tree) if conditional else tree


# ---- connectives


def _adjacent(elements: list[Element]) -> list[Element]:
    """Operands side by side are a list; a heading's colon separates nothing."""
    out: list[Element] = []
    for element in elements:
        if element.type == "COLON":
            continue
        if len(out) > 1 and out[-1].type == "COMMA" and out[-2].type == "PRED" and narrows(element):
            out.pop()
        if out and element.type in _BEGINNING and out[-1].type in _COMPLETE:
            out.append(Element(_between(out, element)))
        out.append(element)
    return out


def _between(out: list[Element], element: Element) -> str:
    """Words beside a comparison (or other words) narrow it; two comparisons side by side are a list."""
    if len(out) > 1 and out[-1].type == "GROUP":
        return "RESUME" if out[-2].type == element.type == "TEXT" else "COMMA"  # "light chain (AL-type) amyloidosis"
    if (out[-1].type, element.type) not in _NARROWED:
        return "COMMA"
    return "RESUME" if len(out) > 1 and out[-2].type == "RESUME" else "BESIDE"


_NARROWED = {
    ("PRED", "LIST"),
    ("TEXT", "LIST"),
    ("PRED", "TEXT"),
    ("TEXT", "PRED"),
    ("TEXT", "TEXT"),
    ("GROUP", "TEXT"),
    ("TEXT", "GROUP"),
}
_HANGING = frozenset({"IFHEAD", "IFTAIL", "EXCEPT", "CONDITION"})


def _chained(out: list[Element]) -> bool:
    """Whether as many conditions stand one upon the other as anybody can follow."""
    return len(out) >= CHAINED and all(element.type in _HANGING for element in out[-CHAINED:])


_STRENGTH = {"RESUME": -2, "BESIDE": -1, "COMMA": 0, "AND": 1, "OR": 2, "SEMI": 3}


def _listed(elements: list[Element]) -> list[Element]:
    """ "any of: A; B; C": semicolons behind a phrase that states the logic separate the items of its list."""
    if not any(element.type == "LEAD" for element in elements[:2]):
        return elements
    return [Element("COMMA") if element.type == "SEMI" else element for element in elements]


def _tidy(elements: list[Element]) -> list[Element]:  # noqa: C901 -- one rule a connective
    """One connective between two operands, none at the ends; LEAD and CONDITION only at the beginning of a part."""
    out: list[Element] = []
    for element in _listed(elements):
        if element.type in ("LEAD", "CONDITION") and out and out[-1].type != "SEMI":
            if element.type == "LEAD":
                continue
            element = Element("IFHEAD", element.payload)
        if element.type in _CONNECTIVES:
            if element.type == "OR" and out and out[-1].type == "SEMI":
                out[-1] = element  # "A; or B": alternatives, however long
                continue
            if not out or out[-1].type in _OPEN:
                continue
            if out[-1].type in _CONNECTIVES:
                out[-1] = max(out[-1], element, key=lambda e: _STRENGTH[e.type])
                continue
        if element.type == "NEG" and out and out[-1].type == "NEG":
            out.pop()  # "not not": nothing is negated
            continue
        if element.type in _HANGING and _chained(out):
            out.append(Element("COMMA"))
            carried = element.payload
            element = Element("GROUP", carried.tree if isinstance(carried, Exemption) else carried)
        if element.type in ("IFTAIL", "EXCEPT") and not (out and out[-1].type in _COMPLETE):
            out.append(Element("TEXT", None))
        out.append(element)
    while out and out[-1].type in _CONNECTIVES | {"NEG", "LEAD"}:
        out.pop()
    if out and out[-1].type in ("CONDITION", "IFHEAD"):
        out[-1:] = [Element("TEXT", None), Element("IFTAIL", out[-1].payload)]  # a condition of nothing is still said
    return out
