"""Numbers that doubles cannot tell apart: SQL decides as exact fractions do, or leaves the cell to the interpreter."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from screening import predicates as p
from screening.app.documents import load
from screening.batch import RefusedError
from screening.batch.engine import Run, batch
from screening.evaluate import Context
from tests.batch_agreement import agree, by_sql, codes
from tests.batch_stores import ON, write

NEAR = ("1.5", "1.50000000000000000001", "1.4999999999999999999999", "1.500000000000000", "1.50000000000001")
OPS = tuple(p.Op)


def store(folder: Path, results: list[dict[str, Any]]) -> Path:
    """A patient for each result."""
    people = [{"patient_id": number} for number in range(len(results))]
    rows = [{"patient_id": number, "date": ON} | row for number, row in enumerate(results)]
    write(folder / "s", {"patients": people, "observations": rows})
    return folder / "s"


def written(variable: str, text: str, unit: str | None) -> dict[str, Any]:
    return {"variable": variable, "value": float(text), "value_text": text, "unit": unit}


def test_digits_beyond_those_of_a_double_count(tmp_path: Path) -> None:
    rows = [written("anc", text, "10*9/L") for text in (*NEAR, "1500", "2")]
    rows += [written("anc", "1500.00000000000000001", "/uL"), written("anc", "0.90000000000000000001", "10*9/L")]
    limits = [(op, p.Amount(Decimal(text), "10*9/L")) for op, text in product(OPS, (*NEAR, "0.9"))]
    wanted: list[p.Predicate] = [p.Comparison("anc", *limit) for limit in limits]
    agreed = agree(store(tmp_path, rows), wanted, Context(ON))
    assert 0 < agreed.asked <= agreed.decided / 2


def test_a_limit_of_many_digits_needs_nobody(tmp_path: Path) -> None:
    """A limit just above or below a recorded number, also after conversion, compares exactly without being asked."""
    rows = [written("creatinine", text, "mg/dL") for text in ("1.5", "1.47058823529412", "1.47058823529411", "1.2")]
    limits = [*((text, "mg/dL") for text in NEAR), ("130", "umol/L"), ("132.60000000000000001", "umol/L")]
    wanted: list[p.Predicate] = [
        p.Comparison("creatinine", op, p.Amount(Decimal(text), unit)) for op, (text, unit) in product(OPS, limits)
    ]
    folder = store(tmp_path, rows)
    assert agree(folder, wanted, Context(ON)).asked == 0
    found = by_sql(folder, [p.Comparison("creatinine", p.Op.LT, p.Amount(Decimal(NEAR[1]), "mg/dL"))], Context(ON))
    assert found["0"] == (codes.TRUE,)


@pytest.mark.parametrize("digits", [True, False], ids=["written", "doubles"])
def test_multiples_of_a_range_never_blur_numbers_of_many_digits(tmp_path: Path, digits: bool) -> None:
    texts = ["1.8", "1.8000000000000003", "1.7999999999999998", "1.80000000000001", "1.9"]
    rows = [written("creatinine", text, "mg/dL") | {"ref_high": 1.2} for text in texts]
    if not digits:
        rows = [{name: value for name, value in row.items() if name != "value_text"} for row in rows]
    wanted: list[p.Predicate] = [
        p.Comparison("creatinine", op, p.Multiple(Decimal("1.5"), p.Reference.ULN, None)) for op in OPS
    ]
    agreed = agree(store(tmp_path, rows), wanted, Context(ON))
    assert agreed.asked == 2 * len(OPS)  # the two that lie within the tolerance


def test_levels_and_hard_limits_are_exact_too(tmp_path: Path) -> None:
    rows = [written("ecog", text, None) for text in ("1", "1.0000000000000000001", "4", "4.00000000000000000001")]
    rows += [written("spo2", text, "%") for text in ("100", "100.00000000000000000001")]
    wanted: list[p.Predicate] = [
        p.OrdinalSet("ecog", (Decimal(0), Decimal(1))),
        p.Comparison("ecog", p.Op.LE, p.Amount(Decimal(4), None)),
        p.Comparison("spo2", p.Op.GE, p.Amount(Decimal(90), "%")),
    ]
    assert agree(store(tmp_path, rows), wanted, Context(ON)).decided > len(rows)


def test_a_limit_beyond_all_doubles_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "trial.txt").write_text(
        f"Large\n\nInclusion Criteria:\n- Platelets < 1{'0' * 400} x 10^9/L\n", encoding="utf8"
    )
    folder = store(tmp_path, [written("platelets", "100", "10*9/L")])
    with pytest.raises(RefusedError, match="I1: a limit is too large a number for SQL"):
        batch([load(tmp_path / "trial.txt")], folder, tmp_path / "out.parquet", Run(Context(ON)))


def test_nan_is_no_number_whatever_a_file_says_of_its_extremes(tmp_path: Path) -> None:
    """The least and greatest value that a Parquet file names leave NaN out, and DuckDB believes them."""
    rows = [
        {"variable": "alt", "unit": "U/L", "value": value, "ref_high": high}
        for value, high in ((30.0, 40.0), (float("nan"), 40.0), (30.0, float("nan")))
    ]
    ranged = p.Comparison("alt", p.Op.LE, p.Multiple(Decimal(3), p.Reference.ULN, None))
    wanted: list[p.Predicate] = [p.Comparison("alt", p.Op.GT, p.Amount(Decimal(10), "U/L")), ranged]
    folder = tmp_path / "s"
    people = [{"patient_id": number} for number in range(len(rows))]
    numbered = [row | {"patient_id": number, "date": ON, "seq": number} for number, row in enumerate(rows)]
    write(folder, {"patients": people, "observations": numbered})
    assert agree(folder, wanted, Context(ON)).asked == 0
    found = by_sql(folder, wanted, Context(ON))
    assert found["1"] == (codes.MISSING, codes.MISSING)
    assert found["2"] == (codes.TRUE, codes.NO_REFERENCE_RANGE)


def test_an_absent_cell_is_no_value_that_the_trial_does_not_ask_for(tmp_path: Path) -> None:
    """Units are numbered by their place in a list; a result without one has none, whatever else is on record."""
    rows: list[dict[str, Any]] = [
        {"variable": variable, "value": 2.0, "unit": unit}
        for variable, unit in (("anc", "10*9/L"), ("anc", "mg"), ("ecog", None), ("creatinine", None), ("alt", "U/L"))
    ]
    wanted: list[p.Predicate] = [
        p.Comparison("ecog", p.Op.LE, p.Amount(Decimal(2), None)),
        p.Comparison("creatinine", p.Op.LE, p.Amount(Decimal(2), "mg/dL")),
        p.Comparison("alt", p.Op.LE, p.Amount(Decimal(2), "U/L")),
    ]
    folder = store(tmp_path, rows)
    for predicate in wanted:
        assert agree(folder, [predicate], Context(ON)).decided == len(rows)
