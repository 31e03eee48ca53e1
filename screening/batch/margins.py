"""How far a patient's value lies from the limit that decides a criterion: the margin.

The margin of a comparison is (value - limit) / |limit|, in the unit of the result; positive on the side that satisfies
it, 0 at the limit, and never above 0 for an equality. Of an "and" the least margin of its parts counts, of an "or" the
greatest, of a conditional limit that of the branch that applies; "not", and an exclusion, turn the sign. It stands only
where it explains the outcome: at least 0 where the criterion passes, at most 0 where it fails, else NULL, as it is for
what has no number (presence, sets of levels), where a limit is 0, and for cells the interpreter settles. Of several
results of one day the one nearest to the limit counts; ages count in completed units.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from sqlglot import exp

from screening.batch import codes, sql
from screening.batch.atoms import by_signature, limit_for
from screening.batch.numbers import Row
from screening.batch.people import completed
from screening.batch.signatures import Signature
from screening.batch.sql import Sql
from screening.predicates import (
    All,
    Amount,
    Any,
    Choice,
    Comparison,
    Connective,
    OneMethod,
    Op,
    Predicate,
    children,
)


def numeric(predicate: Predicate) -> bool:
    """Whether a criterion compares a number, so that it may have a margin."""
    return isinstance(predicate, Comparison) or any(map(numeric, children(predicate)))


def nothing() -> Sql:
    """No margin."""
    return sql.cast(exp.null(), "DOUBLE")


def distance(value: Sql, op: Op, limit: Sql) -> Sql:
    """The signed distance of a value from a limit, relative to the limit; NULL for a limit of 0."""
    gap = exp.paren(exp.Sub(this=exp.paren(value.copy()), expression=exp.paren(limit.copy())))
    size = exp.Nullif(this=exp.Abs(this=limit.copy()), expression=sql.num(0))
    relative = exp.Div(this=gap, expression=size, typed=False, safe=False)
    if op in (Op.GT, Op.GE):
        return relative
    return exp.Neg(this=exp.paren(relative if op in (Op.LT, Op.LE) else exp.Abs(this=relative)))


def of_result(predicate: Comparison, signatures: Iterable[Signature], row: Row) -> Sql:
    """The margin of one result; only where it is decided is it one."""

    def test(signature: Signature, row: Row) -> Sql:
        limit = limit_for(predicate, signature, row)
        if limit.value is None:
            return nothing()
        found = distance(row("x"), predicate.op, limit.value)
        return found if limit.usable is None else sql.case((limit.usable, found), default=nothing())

    return by_signature(test, signatures, row)


def of_age(predicate: Comparison, birth: Sql, on: date) -> Sql:
    """The margin of a completed age."""
    limit = predicate.limit
    if not isinstance(limit, Amount) or limit.unit is None:
        return nothing()
    age = completed(birth, on, limit.unit)
    return nothing() if age is None else distance(age, predicate.op, sql.real(Fraction(limit.value)))


def where_decided(code: Sql, margin: Sql) -> Sql:
    """The margin of what is decided."""
    held = sql.some(*(exp.EQ(this=code.copy(), expression=sql.num(edge)) for edge in (codes.FALSE, codes.TRUE)))
    return sql.case((held, margin), default=nothing())


def negated(margin: Sql | None) -> Sql | None:
    """The margin of "not"."""
    return None if margin is None else exp.Neg(this=exp.paren(margin.copy()))


def joined(predicate: Predicate, margins: Sequence[Sql | None]) -> Sql | None:
    """The margin of a connective, of those parts that have one; None where none has, or where it has no meaning."""
    known = [margin.copy() for margin in margins if margin is not None]
    if not known:
        return None
    match predicate:
        case All() | Choice() | OneMethod(connective=Connective.ALL):
            return _extreme(exp.Least, known)
        case Any() | OneMethod():
            return _extreme(exp.Greatest, known)
        case _:
            return None


def _extreme(kind: type[exp.Least | exp.Greatest], known: Sequence[Sql]) -> Sql:
    return known[0] if len(known) == 1 else kind(this=known[0], expressions=list(known[1:]), ignore_nulls=True)


def branched(condition: Sql, then: Sql | None, otherwise: Sql | None) -> Sql | None:
    """The margin of the branch that applies."""
    chosen = [
        (exp.EQ(this=condition.copy(), expression=sql.num(edge)), margin.copy())
        for edge, margin in ((codes.TRUE, then), (codes.FALSE, otherwise))
        if margin is not None
    ]
    return sql.case(*chosen, default=nothing()) if chosen else None


def explaining(code: Sql, margin: Sql) -> Sql:
    """The margin where it explains that a criterion passes or fails."""
    passes = sql.every(
        exp.EQ(this=code.copy(), expression=sql.num(codes.TRUE)), exp.GTE(this=margin.copy(), expression=sql.num(0))
    )
    fails = sql.every(
        exp.EQ(this=code.copy(), expression=sql.num(codes.FALSE)), exp.LTE(this=margin.copy(), expression=sql.num(0))
    )
    return sql.case((exp.paren(sql.some(exp.paren(passes), exp.paren(fails))), margin.copy()), default=nothing())
