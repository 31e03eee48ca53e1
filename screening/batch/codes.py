"""One small integer for an outcome: 0 FALSE, 1–13 UNKNOWN with its reason, 14 TRUE, 15 what SQL leaves open.

The reasons are numbered as the interpreter ranks them, so that "and" over outcomes, with the foremost reason where
it is unknown, is the least of the integers; "not" swaps 0 and 14. 15 stands in no result: a rare cell that SQL would
have to guess (a computed value a billionth from its limit) is marked so, and the interpreter settles it (`asking`).
"""

from __future__ import annotations

from screening.evaluate.outcome import Outcome, Reason
from screening.truth import Truth

FALSE = 0
REASONS = tuple(Reason)
TRUE = len(REASONS) + 1
ASK = TRUE + 1


def unknown(reason: Reason) -> int:
    """The code of an outcome that is unknown for this reason.

    >>> unknown(Reason.CONFLICTING), unknown(Reason.JUDGEMENT)
    (1, 13)
    """
    return REASONS.index(reason) + 1


def code_of(outcome: Outcome) -> int:
    """The code of an interpreter's outcome."""
    if outcome.truth is Truth.UNKNOWN:
        return unknown(outcome.reason or Reason.MISSING)
    return TRUE if outcome.truth is Truth.TRUE else FALSE


MISSING = unknown(Reason.MISSING)
STALE = unknown(Reason.STALE)
CONFLICTING = unknown(Reason.CONFLICTING)
IMPLAUSIBLE = unknown(Reason.IMPLAUSIBLE)
ASSUMPTION = unknown(Reason.ASSUMPTION)
JUDGEMENT = unknown(Reason.JUDGEMENT)
QUALIFIER_UNKNOWN = unknown(Reason.QUALIFIER_UNKNOWN)
METHOD_MISMATCH = unknown(Reason.METHOD_MISMATCH)
NO_REFERENCE_RANGE = unknown(Reason.NO_REFERENCE_RANGE)
UNIT_INCOMPATIBLE = unknown(Reason.UNIT_INCOMPATIBLE)
NOT_UNDERSTOOD = unknown(Reason.NOT_UNDERSTOOD)
