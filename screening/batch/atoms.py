"""What one result says against one predicate, as SQL on its number: the interpreter's tests, signature by signature.

Limits are converted, exactly and at compile time, into the unit of each signature; how a recorded number compares with
them is in `numbers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction

from sqlglot import exp

from screening import variables
from screening.batch import book, codes, sql
from screening.batch.numbers import LimitSql, Row, between, exactly, truth, unclear
from screening.batch.scan import OPEN_LIMIT
from screening.batch.signatures import Signature
from screening.batch.sql import Sql
from screening.evaluate import qualifiers
from screening.evaluate.comparison import bounds
from screening.evaluate.context import Context
from screening.evaluate.exact import Bounds
from screening.evaluate.limits import SERVING_TYPES
from screening.evaluate.outcome import Reason
from screening.predicates import Amount, Comparison, Multiple, Op, OrdinalSet, Reference, Result

OnResults = Comparison | OrdinalSet | Result


Test = Callable[[Signature, Row], Sql]


def by_signature(test: Test, signatures: Iterable[Signature], row: Row) -> Sql:
    """The test of every signature, those of one expression together."""
    grouped: dict[str, tuple[Sql, list[int]]] = {}
    for signature in signatures:
        said = test(signature, row)
        grouped.setdefault(said.sql("duckdb"), (said, []))[1].append(signature.id)
    if len(grouped) == 1:
        return next(iter(grouped.values()))[0]
    if not grouped:
        return sql.num(codes.MISSING)
    branches = [(sql.among(row("g"), ids), said) for said, ids in grouped.values()]
    return sql.case(*branches, default=sql.num(codes.MISSING))


def test_of(predicate: OnResults, context: Context) -> Test:
    """The test of one predicate."""
    match predicate:
        case Comparison():
            return lambda signature, row: _comparison(predicate, signature, row, context)
        case OrdinalSet():
            return lambda signature, row: _ordinal(predicate, signature, row)
        case Result():
            return lambda signature, _: _result(predicate, signature)


def _result(predicate: Result, signature: Signature) -> Sql:
    read = signature.reads
    return sql.num(codes.MISSING if read is None else codes.TRUE if read == predicate.value else codes.FALSE)


def _comparison(predicate: Comparison, signature: Signature, row: Row, context: Context) -> Sql:
    """Problems of the value first, then of the limit, then the comparison."""
    limit = limit_for(predicate, signature, row)
    said = _held(predicate, limit, signature, row, _by_book(predicate, signature, row, context))
    return said if signature.problem is not None else plausible(signature, row, said)


def _held(predicate: Comparison, limit: LimitSql, signature: Signature, row: Row, otherwise: Sql) -> Sql:
    """What the value says against a limit; *otherwise*: where there is no such limit."""
    problem = signature.problem
    said = limit.says(_bounds(predicate, signature), predicate.op, row, _doubt(predicate, signature))
    if problem is not None and not (problem is Reason.UNIT_INCOMPATIBLE and limit.same_unit):
        said = sql.num(codes.unknown(problem))
    if limit.usable is None:
        return said
    return sql.case((limit.usable, said), *limit.left_open(), default=otherwise)


def _by_book(predicate: Comparison, signature: Signature, row: Row, context: Context) -> Sql:
    """What the value says against the range book, for a result without a range of its own."""
    none = sql.num(codes.unknown(signature.problem or Reason.NO_REFERENCE_RANGE))
    limit = predicate.limit
    if not isinstance(limit, Multiple) or limit.defined is not None or limit.of is Reference.BASELINE:
        return none
    branches = []
    for found in book.serving(predicate.variable, limit, signature, row, context):
        constant = _constant(signature, Fraction(limit.factor) * Fraction(found.value), found.unit)
        branches.append((found.serves, _held(predicate, constant, signature, row, none.copy())))
    return sql.case(*branches, default=none)


def plausible(signature: Signature, row: Row, said: Sql) -> Sql:
    """Nothing is decided by a value outside the hard limits of its variable."""
    limits, conversion = variables.catalogue()[signature.variable or ""].plausible, signature.conversion(signature.unit)
    if limits is None or conversion is None:
        return said
    low, high = sorted(conversion.inverse(limit) for limit in limits)
    inside = between(row("x"), low, high)
    return sql.case(*unclear(row, [low, high]), (inside, said), default=sql.num(codes.IMPLAUSIBLE))


def _bounds(predicate: Comparison | OrdinalSet, signature: Signature) -> Bounds:
    """Which sides of a value are known: 0 stands for the value."""
    asked = qualifiers.asked(predicate)
    effect = qualifiers.effect(asked, predicate.variable, signature.observation) if asked else None
    return bounds(Fraction(0), signature.comparator, effect)


def _doubt(predicate: Comparison | OrdinalSet, signature: Signature) -> int:
    asked = qualifiers.asked(predicate)
    effect = qualifiers.effect(asked, predicate.variable, signature.observation) if asked else None
    return codes.unknown(Reason.CENSORED if effect is None else Reason.QUALIFIER_UNKNOWN)


def limit_for(predicate: Comparison, signature: Signature, row: Row) -> LimitSql:
    """The limit a result of this signature is held against, in the unit of its value."""
    limit = predicate.limit
    if isinstance(limit, Amount):
        return _constant(signature, Fraction(limit.value), limit.unit)
    if limit.defined is not None:
        return _constant(signature, Fraction(limit.factor) * Fraction(limit.defined.value), limit.defined.unit)
    if limit.of is Reference.BASELINE:  # a patient who has one is left to the interpreter
        return LimitSql(sql.null(), usable=exp.false())
    return _multiple(limit, signature, row)


def _constant(signature: Signature, value: Fraction, unit: str | None) -> LimitSql:
    same = unit is not None and unit == signature.unit
    if same:
        return LimitSql(sql.real(value), same_unit=True, exact=value)
    own, other = signature.conversion(signature.unit), signature.conversion(unit)
    if own is None or other is None:
        return LimitSql(None)
    here = own.inverse(other(value))
    return LimitSql(sql.real(here), exact=here)


def _multiple(limit: Multiple, signature: Signature, row: Row) -> LimitSql:
    """K × the reference limit of the same result, in that range's own unit."""
    own_range = signature.observation.ranges[0]
    if own_range.type not in SERVING_TYPES or (own_range.unit is None and own_range.raw_unit is not None):
        return LimitSql(sql.null(), usable=exp.false())
    side = "hi" if limit.of is Reference.ULN else "lo"
    unit = own_range.unit or signature.unit
    usable: Sql = exp.GT(this=row(side), expression=sql.num(0))
    if own_range.sex is not None:
        same_sex = exp.EQ(this=row("sex"), expression=sql.text(own_range.sex))
        usable = sql.every(usable, exp.Coalesce(this=same_sex, expressions=[exp.false()]))
    several = exp.EQ(this=row(side), expression=sql.num(OPEN_LIMIT))
    if unit is not None and unit == signature.unit:
        return LimitSql(
            _scaled(row(side), Fraction(limit.factor), Fraction(0)),
            same_unit=True,
            usable=usable,
            open=several,
            reference=row(side),
        )
    own, other = signature.conversion(signature.unit), signature.conversion(unit)
    if own is None or other is None:
        return LimitSql(None, usable=usable, open=several)
    scale, offset = Fraction(limit.factor) * other.scale / own.scale, (other.offset - own.offset) / own.scale
    return LimitSql(_scaled(row(side), scale, offset), usable=usable, open=several, reference=row(side))


