"""Faults seen in other eligibility systems, each judged rightly here."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from screening.evaluate import BookRange, Context, Outcome, Reason, evaluate
from screening.evaluate.chart import Chart
from screening.evaluate.outcome import Use
from screening.evaluate.quick import quick
from screening.explain import screen
from screening.explain.recorded import sentence
from screening.language import parse_predicate
from screening.patient import from_native
from screening.patient.facts import DateSpan, EventKind, Observation, Patient, ReferenceRange
from screening.predicates import Op, Predicate
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side
from screening.truth import Truth

ON = date(2026, 3, 11)
CONTEXT = Context(on=ON)


def result(variable: str, value: str, unit: str | None = None, *, days: int = 5, **fields: object) -> Observation:
    day = ON - timedelta(days=days)
    return Observation(variable, variable, Decimal(value), unit=unit, date=DateSpan(day, day), **fields)  # type: ignore[arg-type]


def judged(rule: str, *observations: Observation, context: Context = CONTEXT, **fields: object) -> Outcome:
    patient = Patient("P1", observations=observations, **fields)  # type: ignore[arg-type]
    return evaluate(parse_predicate(rule), patient, context)


def said(outcome: Outcome) -> tuple[Truth, Reason | None]:
    return outcome.truth, outcome.reason


def _one(predicate: Predicate) -> RuleSet:
    return RuleSet("T1", "", (Rule("I1", Side.INCLUSION, RuleKind.DATA, "", predicate),))


TRUE, FALSE = (Truth.TRUE, None), (Truth.FALSE, None)


def unknown(reason: Reason) -> tuple[Truth, Reason]:
    return Truth.UNKNOWN, reason


def high(limit: str, unit: str | None = None, **fields: object) -> tuple[ReferenceRange, ...]:
    return (ReferenceRange(None, Decimal(limit), unit, **fields),)  # type: ignore[arg-type]


@pytest.mark.parametrize(("op", "expected"), [(">", FALSE), (">=", TRUE), ("<", FALSE), ("<=", TRUE), ("=", TRUE)])
def test_greater_is_not_greater_or_equal(op: str, expected: tuple[Truth, None]) -> None:
    assert said(judged(f"platelets {op} 100 10*9/L", result("platelets", "100000", "/uL"))) == expected


def test_an_exclusion_without_data_does_not_pass() -> None:
    rules = RuleSet("T1", "", (Rule("E1", Side.EXCLUSION, RuleKind.DATA, "", parse_predicate("alt > 100 U/L")),))
    (patient,) = screen(rules, Patient("P1"), ON).patients
    assert (patient.criteria[0].outcome, patient.verdict) == ("unknown", "needs_information")


@pytest.mark.parametrize("op", Op)
def test_nothing_compared_with_a_number_is_not_false(op: Op) -> None:
    assert said(judged(f"alt {op} 100 U/L")) == unknown(Reason.MISSING)
    assert said(judged(f"not alt {op} 100 U/L")) == unknown(Reason.MISSING)


def test_a_multiple_in_binary_floats_would_miss_equality() -> None:
    assert 1.5 * 1.2 != 1.8 * 1.0  # what makes the naive comparison wrong
    found = result("creatinine", "1.8", "mg/dL", ranges=high("1.2"))
    assert said(judged("creatinine <= 1.5 ULN", found)) == TRUE
    assert said(judged("creatinine > 1.5 ULN", found)) == FALSE


def test_no_textbook_uln_for_inr() -> None:
    assert said(judged("inr <= 1.5 ULN", result("inr", "1.0"))) == unknown(Reason.NO_REFERENCE_RANGE)


def test_life_expectancy_and_consent_are_never_assumed() -> None:
    assert said(judged('judgement "life expectancy of at least 3 months"')) == unknown(Reason.JUDGEMENT)


def test_age_is_no_year_subtraction() -> None:
    born = DateSpan(date(2008, 12, 31), date(2008, 12, 31))
    assert said(judged("age >= 18 years", birth=born)) == FALSE


def test_no_age_is_a_fraction_of_completed_days() -> None:
    born = DateSpan(date(2026, 3, 1), date(2026, 3, 31))
    assert said(judged("age = 2.5 days", birth=born, context=Context(on=date(2026, 4, 1)))) == FALSE
    assert said(judged("age = 2 days", birth=born, context=Context(on=date(2026, 4, 1)))) == unknown(Reason.MISSING)


@pytest.mark.parametrize(
    ("born", "on", "expected"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), FALSE),
        (date(2008, 2, 29), date(2026, 3, 1), TRUE),
        (date(2008, 3, 11), date(2026, 3, 11), TRUE),
        (date(2008, 3, 12), date(2026, 3, 11), FALSE),
    ],
)
def test_birthdays(born: date, on: date, expected: tuple[Truth, None]) -> None:
    assert said(judged("age >= 18 years", birth=DateSpan(born, born), context=Context(on=on))) == expected


def test_a_result_without_its_upper_limit_does_not_take_an_older_results() -> None:
    bare, older = result("alt", "30", "U/L"), result("alt", "30", "U/L", days=9, ranges=high("40"))
    assert said(judged("alt <= 2 ULN", bare, older)) == unknown(Reason.NO_REFERENCE_RANGE)


def test_one_centimetre_is_more_than_nine_millimetres() -> None:
    assert said(judged("tumor_size < 9 mm", result("tumor_size", "1", "cm"))) == FALSE


def test_a_recorded_zero_is_an_answer() -> None:
    assert said(judged("ecog in {0, 1}", result("ecog", "0"))) == TRUE
    assert said(judged("crp <= 5 mg/L", result("crp", "0", "mg/L"))) == TRUE


def test_hba1c_is_converted_by_its_affine_formula() -> None:
    assert said(judged("hba1c <= 7 %", result("hba1c", "52", "mmol/mol"))) == TRUE
    assert said(judged("hba1c <= 7 %", result("hba1c", "54", "mmol/mol"))) == FALSE


def test_clearance_and_clearance_per_body_surface_differ() -> None:
    found = result("creatinine_clearance", "75", "mL/min/{1.73_m2}")
    assert judged("creatinine_clearance >= 60 mL/min", found).truth is Truth.UNKNOWN


def test_unlike_limits_of_range_types_sexes_and_ages() -> None:
    ranges = (*high("3", type="therapeutic"), *high("1.1", sex="male"), *high("0", sex="female"))
    assert said(judged("inr <= 1.5 ULN", result("inr", "1.2", ranges=ranges), sex="male")) == TRUE
    assert said(judged("inr <= 1.5 ULN", result("inr", "1.2", ranges=ranges))) == unknown(Reason.NO_REFERENCE_RANGE)


def test_a_range_book_serves_where_the_result_has_no_range() -> None:
    book = BookRange("Lab A", "alt", None, Decimal(40), "U/L", valid_from=date(2026, 1, 1))
    old = replace(book, high=Decimal(100), valid_from=None, valid_to=date(2025, 12, 31))
    context = Context(on=ON, ranges=(book, old))
    assert said(judged("alt <= 2 ULN", result("alt", "81", "U/L"), context=context)) == FALSE
    assert said(judged("alt <= 2 ULN", result("alt", "81", "U/L", ranges=high("45")), context=context)) == TRUE
    differing = Context(on=ON, ranges=(book, replace(book, laboratory="Lab B", high=Decimal(45))))
    assert said(judged("alt <= 2 ULN", result("alt", "81", "U/L"), context=differing)) == unknown(
        Reason.NO_REFERENCE_RANGE
    )


def test_a_range_that_ends_below_its_beginning_gives_no_limit() -> None:
    backwards = (ReferenceRange(Decimal(45), Decimal(7), "U/L"),)
    book = BookRange("Lab A", "alt", Decimal(45), Decimal(7), "U/L")
    for rule in ("alt <= 3 ULN", "alt >= 1 LLN"):
        found = judged(rule, result("alt", "20", "U/L", ranges=backwards))
        assert said(found) == unknown(Reason.NO_REFERENCE_RANGE)
        found = judged(rule, result("alt", "20", "U/L"), context=Context(on=ON, ranges=(book,)))
        assert said(found) == unknown(Reason.NO_REFERENCE_RANGE)
    absent = (ReferenceRange(Decimal(7), Decimal(0), "U/L"),)
    assert said(judged("alt >= 1 LLN", result("alt", "20", "U/L", ranges=absent))) == TRUE


def test_the_range_stands_in_its_own_unit() -> None:
    found = result("bilirubin_total", "1.4", "mg/dL", ranges=high("17.1", "umol/L"))
    assert said(judged("bilirubin_total <= 1.5 ULN", found)) == TRUE
    assert said(judged("bilirubin_total <= 1.3 ULN", found)) == FALSE


def test_a_recorded_baseline_serves_a_multiple_of_baseline() -> None:
    start = result("creatinine", "1.0", "mg/dL", days=20, qualifiers=("baseline",))
    now = result("creatinine", "1.6", "mg/dL")
    assert said(judged("creatinine <= 1.5 baseline", now)) == unknown(Reason.NO_REFERENCE_RANGE)
    assert said(judged("creatinine <= 1.5 baseline", now, start)) == FALSE


@pytest.mark.parametrize(
    ("comparator", "value", "rule", "expected"),
    [
        (Op.LT, "0.2", "psa < 0.2 ng/mL", TRUE),
        (Op.LT, "0.2", "psa >= 0.2 ng/mL", FALSE),
        (Op.LE, "0.2", "psa < 0.2 ng/mL", unknown(Reason.CENSORED)),
        (Op.GT, "90", "psa > 90 ng/mL", TRUE),
        (Op.GT, "90", "psa = 90 ng/mL", FALSE),
        (Op.GE, "90", "psa > 90 ng/mL", unknown(Reason.CENSORED)),
    ],
)
def test_censored_values(comparator: Op, value: str, rule: str, expected: tuple[Truth, Reason | None]) -> None:
    assert said(judged(rule, result("psa", value, "ng/mL", comparator=comparator))) == expected


@pytest.mark.parametrize(
    ("rule", "value", "unit", "expected"),
    [
        ("ecog <= 2", "1", "%", unknown(Reason.UNIT_INCOMPATIBLE)),
        ("ecog <= 2", "1", "mg/dL", unknown(Reason.UNIT_INCOMPATIBLE)),
        *[("ecog <= 2", "1", unit, TRUE) for unit in (None, "1", "{score}", "{points}")],
        *[("karnofsky >= 70", "80", unit, TRUE) for unit in (None, "%", "1", "{score}", "{points}")],
        ("lansky >= 70", "80", "%", TRUE),
    ],
)
def test_units_of_scales(rule: str, value: str, unit: str | None, expected: tuple[Truth, Reason | None]) -> None:
    given = {"variable": rule.partition(" ")[0], "value": value, "date": "2026-03-10"} | (
        {"unit": unit} if unit else {}
    )
    patient = from_native({"id": "P1", "observations": [given]})
    assert said(evaluate(parse_predicate(rule), patient, CONTEXT)) == expected


def test_the_maximum_age_is_inclusive_and_can_be_overridden() -> None:
    on_the_edge, beyond = result("anc", "2000", "/uL", days=28), result("anc", "2000", "/uL", days=29)
    assert said(judged("anc >= 1500 /uL", on_the_edge)) == TRUE
    assert said(judged("anc >= 1500 /uL", beyond)) == unknown(Reason.STALE)
    assert said(judged("anc >= 1500 /uL", beyond, context=Context(on=ON, max_age=29))) == TRUE
    assert said(judged("anc >= 1500 /uL", beyond, context=Context(on=ON, max_age="none"))) == TRUE
    assert said(judged("anc >= 1500 /uL within 7 days", on_the_edge)) == unknown(Reason.STALE)


def test_a_newer_result_that_is_not_usable_is_not_passed_over_for_an_older_one() -> None:
    older = result("hemoglobin", "13", "g/dL", days=9)
    assert said(judged("hemoglobin >= 9 g/dL", older, result("hemoglobin", "124", "g/dL"))) == unknown(
        Reason.IMPLAUSIBLE
    )
    assert said(judged("hemoglobin >= 9 g/dL", older, result("hemoglobin", "12"))) == unknown(Reason.UNIT_MISSING)


@pytest.mark.parametrize("text", ["8,1 g/dL (low)", "8,1"])
def test_a_newer_number_in_words_is_not_passed_over_for_an_older_one(text: str) -> None:
    older = {"variable": "hemoglobin", "value": "12", "unit": "g/dL", "date": "2026-03-01"}
    newer = {"variable": "hemoglobin", "text": text, "date": "2026-03-09"}
    rule = parse_predicate("hemoglobin >= 9 g/dL")
    patient = from_native({"id": "P1", "observations": [older, newer]})
    found = evaluate(rule, patient, CONTEXT)
    assert said(found) == quick(rule, CONTEXT)(Chart(patient)) == unknown(Reason.MISSING)
    assert [item.use for item in found.evidence] == [Use.UNUSABLE, Use.SUPERSEDED]  # type: ignore[union-attr]
    for words, day in (("see comment", "2026-03-09"), (text, "2026-02-20"), (text, "2026-03-12")):
        harmless = from_native({"id": "P1", "observations": [older, newer | {"text": words, "date": day}]})
        assert said(evaluate(rule, harmless, CONTEXT)) == quick(rule, CONTEXT)(Chart(harmless)) == TRUE
    (criterion,) = screen(_one(rule), patient, ON).patients[0].criteria
    assert text in criterion.explanation


def test_an_unusable_record_does_not_stand_against_a_usable_one_of_the_same_day() -> None:
    pair = result("hemoglobin", "124", "g/dL"), result("hemoglobin", "124", "g/L")
    assert said(judged("hemoglobin >= 9 g/dL", *pair)) == TRUE


def test_an_absent_value_is_no_result() -> None:
    absent = replace(result("anc", "1", "/uL"), value=None, absent="not-performed")
    assert said(judged("anc >= 1500 /uL", absent, result("anc", "2000", "/uL", days=9))) == TRUE


def test_a_partial_date_that_straddles_the_limit_of_age_decides_nothing() -> None:
    february = replace(result("anc", "2000", "/uL"), date=DateSpan(date(2026, 2, 1), date(2026, 2, 28)))
    assert said(judged("anc >= 1500 /uL", february)) == unknown(Reason.STALE)
    assert said(judged("anc >= 1500 /uL", february, context=Context(on=ON, max_age=60))) == TRUE


def test_where_two_records_may_be_the_latest_they_have_to_agree() -> None:
    march = replace(result("anc", "1000", "/uL"), date=DateSpan(date(2026, 3, 1), date(2026, 3, 10)))
    assert said(judged("anc >= 1500 /uL", march, result("anc", "2000", "/uL", days=5))) == unknown(Reason.CONFLICTING)
    assert said(judged("anc >= 900 /uL", march, result("anc", "2000", "/uL", days=5))) == TRUE


def test_absence_is_never_assumed_for_a_condition_or_an_exception() -> None:
    context = Context(on=ON, assume_absent=frozenset(EventKind))
    found = result("alt", "150", "U/L", ranges=high("40"))
    rule = "if has(liver_metastasis) then alt <= 5 ULN else alt <= 2 ULN"
    assert said(judged(rule, found, context=context)) == unknown(Reason.MISSING)
    assert said(judged("alt > 100 U/L except has(gilbert_syndrome)", found, context=context)) == unknown(Reason.MISSING)
    assert said(judged("has(liver_metastasis)", context=context)) == FALSE


@pytest.mark.parametrize(
    ("condition", "rule", "expected"),
    [
        ({"text": "HIV infection"}, "has(hiv)", TRUE),
        ({"text": "family history of HIV"}, "has(hiv)", unknown(Reason.MISSING)),
        ({"text": "HIV infection", "certainty": "refuted"}, "has(hiv)", FALSE),
        ({"text": "HIV infection", "certainty": "possible"}, "has(hiv)", unknown(Reason.MISSING)),
        ({"text": "pneumonia", "activity": "past"}, "has(pneumonia)", FALSE),
        ({"text": "pneumonia", "activity": "past"}, "had(pneumonia)", TRUE),
        ({"text": "viral infection", "activity": "past"}, "has(hbv_carrier)", unknown(Reason.MISSING)),
        ({"text": "viral infection", "activity": "past"}, "has(active_infection)", unknown(Reason.MISSING)),
        ({"text": "dyspnoea", "activity": "past"}, "has(dyspnoea_at_rest)", unknown(Reason.MISSING)),
        ({"text": "breast cancer", "certainty": "refuted"}, "has(malignancy)", unknown(Reason.MISSING)),
        ({"text": "hypertension"}, "has(uncontrolled hypertension)", unknown(Reason.QUALIFIER_UNKNOWN)),
        ({"text": "hypertension", "qualifiers": ["uncontrolled"]}, "has(uncontrolled hypertension)", TRUE),
        ({"text": "hypertension", "qualifiers": ["controlled"]}, "has(uncontrolled hypertension)", FALSE),
        ({"text": "hypertension", "start": "2026-04-01"}, "has(hypertension)", unknown(Reason.MISSING)),
    ],
)
def test_conditions(condition: dict[str, object], rule: str, expected: tuple[Truth, Reason | None]) -> None:
    patient = from_native({"id": "P1", "conditions": [condition]})
    assert said(evaluate(parse_predicate(rule), patient, CONTEXT)) == expected


@pytest.mark.parametrize(
    ("condition", "rule", "expected"),
    [
        ({"text": "Adenocarcinoma of prostate"}, "had(other_malignancy)", unknown(Reason.MISSING)),
        ({"text": "History of breast cancer"}, "has(breast_cancer)", unknown(Reason.MISSING)),
        ({"text": "suspected breast cancer"}, "has(breast_cancer)", unknown(Reason.MISSING)),
        ({"text": "x", "system": "icd10cm", "code": "none"}, "has(breast_cancer)", unknown(Reason.MISSING)),
        ({"text": "x", "system": "icd10cm", "code": "I10"}, "has(breast_cancer)", FALSE),
        ({"text": "hypertension"}, "has(breast_cancer)", FALSE),
        ({"text": "suspected breast cancer", "certainty": "refuted"}, "has(breast_cancer)", FALSE),
        ({"text": "suspected breast cancer", "start": "2026-04-01"}, "has(breast_cancer)", FALSE),
        ({"text": "suspected breast cancer"}, "had(radiotherapy)", FALSE),
    ],
)
def test_no_absence_follows_from_a_list_with_an_entry_nobody_can_read(
    condition: dict[str, object], rule: str, expected: tuple[Truth, Reason | None]
) -> None:
    predicate, assuming = parse_predicate(rule), Context(on=ON, assume_absent=frozenset(EventKind))
    listed = from_native({"id": "P1", "conditions": [condition], "complete": ["conditions", "procedures"]})
    assert said(evaluate(predicate, listed, CONTEXT)) == quick(predicate, CONTEXT)(Chart(listed)) == expected
    found = evaluate(predicate, replace(listed, complete=frozenset()), assuming)
    assert said(found) == quick(predicate, assuming)(Chart(listed)) == expected
    if expected != FALSE:
        assert f"{condition['text']}" in sentence(found)
        assert "not recognised" in sentence(found)


def test_a_record_of_presence_and_one_of_absence_conflict() -> None:
    records = [{"text": "HIV infection"}, {"text": "HIV infection", "certainty": "refuted"}]
    patient = from_native({"id": "P1", "conditions": records})
    assert said(evaluate(parse_predicate("has(hiv)"), patient, CONTEXT)) == unknown(Reason.CONFLICTING)


@pytest.mark.parametrize(
    ("rule", "recoverable"),
    [
        ("age <= 50 years", False),
        ("age >= 70 years", True),
        ("sex is male", False),
        ("anc >= 9000 /uL", True),
        ("not had(breast_cancer)", False),
        ("not had(radiotherapy) within 4 weeks", True),
        ("age <= 50 years or anc >= 9000 /uL", True),
        ("age <= 50 years and anc >= 9000 /uL", False),
    ],
)
def test_what_could_still_change(rule: str, recoverable: bool) -> None:
    patient = from_native(
        {
            "id": "P1",
            "birth_date": "1966-01-01",
            "sex": "female",
            "observations": [{"variable": "anc", "value": 2000, "unit": "/uL", "date": "2026-03-06"}],
            "conditions": [{"text": "breast cancer"}],
            "procedures": [{"text": "radiotherapy", "start": "2026-03-01", "end": "2026-03-02"}],
        }
    )
    outcome = evaluate(parse_predicate(rule), patient, CONTEXT)
    assert (outcome.truth, outcome.recoverable) == (Truth.FALSE, recoverable)


def test_a_user_named_formula_stands_in_only_for_an_unreported_value() -> None:
    facts = [
        {"variable": "creatinine", "value": "0.9", "unit": "mg/dL", "date": "2026-03-06"},
        {"variable": "weight", "value": 70, "unit": "kg", "date": "2026-03-06"},
    ]
    measured = {"variable": "creatinine_clearance", "value": 55, "unit": "mL/min", "date": "2026-03-06"}
    rule = parse_predicate("creatinine_clearance >= 60 mL/min")
    about = {"id": "P1", "birth_date": "1964-11-30", "sex": "female"}
    allowed = Context(on=ON, compute=frozenset({"cockcroft_gault"}))
    without = from_native(about | {"observations": facts})
    assert said(evaluate(rule, without, CONTEXT)) == unknown(Reason.MISSING)
    assert said(evaluate(rule, without, allowed)) == TRUE
    assert said(evaluate(rule, from_native(about | {"observations": [*facts, measured]}), allowed)) == FALSE


def test_a_computed_value_is_as_old_as_its_oldest_input() -> None:
    patient = from_native(
        {
            "id": "P1",
            "birth_date": "1964-11-30",
            "sex": "female",
            "observations": [
                {"variable": "creatinine", "value": "0.9", "unit": "mg/dL", "date": "2026-03-06"},
                {"variable": "weight", "value": 70, "unit": "kg", "date": "2026-02-25"},
            ],
        }
    )
    rule = "creatinine_clearance[cockcroft_gault] >= 60 mL/min"
    assert said(evaluate(parse_predicate(rule), patient, CONTEXT)) == TRUE
    assert said(evaluate(parse_predicate(rule + " within 14 days"), patient, CONTEXT)) == TRUE
    assert said(evaluate(parse_predicate(rule + " within 13 days"), patient, CONTEXT)) == unknown(Reason.STALE)
