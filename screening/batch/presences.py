"""Presences in SQL: what each event says is judged once per signature, by the interpreter; SQL looks at the dates.

A signature says one of three things (sets of `bits`), by where its dates lie: for a window inside, outside or open;
without one the event has ended, is said to end later, or neither. Signatures that say the same of every presence share
a profile, a small integer; one grouped scan of the events gathers the bits of all presences of a patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from sqlglot import exp

from screening import concepts
from screening.batch import bits, primaries, sql
from screening.batch.events import EVER, NEVER, Events, EventSignature, Kept
from screening.batch.naming import Naming
from screening.batch.records import Records
from screening.batch.silence import UNREAD, Silence, unread
from screening.batch.sql import Sql
from screening.evaluate.chart import Match
from screening.evaluate.context import Context
from screening.evaluate.malignancy import doubtful, may_be_own, primary, site
from screening.evaluate.outcome import Scope
from screening.evaluate.presence import MALIGNANCY, OTHER_MALIGNANCY, OfPresence, current, presence
from screening.patient.facts import DateSpan, Event
from screening.predicates import Presence, Relation
from screening.truth import Truth

Says = tuple[int, int, int]
"""The bits of a signature: where the first condition of its presence holds, where the second does, and elsewhere."""


class Place(NamedTuple):
    """A presence as far as its events go: what silence means is not part of it."""

    predicate: Presence
    scope: Scope | None
    generous: Scope | None
    own: tuple[str, ...]  # the trial's index conditions, where the presence depends on them


class Profile(NamedTuple):
    """What a signature says of each presence (by its number), and the bit of its list where nobody can read it."""

    says: tuple[tuple[int, Says], ...]
    unread: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One presence: number of its column, and what judges its events."""

    at: int
    judge: OfPresence

    @property
    def by_site(self) -> bool:
        """Whether what counts depends on the other primary sites on record."""
        return self.judge.concept.rule == OTHER_MALIGNANCY

    @property
    def concept(self) -> str:
        """The concept whose records are looked at."""
        return MALIGNANCY if self.by_site else self.judge.predicate.term.concept

    @property
    def column(self) -> str:
        """The column of a patient's bits."""
        return f"e{self.at}"

    def says(self, match: Match) -> Says | None:
        """What a signature says; None where it never says anything."""
        found = primary(match) if self.by_site else match
        if found is None:
            return None
        ended, ahead, else_ = (self._bits(found, lies) for lies in self._places(found.event))
        return (ended, ahead, else_) if ended or ahead or else_ else None

    def _bits(self, match: Match, lies: Truth) -> int:
        entry = self.judge.standing(match, lies)
        if not self.by_site:
            return bits.bits_of(entry)
        index = self.judge.context.index_conditions
        entry = doubtful(entry, index)
        return bits.bits_of(entry) | (primaries.OWN if may_be_own(entry, index) else 0)

    def _places(self, event: Event) -> tuple[Truth, Truth, Truth]:
        """Whether it lies where it should: under the first condition, under the second, and elsewhere."""
        if self.judge.scope is not None:
            return Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
        if self.judge.timeless:
            return Truth.TRUE, Truth.TRUE, Truth.TRUE
        ended, ahead, neither = (self._current(event, end) for end in (_LONG_AGO, _FAR_AHEAD, None))
        return ended, ahead, neither

    def _current(self, event: Event, end: DateSpan | None) -> Truth:
        return current(replace(event, end=end), self.judge.predicate.term.concept, self.judge.context.on)

    def conditions(self) -> tuple[Sql, Sql]:
        """The two conditions on the dates of an event."""
        scope, generous, window = self.judge.scope, self.judge.generous, self.judge.predicate.window
        if window is None or scope is None:
            return self._ended()
        inside, outside = _inside(window.relation, scope), _outside(window.relation, scope)
        if generous is None:
            return inside, outside
        return (
            sql.every(inside, _inside(window.relation, generous)),
            sql.every(outside, _outside(window.relation, generous)),
        )

    def _ended(self) -> tuple[Sql, Sql]:
        """Whether the event is over by the screening date; whether an end is recorded that lies ahead."""
        on = sql.day(self.judge.context.on)
        first, last = sql.col("end_first"), sql.col("end_last")
        over = sql.every(exp.LTE(this=first, expression=on), exp.LT(this=last, expression=on.copy()))
        return over, exp.GT(this=first.copy(), expression=on.copy())


