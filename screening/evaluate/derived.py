"""Derived variables: published formulas as pure functions; their constants and citations are in rules/formulas.toml.

`compute` gives the value in the formula's unit, a Fraction where the formula is rational and a float where it has
powers, roots or logarithms; `arithmetic` gives the same on one line, to be checked by hand. Inputs are named by
variable id and stand in the units the formula asks for; no message ever repeats their values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from screening.resources import table

Number = Fraction | float
Inputs = Mapping[str, Fraction | str]


class FormulaError(ValueError):
    """An input is missing, impossible, or not one the formula knows; names the input, never its value."""


@dataclass(frozen=True, slots=True)
class Input:
    """A variable the formula needs: in *unit* (UCUM), or one of the words *values*; neither: a plain number, or sex."""

    variable: str
    unit: str | None = None
    values: tuple[str, ...] = ()
    positive: bool = False  # divides, or has a logarithm: zero is impossible


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula of rules/formulas.toml. Ages in completed years, both ends included; None: no limit."""

    id: str
    name: str
    variable: str
    unit: str
    inputs: tuple[Input, ...]
    constants: Mapping[str, Fraction]
    citation: str
    unit_shown: str | None = None  # as people write it, where that is not the UCUM code
    method: str | None = None
    age_low: int | None = None
    age_high: int | None = None
    decimals: int = 2  # shown in the arithmetic; the unrounded value is what is compared
    rounding: str | None = None  # "integer": the score is defined as rounded
    same_sample: bool = False  # the inputs must come from one sample or one reading
    traps: str = ""

    def applies_at(self, age: int) -> bool:
        """Whether the formula holds at that age in completed years."""
        return (self.age_low is None or age >= self.age_low) and (self.age_high is None or age <= self.age_high)


class Worked(NamedTuple):
    """A value and the steps that lead to it, in words."""

    value: Number
    steps: Callable[[], str]  # most values are never shown


Method = Callable[[Inputs, Mapping[str, Fraction]], Worked]


@cache
def formulas() -> Mapping[str, Formula]:
    """Every formula by id."""
    return MappingProxyType({id: _formula(id, row) for id, row in table("formulas").items()})


def _formula(id: str, row: Mapping[str, object]) -> Formula:
    fields = {key: value for key, value in row.items() if key not in ("inputs", "constants", "worked")}
    constants = {name: Fraction(text) for name, text in row["constants"].items()}  # type: ignore[attr-defined]
    inputs = tuple(
        Input(entry["variable"], entry.get("unit"), tuple(entry.get("values", ())), entry.get("positive", False))
        for entry in row["inputs"]  # type: ignore[attr-defined]
    )
    return Formula(id=id, inputs=inputs, constants=MappingProxyType(constants), **fields)  # type: ignore[arg-type]


@cache
def for_method(variable: str, method: str) -> Formula | None:
    """The formula that yields a variable by a method of rules/methods.toml ("fridericia" → QTcF).

    >>> for_method("qtc", "fridericia").id
    'qtcf'
    """
    return next((formula for formula in formulas_for(variable) if formula.method == method), None)


@cache
def formulas_for(variable: str) -> tuple[Formula, ...]:
    """The formulas that yield a variable, in the order of the file."""
    return tuple(formula for formula in formulas().values() if formula.variable == variable)


def compute(formula_id: str, inputs: Inputs) -> Number:
    """The derived value in the formula's unit.

    >>> compute("bmi", {"weight": Fraction(100), "height": Fraction(200)})
    Fraction(25, 1)
    """
    formula = formulas()[formula_id]
    return _rounded(formula, _worked(formula, inputs).value)