def rank_unit(predicate: OnResults, signatures: Iterable[Signature], row: Row, context: Context) -> Sql:
    """Whether a result stands in the unit of its limit; NULL where that is left to the interpreter."""
    if not isinstance(predicate, Comparison):
        return exp.false()
    listed = tuple(signatures)
    inside, ranged = [], []
    for signature in listed:
        usable = limit_for(predicate, signature, row).usable or exp.true()
        here = sql.every(exp.EQ(this=row("g"), expression=sql.num(signature.id)), usable)
        ranged.append(here)
        if _in_unit(predicate, signature):
            inside.append(here.copy())
    if not book.has_rows(predicate.variable, context):
        return sql.some(*inside)
    known = exp.paren(sql.some(*ranged))
    return sql.case((exp.paren(sql.some(*inside)), exp.true()), (known, exp.false()), default=exp.null())


def _in_unit(predicate: Comparison, signature: Signature) -> bool:
    limit = predicate.limit
    if isinstance(limit, Amount):
        return limit.unit == signature.unit
    if limit.defined is not None:
        return limit.defined.unit == signature.unit
    own = signature.observation.ranges[0].unit
    return own is None or own == signature.unit


def _scaled(value: Sql, scale: Fraction, offset: Fraction) -> Sql:
    product = exp.Mul(this=value, expression=sql.real(scale))
    return exp.Add(this=product, expression=sql.real(offset)) if offset else product


def _ordinal(predicate: OrdinalSet, signature: Signature, row: Row) -> Sql:
    problem = signature.problem
    if problem is not None:
        return sql.num(codes.unknown(problem))
    return plausible(signature, row, _among(predicate, signature, row))


def _among(predicate: OrdinalSet, signature: Signature, row: Row) -> Sql:
    known = _bounds(predicate, signature)
    listed = [Fraction(value) for value in predicate.values]
    if signature.comparator in (None, Op.EQ) and known.low is not None and known.high is not None:
        said = truth(sql.some(*(exactly(row("x"), Op.EQ, value) for value in listed)))
        return sql.case(*unclear(row, listed), default=said)
    return _possible(predicate, signature, row, known)


def _possible(predicate: OrdinalSet, signature: Signature, row: Row, known: Bounds) -> Sql:
    """Over the whole steps of the scale that the bounds leave: decided where those left are all listed, or none."""
    item, conversion = variables.catalogue()[predicate.variable], signature.conversion(signature.unit)
    doubt = sql.num(_doubt(predicate, signature))
    if item.scale_min is None or item.scale_max is None or conversion is None:
        return doubt
    steps = range(int(item.scale_min), int(item.scale_max) + 1)
    listed = {step: Decimal(step) in predicate.values for step in steps}
    left = {step: _left(conversion.inverse(Fraction(step)), known, row("x")) for step in steps}
    chosen = sql.some(*(left[step].copy() for step in steps if listed[step]))
    others = sql.some(*(left[step].copy() for step in steps if not listed[step]))
    return sql.case(
        *unclear(row, [conversion.inverse(Fraction(step)) for step in steps]),
        (sql.every(chosen, sql.no(others)), sql.num(codes.TRUE)),
        (sql.every(others.copy(), sql.no(chosen.copy())), sql.num(codes.FALSE)),
        default=doubt,
    )


def _left(step: Fraction, known: Bounds, number: Sql) -> Sql:
    conditions = []
    if known.low is not None:
        conditions.append(exactly(number, Op.LE if known.low_in else Op.LT, step))
    if known.high is not None:
        conditions.append(exactly(number, Op.GE if known.high_in else Op.GT, step))
    return sql.every(*conditions)
