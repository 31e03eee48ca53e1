"""Methods and circumstances of a result ("by ECHO", "on room air"): recorded, recorded otherwise, or not recorded.

What an unrecorded circumstance could do to a value is data (rules/qualifiers.toml): a saturation recorded without a
word on oxygen may be too high for "on room air", never too low.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from screening.patient.facts import Observation
from screening.predicates import Comparison, OrdinalSet
from screening.resources import table


class Effect(StrEnum):
    """What a circumstance that is not recorded could have done to the value, seen from the one asked for."""

    RAISES = "raises"  # the recorded value may be too high
    LOWERS = "lowers"  # the recorded value may be too low
    EITHER = "either"


class Asked(NamedTuple):
    """The method and the qualifiers a predicate asks for."""

    method: str | None
    qualifiers: tuple[str, ...]


def asked(predicate: Comparison | OrdinalSet) -> Asked | None:
    """What a predicate asks for besides the value; None for nothing."""
    method = predicate.method if isinstance(predicate, Comparison) else None
    return Asked(method, predicate.qualifiers) if method or predicate.qualifiers else None


def differs(wanted: Asked, observation: Observation) -> bool:
    """Whether the result is on record as made by another method, or under a circumstance that rules out this one."""
    other_method = wanted.method and observation.method and observation.method != wanted.method
    if other_method and not _is_a(str(observation.method), str(wanted.method)):
        return True
    return any(opposed(item, observation.qualifiers) for item in wanted.qualifiers)


def effect(wanted: Asked, variable: str, observation: Observation) -> Effect | None:
    """What the circumstances that are not recorded could have done; None where that is nothing."""
    found = {_effect(item, variable) for item in wanted.qualifiers if item not in observation.qualifiers}
    if wanted.method and observation.method is None:
        found.add(Effect.EITHER)
    effects = found - {None}
    if not effects:
        return None
    return effects.pop() if len(effects) == 1 else Effect.EITHER


@cache
def _effect(qualifier: str, variable: str) -> Effect | None:
    effects = _qualifiers().get(qualifier, {}).get("effect", {})
    word = effects if isinstance(effects, str) else effects.get(variable, effects.get("default", "either"))
    return None if word == "none" else Effect(word)


def opposed(wanted: str, recorded: Iterable[str]) -> bool:
    """Whether something recorded rules out the qualifier asked for ("controlled" against "uncontrolled")."""
    return any(item in _opposites(wanted) for item in recorded)


@cache
def _opposites(qualifier: str) -> frozenset[str]:
    """What rules a qualifier out, of results (who names whom does not matter) and of conditions."""
    named = _qualifiers().get(qualifier, {}).get("excludes", ())
    naming = (id for id, row in _qualifiers().items() if qualifier in row.get("excludes", ()))
    grouped = (other for group in table("opposites")["groups"] if qualifier in group for other in group)
    return frozenset((*named, *naming, *grouped)) - {qualifier}


@cache
def _qualifiers() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = table("qualifiers")
    return rows


def _is_a(method: str, wanted: str) -> bool:
    """Whether a method is a kind of another ("transthoracic echo" of "echo")."""
    return wanted in _methods().get(method, {}).get("kind_of", ())


@cache
def _methods() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = table("methods")
    return rows