def arithmetic(formula_id: str, inputs: Inputs) -> str:
    """The computation on one line.

    >>> given = {"age": Fraction(61), "weight": Fraction(70), "creatinine": Fraction("0.9"), "sex": "male"}
    >>> arithmetic("cockcroft_gault", given)
    '(140 − 61) × 70 kg / (72 × 0.9 mg/dL) = 85.3 mL/min'
    """
    formula = formulas()[formula_id]
    value, steps = _worked(formula, inputs)
    line = f"{steps()} = {shown(value, formula.decimals)}"
    if formula.rounding == "integer":
        line += f", rounded {_rounded(formula, value)}"
    return line if formula.unit == "1" else f"{line} {formula.unit_shown or formula.unit}"


def _worked(formula: Formula, inputs: Inputs) -> Worked:
    _check(formula, inputs)
    return _METHODS[formula.id](inputs, formula.constants)


def _rounded(formula: Formula, value: Number) -> Number:
    """The value as the formula's definition has it."""
    if formula.rounding != "integer":
        return value
    return Fraction(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP) if isinstance(value, float) else round(value))


def _check(formula: Formula, inputs: Inputs) -> None:
    for needed in formula.inputs:
        value = inputs.get(needed.variable)
        if value is None:
            raise FormulaError(f"{formula.name} needs {needed.variable}")
        if isinstance(value, str):
            words = needed.values or (("female", "male") if needed.variable == "sex" else ())
            if value not in words:
                raise FormulaError(f"{formula.name} cannot use this {needed.variable}")
        elif value < 0 or (value == 0 and needed.positive):
            raise FormulaError(f"{formula.name} needs a {needed.variable} above zero")


