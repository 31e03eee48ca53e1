"""What a screening returns, as `screen --format json` prints it: pydantic models with a published JSON Schema.

The schema stands beside this file in result.schema.json (a test keeps it current).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from screening.evaluate.outcome import Reason

OutcomeWord = Literal["pass", "fail", "unknown"]
SideWord = Literal["inclusion", "exclusion", "registry"]
KindWord = Literal["data", "judgement", "advisory", "not_understood", "suggested"]
Answer = Literal["yes", "no", "unknown"]
Verdict = Literal["not_eligible", "needs_information", "potentially_eligible", "deceased"]


class _Model(BaseModel):
    """Closed and unchanging: a field that is not in the schema is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(_Model):
    """One fact that was used or considered. Values stand as recorded; *use* says what became of the fact, *result*
    whether what the criterion asks holds for it (for a fact that was not used: would hold)."""

    kind: Literal["observation", "event", "demographic", "derived", "absence", "attestation"]
    name: str
    use: str
    value: str | None = None
    unit: str | None = None
    date: str | None = None
    days_before: int | None = None
    converted: str | None = None
    reference: str | None = None
    result: Answer | None = None
    source: str = ""
    preliminary: bool = False
    inputs: tuple[Evidence, ...] = ()


class ReadingNote(_Model):
    """An unconfirmed assumption, or one reading of a choice, with the outcome the criterion would have with it."""

    code: str
    label: str
    reading: str
    outcome: OutcomeWord


class CriterionResult(_Model):
    """One criterion for one patient. *outcome* is for the trial: an exclusion passes when its text does not hold."""

    id: str
    side: SideWord
    kind: KindWord
    text: str
    outcome: OutcomeWord
    reason: Reason | None
    recoverable: bool
    explanation: str
    evidence: tuple[Evidence, ...] = ()
    assumptions: tuple[ReadingNote, ...] = ()
    cohort: str | None = None


class Missing(_Model):
    """A fact that would settle open criteria."""

    fact: str
    reason: Reason
    criteria: tuple[str, ...]


class ToAttest(_Model):
    """A judgement that a person still has to make."""

    criterion: str
    text: str


class FindingNote(_Model):
    """Something in the input that was not used, and why; *lost*: a whole row was left out."""

    message: str
    source: str
    lost: bool = False


class PatientResult(_Model):
    """One patient against one trial."""

    id: str
    verdict: Verdict
    cohorts: dict[str, Verdict] = {}
    criteria: tuple[CriterionResult, ...] = ()
    missing: tuple[Missing, ...] = ()
    to_attest: tuple[ToAttest, ...] = ()
    findings: tuple[FindingNote, ...] = ()


class Rules(_Model):
    """Which rules judged: the hash of text and reading, and whether somebody signed exactly these."""

    hash: str
    signed: bool


class ScreeningResult(_Model):
    """All patients against one trial on one date."""

    trial: str
    rules: Rules
    on: date
    program: str
    title: str = ""
    notes: tuple[str, ...] = ()
    patients: tuple[PatientResult, ...] = ()
