"""The parse tree of an island: what stands in the text, before any of it is given a type or a meaning."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Literal

from screening.parse.tokens import Token
from screening.predicates import Op
from screening.records import record

Connective = Literal["and", "or"]


@record(frozen=True, slots=True)
class Value:
    """A number as written, with its unit; or a multiple of a reference; or a level of a scale.

    *numbers* are the digits as written ("1,500"), two of them for a pair ("140/90").
    """

    numbers: tuple[Token, ...] = ()
    unit: Token | None = None
    reference: str | None = None  # "ULN", "LLN", "BASELINE", "NORMAL"
    factor: Decimal | None = None  # of a multiple in words ("twice")
    level: Token | None = None
    percent: bool = False  # "150 % of ULN"


@record(frozen=True, slots=True)
class Bound:
    """One comparison with a value; *op* None is a bare value ("ECOG 0", "platelets 100,000")."""

    op: Op | None
    value: Value
    symbol: Token | None = None


@record(frozen=True, slots=True)
class Span2:
    """A range: both bounds hold; *outside*: either does; *each*: a range for each number of a pair ("90-140/50-90")."""

    low: Bound
    high: Bound
    outside: bool = False
    each: bool = False


@record(frozen=True, slots=True)
class Bounds:
    """Bounds on one subject, joined; *restated* repeats them in other words or units ("(≥18, ≤75)")."""

    items: tuple[Bound | Span2, ...]
    joins: tuple[Connective, ...] = ()
    restated: tuple[Bounds, ...] = ()
    how: tuple[Token, ...] = ()

    def more(self, join: Connective, item: Bound | Span2) -> Bounds:
        """One more bound on the same subject."""
        return replace(self, items=(*self.items, item), joins=(*self.joins, join))


@record(frozen=True, slots=True)
class Subject:
    """A variable named in the text; *inner* are the names in parentheses that refine it ("liver enzymes (AST,
    ALT)")."""

    token: Token
    inner: tuple[Subject, ...] = ()
    unit: Token | None = None
    how: tuple[Token, ...] = ()


@record(frozen=True, slots=True)
class Subjects:
    """Variables that share one limit, with the words that join them."""

    items: tuple[Subject, ...]
    joins: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Anchorage:
    """From what a window counts: the relation word and the named event, either of which may be missing."""

    relation: Literal["before", "after", "ago"]
    anchor: Token | None = None


@record(frozen=True, slots=True)
class Shape:
    """An island as the grammar sees it."""

    kind: Literal["about", "bare", "postfix", "window"]
    bounds: Bounds
    subjects: Subjects | None = None
    anchorage: Anchorage | None = None
    within: bool = False


@record(frozen=True, slots=True)
class Island:
    """A shape with the tokens it covers: *first* included, *last* excluded."""

    shape: Shape
    first: int
    last: int
