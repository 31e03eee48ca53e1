"""Doubts about words of one criterion: a qualifier's reach, a condition against itself, a lost connective."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from screening.build.common.contents import place
from screening.build.common.drafts import Draft
from screening.predicates import (
    All,
    Any,
    Assumption,
    Choice,
    IfElse,
    Not,
    NotUnderstood,
    Predicate,
    Presence,
    Reading,
    Relation,
    Tense,
    Term,
    Window,
    children,
    nodes,
    rebuilt,
)
from screening.resources import table
from screening.sections.model import Side, Trial
from screening.text import Diagnostic, Guarded, Kind, Severity

_HAPPENING = frozenset(table("reading")["happening"]["concepts"])


def contradictory_conditions(_trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """An exclusion that asks for a finding as such and for its uncontrolled form: which of them excludes?"""
    return [_contradictory(draft) if draft.side is Side.EXCLUSION else draft for draft in drafts]


def _contradictory(draft: Draft) -> Draft:
    if not isinstance(draft.predicate, All):
        return draft
    found = list(_demanded(draft.predicate))
    plain = {one.term.concept: one for one in found if not one.term.qualifiers}
    narrowed = next((one for one in found if one.term.qualifiers and one.term.concept in plain), None)
    if narrowed is None:
        return draft
    broad = plain[narrowed.term.concept]
    readings = (Reading("written", draft.predicate), Reading("any", broad), Reading("narrow", narrowed))
    message = "the text excludes by this finding as such and by its narrower form; only one of them can be meant"
    made = Choice("contradictory-condition", f"{broad.term.concept} as such", readings, draft.predicate.span)
    return _doubted(draft, made, Diagnostic("contradictory-condition", Kind.CHOICE, message, place(broad)))


def _demanded(made: Predicate) -> Iterator[Presence]:
    """The findings that all must hold together; words nobody read may stand beside them."""
    if isinstance(made, Presence):
        yield made
    elif isinstance(made, All):
        for part in made.items:
            yield from _demanded(part)
    elif isinstance(made, IfElse):
        yield from _demanded(made.condition)
    elif isinstance(made, Any):
        read = [part for part in made.items if not isinstance(part, NotUnderstood)]
        if len(read) == 1:
            yield from _demanded(read[0])


def scopes(_trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """ "grade 3 hypertension or diabetic complication": does the grade govern the second finding too?"""
    return [_scoped(draft) for draft in drafts]


def _scoped(draft: Draft) -> Draft:
    inside = nodes(draft.predicate)
    if Any not in map(type, inside) or not any(map(_grade, inside)):
        return draft
    made = _graded_list(draft.predicate)
    if made is draft.predicate:
        return draft
    message = "the grade in front of the list may govern the finding behind it too"
    return _doubted(draft, made, Diagnostic("scope", Kind.CHOICE, message, place(draft.predicate)))


def _graded_list(made: Predicate) -> Predicate:
    """The same with a choice for the finding right behind a graded one."""
    parts = list(children(made))
    if isinstance(made, Any):
        for at in range(len(parts) - 1):
            grade = _grade(parts[at])
            behind = _first(parts[at + 1])
            if grade and behind is not None and not behind.term.qualifiers:
                parts[at + 1] = _swapped(parts[at + 1], behind, _governed(behind, grade))
                return rebuilt(made, parts)
    changed = [_graded_list(part) for part in parts]
    return rebuilt(made, changed) if any(a is not b for a, b in zip(parts, changed, strict=True)) else made


def _grade(made: Predicate) -> str | None:
    """The grade of a graded finding."""
    reading = made.reading if isinstance(made, Assumption) else made
    if not isinstance(reading, Presence):
        return None
    return next((name for name in reading.term.qualifiers if name.startswith("grade_")), None)


def _first(made: Predicate) -> Presence | None:
    return next(_presences(made), None)


def _governed(behind: Presence, grade: str) -> Choice:
    graded = replace(behind, term=Term(behind.term.concept, (grade,)))
    readings = (Reading("written", behind), Reading("graded", graded))
    return Choice("scope", f"{grade.replace('_', ' ')} of {behind.term.concept}", readings, behind.span)


def _swapped(made: Predicate, old: Predicate, new: Predicate) -> Predicate:
    if made is old:
        return new
    return rebuilt(made, [_swapped(part, old, new) for part in children(made)]) if children(made) else made


def windows_behind_semicolons(_trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """ "Infarction; stroke; unstable angina in the last 3 months": a semicolon may part criteria, or items of one list
    that the time at its end dates. A full stop ends the list, a comma does not."""
    out = list(drafts)
    for at in range(len(out) - 1, 0, -1):
        window = _dated_last(out[at])
        before = at - 1
        while window is not None and before >= 0 and _in_one_list(out[before], out[at]):
            out[before] = _perhaps_dated(out[before], window)
            before -= 1
    return out


def _event(draft: Draft) -> Presence | None:
    """The only event of a draft, denied or not, that happens on a day and so can be dated."""
    made = draft.predicate.item if isinstance(draft.predicate, Not) else draft.predicate
    return made if isinstance(made, Presence) and made.term.concept in _HAPPENING else None


def _dated_last(draft: Draft) -> Window | None:
    event = _event(draft)
    window = event.window if event is not None else None
    return window if window is not None and window.relation is Relation.WITHIN else None


def _in_one_list(draft: Draft, last: Draft) -> bool:
    """Whether a draft is an event without a time in the same line, alike denied, with a semicolon behind it."""
    same = (draft.base, draft.side, draft.version, draft.cohort) == (last.base, last.side, last.version, last.cohort)
    event = _event(draft) if same and draft.text.endswith(";") else None
    return event is not None and event.window is None and type(draft.predicate) is type(last.predicate)


def _perhaps_dated(draft: Draft, window: Window) -> Draft:
    event = _event(draft)
    assert event is not None
    dated = _swapped(draft.predicate, event, replace(event, window=window, tense=Tense.HAD))
    readings = (Reading("written", draft.predicate), Reading("dated", dated))
    message = "the time at the end of the line may date this event too, or only the last one"
    made = Choice("scope", f"time of {event.term.concept}", readings, event.span)
    return _doubted(draft, made, Diagnostic("scope", Kind.CHOICE, message, place(event)))


def lost_connectives(_trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """Two verbs of one subject with nothing between them ("have no treatment are unable to …"): a word was lost."""
    return [_lost(draft) for draft in drafts]


def _lost(draft: Draft) -> Draft:
    if draft.empty or not _two_verbs().search(draft.text.casefold()):
        return draft
    span = draft.spans[0] if draft.spans else None
    message = "two verbs follow each other without “and” or “or”; a connective seems to be lost"
    finding = Diagnostic("garbled-text", Kind.NOTE, message, span, Severity.NOTE)
    return replace(draft, diagnostics=(*draft.diagnostics, finding))


@cache
def _two_verbs() -> Guarded:
    found = table("doubts")["lost_connective"]
    return Guarded(found["pattern"], found["pattern_needs"], re.IGNORECASE)


def _doubted(draft: Draft, made: Predicate, finding: Diagnostic) -> Draft:
    return replace(draft, predicate=made, diagnostics=(*draft.diagnostics, finding))


def _presences(made: Predicate) -> Iterator[Presence]:
    if isinstance(made, Presence):
        yield made
    elif not isinstance(made, Choice):
        for part in children(made):
            yield from _presences(part)
