"""What is proved of predicates holds for patients; what is shown as a difference differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import reduce

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening import predicates as p
from screening.evaluate import evaluate
from screening.evaluate.context import Context
from screening.language import parse_predicate
from screening.patient.facts import Certainty, DateSpan, Observation, Patient
from screening.proofs import Demand, Idle, Relation, compare, equivalent, idle, impossible
from screening.proofs.diagrams import Diagrams
from screening.proofs.facets import Facet, Held, State, facet_of, facets, follows, outcome
from screening.proofs.questions import Question
from screening.sections.model import Side
from screening.truth import Truth, at_least, every, if_else, some
from tests.patient_strategies import NAMED, ON, criteria, patients
from tests.strategies import predicates

CONTEXT = Context(ON)


def _definite(patient: Patient) -> Patient:
    """The patient with one result of each variable, exact and of this day: what proofs speak of."""
    kept: dict[str, Observation] = {item.variable: item for item in patient.observations if item.variable and item.unit}
    plain = (replace(item, comparator=None, date=DateSpan(ON, ON), preliminary=False) for item in kept.values())
    return replace(patient, observations=tuple(plain))


def _rewritten(predicate: p.Predicate) -> p.Predicate:
    """The same in other words: De Morgan, parts the other way round, exceptions spelled out."""
    match predicate:
        case p.All(items):
            return p.Not(p.Any(tuple(p.Not(_rewritten(item)) for item in reversed(items))))
        case p.Any(items):
            return p.Not(p.All(tuple(p.Not(_rewritten(item)) for item in reversed(items))))
        case p.Except(base, exception):
            return p.All((p.Not(_rewritten(exception)), _rewritten(base)))
        case p.IfElse(condition, then, otherwise):
            return p.IfElse(p.Not(condition), _rewritten(otherwise), _rewritten(then))
        case p.Comparison(op=p.Op.LT) if predicate.aggregate != "any":
            return p.Not(replace(predicate, op=p.Op.GE))
        case p.Not(item):
            return p.Not(_rewritten(item))
        case _:
            return predicate


def _brute(predicate: p.Predicate, world: Mapping[Facet, State]) -> Truth:
    """The truth in a world by Kleene's tables alone."""
    parts = [_brute(part, world) for part in p.children(predicate)]
    match predicate:
        case p.Not():
            return ~parts[0]
        case p.All():
            return every(parts)
        case p.Any():
            return some(parts)
        case p.AtLeast(count=count):
            return at_least(count, parts)
        case p.IfElse():
            return if_else(*parts)
        case p.Except():
            return min(parts[0], ~parts[1])
        case p.Assumption():
            return parts[0]
        case p.Choice():
            return parts[0] if len(set(parts)) == 1 else Truth.UNKNOWN
        case _:
            facet = facet_of(predicate)
            assert facet is not None
            return outcome(predicate, world[facet])


@given(criteria(one_method=False))
def test_other_words_are_proved_to_mean_the_same(predicate: p.Predicate) -> None:
    assert equivalent(predicate, _rewritten(predicate)).holds


@given(criteria(one_method=False), criteria(one_method=False))
def test_a_difference_is_one_by_the_tables(one: p.Predicate, two: p.Predicate) -> None:
    proof = equivalent(one, two)
    if proof.world is not None:
        for at in (0, -1):  # facets that the world leaves open do not matter
            world = {facet: states[at] for facet, states in facets([one, two]).items()} | dict(proof.world)
            assert _brute(one, world) is not _brute(two, world)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(criteria(one_method=False), patients())
def test_what_is_proved_holds_for_patients(predicate: p.Predicate, patient: Patient) -> None:
    """An assumption is proved in the sense of its reading; the interpreter leaves it open, whatever its reading."""
    other = _rewritten(predicate)
    patient = _definite(patient)
    assert equivalent(predicate, other).holds
    assert evaluate(predicate, patient, CONTEXT).truth is evaluate(other, patient, CONTEXT).truth


def _presences() -> st.SearchStrategy[p.Presence]:
    term = st.builds(p.Term, st.sampled_from([*NAMED, "hepatitis_b", "viral_hepatitis"]))
    lengths = st.builds(p.Duration, st.integers(1, 60).map(Decimal), st.sampled_from(["d", "wk", "mo", "a"]))
    windows = st.none() | st.builds(p.Window, st.sampled_from(p.Relation), lengths)
    return st.builds(p.Presence, term, st.sampled_from(p.Tense), windows, st.lists(term, max_size=1).map(tuple))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_presences(), _presences(), patients())
