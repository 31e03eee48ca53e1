"""The words of rules/wording.toml for answers and reasons."""

from __future__ import annotations

from functools import cache

from screening.evaluate.outcome import Reason
from screening.resources import table
from screening.truth import Truth

_ANSWERS = {Truth.TRUE: "yes", Truth.FALSE: "no", Truth.UNKNOWN: "undecided"}


def answer(truth: Truth | None) -> str:
    """Whether the text holds.

    >>> answer(Truth.FALSE)
    'no'
    """
    return _ANSWERS[Truth.UNKNOWN if truth is None else truth]


@cache
def _words(section: str) -> dict[str, str]:
    found: dict[str, str] = table("wording")[section]
    return found


def advice(reason: Reason) -> str:
    """What to do about an open criterion."""
    return _words("advice")[reason]


def why(reason: Reason) -> str:
    """Why a fact decides nothing."""
    return _words("why").get(reason, reason.replace("_", " "))
