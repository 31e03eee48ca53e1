"""From the rules of a trial to one query: atoms on slots, connectives level by level, one code per criterion.

A predicate that occurs twice is one column. What SQL would not decide as the interpreter does raises RefusedError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from sqlglot import exp

from screening import variables
from screening.batch import codes, people, sql
from screening.batch.atoms import OnResults, Row, by_signature, test_of
from screening.batch.latest import Latest, grouped, row_of
from screening.batch.presences import Presences
from screening.batch.problems import RefusedError
from screening.batch.records import Records
from screening.batch.signatures import Signature
from screening.batch.slots import Placed, Slot, aggregate_of, slot_of
from screening.batch.sql import Sql
from screening.evaluate.ages import AGE
from screening.evaluate.context import Context
from screening.evaluate.derive import formula_for
from screening.evaluate.interpreter import unassuming
from screening.language import print_flat
from screening.predicates import (
    Advisory,
    All,
    Always,
    Any,
    Assumption,
    AtLeast,
    Choice,
    Comparison,
    Connective,
    Except,
    IfElse,
    Judgement,
    Multiple,
    Not,
    NotUnderstood,
    OneMethod,
    OrdinalSet,
    Predicate,
    Presence,
    Reference,
    Result,
    Sex,
    children,
    neutral,
    of_each,
)
from screening.ruleset.model import Rule
from screening.sections.model import Side

WIDE = "wide"
"""The relation of patients with the columns of their slots."""


@dataclass(frozen=True, slots=True)
class Node:
    """A compiled part: where its code stands. *height*: 0 for what is read from slots, -1 for a constant."""

    code: Sql
    height: int

    def use(self) -> Sql:
        """A fresh reference."""
        return self.code.copy()


Key = tuple[Predicate, bool, Side | None]


@dataclass(slots=True)
class Compiler:
    """Gathers the columns that the predicates of any number of trials need of one store."""

    records: Records
    context: Context
    places: dict[Slot, tuple[int, Placed]] = field(default_factory=dict)
    limits: dict[int, set[str]] = field(default_factory=dict)
    levels: list[dict[str, Sql]] = field(default_factory=lambda: [{}])
    presences: Presences = field(default_factory=Presences)
    _nodes: dict[Key, Node] = field(default_factory=dict)

    def beside(self, context: Context) -> Compiler:
        """A compiler for another trial that shares this one's slots."""
        return Compiler(self.records, context, self.places, self.limits, presences=self.presences)

    def criterion(self, rule: Rule) -> Node:
        """The code of a rule: 0 fails or passes by its side, as the text literally says."""
        try:
            return self._node(rule.predicate, replace(self.context, side=rule.side, criterion=rule.id))
        except RefusedError as problem:
            raise RefusedError(f"{rule.id}: {problem}") from None

    def _node(self, predicate: Predicate, context: Context) -> Node:
        key = (predicate, bool(context.assume_absent), context.side if isinstance(predicate, Advisory) else None)
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = self._made(predicate, context)
        return found

    def _column(self, code: Sql, height: int) -> Node:
        """A column of that height, which others refer to by its name."""
        while len(self.levels) <= height:
            self.levels.append({})
        name = f"n{height}_{len(self.levels[height])}"
        self.levels[height][name] = code
        return Node(sql.col(name), height)

    def _made(self, predicate: Predicate, context: Context) -> Node:
        match predicate:
            case Comparison():
                return self._comparison(predicate, context)
            case OrdinalSet() | Result():
                return self._on_results(predicate, context)
            case Sex():
                return self._column(people.sex(predicate), 0)
            case Presence():
                return self._column(self.presences.code(predicate, context, self.records), 0)
            case Always() | Advisory() | Judgement() | NotUnderstood():
                return Node(sql.num(_fixed(predicate, context.side)), -1)
            case _:
                return self._joined(predicate, context)

    # Results

    def _comparison(self, predicate: Comparison, context: Context) -> Node:
        if predicate.variable == AGE:
            return self._column(people.age(predicate, context.on), 0)
        family = variables.catalogue()[predicate.variable].stands_for
        if family:
            return self._node(of_each(predicate, family), context)
        if formula_for(predicate, context):
            raise RefusedError(f"a computed variable is not decided in SQL: {print_flat(predicate)}")
        if isinstance(predicate.limit, Multiple) and predicate.limit.of is Reference.BASELINE:
            raise RefusedError(f"a multiple of a baseline is not decided in SQL: {print_flat(predicate)}")
        return self._on_results(predicate, context)

    def _on_results(self, predicate: OnResults, context: Context) -> Node:
        placed = slot_of(predicate, context, self.records)
        if not placed.signatures:
            return Node(sql.num(codes.MISSING), -1)
        if not placed.slot.words and any(_worded(item) for item in placed.signatures):
            raise RefusedError(f"numbers recorded in words are not decided in SQL: {print_flat(predicate)}")
        at, placed = self.places.setdefault(placed.slot, (len(self.places), placed))
        self.limits.setdefault(at, set()).update(_limits(predicate))
        if not self._one_latest(placed):
            raise RefusedError(f"several results of one day are not decided in SQL: {print_flat(predicate)}")
        said = by_signature(test_of(predicate), placed.signatures, row_of(at))
        return self._column(self._latest(at, placed).code(said), 0)

    def _one_latest(self, placed: Placed) -> bool:
        return self.records.ordered and placed.slot.asked is None and not placed.slot.every

    def _latest(self, at: int, placed: Placed) -> Latest:
        return Latest(at, placed, self.context.on, tuple(sorted(self.limits[at])))

    # Connectives

    def _joined(
        self, predicate: Not | All | Any | AtLeast | IfElse | Except | OneMethod | Assumption | Choice, context: Context
    ) -> Node:
        match predicate:
            case Assumption(reading=reading):
                self._node(reading, context)  # refused or not, as the reading is
                return Node(sql.num(codes.ASSUMPTION), -1)
            case Not(item):
                part = self._node(item, context)
                return self._above([part], sql.negated(part.use()))
            case Except(base, exception):
                parts = [self._node(base, context), self._node(exception, unassuming(context))]
                return self._above(parts, sql.least(parts[0].use(), sql.negated(parts[1].use())))
            case IfElse(condition, then, otherwise):
                parts = [self._node(condition, unassuming(context))]
                parts += [self._node(part, context) for part in (then, otherwise)]
                return self._above(parts, sql.if_else(*(part.use() for part in parts)))
            case All() | Any() | AtLeast() | OneMethod() | Choice():
                return self._group(predicate, context)

    def _above(self, parts: list[Node], code: Sql) -> Node:
        return self._column(code, max(0, max(part.height for part in parts) + 1))

    def _group(self, predicate: All | Any | AtLeast | OneMethod | Choice, context: Context) -> Node:
        """A connective over the parts that are not neutral."""
        parts = [self._node(part, context) for part in children(predicate) if not neutral(part)]
        if not parts:
            return Node(sql.num(_of_nothing(predicate)), -1)
        values = [part.use() for part in parts]
        return self._above(parts, _JOIN[type(predicate)](predicate, values))

    # The query

    def decided(self) -> exp.Select:
        """SELECT everything about every patient: patient_id, deceased, and each column of each level."""
        found: exp.Select = exp.select("*").from_(WIDE)
        for height, level in enumerate(self.levels):
            if level:
                listed = [sql.named(code, name) for name, code in level.items()]
                found = exp.select("*", *listed).from_(found.subquery(f"level{height}"))
        return found

    def wide(self) -> exp.Select:
        """SELECT every patient with the columns of all slots: what trials of one compiler's places share."""
        people_fields = [
            sql.col("patient_id"),
            sql.named(exp.cast(self.records.field("patients", "birth_date", "DATE"), "DATE"), "birth_first"),
            sql.named(self._birth_last(), "birth_last"),
            sql.named(self.records.field("patients", "sex"), "sex"),
            sql.named(self._deceased(), "deceased"),
        ]
        everybody = (
            exp.select(*people_fields).from_("patients").where(sql.no(sql.absent(sql.col("patient_id")))).subquery("p")
        )
        found: exp.Select = exp.select("*").from_(everybody)
        for at, held in enumerate(self._held()):
            relation = held.subquery(f"held{at}", copy=False)
            found = found.join(relation, using=["patient_id"], join_type="left", copy=False)
        return found

    def _held(self) -> Iterator[exp.Select]:
        """SELECT patient_id and columns of facts: one relation for the results, others for the events."""
        slots = [self._latest(at, placed) for at, placed in self.places.values() if self._one_latest(placed)]
        if slots:
            yield grouped(slots, self.records)
        yield from self.presences.tables(self.records)

    def _birth_last(self) -> Sql:
        first = exp.cast(self.records.field("patients", "birth_date", "DATE"), "DATE")
        last = exp.cast(self.records.field("patients", "birth_last", "DATE"), "DATE")
        return exp.Coalesce(this=last, expressions=[first])

    def _deceased(self) -> Sql:
        return exp.Coalesce(this=self.records.field("patients", "deceased", "BOOLEAN"), expressions=[exp.false()])


