"""The boundary sheet to print and sign: one HTML file without outside parts, a criterion a page where it fills one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from screening.boundaries import Row, Sheet
from screening.report.boundary_words import answer, heading, result, state
from screening.report.markup import Html, element, joined
from screening.report.page import STYLE as SHARED

STYLE = Html(
    SHARED
    + """
td.outcome { white-space: normal; }
tr.wrong td { background: #b0002022; font-weight: 600; }
.signature { margin-top: 2.5rem; display: flex; gap: 2rem; }
.signature span { flex: 1; border-top: 1px solid; padding-top: .25rem; font-size: .85rem; }
@media print {
  @page { margin: 15mm; }
  section.criterion { break-before: page; }
  section.criterion.short { break-before: auto; break-inside: avoid; }
  footer { break-inside: avoid; }
}
"""
)
SHORT = 12
"""A criterion of so few rows does not begin a page of its own."""


def page(sheet: Sheet) -> str:
    """The page."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", heading(sheet)),
        element("style", STYLE),
    )
    body = element("body", _header(sheet), element("main", *_sections(sheet), _without(sheet)), _signature(sheet))
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _header(sheet: Sheet) -> Html:
    full = element("p", f"Hash of the rule file (SHA-256): {sheet.hash}")
    return element(
        "header",
        element("h1", heading(sheet)),
        element("p", state(sheet)),
        full,
        element("p", element("strong", result(sheet))),
        _line_to_sign(),
    )


def _line_to_sign() -> Html:
    names = ("Checked by (name)", "Date", "Signature")
    return element("div", *(element("span", name) for name in names), class_="signature")


def _signature(sheet: Sheet) -> Html:
    said = f"{sheet.trial} | {state(sheet)}"
    return element("footer", element("p", said), _line_to_sign())


def _sections(sheet: Sheet) -> Iterator[Html]:
    for number, (_, rows) in enumerate(groupby(sheet.rows, key=lambda row: (row.case.criterion, row.case.reading))):
        yield _section(number, list(rows))


def _section(number: int, rows: list[Row]) -> Html:
    rule, reading = rows[0].rule, rows[0].case.reading
    name = f"criterion-{number}"
    kind = "criterion short" if len(rows) <= SHORT else "criterion"
    read = element("p", f"Read: {reading}") if reading else Html("")
    heads = element("tr", *(element("th", head, scope="col") for head in _HEADS))
    table = element("table", element("thead", heads), element("tbody", *map(_row, rows)))
    title = element("h2", f"{rule.id} ({rule.side.value})", id=name)
    return element(
        "section", title, element("p", rule.text, class_="source"), read, table, class_=kind, aria_labelledby=name
    )


_HEADS = ("Case", "Tried", "Recorded", "Beside it", "Must be", "Is", "Arithmetic")


def _row(row: Row) -> Html:
    case, probe = row.case, row.case.probe
    tried = " ".join(filter(None, (case.subject, probe.limit, probe.reference and f"({probe.reference})")))
    cells = (f"{tried}: {probe.label}", probe.value, case.given)
    outcome = answer(row.found) if row.agrees else f"{answer(row.found)} !! disagrees"
    return element(
        "tr",
        element("th", case.id, scope="row"),
        *(element("td", cell) for cell in cells),
        element("td", answer(case.expected)),
        element("td", outcome, class_="outcome"),
        element("td", row.explanation),
        class_=row.found.outcome if row.agrees else "wrong",
    )


def _without(sheet: Sheet) -> Html:
    lines = [f"{rule.id}: {rule.text}" for rule in sheet.without]
    lines += [f"{criterion}: no case could be made for {what}" for criterion, what in sheet.untried]
    if not lines:
        return Html("")
    listed = element("ul", *(element("li", line) for line in lines))
    return joined(element("h2", "Without a boundary: no record decides these"), listed)
