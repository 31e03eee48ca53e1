"""Reference ranges and numbers that a store holds in several ways: SQL and the interpreter read the same of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from screening import predicates as p
from screening.evaluate import Context
from screening.evaluate.outcome import Reason
from screening.patient import DateSpan, Observation, Patient, ReferenceRange
from screening.store import read_store
from screening.store.rows import Numbering, rows
from screening.store.writing import Writer
from tests.batch_agreement import agree, by_sql, codes
from tests.batch_stores import ON, write

MISSING, NO_RANGE = codes.unknown(Reason.MISSING), codes.unknown(Reason.NO_REFERENCE_RANGE)
ULN, LLN = (
    p.Comparison("alt", p.Op.LE, p.Multiple(Decimal("1.5"), side, None)) for side in (p.Reference.ULN, p.Reference.LLN)
)


def converted(folder: Path, people: list[Patient]) -> Path:
    """A store of patients, as the program writes it."""
    folder.mkdir()
    numbering = Numbering()
    with Writer(folder) as writer:
        for patient in people:
            for table, row in rows(patient, numbering):
                writer.add(table, row)
    return folder


def ranged(pick: Random) -> ReferenceRange:
    low, high = (pick.choice([None, "0", "9", "40", "40.0", "60"]) for _ in range(2))
    return ReferenceRange(
        None if low is None else Decimal(low),
        None if high is None else Decimal(high),
        pick.choice([None, None, "U/L", "ukat/L"]),
        sex=pick.choice([None, None, "male", "female"]),
        age_low=pick.choice([None, None, None, Decimal(18)]),
        age_high=pick.choice([None, None, None, Decimal(17)]),
        type=pick.choice([None, None, None, "normal", "therapeutic"]),
    )


def person(pick: Random, number: int) -> Patient:
    born, day = date(2010, pick.choice([2, 3]), 1), ON - timedelta(days=pick.choice([0, 5]))
    when = pick.choice([None, DateSpan(day, day), DateSpan(day, day)])
    listed = tuple(ranged(pick) for _ in range(pick.choice([0, 1, 1, 2, 2, 3])))
    found = Observation(
        "alt", "ALT", Decimal(pick.choice(["30", "60", "61", "90"])), unit="U/L", date=when, ranges=listed
    )
    birth = pick.choice([None, DateSpan(born, born), DateSpan(born, born + timedelta(days=29))])
    return Patient(str(number), birth, pick.choice([None, "male", "female"]), observations=(found,))


def test_of_several_ranges_the_same_serves_in_the_store_as_in_the_record(tmp_path: Path) -> None:
    people = [person(Random(number), number) for number in range(500)]  # noqa: S311 -- test data
    folder = converted(tmp_path / "s", people)
    assert {item.id: item.observations[0].ranges for item in read_store(folder)} == {
        item.id: item.observations[0].ranges for item in people
    }
    agreed = agree(folder, [ULN, LLN], Context(ON, max_age="none"))
    assert agreed.decided > 300


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ([("60", "9")], NO_RANGE),  # alone, and it contradicts itself
        ([("60", "9"), (None, "40")], codes.TRUE),
        ([("9", "40"), ("60", "9")], codes.TRUE),
        ([("60", None), (None, "40")], codes.TRUE),  # each of one side: together they are no range of one row
        ([("9", "40"), ("9", "10")], NO_RANGE),
    ],
)
def test_a_range_that_contradicts_itself_serves_nothing(
    tmp_path: Path, limits: list[tuple[str | None, str | None]], code: int
) -> None:
    made = [ReferenceRange(*(None if side is None else Decimal(side) for side in pair), None) for pair in limits]
    found = Observation("alt", "ALT", Decimal(60), unit="U/L", date=DateSpan(ON, ON), ranges=tuple(made))
    folder = converted(tmp_path / "s", [Patient("1", observations=(found,))])
    agreed = agree(folder, [ULN], Context(ON))
    said = by_sql(folder, [ULN], Context(ON))["1"][0]
    assert said == code or (said == codes.ASK and agreed.asked == 1)


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("8,1", None, MISSING),  # a number that nobody can read for sure: the older one does not stand in
        ("not done", None, codes.TRUE),  # says nothing: the older one is the latest
        ("8,1", 1600.0, codes.TRUE),  # the number beside it is one
        ("", None, codes.TRUE),
        ("nan", None, codes.TRUE),
    ],
)
def test_digits_that_are_none_are_words(tmp_path: Path, text: str, value: float | None, code: int) -> None:
    older = {"value": 2000.0, "value_text": "2000", "date": ON - timedelta(days=9)}
    newer = {"value": value, "value_text": text, "date": ON}
    listed = [{"patient_id": 1, "variable": "anc", "unit": "/uL"} | row for row in (older, newer)]
    write(tmp_path / "s", {"patients": [{"patient_id": 1}], "observations": listed})
    enough = p.Comparison("anc", p.Op.GE, p.Amount(Decimal(1500), "/uL"))
    assert agree(tmp_path / "s", [enough], Context(ON)).asked == 0
    assert by_sql(tmp_path / "s", [enough], Context(ON))["1"] == (code,)
