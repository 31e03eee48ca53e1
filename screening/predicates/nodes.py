"""The typed predicates: what a criterion says, in the literal sense of its text, free of its wording.

Nodes are frozen and hashable; spans (places in the raw document) never take part in equality.
Variables, concepts, methods, qualifiers and units are named by their ids in rules/ (units by UCUM code);
the builder checks them once, the evaluator trusts.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter

from screening.text import Span


class Op(StrEnum):
    """A comparison of the patient's value (left) with the limit (right)."""

    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    EQ = "="


class Reference(StrEnum):
    """What a multiple multiplies."""

    ULN = "ULN"
    LLN = "LLN"
    BASELINE = "baseline"


class Relation(StrEnum):
    """How a fact's date lies to the anchor, going back in time from it (both ends included)."""

    WITHIN = "within"  # at most so long ago
    AT_LEAST = "at_least"  # so long ago or longer
    MORE_THAN = "more_than"  # longer ago


@dataclass(frozen=True, slots=True)
class Amount:
    """An absolute limit. *unit* is a UCUM code, or None for scales, ratios, counts, and where the text has none."""

    value: Decimal
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Multiple:
    """*factor* times a reference value; *defined* is the trial's own definition of it, if its text gives one."""

    factor: Decimal
    of: Reference
    defined: Amount | None = None


Limit = Amount | Multiple


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as written; *unit* is one of h, d, wk, mo, a (UCUM). Weeks are 7 days, months calendar
    months."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Window:
    """Which facts count, by their distance before the anchor ("screening", "enrolment", "first_dose", ...).

    *stated* is False where the text names no anchor and the screening date stands in for it.
    """

    relation: Relation
    duration: Duration
    anchor: str = "screening"
    stated: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """An event that the text dates by a window but that no concept names: its own words, for people only."""

    words: str
    window: Window
    span: Span | None = None
    negated: bool = False  # its words say that it did not happen


@dataclass(frozen=True, slots=True)
class Comparison:
    """variable op limit. *aggregate* ("max", "min", "any") says which of several values counts; None: the latest."""

    variable: str
    op: Op
    limit: Limit
    method: str | None = None
    qualifiers: tuple[str, ...] = ()
    window: Window | None = None
    aggregate: str | None = None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OrdinalSet:
    """The value of a scale is one of *values* ("ECOG 0, 1 or 2")."""

    variable: str
    values: tuple[Decimal, ...]
    qualifiers: tuple[str, ...] = ()
    window: Window | None = None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Result:
    """A qualitative result of a variable or test is *value* ("positive", "negative"): "hCG negative"."""

    variable: str
    value: str
    window: Window | None = None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Sex:
    """The patient's sex ("male", "female")."""

    value: str
    span: Span | None = field(default=None, compare=False)


class Tense(StrEnum):
    """HAS: now; HAD: at any time up to now (or inside the window)."""

    HAS = "has"
    HAD = "had"


@dataclass(frozen=True, slots=True)
class Term:
    """A concept narrowed by qualifiers ("active", "severe", "uncontrolled", "cured")."""

    concept: str
    qualifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Presence:
    """The patient has (had) the condition, drug, procedure or allergy; facts that match *excluding* do not count."""

    term: Term
    tense: Tense = Tense.HAS
    window: Window | None = None
    excluding: tuple[Term, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Always:
    """TRUE: the other branch of a requirement that binds only under a condition."""

    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    item: Predicate
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class All:
    """Conjunction of two or more."""

    items: tuple[Predicate, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Any:
    """Disjunction of two or more."""

    items: tuple[Predicate, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least *count* of the items."""

    count: int
    items: tuple[Predicate, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class IfElse:
    """A conditional limit: the branch replaces the base, it is never an alternative to it."""

    condition: Predicate
    then: Predicate
    otherwise: Predicate
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Except:
    """*base*, unless *exception*: sugar for All(base, Not(exception))."""

    base: Predicate
    exception: Predicate
    span: Span | None = field(default=None, compare=False)


class Connective(StrEnum):
    """How several available methods combine."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class OneMethod:
    """Alternative methods of one quantity: one available method decides; with several, the connective as written."""

    connective: Connective
    items: tuple[Predicate, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person must say: UNKNOWN (judgement) until attested."""

    text: str
    span: Span | None = field(default=None, compare=False)
    event: Event | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Advisory:
    """Constrains nobody: neither helps nor hinders."""

    text: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Text the compiler could not read: UNKNOWN (not_understood)."""

    text: str
    span: Span | None = field(default=None, compare=False)
    event: Event | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Assumption:
    """One reading that the text does not say; UNKNOWN (assumption) until a reviewer confirms it.

    *code* is the diagnostic's; *label* names it inside its criterion for the check box of the rule file.
    """

    code: str
    label: str
    reading: Predicate
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """One of the readings of a choice. The one named "written" is the literal one."""

    name: str
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class Choice:
    """Several readings; decided where all agree, else UNKNOWN (assumption) until a reviewer chooses."""

    code: str
    label: str
    readings: tuple[Reading, ...]
    span: Span | None = field(default=None, compare=False)


Atom = Comparison | OrdinalSet | Result | Sex | Presence | Always | Judgement | Advisory | NotUnderstood
Predicate = Atom | Not | All | Any | AtLeast | IfElse | Except | OneMethod | Assumption | Choice


def children(predicate: Predicate) -> tuple[Predicate, ...]:
    """The direct parts of a predicate, in the order of the text; () for an atom."""
    parts = _PARTS.get(type(predicate))
    return parts(predicate) if parts else ()


def nodes(predicate: Predicate) -> list[Predicate]:
    """The predicate and everything in it, each node before its parts, one level after the other.

    A list that grows under its own loop: the passes that ask what stands in a predicate ask it of every clause.
    """
    found = [predicate]
    for made in found:
        parts = _PARTS.get(type(made))
        if parts:
            found += parts(made)
    return found


_items = attrgetter("items")  # no call into Python: half of all nodes with parts are lists

# The parts of each kind of node; a table, because every pass over a trial asks it of every node.
_PARTS: dict[type, Callable[[typing.Any], tuple[Predicate, ...]]] = {
    Not: lambda made: (made.item,),
    All: _items,
    Any: _items,
    AtLeast: _items,
    OneMethod: _items,
    IfElse: attrgetter("condition", "then", "otherwise"),
    Except: attrgetter("base", "exception"),
    Assumption: lambda made: (made.reading,),
    Choice: lambda made: tuple(reading.predicate for reading in made.readings),
}


def rebuilt(predicate: Predicate, parts: Sequence[Predicate]) -> Predicate:
    """The same predicate with other direct parts, in the order of `children`."""
    match predicate:
        case Not():
            return replace(predicate, item=parts[0])
        case All() | Any() | AtLeast() | OneMethod():
            return replace(predicate, items=tuple(parts))
        case IfElse():
            return replace(predicate, condition=parts[0], then=parts[1], otherwise=parts[2])
        case Except():
            return replace(predicate, base=parts[0], exception=parts[1])
        case Assumption():
            return replace(predicate, reading=parts[0])
        case Choice(readings=readings):
            named = zip(readings, parts, strict=True)
            return replace(predicate, readings=tuple(replace(reading, predicate=part) for reading, part in named))
        case _:
            return predicate
