"""What the events of a patient say together about one presence, as a small set of bits.

COUNTS      an event counts                     RECENT      of a washout: one is not over, or over too lately
UNSURE      one may count                       MAY_RECENT  one may be over too lately
QUALIFIER   … and the doubt is a qualifier      REFUTED     recorded as absent
ENDED       recorded as ended, or with the opposite qualifier
"""

from __future__ import annotations

from sqlglot import exp

from screening.batch import codes, sql
from screening.batch.sql import Sql
from screening.evaluate.outcome import EventUse, Reason, Use
from screening.truth import Truth

COUNTS, RECENT, UNSURE, MAY_RECENT, QUALIFIER, REFUTED, ENDED = (1 << at for at in range(7))

HOLDING = COUNTS | RECENT
DOUBTING = UNSURE | MAY_RECENT
ALL = (1 << 7) - 1


def bits_of(entry: EventUse) -> int:
    """What one event says.

    >>> from screening.patient.facts import Event, EventKind
    >>> event = Event(EventKind.CONDITION, "hypertension")
    >>> bits_of(EventUse(event, Use.USED, Truth.TRUE)), bits_of(EventUse(event, Use.PAST, Truth.FALSE))
    (1, 0)
    """
    recent = entry.use is Use.TOO_RECENT
    if entry.truth is Truth.TRUE:
        return RECENT if recent else COUNTS
    if entry.truth is Truth.UNKNOWN:
        doubt = QUALIFIER if entry.reason is Reason.QUALIFIER_UNKNOWN else 0
        return (MAY_RECENT if recent else UNSURE) | doubt
    if entry.use is Use.REFUTED:
        return ENDED if entry.note else REFUTED
    return 0


def any_of(held: Sql, mask: int) -> Sql:
    """Whether one of these bits is set."""
    return exp.NEQ(this=only(held, mask), expression=sql.num(0))


def only(held: Sql, mask: int) -> Sql:
    """Those of the bits that are in *mask*."""
    return exp.paren(exp.BitwiseAnd(this=held.copy(), expression=sql.num(mask)))


def both(one: Sql, other: Sql) -> Sql:
    """The bits of either."""
    return exp.paren(exp.BitwiseOr(this=one, expression=other))


def gathered(value: Sql) -> Sql:
    """The bits of all rows of a group."""
    return exp.BitwiseOrAgg(this=sql.cast(value, "SMALLINT"))


def code(held: Sql, silent: Sql, *, contradictable: bool) -> Sql:
    """The outcome that these bits give; *silent* where no event says anything.

    *contradictable*: whether a record of absence speaks against one of presence (not so where each is of another site).
    """
    conflict = sql.every(any_of(held, REFUTED), any_of(held, HOLDING))
    open_ = sql.some(any_of(held, MAY_RECENT), sql.every(any_of(held, UNSURE), sql.no(any_of(held, COUNTS))))
    why = sql.case((any_of(held, QUALIFIER), sql.num(codes.QUALIFIER_UNKNOWN)), default=sql.num(codes.MISSING))
    branches = [
        (sql.absent(held.copy()), silent),
        (any_of(held, RECENT), sql.num(codes.FALSE)),
        (open_, why),
        (any_of(held, COUNTS), sql.num(codes.TRUE)),
        (any_of(held, REFUTED | ENDED), sql.num(codes.FALSE)),
    ]
    if contradictable:
        branches.insert(1, (conflict, sql.num(codes.CONFLICTING)))
    return sql.case(*branches, default=silent.copy())
