"""The demonstration: shipped patients against the shipped trials, one explanation in full, and what to try next."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from textwrap import shorten

from screening import __version__, ruleset
from screening.explain import ScreeningResult, screen
from screening.patient import Records, read_patients
from screening.report import patient_report, table
from screening.resources import folder

ON = date(2026, 3, 11)
"""The day for which the sample patients were made."""

EXPLAINED = ("NCT03619954", "sample-01")
"""Trial and patient explained in full: a limit that hangs on a condition, of which the record says nothing."""

BRIEF = {
    "not_eligible": "not eligible",
    "needs_information": "needs info",
    "potentially_eligible": "potentially",
    "deceased": "deceased",
}
"""Verdicts short enough for five columns."""

SAMPLES = Path(__file__).with_name("samples")

NEXT = """What to try next
  screening compile trial.txt -o trial.md      compile a trial's text into a rule file to review
  screening lint trial.txt                     see what is unclear in it
  screening screen trial.md patients/ --on 2026-03-11 --format html -o report.html
  screening --help                             all commands
The five rule files are in {trials}
The sample patients are in {samples}
"""


def demo(width: int = 100) -> str:
    """The text of the demonstration, lines of about *width* characters."""
    patients = read_patients(SAMPLES)
    results = [screen(ruleset.load(path), patients, ON) for path in sorted((folder("rules") / "trials").glob("*.md"))]
    parts = [_trials(results, width), _verdicts(results, patients, width), _explanation(results, width), _advice()]
    return "\n\n".join(parts)


def _trials(results: list[ScreeningResult], width: int) -> str:
    """The trials with the letter under which the table has them."""
    head = f"{len(results)} trials, screened on {ON} by screening {__version__}"
    lines = [f"  {_letter(number)}  {_about(result, width)}" for number, result in enumerate(results)]
    return "\n".join([head, *lines])


def _letter(number: int) -> str:
    return chr(ord("A") + number)


def _about(result: ScreeningResult, width: int) -> str:
    signed = "signed" if result.rules.signed else "unsigned"
    rules = f" (rules {result.rules.hash}, {signed})"
    return shorten(f"{result.trial} {result.title}", width - len(rules) - 5, placeholder=" ...") + rules


def _verdicts(results: list[ScreeningResult], patients: Records, width: int) -> str:
    """Patient × trial."""
    heads = ("patient", *(_letter(number) for number in range(len(results))))
    rows = [
        (patient.id, *(BRIEF[result.patients[row].verdict] for result in results))
        for row, patient in enumerate(patients)
    ]
    return "\n".join(table(heads, rows, width))


def _explanation(results: list[ScreeningResult], width: int) -> str:
    """One patient against one trial, whole."""
    trial, who = EXPLAINED
    (patient,) = (found for result in results if result.trial == trial for found in result.patients if found.id == who)
    return "\n".join([f"One explanation in full: {who} and {trial}", "", *patient_report(patient, width)])


def _advice() -> str:
    return NEXT.format(trials=folder("rules") / "trials", samples=SAMPLES)
