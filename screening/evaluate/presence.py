"""Whether a patient has, or had, a condition, drug, procedure or allergy.

Each event on record that is (or may be) the concept says TRUE, UNKNOWN or nothing; the presence is their "or".
Where none says anything, silence is unknown, unless the record itself or the user makes it an absence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from screening import concepts
from screening.evaluate import qualifiers
from screening.evaluate.chart import Chart, Match
from screening.evaluate.context import Context
from screening.evaluate.malignancy import counted
from screening.evaluate.outcome import (
    FAILS,
    OPEN,
    Absence,
    EventUse,
    Outcome,
    Reason,
    Said,
    Scope,
    SexUse,
    Use,
    foremost,
    said,
    unknown,
)
from screening.evaluate.periods import placed
from screening.evaluate.selection import window_scope
from screening.patient.facts import Activity, Certainty, Event, EventKind, Patient
from screening.predicates import Presence, Relation, Tense, Term
from screening.truth import Truth, some

OTHER_MALIGNANCY = "other_malignancy"
"""The rule of a concept that is a primary other than the trial's own condition."""

_OTHER_SEX: dict[str | None, str] = {"female": "male", "male": "female"}

MALIGNANCY = "malignancy"
"""The concept of any cancer."""


def presence(predicate: Presence, context: Context) -> OfPresence:
    """What judges a presence."""
    window, concept = predicate.window, concepts.catalogue()[predicate.term.concept]
    scope = None if window is None else window_scope(context, window)
    generous = None if window is None else window_scope(context, window, generous=True)
    undecidable = concept.judged or concept.attest
    return OfPresence(
        predicate,
        concept,
        context,
        scope,
        None if generous == scope else generous,
        frozenset() if undecidable else frozenset(map(EventKind, concept.lists)),
    )