def test_what_follows_is_at_least_as_true(one: p.Presence, two: p.Presence, patient: Patient) -> None:
    if not follows(Held(one), Held(two)):
        two = replace(one, tense=p.Tense.HAD)
    sure = [replace(item, certainty=Certainty.CONFIRMED) for item in patient.events]
    patient = replace(patient, events=tuple(sure))
    assert evaluate(one, patient, CONTEXT).truth <= evaluate(two, patient, CONTEXT).truth


@given(predicates(), predicates())
def test_any_predicates_can_be_asked_about(one: p.Predicate, two: p.Predicate) -> None:
    assert equivalent(one, one).holds
    equivalent(one, two)
    compare(one, two, Side.EXCLUSION)


@pytest.mark.parametrize(
    ("old", "new", "side", "relation"),
    [
        ("age >= 18 years", "age > 17 years", Side.INCLUSION, Relation.SAME),
        ("age <= 75 years", "age < 912 months", Side.INCLUSION, Relation.SAME),
        ("ecog <= 1", "ecog in {0, 1}", Side.INCLUSION, Relation.SAME),
        ("hemoglobin >= 9 g/dL", "hemoglobin >= 90 g/L", Side.INCLUSION, Relation.SAME),
        ("hemoglobin >= 9 g/dL", "hemoglobin > 9 g/dL", Side.INCLUSION, Relation.TIGHTER),
        ("platelets >= 100000 /uL", "platelets >= 75000 /uL", Side.INCLUSION, Relation.LOOSER),
        ("platelets < 100000 /uL", "platelets < 75000 /uL", Side.EXCLUSION, Relation.LOOSER),
        ("alt <= 3 ULN", "alt <= 2.5 ULN", Side.INCLUSION, Relation.TIGHTER),
        ("alt <= 3 ULN", "alt <= 120 U/L", Side.INCLUSION, Relation.INCOMPARABLE),
        ("age >= 18 years", "age >= 16 years and age <= 70 years", Side.INCLUSION, Relation.INCOMPARABLE),
        ("had(radiotherapy) within 4 weeks before screening", "had(radiotherapy) within 28 days before screening",
         Side.EXCLUSION, Relation.SAME),
        ("had(radiotherapy) within 4 weeks before screening", "had(radiotherapy) within 2 weeks before screening",
         Side.EXCLUSION, Relation.LOOSER),
        ("platelets >= 100 10*9/L within 14 days before screening", "platelets >= 100000 /uL within 2 weeks",
         Side.INCLUSION, Relation.SAME),
        ("ecog in {0} within 14 days", "ecog in {0, 1} within 2 weeks", Side.INCLUSION, Relation.LOOSER),
        ("pregnancy_test is negative within 7 days", "pregnancy_test is negative within 1 week before screening",
         Side.INCLUSION, Relation.SAME),
        ("platelets >= 100 10*9/L within 14 days", "platelets >= 100 10*9/L within 3 weeks", Side.INCLUSION,
         Relation.INCOMPARABLE),
        ("had(radiotherapy) at least 4 weeks before screening", "had(radiotherapy) at least 28 days before screening",
         Side.INCLUSION, Relation.SAME),
        ("had(radiotherapy) within 4 weeks before screening", "had(radiotherapy) within 1 month before screening",
         Side.EXCLUSION, Relation.TIGHTER),
        ("had(radiotherapy) within 2 months before screening", "had(radiotherapy) within 9 weeks before screening",
         Side.EXCLUSION, Relation.TIGHTER),
        ("had(radiotherapy) within 30 days before screening", "had(radiotherapy) within 1 month before screening",
         Side.EXCLUSION, Relation.INCOMPARABLE),
        ("has(hepatitis_b)", "has(viral_hepatitis)", Side.EXCLUSION, Relation.TIGHTER),
        ("has(hiv)", "has(hiv) or has(pregnancy)", Side.EXCLUSION, Relation.TIGHTER),
        ("if has(liver_metastasis) then alt <= 5 ULN else alt <= 2.5 ULN", "alt <= 2.5 ULN", Side.INCLUSION,
         Relation.TIGHTER),
        ("alt <= 5 ULN and alt <= 2.5 ULN", "alt <= 2.5 ULN", Side.INCLUSION, Relation.SAME),
    ],
)  # fmt: skip
def test_an_amended_criterion(old: str, new: str, side: Side, relation: Relation) -> None:
    assert compare(parse_predicate(old), parse_predicate(new), side).relation is relation


