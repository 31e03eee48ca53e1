"""Sets of numbers behave as sets: checked against membership, number by number."""

from __future__ import annotations

import operator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.predicates import All, Amount, Any, Comparison, Not, Op, Predicate
from screening.proofs.axes import demands, exact
from screening.proofs.intervals import EVERYTHING, NOTHING, Cut, Numbers, counted, limit, scaled

HOLDS = {Op.LT: operator.lt, Op.LE: operator.le, Op.GT: operator.gt, Op.GE: operator.ge, Op.EQ: operator.eq}
numbers = st.integers(-6, 6).map(lambda n: Fraction(n, 2))
ops = st.sampled_from(list(Op))
limits = st.builds(limit, ops, numbers)
sets = st.recursive(
    limits,
    lambda inner: st.one_of(
        st.builds(operator.and_, inner, inner), st.builds(operator.or_, inner, inner), st.builds(operator.invert, inner)
    ),
    max_leaves=6,
)


def holds(found: Numbers, value: Fraction) -> bool:
    """Whether *value* lies in a set."""
    return any(one.low <= Cut(value) < one.high for one in found.stretches)


@given(ops, numbers, numbers)
def test_a_limit_holds_what_the_comparison_says(op: Op, bound: Fraction, value: Fraction) -> None:
    assert holds(limit(op, bound), value) == HOLDS[op](value, bound)


@given(ops, st.integers(-3, 3), st.integers(0, 11))
def test_completed_steps_count(op: Op, bound: int, twelfths: int) -> None:
    for whole in range(-3, 4):
        value = whole + Fraction(twelfths, 12)
        assert holds(counted(op, Fraction(bound)), value) == HOLDS[op](whole, bound)


@given(sets, sets, numbers)
def test_sets_join_meet_and_turn_as_truth_does(one: Numbers, two: Numbers, value: Fraction) -> None:
    assert holds(one & two, value) == (holds(one, value) and holds(two, value))
    assert holds(one | two, value) == (holds(one, value) or holds(two, value))
    assert holds(~one, value) != holds(one, value)


@given(sets)
def test_equal_sets_are_equal(one: Numbers) -> None:
    assert ~~one == one
    assert one & ~one == NOTHING
    assert one | ~one == EVERYTHING
    assert scaled(scaled(one, Fraction(12)), Fraction(1, 12)) == one


amounts = st.integers(0, 8).map(lambda n: Amount(n, "kg/m2"))  # type: ignore[arg-type]
comparisons = st.builds(Comparison, st.just("bmi"), ops, amounts)
formulas: st.SearchStrategy[Predicate] = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda a, b: All((a, b)), inner, inner),
        st.builds(lambda a, b: Any((a, b)), inner, inner),
    ),
    max_leaves=5,
)


def truth(made: Predicate, value: Fraction) -> bool:
    """What a predicate of one variable says of a value."""
    match made:
        case Comparison(op=op, limit=Amount(value=bound)):
            return bool(HOLDS[op](value, Fraction(bound)))
        case Not(item):
            return not truth(item, value)
        case All(items):
            return all(truth(item, value) for item in items)
        case Any(items):
            return any(truth(item, value) for item in items)
    raise AssertionError(made)


@settings(deadline=None)
@given(formulas, st.integers(0, 16).map(lambda n: Fraction(n, 2)), st.booleans())
def test_exact_sets_are_exact_and_demands_never_too_narrow(made: Predicate, value: Fraction, wanted: bool) -> None:
    found = exact(made, wanted)
    assert found is not None
    assert holds(found[1], value) == (truth(made, value) is wanted)
    for admitted in demands(made, wanted).values():
        assert holds(admitted, value) or truth(made, value) is not wanted


@pytest.mark.parametrize("value", [0, 40])
def test_an_empty_set_holds_nothing(value: int) -> None:
    assert not holds(NOTHING, Fraction(value))
    assert holds(EVERYTHING, Fraction(value))
