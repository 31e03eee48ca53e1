"""Lines that set another limit for some patients: "Hb ≥ 9 g/dL", and on the next line "for MCL patients: Hb ≥ 8 g/dL".

The limit of the group replaces the one before it for that group; read as two criteria the first would bind everybody,
and the second nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from screening.build.clause.qualifying import complement
from screening.build.common.contents import variables_in
from screening.build.common.drafts import Draft
from screening.build.limits.agreeing import comparisons_of, limits_of
from screening.predicates import All, Always, Comparison, IfElse, Predicate
from screening.resources import table
from screening.sections.model import Side

_PEOPLE = "|".join(table("groups")["people"]["words"])
_GROUP = re.compile(rf"\b(?:in|for|among)\b[^.;:]*\b(?:{_PEOPLE})\b|\bif\b|\bwhen\b", re.IGNORECASE)


def for_groups(drafts: Iterable[Draft]) -> list[Draft]:
    """The drafts, each limit of a group put into the limit for all that stands right before it."""
    kept: list[Draft] = []
    for draft in drafts:
        joined = _joined(kept[-1], draft) if kept else None
        if joined is None:
            kept.append(draft)
        else:
            kept[-1] = joined
    return kept


def _joined(base: Draft, group: Draft) -> Draft | None:
    same = (base.side, base.version, base.cohort) == (group.side, group.version, group.cohort)
    if not same or base.empty or group.empty:
        return None
    limited = _limit_of_group(group)
    if limited is None or _binds_some(base.predicate):
        return None
    if not complement(base.predicate, limited.condition) and not _looser(base, limited):
        return None
    return replace(
        base,
        text=f"{base.text} {group.text}",
        predicate=IfElse(limited.condition, limited.then, base.predicate),
        spans=(*base.spans, *group.spans),
        diagnostics=(*base.diagnostics, *group.diagnostics),
        shares=(*base.painted(), *group.painted()),
    )


def _limit_of_group(draft: Draft) -> IfElse | None:
    """The group and its limit, where a draft says nothing else."""
    match draft.predicate:
        case IfElse(condition, then, Always()) if variables_in(then) and not variables_in(condition):
            return IfElse(condition, then, Always())
        case IfElse(Comparison(), _, Always()) if draft.side is not Side.EXCLUSION:
            return draft.predicate  # of those beyond the limit before it
        case All((one, two)) if draft.side is Side.EXCLUSION and _GROUP.search(draft.text):
            limits, others = [
                [part for part in (one, two) if bool(variables_in(part)) is said] for said in (True, False)
            ]
            return IfElse(others[0], limits[0], Always()) if len(limits) == len(others) == 1 else None
        case _:
            return None


def _binds_some(made: Predicate) -> bool:
    return isinstance(made, IfElse) and isinstance(made.otherwise, Always)


def _looser(base: Draft, group: IfElse) -> bool:
    """Whether both limit the same values, the same way round, and the group's limit lets in more."""
    everybody = base.predicate
    while isinstance(everybody, IfElse):
        everybody = everybody.otherwise
    if not variables_in(everybody) or variables_in(everybody) != variables_in(group.then):
        return False
    if {type(one.limit) for one in comparisons_of(everybody)} != {
        type(one.limit) for one in comparisons_of(group.then)
    }:
        return False  # a multiple of ULN beside a number
    return _lets_in_more(limits_of(everybody), limits_of(group.then), asks=base.side is not Side.EXCLUSION)


def _lets_in_more(first: list[tuple[str, Fraction]], other: list[tuple[str, Fraction]], *, asks: bool) -> bool:
    """Limits as (direction, canonical value): none of the second is tighter than the first, and one is wider."""
    if not first or len(first) != len(other) or [sign for sign, _ in first] != [sign for sign, _ in other]:
        return False
    wider = [(b - a if (sign == "<") is asks else a - b) for (sign, a), (_, b) in zip(first, other, strict=True)]
    return min(wider) >= 0 and max(wider) > 0


__all__ = ["for_groups"]
