"""Screening patients against one trial: each criterion explained, each patient with a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple, TypedDict, Unpack

import screening
from screening.evaluate.attested import attested, with_answers
from screening.evaluate.chart import Chart
from screening.evaluate.combine import Judge
from screening.evaluate.context import BookRange, Context
from screening.evaluate.interpreter import prepare
from screening.evaluate.outcome import FAILS, HOLDS, OPEN, Outcome, Said, said
from screening.evaluate.quick import Quick, quick
from screening.explain.evidence import evidence
from screening.explain.findings import missing, to_attest
from screening.explain.readings import Variant, notes, variants
from screening.explain.result import (
    CriterionResult,
    FindingNote,
    KindWord,
    PatientResult,
    Rules,
    ScreeningResult,
    SideWord,
    Verdict,
)
from screening.explain.sentences import explain
from screening.explain.verdict import Judged, best, outcome_word, verdict
from screening.patient.facts import Attestation, EventKind, Patient
from screening.predicates import neutral
from screening.ruleset import is_signed, resolve, rules_hash
from screening.ruleset.identity import Same
from screening.ruleset.model import Rule, RuleSet
from screening.sections.model import Side

RECRUITING = frozenset({"recruiting", "enrolling by invitation", "enrolling_by_invitation", "not yet recruiting"})


class PatientVerdict(NamedTuple):
    """One patient, without explanations."""

    id: str
    verdict: Verdict
    cohorts: Mapping[str, Verdict]
    criteria: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """One rule with its judges: by the record alone, with a person's answers, and without evidence."""

    rule: Rule
    judge: Judge
    attested: Judge
    side: SideWord
    kind: KindWord
    variants: tuple[Variant, ...]
    quick: Quick
    words: Mapping[Said, Judged]  # every answer as the trial takes it


class Screener:
    """A trial compiled for one screening date and one set of options, ready for any number of patients."""

    def __init__(self, rules: RuleSet, context: Context) -> None:
        """Compiles every criterion as decided by its reviewer."""
        self._context = replace(context, index_conditions=context.index_conditions or rules.index_conditions)
        self._rules = tuple(self._compiled(rules.trial, rule) for rule in resolve(rules).rules)
        self._cohorts = tuple(dict.fromkeys(rule.rule.cohort for rule in self._rules if rule.rule.cohort))

    def _compiled(self, trial: str, rule: Rule) -> _Compiled:
        context = replace(self._context, trial=trial, criterion=rule.id, side=rule.side)
        plain = neutral(rule.predicate)
        bare = prepare(rule.predicate, replace(context, criterion=None))
        return _Compiled(
            rule,
            bare,
            attested(bare, context),
            rule.side.value,
            rule.kind.value,
            variants(rule, context),
            quick(rule.predicate, context),
            {answer: _word(rule, answer, plain) for answer in (HOLDS, FAILS, *OPEN.values())},
        )

    def judge(self, patient: Patient) -> PatientVerdict:
        """Verdict and outcomes only."""
        if patient.deceased:
            return PatientVerdict(patient.id, "deceased", {}, ())
        chart = Chart(patient)
        if patient.attestations:
            judged = [rule.words[said(rule.attested(chart))] for rule in self._rules]
        else:
            judged = [rule.words[rule.quick(chart)] for rule in self._rules]
        return self._verdict(patient, judged)

    def _outcomes(self, chart: Chart) -> list[Outcome]:
        """Each criterion's outcome; answers of a person are asked for only where the patient has some."""
        if chart.patient.attestations:
            return [rule.attested(chart) for rule in self._rules]
        return [rule.judge(chart) for rule in self._rules]

    def _verdict(self, patient: Patient, judged: list[Judged]) -> PatientVerdict:
        cohorts = {name: self._of_cohort(name, judged) for name in self._cohorts}
        overall = best(cohorts.values()) if cohorts else verdict(judged)
        return PatientVerdict(patient.id, overall, cohorts, tuple(judged))

    def _of_cohort(self, cohort: str, judged: list[Judged]) -> Verdict:
        """Shared criteria apply to each cohort."""
        paired = zip(self._rules, judged, strict=True)
        return verdict(entry for rule, entry in paired if rule.rule.cohort in (None, cohort))

    def explain(self, patient: Patient) -> PatientResult:
        """Everything about one patient."""
        findings = tuple(FindingNote(message=f.message, source=f.source, lost=f.lost) for f in patient.findings)
        if patient.deceased:
            return PatientResult(id=patient.id, verdict="deceased", findings=findings)
        chart = Chart(patient)
        outcomes = self._outcomes(chart)
        judged = [rule.words[said(outcome)] for rule, outcome in zip(self._rules, outcomes, strict=True)]
        result = self._verdict(patient, judged)
        undecided = [
            (entry.id, outcome) for entry, outcome in zip(judged, outcomes, strict=True) if entry.outcome == "unknown"
        ]
        explained = zip(self._rules, outcomes, judged, strict=True)
        return PatientResult(
            id=patient.id,
            verdict=result.verdict,
            cohorts=dict(result.cohorts),
            criteria=tuple(self._criterion(chart, *entry) for entry in explained),
            missing=missing(undecided),
            to_attest=to_attest(undecided),
            findings=findings,
        )

    def _criterion(self, chart: Chart, compiled: _Compiled, outcome: Outcome, judged: Judged) -> CriterionResult:
        rule = compiled.rule
        return CriterionResult(
            id=rule.id,
            side=compiled.side,
            kind=compiled.kind,
            text=rule.text,
            outcome=judged.outcome,
            reason=judged.reason,
            recoverable=outcome.recoverable and judged.outcome != "pass",
            explanation=explain(outcome, self._context.on) + _meaning(rule, judged),
            evidence=evidence(outcome, self._context.on),
            assumptions=notes(compiled.variants, chart, rule.side),
            cohort=rule.cohort,
        )


