"""The rules and the store behind a result, checked to be those it was made with, to decide some of it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from screening.batch.about import answers_hash, asked_with
from screening.evaluate.attested import Answers, with_answers
from screening.evaluate.context import Context
from screening.lists.problems import ListError
from screening.lists.results import Results
from screening.patient.facts import Patient
from screening.ruleset import resolve, rules_hash
from screening.ruleset.model import RuleSet
from screening.store.reading import Store, read_store

CHUNK = 2_000
"""Patients fetched from a store at a time."""


@dataclass(frozen=True)
class Source:
    """What a result came from. *store* is needed only where patients are decided again; *answers* of people, if the
    batch had them in a file of their own, too. *readable*: where to read instead, if the store is damaged."""

    results: Results
    rules: RuleSet
    store: str | None = None
    answers: Answers = ()
    readable: str | None = None

    def __post_init__(self) -> None:
        """Refuses other rules, another store and other answers than those of the result."""
        self._check_rules()
        if self.store is not None:
            self._check_store(self.store)
        self._check_answers()

    def _check_store(self, path: str) -> None:
        held = self.results.described.get("store")
        if held is not None and held != Store.at(path).fingerprint:
            raise ListError(
                f"{path}: not the store that {self.results.path} was made from, or it has changed since."
                " Give that store, or run screening batch again."
            )

    def _check_answers(self) -> None:
        held, given = self.results.described.get("answers"), answers_hash(self.answers)
        if given == held or (given is None and self.store is None):
            return
        if given is None:
            raise ListError(f"{self.results.path}: made with answers of people. Give the same file with --attest FILE.")
        raise ListError(
            f"{self.results.path}: made {'without' if held is None else 'with other'} answers of people."
            f" {'Leave out --attest' if held is None else 'Give the same file'}, or run screening batch again."
        )

    def _check_rules(self) -> None:
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
        asked = asked_with(self.results.described, self.on)
        return replace(asked, index_conditions=self.rules.index_conditions, trial=self.rules.trial)

    def patients(self, ids: Sequence[object]) -> Iterator[Patient]:
        """These patients of the store, in its order, a chunk of them at a time."""
        store = self.needed_store()
        names = [str(id) for id in ids]
        for start in range(0, len(names), CHUNK):
            for patient in read_store(store, names[start : start + CHUNK]):
                yield with_answers(patient, self.answers)

    def differs(self, people: int) -> ListError:
        """What to say where a store does not bear out its result; a list of both would be of neither."""
        return ListError(
            f"{self.store}: its records say something else of {people} patients than {self.results.path}."
            " Give the store that it was made from, or run screening batch again."
        )

    def needed_store(self) -> str:
        """The store; what asks for it cannot go without."""
        if self.store is None:
            raise ListError(
                f"{self.results.path}: this list looks into the patients' records. Give them with --store STORE."
            )
        return self.readable or self.store
