"""Probes of conditions, drugs, procedures and allergies: present, over, denied, unqualified, at a window's ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from screening import concepts, synthetic
from screening.boundaries.days import span
from screening.boundaries.happenings import (
    OTHER_MALIGNANCY,
    Happening,
    index_free,
    silent,
    verdict,
)
from screening.boundaries.probes import Key, Plan, Probe, Said
from screening.boundaries.settings import Frame, settings
from screening.boundaries.verdicts import opposites
from screening.explain.phrases import phrase, words
from screening.explain.phrases import term as term_words
from screening.patient.facts import Certainty, Event, EventKind
from screening.predicates import Predicate, Presence, Relation, Tense, Term

MALIGNANCY = "malignancy"


def related(one: Presence, two: Presence) -> bool:
    """Whether an event that is the one concept bears on the other."""
    first, second = one.term.concept, two.term.concept
    if first == second:
        return True
    return _bears(first, second) or _bears(second, first)


@cache
def _bears(concept: str, on: str) -> bool:
    if concepts.catalogue()[on].rule == OTHER_MALIGNANCY:
        on = MALIGNANCY
    if concepts.catalogue()[concept].rule == OTHER_MALIGNANCY:
        concept = MALIGNANCY
    written = synthetic.entry(concept)
    return concepts.matches(on, written.codes, written.text) != "no"


@dataclass(frozen=True)
class Happened:
    """A concept, or several that bear on each other, with the parts that ask for them."""

    parts: tuple[Presence, ...]
    frame: Frame

    @property
    def key(self) -> Key:
        """The concepts."""
        return ("event", *sorted({part.term.concept for part in self.parts}))

    @property
    def title(self) -> str:
        """What is asked for."""
        return " / ".join(dict.fromkeys(term_words(part.term) for part in self.parts))

    def absent(self, part: Predicate, plan: Plan) -> Said:
        """Nothing on record."""
        assert isinstance(part, Presence)  # noqa: S101 -- the slot holds no others
        return silent(part, plan)

    def states(self) -> tuple[Probe, ...]:
        """Present, absent, nothing."""
        return tuple(probe for probe in self.probes() if probe.core)

    def probes(self) -> tuple[Probe, ...]:
        """Everything that is tried on the concepts."""
        return tuple(dict.fromkeys(self._all()))

    def _all(self) -> Iterator[Probe]:
        for part in self.parts:
            yield from self._present(part)
        yield self._absent()
        yield self._nothing()
        for part in self.parts:
            yield from self._otherwise(part)
            if part.window is not None:
                yield from self._window(part)

    # Making

    def _happening(self, term: Term, **given: Any) -> Happening:  # noqa: ANN401 -- the fields of a happening
        start = self.frame.on - timedelta(days=settings()["past_days"])
        written = given.pop("written", None) or synthetic.entry(term.concept)
        fields: dict[str, Any] = {"start": start, "qualifiers": term.qualifiers} | given
        return Happening(term.concept, written, synthetic.kind_of(term.concept), **fields)

    def _probe(self, kind: str, label: str, *happenings: Happening, **fields: Any) -> Probe:  # noqa: ANN401
        def says(part: Predicate, plan: Plan) -> Said:
            assert isinstance(part, Presence)  # noqa: S101 -- the slot holds no others
            return verdict(part, happenings, plan, self.frame)

        facts = tuple(_event(item) for item in happenings)
        shown = "; ".join(_shown(item) for item in happenings)
        given = {"value": shown, "brief": f"{shown or self.title} {label}"} | fields
        return Probe(kind, label, says, facts, **given)

    def _of(self, part: Presence) -> tuple[Term, ...]:
        """The terms that are recorded where the part is to hold: itself, or of other malignancies some primaries."""
        if not _is_other(part):
            return (part.term,)
        found = _primaries(self.frame.index, tuple(term.concept for term in part.excluding))
        return tuple(Term(concept, part.term.qualifiers) for concept in found[: 1 if self.frame.index else 2])

    def _held(self, part: Presence, **given: Any) -> tuple[Happening, ...]:  # noqa: ANN401
        """What makes the part hold, as far as anything can."""
        return tuple(self._happening(term, **(self._inside(part) | given)) for term in self._of(part))

    def _inside(self, part: Presence) -> dict[str, Any]:
        """Dates inside the part's window; without one the event goes on."""
        if part.window is None:
            return {}
        days = span(part.window, self.frame.anchor(part.window.anchor), self.frame.on)
        if days is None:
            return {"start": self.frame.on, "end": self.frame.on}
        first, last = days
        day = last if part.window.relation is not Relation.WITHIN else max(first or last, last - timedelta(days=7))
        return {"start": day, "end": day}

    def _present(self, part: Presence) -> Iterator[Probe]:
        asked = phrase(part)
        yield self._probe("event", "present", *self._held(part), core=True, limit=asked, brief=f"{asked} present")
        if len(self.parts) > 1:
            everything = dict.fromkeys(item for one in self.parts for item in self._held(one))
            yield self._probe("event", "all of them present", *everything, core=True, limit=asked)

    def _absent(self) -> Probe:
        """Denied, each; what cannot be denied by name is absent from complete lists."""
        plain = [part for part in self.parts if not _is_other(part)]
        terms = dict.fromkeys(Term(part.term.concept) for part in plain)
        denied = tuple(self._happening(term, certainty=Certainty.REFUTED) for term in terms)
        lists = frozenset(EventKind) if len(plain) < len(self.parts) else frozenset()
        return self._probe("event", "recorded as absent", *denied, complete=lists, core=True, brief=f"no {self.title}")

    def _nothing(self) -> Probe:
        return self._probe("missing", "no record", core=True, brief=f"{self.title} not on record")

    # Other states

    def _otherwise(self, part: Presence) -> Iterator[Probe]:
        asked = phrase(part)
        lists = frozenset(EventKind)
        yield self._probe("event", "no record, lists complete", complete=lists, limit=asked)
        over = self.frame.on - timedelta(days=settings()["ended_days"])
        if part.window is None:
            yield self._probe("event", "over", *self._held(part, end=over), limit=asked)
            yield self._probe("event", "over, lists complete", *self._held(part, end=over), complete=lists, limit=asked)
        later = self.frame.on + timedelta(days=1)
        yield self._probe(
            "event", "only after the screening date", *self._held(part, start=later, end=None), limit=asked
        )
        yield self._probe("event", "possible", *self._held(part, certainty=Certainty.POSSIBLE), limit=asked)
        yield from self._qualified(part, asked)
        yield from self._excluded(part, asked)
        yield from self._of_sexes(part, asked)

    def _qualified(self, part: Presence, asked: str) -> Iterator[Probe]:
        for name in part.term.qualifiers:
            left = tuple(item for item in part.term.qualifiers if item != name)
            held = self._held(part, qualifiers=left)
            yield self._probe("circumstance", f"not recorded: {words(name)}", *held, limit=asked)
            for other in opposites(name):
                held = self._held(part, qualifiers=(*left, other))
                yield self._probe("circumstance", f"recorded: {words(other)}", *held, limit=asked)

    def _excluded(self, part: Presence, asked: str) -> Iterator[Probe]:
        """What does not count, and the same without the qualifier that makes it so."""
        for term in part.excluding:
            inside = self._inside(part)
            if _is_other(part):
                inside |= {"written": _as_cancer(term.concept)}
            held = self._happening(term, **inside)
            shown = term_words(term)
            lists = frozenset(EventKind)
            yield self._probe("exception", f"only {shown}, lists complete", held, complete=lists, limit=asked)
            for name in term.qualifiers:
                left = tuple(item for item in term.qualifiers if item != name)
                bare = self._happening(term, **inside, qualifiers=left)
                label = f"{shown}, not recorded: {words(name)}"
                yield self._probe("exception", label, bare, complete=lists, limit=asked)
                for other in opposites(name)[:1]:
                    against = self._happening(term, **inside, qualifiers=(*left, other))
                    yield self._probe("exception", f"{shown}, recorded: {words(other)}", against, limit=asked)

    def _of_sexes(self, part: Presence, asked: str) -> Iterator[Probe]:
        pertains = concepts.catalogue()[part.term.concept].pertains
        if pertains is not None:
            other = "male" if pertains == "female" else "female"
            yield self._probe("event", f"no record, {other}", sex=other, limit=asked)

    def _window(self, part: Presence) -> Iterator[Probe]:
        """Over on the first and the last day of the window, one day beyond, and still going on."""
        assert part.window is not None  # noqa: S101
        days = span(part.window, self.frame.anchor(part.window.anchor), self.frame.on)
        if days is None:
            return
        first, last = days
        one = timedelta(days=1)
        tried: list[tuple[date, str]] = [(last, "on the last day of the window")]
        if first is not None:
            tried += [(first, "on the first day of the window"), (first - one, "one day before the window")]
        if last < self.frame.on:
            tried += [(last + one, "one day after the window")]
        asked, lists = phrase(part), frozenset(EventKind)
        for day, label in sorted(tried):
            held = self._held(part, start=day, end=day)
            yield self._probe("window", f"{label} ({day})", *held, complete=lists, limit=asked)
            yield self._probe("window", f"{label} ({day}), lists not complete", *held, limit=asked)
        begun = (first or last) - timedelta(days=settings()["past_days"])
        ongoing = self._held(part, start=begun, end=None)
        yield self._probe("window", "begun before the window, going on", *ongoing, complete=lists, limit=asked)


