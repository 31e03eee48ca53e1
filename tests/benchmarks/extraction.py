"""How well limits are read: `extract` on annotated corpora, scored, beside what other systems reach on the same texts.

usage: python tests/benchmarks/extraction.py SHARED [--errors N]

SHARED is the folder with `corpora/` (texts and gold rows) and `bench/score.py`. The figures of the others are from its
README, by the same script. Prints a table; compares with nothing and fails at nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from screening.build import compile_trial, extract
from screening.build.ledger import shares
from screening.ruleset.model import RuleSet, Share
from screening.sections import read_document

CORPORA = ("lct", "onco")
PEERS = {
    "Clinical-Trial-Parser (Facebook)": {"lct": (0.649, 0.551), "onco": (0.494, 0.476)},
    "Valx": {"lct": (0.690, 0.530), "onco": (0.577, 0.539)},
    "TrialMatchAI 0.9.1": {"lct": (0.396, 0.097), "onco": (0.204, 0.157)},
    "a second, blind reader": {"lct": (0.90, 0.86), "onco": (0.98, None)},
}
"""Strict F1, and strict F1 without age."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Unread:
    """What was not understood: the median share of the characters of a text, the share of all numbers, 0 to 1."""

    text: float
    numbers: float


def main() -> None:
    """Extracts, scores and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--errors", type=int, default=0, help="list so many missed and wrong rows of each corpus")
    given = parser.parse_args()
    results = {corpus: _scored(given.shared, corpus, given.errors) for corpus in CORPORA}
    print("\n".join(_table(results)))


def _scored(shared: Path, corpus: str, errors: int) -> dict[str, tuple[float, float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / f"{corpus}.jsonl"
        unread = _extract(shared / "corpora" / corpus / "texts", rows)
        command = [
            sys.executable,
            str(shared / "bench" / "score.py"),
            str(shared / "corpora" / corpus / "dev.jsonl"),
            str(rows),
        ]
        done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
        if errors:
            subprocess.run([*command, "--errors", str(errors)], check=False)
    print(f"{corpus}: median share of text not understood {unread.text:.1%}, of all numbers {unread.numbers:.1%}")
    found: dict[str, tuple[float, float, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _extract(texts: Path, rows: Path) -> Unread:
    """Writes the rows of every text, and says how much of the texts was not understood."""
    shares_unread, unread, numbers = [], 0, 0
    with rows.open("w", encoding="utf-8") as out:
        for path in sorted(texts.glob("*.txt")):
            rules = compile_trial(read_document(str(path)))
            shares_unread.append(shares(rules.ledger)[Share.NOT_UNDERSTOOD])
            unread += _numbers(rules, {Share.NOT_UNDERSTOOD})
            numbers += _numbers(rules, set(Share))
            out.writelines(json.dumps(row) + "\n" for row in extract(rules))
    return Unread(sorted(shares_unread)[len(shares_unread) // 2], unread / numbers)


def _numbers(rules: RuleSet, wanted: set[Share]) -> int:
    """How many numbers stand in text of these shares."""
    return sum(len(_NUMBER.findall(one.span.of(rules.raw))) for one in rules.ledger if one.share in wanted)


def _table(results: dict[str, dict[str, tuple[float, float, float]]]) -> Iterator[str]:
    yield f"{'':34}{'lct F1 (without age)':>24}{'onco F1 (without age)':>24}"
    yield f"{'screening':34}" + "".join(f"{_ours(results[corpus]):>24}" for corpus in CORPORA)
    for name, figures in PEERS.items():
        yield f"{name:34}" + "".join(f"{_pair(*figures[corpus]):>24}" for corpus in CORPORA)
    for corpus in CORPORA:
        precision, recall, _ = results[corpus]["strict"]
        yield f"screening, {corpus}: precision {precision:.3f}, recall {recall:.3f}"


def _ours(result: dict[str, tuple[float, float, float]]) -> str:
    return _pair(result["strict"][2], result["strict_without_age"][2])


def _pair(overall: float, without_age: float | None) -> str:
    return f"{overall:.3f} ({without_age:.3f})" if without_age is not None else f"{overall:.3f}"


if __name__ == "__main__":
    main()
