""" "Other surgery", "another drug of the class": another than the one that the trial itself asks for.

An exclusion of "other" things of a kind does not shut out the one an inclusion demands; which others are meant where
the text asks for the kind itself is for a person to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from screening import concepts
from screening.build.common.drafts import Draft
from screening.predicates import All, Judgement, Not, Predicate, Presence, Term, children, rebuilt
from screening.resources import table
from screening.sections.model import Side, Trial
from screening.text import Span

_OTHER = re.compile(table("reading")["other_than_asked"]["pattern"], re.IGNORECASE)
_ANOTHER = "other_malignancy"
_BEFORE = 60  # characters before a finding that may hold "other"


def other_than_asked(trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """The drafts, exclusions of other things of a kind without what the inclusions ask for."""
    asked = {one.term.concept for draft in drafts if draft.side is Side.INCLUSION for one in _demanded(draft.predicate)}
    if not asked:
        return drafts
    return [_others_only(trial, draft, asked) if draft.side is Side.EXCLUSION else draft for draft in drafts]


def _others_only(trial: Trial, draft: Draft, asked: set[str]) -> Draft:
    made = _without(trial, draft.predicate, asked)
    return draft if made is draft.predicate else replace(draft, predicate=made)


def _demanded(made: Predicate) -> Iterator[Presence]:
    """The findings that a criterion asks for; none that it denies."""
    if isinstance(made, Presence):
        yield made
    elif not isinstance(made, Not):
        for part in children(made):
            yield from _demanded(part)


def _without(trial: Trial, made: Predicate, asked: set[str]) -> Predicate:
    if isinstance(made, Presence):
        return _other(trial, made, asked)
    parts = children(made)
    if not parts:
        return made
    changed = [_without(trial, part, asked) for part in parts]
    return made if all(new is old for new, old in zip(changed, parts, strict=True)) else rebuilt(made, changed)


def _other(trial: Trial, made: Presence, asked: set[str]) -> Predicate:
    word = _other_before(trial.raw, made.span) if made.span is not None else None
    if word is None or concepts.catalogue()[made.term.concept].rule == _ANOTHER:
        return made
    if made.term.concept in asked:
        return All((made, Judgement(word.of(trial.raw), word)), made.span)
    known = sorted(concepts.narrower(made.term.concept) & asked)
    terms = tuple(Term(name) for name in known if name not in {term.concept for term in made.excluding})
    return replace(made, excluding=(*made.excluding, *terms)) if terms else made


def _other_before(raw: str, span: Span) -> Span | None:
    """The place from "other" to the finding, where that word stands before it in its part of the sentence."""
    begin = max(0, span.start - _BEFORE)
    found = _OTHER.search(raw[begin : span.start])
    return Span(begin + found.start(), span.end) if found else None


__all__ = ["other_than_asked"]
