"""Generated stores: numbers near the limits that predicates have, on days near the edges of their windows."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from screening import units

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

ON = date(2028, 2, 29)
VARIABLES = ("anc", "alt", "creatinine", "hemoglobin", "hba1c", "ecog", "spo2", "platelets", "temperature")
BOUNDARIES = ["1.5", "1.0", "1500", "1.2", "1.8", "100", "40", "60", "9", "90", "6.5", "48", "2", "0", "0.1"]
NUMBERS = [*BOUNDARIES, "1499", "1501", "1.49999999", "1.50000001", "123456789", "2.7", "3", "60.0", "62.5", "37.21"]

TYPES = {
    "patient_id": pa.int64(),
    "value": pa.float64(),
    "date": pa.date32(),
    "date_last": pa.date32(),
    "ref_low": pa.float64(),
    "ref_high": pa.float64(),
    "seq": pa.int64(),
    "answer": pa.bool_(),
    "on": pa.date32(),
    "birth_date": pa.date32(),
    "birth_last": pa.date32(),
    "deceased": pa.bool_(),
    "qualifiers": pa.list_(pa.string()),
    "ranges": pa.list_(
        pa.struct([(n, pa.string()) for n in ["low", "high", "unit", "raw_unit", "sex", "age_low", "age_high", "type"]])
    ),
}

BIRTHS = [
    None, date(2010, 2, 28), date(2010, 3, 1), date(2010, 2, 27), date(1952, 2, 29), date(2012, 2, 29),
    date(2025, 8, 31), ON, ON + timedelta(days=1),
]  # fmt: skip

Tables = dict[str, list[dict[str, Any]]]


def person(pick: Random) -> dict[str, Any]:
    birth, last = pick.choice(BIRTHS), pick.choice([None, None, 30, 364, -9])
    return {
        "birth_date": birth,
        "birth_last": birth + timedelta(days=last) if birth and last else None,
        "sex": pick.choice(["female", "male", "other", None]),
    }


def result_row(pick: Random) -> dict[str, Any]:
    """A number near a boundary, in one of some units, on one of a few days."""
    variable = pick.choice(VARIABLES)
    accepted = units.accepted(variable)
    text = pick.choice(NUMBERS) if pick.random() < 0.9 else None
    unit = pick.choice([*accepted[:2], *accepted[:2], None, "mg"]) if accepted else None
    low, high = pick.choice([(None, None), (0.0, 0.0), (1.0, 1.2), (None, 40.0), (9.0, 60.0), (0.8, float("nan"))])
    return {
        "variable": variable,
        "value": float(text) if text else pick.choice([float("nan"), float("inf"), None]),
        "value_text": text,
        "unit": unit,
        "date": ON - timedelta(days=pick.choice([0, 0, 1, 27, 28, 28, 29, 30, 31, -1, pick.randint(-3, 60)])),
        "ref_low": low,
        "ref_high": high,
    }


def ordered_store(pick: Random, patients: int) -> Tables:
    """Patients whose results are numbered in an order of their own."""
    people = [{"patient_id": number} | person(pick) for number in range(patients)]
    found = [{"patient_id": pick.randrange(patients)} | result_row(pick) for _ in range(12 * patients)]
    order = pick.sample(range(len(found)), len(found))
    return {"patients": people, "observations": [r | {"seq": seq} for r, seq in zip(found, order, strict=True)]}


INPUTS = {
    "creatinine": (["0.9", "0.8", "1.2", "88.4", "80", "2"], ["mg/dL", "umol/L"]),
    "weight": (["70", "70.5", "100", "55"], ["kg", "kg", "g"]),
    "height": (["200", "175", "2", "160"], ["cm", "m"]),
    "qt": (["400", "450", "0.4"], ["ms", "s"]),
    "heart_rate": (["60", "75", "0"], ["/min"]),
    "calcium": (["8.0", "9.6", "2.4"], ["mg/dL", "mmol/L"]),
    "albumin": (["4.0", "2.8", "3.5", "35", "2"], ["g/dL", "g/L"]),
    "bilirubin_total": (["2", "3", "2.0", "34.2", "0.5"], ["mg/dL", "umol/L"]),
    "inr": (["1.7", "1", "2.3"], [None, "1"]),
    "ascites_grade": (["0", "1", "2"], [None]),
    "encephalopathy_grade": (["0", "1", "3"], [None]),
    "ast": (["40", "60"], ["U/L"]),
    "alt": (["25", "40", "0"], ["U/L"]),
    "platelets": (["240", "150000"], ["10*9/L", "/uL"]),
    "wbc": (["3", "3000"], ["10*9/L", "/uL"]),
    "neut_pct": (["50", "0.5"], ["%"]),
    "systolic_bp": (["120", "130"], ["mm[Hg]"]),
    "diastolic_bp": (["80", "79.5"], ["mm[Hg]"]),
    "egfr": (["60", "59.9"], ["mL/min/{1.73_m2}"]),
    "anc": (["1500", "1.5"], ["/uL", "10*9/L"]),
}
"""Inputs of formulas: numbers and units."""


def input_row(pick: Random, variable: str) -> dict[str, Any]:
    numbers, known = INPUTS[variable]
    text = pick.choice(numbers)
    return {
        "variable": variable,
        "value": float(text),
        "value_text": text,
        "unit": pick.choice(known),
        "date": ON - timedelta(days=pick.choice([0, 0, 0, 1, 1, 28, 40, -1])),
        "ref_low": None,
        "ref_high": None,
    }


def input_store(pick: Random, patients: int) -> Tables:
    """Patients with the inputs of formulas, some of them twice on a day, with times or numbers or neither."""
    made = kind(pick)
    people = [{"patient_id": number} | person(pick) for number in range(patients)]
    found = []
    for number in range(patients):
        day = pick.choice([None, ON])
        for variable in INPUTS:
            for _ in range(pick.choice([0, 1, 1, 1, 2, 3]) if pick.random() < 0.9 else 0):
                row = {"patient_id": number} | input_row(pick, variable) | marks(pick, made)
                found.append(row | ({"date": day} if day and pick.random() < 0.8 else {}))
                partly(pick, found[-1], made)
    names = dict.fromkeys(name for row in found for name in row)
    return {"patients": people, "observations": [{name: row.get(name) for name in names} for row in found]}


TIMES = [None, "08:00:00", "08:00:00", "09:30:00", "09:30", "23:59:59", "08:00:00.250", "08:00:00+02:00"]


@dataclass(frozen=True)
class Kind:
    """What a generated store has besides numbers with a day."""

    timed: bool
    numbered: bool
    partial: float
    undated: bool
    worded: bool
    marks: tuple[str, ...]


MARKS: dict[str, list[Any]] = {
    "comparator": [None] * 6 + ["<", "<=", ">", ">="],
    "qualifiers": [[], [], [], ["room_air"], ["on_oxygen"], ["fasting"], ["baseline"]],
    "method": [None, None, None, "measured", "echo"],
    "ref_sex": [None, None, None, "male"],
    "ref_type": [None, None, None, "normal", "therapeutic"],
}


def kind(pick: Random) -> Kind:
    timed, numbered, undated, worded = (pick.random() < chance for chance in (0.5, 0.3, 0.3, 0.5))
    return Kind(timed, numbered, pick.choice(PARTIAL), undated, worded, tuple(pick.sample(list(MARKS), 2)))


PARTIAL = [0, 0, 0.05, 0.6, 1]
"""Shares of results whose date is partial."""


def partly(pick: Random, row: dict[str, Any], made: Kind) -> None:
    """Gives a row a partial date, or none at all: a month, a year, a cycle of two years, or some days around."""
    day = row["date"]
    if made.partial:
        row["date_last"] = None
    if pick.random() < made.partial:
        month = day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
        year = date(day.year, 1, 1), date(day.year, 12, 31)
        cycle = date(day.year - 1, 1, 1), date(day.year, pick.choice([2, 12]), 28)
        near = day - timedelta(days=pick.choice([0, 1, 30])), day + timedelta(days=pick.choice([0, 1, 30]))
        row["date"], row["date_last"] = pick.choice([month, month, year, cycle, near, near, near[::-1]])
    if made.undated and pick.random() < 0.05:
        row["date"] = row["date_last"] = None
        row["time"] = None


def marks(pick: Random, kind: Kind) -> dict[str, Any]:
    """What of a row is more than a number."""
    found: dict[str, Any] = {}
    if kind.timed:
        found["time"] = pick.choice(TIMES)
    if kind.numbered:
        found["seq"] = pick.choice([None, 1, 2, 3, 4, 5])
    return found | {name: pick.choice(MARKS[name]) for name in kind.marks}


def loose_store(pick: Random, patients: int) -> Tables:
    """Patients with several results on a day, times and numbers or none, words, partial dates, circumstances."""
    made = kind(pick)
    people = [{"patient_id": number} | person(pick) for number in range(patients)]
    found = []
    for _ in range(10 * patients):
        row = {"patient_id": pick.randrange(patients)} | result_row(pick) | marks(pick, made)
        found.append(row)
        if pick.random() < 0.4:
            found.append(_twin(row, pick) | marks(pick, made))
    for row in found:
        if made.worded:
            row["text"] = None
            _worded(row, pick)
        partly(pick, row, made)
    names = dict.fromkeys(name for row in found for name in row)
    return {"patients": people, "observations": [{name: row.get(name) for name in names} for row in found]}


def _twin(row: dict[str, Any], pick: Random) -> dict[str, Any]:
    """A second result of the same day: the same, rounded, in another unit, or another number."""
    accepted = units.accepted(row["variable"])
    text = pick.choice([row["value_text"], row["value_text"], pick.choice(NUMBERS)])
    if text and pick.random() < 0.5:
        text = str(Decimal(text) + Decimal(pick.choice(["0.05", "0.04", "0.1", "-0.05", "0.00"])))
    unit = pick.choice([row["unit"], row["unit"], *accepted[:2]])
    return row | {"value": float(text) if text else None, "value_text": text, "unit": unit}


WORDS = ["negative", "POS", "see comment", "8,1 g/dL (low)", "ECOG 1", "2", "grade 1", "not detected"]


def _worded(row: dict[str, Any], pick: Random) -> None:
    if row["value_text"] is None and pick.random() < 0.6:
        row[pick.choice(["text", "text", "value_text"])] = pick.choice(WORDS)
        row["value"] = pick.choice([None, None, 2.0])
    if pick.random() < 0.02:
        row["variable"], row["text"] = "hcg", pick.choice(WORDS)


def write(folder: Path, tables: Tables) -> None:
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        names = list(rows[0]) if rows else ["patient_id"]
        columns = {c: pa.array([row[c] for row in rows], TYPES.get(c, pa.string()), from_pandas=False) for c in names}
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
