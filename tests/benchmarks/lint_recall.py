"""Whether faults made on purpose are found: python tests/benchmarks/lint_recall.py FOLDER… [--number 100]

For rules of the linter without findings in the corpora. By a seeded choice, in documents of the folders, the numbers of
a range ("> 18 and < 75") change places (impossible-range), or the text becomes a registry's study whose lowest age is
two years above the one in the text (registry-differs). Prints how many are found, and how many of the documents have
the finding already without the fault.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable
from pathlib import Path

from screening.build import compile_trial, extract
from screening.linter import lint
from screening.sections import read

SEED = 1
RANGE = re.compile(r"([≥>]=?\s*)(\d+)((?:\s*(?:years?|%|kg/m2|mg/dL))?\s+and\s+[≤<]=?\s*)(\d+)")
Pair = tuple[str, str]  # a document without the fault, and with it


def swapped(text: str) -> Pair | None:
    """The first range of the text, its ends exchanged."""
    found = RANGE.search(text)
    if not found or int(found[2]) >= int(found[4]):
        return None
    return text, text[: found.start()] + found.expand(r"\1\4\3\2") + text[found.end() :]


def field_raised(text: str) -> Pair | None:
    """The text as a study with the lowest age it states, and with another."""
    rows = extract(compile_trial(read(text, "T")))
    ages = {row["value"] for row in rows if row["variable"] == "age" and row["op"] == ">=" and row["unit"] == "a"}
    rows = [row for row in rows if row["variable"] == "age" and row["side"] == "inclusion" and not row["condition"]]
    if len(ages) != 1 or len({row["criterion"] for row in rows}) != 1:
        return None
    age = int(ages.pop())
    return _study(text, age), _study(text, age + 2)


def _study(text: str, age: int) -> str:
    module = {"eligibilityCriteria": text, "minimumAge": f"{age} Years"}
    return json.dumps({"protocolSection": {"eligibilityModule": module}})


FAULTS: dict[str, Callable[[str], Pair | None]] = {"impossible-range": swapped, "registry-differs": field_raised}


def has(raw: str, code: str) -> bool:
    """Whether the linter finds it."""
    return any(one.code == code for one in lint(compile_trial(read(raw, "T"))))


def main() -> None:
    """Makes the faults and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--number", type=int, default=100)
    given = parser.parse_args()
    texts = [path.read_text(encoding="utf8") for folder in given.folders for path in sorted(folder.glob("*.txt"))]
    random.Random(SEED).shuffle(texts)  # noqa: S311 -- the same documents every time
    print("| rule | faults made | found | found without the fault |\n|---|---|---|---|")
    for code, make in FAULTS.items():
        pairs = [pair for text in texts if (pair := make(text)) is not None][: given.number]
        found, before = (sum(has(pair[at], code) for pair in pairs) for at in (1, 0))
        print(f"| {code} | {len(pairs)} | {found} | {before} |")


if __name__ == "__main__":
    main()
