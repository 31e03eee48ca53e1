"""Limits that may be another person's: "donor aged 18-60", "infants of mothers younger than 18 years"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from screening.build.common.contents import place, variables_in
from screening.build.common.drafts import Draft
from screening.build.record.doubts import substitute
from screening.predicates import (
    All,
    Any,
    Assumption,
    Choice,
    Comparison,
    Judgement,
    OrdinalSet,
    Predicate,
    Reading,
    children,
    nodes,
)
from screening.resources import table
from screening.sections.model import Trial
from screening.text import Diagnostic, Kind, Span

_OTHERS = table("reading")["other_persons"]
_NAMED = re.compile(rf"\b(?:{'|'.join(_OTHERS['words'])})\b", re.IGNORECASE)
_STEMS = tuple(word.removesuffix("s?") for word in _OTHERS["words"])  # one of them stands in every text that fits
_PATIENTS = re.compile(rf"\b(?:{'|'.join(_OTHERS['patients'])})\b|{_OTHERS['marks']}", re.IGNORECASE)
_INFANTS = re.compile(rf"\b(?:{'|'.join(_OTHERS['infants'])})\b", re.IGNORECASE)
_NEVER_ENROLLED = frozenset(_OTHERS["never_enrolled"])
_HEADED = re.compile(_OTHERS["headed"], re.IGNORECASE)
_RECIPIENTS = re.compile(rf"\b(?:{'|'.join(_OTHERS['patients'])})\b", re.IGNORECASE)
_CODE = "another-person"
_LIMIT = (Comparison, OrdinalSet, Assumption, Choice)
_LIMITS = frozenset(_LIMIT)
_BESIDE = 40  # characters between the person and the limit


def of_another_person(trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """A limit right behind the name of another person than the patient is a choice: whose is it?"""
    if not any(map(_names_another, drafts)):
        return drafts
    of_infants = any(_INFANTS.search(draft.text) for draft in drafts)
    return [_asked(trial, draft, of_infants=of_infants) if _names_another(draft) else draft for draft in drafts]


def _names_another(draft: Draft) -> bool:
    """Whether the words of a criterion that sets a limit name another person."""
    if not draft.spans or not any(map(draft.text.casefold().__contains__, _STEMS)) or not _NAMED.search(draft.text):
        return False
    return not _LIMITS.isdisjoint(map(type, nodes(draft.predicate)))


def _asked(trial: Trial, draft: Draft, *, of_infants: bool) -> Draft:
    made, found = draft.predicate, list(draft.diagnostics)
    for at, one in enumerate(list(_limits(draft.predicate)), start=1):
        span = place(one)
        who = _person_before(trial.raw, draft.spans[0].start, span, of_infants=of_infants) if span else None
        if span is None or who is None:
            continue
        readings = (Reading("patient", one), Reading("other", Judgement(span.of(trial.raw), span)))
        label = f"{' '.join(sorted(variables_in(one)))} of the {who}{f' ({at})' if at > 1 else ''}"
        made = substitute(made, one, Choice(_CODE, label, readings, span))
        message = f"the limit stands behind “{who}”; is it the patient's or another person's?"
        found.append(Diagnostic(_CODE, Kind.CHOICE, message, span))
    return replace(draft, predicate=made, diagnostics=tuple(found))


def _limits(made: Predicate) -> Iterator[Predicate]:
    """The limits of a criterion, a range as one."""
    parts = children(made)
    if isinstance(made, All | Any) and len(variables_in(made)) == 1 and all(isinstance(one, _LIMIT) for one in parts):
        yield made
    elif isinstance(made, _LIMIT):
        if variables_in(made):
            yield made
    else:
        for part in parts:
            yield from _limits(part)


def _person_before(raw: str, begin: int, limit: Span, *, of_infants: bool) -> str | None:
    """The other person named last before the limit, with no patient and no comma between; or whom the sentence is about
    ("Donor: age 18-50 years, Hb ≥ 12 g/dL").

    None where the sentence opens with one who may be the participant ("Caregivers aged 18 years or older"), which
    nobody can who is older than the infants of the trial.
    """
    if (whole := _HEADED.match(raw, begin, limit.start)) and not _RECIPIENTS.search(raw, whole.end(), limit.start):
        return whole["who"].lower()
    named = list(_NAMED.finditer(raw, max(begin, limit.start - _BESIDE), limit.start))
    if not named or _PATIENTS.search(raw, named[-1].end(), limit.start):
        return None
    who = named[-1].group().lower()
    opens = not re.search(r"\w", raw[begin : named[-1].start()])
    owner = raw[named[-1].end() : limit.start].startswith(("'", "’"))
    return who if who in _NEVER_ENROLLED or owner or of_infants or not opens else None
