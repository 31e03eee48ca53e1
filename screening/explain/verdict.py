"""From outcomes to pass, fail and unknown, and from these to a verdict. Nothing is ever called "eligible"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from screening.evaluate.outcome import Reason
from screening.explain.result import OutcomeWord, Verdict
from screening.sections.model import Side
from screening.truth import Truth

_BEST_FIRST: tuple[Verdict, ...] = ("potentially_eligible", "needs_information", "not_eligible")


class Judged(NamedTuple):
    """One criterion decided or not; *reason* stands exactly when the outcome is unknown."""

    id: str
    outcome: OutcomeWord
    reason: Reason | None


def outcome_word(side: Side, truth: Truth, neutral: bool) -> OutcomeWord:
    """An inclusion passes when it is TRUE, an exclusion when it is FALSE; what decides nothing passes."""
    if neutral:
        return "pass"
    if truth is Truth.UNKNOWN:
        return "unknown"
    return "pass" if (truth is Truth.TRUE) is (side is not Side.EXCLUSION) else "fail"


def verdict(criteria: Iterable[Judged]) -> Verdict:
    """One failure decides; then anything open but judgements.

    >>> verdict([Judged("I1", "pass", None), Judged("I2", "unknown", Reason.JUDGEMENT)])
    'potentially_eligible'
    """
    result: Verdict = "potentially_eligible"
    for criterion in criteria:
        if criterion.outcome == "fail":
            return "not_eligible"
        if criterion.outcome == "unknown" and criterion.reason is not Reason.JUDGEMENT:
            result = "needs_information"
    return result


def best(verdicts: Iterable[Verdict]) -> Verdict:
    """The trial's verdict over its cohorts."""
    return min(verdicts, key=_BEST_FIRST.index)
