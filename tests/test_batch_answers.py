"""Answers of people in batches: heard as `screen` hears them, in the store and beside it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import astuple, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest

from screening.app.documents import load
from screening.batch.engine import Run, batch
from screening.evaluate import Context
from screening.explain import screen
from screening.patient import Attestation
from screening.store import read_store
from screening.store.errors import StoreError
from tests.batch_stores import Tables, write

ON = date(2026, 3, 11)
TRIAL = """Answers

Inclusion Criteria:
- Age 18 to 75 years
- ANC >= 1500/uL
- Priority should be given to patients with lymphoma
- The investigator thinks that the patient can comply

Exclusion Criteria:
- Platelets < 100 x 10^9/L
- Pregnancy
"""
CRITERIA = ("I1", "I2", "I3", "I4", "E1", "E2", "E9")
Given = tuple[str | None, Attestation]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "screening", *arguments], capture_output=True, text=True, check=False, encoding="utf8"
    )


def answered(pick: Random, people: range, count: int) -> list[Given]:
    """Answers to all sorts of criteria: several on a day, later than the screening, to another trial, to none."""
    return [
        (
            str(pick.choice(people)),
            Attestation(
                pick.choice(CRITERIA),
                pick.random() < 0.6,
                "Ada",
                ON + timedelta(days=pick.choice((-30, -1, 0, 0, 1))),
                "",
                pick.choice((None, None, "trial", "another")),
            ),
        )
        for _ in range(count)
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A trial and a store of 60 patients, every tenth deceased, with results and answers."""
    pick, people = Random(5), range(1, 61)  # noqa: S311 -- test data
    (tmp_path / "trial.txt").write_text(TRIAL, encoding="utf8")
    results = [
        {
            "patient_id": who,
            "variable": name,
            "value": pick.choice((0.9, 1.5, 99.0, 250.0)),
            "unit": "10*9/L",
            "date": ON,
        }
        for who in people
        for name in ("anc", "platelets")
        if pick.random() < 0.6
    ]
    names = ("criterion", "answer", "who", "on", "why", "trial")
    tables: Tables = {
        "patients": [
            {
                "patient_id": who,
                "birth_date": date(1940 + who, 3, 12),
                "sex": pick.choice(("female", "male", None)),
                "deceased": who % 10 == 0,
            }
            for who in people
        ],
        "observations": results,
        "attestations": [
            {"patient_id": int(who or 0), **dict(zip(names, astuple(given), strict=True))}
            for who, given in answered(pick, people, 90)
        ],
    }
    write(tmp_path / "store", tables)
    return tmp_path


@pytest.mark.parametrize("beside", [False, True])
def test_answers_are_heard_as_screen_hears_them(folder: Path, beside: bool) -> None:
    rules, out = load(folder / "trial.txt"), folder / "out.parquet"
    given = answered(Random(6), range(1, 61), 90) if beside else []  # noqa: S311 -- test data
    given += [(None, Attestation("I4", True, "Bea", ON - timedelta(days=60)))] if beside else []
    batch([rules], folder / "store", out, Run(Context(ON), answers=given))
    rows = {str(row["patient_id"]): row for row in pq.read_table(out).to_pylist()}
    patients = list(read_store(folder / "store"))
    silent = screen(rules, [replace(patient, attestations=()) for patient in patients], ON)
    heard = screen(rules, patients, ON, attestations=given)
    assert heard.patients != silent.patients
    for said in heard.patients:
        assert rows[said.id]["verdict"] == said.verdict
        for cell in said.criteria:
            expected = {"pass": True, "fail": False, "unknown": None}[cell.outcome]
            found = rows[said.id][cell.id], rows[said.id][f"{cell.id}_reason"]
            assert found == (expected, cell.reason), f"{cell.id} of {said.id}"


def test_a_file_of_answers_and_those_that_nobody_took_up(folder: Path) -> None:
    """Patient 10 is deceased, patient 99 is not in the store; answers to another trial are not missed."""
    (folder / "store" / "attestations.parquet").unlink()
    with (folder / "answers.csv").open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("patient", "criterion", "answer", "who", "on", "trial"))
        for who, criterion, trial in ((1, "I4", ""), (10, "I4", ""), (99, "I4", ""), (2, "E9", ""), (3, "I4", "other")):
            writer.writerow((who, criterion, "true", "Ada", "2026-03-01", trial))
    trial, store, out = (str(folder / name) for name in ("trial.txt", "store", "out.parquet"))
    given = ("--on", "2026-03-11", "--attest", str(folder / "answers.csv"))
    done = run("batch", trial, store, "-o", out, *given, "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["rows_lost"] == 3
    assert [line.split("(")[-1] for line in done.stderr.splitlines() if "attestation" in line] == [
        "10 I4)", "99 I4)", "2 E9)",
    ]  # fmt: skip
    judged = {str(row["patient_id"]): row["I4"] for row in pq.read_table(out).to_pylist()}
    assert [name for name, answer in judged.items() if answer] == ["1"]
    assert "attested by Ada" in run("batch", trial, store, "--explain", "1", *given).stdout


@pytest.mark.parametrize(
    ("column", "word", "said"),
    [("certainty", "perhaps", "confirmed, possible, refuted"), ("activity", "ended", "current, past, unknown")],
)
def test_a_word_the_shape_does_not_know(folder: Path, column: str, word: str, said: str) -> None:
    """One line for both readers, which does not repeat what the record says."""
    write(folder / "store", {"conditions": [{"patient_id": 1, "text": "pregnancy", column: word}]})
    message = f"conditions: the column {column} holds a word that is none of {said}"
    rules = load(folder / "trial.txt")
    with pytest.raises(StoreError, match=message):
        batch([rules], folder / "store", folder / "out.parquet", Run(Context(ON)))
    with pytest.raises(StoreError, match=message) as caught:
        list(read_store(folder / "store"))
    assert word not in str(caught.value)
