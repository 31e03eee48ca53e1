"""Short names for sqlglot's expressions, and Kleene's logic over the codes of `codes`. No text is ever replaced."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from functools import cache

from sqlglot import exp

from screening.batch.codes import ASK, ASSUMPTION, FALSE, METHOD_MISMATCH, MISSING, STALE, TRUE
from screening.batch.problems import RefusedError
from screening.predicates import Op

Sql = exp.Expr

_COMPARED: dict[Op, type[exp.Binary]] = {Op.LT: exp.LT, Op.LE: exp.LTE, Op.GT: exp.GT, Op.GE: exp.GTE, Op.EQ: exp.EQ}


def col(name: str, table: str | None = None) -> Sql:
    """A column, quoted: names never clash with words of a dialect."""
    return exp.column(name, table=table, quoted=True)


def num(value: int) -> Sql:
    """A whole number."""
    return exp.Neg(this=exp.Literal.number(-value)) if value < 0 else exp.Literal.number(value)


def real(value: Fraction | float) -> Sql:
    """A number as the nearest double; an exact fraction is rounded once. Raises RefusedError for one beyond all."""
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        raise RefusedError("a limit is too large a number for SQL")
    return cast(exp.Literal.string(repr(number)), "DOUBLE")


def text(value: str) -> Sql:
    """A string."""
    return exp.Literal.string(value)


def day(value: date) -> Sql:
    """A date."""
    return cast(exp.Literal.string(value.isoformat()), "DATE")


def ends(first: Sql, last: Sql) -> tuple[Sql, Sql]:
    """The first and the last day that a date may be, in whichever order they stand; NULL where *first* is."""
    whole = exp.Coalesce(this=last, expressions=[first.copy()])
    early = exp.Least(this=whole, expressions=[first.copy()], ignore_nulls=True)
    late = exp.Greatest(this=whole.copy(), expressions=[first.copy()], ignore_nulls=True)
    dated = no(absent(first))
    return case((dated, early), default=exp.null()), case((dated, late), default=exp.null())


def cast(value: Sql, kind: str) -> Sql:
    """CAST(value AS kind), a type of DuckDB's."""
    return exp.Cast(this=_free(value), to=_type(kind).copy())


@cache
def _type(kind: str) -> exp.DataType:
    """The type of that name; to parse each anew would take a tenth of the time of compiling a trial."""
    return exp.DataType.build(kind)


def _free(value: Sql) -> Sql:
    """An expression for one more place: itself if it stands nowhere yet, else a copy. To copy what is new at every step
    would take most of the time of compiling a trial."""
    return value if value.parent is None else value.copy()


def is_finite(value: Sql) -> Sql:
    """Whether there is a number, neither NaN nor an infinity: one from which itself can be taken.

    What compares with an infinity will not do: DuckDB takes it for true where a Parquet file says that its greatest
    value is smaller, and NaN is left out of that.
    """
    return exp.EQ(this=exp.paren(exp.Sub(this=value.copy(), expression=value.copy())), expression=num(0))


def null() -> Sql:
    """NULL."""
    return exp.null()


def case(*branches: tuple[Sql, Sql], default: Sql) -> Sql:
    """The first branch whose condition holds."""
    if not branches:
        return default
    found = [exp.If(this=_free(condition), true=_free(value)) for condition, value in branches]
    return exp.Case(ifs=found, default=_free(default))


def every(*conditions: Sql) -> Sql:
    """And; TRUE where there is none."""
    return exp.and_(*map(_free, conditions), copy=False) if conditions else exp.true()


def some(*conditions: Sql) -> Sql:
    """Or; FALSE where there is none."""
    return exp.or_(*map(_free, conditions), copy=False) if conditions else exp.false()


def no(condition: Sql) -> Sql:
    """Not."""
    return exp.not_(_free(condition), copy=False)


def absent(value: Sql) -> Sql:
    """IS NULL."""
    return exp.Is(this=value, expression=exp.null())


def compared(left: Sql, op: Op, right: Sql) -> Sql:
    """Left op right."""
    return _COMPARED[op](this=left, expression=right)


