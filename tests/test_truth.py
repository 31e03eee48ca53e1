"""The truth tables whole, and Kleene's laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.truth import Truth, at_least, every, if_else, some, truth

F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE

AND = {(F, F): F, (F, U): F, (F, T): F, (U, F): F, (U, U): U, (U, T): U, (T, F): F, (T, U): U, (T, T): T}
OR = {(F, F): F, (F, U): U, (F, T): T, (U, F): U, (U, U): U, (U, T): T, (T, F): T, (T, U): T, (T, T): T}
IF = {
    (T, T, T): T, (T, T, U): T, (T, T, F): T,
    (T, U, T): U, (T, U, U): U, (T, U, F): U,
    (T, F, T): F, (T, F, U): F, (T, F, F): F,
    (F, T, T): T, (F, T, U): U, (F, T, F): F,
    (F, U, T): T, (F, U, U): U, (F, U, F): F,
    (F, F, T): T, (F, F, U): U, (F, F, F): F,
    (U, T, T): T, (U, T, U): U, (U, T, F): U,
    (U, U, T): U, (U, U, U): U, (U, U, F): U,
    (U, F, T): U, (U, F, U): U, (U, F, F): F,
}  # fmt: skip

truths = st.sampled_from(Truth)
DEFINITE = {T: (T,), F: (F,), U: (F, T)}


@pytest.mark.parametrize(("pair", "expected"), AND.items())
def test_and(pair: tuple[Truth, Truth], expected: Truth) -> None:
    assert every(pair) is expected


@pytest.mark.parametrize(("pair", "expected"), OR.items())
def test_or(pair: tuple[Truth, Truth], expected: Truth) -> None:
    assert some(pair) is expected


def test_not() -> None:
    assert [~F, ~U, ~T] == [T, U, F]


@pytest.mark.parametrize(("triple", "expected"), IF.items())
def test_if_else(triple: tuple[Truth, Truth, Truth], expected: Truth) -> None:
    assert if_else(*triple) is expected


def test_nothing_at_all() -> None:
    assert every([]) is T
    assert some([]) is F
    assert at_least(0, []) is T
    assert [truth(None), truth(False), truth(True)] == [U, F, T]


@given(truths, truths, truths)
def test_kleene_laws(a: Truth, b: Truth, c: Truth) -> None:
    assert ~~a is a
    assert ~every([a, b]) is some([~a, ~b])
    assert ~some([a, b]) is every([~a, ~b])
    assert every([a, b]) is every([b, a])
    assert every([a, some([b, c])]) is some([every([a, b]), every([a, c])])
    assert some([a, every([b, c])]) is every([some([a, b]), some([a, c])])
    assert every([a, some([a, b])]) is a
    assert some([a, every([a, b])]) is a


@given(truths, truths, truths)
def test_if_else_says_only_what_every_way_of_settling_the_unknowns_says(a: Truth, b: Truth, c: Truth) -> None:
    settled = {if_else(x, y, z) for x in DEFINITE[a] for y in DEFINITE[b] for z in DEFINITE[c]}
    assert if_else(a, b, c) is (settled.pop() if len(settled) == 1 else U)


@given(st.integers(0, 5), st.lists(truths, max_size=5))
def test_at_least_is_certain_exactly_when_every_way_of_settling_the_unknowns_agrees(
    count: int, values: list[Truth]
) -> None:
    sure, possible = values.count(T), len(values) - values.count(F)
    assert at_least(count, values) is (T if sure >= count else U if possible >= count else F)
    assert at_least(1, values) is some(values)
    assert at_least(len(values), values) is every(values)
