"""What a batch reports of itself: counts per criterion and verdict; the rows are in the file it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from screening.batch.lost import Lost
from screening.patient.facts import EventKind


@dataclass(frozen=True, slots=True)
class CriterionCounts:
    """How many living patients pass, fail or are undecided; *refused* says why SQL was not asked."""

    id: str
    text: str
    passed: int
    failed: int
    unknown: int
    refused: str | None = None

    def json(self) -> dict[str, Any]:
        """Its part of the JSON output."""
        held = {"id": self.id, "text": self.text, "pass": self.passed, "fail": self.failed, "unknown": self.unknown}
        return held | ({"interpreter_only": self.refused} if self.refused else {})


@dataclass(frozen=True, slots=True)
class TrialCounts:
    """One trial's counts. *asked*: cells that SQL left to the interpreter."""

    trial: str
    criteria: tuple[CriterionCounts, ...]
    verdicts: Mapping[str, int]
    asked: int = 0

    def json(self) -> dict[str, Any]:
        """Its part of the JSON output."""
        return {
            "trial": self.trial,
            "criteria": [item.json() for item in self.criteria],
            "verdicts": dict(self.verdicts),
            "asked": self.asked,
        }


@dataclass(frozen=True, slots=True)
class BatchResult:
    """A whole run. *engine_seconds*: reading the store and deciding; *writing_seconds*: the result file. *unsure*:
    lists whose silence was to be absence and is not, since rows of them are lost."""

    engine: str
    engine_seconds: float
    writing_seconds: float
    patients: int
    trials: tuple[TrialCounts, ...]
    program: str
    on: str
    rules: Mapping[str, str]
    lost: Lost = field(default_factory=Lost)
    unsure: frozenset[EventKind] = frozenset()

    def json(self) -> dict[str, Any]:
        """The JSON output of `screening batch`."""
        return {
            "engine": self.engine,
            "engine_seconds": round(self.engine_seconds, 3),
            "writing_seconds": round(self.writing_seconds, 3),
            "patients": self.patients,
            "rows_lost": self.lost.count,
            "program": self.program,
            "on": self.on,
            "rules": dict(self.rules),
            "trials": [trial.json() for trial in self.trials],
        }

    def lines(self) -> Iterator[str]:
        """The text output of `screening batch`."""
        yield f"{self.program}, on {self.on}: {self.patients} patients, {self.engine} {self.engine_seconds:.1f} s"
        for trial in self.trials:
            yield ""
            yield f"{trial.trial}  rules {self.rules[trial.trial][:12]}"
            yield "  " + ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in trial.verdicts.items())
            yield f"  {'id':8} {'pass':>9} {'fail':>9} {'unknown':>9}  criterion"
            yield from (_line(item) for item in trial.criteria)


_SHOWN = 80


def _line(item: CriterionCounts) -> str:
    words = " ".join(item.text.split())
    shown = words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"
    note = "  (interpreter only)" if item.refused else ""
    return f"  {item.id:8} {item.passed:>9} {item.failed:>9} {item.unknown:>9}  {shown}{note}"