@dataclass(frozen=True, slots=True)
class OfPresence:
    """A presence, with everything worked out that does not depend on the patient."""

    predicate: Presence
    concept: concepts.Concept
    context: Context
    scope: Scope | None
    generous: Scope | None  # where the window's edge is no whole day
    lists: frozenset[EventKind]  # those that decide its absence; none where nothing can

    def judge(self, chart: Chart) -> Outcome:
        """The outcome over all events that are, or may be, the concept."""
        outcome = self._judged(chart)
        if self.scope is None or self.scope.anchored:
            return outcome
        return outcome._replace(evidence=(*outcome.evidence, self.scope))

    def said(self, chart: Chart) -> Said:
        """Truth and reason alone: told at once where nothing is on record, which is so for most concepts."""
        if self.concept.rule == OTHER_MALIGNANCY or chart.matches(self.predicate.term.concept):
            return said(self._judged(chart))
        if self._other_sex(chart.patient):
            return FAILS
        listed = self.lists and self.lists <= self._complete(chart.patient)
        return FAILS if listed and not self._unrecognised(chart) else OPEN[Reason.MISSING]

    def _unrecognised(self, chart: Chart) -> tuple[Event, ...]:
        """Entries that may be the concept for all that anybody can read."""
        found = chart.unrecognised(self.lists)
        return tuple([event for event in found if not self._is_later(event)]) if found else ()

    def _is_later(self, event: Event) -> bool:
        return event.start is not None and event.start.first > self.context.on

    def _other_sex(self, patient: Patient) -> bool:
        return patient.sex is not None and patient.sex == self.other_sex

    @property
    def other_sex(self) -> str | None:
        """The sex for which the concept cannot hold."""
        return _OTHER_SEX.get(self.concept.pertains)

    def _complete(self, patient: Patient) -> frozenset[EventKind]:
        """The lists whose silence counts."""
        assumed = self.context.assume_absent
        return patient.complete | assumed if assumed else patient.complete

    def _judged(self, chart: Chart) -> Outcome:
        patient = chart.patient
        sex = patient.sex
        if sex is not None and self._other_sex(patient):
            return Outcome(Truth.FALSE, None, self.predicate, (), (SexUse(sex),), recoverable=False)
        uses = self._uses(chart)
        if not uses:
            return self._silent(chart, uses)
        result = self._result(uses)
        if result is Truth.TRUE:
            return Outcome(result, None, self.predicate, (), uses, self._can_end())
        if result is Truth.UNKNOWN:
            return unknown(self.predicate, foremost([use.reason for use in uses]) or Reason.MISSING, *uses)
        if any(use.use is Use.TOO_RECENT for use in uses):
            return Outcome(result, None, self.predicate, (), uses)
        return self._silent(chart, uses)

    def _result(self, uses: tuple[EventUse, ...]) -> Truth:
        """Some event counts; and of a washout, none has ended too recently."""
        counts = some([use.truth for use in uses if use.use is not Use.TOO_RECENT])
        recent = some([use.truth for use in uses if use.use is Use.TOO_RECENT])
        return min(max(counts, recent), ~recent)

    def _uses(self, chart: Chart) -> tuple[EventUse, ...]:
        if self.concept.rule == OTHER_MALIGNANCY:
            return counted(chart.matches(MALIGNANCY), self.context.index_conditions, self.use)
        uses = tuple([self.use(match) for match in chart.matches(self.predicate.term.concept)])
        return _contradicted(uses) if len(uses) > 1 else uses

    def _silent(self, chart: Chart, uses: tuple[EventUse, ...]) -> Outcome:
        """Nothing on record says that the concept is present."""
        if any(use.use is Use.REFUTED for use in uses):
            return Outcome(Truth.FALSE, None, self.predicate, (), uses)
        lists, patient = self.lists, chart.patient
        if lists and lists <= self._complete(patient) and (unread := self._unrecognised(chart)):
            known = [use.event for use in uses]
            open_ = [EventUse(event, Use.UNRECOGNISED, Truth.UNKNOWN, Reason.MISSING) for event in unread]
            entries = [use for use in open_ if use.event not in known]
            return unknown(self.predicate, Reason.MISSING, *uses, *entries)
        if lists and lists <= patient.complete:
            return Outcome(Truth.FALSE, None, self.predicate, (), (*uses, Absence(tuple(sorted(lists)), assumed=False)))
        if lists and lists <= self._complete(patient):
            assumed = tuple(sorted(lists - patient.complete))
            return Outcome(Truth.FALSE, None, self.predicate, (), (*uses, Absence(assumed, assumed=True)))
        return unknown(self.predicate, Reason.MISSING, *uses)

    def _can_end(self) -> bool:
        """A history stays; a current condition may end, and a washout may pass."""
        if self.scope is not None:
            return self.predicate.window is not None and self.predicate.window.relation is Relation.WITHIN
        return self.predicate.tense is Tense.HAS and not self._lasting()

    def _lasting(self) -> bool:
        """What one has once had, one has: a procedure undergone, a lifelong condition."""
        return self.concept.lifelong or self.concept.kind == "procedure"

    def use(self, match: Match) -> EventUse:
        """What one event says."""
        if self._is_later(match.event):
            return EventUse(match.event, Use.LATER, Truth.FALSE)
        return self.standing(match, self._placed(match.event))

    def standing(self, match: Match, lies: Truth) -> EventUse:
        """What an event up to the screening date says; *lies*: whether it lies where tense or window ask for it."""
        event = match.event
        if event.certainty is Certainty.REFUTED:
            return self._refuted(event)
        excluded = self._excluded(event)
        if excluded is Truth.TRUE:
            return EventUse(event, Use.EXCLUDED, Truth.FALSE)
        held, reason = self._held(match)
        if held is Truth.FALSE:
            return self._otherwise_qualified(match)
        if lies is Truth.FALSE:
            return self._not_placed(event, min(held, ~excluded), reason)
        if Truth.UNKNOWN in (lies, held, excluded):
            doubts = (reason, None if lies is Truth.TRUE else Reason.MISSING, self._exception_doubt(excluded))
            return EventUse(event, Use.UNSURE, Truth.UNKNOWN, foremost(doubts))
        return EventUse(event, Use.USED, Truth.TRUE)

    def _exception_doubt(self, excluded: Truth) -> Reason | None:
        return Reason.QUALIFIER_UNKNOWN if excluded is Truth.UNKNOWN else None

    def _held(self, match: Match) -> tuple[Truth, Reason | None]:
        """Whether the event surely is the concept, with the qualifiers asked for."""
        qualified = qualified_as(self.predicate.term, match.event)
        if qualified is Truth.FALSE:
            return qualified, None
        if qualified is Truth.UNKNOWN:
            return qualified, Reason.QUALIFIER_UNKNOWN
        sure = match.sure and match.event.certainty is Certainty.CONFIRMED
        return (Truth.TRUE, None) if sure else (Truth.UNKNOWN, Reason.MISSING)

    def _placed(self, event: Event) -> Truth:
        """Whether the event lies where the tense or the window asks for it."""
        window = self.predicate.window
        if window is not None and self.scope is not None:
            surely = placed(event, window.relation, self.scope, self.context.on)
            if self.generous is None:
                return surely
            possibly = placed(event, window.relation, self.generous, self.context.on)
            return surely if surely is possibly else Truth.UNKNOWN
        return Truth.TRUE if self.timeless else current(event, self.predicate.term.concept, self.context.on)

    @property
    def timeless(self) -> bool:
        """Whether an event counts whatever its dates, up to the screening date."""
        return self.scope is None and (self.predicate.tense is Tense.HAD or self._lasting())

    def _not_placed(self, event: Event, held: Truth, reason: Reason | None) -> EventUse:
        """A condition recorded as ended is recorded as not current; only an exact record says so of the concept.

        A broader one does not: that a viral infection is over says nothing of hepatitis B.
        """
        window = self.predicate.window
        if window is not None and window.relation is not Relation.WITHIN:
            return EventUse(event, Use.TOO_RECENT, held, reason)
        ended = window is None and event.kind in (EventKind.CONDITION, EventKind.ALLERGY)
        if ended and event.certainty is Certainty.CONFIRMED and self._is_all_of(event):
            return EventUse(event, Use.REFUTED, Truth.FALSE, note="ended")
        return EventUse(event, Use.PAST if window is None else Use.OUTSIDE, Truth.FALSE)

    def _otherwise_qualified(self, match: Match) -> EventUse:
        """Recorded with the opposite of what is asked for: of the whole concept, that is an absence of it."""
        sure = match.sure and match.event.certainty is Certainty.CONFIRMED and self._speaks_of_whole(match.event)
        return EventUse(match.event, Use.REFUTED if sure else Use.EXCLUDED, Truth.FALSE, note="qualifier")

    def _refuted(self, event: Event) -> EventUse:
        if self._speaks_of_whole(event) and not event.qualifiers:
            return EventUse(event, Use.REFUTED, Truth.FALSE)
        return EventUse(event, Use.EXCLUDED, Truth.FALSE)

    def _speaks_of_whole(self, event: Event) -> bool:
        """Whether the event is the concept itself or a broader one, and not one kind of it among others."""
        return self._is_broader(event) or self._is_all_of(event)

    def _is_broader(self, event: Event) -> bool:
        return concepts.matches(self.predicate.term.concept, event.codes, event.text) == "possible"

    def _is_all_of(self, event: Event) -> bool:
        """Whether the event is the concept itself, and not one kind of it among others."""
        wanted = self.predicate.term.concept
        if self._is_broader(event):
            return False
        return _exact(wanted, event) and not any(
            concepts.matches(id, event.codes, event.text) == "yes" for id in _kinds(wanted)
        )

    def _excluded(self, event: Event) -> Truth:
        """Whether the event is one of the exceptions."""
        excluding = self.predicate.excluding
        return some([self._is(term, event) for term in excluding]) if excluding else Truth.FALSE

    def _is(self, term: Term, event: Event) -> Truth:
        verdict = concepts.matches(term.concept, event.codes, event.text)
        if verdict == "no":
            return Truth.FALSE
        qualified = qualified_as(term, event)
        return qualified if verdict == "yes" else min(qualified, Truth.UNKNOWN)


