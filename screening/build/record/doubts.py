"""Checks that need the whole record; each is a pass over the drafts, and all have one signature."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from screening import units, variables
from screening.build.common.drafts import Draft
from screening.build.record.dated_pairs import dated_pairs
from screening.build.record.diagnoses import listed_diagnoses
from screening.build.record.limited_groups import limits_of_groups
from screening.build.record.others import other_than_asked
from screening.build.record.unsure import contradictory_conditions, lost_connectives, scopes, windows_behind_semicolons
from screening.predicates import (
    All,
    Any,
    Assumption,
    Choice,
    Comparison,
    Multiple,
    Not,
    Op,
    Predicate,
    Reading,
    children,
    rebuilt,
)
from screening.resources import table
from screening.sections.model import Side, Trial
from screening.text import Diagnostic, Kind

_TURNED = frozenset({Choice, Assumption, Not})
Pass = Callable[[Trial, list[Draft]], list[Draft]]
_SHORTEST_NAME = 5  # shorter names stand inside other words
_REVERSED = {Op.LT: Op.GT, Op.LE: Op.GE, Op.GT: Op.LT, Op.GE: Op.LE, Op.EQ: Op.EQ}


# ---- reversed polarity


def reversed_polarity(_trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """An exclusion that shuts out healthy values under a heading that speaks of a deficit: probably the other way
    round."""
    return [_with_choices(drafts, draft) if draft.side is Side.EXCLUSION else draft for draft in drafts]


def _with_choices(drafts: list[Draft], draft: Draft) -> Draft:
    suspects = [one for one in _comparisons(draft.predicate) if _shuts_out_the_healthy(one)]
    if not suspects or not _speaks_of_deficit(drafts, draft):
        return draft
    made, found = draft.predicate, list(draft.diagnostics)
    for at, one in enumerate(suspects):
        label = f"{one.variable} direction" if at == 0 else f"{one.variable} direction ({at + 1})"
        other = replace(one, op=_REVERSED[one.op])
        choice = Choice("reversed-polarity", label, (Reading("written", one), Reading("reversed", other)), one.span)
        made = substitute(made, one, choice)
        name = variables.catalogue()[one.variable].name
        message = (
            f"as written, this excludes healthy values of {name}; "
            f"the heading speaks of a deficit, so “{_REVERSED[one.op]}” is probably meant"
        )
        found.append(
            Diagnostic("reversed-polarity", Kind.CHOICE, message, one.span, suggestion=f"{name} {_REVERSED[one.op]} …")
        )
    return replace(draft, predicate=made, diagnostics=tuple(found))


def _shuts_out_the_healthy(one: Comparison) -> bool:
    """Whether the limit lies on the healthy side of a variable of which too little is the danger, and is not a
    ceiling."""
    variable = variables.catalogue()[one.variable]
    if variable.adverse != "low" or one.op not in (Op.GT, Op.GE) or isinstance(one.limit, Multiple):
        return False
    ceiling = table("doubts")["healthy"].get(one.variable)
    if ceiling is None:
        return False
    try:
        return units.canonical(one.variable, one.limit.value, one.limit.unit) < Fraction(str(ceiling["low"]))
    except units.UnitError:
        return False


def _speaks_of_deficit(drafts: list[Draft], draft: Draft) -> bool:
    number = re.match(r"[A-Z]\d+", draft.base)
    siblings = [one for one in drafts if one.side is draft.side and number and one.base.startswith(number.group())]
    words = " ".join([draft.heading, draft.text, *(f"{one.heading}" for one in siblings)]).casefold()
    return any(word in words for word in table("doubts")["deficit"]["words"])


# ---- alternatives written as two criteria


def likely_alternatives(_trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """Two neighbouring inclusion criteria, one for refractory and one for relapsed disease: probably either
    suffices."""
    out: list[Draft] = []
    for draft in drafts:
        if out and _alternative(out[-1], draft):
            out[-1] = _either(out[-1], draft)
        else:
            out.append(draft)
    return out


def _alternative(one: Draft, other: Draft) -> bool:
    if (
        one.side is not Side.INCLUSION
        or other.side is not Side.INCLUSION
        or one.version != other.version
        or one.cohort != other.cohort
    ):
        return False
    states = table("doubts")["alternatives"]
    first = one.text.casefold()
    if not any(map(first.__contains__, (*states["refractory"], *states["relapsed"]))):
        return False
    second = other.text.casefold()
    pairs = ((states["refractory"], states["relapsed"]), (states["relapsed"], states["refractory"]))
    return any(_only(first, mine, theirs) and _only(second, theirs, mine) for mine, theirs in pairs)


def _only(text: str, mine: list[str], theirs: list[str]) -> bool:
    return any(word in text for word in mine) and not any(word in text for word in theirs)


def _either(one: Draft, other: Draft) -> Draft:
    parts = (one.predicate, other.predicate)
    readings = (Reading("written", All(parts)), Reading("either", Any(parts)))
    message = "these two criteria describe different states of the disease; probably either suffices"
    finding = Diagnostic("likely-alternatives", Kind.CHOICE, message, one.spans[0] if one.spans else None)
    return replace(
        one,
        text=f"{one.text} {other.text}",
        predicate=Choice("likely-alternatives", "both or either", readings),
        spans=(*one.spans, *other.spans),
        diagnostics=(*one.diagnostics, *other.diagnostics, finding),
        shares=(*one.painted(), *other.painted()),
    )


# ---- an exclusion of what an inclusion asks for


def conflicts(_trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """An exclusion by a raised value of what an inclusion asks to be raised."""
    words = table("doubts")["raised"]["words"]
    asked = [draft.text.casefold() for draft in drafts if draft.side is Side.INCLUSION]
    raised = [said for said in asked if any(map(said.__contains__, words))]
    if not raised:
        return drafts
    return [_conflicting(draft, raised) if draft.side is Side.EXCLUSION else draft for draft in drafts]


def _conflicting(draft: Draft, raised: list[str]) -> Draft:
    """*raised*: the folded words of the inclusions that ask for something raised."""
    for one in _comparisons(draft.predicate):
        if one.op not in (Op.GT, Op.GE) or not isinstance(one.limit, Multiple):
            continue
        name = variables.catalogue()[one.variable].name
        names = {
            written.casefold() for written in variables.catalogue()[one.variable].names if len(written) > _SHORTEST_NAME
        }
        if any(_asks_raised(said, names) for said in raised):
            message = f"an inclusion criterion asks for raised {name}, this exclusion shuts it out"
            finding = Diagnostic("inclusion-exclusion-conflict", Kind.NOTE, message, one.span)
            return replace(draft, diagnostics=(*draft.diagnostics, finding))
    return draft


def _asks_raised(text: str, names: set[str]) -> bool:
    return any(f"{word} {name}" in text for word in table("doubts")["raised"]["words"] for name in names)


# ---- helpers


def _comparisons(made: Predicate) -> list[Comparison]:
    """The comparisons that stand for certain, in the order of the text."""
    found, rest = list[Comparison](), [made]
    while rest:
        one = rest.pop()
        if isinstance(one, Comparison):
            found.append(one)
        elif (parts := children(one)) and type(one) not in _TURNED:
            rest += reversed(parts)
    return found


def substitute(made: Predicate, old: Predicate, new: Predicate) -> Predicate:
    """*made* with *new* in the place of *old*."""
    if made is old:
        return new
    parts = children(made)
    changed = tuple(substitute(part, old, new) for part in parts)
    return rebuilt(made, changed) if any(a is not b for a, b in zip(parts, changed, strict=True)) else made


PASSES: tuple[Pass, ...] = (
    limits_of_groups,
    reversed_polarity,
    likely_alternatives,
    listed_diagnoses,
    conflicts,
    contradictory_conditions,
    scopes,
    windows_behind_semicolons,
    dated_pairs,
    lost_connectives,
    other_than_asked,
)
