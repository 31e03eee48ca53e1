"""Patients made to order are what they say, and their files are read back as the same."""

import json
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from screening import concepts, synthetic, units, variables
from screening.patient.facts import Certainty, DateSpan, EventKind, Patient
from screening.patient.native_facts import from_native
from screening.predicates import Tense, Term

DAY = date(2026, 3, 2)
MEASURED = sorted(item.id for item in variables.catalogue().values() if item.id != "age" and not item.stands_for)


def reread(person: Patient) -> Patient:
    return from_native(json.loads(json.dumps(synthetic.native(person))))


def test_a_result_stands_in_the_canonical_unit_unless_told_otherwise() -> None:
    found = synthetic.result("alt", "88", day=DAY, uln=40, method=None)
    assert (found.value, found.unit, found.ranges[0].high) == (88, "U/L", 40)
    assert synthetic.result("alt", 88, unit=None, day=DAY).unit is None
    assert synthetic.result("hcg", None, unit=None, text="negative", day=DAY).result == "negative"


def test_an_event_is_now_over_or_neither() -> None:
    now = synthetic.event("hiv", day=DAY)
    over = synthetic.event(Term("radiotherapy"), Tense.HAD, day=DAY)
    assert now.activity.value == "current"
    assert now.end is None
    assert (over.kind, over.activity.value, over.end) == (EventKind.PROCEDURE, "past", DateSpan(DAY, DAY))
    assert synthetic.event("radiotherapy", None, day=DAY).activity.value == "unknown"


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_the_file_of_a_patient_is_read_back_as_the_same_patient(data: st.DataObject) -> None:
    variable = data.draw(st.sampled_from(MEASURED))
    concept = data.draw(st.sampled_from(sorted(concepts.catalogue())))
    unit = data.draw(st.sampled_from([*synthetic.recordable(variable), None]))
    facts = [
        synthetic.result(variable, "1.50", unit=unit, day=DAY, uln="40", lln="2"),
        synthetic.event(Term(concept, ("severe",)), data.draw(st.sampled_from([*Tense, None])), day=DAY),
        synthetic.event(concept, day=DAY, certainty=data.draw(st.sampled_from(Certainty))),
    ]
    person = synthetic.patient("S-1", *facts, birth_date=date(1961, 3, 4), sex="female", complete=frozenset(EventKind))
    assert units.quantity(variable, unit) != variable or reread(person) == person


def test_a_patient_without_facts_is_read_back_too() -> None:
    assert reread(synthetic.patient("S-0")) == synthetic.patient("S-0")


def test_the_entry_of_a_concept_is_that_concept() -> None:
    for concept in sorted(concepts.catalogue())[::7]:
        written = synthetic.entry(concept)
        assert concepts.matches(concept, written.codes, written.text) == "yes", concept
