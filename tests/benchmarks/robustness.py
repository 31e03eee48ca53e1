"""No text stops the program and none loses a character: every document of the folders, and damaged ones.

usage: python tests/benchmarks/robustness.py FOLDER… [--mutations 10000] [--seed 1]

Each FOLDER holds registry documents. Every one is read as a file, compiled, linted and listed, and every reading
printed and read back; the same is done to texts that were cut, doubled, shuffled, filled with foreign characters or
wrapped in markup, by a seeded choice (tests/mutations.py); of these every tenth is linted. Prints a table and every failure; exits with 1 if there is
any.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests import survival
from tests.mutations import damaged

LINTED = 10  # of so many damaged texts one is linted, which takes longer than all the rest


@dataclass
class Tally:
    """What became of the texts of one row."""

    texts: int = 0
    crashes: int = 0
    gaps: int = 0
    slowest: float = 0.0
    slowest_name: str = ""
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, content: str, suffix: str, *, linted: bool = True) -> None:
        """Tries one text."""
        self.texts += 1
        begin = time.process_time()
        try:
            survival.document(content.encode("utf8", errors="replace"), f"T{suffix}", linted=linted)
        except survival.GapError as error:
            self.gaps += 1
            self.failures[f"{name}: {error}"] += 1
        except Exception as error:  # noqa: BLE001 -- whatever is raised is the finding
            self.crashes += 1
            self.failures[f"{name}: {type(error).__name__}: {error}"[:300]] += 1
        spent = time.process_time() - begin
        if spent > self.slowest:
            self.slowest, self.slowest_name = spent, name

    def row(self, title: str) -> str:
        """Its line of the table."""
        slowest = f"{self.slowest * 1000:.0f} ms ({self.slowest_name})"
        return f"| {title} | {self.texts} | {self.crashes} | {self.gaps} | {slowest} |"


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    paths = sorted(path for folder in given.folders for path in folder.iterdir() if path.is_file())
    texts = [path.read_text(encoding="utf8") for path in paths]
    whole, broken = Tally(), Tally()
    for path, text in zip(paths, texts, strict=True):
        whole.add(path.name, text, path.suffix)
    for number in range(given.mutations):
        lots = random.Random(f"{given.seed}-{number}")  # noqa: S311 -- drawn again from the number alone
        at = lots.randrange(len(texts))
        text, what = damaged(lots, texts[at])
        broken.add(f"{paths[at].name} {what}, mutation {number}", text, paths[at].suffix, linted=number % LINTED == 0)
    print("| | texts | crashes | incomplete ledgers | slowest |\n|---|---|---|---|---|")
    print(whole.row("as they are"))
    print(broken.row("damaged"))
    for failure in [*whole.failures, *broken.failures]:
        print(failure)
    return int(bool(whole.failures or broken.failures))


if __name__ == "__main__":
    sys.exit(main())
