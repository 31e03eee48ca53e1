"""The rules and the store behind a result, checked to be those it was made with, to decide some of it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from screening.evaluate.context import Context
from screening.lists.problems import ListError
from screening.lists.results import Results
from screening.patient.facts import EventKind, Patient
from screening.ruleset import resolve, rules_hash
from screening.ruleset.model import RuleSet
from screening.store.reading import read_store

CHUNK = 2_000
"""Patients fetched from a store at a time."""


@dataclass(frozen=True)
class Source:
    """What a result came from. *store* is needed only where patients are decided again."""

    results: Results
    rules: RuleSet
    store: str | None = None

    def __post_init__(self) -> None:
        """Refuses other rules than those of the result."""
        held, given = self.results.about.rules, rules_hash(self.rules)
        if self.rules.trial != self.results.about.trial:
            raise ListError(
                f"{self.results.path}: the rules are of {self.rules.trial}, the result of {self.results.about.trial}."
                " Give the rules of this trial."
            )
        if held != given:
            raise ListError(
                f"{self.results.path}: made with the rules {held}, and those given are {given}."
                " Give the same rules, or run screening batch again."
            )

    @cached_property
    def undecided(self) -> RuleSet:
        """The rules of the cohort in question, as the rule file has them."""
        cohort = self.results.about.cohort
        return replace(self.rules, rules=tuple(rule for rule in self.rules.rules if rule.cohort in (None, cohort)))

    @cached_property
    def decided(self) -> RuleSet:
        """The same with their reviewer's decisions."""
        return resolve(self.undecided)

    @cached_property
    def on(self) -> date:
        """The screening date."""
        try:
            return date.fromisoformat(self.results.about.on)
        except ValueError:
            raise ListError(
                f"{self.results.path}: it does not say for which date. Run screening batch again."
            ) from None

    @cached_property
    def context(self) -> Context:
        """The options of the batch."""
        options: dict[str, Any] = self.results.options
        return Context(
            self.on,
            options.get("max_age"),
            frozenset(map(EventKind, options.get("assume_absent", ()))),
            {name: date.fromisoformat(on) for name, on in options.get("anchors", {}).items()},
            compute=frozenset(options.get("compute", ())),
            index_conditions=self.rules.index_conditions,
            trial=self.rules.trial,
        )

    def patients(self, ids: Sequence[object]) -> Iterator[Patient]:
        """These patients of the store, in its order, a chunk of them at a time."""
        store = self.needed_store()
        names = [str(id) for id in ids]
        for start in range(0, len(names), CHUNK):
            yield from read_store(store, names[start : start + CHUNK])

    def needed_store(self) -> str:
        """The store; what asks for it cannot go without."""
        if self.store is None:
            raise ListError(
                f"{self.results.path}: this list looks into the patients' records. Give them with --store STORE."
            )
        return self.store
