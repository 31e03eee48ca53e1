"""How fast batches are, and whether they count right, beside hand-written SQL, the interpreter and Spark.

usage: python tests/benchmarks/batch.py SHARED [--parts a,b,…] [--patients N] [--large] [--folder DIR]

  a  the yardstick SHARED/bench/batch_reference.py: the same counts per criterion, and the ratio of times in one run
  b  100 k patients × 40 criteria from the command line, result written: seconds and memory
  c  the interpreter: patients a second, with and without explanations
  d  Spark (local) against DuckDB: ratio of times, and whether the result files are the same bytes
  e  growth: seconds at 10 k, 100 k, 1 M patients, 10 M with --large
  f  200 trials × 40 criteria × 100 k patients
  g  the five trials × the real and synthetic patients in SHARED: counts per verdict and per criterion

--patients sets the size of a and d (1 M); --scale divides the sizes of the other parts. Prints tables; fails at nothing but
wrong counts, because machines differ.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from screening.app.documents import load
from screening.explain import judge, screen
from screening.store import read_store

ON, DAYS = date(2026, 6, 30), 180
FURTHER = """- Platelets < 30 x 10^9/L
- ANC < 500/uL
- Hemoglobin < 7 g/dL
- Glucose > 350 mg/dL
- ALT > 20 x ULN
- AST > 20 x ULN
- Serum albumin > 6 g/dL
- Alkaline phosphatase > 20 x ULN
- WBC < 1 x 10^9/L
- Age over 100 years
"""
"""Ten exclusion criteria more than the yardstick's thirty."""

LIMITS = (("ANC) >= 1500/uL", "ANC) >= {}/uL", 1000, 5), ("Platelets >= 100 ", "Platelets >= {} ", 50, 1))
"""What differs between the trials of part f: words, words with a number, its first value, its step."""

TRIALS = ("NCT02843126", "NCT03619954", "NCT06674265", "IRCT20200429047241N1", "IRCT20200621047859N1")
SOURCES = {
    "NHANES adults": ("nhanes_2017_2018", ("--mapping", "nhanes"), "2018-12-31"),
    "SDTM subjects": ("sdtm_cdiscpilot", (), "2014-07-01"),
    "Synthea bundles": ("synthea_r4_bundles", (), "2026-06-30"),
    "Synthea laboratory": ("synthea_r4_labs", (), "2026-06-30"),
}
"""Name → folder in SHARED/patients, options of the conversion, screening date."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ran: seconds by the clock, seconds of all its threads, most memory in MB, what it printed."""

    seconds: float
    worked: float
    memory: int
    output: str


def run(*command: str, status: Sequence[int] = (0,)) -> Done:
    """Runs a command to its end."""
    started = time.perf_counter()
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdout=out, stderr=errors) as process,
    ):
        _, code, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(code)
        if process.returncode not in status:
            errors.seek(0)
            raise SystemExit(f"exit status {process.returncode}: {' '.join(command)}\n{errors.read().decode()}")
        out.seek(0)
        text = out.read().decode()
    seconds = time.perf_counter() - started
    return Done(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, text)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where data is and goes."""

    shared: Path
    folder: Path
    patients: int
    scale: int
    large: bool

    @property
    def reference(self) -> str:
        """The yardstick's script."""
        return str(self.shared / "bench" / "batch_reference.py")

    def made(self, patients: int) -> Path:
        """The yardstick's data for so many patients."""
        found = self.folder / f"yardstick{patients}"
        if not (found / "trial.txt").exists():
            run(sys.executable, self.reference, "make", str(found), str(patients))
        return found

    def batch(self, trials: Sequence[Path], store: Path, *more: str) -> tuple[Done, dict[str, Any]]:
        """`screening batch` with two threads, as the yardstick has them."""
        paths = [*map(str, trials), str(store), "-o", str(self.folder / "result.parquet")]
        given = ["--on", ON.isoformat(), "--max-age", str(DAYS), "--format", "json", "--threads", "2", *more]
        done = run(sys.executable, "-m", "screening", "batch", *paths, *given)
        return done, json.loads(done.output)


