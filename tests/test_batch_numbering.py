"""The integer of a signature: the same by places in lists and by branches, and no wanted row is left out."""

from __future__ import annotations

from random import Random

import pytest

from screening.batch import sql
from screening.batch.numbering import Combination, Numbering

duckdb = pytest.importorskip("duckdb")

NAMES = ("variable", "loinc", "unit")


def numbered(combinations: list[Combination], *, branching: bool) -> Numbering:
    return Numbering(NAMES, combinations, sql.col, branching)


@pytest.mark.parametrize("seed", range(40))
def test_wanted_rows_have_their_number_and_others_none_that_is_wanted(seed: int) -> None:
    pick = Random(seed)  # noqa: S311 -- test data
    values = [(None, "a", "b"), ("c", "it's", "0"), (None, "g/L", "g/dL", "%")]
    combinations = sorted({tuple(map(pick.choice, values)) for _ in range(pick.randint(1, 20))}, key=str)
    plain = numbered(combinations, branching=False)
    numbers = {row: plain.number(row) for row in combinations}
    assert len(set(numbers.values())) == len(combinations)
    wanted = set(pick.sample(sorted(numbers.values()), pick.randint(1, len(numbers))))
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rows (variable VARCHAR, loinc VARCHAR, unit VARCHAR)")
        connection.executemany("INSERT INTO rows VALUES (?, ?, ?)", combinations)
        for branching in (False, True):
            made = numbered(combinations, branching=branching)
            kept = sql.every(*made.conditions(wanted)).sql("duckdb")
            told = made.expression(wanted).sql("duckdb")
            found = connection.execute(f"SELECT variable, loinc, unit, {told}, {kept} FROM rows").fetchall()
            for *row, number, passes in found:
                own = numbers[tuple(row)]
                assert (number == own and passes) if own in wanted else (number not in wanted), (branching, row)


def test_a_column_of_which_every_value_is_wanted_is_not_asked_about() -> None:
    made = numbered([("a", "1", "g/L"), ("a", "1", "g/dL"), ("b", "2", None)], branching=True)
    everything = {made.number(row) for row in made.combinations}
    assert made.conditions(everything) == []
    first = {made.number(("a", "1", "g/L"))}
    assert [item.sql("duckdb") for item in made.conditions(first)] == [
        "(CAST(\"variable\" AS TEXT) IN ('a'))",
        "(CAST(\"loinc\" AS TEXT) IN ('1'))",
        "(CAST(\"unit\" AS TEXT) IN ('g/L'))",
    ]


def test_a_store_of_one_signature_has_no_columns_to_tell_it_by() -> None:
    made = numbered([("a", "1", "g/L")], branching=True)
    assert made.expression({0}).sql("duckdb") == "0"
    assert numbered([("a", "1", "g/L")], branching=False).expression({0}).sql("duckdb") == "(0)"
