"""Computed values in SQL: the interpreter's choice of inputs, the extremes of the value, and what they say.

An input is the latest result of its variable in time; several of one day are alternatives, and so are the ages that a
partial birth date leaves. Where all alternatives agree the comparison is decided, else they conflict; what is too near
the limit for doubles, and rare constellations of samples, are left to the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlglot import exp

from screening.batch import codes, margins, people, sql
from screening.batch.atoms import by_signature, plausible
from screening.batch.formulas import FORMULAS, NEAR, points_of
from screening.batch.latest import Latest, row_of
from screening.batch.measured import Measured
from screening.batch.numbers import Row, exactly, unclear
from screening.batch.problems import RefusedError
from screening.batch.scan import day_of
from screening.batch.signatures import Signature
from screening.batch.slots import Placed, Slot
from screening.batch.sql import Sql
from screening.batch.ties import candidate, unclear_time
from screening.evaluate.chart import Chart, Measure
from screening.evaluate.context import Context
from screening.evaluate.derived import Formula, Input, formulas
from screening.evaluate.exact import convert, in_unit
from screening.evaluate.ingredients import scopes
from screening.evaluate.limits import limit_of
from screening.evaluate.outcome import Reason, Scope
from screening.patient.facts import Observation, Patient
from screening.predicates import Comparison, Multiple, Op

Column = Callable[[Sql, int], Sql]
"""Makes a column of a height and gives a reference to it."""

_FINE = 0
"""The reason of an input that is there."""


@dataclass(frozen=True, slots=True)
class TiedInput:
    """One input among several results of a day: extremes, how many there are, why not."""

    name: str
    latest: Latest
    needed: Input
    formula: Formula

    def per_row(self) -> list[Sql]:
        """The value of each result, and why it has none."""
        own = exp.EQ(this=sql.col("slot"), expression=sql.num(self.latest.at))
        why = _why(self.needed, self.formula, self.latest, candidate(self.latest))
        value = _value(self.needed, self.formula, self.latest, candidate(self.latest))
        known = exp.EQ(this=why, expression=sql.num(_FINE))
        nothing = sql.cast(exp.null(), "DOUBLE")
        return [
            sql.named(sql.case((own, why.copy()), default=sql.cast(exp.null(), "INTEGER")), f"{self.name}_reason"),
            sql.named(sql.case((sql.every(own.copy(), known), value), default=nothing), f"{self.name}_value"),
        ]

    def together(self) -> list[Sql]:
        """Least and greatest value, number of results, and the reason where none is known."""
        value, reason = sql.col(f"{self.name}_value"), sql.col(f"{self.name}_reason")
        least, most = (sql.call(of, reason.copy()) for of in ("min", "max"))
        why = sql.case(
            (exp.EQ(this=unclear_time(), expression=sql.num(1)), sql.num(codes.ASK)),
            (exp.EQ(this=most.copy(), expression=sql.num(codes.ASK)), sql.num(codes.ASK)),
            (exp.GT(this=sql.call("count", value.copy()), expression=sql.num(0)), sql.num(_FINE)),
            (exp.EQ(this=least, expression=most), least.copy()),
            default=sql.num(codes.ASK),
        )
        found: dict[str, Sql] = {"low": sql.call("min", value), "high": sql.call("max", value.copy())}
        found |= {"rows": sql.call("count", reason.copy()), "why": why}
        return [sql.named(of, f"{self.name}_{part}") for part, of in found.items()]


def _why(needed: Input, formula: Formula, latest: Latest, row: Row) -> Sql:
    """0 for a result that is one number in the unit of the formula, else the reason."""

    def test(signature: Signature, row: Row) -> Sql:
        if signature.comparator not in (None, Op.EQ):
            return sql.num(codes.unknown(Reason.CENSORED))
        if signature.problem is not None:
            return sql.num(codes.unknown(signature.problem))
        fits = needed.unit is None or in_unit(needed.variable, Fraction(1), needed.unit) is not None
        said: Sql = sql.num(_FINE) if fits else sql.num(codes.UNIT_INCOMPATIBLE)
        if FORMULAS[formula.id].points:
            edges = points_of(needed.variable, formula.constants)[:2]
            said = sql.case(*unclear(row, [_recorded(needed, signature, edge) for edge in edges]), default=said)
        return plausible(signature, row, said)

    return by_signature(test, latest.placed.fitting, row)


def _value(needed: Input, formula: Formula, latest: Latest, row: Row) -> Sql:
    """The number in the unit of the formula, or its points."""

    def test(signature: Signature, row: Row) -> Sql:
        own = signature.conversion(signature.unit)
        if own is None or signature.problem is not None:
            return sql.cast(exp.null(), "DOUBLE")
        if FORMULAS[formula.id].points:
            return _as_points(needed, formula, signature, row)
        zero, one = (_in_unit(needed, own(Fraction(n))) for n in (0, 1))
        if zero is None or one is None:
            return sql.cast(exp.null(), "DOUBLE")
        scaled = row("x") if one - zero == 1 else exp.Mul(this=row("x"), expression=sql.real(one - zero))
        return exp.Add(this=scaled, expression=sql.real(zero)) if zero else scaled

    return by_signature(test, latest.placed.fitting, row)


def _in_unit(needed: Input, canonical: Fraction) -> Fraction | None:
    return canonical if needed.unit is None else in_unit(needed.variable, canonical, needed.unit)


def _as_points(needed: Input, formula: Formula, signature: Signature, row: Row) -> Sql:
    """1 to 3 points, compared in the unit of the result; -1 for a number below zero."""
    low, high, turned = points_of(needed.variable, formula.constants)
    edges = [_recorded(needed, signature, edge) for edge in (Fraction(0), low, high)]
    few, many = (3, 1) if turned else (1, 3)
    return sql.case(
        (exactly(row("x"), Op.LT, edges[0]), sql.num(-1)),
        (exactly(row("x"), Op.LT, edges[1]), sql.num(few)),
        (exactly(row("x"), Op.LE, edges[2]), sql.num(2)),
        default=sql.num(many),
    )


def _recorded(needed: Input, signature: Signature, value: Fraction) -> Fraction:
    """A number in the unit of the formula as it would be recorded."""
    canonical = value if needed.unit is None else convert(needed.variable, value, needed.unit)
    conversion = signature.conversion(signature.unit)
    return conversion.inverse(canonical) if conversion and canonical is not None else value


@dataclass(frozen=True, slots=True)
class _Found:
    """One input: columns of its extremes, of why it is lacking, and of how many results there are."""

    low: Sql
    high: Sql
    why: Sql
    rows: Sql | None = None
    latest: Latest | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """The comparison of a computed value, and the columns it needs."""

    predicate: Comparison
    formula: Formula
    context: Context
    measured: Measured
    column: Column

    def code(self) -> tuple[Sql, Sql]:
        """The code, of height 2, which may be `ASK`, and the margin of the computed value."""
        scope = scopes(self.formula, self.context, self.predicate.window)
        found = {needed.variable: self._found(needed, scope) for needed in self.formula.inputs}
        lacking = [(exp.NEQ(this=one.why.copy(), expression=sql.num(_FINE)), one.why.copy()) for one in found.values()]
        branches = [*self._samples(found), *lacking, *self._inapplicable()]
        said, margin = self._compared(found)
        return sql.case(*branches, default=said), margin

    # Inputs

    def _found(self, needed: Input, scope: Mapping[str, Scope]) -> _Found:
        if needed.values:
            raise RefusedError(f"the words of {needed.variable} in {self.formula.name} are not read in SQL")
        if needed.variable == "sex":
            known = exp.In(this=sql.col("sex"), expressions=[sql.text("male"), sql.text("female")])
            why = sql.case((known, sql.num(_FINE)), default=sql.num(codes.MISSING))
            return _Found(exp.null(), exp.null(), self.column(why, 0))
        if needed.variable == "age":
            return self._age()
        return self._result(needed, scope[needed.variable])

    def _age(self) -> _Found:
        """One that is below zero is none, but the greater one of a partial birth date may stand."""
        least, most = (completed_years(sql.col(f"birth_{which}"), self.context.on) for which in ("last", "first"))
        low = sql.case((exp.LT(this=least, expression=sql.num(0)), most.copy()), default=least.copy())
        alive = exp.GTE(this=exp.Coalesce(this=most.copy(), expressions=[sql.num(-1)]), expression=sql.num(0))
        why = sql.case((alive, sql.num(_FINE)), default=sql.num(codes.MISSING))
        return _Found(self.column(low, 0), self.column(most, 0), self.column(why, 0))

    def _result(self, needed: Input, where: Scope) -> _Found:
        signatures = self.measured.records.of_variable.get(needed.variable, ())
        if not signatures:
            return _Found(exp.null(), exp.null(), sql.num(codes.MISSING))
        partial = self.measured.records.facts.partial > 0
        slot = Slot(
            needed.variable, where.earliest, where.latest, sure=partial, sample=partial and self.formula.same_sample
        )
        placed = Placed(slot, signatures, signatures)
        fields = {"r", "k", *(["clock"] if self._timed else [])}
        latest = self.measured.place(placed, fields)
        tied = self._tied(latest, needed) if latest.tied else None
        row = row_of(latest)
        value, why = _value(needed, self.formula, latest, row), _why(needed, self.formula, latest, row)
        value = sql.case((latest.none(), sql.cast(exp.null(), "DOUBLE")), default=value)
        parts = {"low": value, "high": value.copy(), "why": why, "rows": sql.num(1)}
        if tied is not None:
            several = latest.several()
            parts = {
                name: sql.case((several.copy(), sql.col(f"{tied}_{name}")), default=part)
                for name, part in parts.items()
            }
        none = sql.case((sql.absent(latest.field("r")), sql.num(codes.MISSING)), default=sql.num(codes.STALE))
        parts["why"] = sql.case((latest.none(), none), default=parts["why"])
        columns = {name: self.column(part, 0) for name, part in parts.items()}
        return _Found(**columns, latest=latest)

    def _tied(self, latest: Latest, needed: Input) -> str:
        return self.measured.tie_input(
            latest.at, (needed, self.formula.id), lambda name, slot: TiedInput(name, slot, needed, self.formula)
        )

    @property
    def _timed(self) -> bool:
        return self.formula.same_sample and self.measured.records.facts.timed > 0

    # Conditions

    def _samples(self, found: Mapping[str, _Found]) -> list[tuple[Sql, Sql]]:
        """Inputs of one sample whose latest results are of different moments: an older one may be shared by all."""
        held = [one.latest for one in found.values() if one.latest is not None]
        if not self.formula.same_sample or len(held) < 2:  # noqa: PLR2004 -- one input is one sample
            return []
        apart: list[Sql] = []
        for at, one in enumerate(held):
            if self._timed and one.tied:
                apart.append(sql.every(sql.no(one.none()), one.several()))
            for other in held[at + 1 :]:
                there = [sql.no(one.none()), sql.no(other.none())]
                apart.append(sql.every(*there, self._differ(one, other)))
        return [(exp.Coalesce(this=exp.paren(sql.some(*apart)), expressions=[exp.false()]), sql.num(codes.ASK))]

    def _differ(self, one: Latest, other: Latest) -> Sql:
        days: Sql = exp.NEQ(this=day_of(one.field("k")), expression=day_of(other.field("k")))
        if not self._timed:
            return days
        clocks = exp.NullSafeNEQ(this=one.field("clock"), expression=other.field("clock"))
        return exp.paren(sql.some(days, clocks))

    def _inapplicable(self) -> list[tuple[Sql, Sql]]:
        """Ages for which the formula does not hold; a missing birth date does not say so."""
        formula = self.formula
        branches: list[Sql] = []
        if formula.age_low is not None:
            least = completed_years(sql.col("birth_last"), self.context.on)
            branches.append(exp.LT(this=least, expression=sql.num(formula.age_low)))
        if formula.age_high is not None:
            most = completed_years(sql.col("birth_first"), self.context.on)
            branches.append(exp.GT(this=most, expression=sql.num(formula.age_high)))
        return [(condition, sql.num(codes.METHOD_MISMATCH)) for condition in branches]

    # Comparison

    def _compared(self, found: Mapping[str, _Found]) -> tuple[Sql, Sql]:
        """All combinations of inputs that may be the right ones have to agree."""
        limit = self.predicate.limit
        if isinstance(limit, Multiple) and limit.defined is None:
            return sql.num(codes.NO_REFERENCE_RANGE), margins.nothing()
        edge = self._limit()
        if edge is None:
            return sql.num(codes.IMPLAUSIBLE), margins.nothing()
        low, high = (self.column(value, 1) for value in self._extremes(found))
        doubtful = _any([exp.GT(this=one.rows.copy(), expression=sql.num(1)) for one in found.values() if one.rows])
        doubt = sql.case((doubtful, sql.num(codes.CONFLICTING)), default=sql.num(codes.MISSING))
        said = sql.case(
            (self._impossible(found), sql.num(codes.IMPLAUSIBLE)),
            *self._near(low, high, edge),
            default=self._against(low, high, edge, doubt),
        )
        return said, self._margin(low, high, edge)

    def _margin(self, low: Sql, high: Sql, edge: Fraction) -> Sql:
        """The lesser of the margins of the extremes."""
        ends = [margins.distance(self._rounded(value), self.predicate.op, sql.real(edge)) for value in (low, high)]
        return exp.Least(this=ends[0], expressions=ends[1:], ignore_nulls=True)

    def _limit(self) -> Fraction | None:
        """The limit in the formula's own unit."""
        nobody = limit_of(self.predicate.variable, self.predicate.limit, self.context)(_NOBODY, _NOTHING)
        zero, one = (convert(self.predicate.variable, Fraction(n), self.formula.unit) for n in (0, 1))
        if nobody is None or nobody.canonical is None or zero is None or one is None:
            return None
        return (nobody.canonical - zero) / (one - zero)

    def _extremes(self, found: Mapping[str, _Found]) -> list[Sql]:
        known = FORMULAS[self.formula.id]
        numbers = {name: one for name, one in found.items() if name != "sex"}
        return [
            known.value(
                {name: one.high if (name in known.falling) is least else one.low for name, one in numbers.items()},
                self.formula.constants,
            )
            for least in (True, False)
        ]

    def _impossible(self, found: Mapping[str, _Found]) -> Sql:
        """Below zero, or zero where the formula divides by the input."""
        wrong: list[Sql] = []
        for needed in self.formula.inputs:
            if needed.variable != "sex":
                kind = exp.LTE if needed.positive else exp.LT
                wrong.append(kind(this=found[needed.variable].low.copy(), expression=sql.num(0)))
        return _any(wrong)

    def _near(self, low: Sql, high: Sql, edge: Fraction) -> list[tuple[Sql, Sql]]:
        """Where doubles cannot tell on which side of the limit the value lies."""
        known = FORMULAS[self.formula.id]
        if known.whole:
            return []
        close = [_halfway(value) if known.rounded else _close(value, edge) for value in (low, high)]
        if "age" in known.falling and self.formula.id == "cockcroft_gault":
            close.append(exp.LT(this=high.copy(), expression=sql.num(0)))  # beyond 140 years weight counts against
        return [(_any(close), sql.num(codes.ASK))]

    def _against(self, low: Sql, high: Sql, edge: Fraction, doubt: Sql) -> Sql:
        least, most = (self._rounded(value) for value in (low, high))
        op, limit = self.predicate.op, sql.real(edge)
        if op is Op.EQ:
            return self._equal(least, most, limit)
        first, second = (sql.compared(value, op, limit.copy()) for value in (least, most))
        return sql.case(
            (sql.every(first, second), sql.num(codes.TRUE)),
            (sql.no(exp.paren(sql.some(first.copy(), second.copy()))), sql.num(codes.FALSE)),
            default=doubt,
        )

    def _equal(self, least: Sql, most: Sql, limit: Sql) -> Sql:
        """Several alternatives on both sides of the limit may or may not hit it."""
        outside = sql.some(
            exp.GT(this=least.copy(), expression=limit.copy()), exp.LT(this=most.copy(), expression=limit.copy())
        )
        one = exp.EQ(this=least.copy(), expression=most.copy())
        return sql.case((outside, sql.num(codes.FALSE)), (one, sql.num(codes.TRUE)), default=sql.num(codes.ASK))

    def _rounded(self, value: Sql) -> Sql:
        if not FORMULAS[self.formula.id].rounded:
            return value.copy()
        return exp.Floor(this=exp.Add(this=value.copy(), expression=sql.real(0.5)))


