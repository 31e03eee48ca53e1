"""What a presence must say of events, by plain dates and by what the entries of a record are: no interpreter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from screening import concepts
from screening.boundaries.days import span
from screening.boundaries.probes import NO, YES, Plan, Said, open_
from screening.boundaries.settings import Frame
from screening.boundaries.verdicts import opposites
from screening.evaluate.outcome import Reason
from screening.patient.facts import Certainty, EventKind
from screening.predicates import Presence, Relation, Tense, Term
from screening.synthetic import Entry, entry
from screening.truth import Truth

OTHER_MALIGNANCY = "other_malignancy"
_OTHER_SEX = {"female": "male", "male": "female"}


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: what it is, from when to when (*end* None: it goes on)."""

    concept: str
    written: Entry
    kind: EventKind
    start: date
    end: date | None = None
    qualifiers: tuple[str, ...] = ()
    certainty: Certainty = Certainty.CONFIRMED

    def verdict_of(self, concept: str) -> str:
        """Whether the event is this concept: "yes", "possible" (it is a broader one) or "no"."""
        return concepts.matches(concept, self.written.codes, self.written.text)


def is_lasting(concept: str) -> bool:
    """What one has once had, one has: a procedure undergone, a lifelong condition."""
    known = concepts.catalogue()[concept]
    return known.lifelong or known.kind == "procedure"


def verdict(part: Presence, happenings: tuple[Happening, ...], plan: Plan, frame: Frame) -> Said:
    """What a presence says of all events on record."""
    if _of_other_sex(part, plan):
        return NO
    counted = (
        _others(happenings, frame)
        if _is_other(part)
        else tuple((item, item.verdict_of(part.term.concept)) for item in happenings)
    )
    told = [_told(part, item, match, frame) for item, match in counted if match != "no"]
    if "recent" in told:
        return NO
    if "yes" in told and "refuted" not in told:
        return YES
    if "yes" in told:
        return open_(Reason.CONFLICTING)
    doubts = [word for word in told if isinstance(word, Reason)]
    if doubts:
        return open_(next(reason for reason in Reason if reason in doubts))
    if "refuted" in told or "ended" in told:
        return NO
    return silent(part, plan)


def silent(part: Presence, plan: Plan) -> Said:
    """Nothing on record says yes: an absence only where the list that would hold it is complete."""
    if _of_other_sex(part, plan):
        return NO
    known = concepts.catalogue()[part.term.concept]
    lists = frozenset() if known.judged or known.attest else frozenset(map(EventKind, known.lists))
    complete = frozenset(kind for probe in plan.values() for kind in probe.complete)
    return NO if lists and lists <= complete else open_(Reason.MISSING)


def _is_other(part: Presence) -> bool:
    return concepts.catalogue()[part.term.concept].rule == OTHER_MALIGNANCY


def _of_other_sex(part: Presence, plan: Plan) -> bool:
    pertains = concepts.catalogue()[part.term.concept].pertains
    told = [plan["sex",]] if ("sex",) in plan else plan.values()
    sexes = {probe.sex for probe in told if probe.sex is not None}
    return pertains is not None and _OTHER_SEX[pertains] in sexes


def _others(happenings: tuple[Happening, ...], frame: Frame) -> tuple[tuple[Happening, str], ...]:
    """Primaries beside the trial's own condition; where that is not known, a second one."""
    if not frame.index:
        several = len({item.concept for item in happenings}) > 1
        return tuple((item, "yes" if several else "no") for item in happenings)
    return tuple((item, index_free(item.written, frame.index)) for item in happenings)


def index_free(written: Entry, index: tuple[str, ...]) -> str:
    """Whether an entry is another malignancy than the trial's own condition."""
    return concepts.is_other_malignancy(written.codes, written.text, index)


def _told(part: Presence, item: Happening, match: str, frame: Frame) -> str | Reason:
    """What one event says: "yes", "refuted", "ended", "recent" (a washout is not over), "no", or a doubt."""
    if item.start > frame.on:
        return "no"
    whole = match == "possible" or item.concept == part.term.concept
    if item.certainty is Certainty.REFUTED:
        return "refuted" if whole and not item.qualifiers else "no"
    excluded = max((_is(term, item) for term in part.excluding), default=Truth.FALSE)
    if excluded is Truth.TRUE:
        return "no"
    qualified = _qualified(part.term, item)
    if qualified is Truth.FALSE:
        exact = match == "yes" and whole and item.certainty is Certainty.CONFIRMED
        return "ended" if exact else "no"
    sure = match == "yes" and item.certainty is Certainty.CONFIRMED
    placing = _placed(part, item, frame)
    if placing != "yes":
        if placing == "recent":
            return "recent" if sure and qualified is Truth.TRUE and excluded is Truth.FALSE else Reason.MISSING
        ended = placing == "past" and item.kind in (EventKind.CONDITION, EventKind.ALLERGY)
        return "ended" if ended and whole and item.certainty is Certainty.CONFIRMED else "no"
    if Truth.UNKNOWN in (qualified, excluded):
        return Reason.QUALIFIER_UNKNOWN
    return "yes" if sure else Reason.MISSING


def _is(term: Term, item: Happening) -> Truth:
    match = item.verdict_of(term.concept)
    if match == "no":
        return Truth.FALSE
    return min(_qualified(term, item), Truth.TRUE if match == "yes" else Truth.UNKNOWN)


def _qualified(term: Term, item: Happening) -> Truth:
    missing = [name for name in term.qualifiers if name not in item.qualifiers]
    if any(other in item.qualifiers for name in missing for other in opposites(name)):
        return Truth.FALSE
    return Truth.UNKNOWN if missing else Truth.TRUE


def _placed(part: Presence, item: Happening, frame: Frame) -> str:
    """ "yes", "past" (over, and asked for as current), "outside" a window, "recent" (of a washout)."""
    if part.window is None:
        over = item.end is not None and item.end <= frame.on
        return "past" if over and part.tense is Tense.HAS and not is_lasting(part.term.concept) else "yes"
    days = span(part.window, frame.anchor(part.window.anchor), frame.on)
    if days is None:
        return "yes"
    first, last = days
    if part.window.relation is not Relation.WITHIN:
        return "yes" if item.end is not None and item.end <= last else "recent"
    inside = item.start <= last and (first is None or item.end is None or item.end >= first)
    return "yes" if inside else "outside"


def written(concept: str) -> Entry:
    """How an event that is this concept is recorded."""
    return entry(concept)
