"""One trial in SQL: a code per criterion in the sense of passing, the verdict, and what is written out of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from screening.batch import codes, margins, sql
from screening.batch.compiler import Compiler, Node
from screening.batch.problems import RefusedError
from screening.batch.sql import Sql
from screening.predicates import neutral
from screening.ruleset import resolve
from screening.ruleset.model import Rule, RuleSet
from screening.sections.model import Side

VERDICTS = ("not_eligible", "needs_information", "potentially_eligible", "deceased")
"""In the order of their numbers in SQL: of several cohorts the greatest is the trial's."""

INTERPRETER_ONLY = "interpreter_only"
"""The reason of a criterion that SQL was refused, where the user asked to go on without it."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A rule with its code, 14 for pass and 0 for fail; *refused* says why SQL does not decide it.

    *asks*: some patients' cells are left to the interpreter. *margin*: see `margins`.
    """

    rule: Rule
    code: Sql
    refused: str | None = None
    asks: bool = False
    margin: Sql | None = None


@dataclass(frozen=True, slots=True)
class TrialSql:
    """A trial compiled for one store."""

    trial: str
    compiler: Compiler
    criteria: tuple[Criterion, ...]

    @property
    def asking(self) -> tuple[int, ...]:
        """The places of the criteria of which some cells are left to the interpreter."""
        return tuple(at for at, item in enumerate(self.criteria) if item.asks)

    def coded(self) -> exp.Select:
        """SELECT patient_id, deceased and c0, c1 … of every patient; the deceased have no codes."""
        listed = [
            sql.named(sql.cast(self._alive(item.code), "TINYINT"), f"c{at}") for at, item in enumerate(self.criteria)
        ]
        listed += [
            sql.named(sql.cast(item.margin.copy(), "DOUBLE"), f"m{at}")
            for at, item in enumerate(self.criteria)
            if item.margin is not None
        ]
        decided = self.compiler.decided().subquery("decided", copy=False)
        return exp.select(sql.col("patient_id"), sql.col("deceased"), *listed).from_(decided, copy=False)

    def _alive(self, code: Sql) -> Sql:
        """The code of the living; NULL for the deceased, where a store says who they are."""
        if "deceased" not in self.compiler.records.columns("patients"):
            return code
        return sql.case((sql.no(sql.col("deceased")), code), default=exp.null())

    def table(self, coded: str | None = None) -> exp.Select:
        """SELECT patient_id, verdict, failed, unknown and c0, c1 … of every patient.

        *coded*: the relation that holds what `coded` selects, where the interpreter has filled in what SQL left open.
        """
        columns = [sql.col(f"c{at}") for at in range(len(self.criteria))]
        source = exp.to_table(coded) if coded else self.coded().subquery("coded", copy=False)
        return exp.select(
            sql.col("patient_id"),
            sql.named(self._verdict(), "verdict"),
            sql.named(_count(columns, codes.FALSE, codes.FALSE), "failed"),
            sql.named(_count(columns, codes.FALSE + 1, codes.TRUE - 1), "unknown"),
            *(item.copy() for item in columns),
            *(
                sql.named(margins.explaining(sql.col(f"c{at}"), sql.col(f"m{at}")), f"m{at}")
                for at, item in enumerate(self.criteria)
                if item.margin is not None
            ),
        ).from_(source, copy=False)

    def _verdict(self) -> Sql:
        """One failure decides; then anything open but judgements; over cohorts the best."""
        cohorts = tuple(dict.fromkeys(item.rule.cohort for item in self.criteria if item.rule.cohort))
        each = [self._of(cohort) for cohort in cohorts or (None,)]
        best = each[0] if len(each) == 1 else exp.Greatest(this=each[0], expressions=each[1:], ignore_nulls=True)
        return sql.cast(sql.case((sql.col("deceased"), sql.num(3)), default=best), "TINYINT")

    def _of(self, cohort: str | None) -> Sql:
        columns = [sql.col(f"c{at}") for at, item in enumerate(self.criteria) if item.rule.cohort in (None, cohort)]
        if not columns:
            return sql.num(2)
        lowest = sql.least(*columns)
        return sql.case(
            (exp.EQ(this=lowest, expression=sql.num(codes.FALSE)), sql.num(0)),
            (exp.LT(this=lowest.copy(), expression=sql.num(codes.JUDGEMENT)), sql.num(1)),
            default=sql.num(2),
        )


def _count(columns: list[Sql], first: int, last: int) -> Sql:
    """How many codes lie between two."""
    if not columns:
        return sql.cast(sql.num(0), "SMALLINT")
    held = [exp.Between(this=item.copy(), low=sql.num(first), high=sql.num(last)) for item in columns]
    total: Sql = sql.case((held[0], sql.num(1)), default=sql.num(0))
    for condition in held[1:]:
        total = exp.Add(this=total, expression=sql.case((condition, sql.num(1)), default=sql.num(0)))
    return sql.cast(exp.paren(total), "SMALLINT")


def compiled(rules: RuleSet, compiler: Compiler, *, skip_refused: bool = False) -> TrialSql:
    """The trial in SQL. Raises RefusedError for a criterion SQL cannot decide, unless those are skipped."""
    criteria = tuple(_criterion(rule, compiler, skip_refused) for rule in resolve(rules).rules)
    return TrialSql(rules.trial, compiler, criteria)


def _criterion(rule: Rule, compiler: Compiler, skip_refused: bool) -> Criterion:
    if neutral(rule.predicate):
        return Criterion(rule, sql.num(codes.TRUE))
    try:
        node = compiler.criterion(rule)
    except RefusedError as problem:
        if not skip_refused:
            raise
        return Criterion(rule, sql.num(codes.NOT_UNDERSTOOD), str(problem))
    margin = margins.negated(node.margin) if rule.side is Side.EXCLUSION else node.margin
    return Criterion(rule, _passing(rule, node), asks=node.asks, margin=margin)


def _passing(rule: Rule, node: Node) -> Sql:
    return sql.negated(node.use()) if rule.side is Side.EXCLUSION else node.use()