@lru_cache(maxsize=1 << 14)
def shown(value: Number, decimals: int | None = None) -> str:
    """A number as a person writes it; without *decimals*, exactly where it ends within six places.

    >>> shown(Fraction("0.90")), shown(Fraction(1, 3)), shown(22.857, 1)
    ('0.9', '0.333333', '22.9')
    """
    exact = Fraction(value)
    places = 6 if decimals is None else decimals
    text = str(
        (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    )
    return text.rstrip("0").rstrip(".") if decimals is None and "." in text else text


def _number(inputs: Inputs, variable: str) -> Fraction:
    value = inputs[variable]
    if isinstance(value, str):
        raise FormulaError(f"{variable} must be a number")
    return value


def _female(inputs: Inputs) -> bool:
    return inputs["sex"] == "female"


def _for_women(factor: Fraction) -> str:
    return f" × {shown(factor)} (female)" if factor != 1 else ""


def _cockcroft_gault(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    """Creatinine clearance (mL/min) from age, actual weight, creatinine and sex."""
    age, weight, creatinine = (_number(inputs, name) for name in ("age", "weight", "creatinine"))
    factor = c["female"] if _female(inputs) else Fraction(1)
    value = (c["age"] - age) * weight / (c["divisor"] * creatinine) * factor
    return Worked(
        value,
        lambda: (
            f"({shown(c['age'])} − {shown(age)}) × {shown(weight)} kg"
            f" / ({shown(c['divisor'])} × {shown(creatinine)} mg/dL){_for_women(factor)}"
        ),
    )


def _mdrd(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    """Glomerular filtration per 1.73 m² from creatinine, age and sex, without a race term."""
    age, creatinine = _number(inputs, "age"), _number(inputs, "creatinine")
    factor = c["female"] if _female(inputs) else Fraction(1)
    value = float(c["factor"] * factor) * float(creatinine) ** float(c["creatinine"]) * float(age) ** float(c["age"])
    return Worked(
        value,
        lambda: (
            f"{shown(c['factor'])} × {shown(creatinine)}^{shown(c['creatinine'])} × {shown(age)}^{shown(c['age'])}"
            + _for_women(factor)
        ),
    )


def _ckd_epi(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    """Both CKD-EPI creatinine equations: factor · min(S/κ,1)^α · max(S/κ,1)^above · base^age · female."""
    age, creatinine = _number(inputs, "age"), _number(inputs, "creatinine")
    sex = "female" if _female(inputs) else "male"
    kappa, factor = c[f"kappa_{sex}"], c["female"] if sex == "female" else Fraction(1)
    ratio = creatinine / kappa
    power = c[f"alpha_{sex}"] if ratio < 1 else c["above"]
    value = float(c["factor"] * factor) * float(ratio) ** float(power) * float(c["age"]) ** float(age)
    return Worked(
        value,
        lambda: (
            f"{shown(c['factor'])} × ({shown(creatinine)} / {shown(kappa)})^{shown(power)}"
            f" × {shown(c['age'])}^{shown(age)}{_for_women(factor)}"
        ),
    )


def _schwartz(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    """Filtration per 1.73 m² of a child from height and creatinine."""
    height, creatinine = _number(inputs, "height"), _number(inputs, "creatinine")
    return Worked(
        c["factor"] * height / creatinine,
        lambda: f"{shown(c['factor'])} × {shown(height)} cm / {shown(creatinine)} mg/dL",
    )


def _bmi(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    weight, metres = _number(inputs, "weight"), _number(inputs, "height") / c["centimetres"]
    return Worked(weight / metres**2, lambda: f"{shown(weight)} kg / ({shown(metres)} m)²")


def _mosteller(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    weight, height = _number(inputs, "weight"), _number(inputs, "height")
    return Worked(
        math.sqrt(height * weight / c["divisor"]),
        lambda: f"√({shown(height)} cm × {shown(weight)} kg / {shown(c['divisor'])})",
    )


def _du_bois(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    weight, height = _number(inputs, "weight"), _number(inputs, "height")
    value = float(c["factor"]) * float(height) ** float(c["height"]) * float(weight) ** float(c["weight"])
    return Worked(
        value,
        lambda: f"{shown(c['factor'])} × {shown(height)}^{shown(c['height'])} × {shown(weight)}^{shown(c['weight'])}",
    )


def _corrected_calcium(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    calcium, albumin = _number(inputs, "calcium"), _number(inputs, "albumin")
    return Worked(
        calcium + c["factor"] * (c["albumin"] - albumin),
        lambda: f"{shown(calcium)} mg/dL + {shown(c['factor'])} × ({shown(c['albumin'])} − {shown(albumin)} g/dL)",
    )


def _qtc(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    """QT over the square (Bazett) or cube (Fridericia) root of RR in seconds."""
    qt, rate, root = _number(inputs, "qt"), _number(inputs, "heart_rate"), c["root"]
    value = float(qt) / float(c["minute"] / rate) ** float(1 / root)
    return Worked(value, lambda: f"{shown(qt)} ms / ({shown(c['minute'])} / {shown(rate)} s)^(1/{shown(root)})")


def _anc(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    wbc, percent = _number(inputs, "wbc"), _number(inputs, "neut_pct")
    return Worked(wbc * percent / c["percent"], lambda: f"{shown(wbc)}/µL × {shown(percent)} %")


def _anc_segs_bands(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    wbc, segs, bands = (_number(inputs, name) for name in ("wbc", "segs_pct", "bands_pct"))
    return Worked(
        wbc * (segs + bands) / c["percent"], lambda: f"{shown(wbc)}/µL × ({shown(segs)} % + {shown(bands)} %)"
    )


def _points(value: Fraction, low: Fraction, high: Fraction) -> int:
    """1 below the band, 2 inside it (both ends), 3 above."""
    return 1 if value < low else 2 if value <= high else 3


_CHILD_PUGH = ("bilirubin", "albumin", "inr", "ascites", "encephalopathy")


def _child_pugh(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    """Points 5–15 of five findings with 1 to 3 points each."""
    names = ("bilirubin_total", "albumin", "inr", "ascites_grade", "encephalopathy_grade")
    given = dict(zip(_CHILD_PUGH, (_number(inputs, name) for name in names), strict=True))
    points = {name: _points(value, c[f"{name}_low"], c[f"{name}_high"]) for name, value in given.items()}
    points["albumin"] = 4 - points["albumin"]  # the less, the worse
    return Worked(
        Fraction(sum(points.values())), lambda: " + ".join(f"{name} {count}" for name, count in points.items())
    )


def _child_pugh_class(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    """The class of the points: A 1, B 2, C 3."""
    points, steps = _child_pugh(inputs, c)
    number = Fraction(1 + (points >= c["class_b"]) + (points >= c["class_c"]))
    return Worked(number, lambda: f"{steps()} = {points} points, class")


def _meld(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    """Model for end-stage liver disease, bounded; rounded by `compute` as its definition asks."""
    bilirubin, inr, creatinine = (
        max(_number(inputs, name), c["floor"]) for name in ("bilirubin_total", "inr", "creatinine")
    )
    creatinine = min(creatinine, c["creatinine_cap"])
    terms = (("bilirubin", bilirubin), ("inr", inr), ("creatinine", creatinine))
    value = float(c["intercept"]) + sum(float(c[name]) * math.log(number) for name, number in terms)
    return Worked(
        min(value, float(c["cap"])),
        lambda: " + ".join([*(f"{shown(c[n])} × ln {shown(x)}" for n, x in terms), shown(c["intercept"])]),
    )


def _homa_ir(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    insulin, glucose = _number(inputs, "insulin"), _number(inputs, "glucose")
    return Worked(
        insulin * glucose / c["divisor"],
        lambda: f"{shown(insulin)} µIU/mL × {shown(glucose)} mmol/L / {shown(c['divisor'])}",
    )


def _pack_years(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    daily, years = _number(inputs, "cigarettes_per_day"), _number(inputs, "smoking_years")
    return Worked(
        daily / c["pack"] * years,
        lambda: f"{shown(daily)} cigarettes a day / {shown(c['pack'])} × {shown(years)} years",
    )


def _hba1c_ifcc(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    ngsp = _number(inputs, "hba1c")
    return Worked(
        (ngsp - c["intercept"]) / c["slope"],
        lambda: f"({shown(ngsp)} % − {shown(c['intercept'])}) / {shown(c['slope'])}",
    )


def _mean_pressure(inputs: Inputs, c: Mapping[str, Fraction]) -> Worked:
    systolic, diastolic = _number(inputs, "systolic_bp"), _number(inputs, "diastolic_bp")
    return Worked(
        diastolic + (systolic - diastolic) / c["part"],
        lambda: f"{shown(diastolic)} + ({shown(systolic)} − {shown(diastolic)}) / {shown(c['part'])}",
    )


def _fib4(inputs: Inputs, _: Mapping[str, Fraction]) -> Worked:
    age, ast, alt, platelets = (_number(inputs, name) for name in ("age", "ast", "alt", "platelets"))
    return Worked(
        float(age * ast / platelets) / math.sqrt(alt),
        lambda: f"{shown(age)} × {shown(ast)} U/L / ({shown(platelets)}×10⁹/L × √{shown(alt)} U/L)",
    )


_METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "cockcroft_gault": _cockcroft_gault,
        "mdrd": _mdrd,
        "ckd_epi_2009": _ckd_epi,
        "ckd_epi_2021": _ckd_epi,
        "schwartz": _schwartz,
        "bmi": _bmi,
        "bsa_mosteller": _mosteller,
        "bsa_du_bois": _du_bois,
        "corrected_calcium": _corrected_calcium,
        "qtcf": _qtc,
        "qtcb": _qtc,
        "anc_from_differential": _anc,
        "anc_from_segs_bands": _anc_segs_bands,
        "child_pugh": _child_pugh,
        "child_pugh_class": _child_pugh_class,
        "meld": _meld,
        "homa_ir": _homa_ir,
        "pack_years": _pack_years,
        "hba1c_ifcc": _hba1c_ifcc,
        "mean_arterial_pressure": _mean_pressure,
        "fib4": _fib4,
    }
)
