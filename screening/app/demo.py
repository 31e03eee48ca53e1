"""The demonstration: shipped patients against the shipped trials, one explanation in full, and what to try next."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from screening import __version__, ruleset
from screening.explain import ScreeningResult, screen
from screening.patient import Records, read_patients
from screening.report import VERDICTS, patient_report, table
from screening.resources import folder

ON = date(2026, 3, 11)
"""The day for which the sample patients were made."""

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
    parts = [_trials(results), _verdicts(results, patients, width), _explanation(results, width), _advice()]
    return "\n\n".join(parts)


def _trials(results: list[ScreeningResult]) -> str:
    """The trials with the letter under which the table has them."""
    head = f"{len(results)} trials, screened on {ON} by screening {__version__}"
    lines = [f"  {_letter(number)}  {result.trial}  {_about(result)}" for number, result in enumerate(results)]
    return "\n".join([head, *lines])


def _letter(number: int) -> str:
    return chr(ord("A") + number)


def _about(result: ScreeningResult) -> str:
    signed = "signed" if result.rules.signed else "unsigned"
    return f"{result.title} (rules {result.rules.hash}, {signed})"


def _verdicts(results: list[ScreeningResult], patients: Records, width: int) -> str:
    """Patient × trial."""
    heads = ("patient", *(_letter(number) for number in range(len(results))))
    rows = [
        (patient.id, *(VERDICTS[result.patients[row].verdict] for result in results))
        for row, patient in enumerate(patients)
    ]
    return "\n".join(table(heads, rows, width))


def _explanation(results: list[ScreeningResult], width: int) -> str:
    """The patient about whom there is most to say: something passes, fails and is open."""
    result, patient = max(
        ((result, patient) for result in results for patient in result.patients),
        key=lambda pair: len({criterion.reason or criterion.outcome for criterion in pair[1].criteria}),
    )
    return "\n".join([f"One explanation in full: {result.trial}", "", *patient_report(patient, width)])


def _advice() -> str:
    return NEXT.format(trials=folder("rules") / "trials", samples=SAMPLES)
