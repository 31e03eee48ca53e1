"""How often each rule of the linter is right: python tests/benchmarks/lint_precision.py ../shared [--draw|--second]

Lints the documents of the development corpora below the given folder, draws up to 30 findings of each rule by a
seeded choice, and prints the table of README.md from the labels in tests/lint_labels.tsv. With --draw the drawn
findings without a label are printed with the text around them, to be judged by a reader; with --second up to 8 labelled
ones of each rule, without their labels, for a second reader, whose verdict goes into the column of that name.

A label is "true" where the text has the fault named (or the question is one a careful reader must put), "false" where
it has not, "unclear" where the text alone does not tell.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from screening.app import documents
from screening.linter import Finding, Manner, checks

LABELS = Path(__file__).resolve().parents[1] / "lint_labels.tsv"
SEED = "lint-1"
DRAWN = 30
AGAIN = 8  # findings of each rule that a second reader judges
AROUND = 110  # characters shown on either side of a finding
LEAST = 0.7  # below this share of right findings a rule asks


class Found(NamedTuple):
    """A finding in a document of the corpora."""

    document: str
    finding: Finding
    source: str

    @property
    def place(self) -> str:
        """The span as the labels write it."""
        span = self.finding.span
        return f"{span.start}-{span.end}" if span else "-"

    @property
    def rank(self) -> str:
        """Its place in the drawing of lots; the same whatever else is found."""
        return self.lot(SEED)

    def lot(self, seed: str) -> str:
        """What decides whether it is drawn."""
        return sha256(f"{seed}|{self.finding.code}|{self.document}|{self.place}".encode()).hexdigest()


class Label(NamedTuple):
    """What a reader said of one finding, and what a second one who did not know it said, if one did."""

    place: str
    verdict: str
    second: str


def found(shared: Path) -> Iterator[Found]:
    """Every finding of both corpora."""
    for path in sorted(shared.glob("corpora/*/texts/*")):
        checked = documents.check(path)
        for finding in checked.findings:
            yield Found(path.stem, finding, checked.source)


def labels() -> dict[tuple[str, str], list[Label]]:
    """The labels by rule and document."""
    known: dict[tuple[str, str], list[Label]] = defaultdict(list)
    for line in LABELS.read_text(encoding="utf8").splitlines()[1:]:
        rule, document, place, verdict, second, _reason = line.split("\t")
        known[rule, document].append(Label(place, verdict, second))
    return known


def verdict(item: Found, known: dict[tuple[str, str], list[Label]]) -> str | None:
    """What the reader said of this finding, or of one that overlaps it: places shift a little as reading improves."""
    near = known.get((item.finding.code, item.document), [])
    same = [label for label in near if label.place == item.place]
    touching = [label for label in near if _overlap(label.place, item.place)]
    return next((label.verdict for label in (*same, *touching)), None)


def _overlap(one: str, other: str) -> bool:
    if "-" in (one, other):
        return False
    (a, b), (c, d) = (map(int, place.split("-")) for place in (one, other))
    return a < d and c < b


def drawn(items: list[Found]) -> list[Found]:
    """The findings of one rule that are judged."""
    return sorted(items, key=lambda item: item.rank)[:DRAWN]


def drawn_again(items: list[Found], known: dict[tuple[str, str], list[Label]]) -> list[Found]:
    """The labelled findings of one rule that a second reader judges."""
    judged = [item for item in items if verdict(item, known) is not None]
    return sorted(judged, key=lambda item: item.lot("second-1"))[:AGAIN]


def agreement(known: dict[tuple[str, str], list[Label]]) -> str:
    """How often two readers of one finding said the same."""
    twice = [(rule, label) for (rule, _), found in known.items() for label in found if label.second]
    apart = Counter(rule for rule, label in twice if label.verdict != label.second)
    where = ", ".join(f"{rule} {number}" for rule, number in sorted(apart.items()))
    same = len(twice) - apart.total()
    return f"A second reader agrees in {same} of {len(twice)}; not in: {where or 'none'}."


def show(item: Found) -> str:
    """A finding in its surroundings, in one line."""
    span = item.finding.span
    words = ""
    if span:
        before, after = item.source[max(0, span.start - AROUND) : span.start], item.source[span.end : span.end + AROUND]
        words = " ".join(f"{before}⟦{item.source[span.start : span.end]}⟧{after}".split())
    return (
        f"{item.finding.code}\t{item.document}\t{item.place}\t{item.finding.criteria} {item.finding.message}\t{words}"
    )


def row(code: str, items: list[Found], known: dict[tuple[str, str], list[Label]]) -> str:
    """One row of the table."""
    said = Counter(verdict(item, known) for item in items)
    judged = said["true"] + said["false"]
    share = said["true"] / judged if judged else None
    check = checks()[code]
    kind = "asks" if check.kind is Manner.ASK else "states"
    wrong = " (!)" if share is not None and (share < LEAST) and check.kind is Manner.ASSERT else ""
    shown = "–" if share is None else f"{share:.0%}{wrong}"
    total = judged + said["unclear"]
    return (
        f"| {code} | {len(items)} | {total} | {said['true']} | {said['false']} | {said['unclear']} | {shown} | {kind} |"
    )


def main() -> None:
    """Prints the table, or what is still to be judged."""
    by_rule: dict[str, list[Found]] = defaultdict(list)
    for item in found(Path(sys.argv[1])):
        by_rule[item.finding.code].append(item)
    known = labels() if LABELS.exists() else {}
    if "--draw" in sys.argv or "--second" in sys.argv:
        for code in sorted(by_rule):
            fresh = [item for item in drawn(by_rule[code]) if verdict(item, known) is None]
            for item in fresh if "--draw" in sys.argv else drawn_again(by_rule[code], known):
                print(show(item))
        return
    print("| rule | findings | labelled | true | false | unclear | precision | it |\n|---|---|---|---|---|---|---|---|")
    for code in checks():
        if by_rule.get(code):
            print(row(code, by_rule[code], known))
    silent = [code for code in checks() if not by_rule.get(code)]
    print(f"\nNo findings in these corpora: {', '.join(silent)}.")
    print(agreement(known))


if __name__ == "__main__":
    main()
