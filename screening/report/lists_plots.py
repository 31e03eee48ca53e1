"""Plots as SVG inside the page: no network, no script; each with a title and a description for those who cannot see it.

Drawn by matplotlib (extra `screening[report]`), imported only when a page is made. Colours are those of Okabe and Ito
(https://jfly.uni-koeln.de/color/), told apart by the colour-blind; hatching tells the parts apart in black and white.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from io import StringIO
from typing import Any, Self

from screening.lists.attrition import ALL
from screening.lists.tables import Table
from screening.report.markup import Html, element
from screening.store.database import package

BLUE, ORANGE, VERMILION, GREY = "#0072B2", "#E69F00", "#D55E00", "#999999"

_WIDTH = 9.0
"""Inches."""

_SHOWN = 25
"""Bars that can still be read below one another."""

_LABEL = 48
"""Characters of a label."""

_STYLE = {
    "svg.fonttype": "none",  # text stays text: it can be searched, read aloud, and needs no font of its own
    "svg.hashsalt": "screening",  # the same page from the same figures
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def by_criterion(table: Table) -> Html:
    """Pass, open and fail of each criterion, and how many fail only this one."""
    rows = [row for row in table.records() if row["criterion"] != ALL]
    if not rows:
        return Html("")
    names = [row["criterion"] for row in rows]
    parts: Parts = {
        "pass": (BLUE, "", [row["passed"] for row in rows]),
        "open": (ORANGE, "//", [row["unknown"] for row in rows]),
        "fail": (VERMILION, "xx", [row["failed"] for row in rows]),
    }
    worst = max(rows, key=lambda row: row["failed"])
    sole = max(rows, key=lambda row: row["sole_blocker"])
    told = (
        f"Of {len(rows)} criteria {worst['criterion']} fails most patients ({worst['failed']});"
        f" {sole['criterion']} is most often the only one that fails ({sole['sole_blocker']})."
    )
    return _bars("attrition", "Pass, open and fail by criterion", told, names, parts)


def funnel(table: Table) -> Html:
    """How many are left after each criterion in the order of the document, with bounds."""
    rows = [row for row in table.records() if row["criterion"] != ALL]
    if not rows:
        return Html("")
    best, worst = [row["after_best"] for row in rows], [row["after_worst"] for row in rows]
    potentially = [row["after_potentially"] for row in rows]
    with _drawing(_WIDTH, 3.6) as drawing:
        axes, places = drawing.axes, range(len(rows))
        axes.fill_between(places, worst, best, step="mid", color=ORANGE, alpha=0.35, label="worst to best")
        axes.step(places, best, where="mid", color=ORANGE, linestyle="--", label="best: all that is open passes")
        axes.step(places, potentially, where="mid", color=BLUE, linewidth=2, label="potentially eligible so far")
        axes.set_xticks(list(places), [row["criterion"] for row in rows], rotation=90 if len(rows) > _SHOWN else 45)
        axes.set_ylabel("patients left")
        drawing.count(axes.yaxis)
        axes.legend(frameon=False)
    told = f"After all {len(rows)} criteria {potentially[-1]} are left, at worst {worst[-1]}, at best {best[-1]}."
    return drawing.svg("funnel", "Patients left after each criterion, in the order of the document", told)


def curve(table: Table, name: str) -> Html:
    """The counts as a limit moves."""
    rows = list(table.records())
    limits = [row["limit"] for row in rows]
    now = next(row for row in rows if row["current"])
    with _drawing(_WIDTH, 3.6) as drawing:
        axes = drawing.axes
        axes.plot(limits, [row["best"] for row in rows], "s--", color=ORANGE, label="if all that is open passes")
        axes.plot(limits, [row["potentially"] for row in rows], "o-", color=BLUE, label="potentially eligible")
        axes.axvline(now["limit"], color=GREY, linestyle=":", label="the limit as it stands")
        axes.set_xlabel(table.title)
        axes.set_ylabel("patients")
        drawing.count(axes.yaxis)
        axes.legend(frameon=False)
    most = max(rows, key=lambda row: row["gain"])
    told = (
        f"At the limit as it stands ({now['limit']:g}) {now['potentially']} are potentially eligible;"
        f" at {most['limit']:g} there are {most['gain']} more."
    )
    return drawing.svg(name, "Threshold curve", told)


def reasons(table: Table) -> Html:
    """Why criteria are open, over all of them."""
    counts: Counter[str] = Counter()
    for row in table.records():
        counts[row["reason"].replace("_", " ")] += row["patients"]
    if not counts:
        return Html("")
    names, held = zip(*counts.most_common(_SHOWN), strict=True)
    told = f"Most often: {names[0]} ({held[0]} answers of {sum(counts.values())} that are open)."
    return _bars("reasons", "Why criteria are open", told, names, {"open answers": (ORANGE, "", held)})


def facts(table: Table) -> Html:
    """The facts that settle the most patients."""
    rows = [row for row in table.records() if row["kind"] != "judgement"][:_SHOWN]
    if not rows:
        return Html("")
    settles = [row["settles"] for row in rows]
    rest = [row["open"] - row["settles"] for row in rows]
    parts: Parts = {"settled by it alone": (BLUE, "", settles), "open beside others": (ORANGE, "//", rest)}
    told = f"{rows[0]['fact']} alone would settle {settles[0]} patients and is open in {rows[0]['open']}."
    return _bars("worklist", "What would settle the most patients", told, [row["fact"] for row in rows], parts)


Parts = dict[str, tuple[str, str, Sequence[int]]]
"""Name in the legend → colour, hatching, length of each bar's part."""


