"""The grammar of islands as parsers that build the tree while they run: one method for each rule of islands.lark."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

from lark import Lark, Transformer

from screening.parse.tokens import Token
from screening.parse.trees.running import Machine
from screening.parse.trees.tree import (
    Anchorage,
    Bound,
    Bounds,
    Connective,
    Shape,
    Span2,
    Subject,
    Subjects,
    Value,
)
from screening.predicates import Op
from screening.resources import grammar

_OPS = {"LT": Op.LT, "LE": Op.LE, "GT": Op.GT, "GE": Op.GE, "EQ": Op.EQ}
_FLIPPED = {Op.LT: Op.GE, Op.GE: Op.LT, Op.GT: Op.LE, Op.LE: Op.GT, Op.EQ: Op.EQ}
_TURNS = {Op.LE: (Op.LT, Op.LE), Op.LT: (Op.LT, Op.LE), Op.GE: (Op.GT, Op.GE), Op.GT: (Op.GT, Op.GE)}
_HOW = frozenset({"METHOD", "QUAL"})
_POST = {"POSTGE": Op.GE, "POSTLE": Op.LE, "POSTGT": Op.GT}


class _Shaper(Transformer[Any, Any]):
    """Builds the tree while the parser runs; each method is one rule of islands.lark."""

    def about(self, parts: list[Any]) -> Shape:
        return Shape("about", parts[-1], parts[0])

    def about_how(self, parts: list[Any]) -> Shape:
        bounds: Bounds = parts[-1]
        return Shape("about", Bounds(bounds.items, bounds.joins, bounds.restated, (parts[0], *bounds.how)), parts[1])

    def refined(self, parts: list[Any]) -> Shape:
        """ "BP ≥ 160 mmHg (systolic)"."""
        *_, bounds, _, inner, _ = parts
        outer: Subject = parts[0].items[0]
        named = replace(outer, inner=(*outer.inner, *inner.items))
        return Shape("about", bounds, Subjects((named, *parts[0].items[1:]), parts[0].joins))

    def postfix_in(self, parts: list[Any]) -> Shape:
        return Shape("postfix", parts[0], parts[2])

    def bare(self, parts: list[Any]) -> Shape:
        return Shape("bare", parts[0])

    def prefixed(self, parts: list[Any]) -> Shape:
        (op, mark), subject, value = parts
        return Shape("about", Bounds((Bound(op, value, mark),)), subject)

    def postfix(self, parts: list[Any]) -> Shape:
        return Shape("postfix", parts[0], parts[1])

    def sandwich(self, parts: list[Any]) -> Shape:
        low, (first, mark), subject, (second, mark2), high = parts
        mirrored = {Op.LT: Op.GT, Op.LE: Op.GE, Op.GT: Op.LT, Op.GE: Op.LE, Op.EQ: Op.EQ}[first]
        return Shape("about", Bounds((Span2(Bound(mirrored, low, mark), Bound(second, high, mark2)),)), subject)

    def range_of(self, parts: list[Any]) -> Shape:
        _, subject, low, _, high = parts
        return Shape("about", Bounds((Span2(Bound(Op.GE, low), Bound(Op.LE, high)),)), subject)

    def window(self, parts: list[Any]) -> Shape:
        within = isinstance(parts[0], Token)
        rest = parts[1:] if within else parts
        return Shape("window", _as_bounds(rest[0]), None, rest[1] if len(rest) > 1 else None, within)

    def anchorage(self, parts: list[Any]) -> Anchorage:
        relation, *anchor = parts
        return Anchorage(relation.type.lower(), anchor[0] if anchor else None)

    def subject(self, parts: list[Any]) -> Subjects:
        return Subjects((_as_subject(parts[0]),))

    def subject_more(self, parts: list[Any]) -> Subjects:
        before, join, subject = parts
        return Subjects((*before.items, _as_subject(subject)), (*before.joins, join))

    def variable(self, parts: list[Any]) -> Subject:
        return Subject(parts[0])

    scale = variable

    def alias(self, parts: list[Any]) -> Subject:
        outer: Subject = _as_subject(parts[0])
        return Subject(outer.token, (*outer.inner, *parts[-2].items), outer.unit, outer.how)

    def unit_of(self, parts: list[Any]) -> Subject:
        outer: Subject = _as_subject(parts[0])
        return Subject(outer.token, outer.inner, parts[2], outer.how)

    def how_of(self, parts: list[Any]) -> Subject:
        outer: Subject = _as_subject(parts[0])
        how = tuple(part for part in parts[1:] if part.type in _HOW)
        return Subject(outer.token, outer.inner, outer.unit, outer.how + how)

    def how(self, parts: list[Any]) -> Token:
        token: Token = parts[0]
        return token

    unit = how

    def link(self, _parts: list[Any]) -> None:
        return None

    def join(self, parts: list[Any]) -> str:
        return str(parts[-1].type)

    level_join = join

    def bounds(self, parts: list[Any]) -> Bounds:
        return Bounds((parts[0],))

    def bounds_more(self, parts: list[Any]) -> Bounds:
        join: Connective = "or" if any(isinstance(part, Token) and part.type == "OR" for part in parts) else "and"
        before: Bounds = parts[0]
        return before.more(join, parts[-1])

    def levels_more(self, parts: list[Any]) -> Bounds:
        """Levels in a row are alternatives ("ASA I and II"); comparisons in a row are the ends of a range."""
        before: Bounds = parts[0]
        how, last = parts[1:]
        compared = all(isinstance(item, Bound) and item.op is not None for item in (before.items[-1], last))
        return before.more("and" if how == "AND" and compared else "or", last)

    def restated(self, parts: list[Any]) -> Bounds:
        base: Bounds = parts[0]
        again = _as_bounds(parts[2])
        return Bounds(base.items, base.joins, (*base.restated, again), base.how + again.how)

    def marked(self, parts: list[Any]) -> Bounds:
        """ "under 80 years (≤)": the sign in parentheses says what the words leave open."""
        base, _, (op, mark), _ = parts
        last = base.items[-1]
        same = isinstance(last, Bound) and last.op in _TURNS.get(op, ())
        return (
            Bounds((*base.items[:-1], Bound(op, last.value, mark)), base.joins, base.restated, base.how)
            if same
            else base
        )

    def bounds_how(self, parts: list[Any]) -> Bounds:
        base: Bounds = parts[0]
        how = next(part for part in parts[1:] if part.type in _HOW)
        return Bounds(base.items, base.joins, base.restated, (*base.how, how))

    def exactly(self, parts: list[Any]) -> Bound:
        return parts[0] if isinstance(parts[0], Bound | Span2) else Bound(None, parts[0])  # type: ignore[return-value]

    def bounded(self, parts: list[Any]) -> Any:
        return parts[0]

    bound = bounded

    def compared(self, parts: list[Any]) -> Bound:
        (op, mark), value = parts
        return Bound(op, value, mark)

    def compared_post(self, parts: list[Any]) -> Bound:
        return Bound(parts[1][0], parts[0], parts[1][1])

    def compared_both(self, parts: list[Any]) -> Bound:
        (op, mark), value, _ = parts
        return Bound(op, value, mark)

    def range(self, parts: list[Any]) -> Span2:
        low, _, high = parts
        return Span2(Bound(Op.GE, low), Bound(Op.LE, high))

    def range_cmp(self, parts: list[Any]) -> Span2:
        low, _, (op, mark), high = parts
        return Span2(Bound(Op.GE, low), Bound(op, high, mark))

    def cmp_range(self, parts: list[Any]) -> Span2:
        (op, mark), low, _, high = parts
        return Span2(Bound(Op.GE if op is Op.EQ else op, low, mark), Bound(Op.LE, high))

    def cmp_range_cmp(self, parts: list[Any]) -> Span2:
        (op, mark), low, _, (op2, mark2), high = parts
        if (op, op2) == (Op.EQ, Op.EQ):
            op, op2 = Op.GE, Op.LE  # "= 18 to = 65 years"
        return Span2(Bound(op, low, mark), Bound(op2, high, mark2))

    def range_of_pair(self, parts: list[Any]) -> Span2:
        """ "90-140/50-90 mmHg": low and high of the first, low and high of the second."""
        low, _, middle, _, high = parts
        if [len(value.numbers) for value in (low, middle, high)] != [1, 2, 1]:
            return Span2(Bound(Op.GE, low), Bound(Op.LE, high), each=True)  # of no pair: it fits no variable
        first, second = middle.numbers
        ends = [Value((low.numbers[0], second), high.unit), Value((first, high.numbers[0]), high.unit)]
        return Span2(Bound(Op.GE, ends[0]), Bound(Op.LE, ends[1]), each=True)

    def either_range(self, parts: list[Any]) -> Span2:
        found: Span2 = parts[-1]
        return found

    def neither_range(self, parts: list[Any]) -> Span2:
        low, high = parts[-1].low, parts[-1].high
        return Span2(replace(low, op=Op.LT), replace(high, op=Op.GT), outside=True, each=True)

    def from_range(self, parts: list[Any]) -> Span2:
        return self.range(parts[1:])

    def outside(self, parts: list[Any]) -> Span2:
        _, low, _, high = parts
        return Span2(Bound(Op.LT, low), Bound(Op.GT, high), outside=True)

    def outside_of(self, parts: list[Any]) -> Span2:
        return Span2(Bound(Op.LT, parts[3]), Bound(Op.GT, parts[5]), outside=True)

    def beyond(self, parts: list[Any]) -> Span2:
        """ "outside the normal range": on either side of it, as far as the variable has two sides."""
        value = Value((), None, parts[1], Decimal(1))
        return Span2(Bound(Op.LT, value), Bound(Op.GT, value), outside=True)

    def from_up_to(self, parts: list[Any]) -> Span2:
        return Span2(Bound(Op.GE, parts[1]), Bound(Op.LE, parts[3]))

    def from_cmp_range_cmp(self, parts: list[Any]) -> Span2:
        return self.cmp_range_cmp(parts[1:])

    def cmp(self, parts: list[Any]) -> tuple[Op, Token]:
        if len(parts) == 1:
            return parts[0]  # type: ignore[no-any-return]
        symbols = [part for part in parts if part[1].text in "<>≤≥="]
        return (symbols or parts)[-1]  # type: ignore[no-any-return]

    def negated_op(self, parts: list[Any]) -> tuple[Op, Token]:
        op, mark = parts[1]
        return _FLIPPED[op], mark

    def op(self, parts: list[Any]) -> tuple[Op, Token]:
        return _OPS[parts[0].type], parts[0]

    def post(self, parts: list[Any]) -> tuple[Op, Token]:
        return _POST[parts[0].type], parts[0]

    def number(self, parts: list[Any]) -> Value:
        return Value((parts[0],))

    def amount(self, parts: list[Any]) -> Value:
        return Value((parts[0],), parts[1])

    def pair(self, parts: list[Any]) -> Value:
        return Value((parts[0], parts[2]), parts[3] if len(parts) > 3 else None)

    def multiple(self, parts: list[Any]) -> Value:
        head = parts[0]
        if head.type == "MULT":
            return Value((), None, parts[-1], Decimal(head.value))
        return Value((head,), None, parts[-1])

    def multiple_post(self, parts: list[Any]) -> Value:
        return Value((parts[2],), None, parts[0])

    def multiple_behind(self, parts: list[Any]) -> Value:
        return Value((parts[1],), None, parts[0])

    def percent_of(self, parts: list[Any]) -> Value:
        return Value((parts[0],), parts[1], parts[2], percent=True)

    def plain_reference(self, parts: list[Any]) -> Value:
        return Value((), None, parts[0], Decimal(1))

    def level(self, parts: list[Any]) -> Value:
        return Value((), level=parts[-1])

    def reference(self, parts: list[Any]) -> str:
        return str(parts[0].type)


def _as_bounds(part: Any) -> Bounds:
    if isinstance(part, Bounds):
        return part
    if isinstance(part, Token):  # a lone unit of time: "within the last year"
        return Bounds((Bound(None, Value((), part)),))
    return Bounds((part if isinstance(part, Bound | Span2) else Bound(None, part),))


def _as_subject(part: Any) -> Subject:
    return part if isinstance(part, Subject) else Subject(part)


@cache
def _parser() -> Lark:
    text = grammar("islands")
    names = " ".join(sorted(terminals()))
    return Lark(
        f"{text}\n%declare {names}\n", parser="lalr", start=["measured", "scaled", "bare"], transformer=_Shaper()
    )


@cache
def terminals() -> frozenset[str]:
    """The terminals that islands.lark uses; every one of them must be a type the lexer makes."""
    code = re.sub(r"//.*", "", grammar("islands"))
    return frozenset(re.findall(r"\b[A-Z]{2,}\b", code))


@cache
def machines() -> dict[str, Machine]:
    """The parser of each start of the grammar: of what is measured, of a scale, of a bare limit."""
    return {start: Machine(_parser(), start) for start in ("measured", "scaled", "bare")}


__all__ = ["machines", "terminals"]
