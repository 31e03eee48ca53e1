"""The three-valued logic of a criterion over what its parts say: small tables of its own, apart from the interpreter's.

and = the least, or = the greatest, not = the other way round, of no < open < yes
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from screening import variables
from screening.boundaries.happenings import silent
from screening.boundaries.probes import NO, YES, Plan, Said, Slot, open_
from screening.evaluate.outcome import Reason
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
    rebuilt,
)
from screening.predicates.meaning import neutral, of_each
from screening.truth import Truth

Slots = Mapping[Predicate, Slot]
"""Each part that asks for facts, with its slot."""

_UNAVAILABLE = (Reason.MISSING, Reason.STALE, Reason.METHOD_MISMATCH)
"""Why a method has nothing to offer."""


def plainly(predicate: Predicate) -> Predicate:
    """Families of variables written out, since each of them is measured for itself."""
    if isinstance(predicate, Comparison):
        family = variables.catalogue()[predicate.variable].stands_for
        return plainly(of_each(predicate, family)) if family else predicate
    parts = children(predicate)
    return rebuilt(predicate, tuple(map(plainly, parts))) if parts else predicate


def said(predicate: Predicate, plan: Plan, slots: Slots) -> Said:
    """What a criterion must say, given what is on record."""
    slot = slots.get(predicate)
    if slot is not None:
        probe = plan.get(slot.key)
        return slot.absent(predicate, plan) if probe is None else probe.says(predicate, plan)
    match predicate:
        case Always() | Advisory():
            return YES
        case Judgement():
            return open_(Reason.JUDGEMENT)
        case NotUnderstood():
            return open_(Reason.NOT_UNDERSTOOD)
        case Assumption():
            return open_(Reason.ASSUMPTION)
        case Presence():
            return silent(predicate, plan)
        case Comparison() | OrdinalSet() | Result() | Sex():
            return open_(Reason.MISSING)  # nothing is made for it
    parts = [said(part, plan, slots) for part in children(predicate) if not neutral(part)]
    return _joined(predicate, parts)


def _joined(predicate: Predicate, parts: list[Said]) -> Said:
    match predicate:
        case Not():
            return _not(parts[0])
        case All():
            return _told(min, parts)
        case Any():
            return _told(max, parts)
        case Except():
            return _told(min, [parts[0], *map(_not, parts[1:])])
        case IfElse():
            return _conditional(*parts)
        case OneMethod(connective=connective):
            held = [part for part in parts if part[1] not in _UNAVAILABLE] or parts
            return _told(min if connective is Connective.ALL else max, held)
        case AtLeast(count=count):
            ranked = sorted((truth for truth, _ in parts), reverse=True)
            return _with_reason(ranked[count - 1] if 0 < count <= len(ranked) else Truth(2 * (count <= 0)), parts)
        case Choice():
            agreed = len({truth for truth, _ in parts}) == 1
            return _with_reason(parts[0][0], parts) if agreed else open_(Reason.ASSUMPTION)
    raise AssertionError(type(predicate).__name__)


def _not(part: Said) -> Said:
    return Truth(2 - part[0]), part[1]


def _told(join: Callable[[list[Truth]], Truth], parts: list[Said]) -> Said:
    return _with_reason(join([truth for truth, _ in parts]), parts)


def _with_reason(truth: Truth, parts: list[Said]) -> Said:
    if truth is not Truth.UNKNOWN:
        return YES if truth is Truth.TRUE else NO
    given = {reason for _, reason in parts}
    return open_(next(reason for reason in Reason if reason in given))


def _conditional(condition: Said, then: Said, otherwise: Said) -> Said:
    """The branch that the condition selects; both, where that is not known."""
    if condition[0] is Truth.UNKNOWN:
        same = then[0] is otherwise[0] and then[0] is not Truth.UNKNOWN
        return then if same else _with_reason(Truth.UNKNOWN, [condition, then, otherwise])
    return then if condition[0] is Truth.TRUE else otherwise
