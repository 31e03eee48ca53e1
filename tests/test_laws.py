"""Laws of judging that hold for every predicate, patient and unit."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from screening import predicates as p
from screening import units
from screening.evaluate import BookRange, Chart, Context, Outcome, evaluate
from screening.evaluate.interpreter import prepare
from screening.evaluate.quick import quick
from screening.explain import judge, screen
from screening.explain.sentences import explain
from screening.patient.facts import DateSpan, EventKind, Observation, Patient, ReferenceRange
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side
from screening.truth import Truth
from tests import patient_strategies as people
from tests import strategies

ON = people.ON
CONTEXT = Context(on=ON)
TODAY = DateSpan(ON, ON)
HOLDS = {
    p.Op.LT: lambda a, b: a < b,
    p.Op.LE: lambda a, b: a <= b,
    p.Op.GT: lambda a, b: a > b,
    p.Op.GE: lambda a, b: a >= b,
    p.Op.EQ: lambda a, b: a == b,
}

ops = st.sampled_from(p.Op)
quantities = st.sampled_from(people.quantities())
limits = st.decimals(Decimal("0.01"), 2000, places=2, allow_nan=False)


def contexts() -> st.SearchStrategy[Context]:
    """Screenings with every option."""
    book = st.builds(
        BookRange,
        st.just("L1"),
        st.sampled_from(people.MEASURED),
        st.none() | st.just(Decimal(1)),
        st.none() | st.just(Decimal(40)),
        st.none(),
        sex=st.none() | st.just("female"),
    )
    return st.builds(
        Context,
        st.just(ON),
        st.sampled_from([None, "none", 7]),
        st.frozensets(st.sampled_from(EventKind)),
        ranges=st.lists(book, max_size=2).map(tuple),
        index_conditions=st.sampled_from([(), ("breast_cancer",)]),
        compute=st.sampled_from([frozenset(), frozenset({"cockcroft_gault", "bmi"})]),
    )


@st.composite
def narrowed(draw: st.DrawFn) -> p.Predicate:
    """Comparisons by a method, under a circumstance, or of a value that a formula gives."""
    variable, unit, methods, circumstances = draw(
        st.sampled_from(
            [
                ("creatinine_clearance", "mL/min", ("cockcroft_gault", None), ()),
                ("qtc", "ms", ("fridericia", "bazett", None), ()),
                ("lvef", "%", ("echo", "muga", None), ()),
                ("spo2", "%", (None,), ("room_air",)),
                ("nyha", None, (None,), ()),
            ]
        )
    )
    kept = draw(st.sampled_from([(), circumstances]))
    limit = p.Amount(Decimal(draw(st.integers(1, 4) if unit is None else st.integers(40, 480))), unit)
    method = draw(st.sampled_from(methods))
    return p.Comparison(variable, draw(ops), limit, method, kept, draw(st.none() | people.windows()))


def observed_otherwise() -> st.SearchStrategy[Patient]:
    """Patients with the inputs of formulas, and results with methods and circumstances."""
    units_of = {"creatinine": "mg/dL", "weight": "kg", "qt": "ms", "heart_rate": "/min", "lvef": "%", "spo2": "%"}
    results = st.one_of(
        [
            st.builds(
                Observation,
                st.just(variable),
                st.just(variable),
                st.integers(0, 480).map(Decimal),
                unit=st.just(unit),
                date=st.just(TODAY) | people.spans(60),
                method=st.sampled_from([None, None, "echo", "muga"]),
                qualifiers=st.sampled_from([(), ("room_air",), ("on_oxygen",)]),
            )
            for variable, unit in units_of.items()
        ]
    )
    return st.builds(
        Patient,
        st.just("P1"),
        st.sampled_from([None, TODAY, _days_ago(20000), DateSpan(ON - timedelta(9000), ON - timedelta(8000))]),
        st.sampled_from([None, "male", "female"]),
        observations=st.lists(results, max_size=9).map(tuple),
    )


def _days_ago(days: int) -> DateSpan:
    day = ON - timedelta(days=days)
    return DateSpan(day, day)


def said(truth: Truth, value: Fraction, op: p.Op, limit: Fraction) -> bool:
    return truth is (Truth.TRUE if HOLDS[op](value, limit) else Truth.FALSE)


def judged(predicate: p.Predicate, *observations: Observation) -> Outcome:
    return evaluate(predicate, Patient("P1", observations=observations), CONTEXT)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(strategies.predicates() | people.criteria(), people.patients())
def test_every_predicate_can_be_judged_and_explained(predicate: p.Predicate, patient: Patient) -> None:
    assume(not empty(predicate))
    outcome = evaluate(predicate, patient, CONTEXT)
    assert (outcome.reason is not None) == (outcome.truth is Truth.UNKNOWN)
    assert explain(outcome, ON)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(strategies.predicates() | people.criteria(), people.patients(), contexts())
def test_the_quick_answer_is_the_explained_one(predicate: p.Predicate, patient: Patient, context: Context) -> None:
    assume(not empty(predicate))
    outcome = evaluate(predicate, patient, context)
    assert quick(predicate, context)(Chart(patient)) == (outcome.truth, outcome.reason)


@settings(deadline=None, max_examples=200)
@given(narrowed(), observed_otherwise(), contexts())
def test_the_quick_answer_minds_methods_circumstances_and_formulas(
    predicate: p.Predicate, patient: Patient, context: Context
) -> None:
    outcome = evaluate(predicate, patient, context)
    assert quick(predicate, context)(Chart(patient)) == (outcome.truth, outcome.reason)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.lists(people.criteria(), min_size=1, max_size=4), st.lists(people.patients(), max_size=3), st.data())
def test_judging_gives_the_verdicts_and_outcomes_of_screening(
    predicates: list[p.Predicate], patients: list[Patient], data: st.DataObject
) -> None:
    sides = [data.draw(st.sampled_from(Side)) for _ in predicates]
    criteria = enumerate(zip(sides, predicates, strict=True))
    rules = RuleSet("T1", "", tuple(Rule(f"C{i}", side, RuleKind.DATA, "", read) for i, (side, read) in criteria))
    for few, many in zip(judge(rules, patients, ON), screen(rules, patients, ON).patients, strict=True):
        assert (few.id, few.verdict) == (many.id, many.verdict)
        told = [(entry.id, entry.outcome, entry.reason) for entry in many.criteria]
        assert [(entry.id, entry.outcome, entry.reason) for entry in few.criteria] == told


@settings(deadline=None)
@given(quantities, ops, limits, st.data())
def test_at_a_threshold_the_outcome_flips_exactly_in_every_accepted_unit(
    variable: people.Variable, op: p.Op, limit: Decimal, data: st.DataObject
) -> None:
    limit_unit, unit = data.draw(st.tuples(*2 * [st.sampled_from(units.accepted(variable.id))]))
    exact = units.canonical(variable.id, limit, limit_unit)
    boundary = people.exactly(units.conversion(variable.id, unit).inverse(exact))
    assume(boundary is not None and len(boundary.as_tuple().digits) < 20)
    step = Decimal(1).scaleb(int(boundary.as_tuple().exponent) - 1)
    predicate = p.Comparison(variable.id, op, p.Amount(limit, limit_unit))
    for value in (boundary - step, boundary, boundary + step):
        canonical = units.canonical(variable.id, value, unit)
        if units.plausible(variable.id, canonical):
            outcome = judged(predicate, Observation(variable.id, "", value, unit=unit, date=TODAY))
            assert said(outcome.truth, canonical, op, exact)


@settings(deadline=None)
@given(limits, limits, limits, ops)
def test_multiples_compare_as_exact_fractions(factor: Decimal, high: Decimal, value: Decimal, op: p.Op) -> None:
    predicate = p.Comparison("alt", op, p.Multiple(factor, p.Reference.ULN))
    exact = Fraction(factor) * Fraction(high)
    boundary = people.exactly(exact)
    for number in (value, boundary):
        assume(number is not None and number <= 50000)
        found = Observation("alt", "", number, unit="U/L", date=TODAY, ranges=(ReferenceRange(None, high, None),))
        assert said(judged(predicate, found).truth, Fraction(number), op, exact)


@settings(deadline=None)
@given(quantities, ops, limits, people.numbers(), st.data())
def test_changing_the_unit_of_a_record_never_changes_the_outcome(
    variable: people.Variable, op: p.Op, limit: Decimal, value: Decimal, data: st.DataObject
) -> None:
    first, second, third = data.draw(st.tuples(*3 * [st.sampled_from(units.accepted(variable.id))]))
    canonical = units.canonical(variable.id, value, first)
    other = people.exactly(units.conversion(variable.id, second).inverse(canonical))
    assume(other is not None and len(other.as_tuple().digits) < 25)
    predicate = p.Comparison(variable.id, op, p.Amount(limit, third))
    outcomes = [
        judged(predicate, Observation(variable.id, "", number, unit=unit, date=TODAY))
        for number, unit in ((value, first), (other, second))
    ]
    assert outcomes[0].truth is outcomes[1].truth
    assert outcomes[0].reason is outcomes[1].reason


@settings(deadline=None)
@given(quantities, ops, limits, st.integers(0, 20), st.integers(1, 60), st.data())
def test_an_older_value_never_overrides_a_newer_one(
    variable: people.Variable, op: p.Op, limit: Decimal, age: int, gap: int, data: st.DataObject
) -> None:
    assume(variable.id not in ("creatinine_clearance", "gfr"))
    newer = replace(data.draw(people.observations_of(variable.id)), date=_days_ago(age))
    older = replace(data.draw(people.observations_of(variable.id)), date=_days_ago(age + gap))
    predicate = p.Comparison(variable.id, op, p.Amount(limit, variable.unit))
    alone, both = judged(predicate, newer), judged(predicate, older, newer)
    assert (both.truth, both.reason) == (alone.truth, alone.reason)


def empty(predicate: p.Predicate) -> bool:
    """Whether a connective joins nothing, which no criterion does."""
    joins = isinstance(predicate, p.All | p.Any | p.OneMethod | p.Choice | p.AtLeast)
    return (joins and not p.children(predicate)) or any(map(empty, p.children(predicate)))


@settings(deadline=None)
@given(people.criteria(), st.sampled_from(["none", None, 7]))
def test_with_no_facts_nothing_is_decided(predicate: p.Predicate, max_age: object) -> None:
    outcome = evaluate(predicate, Patient("P1"), replace(CONTEXT, max_age=max_age))
    assert outcome.truth is Truth.UNKNOWN


@settings(deadline=None)
@given(people.criteria(one_method=False), people.patients())
def test_removing_all_facts_of_a_variable_moves_an_outcome_only_towards_unknown(
    predicate: p.Predicate, patient: Patient
) -> None:
    """But for alternative methods: there one available method decides alone, so losing the other may turn it."""
    judge = prepare(predicate, CONTEXT)
    before = judge(Chart(patient)).truth
    for variable in {observation.variable for observation in patient.observations}:
        kept = tuple(observation for observation in patient.observations if observation.variable != variable)
        after = judge(Chart(replace(patient, observations=kept))).truth
        assert after in (before, Truth.UNKNOWN)


@settings(deadline=None)
@given(st.lists(people.criteria(), min_size=2, max_size=3), people.patients())
def test_an_unconfirmed_reading_never_decides_where_the_readings_differ(
    readings: list[p.Predicate], patient: Patient
) -> None:
    choice = p.Choice("code", "label", tuple(p.Reading(str(i), r) for i, r in enumerate(readings)))
    truths = {evaluate(reading, patient, CONTEXT).truth for reading in readings}
    outcome = evaluate(choice, patient, CONTEXT)
    assert outcome.truth is (truths.pop() if len(truths) == 1 else Truth.UNKNOWN)


@settings(deadline=None)
@given(people.criteria(), people.patients())
def test_an_assumption_decides_nothing(predicate: p.Predicate, patient: Patient) -> None:
    outcome = evaluate(p.Assumption("missing-unit", "unit", predicate), patient, CONTEXT)
    assert outcome.truth is Truth.UNKNOWN
    assert outcome.children[0].truth is evaluate(predicate, patient, CONTEXT).truth
