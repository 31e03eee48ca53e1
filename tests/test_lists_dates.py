"""Eligible from and until: between two changes nothing changes, on any day, for generated criteria and patients."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening import predicates as p
from screening.evaluate import Context
from screening.explain import Screener
from screening.explain.verdict import Judged
from screening.patient.facts import (
    Activity,
    Attestation,
    DateSpan,
    Event,
    EventKind,
    Observation,
    Patient,
    ReferenceRange,
)
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side
from tests import patient_strategies as people

pytest.importorskip("duckdb")

from screening.lists.validity import State, timelines, validity

ON = people.ON
HORIZON = 100
FIRST_DOSE = ON + timedelta(days=20)


def rules(*predicates: p.Predicate) -> RuleSet:
    made = (
        Rule(f"I{n}", Side.INCLUSION, RuleKind.DATA, f"text {n}", predicate) for n, predicate in enumerate(predicates)
    )
    return RuleSet("T", "", tuple(made))


def windows() -> st.SearchStrategy[p.Window]:
    """Windows of all units and relations, also from a day that is given, before and after screening."""
    lengths = st.builds(
        p.Duration,
        st.sampled_from([Decimal(1), Decimal(2), Decimal("1.5"), Decimal(6), Decimal(36)]),
        st.sampled_from(["h", "d", "wk", "mo", "a"]),
    )
    anchors = st.sampled_from(["screening", "first_dose", "enrolment", "baseline"])
    return st.builds(p.Window, st.sampled_from(p.Relation), lengths, anchors)


def timed() -> st.SearchStrategy[p.Predicate]:
    """What depends on the date: windows, maximum ages, current conditions, ages, computed values."""
    ages = st.sampled_from(["0.5", "1", "2.5", "17", "18", "40", "65"]).map(Decimal)
    return st.one_of(
        st.builds(
            p.Comparison,
            st.sampled_from(["anc", "alt", "weight"]),
            st.sampled_from(p.Op),
            st.just(p.Multiple(Decimal(1), p.Reference.ULN)),
            window=st.none() | windows(),
        ),
        st.builds(p.Presence, st.builds(p.Term, st.sampled_from(people.NAMED)), st.sampled_from(p.Tense), windows()),
        st.builds(p.Presence, st.builds(p.Term, st.sampled_from(people.NAMED)), st.sampled_from(p.Tense)),
        st.builds(
            p.Comparison,
            st.just("age"),
            st.sampled_from(p.Op),
            st.builds(p.Amount, ages, st.sampled_from(["a", "mo", "wk", "d"])),
        ),
        st.builds(
            p.Comparison,
            st.just("creatinine_clearance"),
            st.sampled_from(p.Op),
            st.builds(p.Amount, st.sampled_from(["30", "60", "90"]).map(Decimal), st.just("mL/min")),
            st.just("cockcroft_gault"),
        ),
        people.criteria(),
    )


def births() -> st.SearchStrategy[DateSpan]:
    """Birthdays near the days that are looked at, and partial ones."""
    near = st.builds(
        lambda years, days: date(ON.year - years, ON.month, ON.day) + timedelta(days=days),
        st.sampled_from([0, 1, 2, 17, 18, 19, 40, 41, 65, 66]),
        st.integers(-5, HORIZON),
    )
    exact = st.builds(lambda day: DateSpan(day, day), near)
    partial = st.builds(lambda day: DateSpan(day.replace(day=1), day.replace(day=28)), near)
    return st.one_of(exact, exact, partial)


def for_some_ages() -> st.SearchStrategy[Observation]:
    """Results without a date whose range depends on the age."""
    years = st.sampled_from(["0", "1", "18", "40.5", "65"]).map(Decimal)
    limits = st.builds(
        lambda low, high, since, to: ReferenceRange(low, high, None, age_low=since, age_high=to),
        st.just(Decimal(1)),
        st.sampled_from([Decimal(40), Decimal(60)]),
        st.none() | years,
        st.none() | years,
    )
    return st.builds(
        lambda ranges: Observation("alt", "alt", Decimal(50), None, "U/L", ranges=tuple(ranges)),
        st.lists(limits, min_size=1, max_size=2),
    )


def patients() -> st.SearchStrategy[Patient]:
    """Patients with facts around the days that are looked at."""
    return st.builds(
        lambda patient, birth, more, answers: replace(
            patient,
            birth=birth or patient.birth,
            observations=(*patient.observations, *more),
            attestations=answers,
        ),
        people.patients(),
        st.none() | births(),
        st.lists(for_some_ages(), max_size=1),
        st.lists(st.builds(_answer, st.booleans(), st.integers(-5, HORIZON)), max_size=1).map(tuple),
    )


def _answer(holds: bool, days: int) -> Attestation:
    return Attestation("I0", holds, "A. Reader", ON + timedelta(days=days))


def on_day(criteria: RuleSet, patient: Patient, context: Context, day: date) -> tuple[Judged, ...]:
    return Screener(criteria, replace(context, on=day)).judge(patient).criteria


def in_force(states: list[State], day: date) -> tuple[Judged, ...]:
    return [state for state in states if state.since <= day][-1].criteria


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    st.lists(timed(), min_size=1, max_size=3),
    patients(),
    st.sampled_from([None, None, 10, "none"]),
    st.frozensets(st.sampled_from(EventKind)),
    st.sampled_from([{}, {"first_dose": FIRST_DOSE}, {"first_dose": ON - timedelta(days=30), "baseline": ON}]),
)
def test_between_two_changes_every_day_is_the_same(
    criteria: list[p.Predicate],
    patient: Patient,
    max_age: int | None,
    absent: frozenset[EventKind],
    anchors: dict[str, date],
) -> None:
    made, context = rules(*criteria), Context(ON, max_age, absent, anchors)  # type: ignore[arg-type]
    states = timelines(made, [patient], context, HORIZON)[patient.id]
    for days in range(HORIZON + 1):
        day = ON + timedelta(days=days)
        assert in_force(states, day) == on_day(made, patient, context, day), day
    assert all(a.criteria != b.criteria for a, b in pairwise(states))


# One patient by hand

ANC = p.Comparison("anc", p.Op.GE, p.Amount(Decimal("1.5"), "10*9/L"))
WASHOUT = p.Window(p.Relation.WITHIN, p.Duration(Decimal(4), "wk"))
NO_RADIOTHERAPY = p.Not(p.Presence(p.Term("radiotherapy"), p.Tense.HAD, WASHOUT))


def treated(day: date, born: date = date(1960, 1, 1)) -> Patient:
    held, drawn = DateSpan(day, day), ON - timedelta(days=2)
    return Patient(
        "P",
        DateSpan(born, born),
        observations=(Observation("anc", "anc", Decimal(2), None, "10*9/L", date=DateSpan(drawn, drawn)),),
        events=(Event(EventKind.PROCEDURE, "radiotherapy", activity=Activity.PAST, start=held, end=held),),
        complete=frozenset({EventKind.PROCEDURE}),
    )


def test_a_washout_ends_and_a_result_expires() -> None:
    last = ON - timedelta(days=20)  # day 28 still counts, day 29 does not
    states = timelines(rules(ANC, NO_RADIOTHERAPY), [treated(last)], Context(ON), 365)["P"]
    found = validity(states)
    assert found.start == last + timedelta(days=29)
    assert [entry.id for entry in found.waits] == ["I1"]
    assert found.verdict == "potentially_eligible"
    assert found.end == ON - timedelta(days=2) + timedelta(days=28)
    assert [(entry.id, entry.reason) for entry in found.ends] == [("I0", "stale")]


def test_an_age_limit_ends_it() -> None:
    to_75 = p.Comparison("age", p.Op.LE, p.Amount(Decimal(75), "a"))
    found = validity(timelines(rules(to_75), [treated(ON, date(1950, 1, 1))], Context(ON), 365)["P"])
    assert (found.start, found.end) == (None, None)  # 75 is over, and nobody grows younger
    found = validity(timelines(rules(to_75), [treated(ON, date(1950, 5, 1))], Context(ON), 365)["P"])
    assert (found.start, found.end) == (ON, date(2026, 4, 30))
    assert [(entry.id, entry.outcome) for entry in found.ends] == [("I0", "fail")]


def test_what_never_changes_has_no_end() -> None:
    states = timelines(rules(p.Sex("male")), [replace(treated(ON), sex="male")], Context(ON), 365)["P"]
    assert len(states) == 1
    assert validity(states).end is None