_LONG_AGO, _FAR_AHEAD = DateSpan(EVER, EVER), DateSpan(NEVER, NEVER)


def _inside(relation: Relation, scope: Scope) -> Sql:
    """Surely inside: `screening.evaluate.periods.placed` in SQL."""
    if relation is not Relation.WITHIN:
        return exp.LTE(this=sql.col("over_last"), expression=sql.day(scope.latest))
    begun = exp.LTE(this=sql.col("begun_last"), expression=sql.day(scope.latest))
    if scope.earliest is None:
        return begun
    return sql.every(begun, exp.GTE(this=sql.col("over_first"), expression=sql.day(scope.earliest)))


def _outside(relation: Relation, scope: Scope) -> Sql:
    """Surely outside."""
    if relation is not Relation.WITHIN:
        return exp.GT(this=sql.col("over_first"), expression=sql.day(scope.latest))
    later = exp.GT(this=sql.col("begun_first"), expression=sql.day(scope.latest))
    if scope.earliest is None:
        return later
    return sql.some(later, exp.LT(this=sql.col("over_last"), expression=sql.day(scope.earliest)))


@dataclass(slots=True)
class Presences:
    """The presences that the trials of a block ask for, and the columns that answer them."""

    asked: dict[Place, Asked] = field(default_factory=dict)
    silence: Silence = field(default_factory=Silence)

    def code(self, predicate: Presence, context: Context, records: Records) -> Sql:
        """The code of a presence, read from the columns of a patient."""
        judge = presence(predicate, context)
        own = context.index_conditions if judge.concept.rule == OTHER_MALIGNANCY else ()
        place = Place(predicate, judge.scope, judge.generous, own)
        asked = self.asked.setdefault(place, Asked(len(self.asked), judge))
        silent = self.silence.code(judge.lists, context.assume_absent, records)
        said = bits.code(sql.col(asked.column), silent, contradictable=not asked.by_site)
        if judge.other_sex is None:
            return said
        other = exp.EQ(this=sql.col("sex"), expression=sql.text(judge.other_sex))
        return sql.case((other, sql.num(0)), default=said)

    def tables(self, records: Records) -> Iterator[exp.Select]:
        """SELECT patient_id and the columns of the presences, of the patients that have something there."""
        if self.asked:
            yield self._gathered(Events(records))
        if self.silence.asked and records.has("complete"):
            yield self.silence.complete()

    def _nobody(self, columns: Sequence[str]) -> exp.Select:
        """The columns, of no patient."""
        empty = [sql.named(sql.cast(exp.null(), "TINYINT"), name) for name in columns]
        return exp.select(sql.col("patient_id"), *empty).from_("patients").where(exp.false())

    def _gathered(self, events: Events) -> exp.Select:
        """The bits of each presence, by one scan of the events."""
        known = self._profiles(events)
        profiles = sorted(set(known.values()))
        number = {profile: at for at, profile in enumerate(profiles)}
        sites = self._sites(known)
        kept = [Kept(item, number[profile], sites.get(item)) for item, profile in known.items()]
        rows = events.kept(kept, self._on)
        if rows is None:
            return self._nobody([*(asked.column for asked in self.asked.values()), UNREAD])
        return self._grouped(rows, profiles)

    @property
    def _on(self) -> date:
        return next(iter(self.asked.values())).judge.context.on

    def _profiles(self, events: Events) -> dict[EventSignature, Profile]:
        """What every signature says that says anything."""
        found: dict[EventSignature, Profile] = {}
        naming = Naming(frozenset(one.concept for one in self.asked.values()))
        for words, alike in events.by_words().items():
            verdicts = naming.of(words)
            strange = self.silence.asked and not naming.recognised(words)
            if not (verdicts or strange):
                continue
            asked = [one for one in self.asked.values() if one.concept in verdicts]
            for item in alike:
                event = item.event()
                said = [(one, one.says(Match(event, verdicts[one.concept] == "yes"))) for one in asked]
                says = tuple((one.at, held) for one, held in said if held)
                profile = Profile(says, unread(event) if strange else 0)
                if profile.says or profile.unread:
                    found[item] = profile
        return found

    def _sites(self, known: Iterable[EventSignature]) -> dict[EventSignature, int]:
        """The primary sites, numbered, where a presence depends on them."""
        if not self._by_site:
            return {}
        named = {item: site(event) for item in known if _is_primary(event := item.event())}
        number = {name: at for at, name in enumerate(sorted(set(named.values())))}
        return {item: number[name] for item, name in named.items()}

    @property
    def _by_site(self) -> bool:
        return any(one.by_site for one in self.asked.values())

    def _grouped(self, rows: exp.Query, profiles: Sequence[Profile]) -> exp.Select:
        """One row a patient; by way of one row a patient and primary site, where a presence depends on those."""
        held = {one.column: bits.gathered(self._of_row(one, profiles)) for one in self.asked.values()}
        held[UNREAD] = bits.gathered(_unread(profiles))
        patient, place = sql.col("patient_id"), sql.col("site")
        if not self._by_site:
            columns = [sql.named(_small(value), name) for name, value in held.items()]
            return _one_each([patient], columns, rows, "events")
        columns = [sql.named(value, name) for name, value in held.items()]
        sites = _one_each([patient, place], columns, rows, "events")
        by_site = {one.column for one in self.asked.values() if one.by_site}
        joined = [
            sql.named(_small((primaries.joined if name in by_site else bits.gathered)(sql.col(name))), name)
            for name in held
        ]
        return _one_each([patient], joined, sites, "sites")

    def _of_row(self, one: Asked, profiles: Sequence[Profile]) -> Sql:
        """What an event says of one presence, by its profile and its dates."""
        alike: dict[Says, list[int]] = {}
        for number, profile in enumerate(profiles):
            for at, says in profile.says:
                if at == one.at:
                    alike.setdefault(says, []).append(number)
        first, second = one.conditions()
        branches = [
            (sql.among(sql.col("profile"), numbers), _where(says, first, second)) for says, numbers in alike.items()
        ]
        return sql.case(*branches, default=sql.num(0))


