"""Which small changes of a rule file its boundary cases would catch, and which of the others change nothing, proved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from screening.boundaries import Answer, Group, cases, default_day
from screening.boundaries.engine import worded
from screening.boundaries.happenings import is_lasting
from screening.boundaries.settings import anchors
from screening.evaluate.chart import Chart
from screening.evaluate.combine import Judge
from screening.evaluate.context import Context
from screening.evaluate.interpreter import prepare
from screening.explain.phrases import phrase, variable_name
from screening.predicates import (
    Always,
    Assumption,
    Choice,
    Judgement,
    Not,
    NotUnderstood,
    Predicate,
    Presence,
    Reading,
    Tense,
    children,
    rebuilt,
)
from screening.proofs import Facet, Held, Number, Proof, Said, Told, equivalent
from screening.ruleset.decisions import decided, resolve
from screening.ruleset.model import Rule, RuleSet
from screening.testing.mutate import Change, mutants

MANY = 12
"""Facets that are named in a proof before the rest is counted."""


class Mutant(NamedTuple):
    """One change: the case that catches it, or the proof that it changes nothing, or neither."""

    criterion: str
    what: str
    predicate: Predicate
    caught_by: str | None = None
    proof: str | None = None

    @property
    def survives(self) -> bool:
        """Whether nothing catches it and nothing proves that there is nothing to catch."""
        return self.caught_by is None and self.proof is None


@dataclass(frozen=True, slots=True)
class Mutation:
    """All changes of a rule file."""

    trial: str
    mutants: tuple[Mutant, ...]

    @property
    def caught(self) -> tuple[Mutant, ...]:
        """Those that some boundary case shows."""
        return tuple(item for item in self.mutants if item.caught_by is not None)

    @property
    def equivalent(self) -> tuple[Mutant, ...]:
        """Those that are proved to mean the same."""
        return tuple(item for item in self.mutants if item.proof is not None)

    @property
    def survivors(self) -> tuple[Mutant, ...]:
        """Those that no case shows, and that are not proved to mean the same."""
        return tuple(item for item in self.mutants if item.survives)


def mutation(rules: RuleSet, on: date | None = None) -> Mutation:
    """Every change of every criterion, tried on its boundary cases."""
    day = on or default_day()
    by_rule: dict[str, list[_Tried]] = {}
    for group in cases(rules, day):
        by_rule.setdefault(group.rule.id, []).append(_Tried(group, rules, day))
    settled = {rule.id: rule for rule in resolve(rules).rules}
    found = (mutant for id, groups in by_rule.items() for mutant in _of_rule(settled[id], groups))
    return Mutation(rules.trial, tuple(found))


class _Tried:
    """The cases of one reading, each with its patient's chart, ready for any number of mutants."""

    def __init__(self, group: Group, rules: RuleSet, on: date) -> None:
        self.group = group
        self._index = rules.index_conditions
        self._trial = rules.trial
        self._anchors = {day: anchors([group.rule.predicate], day) for day in {on, *(c.on for c in group.cases)}}
        self._charts = [(case, Chart(case.patient)) for case in group.cases]

    def read(self, predicate: Predicate, text: str) -> Predicate:
        """A mutant under this reading."""
        answers = dict(self.group.reading.answers)
        return decided(predicate, answers, text) if answers else predicate

    def catching(self, rule: Rule, predicate: Predicate) -> str | None:
        """The first case that has another outcome."""
        read = self.read(predicate, rule.text)
        judges: dict[date, Judge] = {}
        for case, chart in self._charts:
            if case.on not in judges:
                judges[case.on] = prepare(read, self._context(case.on))
            outcome = judges[case.on](chart)
            if self._worded(rule, read, outcome.truth, outcome.reason) != case.expected:
                return case.id
        return None

    def _worded(self, rule: Rule, read: Predicate, *said: object) -> Answer:
        held = Rule(rule.id, rule.side, rule.kind, rule.text, read)
        return worded(held, *said)  # type: ignore[arg-type]

    def _context(self, on: date) -> Context:
        return Context(on, anchors=self._anchors[on], index_conditions=self._index, side=self.group.rule.side)


def _of_rule(rule: Rule, groups: list[_Tried]) -> Iterator[Mutant]:
    for change in mutants(rule.predicate):
        caught = (group.catching(rule, change.predicate) for group in groups)
        case = next((found for found in caught if found is not None), None)
        proof = None if case else _proof(rule, change, groups)
        yield Mutant(rule.id, change.what, change.predicate, case, proof)


def _proof(rule: Rule, change: Change, groups: list[_Tried]) -> str | None:
    """That the change means the same under every reading; None where that is not so, or could not be shown."""
    proofs = []
    for group in groups:
        first, second = (group.read(predicate, rule.text) for predicate in (rule.predicate, change.predicate))
        proof = equivalent(on_record(first), on_record(second))
        if not proof.holds:
            return None
        proofs.append(proof)
    return _told(proofs)


def on_record(predicate: Predicate) -> Predicate:
    """A criterion as the record alone decides it, in one form for what is the same.

    Judgements, text that was not understood and unconfirmed readings are open whatever is on record. A window asks for
    what was, whatever the tense; and what lasts (a procedure undergone, a lifelong condition) is had once it was.
    """
    match predicate:
        case Judgement() | NotUnderstood() | Assumption():
            return OPEN
        case Presence(term=term, window=window) if window is not None or is_lasting(term.concept):
            return replace(predicate, tense=Tense.HAD)
    return rebuilt(predicate, tuple(map(on_record, children(predicate))))


OPEN = Choice("open", "open", (Reading("yes", Always()), Reading("no", Not(Always()))))
"""UNKNOWN for everybody: readings of which one always holds, the other never."""


def _told(proofs: list[Proof]) -> str:
    names = list(dict.fromkeys(_named(facet) for proof in proofs for facet in proof.facets))
    total = sum(proof.combinations for proof in proofs)
    readings = f" under {len(proofs)} readings" if len(proofs) > 1 else ""
    if not names:
        return f"open whatever is on record{readings}"
    more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
    return f"the same in all {total} combinations of states of {', '.join(names[:MANY])}{more}{readings}"


def _named(facet: Facet) -> str:
    match facet:
        case Number(axis=axis):
            scale = "" if axis.scale in ("absolute", "months", "days") else f" / {axis.scale}"
            return f"{variable_name(axis.variable)}{scale}"
        case Told(variable=variable):
            return variable if variable == "sex" else variable_name(variable)
        case Held(atom):
            return phrase(atom)
        case Said(words=words):
            return words if isinstance(words, str) else phrase(words)