def _word(rule: Rule, answer: Said, neutral: bool) -> Judged:
    truth, reason = answer
    word = outcome_word(rule.side, truth, neutral)
    return Judged(rule.id, word, reason if word == "unknown" else None)


def _meaning(rule: Rule, judged: Judged) -> str:
    """What the answer means under an exclusion, where "yes" is bad news."""
    if rule.side is not Side.EXCLUSION or judged.outcome == "unknown":
        return ""
    return "; excluded" if judged.outcome == "fail" else "; not excluded"


class Options(TypedDict, total=False):
    """What a user may set beside rules, patients and date.

    *max_age*: days, or "none" for any age; *assume_absent*: lists whose silence counts as absence; *ranges*: a
    laboratory's range book; *anchors*: dates of the events a text counts from; *compute*: formulas that may stand in
    for values that are not reported.
    """

    max_age: int | Literal["none"] | None
    assume_absent: Iterable[EventKind]
    ranges: Iterable[BookRange]
    anchors: Mapping[str, date]
    compute: Iterable[str]


def screen(
    rules: RuleSet,
    patients: Iterable[Patient] | Patient,
    on: date,
    *,
    attestations: Iterable[tuple[str | None, Attestation]] = (),
    **options: Unpack[Options],
) -> ScreeningResult:
    """Screen one or many patients against a trial as of the date *on*, with every criterion explained.

    *attestations*: (patient id, answer) beside those in the records, an id of None being for every patient; for the
    other options see `Options`.
    """
    screener = _screener(Same(rules), on, _frozen(options))
    given = tuple(attestations)
    people = [patients] if isinstance(patients, Patient) else patients
    return ScreeningResult(
        trial=rules.trial,
        rules=_provenance(Same(rules)),
        on=on,
        program=f"screening {screening.__version__}",
        title=rules.title,
        notes=_notes(rules),
        patients=tuple(screener.explain(with_answers(patient, given)) for patient in people),
    )


def judge(
    rules: RuleSet, patients: Iterable[Patient], on: date, **options: Unpack[Options]
) -> Iterator[PatientVerdict]:
    """Verdicts and outcomes without explanations, several times as fast as `screen`."""
    return map(_screener(Same(rules), on, _frozen(options)).judge, patients)


class _Frozen(NamedTuple):
    """Options that can be remembered."""

    max_age: int | Literal["none"] | None
    assume_absent: frozenset[EventKind]
    ranges: tuple[BookRange, ...]
    anchors: tuple[tuple[str, date], ...]
    compute: frozenset[str]


def _frozen(options: Options) -> _Frozen:
    return _Frozen(
        options.get("max_age"),
        frozenset(options.get("assume_absent", ())),
        tuple(options.get("ranges", ())),
        tuple(sorted(options.get("anchors", {}).items())),
        frozenset(options.get("compute", ())),
    )


@lru_cache(maxsize=16)
def _screener(same: Same, on: date, options: _Frozen) -> Screener:
    """Compiled once, also for who screens one patient a call."""
    return Screener(same.rules, Context(on, **{**options._asdict(), "anchors": dict(options.anchors)}))


@lru_cache(maxsize=16)
def _provenance(same: Same) -> Rules:
    return Rules(hash=rules_hash(same.rules), signed=is_signed(same.rules))


def _notes(rules: RuleSet) -> tuple[str, ...]:
    """What must be said on top."""
    if rules.status is None or rules.status.casefold() in RECRUITING:
        return ()
    return (f"The registry gives this trial's status as “{rules.status}”: it may not be recruiting.",)
