"""Other malignancy in SQL: the bits of each primary site of a patient, joined as `screening.evaluate.malignancy` does.

One of the sites on record may be the trial's own condition; what holds whichever it is, is decided.
"""

from __future__ import annotations

from sqlglot import exp

from screening.batch import bits, sql
from screening.batch.sql import Sql

OWN = bits.ALL + 1
"""A further bit: the site may be the trial's own condition."""


def joined(held: Sql) -> Sql:
    """The bits of a patient, over groups that are one site each.

    With no site of the trial's own, all count. With one, or with nothing else that could count, the others do. With
    several: all count where one does whichever is the trial's own; else those that may be it are in doubt.
    """
    own, other = (_some_sites(held, own=mine) for mine in (True, False))
    count = _sites(bits.any_of(held, OWN))
    sure = _sites(bits.any_of(held, bits.HOLDING))
    possible = _sites(bits.any_of(held, bits.HOLDING | bits.DOUBTING))
    own_sure = _sites(sql.every(bits.any_of(held, OWN), bits.any_of(held, bits.HOLDING)))
    spared = sql.case((_more(own_sure, 0), sql.num(1)), default=sql.num(0))
    in_doubt = sql.case((_more(own_sure, 0), sql.num(bits.UNSURE)), default=sql.num(0))
    return sql.case(
        (sql.some(_is(count, 1), _is(possible, 0)), other.copy()),
        (sql.some(_is(count, 0), exp.GT(this=sure, expression=spared)), bits.both(own.copy(), other.copy())),
        default=bits.both(bits.both(bits.only(own, bits.ALL - bits.HOLDING), in_doubt), other),
    )


def _some_sites(held: Sql, *, own: bool) -> Sql:
    """The bits of the sites that may be the trial's own, or of the others."""
    mine = bits.any_of(held, OWN)
    found = sql.filtered(bits.gathered(bits.only(held, bits.ALL)), mine if own else sql.no(mine))
    return exp.Coalesce(this=found, expressions=[sql.num(0)])


def _sites(condition: Sql) -> Sql:
    return sql.filtered(exp.Count(this=exp.Star()), condition)


def _is(count: Sql, number: int) -> Sql:
    return exp.EQ(this=count.copy(), expression=sql.num(number))


def _more(count: Sql, number: int) -> Sql:
    return exp.GT(this=count.copy(), expression=sql.num(number))
