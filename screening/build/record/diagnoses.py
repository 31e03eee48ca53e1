"""Neighbouring criteria of which each names another diagnosis: nobody is asked to have all of them.

"1. Diffuse large B-cell lymphoma / 2. Follicular lymphoma / 3. Mantle cell lymphoma" lists whom the trial takes. Behind
a line that announces a choice ("one of the following:") any of them will do; elsewhere the record asks its reviewer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from screening import concepts
from screening.build.common.drafts import Draft
from screening.build.record.introductions import names_findings
from screening.predicates import (
    All,
    Any,
    Choice,
    Comparison,
    Judgement,
    NotUnderstood,
    OrdinalSet,
    Predicate,
    Presence,
    Reading,
    Tense,
    nodes,
)
from screening.resources import table
from screening.sections.model import Side, Trial
from screening.text import Diagnostic, Kind

_FAMILY = "malignancy"
_GENERAL = frozenset(table("doubts")["diagnoses"]["general"])
_NARROWING = (Presence, Judgement, NotUnderstood, Comparison, OrdinalSet, All, Any)
_ANY = "any"


def listed_diagnoses(_trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """The drafts, those that name one malignancy after another, or findings behind "one of:", as one criterion."""
    out: list[Draft] = []
    for run in _runs(drafts):
        announced = bool(out) and _announces(out[-1], run[0])
        sure = announced and all(map(diagnosis, run))
        out += run if len(run) == 1 else [_either(run, sure=sure)]
    return out


def _runs(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    """The drafts in order, in one list those that go on with a choice."""
    run: list[Draft] = []
    before: Draft | None = None  # what stands before the run
    for draft in drafts:
        if run and not _goes_on(before, run, draft):
            yield run
            before, run = run[-1], []
        run.append(draft)
    if run:
        yield run


def _goes_on(before: Draft | None, run: Sequence[Draft], draft: Draft) -> bool:
    """Whether a criterion names another finding of an announced choice, or another diagnosis than those before it."""
    if not _together(run[-1], draft):
        return False
    if before is not None and _announces(before, run[0]):
        return all(map(_finding, (*run, draft)))
    named = diagnosis(draft)
    others = [diagnosis(one) for one in run]
    return named is not None and all(one is not None and _apart(one, named) for one in others)


def _announces(draft: Draft, first: Draft) -> bool:
    """Whether a line says that any item of its list will do, and nothing sets that list apart."""
    return draft.lead == _ANY and draft.side is Side.INCLUSION and _together(draft, first)


def _finding(draft: Draft) -> bool:
    return diagnosis(draft) is not None or names_findings(draft)


def _together(one: Draft, other: Draft) -> bool:
    return (one.side, one.version, one.cohort) == (other.side, other.version, other.cohort)


def diagnosis(draft: Draft) -> str | None:
    """The malignancy that an inclusion criterion asks for, with what narrows it; None where it asks for anything else
    first."""
    if (
        draft.side is not Side.INCLUSION
        or draft.empty
        or not all(isinstance(one, _NARROWING) for one in nodes(draft.predicate))
    ):
        return None
    first = draft.predicate.items[0] if isinstance(draft.predicate, All) else draft.predicate
    if not isinstance(first, Presence) or first.tense is not Tense.HAS or first.window is not None:
        return None
    named = first.term.concept
    return named if named in concepts.narrower(_FAMILY) and named not in _GENERAL else None


def _apart(one: str, other: str) -> bool:
    """Whether two diagnoses are different ones, and neither is a kind of the other."""
    return one != other and one not in concepts.narrower(other) and other not in concepts.narrower(one)


def _either(run: Sequence[Draft], *, sure: bool) -> Draft:
    parts = tuple(draft.predicate for draft in run)
    made: Predicate = Any(parts)
    found = tuple(one for draft in run for one in draft.diagnostics)
    if not sure:
        readings = (Reading("written", All(parts)), Reading("either", made))
        made = Choice("likely-alternatives", "all diagnoses or any", readings)
        message = "these criteria name different findings; probably any of them suffices"
        place = run[0].spans[0] if run[0].spans else None
        found = (*found, Diagnostic("likely-alternatives", Kind.CHOICE, message, place))
    return replace(
        run[0],
        text=" ".join(draft.text for draft in run),
        predicate=made,
        spans=tuple(span for draft in run for span in draft.spans),
        diagnostics=found,
        shares=tuple(share for draft in run for share in draft.painted()),
    )


__all__ = ["diagnosis", "listed_diagnoses"]
