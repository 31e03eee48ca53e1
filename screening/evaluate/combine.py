"""Joining outcomes: Kleene's tables, the reason that is given, and whether anything could change the result.

Advisory parts are neutral: they take no part in any connective, whatever stands around them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import compress

from screening.evaluate.chart import Chart
from screening.evaluate.outcome import Outcome, Reason, foremost
from screening.predicates import (
    Advisory,
    All,
    Always,
    Any,
    AtLeast,
    Choice,
    Connective,
    OneMethod,
    Predicate,
    children,
    neutral,
)
from screening.sections.model import Side
from screening.truth import Truth, at_least, every, if_else, some

Judge = Callable[[Chart], Outcome]
Judges = tuple[Judge, ...]

NOT_AVAILABLE = frozenset({Reason.MISSING, Reason.STALE})
"""A value with one of these reasons is not there; with any other it is, but undecided."""

NOT_OFFERED = NOT_AVAILABLE | {Reason.METHOD_MISMATCH}
"""Likewise of one method among several: that the others were used is no result of this one."""


@dataclass(frozen=True, slots=True)
class Group:
    """A connective over parts; *voting* leaves out the neutral ones."""

    predicate: Predicate
    judges: Judges
    voting: tuple[bool, ...]
    join: Callable[[tuple[Outcome, ...]], tuple[Truth, Reason | None, bool]]

    def judge(self, chart: Chart) -> Outcome:
        """The outcome of the parts, joined."""
        parts = tuple([judge(chart) for judge in self.judges])
        truth, reason, recoverable = self.join(tuple(compress(parts, self.voting)))
        return Outcome(truth, reason, self.predicate, parts, (), recoverable)


def group(predicate: All | Any | AtLeast | OneMethod | Choice, judges: Judges) -> Judge:
    """The judge of a connective."""
    return Group(predicate, judges, tuple(not neutral(part) for part in children(predicate)), _joiner(predicate)).judge


def _joiner(
    predicate: All | Any | AtLeast | OneMethod | Choice,
) -> Callable[[tuple[Outcome, ...]], tuple[Truth, Reason | None, bool]]:
    match predicate:
        case All():
            return conjunction
        case Any():
            return disjunction
        case AtLeast(count=count):
            return lambda parts: threshold(count, parts)
        case OneMethod(connective=connective):
            return lambda parts: one_method(connective, parts)
        case Choice():
            return agreement


def why(parts: tuple[Outcome, ...]) -> Reason | None:
    """The foremost reason of the parts that are unknown."""
    return foremost([part.reason for part in parts if part.truth is Truth.UNKNOWN])


def _can_turn(parts: tuple[Outcome, ...], truth: Truth) -> bool:
    """Whether every part of this truth could still change."""
    return all(part.recoverable for part in parts if part.truth is truth)


def conjunction(parts: tuple[Outcome, ...]) -> tuple[Truth, Reason | None, bool]:
    """And. What is FALSE can change only if each FALSE part can; what is TRUE, if any part can."""
    truth = every([part.truth for part in parts])
    if truth is Truth.UNKNOWN:
        return truth, why(parts), True
    if truth is Truth.FALSE:
        return truth, None, _can_turn(parts, Truth.FALSE)
    return truth, None, any(part.recoverable for part in parts)


def disjunction(parts: tuple[Outcome, ...]) -> tuple[Truth, Reason | None, bool]:
    """Or. What is TRUE can change only if each TRUE part can; what is FALSE, if any part can."""
    truth = some([part.truth for part in parts])
    if truth is Truth.UNKNOWN:
        return truth, why(parts), True
    if truth is Truth.TRUE:
        return truth, None, _can_turn(parts, Truth.TRUE)
    return truth, None, any(part.recoverable for part in parts)


def threshold(count: int, parts: tuple[Outcome, ...]) -> tuple[Truth, Reason | None, bool]:
    """At least *count* of the parts."""
    truth = at_least(count, [part.truth for part in parts])
    if truth is Truth.UNKNOWN:
        return truth, why(parts), True
    fixed = sum(part.truth is truth and not part.recoverable for part in parts)
    needed = count if truth is Truth.TRUE else len(parts) - count + 1
    return truth, None, fixed < needed


def one_method(connective: Connective, parts: tuple[Outcome, ...]) -> tuple[Truth, Reason | None, bool]:
    """One available method decides; with several, the connective as written; with none, what is missing."""
    available = tuple(part for part in parts if part.truth is not Truth.UNKNOWN or part.reason not in NOT_OFFERED)
    join = conjunction if connective is Connective.ALL else disjunction
    return join(available or parts)


def agreement(parts: tuple[Outcome, ...]) -> tuple[Truth, Reason | None, bool]:
    """The readings of a choice: decided where all agree; unknown for their own reason where all are unknown."""
    truths = {part.truth for part in parts}
    if len(truths) != 1:
        return Truth.UNKNOWN, Reason.ASSUMPTION, True
    return parts[0].truth, why(parts), any(part.recoverable for part in parts)


def negation(predicate: Predicate, judge: Judge) -> Judge:
    """Not."""

    def negated(chart: Chart) -> Outcome:
        part = judge(chart)
        return Outcome(~part.truth, part.reason, predicate, (part,), (), part.recoverable)

    return negated


def exception(predicate: Predicate, base: Judge, unless: Judge) -> Judge:
    """base, unless the exception: and-not."""

    def judged(chart: Chart) -> Outcome:
        parts = (base(chart), unless(chart))
        negated = parts[1]._replace(truth=~parts[1].truth)
        truth, reason, recoverable = conjunction((parts[0], negated))
        return Outcome(truth, reason, predicate, parts, (), recoverable)

    return judged


def conditional(predicate: Predicate, condition: Judge, then: Judge, otherwise: Judge) -> Judge:
    """The branch that the condition selects; with an unknown condition, what both branches say."""

    def judged(chart: Chart) -> Outcome:
        parts = (condition(chart), then(chart), otherwise(chart))
        truth = if_else(*[part.truth for part in parts])
        reason = why(relevant(parts)) if truth is Truth.UNKNOWN else None
        return Outcome(truth, reason, predicate, parts, (), any(part.recoverable for part in relevant(parts)))

    return judged


def relevant(parts: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Condition and the branch it selects; all three where it is unknown."""
    condition, then, otherwise = parts
    if condition.truth is Truth.UNKNOWN:
        return parts
    return (condition, then if condition.truth is Truth.TRUE else otherwise)


def assumed(predicate: Predicate, judge: Judge) -> Judge:
    """An unconfirmed reading decides nothing; what it would give is its child."""

    def judged(chart: Chart) -> Outcome:
        return Outcome(Truth.UNKNOWN, Reason.ASSUMPTION, predicate, (judge(chart),))

    return judged


def always(predicate: Always) -> Judge:
    """TRUE for everybody."""
    fixed = Outcome(Truth.TRUE, None, predicate, (), (), recoverable=False)
    return lambda _: fixed


def advisory(predicate: Advisory, side: Side | None) -> Judge:
    """What lets the criterion pass, for the rare place where a connective cannot leave it out."""
    fixed = Outcome(Truth.FALSE if side is Side.EXCLUSION else Truth.TRUE, None, predicate, (), (), recoverable=False)
    return lambda _: fixed


def undecidable(predicate: Predicate, reason: Reason) -> Judge:
    """What no record decides: a judgement, or text that was not understood."""
    fixed = Outcome(Truth.UNKNOWN, reason, predicate)
    return lambda _: fixed