def _any(conditions: list[Sql]) -> Sql:
    return exp.Coalesce(this=exp.paren(sql.some(*conditions)), expressions=[exp.false()])


def _close(value: Sql, edge: Fraction) -> Sql:
    slack = max(abs(float(edge)), 1e-3) * NEAR
    return exp.LTE(
        this=exp.Abs(this=exp.paren(exp.Sub(this=value.copy(), expression=sql.real(edge)))), expression=sql.real(slack)
    )


def _halfway(value: Sql) -> Sql:
    """Whether a number is about as near to one whole number as to the next."""
    part = exp.Sub(this=value.copy(), expression=exp.Floor(this=value.copy()))
    gap = exp.Abs(this=exp.paren(exp.Sub(this=part, expression=sql.real(0.5))))
    return exp.LTE(this=gap, expression=sql.real(NEAR))


def completed_years(birth: Sql, on: date) -> Sql:
    """Completed years at a date."""
    return people.completed(birth, on) or exp.null()


def derivation(predicate: Comparison, formula: str, context: Context, measured: Measured, column: Column) -> Derivation:
    """The comparison of a computed value. Raises RefusedError for a formula that SQL does not know."""
    if formula not in FORMULAS:
        raise RefusedError(f"the formula {formulas()[formula].name} is not computed in SQL")
    return Derivation(predicate, formulas()[formula], context, measured, column)


_NOBODY = Chart(Patient(""))
_NOTHING = Measure(Observation(None, ""), None, None, None, None)
"""Stand where a limit needs neither patient nor result."""