def _bars(name: str, title: str, told: str, names: Sequence[str], parts: Parts) -> Html:
    """Horizontal bars in stacked parts, the first on top."""
    with _drawing(_WIDTH, 1.0 + 0.24 * len(names)) as drawing:
        axes, left = drawing.axes, [0] * len(names)
        for label, (colour, hatch, lengths) in parts.items():
            axes.barh(range(len(names)), lengths, left=left, color=colour, hatch=hatch, edgecolor="white", label=label)
            left = [so_far + length for so_far, length in zip(left, lengths, strict=True)]
        axes.set_yticks(range(len(names)), [_short(label) for label in names])
        axes.invert_yaxis()
        axes.set_xlabel("patients" if name != "reasons" else "answers")
        drawing.count(axes.xaxis)
        if len(parts) > 1:
            axes.legend(frameon=False, ncols=len(parts), loc="lower left", bbox_to_anchor=(0, 1))
    return drawing.svg(name, title, told)


def _short(label: str) -> str:
    return label if len(label) <= _LABEL else label[: _LABEL - 1] + "…"


class _drawing:  # noqa: N801 -- used as a statement
    """A figure with one pair of axes, drawn in the house style."""

    def __init__(self, width: float, height: float) -> None:
        matplotlib = package("matplotlib", "the plots of a page")
        self._style = matplotlib.rc_context(_STYLE)
        self._size = (width, height)
        self.axes: Any = None
        self._svg = ""

    def __enter__(self) -> Self:
        self._style.__enter__()
        figures = package("matplotlib.figure", "the plots of a page")
        self._figure = figures.Figure(figsize=self._size, layout="constrained")
        self.axes = self._figure.add_subplot()
        return self

    def __exit__(self, *problem: object) -> None:
        if problem[0] is None:
            out = StringIO()
            nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
            self._figure.savefig(out, format="svg", metadata=nothing)
            self._svg = out.getvalue()
        self._style.__exit__(*problem)

    def count(self, axis: Any) -> None:  # noqa: ANN401 -- an axis of matplotlib
        """Patients are counted from none and in whole numbers."""
        axis.set_major_locator(package("matplotlib.ticker", "the plots of a page").MaxNLocator(integer=True))
        axis.set_view_interval(0, max(axis.get_view_interval()[1], 1), ignore=True)

    def svg(self, name: str, title: str, told: str) -> Html:
        """The drawing as a part of the page, with ids of its own, under a title that screen readers read."""
        body = self._svg[self._svg.index("<svg") :]
        body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
        body = re.sub(r"<style[^>]*>.*?</style>\s*", "", body, flags=re.DOTALL)  # it would hold for the whole page
        body = re.sub(r'\bid="', f'id="{name}-', body)
        body = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", body)
        labels = element("title", title, id=f"{name}-t") + element("desc", told, id=f"{name}-d")
        head = f'<svg role="img" aria-labelledby="{name}-t {name}-d" style="stroke-linejoin: round" '
        body = re.sub(r"<svg ([^>]*)>", lambda found: f"{head}{found[1]}>{labels}", body, count=1)
        return element("figure", Html(body), element("figcaption", element("strong", f"{title}. "), told))
