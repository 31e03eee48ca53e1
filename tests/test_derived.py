"""Published formulas against printed values, and the lines shown for them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening import units, variables
from screening.evaluate import Context, evaluate
from screening.evaluate.derived import FormulaError, arithmetic, compute, for_method, formulas, formulas_for
from screening.evaluate.outcome import Outcome, Reason
from screening.patient.facts import DateSpan, Observation, Patient
from screening.predicates import Amount, Comparison, Op
from screening.resources import table
from screening.truth import Truth

ON = date(2026, 3, 1)
WORKED = [(id, entry) for id, row in table("formulas").items() for entry in row["worked"]]
POSITIVE = st.decimals(Decimal("0.1"), Decimal(500), places=2).map(Fraction)


def number(text: str) -> Fraction | str:
    return Fraction(text) if text[0].isdigit() else text


def adult(**fields: str) -> dict[str, Fraction | str]:
    return {name: number(text) for name, text in ({"age": "61", "weight": "70", "creatinine": "0.9"} | fields).items()}


@pytest.mark.parametrize(("id", "entry"), WORKED, ids=[f"{id}-{entry['value']}" for id, entry in WORKED])
def test_worked_values(id: str, entry: dict[str, str]) -> None:
    inputs = {name: number(text) for name, text in entry["inputs"].items()}  # type: ignore[attr-defined]
    assert abs(Fraction(compute(id, inputs)) - Fraction(entry["value"])) <= Fraction(entry["tolerance"])


@pytest.mark.parametrize("id", list(formulas()))
def test_every_formula_has_citation_worked_values_and_a_line_ending_in_the_value(id: str) -> None:
    formula = formulas()[id]
    entry = table("formulas")[id]["worked"][0]
    assert any(character.isdigit() for character in formula.citation)
    line = arithmetic(id, {name: number(text) for name, text in entry["inputs"].items()})
    assert " = " in line
    assert line.count("\n") == 0


def test_the_line_of_cockcroft_gault_can_be_checked_by_hand() -> None:
    assert arithmetic("cockcroft_gault", adult(sex="male")) == "(140 − 61) × 70 kg / (72 × 0.9 mg/dL) = 85.3 mL/min"
    assert arithmetic("cockcroft_gault", adult(sex="female")) == (
        "(140 − 61) × 70 kg / (72 × 0.9 mg/dL) × 0.85 (female) = 72.5 mL/min"
    )


def test_a_defined_rounding_is_shown() -> None:
    line = arithmetic("meld", {"bilirubin_total": Fraction(3), "inr": Fraction("1.5"), "creatinine": Fraction(2)})
    assert line == "3.78 × ln 3 + 11.2 × ln 1.5 + 9.57 × ln 2 + 6.43 = 21.76, rounded 22"


def test_meld_bounds() -> None:
    low = {"bilirubin_total": Fraction("0.2"), "inr": Fraction("0.8"), "creatinine": Fraction("0.3")}
    high = {"bilirubin_total": Fraction(40), "inr": Fraction(9), "creatinine": Fraction(12)}
    assert compute("meld", low) == 6
    assert compute("meld", high) == 40


@pytest.mark.parametrize(
    ("bilirubin", "albumin", "inr", "points", "level"),
    [
        ("2", "3.6", "1", 6, 1),
        ("3", "3.5", "1", 7, 2),
        ("3.01", "2.8", "1.69", 8, 2),
        ("3.1", "2.7", "2.3", 10, 3),
    ],
)
def test_child_pugh_at_its_edges(bilirubin: str, albumin: str, inr: str, points: int, level: int) -> None:
    given = {"bilirubin_total": bilirubin, "albumin": albumin, "inr": inr, "ascites_grade": "0"}
    inputs = {name: Fraction(text) for name, text in (given | {"encephalopathy_grade": "0"}).items()}
    assert (compute("child_pugh", inputs), compute("child_pugh_class", inputs)) == (points, level)


@pytest.mark.parametrize(("grade", "points"), [("0", 5), ("1", 6), ("2", 6), ("3", 7), ("4", 7)])
def test_encephalopathy_has_three_steps(grade: str, points: int) -> None:
    inputs = {"bilirubin_total": "1", "albumin": "4", "inr": "1", "ascites_grade": "0", "encephalopathy_grade": grade}
    assert compute("child_pugh", {name: Fraction(text) for name, text in inputs.items()}) == points


def test_a_method_names_its_formula() -> None:
    found = for_method("egfr", "mdrd")
    assert found is not None
    assert found.id == "mdrd"
    assert for_method("egfr", "radioisotope") is None


def test_a_missing_or_impossible_input_is_named_and_its_value_is_not() -> None:
    with pytest.raises(FormulaError, match="weight"):
        compute("bmi", {"height": Fraction(170)})
    with pytest.raises(FormulaError, match="creatinine above zero"):
        compute("cockcroft_gault", adult(creatinine="0", sex="male"))
    with pytest.raises(FormulaError, match="sex") as caught:
        compute("cockcroft_gault", adult(sex="other"))
    assert "61" not in str(caught.value)


def test_formulas_hold_for_their_ages_only() -> None:
    assert not formulas()["cockcroft_gault"].applies_at(17)
    assert formulas()["cockcroft_gault"].applies_at(18)
    assert [formulas()["schwartz"].applies_at(age) for age in (0, 1, 17, 18)] == [False, True, True, False]


def test_a_variable_may_have_several_formulas() -> None:
    assert {formula.id for formula in formulas_for("egfr")} == {"mdrd", "ckd_epi_2009", "ckd_epi_2021", "schwartz"}


@given(POSITIVE, POSITIVE)
def test_more_creatinine_never_means_more_filtration(one: Fraction, other: Fraction) -> None:
    low, high = sorted((one, other))
    for id in ("cockcroft_gault", "mdrd", "ckd_epi_2009", "ckd_epi_2021"):
        for sex in ("male", "female"):
            base = adult(sex=sex)
            assert compute(id, base | {"creatinine": high}) <= compute(id, base | {"creatinine": low})


@given(POSITIVE, POSITIVE)
def test_rational_formulas_are_exact(weight: Fraction, height: Fraction) -> None:
    assert compute("bmi", {"weight": weight, "height": height}) * (height / 100) ** 2 == weight


@given(st.integers(300, 600))
def test_both_corrections_leave_qt_alone_at_sixty(qt: int) -> None:
    for id in ("qtcf", "qtcb"):
        assert compute(id, {"qt": Fraction(qt), "heart_rate": Fraction(60)}) == qt


@pytest.mark.parametrize("id", list(formulas()))
def test_variables_and_units_are_those_of_the_catalogue(id: str) -> None:
    formula = formulas()[id]
    for variable, unit in (
        (formula.variable, formula.unit),
        *((needed.variable, needed.unit) for needed in formula.inputs),
    ):
        known = variables.catalogue().get(variable)
        if known and known.unit and unit and unit != "1":
            assert unit in units.accepted(variable), (variable, unit)


@settings(max_examples=40)
@given(st.sampled_from(sorted(formulas())), st.data())
def test_the_extremes_of_a_formula_come_from_the_extremes_of_its_inputs(id: str, data: st.DataObject) -> None:
    needed = [item.variable for item in formulas()[id].inputs if item.variable != "sex"]
    pools = {name: data.draw(st.lists(POSITIVE, min_size=2, max_size=3, unique=True)) for name in needed}
    sex = {"sex": "female"} if len(needed) < len(formulas()[id].inputs) else {}

    def extremes(choices: dict[str, list[Fraction]]) -> tuple[float, float]:
        given = (dict(zip(choices, some, strict=True)) for some in product(*choices.values()))
        values = [float(compute(id, {**one, **sex})) for one in given]
        return min(values), max(values)

    ends = {name: [min(pool), max(pool)] for name, pool in pools.items()}
    assert extremes(pools) == pytest.approx(extremes(ends), rel=1e-12)


def weighed(weights: Sequence[str], op: Op, limit: str) -> Outcome:
    """BMI of somebody of 2 m who was weighed often on one day, as the text asks for it."""
    day = DateSpan(ON, ON)
    results = [Observation("height", "height", Decimal(200), unit="cm", date=day)]
    results += [Observation("weight", "weight", Decimal(weight), unit="kg", date=day) for weight in weights]
    asked = Comparison("bmi", op, Amount(Decimal(limit), "kg/m2"))
    return evaluate(asked, Patient("p", observations=tuple(results)), Context(ON, compute=frozenset({"bmi"})))


def test_however_many_results_of_a_day_there_are_each_of_them_counts() -> None:
    light = [str(number) for number in range(60, 80)]
    assert weighed(light, Op.LT, "25").truth is Truth.TRUE
    assert weighed([*light, "100"], Op.LT, "25")[:2] == (Truth.UNKNOWN, Reason.CONFLICTING)


def test_an_equality_between_the_extremes_of_very_many_is_left_open() -> None:
    many = [str(number) for number in range(60, 80)]
    assert weighed(many[:3], Op.EQ, "15.1").truth is Truth.FALSE
    assert weighed(many, Op.EQ, "15.1")[:2] == (Truth.UNKNOWN, Reason.CONFLICTING)
    assert weighed(many, Op.EQ, "25").truth is Truth.FALSE
