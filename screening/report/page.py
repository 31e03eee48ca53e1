"""The HTML report: one file without outside parts, readable by screen readers, printed one patient a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from screening.explain.result import CriterionResult, PatientResult, ScreeningResult
from screening.report.markup import Html, element, joined
from screening.report.wording import OUTCOMES, chosen, heading, missing_fact, provenance, reason, steps, verdict

LINE = 100
"""Characters of an explanation that share a paragraph."""

STYLE = Html("""
:root { color-scheme: light dark; font: 16px/1.45 system-ui, sans-serif; }
body { margin: 1.5rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0 1.5rem; }
caption { text-align: left; font-weight: 600; padding-bottom: .35rem; }
th, td { border: 1px solid #8888; padding: .35rem .5rem; text-align: left; vertical-align: top; }
thead th { background: #8882; }
td p { margin: 0 0 .35rem; }
.source { font-style: italic; }
.outcome { white-space: nowrap; font-weight: 600; }
.fail .outcome::before { content: "\\2717\\00a0"; }
.unknown .outcome::before { content: "?\\00a0"; }
.pass .outcome::before { content: "\\2713\\00a0"; }
.fail > :first-child { border-left: .4rem solid #b00020; }
.unknown > :first-child { border-left: .4rem solid #b26a00; }
.pass > :first-child { border-left: .4rem solid #00703c; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
@media print {
  body { max-width: none; margin: 0; font-size: 10pt; }
  section.patient { break-before: page; }
  tr { break-inside: avoid; }
  thead { display: table-header-group; }
  nav, .skip { display: none; }
}
""")


def report(result: ScreeningResult) -> str:
    """The page."""
    title = f"{result.trial}: screening on {result.on}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", STYLE),
    )
    return f"<!doctype html>\n{element('html', head, _body(result), lang='en')}\n"


def _body(result: ScreeningResult) -> Html:
    return element(
        "body",
        element("a", "Skip to the patients", href="#patients", class_="skip"),
        _header(result),
        element(
            "main",
            _summary(result),
            *(_patient(result, number, patient) for number, patient in enumerate(result.patients)),
            id="patients",
        ),
    )


def _header(result: ScreeningResult) -> Html:
    notes = [element("p", element("strong", "Note: "), note) for note in result.notes]
    title = element("h1", heading(result))
    return element("header", title, element("p", provenance(result)), *notes)


def _summary(result: ScreeningResult) -> Html:
    heads = _heads("Patient", "Verdict", "Pass", "Fail", "Unknown")
    rows = [_summary_row(number, patient) for number, patient in enumerate(result.patients)]
    caption = element("caption", f"{len(result.patients)} patients")
    return element("table", caption, element("thead", heads), element("tbody", *rows))


def _summary_row(number: int, patient: PatientResult) -> Html:
    counts = Counter(criterion.outcome for criterion in patient.criteria)
    link = element("a", patient.id, href=f"#patient-{number}")
    return element(
        "tr",
        element("th", link, scope="row"),
        element("td", verdict(patient.verdict)),
        *(element("td", str(counts[outcome])) for outcome in ("pass", "fail", "unknown")),
    )


def _heads(*names: str) -> Html:
    return element("tr", *(element("th", name, scope="col") for name in names))


def _patient(result: ScreeningResult, number: int, patient: PatientResult) -> Html:
    """One section, complete in itself, because its printed page may travel alone."""
    name = f"patient-{number}"
    title = element("h2", f"{patient.id}: {verdict(patient.verdict)}", id=name)
    origin = element("p", f"{result.trial} | {provenance(result)}")
    cohorts = [element("p", f"Cohort {cohort}: {verdict(code)}") for cohort, code in patient.cohorts.items()]
    lists = (
        _listed("Facts that would settle open criteria", [missing_fact(missing) for missing in patient.missing]),
        _listed("To attest", [f"{item.criterion}: {item.text}" for item in patient.to_attest]),
        _listed("Not used", [f"{finding.message} ({finding.source})" for finding in patient.findings]),
    )
    body = joined(title, origin, *cohorts, *lists, _criteria(patient))
    return element("section", body, class_="patient", aria_labelledby=name)


def _listed(title: str, items: Sequence[str]) -> Html:
    if not items:
        return Html("")
    return joined(element("h3", title), element("ul", *(element("li", item) for item in items)))


def _criteria(patient: PatientResult) -> Html:
    if not patient.criteria:
        return Html("")
    rows = [_criterion(criterion) for outcome in OUTCOMES for criterion in chosen(patient, outcome)]
    caption = element("caption", f"Criteria of {patient.id}, failures first")
    heads = _heads("Outcome", "Criterion", "Text and explanation")
    return element("table", caption, element("thead", heads), element("tbody", *rows))


def _criterion(criterion: CriterionResult) -> Html:
    why = reason(criterion)
    outcome = element("td", criterion.outcome, class_="outcome")
    source = element("p", criterion.text, class_="source") if criterion.text else Html("")
    lines = [element("p", line) for line in steps(criterion.explanation, LINE)]
    note = element("p", f"({why})") if why else Html("")
    return element(
        "tr",
        outcome,
        element("th", criterion.id, scope="row"),
        element("td", joined(source, *lines, note)),
        class_=criterion.outcome,
    )
