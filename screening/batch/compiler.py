"""From the rules of a trial to one query: atoms on slots, connectives level by level, one code per criterion.

A predicate that occurs twice is one column. What SQL would not decide as the interpreter does raises RefusedError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from sqlglot import exp

from screening import variables
from screening.batch import codes, margins, people, sql
from screening.batch.atoms import OnResults
from screening.batch.derivations import derivation
from screening.batch.measured import Measured
from screening.batch.presences import Presences
from screening.batch.problems import RefusedError
from screening.batch.records import Records
from screening.batch.sql import Sql
from screening.evaluate.ages import AGE
from screening.evaluate.context import Context
from screening.evaluate.derive import formula_for
from screening.evaluate.interpreter import unassuming
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
    Not,
    NotUnderstood,
    OneMethod,
    OrdinalSet,
    Predicate,
    Presence,
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
    """A compiled part: where its code stands. *height*: 0 for what is read from slots, -1 for a constant.

    *asks*: whether the code may be `ASK`, so that the interpreter is needed for some patients. *margin*: see `margins`.
    """

    code: Sql
    height: int
    asks: bool = False
    margin: Sql | None = None

    def use(self) -> Sql:
        """A fresh reference."""
        return self.code.copy()


Key = tuple[Predicate, bool, Side | None]


@dataclass(slots=True)
class Compiler:
    """Gathers the columns that the predicates of any number of trials need of one store."""

    records: Records
    context: Context
    measured: Measured = field(init=False)
    levels: list[dict[str, Sql]] = field(default_factory=lambda: [{}])
    presences: Presences = field(default_factory=Presences)
    _nodes: dict[Key, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Nothing is asked of the results yet."""
        self.measured = Measured(self.records, self.context)

    def beside(self, context: Context) -> Compiler:
        """A compiler for another trial that shares this one's slots."""
        found = Compiler(self.records, context, presences=self.presences)
        found.measured = self.measured
        return found

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

    def _column(self, code: Sql, height: int, *, asks: bool = False, margin: Sql | None = None) -> Node:
        """A column of that height, which others refer to by its name."""
        while len(self.levels) <= height:
            self.levels.append({})
        name = f"n{height}_{len(self.levels[height])}"
        self.levels[height][name] = code
        return Node(sql.col(name), height, asks, margin)

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
            age = self._column(people.age(predicate, context.on), 0)
            return self._with_margin(age, lambda: margins.of_age(predicate, sql.col("birth_first"), context.on))
        family = variables.catalogue()[predicate.variable].stands_for
        if family:
            return self._node(of_each(predicate, family), context)
        formula = formula_for(predicate, context)
        if formula is not None:
            return self._computed(predicate, formula, context)
        return self._on_results(predicate, context)

    def _computed(self, predicate: Comparison, formula: str, context: Context) -> Node:
        """Computed where the text names the formula, else where nothing is reported."""
        made = derivation(predicate, formula, context, self.measured, lambda code, at: self._column(code, at).use())
        said, margin = made.code()
        computed = self._with_margin(self._column(said, 2, asks=True), lambda: margin)
        if predicate.method is not None:
            return computed
        reported = self._on_results(predicate, context)
        unavailable = sql.some(*(sql.any_is(code, [reported.use()]) for code in (codes.MISSING, codes.STALE)))
        code = sql.case((unavailable, computed.use()), default=reported.use())
        node = self._column(code, 3, asks=True)
        if computed.margin is None or reported.margin is None:
            return replace(node, margin=computed.margin)
        margin = sql.case((unavailable.copy(), computed.margin.copy()), default=reported.margin.copy())
        return replace(node, margin=margin)

    def _with_margin(self, node: Node, margin: Callable[[], Sql]) -> Node:
        """The same with its margin, if margins are asked for."""
        return replace(node, margin=margins.where_decided(node.use(), margin())) if self.measured.margins else node

    def _on_results(self, predicate: OnResults, context: Context) -> Node:
        found = self.measured.code(predicate, context)
        if found is None:
            return Node(sql.num(codes.MISSING), -1)
        code, asks = found
        node = self._column(code, 0, asks=asks)
        if isinstance(predicate, Comparison):
            return self._with_margin(node, lambda: self.measured.margin(predicate, context))
        return node

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
                return self._above([part], sql.negated(part.use()), margin=margins.negated(part.margin))
            case Except(base, exception):
                parts = [self._node(base, context), self._node(exception, unassuming(context))]
                settled = sql.some(sql.any_is(codes.FALSE, [parts[0].use()]), sql.any_is(codes.TRUE, [parts[1].use()]))
                margin = margins.joined(All((base, exception)), [parts[0].margin, margins.negated(parts[1].margin)])
                return self._above(parts, sql.least(parts[0].use(), sql.negated(parts[1].use())), settled, margin)
            case IfElse(condition, then, otherwise):
                parts = [self._node(condition, unassuming(context))]
                parts += [self._node(part, context) for part in (then, otherwise)]
                values = [part.use() for part in parts]
                margin = margins.branched(values[0], parts[1].margin, parts[2].margin)
                return self._above(parts, sql.if_else(*values), sql.branch_known(*values), margin)
            case All() | Any() | AtLeast() | OneMethod() | Choice():
                return self._group(predicate, context)

    def _above(self, parts: list[Node], code: Sql, settled: Sql | None = None, margin: Sql | None = None) -> Node:
        """A connective over parts; *settled*: where those that are decided decide it."""
        asking = [part.use() for part in parts if part.asks]
        if asking:
            code = sql.unless_asked(code, asking, settled)
        return self._column(code, max(0, max(part.height for part in parts) + 1), asks=bool(asking), margin=margin)

    def _group(self, predicate: All | Any | AtLeast | OneMethod | Choice, context: Context) -> Node:
        """A connective over the parts that are not neutral."""
        parts = [self._node(part, context) for part in children(predicate) if not neutral(part)]
        if not parts:
            return Node(sql.num(_of_nothing(predicate)), -1)
        values = [part.use() for part in parts]
        decisive = _DECISIVE.get(type(predicate))
        settled = None if decisive is None else sql.any_is(decisive, values)
        margin = margins.joined(predicate, [part.margin for part in parts])
        return self._above(parts, _JOIN[type(predicate)](predicate, values), settled, margin)

    # The query

    def decided(self) -> exp.Select:
        """SELECT everything about every patient: patient_id, deceased, and each column of each level."""
        found: exp.Select = exp.select("*").from_(WIDE, copy=False)
        for height, level in enumerate(self.levels):
            if level:
                listed = [sql.named(code, name) for name, code in level.items()]
                found = exp.select("*", *listed, copy=False).from_(
                    found.subquery(f"level{height}", copy=False), copy=False
                )
        return found

    def wide(self) -> exp.Select:
        """SELECT every patient with the columns of all slots: what trials of one compiler's places share."""
        people_fields = [
            sql.col("patient_id"),
            *(sql.named(self.records.birth(which), f"birth_{which}") for which in ("first", "last")),
            sql.named(self.records.field("patients", "sex"), "sex"),
            sql.named(self._deceased(), "deceased"),
        ]
        everybody = (
            exp.select(*people_fields)
            .from_("patients", copy=False)
            .where(sql.no(sql.absent(sql.col("patient_id"))))
            .subquery("p", copy=False)
        )
        found: exp.Select = exp.select("*").from_(everybody, copy=False)
        for at, held in enumerate(self._held()):
            found = found.join(
                held.subquery(f"held{at}", copy=False), using=["patient_id"], join_type="left", copy=False
            )
        return found

    def _held(self) -> Iterator[exp.Select]:
        """SELECT patient_id and columns of facts: one relation for the results, others for the events."""
        results = self.measured.table()
        if results is not None:
            yield results
        yield from self.presences.tables(self.records)

    def _deceased(self) -> Sql:
        return exp.Coalesce(this=self.records.field("patients", "deceased", "BOOLEAN"), expressions=[exp.false()])


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

_DECISIVE: dict[type, int] = {All: codes.FALSE, Any: codes.TRUE}
"""The part that settles a connective whatever the others are."""

__all__ = ["Compiler", "Node"]