def _worded(item: Signature) -> bool:
    """Whether results of this kind may hold a number in words ("8,1 g/dL (low)"), newer than one that can be read."""
    text = item.observation.text or ""
    return item.level is None and item.observation.result is None and any(map(str.isdecimal, text))


def _limits(predicate: OnResults) -> set[str]:
    """The sides of a row's range that a predicate uses."""
    limit = predicate.limit if isinstance(predicate, Comparison) else None
    if not isinstance(limit, Multiple) or limit.defined is not None:
        return set()
    return {"hi" if limit.of is Reference.ULN else "lo"}


def _fixed(predicate: Always | Advisory | Judgement | NotUnderstood, side: Side | None) -> int:
    match predicate:
        case Always():
            return codes.TRUE
        case Advisory():
            return codes.FALSE if side is Side.EXCLUSION else codes.TRUE
        case Judgement():
            return codes.JUDGEMENT
        case NotUnderstood():
            return codes.NOT_UNDERSTOOD


def _of_nothing(predicate: All | Any | AtLeast | OneMethod | Choice) -> int:
    """A connective of which every part is neutral."""
    match predicate:
        case All():
            return codes.TRUE
        case Any():
            return codes.FALSE
        case AtLeast(count=count):
            return codes.TRUE if count <= 0 else codes.FALSE
        case OneMethod(connective=connective):
            return codes.TRUE if connective is Connective.ALL else codes.FALSE
        case Choice():
            return codes.ASSUMPTION


Join = Callable[[Predicate, list[Sql]], Sql]

_JOIN: dict[type, Callable[..., Sql]] = {
    All: lambda _, values: sql.least(*values),
    Any: lambda _, values: sql.greatest_truth(*values),
    AtLeast: lambda predicate, values: sql.at_least(predicate.count, values),
    OneMethod: lambda predicate, values: sql.one_method(values, every_one=predicate.connective is Connective.ALL),
    Choice: lambda _, values: sql.agreement(values),
}

__all__ = ["Compiler", "Node", "Row", "aggregate_of"]
