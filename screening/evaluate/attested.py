"""A person's answer to a criterion: it settles what the record leaves open, and never overrules the record."""

from __future__ import annotations

from collections.abc import Callable

from screening.evaluate.chart import Chart
from screening.evaluate.context import Context
from screening.evaluate.outcome import AttestationUse, Outcome, Reason
from screening.patient.facts import Attestation, Patient
from screening.truth import Truth, truth

Judge = Callable[[Chart], Outcome]


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
    if answer is None or (outcome.truth is not Truth.UNKNOWN and outcome.truth is not answer):
        evidence = (*outcome.evidence, *(AttestationUse(entry, False) for entry in given))
        return outcome._replace(truth=Truth.UNKNOWN, reason=Reason.CONFLICTING, evidence=evidence, recoverable=True)
    evidence = (*outcome.evidence, *(AttestationUse(entry, True) for entry in given))
    return outcome._replace(truth=answer, reason=None, evidence=evidence, recoverable=outcome.recoverable)
