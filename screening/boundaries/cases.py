"""The boundary cases of a rule file, in the order of its criteria; always the same for the same rules and date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from screening import synthetic
from screening.boundaries.engine import Answer, worded
from screening.boundaries.logic import Slots, plainly, said
from screening.boundaries.probes import Key, Plan, Probe, Slot
from screening.boundaries.readings import ReadAs, readings
from screening.boundaries.settings import Frame, anchors, default_day
from screening.boundaries.slots import asks, leaves, paths, slots
from screening.boundaries.ways import Ways
from screening.explain.phrases import phrase
from screening.patient.facts import Patient
from screening.predicates import Predicate
from screening.predicates.meaning import neutral
from screening.ruleset.decisions import resolve
from screening.ruleset.model import Rule, RuleSet

__all__ = ["Case", "Group", "cases", "default_day"]


@dataclass(frozen=True, slots=True)
class Case:
    """One made-up patient, what is tried on whom, and the outcome the criterion must have."""

    id: str
    criterion: str
    reading: str  # "" where the criterion has nothing open
    subject: str  # the variable or concept that is tried
    probe: Probe = field(repr=False)
    given: str  # the rest of the patient, as far as it bears on the criterion
    patient: Patient = field(repr=False)
    on: date
    expected: Answer


@dataclass(frozen=True, slots=True)
class Group:
    """The cases of one criterion under one reading. *rules* hold that criterion alone, as read."""

    rule: Rule
    reading: ReadAs
    rules: RuleSet = field(repr=False)
    cases: tuple[Case, ...] = field(repr=False)
    untried: tuple[str, ...] = ()  # what of it no case could be made for


def cases(rules: RuleSet, on: date | None = None) -> tuple[Group, ...]:
    """The cases of every criterion under every reading."""
    day = on or default_day()
    settled = resolve(rules)
    return tuple(
        group for rule in settled.rules for group in _groups(settled, rule, day) if not neutral(rule.predicate)
    )


def _groups(rules: RuleSet, rule: Rule, on: date) -> Iterator[Group]:
    number = 0
    for read in readings(rule.predicate, rule.text):
        alone = replace(rule, predicate=read.predicate)
        own = RuleSet(rules.trial, rules.title, (alone,), index_conditions=rules.index_conditions)
        frame = Frame(on, rules.index_conditions, anchors([read.predicate], on))
        made, untried = _Making(alone, read, frame, number).cases()
        number += len(made)
        yield Group(alone, read, own, made, untried)


@dataclass
class _Making:
    rule: Rule
    read: ReadAs
    frame: Frame
    number: int

    def cases(self) -> tuple[tuple[Case, ...], tuple[str, ...]]:
        predicate = plainly(self.read.predicate)
        found = slots(predicate, self.frame)
        untried = [phrase(part) for part in leaves(predicate) if asks(part) and part not in found]
        made = [case for slot in _distinct(found) for case in self._of_slot(predicate, slot, found, untried)]
        return tuple(made), tuple(untried)

    def _of_slot(self, predicate: Predicate, slot: Slot, known: Slots, untried: list[str]) -> Iterator[Case]:
        probes = slot.probes()
        if not any(probe.kind in ("limit", "level", "event") for probe in probes):
            untried.append(slot.title)
        for number, plan in enumerate(self._backgrounds(predicate, slot, known)):
            for probe in probes:
                if probe.on is None and (probe.core or not number):
                    yield self._case(predicate, slot, {**plan, slot.key: probe}, known)
        for probe in probes:
            if probe.on is not None:
                yield self._on_another_day(predicate, slot, probe, probe.on)

    def _on_another_day(self, predicate: Predicate, slot: Slot, probe: Probe, on: date) -> Case:
        """A probe with a screening date of its own: the rest of the patient is made for that date."""
        known = slots(predicate, replace(self.frame, on=on, anchors=anchors([predicate], on)))
        plan = self._backgrounds(predicate, next(s for s in known.values() if s.key == slot.key), known)[0]
        return self._case(predicate, slot, {**plan, slot.key: probe}, known)

    def _backgrounds(self, predicate: Predicate, slot: Slot, known: Slots) -> list[Plan]:
        """Those under which the slot decides, then those that show that it does not; each once."""
        ways = Ways(known, slot.key)
        places = [path for path, part in paths(predicate) if known.get(part) is slot]
        found: dict[tuple[tuple[Key, Probe], ...], Plan] = {}
        for path in places:
            for plan in ways.backgrounds(predicate, path):
                found.setdefault(tuple(sorted(plan.items(), key=lambda item: item[0])), plan)
        return list(found.values()) or [{}]

    def _case(self, predicate: Predicate, slot: Slot, plan: Plan, known: Slots) -> Case:
        self.number += 1
        probe = plan[slot.key]
        expected = worded(self.rule, *said(predicate, plan, known))
        name = f"{self.rule.id}-{self.number:03d}"
        rest = [state.brief for key, state in plan.items() if key != slot.key]
        person = _patient(name, plan)
        day = probe.on or self.frame.on
        return Case(name, self.rule.id, self.read.name, slot.title, probe, "; ".join(rest), person, day, expected)


def _distinct(known: Slots) -> list[Slot]:
    return list({slot.key: slot for slot in known.values()}.values())


def _patient(name: str, plan: Plan) -> Patient:
    """The patient that a plan describes; what the age says stands before what a formula would like."""
    ranked = sorted(plan.items(), key=lambda item: item[0] not in ((("age",)), ("sex",)))
    probes = [probe for _, probe in ranked]
    births = [probe.birth for key, probe in ranked if probe.birth is not None or key == ("age",)]
    sexes = [probe.sex for key, probe in ranked if probe.sex is not None or key == ("sex",)]
    facts = [fact for _, probe in plan.items() for fact in probe.facts]
    complete = frozenset(kind for probe in probes for kind in probe.complete)
    return synthetic.patient(
        name,
        *dict.fromkeys(facts),
        birth_date=births[0] if births else None,
        sex=sexes[0] if sexes else None,
        complete=complete,
    )
