"""Lists as one HTML page: no outside parts, a table beside each plot, readable by screen readers, fit to print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from screening.lists.tables import Answer, Column, Row, Table
from screening.report import lists_plots
from screening.report.lists_text import cell
from screening.report.markup import Html, element, joined
from screening.report.page import STYLE

_EXTRA = Html("""
figure { margin: 1rem 0; break-inside: avoid; }
figure svg { width: 100%; height: auto; background: #fff; }
figcaption { font-size: .95rem; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
section { break-before: auto; }
@media print { section.list { break-before: page; } .scroll { overflow: visible; } table { font-size: 8pt; } }
""")

SHOWN = 500
"""Rows of a table on a page; the files hold all of them."""


def pieces(answers: Sequence[Answer]) -> Iterator[str]:
    """The page, piece by piece."""
    title = f"{answers[0].about.trial}: {answers[0].title if len(answers) == 1 else 'pre-screening lists'}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", joined(STYLE, _EXTRA)),
    )
    yield f'<!doctype html>\n<html lang="en">{head}<body>'
    yield element("a", "Skip to the lists", href="#lists", class_="skip")
    yield element("header", element("h1", title), element("p", answers[0].about.line()), _contents(answers))
    yield '<main id="lists">'
    for number, answer in enumerate(answers):
        yield _section(number, answer)
    yield "</main></body></html>\n"


def _contents(answers: Sequence[Answer]) -> Html:
    if len(answers) == 1:
        return Html("")
    links = (element("li", element("a", answer.title, href=f"#list-{n}")) for n, answer in enumerate(answers))
    return element("nav", element("ul", *links), aria_label="Lists")


def _section(number: int, answer: Answer) -> Html:
    name = f"list-{number}"
    title = element("h2", answer.title, id=name)
    tables = [_table(table) for table in answer.tables if not table.detail]
    return element("section", title, *_plots(number, answer), *tables, class_="list", aria_labelledby=name)


def _plots(number: int, answer: Answer) -> Iterator[Html]:
    match answer.name:
        case "attrition":
            yield lists_plots.by_criterion(answer.table("attrition"))
            yield lists_plots.funnel(answer.table("attrition"))
            yield lists_plots.reasons(answer.table("reasons"))
        case "curve":
            yield lists_plots.curve(answer.table("curve"), f"curve-{number}")
        case "worklist":
            yield lists_plots.facts(answer.table("worklist"))
        case _:
            return


def _table(table: Table) -> Html:
    held: list[Row] = []
    more = False
    for row in table.rows:
        if len(held) == SHOWN:
            more = True
            break
        held.append(row)
    heads = element("tr", *(_head(column) for column in table.columns))
    rows = [element("tr", *map(_cell, row, table.columns)) for row in held]
    notes = [element("p", note) for note in table.notes]
    if more:
        notes.append(element("p", f"The first {SHOWN} rows; the list as a file holds all."))
    caption = element("caption", table.title)
    drawn = element("table", caption, element("thead", heads), element("tbody", *rows))
    return joined(*notes, element("div", drawn, class_="scroll"))


def _head(column: Column) -> Html:
    return element("th", column.title, scope="col", class_=_class(column))


def _cell(value: object, column: Column) -> Html:
    return element("td", cell(value, column), class_=_class(column))


def _class(column: Column) -> str:
    return "number" if column.kind in ("integer", "number") else "text"
