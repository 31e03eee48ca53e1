"""Results of which only a month, a year or a cycle of two years is known: SQL decides by intervals, as `screen` does."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from screening import predicates as p
from screening.evaluate import Context
from screening.evaluate.outcome import Reason
from tests.batch_agreement import agree, by_sql, codes
from tests.batch_stores import ON, write

MONTH = (date(2028, 2, 1), date(2028, 2, 29))
CYCLE = (date(2027, 1, 1), date(2028, 12, 31))
STALE, MISSING, CONFLICTING = map(codes.unknown, (Reason.STALE, Reason.MISSING, Reason.CONFLICTING))
ENOUGH = p.Comparison("anc", p.Op.GE, p.Amount(Decimal(1500), "/uL"))
Row = tuple[str, date, date | None]


def told(folder: Path, rows: list[Row], predicate: p.Predicate = ENOUGH, context: Context = Context(ON)) -> int:  # noqa: B008 -- frozen
    """What SQL says of the one patient, and the interpreter too."""
    names = ("value_text", "date", "date_last")
    listed = [
        {"patient_id": 1, "variable": "anc", "value": float(row[0]), "unit": "/uL"} | dict(zip(names, row, strict=True))
        for row in rows
    ]
    write(folder / "s", {"patients": [{"patient_id": 1, "sex": "male"}], "observations": listed})
    assert agree(folder / "s", [predicate], context).asked == 0
    return by_sql(folder / "s", [predicate], context)["1"][0]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("2000", *MONTH)], codes.TRUE),  # 28 days at most: surely inside
        ([("2000", date(2028, 1, 31), date(2028, 2, 29))], STALE),  # a day of it lies before
        ([("2000", *CYCLE)], STALE),
        ([("2000", date(2028, 3, 1), date(2028, 3, 31))], MISSING),  # later than the screening date
        ([("2000", *MONTH), ("1600", date(2028, 2, 10), None)], codes.TRUE),
        ([("2000", *MONTH), ("1400", date(2028, 2, 10), None)], CONFLICTING),
        ([("1400", *MONTH), ("2000", ON, None)], CONFLICTING),  # the month may have ended with the screening date
        ([("1400", date(2028, 2, 1), date(2028, 2, 28)), ("2000", ON, None)], codes.TRUE),
        ([("1400", *CYCLE), ("2000", ON, None)], CONFLICTING),  # may be the later one, or outside
        ([("1400", date(2027, 1, 1), date(2027, 12, 31)), ("2000", date(2028, 2, 2), None)], codes.TRUE),
    ],
)
def test_what_a_partial_date_leaves_open_is_open(tmp_path: Path, rows: list[Row], code: int) -> None:
    assert told(tmp_path, rows) == code


def test_of_one_cycle_all_results_count(tmp_path: Path) -> None:
    """As in surveys that publish no day: any age will do, and nobody knows which reading was the last."""
    anytime = Context(ON, max_age="none")
    known = (date(2026, 1, 1), date(2027, 12, 31))
    assert told(tmp_path, [("2000", *known), ("1500", *known)], context=anytime) == codes.TRUE
    assert told(tmp_path, [("2000", *known), ("1499", *known)], context=anytime) == CONFLICTING
    largest = p.Comparison("anc", p.Op.GE, p.Amount(Decimal(1500), "/uL"), aggregate="max")
    assert told(tmp_path, [("2000", *known), ("1499", *known)], largest, anytime) == codes.TRUE


def test_inputs_of_one_sample_share_their_cycle(tmp_path: Path) -> None:
    """WBC and differential of one cycle are one sample; only a year that lies inside the cycle is another one."""
    known = {"date": date(2026, 1, 1), "date_last": date(2027, 12, 31)}
    names = (("wbc", 3.0, "10*9/L"), ("neut_pct", 50.0, "%"), ("neut_pct", 60.0, "%"))
    rows = [{"patient_id": 1, "variable": v, "value": x, "unit": u} | known for v, x, u in names]
    write(tmp_path / "s", {"patients": [{"patient_id": 1, "sex": "male"}], "observations": rows})
    computing = Context(ON, max_age="none", compute=frozenset({"anc_from_differential"}))
    limits = [p.Comparison("anc", p.Op.GE, p.Amount(Decimal(text), "/uL")) for text in ("1400", "1600", "1900")]
    assert agree(tmp_path / "s", limits, computing).asked == 0
    assert by_sql(tmp_path / "s", limits, computing)["1"] == (codes.TRUE, CONFLICTING, codes.FALSE)
