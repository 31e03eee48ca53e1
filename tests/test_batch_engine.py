"""A batch run from outside: killed, short of memory, with rows lost, many trials; what it leaves and what it says."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

ON = date(2026, 6, 30)
PATIENTS = 3_000
TRIAL = """Trial {name}

Inclusion Criteria:
- Age 18 to 75 years
- Platelets >= {limit} x 10^9/L
- ALT <= 2.5 x ULN
"""


def rows() -> dict[str, list[Any]]:
    """Two tests of every patient on most days of a month, their values spread over the limits."""
    found: dict[str, list[Any]] = {
        name: [] for name in ("patient_id", "loinc", "value", "unit", "date", "ref_high", "seq")
    }
    for number in range(PATIENTS * 4):
        test = number % 2
        values = (number % PATIENTS, ("777-3", "1742-6")[test], float(number * 7919 % 300), ("10*3/uL", "U/L")[test])
        day = ON - timedelta(days=number * 31 % 45)
        for column, value in zip(found, (*values, day, 40.0 if number % 3 else None, number), strict=True):
            found[column].append(value)
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place")
    store = folder / "store"
    store.mkdir()
    births = [ON - timedelta(days=4000 + 9 * number) for number in range(PATIENTS)]
    patients = pa.table(
        {"patient_id": range(PATIENTS), "birth_date": births, "deceased": [n < 5 for n in range(PATIENTS)]}
    )
    pq.write_table(patients, store / "patients.parquet")
    pq.write_table(pa.table(rows()), store / "observations.parquet")
    (folder / "trial.txt").write_text(TRIAL.format(name="one", limit=100), encoding="utf8")
    return folder


def command(place: Path, out: Path, *more: str) -> list[str]:
    paths = [str(place / "trial.txt"), str(place / "store"), "-o", str(out)]
    return [sys.executable, "-m", "screening", "batch", *paths, "--on", ON.isoformat(), "--max-age", "90", *more]


def run(place: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(place, out, *more), capture_output=True, text=True, check=False, encoding="utf8")


def killed(place: Path, out: Path, how: signal.Signals) -> int:
    """The exit status of a run that is killed as soon as it has begun to write."""
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)  # where a shell's "&" ignores it, a child would too
    try:
        process = subprocess.Popen(command(place, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finally:
        signal.signal(signal.SIGINT, ours)
    deadline = time.monotonic() + 60
    while not list(out.parent.glob(".*unfinished*")):
        assert process.poll() is None, "the run was over before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(how)
    return process.wait(timeout=60)


def test_a_run_that_is_killed_leaves_nothing_under_the_name_and_the_next_gives_the_same_bytes(
    place: Path, tmp_path: Path
) -> None:
    whole, folder = tmp_path / "whole.parquet", tmp_path / "killed"
    folder.mkdir()
    assert run(place, whole).returncode == 0
    out = folder / "out.parquet"
    assert killed(place, out, signal.SIGTERM) == 128 + signal.SIGTERM
    assert list(folder.iterdir()) == []
    assert killed(place, out, signal.SIGINT) == 130
    assert list(folder.iterdir()) == []
    assert killed(place, out, signal.SIGKILL) == -signal.SIGKILL
    assert not out.exists()
    assert run(place, out).returncode == 0
    assert [path.name for path in folder.iterdir()] == [out.name]
    assert out.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_table_for_people_is_whole_or_not_there(place: Path, tmp_path: Path, ending: str) -> None:
    folder = tmp_path / "killed"
    folder.mkdir()
    out = folder / f"out.{ending}"
    assert killed(place, out, signal.SIGKILL) == -signal.SIGKILL
    assert not out.exists()
    assert run(place, out).returncode == 0
    assert [path.name for path in folder.iterdir()] == [out.name]


def test_a_result_that_is_there_survives_a_run_that_is_killed(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    out.write_bytes(b"an older result")
    assert killed(place, out, signal.SIGTERM) != 0
    assert out.read_bytes() == b"an older result"


def test_threads_and_memory_do_not_change_the_bytes(place: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    assert run(place, one, "--threads", "1", "--memory", "100MB").returncode == 0
    assert run(place, two, "--threads", "4").returncode == 0
    assert one.read_bytes() == two.read_bytes()
    refused = run(place, one, "--memory", "much")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_the_deceased_are_counted_apart(place: Path, tmp_path: Path) -> None:
    done = run(place, tmp_path / "out.parquet", "--format", "json")
    trial = json.loads(done.stdout)["trials"][0]
    assert trial["verdicts"]["deceased"] == 5
    assert {item["pass"] + item["fail"] + item["unknown"] for item in trial["criteria"]} == {PATIENTS - 5}


def test_rows_that_were_lost_are_counted_and_make_the_exit_status_1(place: Path, tmp_path: Path) -> None:
    store = place / "store"
    lost = {"patient_id": ["7", None, None], "source": ["a:3", "a:9", "b:1"], "message": ["no date", "not JSON", "odd"]}
    pq.write_table(pa.table(lost | {"lost": [True, True, False]}), store / "findings.parquet")
    try:
        done = run(place, tmp_path / "out.parquet", "--format", "json")
    finally:
        (store / "findings.parquet").unlink()
    assert done.returncode == 1
    assert json.loads(done.stdout)["rows_lost"] == 2
    assert "not JSON (a:9)" in done.stderr
    assert "odd" not in done.stderr


def test_rows_of_nobody_are_lost_rows(place: Path, tmp_path: Path) -> None:
    store = place / "store"
    stray = {"patient_id": [PATIENTS + 1, 3], "code": ["C50", "C50"], "system": ["ICD-10", "ICD-10"]}
    pq.write_table(pa.table(stray), store / "conditions.parquet")
    try:
        done = run(place, tmp_path / "out.parquet", "--format", "json")
    finally:
        (store / "conditions.parquet").unlink()
    assert (done.returncode, json.loads(done.stdout)["rows_lost"]) == (1, 1)
    assert "1 rows belong to no patient" in done.stderr


def test_many_trials_share_blocks_and_each_is_decided_as_if_alone(place: Path, tmp_path: Path) -> None:
    names = []
    for number in range(27):
        names.append(tmp_path / f"trial{number}.txt")
        names[-1].write_text(TRIAL.format(name=number, limit=50 + 5 * number), encoding="utf8")
    out, alone = tmp_path / "all.parquet", tmp_path / "alone.parquet"
    common = [str(place / "store"), "--on", ON.isoformat(), "--max-age", "90"]
    base = [sys.executable, "-m", "screening", "batch"]
    subprocess.run([*base, *map(str, names), *common, "-o", str(out)], check=True, capture_output=True)
    subprocess.run([*base, str(names[26]), *common, "-o", str(alone)], check=True, capture_output=True)
    everything, single = pq.read_table(out), pq.read_table(alone)
    assert everything.num_rows == 27 * PATIENTS
    assert everything.slice(26 * PATIENTS).to_pylist() == single.to_pylist()
    assert len(set(everything["trial"].to_pylist())) == 27


@pytest.mark.parametrize(
    ("store", "out", "said"),
    [
        ("store", "store/patients.parquet", "lies inside the store"),
        ("store", "missing/out.parquet", "its folder does not exist"),
        ("nowhere", "out.parquet", "no store"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_the_store_stays(
    place: Path, store: str, out: str, said: str
) -> None:
    before = (place / "store" / "patients.parquet").read_bytes()
    command = [sys.executable, "-m", "screening", "batch", "trial.txt", store, "-o", out, "--on", ON.isoformat()]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=place)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr
    assert ".unfinished" not in done.stderr
    assert (place / "store" / "patients.parquet").read_bytes() == before
