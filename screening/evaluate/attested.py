"""A person's answer to a criterion: it settles what the record leaves open, and never overrules the record.

An outcome with an answer as its evidence has the outcome by the record as its only child.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from screening.evaluate.chart import Chart
from screening.evaluate.context import Context
from screening.evaluate.outcome import AttestationUse, Outcome, Reason
from screening.patient.facts import Attestation, Patient
from screening.truth import Truth, truth

Judge = Callable[[Chart], Outcome]

Answers = Sequence[tuple[str | None, Attestation]]
"""Patient id, or None for every patient, and an answer: those that do not come with the record."""


def attested(judge: Judge, context: Context) -> Judge:
    """The judge of a criterion that also hears the answers given to it."""
    if context.criterion is None:
        return judge

    def judged(chart: Chart) -> Outcome:
        outcome = judge(chart)
        if not chart.patient.attestations:
            return outcome
        given = answers(chart.patient, context)
        return _joined(outcome, given) if given else outcome

    return judged


def with_answers(patient: Patient, given: Answers) -> Patient:
    """The patient with the answers that came in a file of their own."""
    own = tuple(answer for owner, answer in given if owner in (None, patient.id))
    return replace(patient, attestations=patient.attestations + own) if own else patient


def answers(patient: Patient, context: Context) -> list[Attestation]:
    """The latest answers to this criterion made by the screening date; several only if made on one day."""
    given = [
        entry
        for entry in patient.attestations
        if entry.criterion == context.criterion and entry.trial in (None, context.trial) and entry.on <= context.on
    ]
    newest = max((entry.on for entry in given), default=None)
    return [entry for entry in given if entry.on == newest]


def _joined(outcome: Outcome, given: list[Attestation]) -> Outcome:
    said = {truth(entry.answer) for entry in given}
    answer = said.pop() if len(said) == 1 else None
    agreeing = answer is not None and outcome.truth in (Truth.UNKNOWN, answer)
    evidence = tuple(AttestationUse(entry, agreeing) for entry in given)
    if answer is None or not agreeing:
        return Outcome(Truth.UNKNOWN, Reason.CONFLICTING, outcome.predicate, (outcome,), evidence)
    return Outcome(answer, None, outcome.predicate, (outcome,), evidence, outcome.recoverable)
