"""Published formulas as SQL on doubles: the least and the greatest value that the alternatives of their inputs allow.

Each formula rises or falls with each of its inputs, so the extremes come from the extremes of the inputs. What the
interpreter computes exactly is a double here: within `NEAR` of the limit nothing is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlglot import exp

from screening.batch import sql
from screening.batch.sql import Sql

NEAR = 1e-9
"""Relative distance from the limit within which the interpreter is asked."""

Given = Mapping[str, Sql]
Constants = Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class SqlFormula:
    """A formula; *falling*: the inputs with which its value falls; *points*: inputs that stand as points, not values.

    *whole*: the value is a whole number, exact in a double; *rounded*: it becomes one by rounding half up.
    """

    value: Callable[[Given, Constants], Sql]
    falling: frozenset[str] = frozenset()
    whole: bool = False
    rounded: bool = False
    points: bool = False


def _mul(*parts: Sql) -> Sql:
    product: Sql = exp.paren(parts[0].copy())
    for part in parts[1:]:
        product = exp.Mul(this=product, expression=exp.paren(part.copy()))
    return product


def _div(top: Sql, bottom: Sql) -> Sql:
    return exp.Div(this=exp.paren(top), expression=exp.paren(bottom), typed=False, safe=False)


def _add(*parts: Sql) -> Sql:
    total: Sql = exp.paren(parts[0].copy())
    for part in parts[1:]:
        total = exp.Add(this=total, expression=exp.paren(part.copy()))
    return total


def _sub(left: Sql, right: Sql) -> Sql:
    return exp.Sub(this=exp.paren(left.copy()), expression=exp.paren(right.copy()))


def _pow(base: Sql, power: Sql) -> Sql:
    return exp.Pow(this=exp.paren(base.copy()), expression=exp.paren(power))


def _female(then: Sql, otherwise: Sql) -> Sql:
    return sql.case((exp.EQ(this=sql.col("sex"), expression=sql.text("female")), then), default=otherwise)


def _for_women(c: Constants) -> Sql:
    return _female(sql.real(c["female"]), sql.real(1))


def _cockcroft_gault(given: Given, c: Constants) -> Sql:
    left = _sub(sql.real(c["age"]), given["age"])
    return _mul(_div(_mul(left, given["weight"]), _mul(sql.real(c["divisor"]), given["creatinine"])), _for_women(c))


def _mdrd(given: Given, c: Constants) -> Sql:
    creatinine = _pow(given["creatinine"], sql.real(c["creatinine"]))
    return _mul(sql.real(c["factor"]), _for_women(c), creatinine, _pow(given["age"], sql.real(c["age"])))


def _ckd_epi(given: Given, c: Constants) -> Sql:
    kappa = _female(sql.real(c["kappa_female"]), sql.real(c["kappa_male"]))
    alpha = _female(sql.real(c["alpha_female"]), sql.real(c["alpha_male"]))
    ratio = _div(given["creatinine"].copy(), kappa)
    power = sql.case((exp.LT(this=ratio, expression=sql.num(1)), alpha), default=sql.real(c["above"]))
    return _mul(sql.real(c["factor"]), _for_women(c), _pow(ratio, power), _pow(sql.real(c["age"]), given["age"].copy()))


def _qtc(given: Given, c: Constants) -> Sql:
    interval = _div(sql.real(c["minute"]), given["heart_rate"].copy())
    return _div(given["qt"].copy(), _pow(interval, sql.real(1 / c["root"])))


def _points(given: Given, _: Constants) -> Sql:
    return _add(*given.values())


def _child_pugh_class(given: Given, c: Constants) -> Sql:
    total = exp.paren(_points(given, c))
    classes = [
        sql.case((exp.GTE(this=total.copy(), expression=sql.real(c[name])), sql.num(1)), default=sql.num(0))
        for name in ("class_b", "class_c")
    ]
    return _add(sql.num(1), *classes)


def _meld(given: Given, c: Constants) -> Sql:
    floor, cap = sql.real(c["floor"]), sql.real(c["creatinine_cap"])
    raised = {
        name: exp.Greatest(this=given[variable].copy(), expressions=[floor.copy()], ignore_nulls=True)
        for name, variable in (("bilirubin", "bilirubin_total"), ("inr", "inr"), ("creatinine", "creatinine"))
    }
    capped: dict[str, Sql] = {
        **raised,
        "creatinine": exp.Least(this=raised["creatinine"], expressions=[cap], ignore_nulls=True),
    }
    terms = [_mul(sql.real(c[name]), exp.Ln(this=value)) for name, value in capped.items()]
    total = _add(sql.real(c["intercept"]), *terms)
    return exp.Least(this=total, expressions=[sql.real(c["cap"])], ignore_nulls=True)


def _mean_pressure(given: Given, c: Constants) -> Sql:
    low, high = given["diastolic_bp"], given["systolic_bp"]
    return _add(low, _div(_sub(high, low), sql.real(c["part"])))


def _fib4(given: Given, _: Constants) -> Sql:
    above = _div(_mul(given["age"], given["ast"]), given["platelets"].copy())
    return _div(above, exp.Sqrt(this=given["alt"].copy()))


_CHILD_PUGH = {
    "bilirubin_total": "bilirubin",
    "albumin": "albumin",
    "inr": "inr",
    "ascites_grade": "ascites",
    "encephalopathy_grade": "encephalopathy",
}


def points_of(variable: str, c: Constants) -> tuple[Fraction, Fraction, bool]:
    """The band of an input that gives two points, and whether less of it is worse."""
    name = _CHILD_PUGH[variable]
    return c[f"{name}_low"], c[f"{name}_high"], name == "albumin"


FORMULAS: Mapping[str, SqlFormula] = {
    "cockcroft_gault": SqlFormula(_cockcroft_gault, frozenset({"age", "creatinine"})),
    "mdrd": SqlFormula(_mdrd, frozenset({"age", "creatinine"})),
    "ckd_epi_2009": SqlFormula(_ckd_epi, frozenset({"age", "creatinine"})),
    "ckd_epi_2021": SqlFormula(_ckd_epi, frozenset({"age", "creatinine"})),
    "schwartz": SqlFormula(
        lambda given, c: _div(_mul(sql.real(c["factor"]), given["height"]), given["creatinine"].copy()),
        frozenset({"creatinine"}),
    ),
    "bmi": SqlFormula(
        lambda given, c: _div(
            given["weight"].copy(),
            _pow(_div(given["height"].copy(), sql.real(c["centimetres"])), sql.real(2)),
        ),
        frozenset({"height"}),
    ),
    "bsa_mosteller": SqlFormula(
        lambda given, c: exp.Sqrt(this=_div(_mul(given["height"], given["weight"]), sql.real(c["divisor"])))
    ),
    "bsa_du_bois": SqlFormula(
        lambda given, c: _mul(
            sql.real(c["factor"]),
            _pow(given["height"], sql.real(c["height"])),
            _pow(given["weight"], sql.real(c["weight"])),
        )
    ),
    "corrected_calcium": SqlFormula(
        lambda given, c: _add(
            given["calcium"], _mul(sql.real(c["factor"]), _sub(sql.real(c["albumin"]), given["albumin"]))
        ),
        frozenset({"albumin"}),
    ),
    "qtcf": SqlFormula(_qtc),
    "qtcb": SqlFormula(_qtc),
    "anc_from_differential": SqlFormula(
        lambda given, c: _div(_mul(given["wbc"], given["neut_pct"]), sql.real(c["percent"]))
    ),
    "anc_from_segs_bands": SqlFormula(
        lambda given, c: _div(_mul(given["wbc"], _add(given["segs_pct"], given["bands_pct"])), sql.real(c["percent"]))
    ),
    "child_pugh": SqlFormula(_points, whole=True, points=True),
    "child_pugh_class": SqlFormula(_child_pugh_class, whole=True, points=True),
    "meld": SqlFormula(_meld, rounded=True),
    "homa_ir": SqlFormula(lambda given, c: _div(_mul(given["insulin"], given["glucose"]), sql.real(c["divisor"]))),
    "pack_years": SqlFormula(
        lambda given, c: _div(_mul(given["cigarettes_per_day"], given["smoking_years"]), sql.real(c["pack"]))
    ),
    "hba1c_ifcc": SqlFormula(
        lambda given, c: _div(_sub(given["hba1c"], sql.real(c["intercept"])), sql.real(c["slope"]))
    ),
    "mean_arterial_pressure": SqlFormula(_mean_pressure),
    "fib4": SqlFormula(_fib4, frozenset({"alt", "platelets"})),
}
"""Formulas of rules/formulas.toml; one that is missing here is refused by name. Points of albumin are turned round
where they are given, so that every point adds to the sum."""