def _demand(at: int, written: str) -> Demand:
    side, words = written.split(": ", 1)
    return Demand(f"{side[0]}{at}", Side(side.casefold()), parse_predicate(words))


def _trial(*written: str) -> list[Demand]:
    return [_demand(at, words) for at, words in enumerate(written, 1)]


@pytest.mark.parametrize(
    ("written", "chain"),
    [
        (["Inclusion: age >= 18 years", "Exclusion: age > 17 years"], ("I1", "E2")),
        (["Inclusion: anc >= 1500 /uL", "Inclusion: has(hiv)", "Inclusion: anc < 1000 /uL"], ("I1", "I3")),
        (["Inclusion: has(hepatitis_b)", "Exclusion: has(viral_hepatitis)"], ("I1", "E2")),
        (["Inclusion: sex is female or age >= 18 years", "Inclusion: age < 10 years", "Inclusion: sex is male"],
         ("I1", "I2", "I3")),
        (["Inclusion: anc >= 1500 /uL", "Exclusion: anc < 1000 /uL"], None),
        (["Inclusion: alt <= 2 ULN", "Inclusion: alt >= 500 U/L"], None),
    ],
)  # fmt: skip
def test_criteria_that_nobody_can_pass_together(written: list[str], chain: tuple[str, ...] | None) -> None:
    assert impossible(_trial(*written)) == chain


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["Inclusion: anc >= 1500 /uL", "Exclusion: anc < 1000 /uL"], [Idle("E2", ("I1",))]),
        (["Inclusion: anc >= 1500 /uL", "Exclusion: anc < 1500 /uL"], [Idle("E2", ("I1",))]),
        (["Exclusion: has(viral_hepatitis)", "Exclusion: has(hiv)", "Exclusion: has(hepatitis_b)"],
         [Idle("E3", ("E1",))]),
        (["Inclusion: age >= 18 years", "Inclusion: age <= 75 years", "Exclusion: age < 2 years or age > 80 years"],
         [Idle("E3", ("I1", "I2"))]),
        (["Inclusion: anc >= 1000 /uL", "Exclusion: anc < 1500 /uL"], [Idle("I1", ("E2",))]),
        (["Inclusion: alt <= 2 ULN", "Exclusion: alt > 100 U/L"], []),
        (['Inclusion: judgement "Able to walk"', 'Inclusion: judgement "able to walk."'], [Idle("I2", ("I1",))]),
    ],
)  # fmt: skip
def test_criteria_that_never_decide(written: list[str], expected: list[Idle]) -> None:
    assert list(idle(_trial(*written))) == expected


def test_long_lists_are_compared_at_once() -> None:
    """Sixty alternatives in another order: 3 to the power of 60 combinations."""
    items = tuple(p.Judgement(f"question {at}") for at in range(60))
    proof = equivalent(p.Any(items), p.Any(tuple(reversed(items))))
    assert proof.holds
    assert proof.combinations == 3**60


def test_a_question_with_too_many_cases_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Question.__init__, "__defaults__", (10,))
    items = tuple(p.Judgement(f"question {at}") for at in range(12))
    assert equivalent(p.AtLeast(6, items), p.AtLeast(6, tuple(reversed(items)))).holds is None
    assert compare(p.AtLeast(6, items), p.AtLeast(5, items), Side.INCLUSION).relation is Relation.UNDECIDED


@given(st.lists(st.integers(0, 2), min_size=9, max_size=9), st.lists(st.integers(0, 2), min_size=9, max_size=9))
def test_equal_functions_are_one_diagram(one: list[int], two: list[int]) -> None:
    made = Diagrams()

    def table(values: list[int]) -> int:
        rows = [made.branch(1, [made.leaf(value) for value in values[at : at + 3]]) for at in (0, 3, 6)]
        return made.branch(0, rows)

    least = made.merged(min, table(one), table(two))  # type: ignore[arg-type]
    assert least == table([min(pair) for pair in zip(one, two, strict=True)])
    assert (table(one) == table(two)) == (one == two)
    assert reduce(lambda a, b: made.merged(max, a, b), [table(one)] * 3) == table(one)  # type: ignore[arg-type]
