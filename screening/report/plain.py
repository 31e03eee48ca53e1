"""The text report: a table to scan, then each patient's criteria with the arithmetic, failures first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from textwrap import shorten, wrap

from screening.explain.result import CriterionResult, PatientResult, ScreeningResult
from screening.report.wording import OUTCOMES, chosen, heading, missing_fact, provenance, reason, steps, verdict

WIDTH = 100
"""Columns where the output is not a terminal."""

INDENT = 10
"""Columns before a criterion's text and explanation: four, and its id."""

NAMED = 8
"""Criteria named in the table; all of them follow below it."""


def report(result: ScreeningResult, width: int = WIDTH) -> str:
    """The whole report, lines of at most *width* characters."""
    sections = [
        header(result),
        summary(result, width),
        *(patient_report(patient, width) for patient in result.patients),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def header(result: ScreeningResult) -> list[str]:
    """Trial, provenance and what must be said before anything else."""
    return [heading(result), provenance(result), *(f"! {note}" for note in result.notes)]


def summary(result: ScreeningResult, width: int) -> list[str]:
    """One line a patient, as in a screening log, and the count of each verdict."""
    rows = [_row(patient) for patient in result.patients]
    counts = Counter(verdict(patient.verdict) for patient in result.patients)
    total = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    return [*table(("patient", "verdict", "pass", "fail", "open", "decided by"), rows, width), "", total]


def _row(patient: PatientResult) -> tuple[str, ...]:
    counts = Counter(criterion.outcome for criterion in patient.criteria)
    return (
        patient.id,
        verdict(patient.verdict),
        str(counts["pass"]),
        str(counts["fail"]),
        str(counts["unknown"]),
        _decided_by(patient),
    )


def _decided_by(patient: PatientResult) -> str:
    """The criteria that made the verdict: those that fail, else those that are open."""
    ids = [criterion.id for criterion in chosen(patient, "fail") or chosen(patient, "unknown")]
    more = [f"and {len(ids) - NAMED} more"] if len(ids) > NAMED else []
    return " ".join(ids[:NAMED] + more)


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], width: int) -> list[str]:
    """Columns as wide as they need to be; the last one is wrapped.

    >>> table(("id", "why"), [("P1", "I6 E3 E11")], 10)
    ['id  why', '--  ------', 'P1  I6 E3', '    E11']
    """
    cells = list(rows)
    fixed = [max(len(row[i]) for row in [heads, *cells]) for i in range(len(heads) - 1)]
    rest = max(width - sum(fixed) - 2 * len(fixed), 6)
    rule = tuple("-" * size for size in (*fixed, rest))
    return [line for row in [heads, rule, *cells] for line in _table_row(row, fixed, rest)]


def _table_row(row: tuple[str, ...], fixed: list[int], rest: int) -> Iterator[str]:
    first, *more = wrap(row[-1], rest) or [""]
    lead = "  ".join(cell.ljust(size) for cell, size in zip(row, fixed, strict=False))
    yield f"{lead}  {first}".rstrip()
    yield from (" " * (len(lead) + 2) + line for line in more)


def patient_report(patient: PatientResult, width: int) -> list[str]:
    """The lines about one patient: verdict, criteria, what would settle it, what to attest, what was not used."""
    lines = [f"{patient.id}: {verdict(patient.verdict)}"]
    lines += [f"  cohort {cohort}: {verdict(code)}" for cohort, code in patient.cohorts.items()]
    for outcome in OUTCOMES:
        lines += _group(outcome, chosen(patient, outcome), width)
    lines += _listed("would settle it", [missing_fact(missing) for missing in patient.missing], width)
    lines += _listed("to attest", [f"{item.criterion}: {item.text}" for item in patient.to_attest], width)
    return lines + _listed("not used", [f"{finding.message} ({finding.source})" for finding in patient.findings], width)


def _listed(name: str, items: Sequence[str], width: int) -> list[str]:
    if not items:
        return []
    return [f"  {name}", *(line for item in items for line in _indented(item, 4, width))]


def _indented(text: str, indent: int, width: int) -> list[str]:
    return wrap(text, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2))


def _group(outcome: str, criteria: list[CriterionResult], width: int) -> list[str]:
    if not criteria:
        return []
    return [f"  {outcome}", *(line for criterion in criteria for line in _criterion(criterion, width))]


def _criterion(criterion: CriterionResult, width: int) -> Iterator[str]:
    """Id and source text on one line, below it the explanation in full."""
    why = f" ({reason(criterion)})" if reason(criterion) else ""
    yield f"    {criterion.id:<5} {shorten(_source(criterion), width - INDENT - len(why), placeholder=' ...')}{why}"
    for step in steps(criterion.explanation, width - INDENT):
        yield from _indented(step, INDENT, width)


def _source(criterion: CriterionResult) -> str:
    return criterion.text or f"({criterion.side})"