def _is_primary(event: Event) -> bool:
    sure = concepts.matches(MALIGNANCY, event.codes, event.text)
    return sure != "no" and primary(Match(event, sure == "yes")) is not None


def _where(says: Says, first: Sql, second: Sql) -> Sql:
    """The bits of a signature by the dates of an event."""
    one, other, else_ = (sql.num(held) for held in says)
    if len(set(says)) == 1:
        return one
    return sql.case((first.copy(), one), (second.copy(), other), default=else_)


def _one_each(keys: Sequence[Sql], columns: Sequence[Sql], rows: exp.Query, name: str) -> exp.Select:
    """SELECT the keys and aggregates of each group; the parts are taken over as they are, for they can be large."""
    inner = rows.subquery(name, copy=False)
    found = exp.select(*(key.copy() for key in keys), *columns, copy=False).from_(inner, copy=False)
    return found.group_by(*(key.copy() for key in keys), copy=False)


def _unread(profiles: Sequence[Profile]) -> Sql:
    lists = sorted({profile.unread for profile in profiles} - {0})
    branches = [
        (sql.among(sql.col("profile"), (at for at, held in enumerate(profiles) if held.unread == bit)), sql.num(bit))
        for bit in lists
    ]
    return sql.case(*branches, default=sql.num(0))


def _small(held: Sql) -> Sql:
    return sql.cast(held, "TINYINT")