@cache
def _kinds(concept: str) -> tuple[str, ...]:
    """The concepts that are one kind of it among others; what means the same is none of them."""
    return tuple(sorted(id for id in concepts.narrower(concept) if concept not in concepts.narrower(id)))


def _exact(concept: str, event: Event) -> bool:
    """Whether a code or the text of the event names the concept as such."""
    known = concepts.catalogue()[concept]
    own = {code.replace(".", "").upper() for code in (*known.icd10, *known.icd10_exact, *known.oncotree, *known.atc)}
    if any(code.replace(".", "").upper() in own for _, code in event.codes):
        return True
    return concepts.by_name().get(event.text.strip().casefold()) == concept


def qualified_as(term: Term, event: Event) -> Truth:
    """Whether the event is recorded with the term's qualifiers; one that is not recorded is unknown."""
    result = Truth.TRUE
    for wanted in term.qualifiers:
        if wanted in event.qualifiers:
            continue
        if qualifiers.opposed(wanted, event.qualifiers):
            return Truth.FALSE
        result = Truth.UNKNOWN
    return result


def current(event: Event, concept: str, on: date) -> Truth:
    """Whether the event holds on the screening date."""
    if event.end is not None and event.end.first <= on and event.end.last < on:
        return Truth.FALSE
    if _past_by_code(concept, event.codes):
        return Truth.FALSE
    if event.activity is Activity.PAST:  # an end that still lies ahead speaks against it
        return Truth.UNKNOWN if event.end is not None and event.end.first > on else Truth.FALSE
    if event.kind is EventKind.PROCEDURE:
        return Truth.TRUE
    return Truth.TRUE if event.activity is Activity.CURRENT else Truth.UNKNOWN


@lru_cache(maxsize=1 << 14)
def _past_by_code(concept: str, codes: tuple[tuple[str, str], ...]) -> bool:
    return bool(codes) and concepts.past_only(concept, codes)


def _contradicted(uses: tuple[EventUse, ...]) -> tuple[EventUse, ...]:
    """A record of presence beside a record of absence of the same thing: neither decides."""
    if not any(use.use is Use.REFUTED and not use.note for use in uses):
        return uses
    return tuple(
        use._replace(truth=Truth.UNKNOWN, use=Use.UNSURE, reason=Reason.CONFLICTING) if use.truth is Truth.TRUE else use
        for use in uses
    )