def among(value: Sql, codes: Iterable[int]) -> Sql:
    """Whether an integer is one of several; runs of integers become ranges."""
    runs = _runs(sorted(set(codes)))
    return some(*(_in_run(value.copy(), first, last) for first, last in runs))


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbouring integers joined.

    >>> _runs([1, 2, 3, 7])
    [(1, 3), (7, 7)]
    """
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _in_run(value: Sql, first: int, last: int) -> Sql:
    if first == last:
        return exp.EQ(this=value, expression=num(first))
    return exp.Between(this=value, low=num(first), high=num(last))


def call(name: str, *arguments: Sql) -> Sql:
    """A function that sqlglot knows under this name, transpiled to each dialect."""
    return exp.func(name, *arguments, dialect="duckdb")


def filtered(aggregate: Sql, condition: Sql) -> Sql:
    """An aggregate over some of the rows, by making what it sorts by or counts NULL elsewhere.

    FILTER would say the same; with dozens of aggregates DuckDB takes twice the time for it.
    """
    chosen = aggregate.copy()
    place = "expression" if chosen.args.get("expression") else "this"
    value = num(1) if isinstance(chosen.this, exp.Star) else chosen.args[place]
    chosen.set(place, case((condition, value), default=exp.null()))
    return chosen


def named(value: Sql, name: str) -> Sql:
    """Value AS name."""
    return exp.Alias(this=_free(value), alias=exp.to_identifier(name, quoted=True))


# Kleene's logic over codes


def least(*values: Sql) -> Sql:
    """And: the least code."""
    return values[0] if len(values) == 1 else exp.Least(this=values[0], expressions=list(values[1:]), ignore_nulls=True)


def negated(value: Sql) -> Sql:
    """Not: FALSE and TRUE swapped."""
    held = [(exp.EQ(this=value.copy(), expression=num(edge)), num(TRUE - edge)) for edge in (FALSE, TRUE)]
    return case(*held, default=value)


def greatest_truth(*values: Sql) -> Sql:
    """Or: TRUE where one is, else the foremost reason of the unknown ones, else FALSE."""
    if len(values) == 1:
        return values[0]
    unsure = exp.Coalesce(this=least(*map(_unless_false, values)), expressions=[num(FALSE)])
    return case((any_is(TRUE, values), num(TRUE)), default=unsure)


def _unless_false(value: Sql) -> Sql:
    return exp.Nullif(this=value.copy(), expression=num(FALSE))


def is_unknown(value: Sql) -> Sql:
    """Whether a code is unknown."""
    return exp.Between(this=value.copy(), low=num(FALSE + 1), high=num(TRUE - 1))


def foremost(values: Sequence[Sql]) -> Sql:
    """The foremost reason of those that are unknown; TRUE where none is."""
    return exp.Coalesce(this=least(*map(_unless_false, values)), expressions=[num(TRUE)])


def _is(value: Sql, code: int) -> Sql:
    return exp.EQ(this=value.copy(), expression=num(code))


def at_least(count: int, values: Sequence[Sql]) -> Sql:
    """At least *count* hold."""
    sure = _total(case((_is(value, TRUE), num(1)), default=num(0)) for value in values)
    possible = _total(case((_is(value, FALSE), num(0)), default=num(1)) for value in values)
    reached = [exp.GTE(this=found, expression=num(count)) for found in (sure, possible)]
    return case((reached[0], num(TRUE)), (no(reached[1]), num(FALSE)), default=foremost(values))


def _total(items: Iterable[Sql]) -> Sql:
    found = list(items)
    total = found[0]
    for item in found[1:]:
        total = exp.Add(this=total, expression=item)
    return exp.paren(total)


def if_else(condition: Sql, then: Sql, otherwise: Sql) -> Sql:
    """The branch that the condition selects; with an unknown condition, what both branches say."""
    alike = some(*(every(_is(then, edge), _is(otherwise, edge)) for edge in (FALSE, TRUE)))
    return case(
        (_is(condition, TRUE), case((is_unknown(then), foremost([condition, then])), default=then.copy())),
        (
            _is(condition, FALSE),
            case((is_unknown(otherwise), foremost([condition, otherwise])), default=otherwise.copy()),
        ),
        (alike, then.copy()),
        default=foremost([condition, then, otherwise]),
    )


def one_method(values: Sequence[Sql], *, every_one: bool) -> Sql:
    """One available method decides; with several, the connective; with none, what is missing."""
    join = least if every_one else greatest_truth
    idle = [some(*(_is(value, gone) for gone in (MISSING, STALE, METHOD_MISMATCH))) for value in values]
    neutral = num(TRUE if every_one else FALSE)
    counted = [case((gone, neutral.copy()), default=value.copy()) for gone, value in zip(idle, values, strict=True)]
    return case(
        (every(*(gone.copy() for gone in idle)), join(*(value.copy() for value in values))), default=join(*counted)
    )


def agreement(values: Sequence[Sql]) -> Sql:
    """The readings of a choice: decided where all agree; unknown for their own reason where all are unknown."""
    first = values[0]
    alike = [every(*(_is(value, edge) for value in values)) for edge in (FALSE, TRUE)]
    unsure = every(*(is_unknown(value) for value in values))
    return case(
        (some(*alike), first.copy()), (unsure, least(*(value.copy() for value in values))), default=num(ASSUMPTION)
    )


# What SQL leaves to the interpreter


def unless_asked(code: Sql, parts: Sequence[Sql], settled: Sql | None = None) -> Sql:
    """The code of a connective, `ASK` where one of its *parts* is left open and the others have not *settled* it."""
    left_open = some(*(_is(part, ASK) for part in parts))
    first = [] if settled is None else [(settled, code.copy())]
    return case(*first, (left_open, num(ASK)), default=code)


def any_is(value: int, parts: Iterable[Sql]) -> Sql:
    """Whether one of several codes has a value."""
    return some(*(_is(part, value) for part in parts))


def branch_known(condition: Sql, then: Sql, otherwise: Sql) -> Sql:
    """Whether the branch that counts is selected and decided, or both branches say the same."""
    chosen = [every(_is(condition, edge), no(_is(part, ASK))) for edge, part in ((TRUE, then), (FALSE, otherwise))]
    alike = [every(_is(then, edge), _is(otherwise, edge)) for edge in (FALSE, TRUE)]
    return some(*chosen, *alike)