def _is_other(part: Presence) -> bool:
    return concepts.catalogue()[part.term.concept].rule == OTHER_MALIGNANCY


@cache
def _as_cancer(concept: str) -> synthetic.Entry:
    """A record that is the concept and a cancer too, so that the exception matters: by itself, or where text and code
    say one each ("cured by endoscopic resection", C18)."""
    own, known = synthetic.entry(concept), concepts.catalogue()[concept]
    cancers = [concepts.catalogue()[name] for name in settings()["primaries"]]
    mixed = [synthetic.Entry(known.name, (("icd10cm", cancer.icd10[0]),)) for cancer in cancers if cancer.icd10]
    mixed += [synthetic.Entry(cancer.name, (("icd10cm", code),)) for cancer in cancers for code in known.icd10[:1]]
    tried = (entry for entry in (own, *mixed) if concepts.is_malignancy(entry.codes, entry.text) != "no")
    return next((entry for entry in tried if concepts.matches(concept, entry.codes, entry.text) == "yes"), own)


def _event(item: Happening) -> Event:
    tense = Tense.HAS if item.end is None else Tense.HAD
    return synthetic.event(
        Term(item.concept, item.qualifiers),
        tense,
        day=item.start,
        end=item.end,
        certainty=item.certainty,
        written=item.written,
    )


def _shown(item: Happening) -> str:
    name = term_words(Term(item.concept, item.qualifiers))
    if item.certainty is Certainty.REFUTED:
        return f"no {name}"
    if item.end is None:
        return f"{name} since {item.start}"
    return f"{name} {item.start}" + (f" to {item.end}" if item.end != item.start else "")


@cache
def _primaries(index: tuple[str, ...], excluding: tuple[str, ...]) -> tuple[str, ...]:
    """Malignancies of different sites that are neither the trial's own nor excepted, the clearest first."""
    found: dict[str, list[str]] = {"yes": [], "possible": []}
    for concept in settings()["primaries"]:
        written = synthetic.entry(concept)
        excepted = any(concepts.matches(id, written.codes, written.text) != "no" for id in excluding)
        free = index_free(written, index) if index else "yes"
        if free != "no" and not excepted:
            found[free].append(concept)
    return (*found["yes"], *found["possible"])