def yardstick(bench: Bench) -> None:
    """Part a."""
    store = bench.made(bench.patients)
    by_hand = json.loads(run(sys.executable, bench.reference, "sql", str(store)).output)
    runs = [bench.batch([store / "trial.txt"], store)[1] for _ in range(3)]
    counted = [[item[name] for name in ("pass", "fail", "unknown")] for item in runs[0]["trials"][0]["criteria"]]
    print(f"a  {bench.patients:,} patients, 30 criteria, engine time, best of three on either side")
    wrong = sum(mine != its for mine, its in zip(counted, by_hand["criteria"], strict=True))
    print(f"   criteria with other counts than the hand-written SQL: {wrong} of {len(counted)}")
    best = min(found["engine_seconds"] for found in runs)
    print(f"   screening {best:.2f} s, by hand {by_hand['seconds']:.2f} s, ratio {best / by_hand['seconds']:.2f}")
    converted = run(
        sys.executable, "-m", "screening", "store", "convert", str(store), str(bench.folder / "converted"), status=(0, 1)
    ) if bench.patients <= 100_000 else None  # fmt: skip
    if converted:
        print(f"   conversion, apart: {converted.seconds:.1f} s")
    if wrong:
        raise SystemExit("wrong counts")


def forty(bench: Bench, name: str, change: Callable[[str], str] = str) -> Path:
    """A trial of forty criteria."""
    text = (bench.made(10_000 // bench.scale) / "trial.txt").read_text(encoding="utf8")
    path = bench.folder / f"{name}.txt"
    path.write_text(change(text.replace("Batch yardstick trial", f"Trial {name}") + FURTHER), encoding="utf8")
    return path


def command(bench: Bench) -> None:
    """Part b."""
    patients = 100_000 // bench.scale
    done, found = bench.batch([forty(bench, "forty")], bench.made(patients))
    size = (bench.folder / "result.parquet").stat().st_size / 1e6
    criteria = len(found["trials"][0]["criteria"])
    print(f"b  {patients:,} patients × {criteria} criteria, from the command line, result of {size:.1f} MB written")
    print(f"   {done.seconds:.1f} s, {done.memory} MB (processor time {done.worked:.1f} s)")


def interpreter(bench: Bench) -> None:
    """Part c."""
    store = bench.made(10_000 // bench.scale)
    rules = load(store / "trial.txt")
    people = list(islice(read_store(store), 1000))
    print(f"c  the interpreter, 30 criteria, {len(people)} patients, one process")
    for name, work in (("without", judge), ("with", screen)):
        started = time.perf_counter()
        sum(1 for _ in work(rules, people, ON, max_age=DAYS)) if work is judge else work(
            rules, people, ON, max_age=DAYS
        )
        print(f"   {len(people) / (time.perf_counter() - started):,.0f} patients/s {name} explanations")


def spark(bench: Bench) -> None:
    """Part d."""
    patients = bench.patients // bench.scale
    store = bench.made(patients)
    trial, result = [store / "trial.txt"], bench.folder / "result.parquet"
    _, here = bench.batch(trial, store)
    mine = result.read_bytes()
    _, there = bench.batch(trial, store, "--engine", "spark", "--master", "local[2]")
    ratio = there["engine_seconds"] / here["engine_seconds"]
    print(f"d  {patients:,} patients, 30 criteria, engine time, Spark's session started before")
    print(f"   Spark {there['engine_seconds']:.2f} s, DuckDB {here['engine_seconds']:.2f} s, ratio {ratio:.1f}")
    print(f"   result files: {'the same bytes' if result.read_bytes() == mine else 'DIFFERENT'}")


def growth(bench: Bench) -> None:
    """Part e."""
    print("e  30 criteria, from the command line, result written")
    print(f"   {'patients':>10} {'engine s':>9} {'writing s':>9} {'in all s':>9} {'µs each':>8} {'MB':>7}")
    for patients in (10_000, 100_000, 1_000_000, *([10_000_000] if bench.large else [])):
        store = bench.made(patients // bench.scale)
        done, found = bench.batch([store / "trial.txt"], store)
        engine, writing = found["engine_seconds"], found["writing_seconds"]
        each = 1e6 * done.seconds / found["patients"]
        print(
            f"   {found['patients']:>10,} {engine:>9.2f} {writing:>9.2f} {done.seconds:>9.2f} {each:>8.1f} {done.memory:>7,}"
        )


def many(bench: Bench) -> None:
    """Part f."""
    patients = 100_000 // bench.scale
    trials = [forty(bench, f"many{number}", _moved(number)) for number in range(200)]
    done, found = bench.batch(trials, bench.made(patients))
    cells = sum(len(trial["criteria"]) for trial in found["trials"]) * patients
    print(f"f  {len(trials)} trials × 40 criteria × {patients:,} patients: {cells / 1e6:,.0f} M cells")
    seconds = f"engine {found['engine_seconds']:.1f} s, writing {found['writing_seconds']:.1f} s"
    print(f"   {done.seconds:.1f} s ({seconds}), {done.memory} MB")


def _moved(number: int) -> Callable[[str], str]:
    """The trial's text with other limits."""

    def change(text: str) -> str:
        for words, changed, first, step in LIMITS:
            text = text.replace(words, changed.format(first + step * number))
        return text

    return change


def people(bench: Bench) -> None:
    """Part g."""
    for name, (source, options, on) in SOURCES.items():
        store = bench.folder / source
        given = [str(bench.shared / "patients" / source), str(store)]
        converted = run(sys.executable, "-m", "screening", "store", "convert", *given, *options, status=(0, 1))
        trials = [str(bench.shared / "seeds" / f"{trial}.txt") for trial in TRIALS]
        out = ["-o", str(bench.folder / f"{source}.parquet"), "--on", on, "--max-age", "none", "--skip-refused"]
        done = run(
            sys.executable, "-m", "screening", "batch", *trials, str(store), *out, "--format", "json", status=(0, 1)
        )
        print(
            f"g  {name} on {on}, any age of values: converted in {converted.seconds:.1f} s, {done.seconds:.1f} s for {len(trials)} trials"
        )
        print("\n".join(_counts(json.loads(done.output))))


def _counts(found: dict[str, Any]) -> Iterator[str]:
    yield f"   {found['patients']:,} patients, {found['rows_lost']:,} rows left out"
    for trial in found["trials"]:
        verdicts = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in trial["verdicts"].items())
        yield f"   {trial['trial']}: {verdicts}"
        cells = found["patients"] * len(trial["criteria"])
        yield f"      left to the interpreter: {trial['asked']:,} of {cells:,} cells ({trial['asked'] / cells:.2%})"
        refused = [item["id"] for item in trial["criteria"] if "interpreter_only" in item]
        if refused:
            yield f"      interpreter only: {', '.join(refused)}"
        for item in trial["criteria"]:
            if item["pass"] or item["fail"]:
                yield f"      {item['id']:6} pass {item['pass']:>6} fail {item['fail']:>6} unknown {item['unknown']:>6}"
        open_ones = [item["id"] for item in trial["criteria"] if not item["pass"] and not item["fail"]]
        yield f"      unknown for all: {', '.join(open_ones) or 'none'}"


PARTS = {"a": yardstick, "b": command, "c": interpreter, "d": spark, "e": growth, "f": many, "g": people}


def main() -> None:
    """Runs the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--parts", default="a,b,c,d,e,f,g")
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--scale", type=int, default=1, help="divide the sizes of the other parts")
    parser.add_argument("--large", action="store_true", help="10 M patients in part e")
    parser.add_argument("--folder", type=Path, help="keep data and results there, and use what is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(given.shared, folder, given.patients, given.scale, given.large)
        for part in given.parts.split(","):
            PARTS[part](bench)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
