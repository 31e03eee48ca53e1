"""How many mentions of diseases, drugs and procedures are read rightly: concept, polarity, and current or history.

usage: python tests/benchmarks/concepts.py SHARED [--errors] [--min-share X] [--keys FILE]

SHARED is the folder that holds corpora/. The keys, tests/concepts/keyed.tsv (drawn and keyed before the concepts were
tuned) and fresh.tsv (afterwards), name a document, the place of a mention in it, the concepts that are right for it
("judgement": a person must say, nothing may be compiled), its polarity in the literal sense of the text ("present",
"absent", "exception": it stands where an exception or a condition of a limit stands) and its time.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from screening import concepts
from screening.build import compile_trial
from screening.predicates import Choice, Except, IfElse, Judgement, Not, Predicate, Presence, Result, Tense, children
from screening.ruleset.model import RuleSet
from screening.sections import read_document
from screening.text import Span

KEYS = Path(__file__).parents[1] / "concepts"


@dataclass(frozen=True, slots=True)
class Key:
    """One keyed mention."""

    document: str
    span: Span
    words: str
    concepts: frozenset[str]
    polarity: str
    time: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a compiled predicate says about one concept."""

    concept: str
    polarity: str
    time: str
    span: Span | None


def keys(path: Path) -> list[Key]:
    with path.open(encoding="utf8", newline="") as file:
        return [
            Key(
                row["document"],
                Span(int(row["start"]), int(row["end"])),
                row["words"],
                frozenset(row["concepts"].split(",")),
                row["polarity"],
                row["time"],
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]


def statements(made: Predicate, span: Span, *, negated: bool = False) -> Iterator[Statement]:
    """Every presence and result in a predicate; *span* is the place of its rule."""
    polarity = "absent" if negated else "present"
    match made:
        case Presence(term=term, tense=tense, excluding=excluding):
            yield Statement(term.concept, polarity, "history" if tense is Tense.HAD else "current", made.span)
            yield from (Statement(one.concept, "exception", "any", span) for one in excluding)
        case Result(variable=variable):
            yield Statement(variable, polarity, "any", made.span)
        case Judgement():
            yield Statement("judgement", polarity, "any", made.span)
        case Not(item):
            yield from statements(item, span, negated=not negated)
        case Except(base, exception):
            yield from statements(base, span, negated=negated)
            yield from _as_exception(exception, span)
        case IfElse(condition, then, otherwise):
            yield from statements(condition, span, negated=negated)
            yield from _as_exception(condition, span)
            yield from statements(then, span, negated=negated)
            yield from statements(otherwise, span, negated=negated)
        case Choice(readings=readings):
            yield from statements(readings[0].predicate, span, negated=negated)
        case _:
            for part in children(made):
                yield from statements(part, span, negated=negated)


def _as_exception(made: Predicate, span: Span) -> Iterator[Statement]:
    for one in statements(made, span):
        yield replace(one, polarity="exception")


def overlaps(one: Span | None, other: Span) -> bool:
    return one is not None and one.start < other.end and other.start < one.end


def fault(key: Key, rules: RuleSet) -> str | None:
    """What is wrong with the reading of a mention; None: nothing."""
    found = [
        one
        for rule in rules.rules
        for span in rule.spans
        for one in statements(rule.predicate, span)
        if overlaps(one.span, key.span)
    ]
    if not any(one.polarity != "exception" and one.concept != "judgement" for one in found) and _for_a_person(
        key, found
    ):
        return None
    named = [one for one in found if one.concept in key.concepts]
    if not named:
        return "concept: " + (", ".join(sorted({one.concept for one in found})) or "none")
    polar = [one for one in named if one.polarity == key.polarity]
    if not polar:
        return f"polarity: {named[0].polarity}"
    timed = [one for one in polar if "any" in (one.time, key.time) or one.time == key.time]
    return None if timed else f"time: {polar[0].time}"


def _for_a_person(key: Key, found: list[Statement]) -> bool:
    """Whether leaving the mention to a person is right: it is keyed so, or no record carries the concept."""
    known = concepts.catalogue()
    attested = any(name in known and known[name].attest for name in key.concepts)
    return "judgement" in key.concepts or (attested and any(one.concept == "judgement" for one in found))


def score(path: Path, shared: Path, *, errors: bool) -> float:
    """The share of right mentions; prints it, and every fault where asked."""

    @cache
    def rules(document: str) -> RuleSet:
        corpus, name = document.split("/")
        return compile_trial(read_document(next((shared / "corpora" / corpus / "texts").glob(f"{name}.*"))))

    mentions = keys(path)
    faults = [(key, wrong) for key in mentions if (wrong := fault(key, rules(key.document)))]
    if errors:
        for key, wrong in faults:
            print(f"  {key.document}:{key.span.start} “{key.words}” {key.polarity} {key.time}: {wrong}")
    share = 1 - len(faults) / len(mentions)
    print(f"{path.name}: {len(mentions) - len(faults)} of {len(mentions)} mentions right, {share:.1%}")
    return share


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--min-share", type=float, default=0.0)
    parser.add_argument("--keys", type=Path, action="append")
    options = parser.parse_args()
    paths = options.keys or sorted(KEYS.glob("*.tsv"))
    shares = [score(path, options.shared, errors=options.errors) for path in paths]
    return int(min(shares) < options.min_share)


if __name__ == "__main__":
    sys.exit(main())
