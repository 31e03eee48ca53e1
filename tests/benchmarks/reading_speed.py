"""How fast texts are read, end to end on one core: sections, compilation and rows.

usage: python tests/benchmarks/reading_speed.py FOLDER… [--limit N]

A FOLDER holds registry documents as text. Prints a table; fails at nothing, because machines differ.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median, quantiles

from screening.build import compile_trial, extract
from screening.sections import read_document
from screening.sections.model import Item

LONG = "Platelets ≥ 100,000/mm3, hemoglobin ≥ 9 g/dL and no history of hepatitis B or C unless treated; "
LONG_LENGTH = 5000


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=None, help="read only so many documents of each folder")
    given = parser.parse_args()
    print(f"start of the program: {_start() * 1000:.0f} ms")
    for folder in given.folders:
        _corpus(folder, given.limit)
    print(f"one criterion of {LONG_LENGTH} characters: {_long() * 1000:.0f} ms")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _start() -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import screening"], check=True)
    return time.perf_counter() - begin


def _corpus(folder: Path, limit: int | None) -> None:
    paths = [str(path) for path in sorted(folder.glob("*.txt"))[:limit]]
    if not paths:
        sys.exit(f"no .txt documents in {folder}")
    _read(paths[0])  # fills the caches
    begin = time.process_time()
    measured = [_read(path) for path in paths]
    seconds = time.process_time() - begin
    criteria = sum(number for number, _ in measured)
    each = sorted(spent / number for number, spent in measured if number for _ in range(number))
    print(
        f"{folder}: {len(paths)} trials, {criteria} criteria; {len(paths) / seconds:.0f} trials/s, {criteria / seconds:.0f} criteria/s; "
        f"a criterion {median(each) * 1000:.2f} ms (median), {quantiles(each, n=100)[98] * 1000:.2f} ms (99th percentile, of its document's mean)"
    )


def _read(path: str) -> tuple[int, float]:
    """The number of criteria of a document and the processor time it took."""
    begin = time.process_time()
    trial = read_document(path)
    extract(compile_trial(trial))
    return sum(_count(item) for item in trial.items), time.process_time() - begin


def _count(item: Item) -> int:
    return 1 + sum(_count(child) for child in item.children)


def _long() -> float:
    text = (LONG * (LONG_LENGTH // len(LONG) + 1))[:LONG_LENGTH]
    path = Path(sys.argv[0]).with_suffix(".tmp.txt")
    path.write_text(f"Inclusion Criteria:\n- {text}\n", encoding="utf-8")
    try:
        return _read(str(path))[1]
    finally:
        path.unlink()


if __name__ == "__main__":
    main()
