"""Other malignancy: a primary that is not the trial's own condition.

Where the trial names no condition, or one so broad that several primaries fit it, any of those primaries may be the
one under treatment; only what holds whichever it is, is decided. So with one primary on record nothing counts, and
a second one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from screening import concepts
from screening.evaluate.chart import Match
from screening.evaluate.outcome import EventUse, Reason, Use
from screening.patient.facts import Event
from screening.truth import Truth, some

_CATEGORY = 3
"""Characters of an ICD-10 code that name the category: the primary site."""


def counted(matches: Iterable[Match], index: tuple[str, ...], use: Callable[[Match], EventUse]) -> tuple[EventUse, ...]:
    """What each primary on record says, given that one of them may be the trial's own condition."""
    primaries = [found for match in matches if (found := primary(match))]
    uses = [doubtful(use(match), index) for match in primaries]
    own = _own_sites(uses, index)
    if not own:
        return tuple(uses)
    answers = {some([entry.truth for entry in uses if site(entry.event) != candidate]) for candidate in own}
    if len(own) > 1 and answers == {Truth.TRUE}:
        return tuple(uses)
    clear = len(own) == 1 or answers == {Truth.FALSE}
    known = bool(index)
    return tuple(_own(entry, clear, known) if site(entry.event) in own else entry for entry in uses)


def _own(entry: EventUse, clear: bool, known: bool) -> EventUse:
    """A primary that is the trial's own condition does not count; one that may be leaves the question open."""
    if clear:
        return entry._replace(use=Use.EXCLUDED, truth=Truth.FALSE, reason=None, note="index" if known else "index?")
    if entry.truth is not Truth.TRUE:
        return entry
    return entry._replace(use=Use.UNSURE, truth=Truth.UNKNOWN, reason=Reason.MISSING, note="index?")


def primary(match: Match) -> Match | None:
    """A malignancy on record as a primary, sure or not; None for a metastasis, which belongs to some primary."""
    event = match.event
    if concepts.is_secondary(event.codes, event.text) == "yes":
        return None
    return match._replace(sure=concepts.is_malignancy(event.codes, event.text) == "yes")


def doubtful(entry: EventUse, index: tuple[str, ...]) -> EventUse:
    """A record too coarse to tell from the trial's own condition ("malignant tumour") is no sure second one."""
    if entry.truth is Truth.TRUE and _index_match(entry.event, index) == "possible":
        return entry._replace(use=Use.UNSURE, truth=Truth.UNKNOWN, reason=Reason.MISSING, note="index?")
    return entry


def _index_match(event: Event, index: tuple[str, ...]) -> str:
    verdicts = {concepts.matches(id, event.codes, event.text) for id in index}
    return "yes" if "yes" in verdicts else "possible" if "possible" in verdicts else "no"


def _own_sites(uses: list[EventUse], index: tuple[str, ...]) -> set[str]:
    """The sites that may be the trial's own condition."""
    return {site(entry.event) for entry in uses if entry.use is not Use.LATER and may_be_own(entry, index)}


def may_be_own(entry: EventUse, index: tuple[str, ...]) -> bool:
    """Whether a record may be of the trial's own condition; one that says it is absent is not."""
    if entry.use is Use.REFUTED and not entry.note:
        return False
    return not index or _index_match(entry.event, index) == "yes"


def site(event: Event) -> str:
    """The primary site by its ICD-10 category; the text where there is none."""
    for system, code in event.codes:
        if system.casefold().startswith("icd10"):
            return code.replace(".", "")[:_CATEGORY].upper()
    return event.text.strip().casefold()
