"""From a bound in the text to a typed comparison: numbers, units, references, levels — checked once, here.

What the text leaves out becomes an assumption or a choice, never a silent guess.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from screening import units, variables
from screening.build.common.context import Reader
from screening.build.limits import restated
from screening.build.limits.agreeing import in_one_unit, is_impossible, limits_of
from screening.build.limits.chunks import unit_type
from screening.build.limits.circumstances import methods, qualifiers
from screening.build.limits.comparing import by_quality, either_way
from screening.build.limits.levelled import beyond, each_level, in_levels, in_millimetres, is_level_list, out_of
from screening.build.limits.normal_range import NormalRange
from screening.build.limits.quantities import (
    lost_power,
    may_equal,
    names_percent,
    number_read,
    of_another_size,
    plausible_units,
    scale_units,
    usual_sign,
)
from screening.build.limits.ranges import each_range, falls, fraction, is_low_end, rising, sharing_unit
from screening.build.limits.unstated import Typed, assume, doubted, either_meant, strict_age, which_unit
from screening.parse.passes.signs import LOST
from screening.parse.tokens import Token
from screening.parse.trees.tree import Bound, Bounds, Span2
from screening.predicates import (
    All,
    Amount,
    Any,
    Choice,
    Comparison,
    Limit,
    Multiple,
    Op,
    OrdinalSet,
    Predicate,
    Reading,
    Reference,
)
from screening.resources import table
from screening.text import Kind

_UNNORMED = frozenset({"percent", "scale", "count", "time"})
_REFERENCES = {"ULN": Reference.ULN, "LLN": Reference.LLN, "BASELINE": Reference.BASELINE}
_LARGEST_SET = 12  # a range of whole levels up to this long is a set
_GOING_ON = frozenset(table("reading")["going_on"]["words"])


class Unfit(Exception):
    """The bound is not one of this variable ("ANC ≥ 3 months")."""


def predicate(reader: Reader, typed: Typed, bounds: Bounds, defined: Amount | None = None) -> Predicate:
    """The predicate of one variable and its bounds; raises Unfit when they do not belong together."""
    return _Typer(reader, typed, bounds, defined).build()


class _Typer:
    def __init__(self, reader: Reader, typed: Typed, bounds: Bounds, defined: Amount | None) -> None:
        self.reader, self.typed, self.bounds, self.defined = reader, typed, in_one_unit(bounds), defined
        self.variable = typed.variable
        self.how = (*typed.subject.how, *bounds.how)

    # ---- the whole

    def build(self) -> Predicate:
        listed = is_level_list(self.variable, self.bounds)
        if listed:
            made: Predicate = self._set([self._level(bound) for bound in each_level(self.bounds)])
        else:
            apart = [predicate(self.reader, self.typed, one, self.defined) for one in restated.by_methods(self.bounds)]
            parts = apart or [self._item(item) for item in self.bounds.items]
            made = parts[0] if len(parts) == 1 else self._joined(parts)
        for again in self.bounds.restated:
            if listed and restated.score_of(self.variable, again) is None:
                continue
            if self.variable.kind != "time" and any(unit_type(item) == "TIME" for item in again.items):
                raise Unfit  # "Karnofsky ≥ 50 (> 16 years of age)": another quantity stands in the parenthesis
            made = self._compare_restated(made, again)
        return doubted(self.reader, self.typed, made)

    def _joined(self, parts: list[Predicate]) -> Predicate:
        joins = set(self.bounds.joins)
        if joins == {"or"} and restated.is_same_limit(parts):
            self.reader.note(
                "restated-limit", "the limit is repeated in another unit; the first is used", self.typed.span
            )
            return parts[0]
        if joins == {"and"} and is_impossible(limits_of(All(tuple(parts)))):
            return either_meant(self.reader, self.typed, parts)
        kind = Any if "or" in joins else All
        return kind(tuple(parts), span=self.typed.span)

    def _item(self, item: Bound | Span2) -> Predicate:
        if isinstance(item, Bound):
            return self._bound(item)
        if item.outside and item.low.value.reference:
            return self._ranged(self._normal.outside(item.low.value))
        return self._each_range(item) if item.each else self._range(item)

    # ---- ranges and sets

    def _range(self, item: Span2) -> Predicate:
        low, high = rising(*sharing_unit(item.low, item.high))
        if len(low.value.numbers) != len(high.value.numbers):
            raise Unfit
        if falling := falls(low, high):
            low, high = replace(low, value=high.value), replace(high, value=low.value)
        if self.variable.kind == "scale" and low.op is Op.GE and high.op is Op.LE:
            first, last = self._level(low), self._level(high)
            if first > last:
                first, last = last, first
            if unit_type(item) == "UNIT" or beyond(self.variable, last):
                return All((self._bound(low), self._bound(high)), span=self.typed.span)  # "VAS 40-50 mm"
            few = last - first <= _LARGEST_SET and (self.variable.scale_max or 0) <= _LARGEST_SET
            if first == int(first) and last == int(last) and few:
                return self._set([Decimal(level) for level in range(int(first), int(last) + 1)])
        made = (Any if item.outside else All)((self._bound(low), self._bound(high)), span=self.typed.span)
        if falling:
            message = "the first number of the range is the larger one; a range between the two is assumed"
            return assume(self.reader, self.typed, "impossible-range", f"range of {self.variable.id}", made, message)
        if lost := high.value.numbers and high.value.numbers[0].senses.get(LOST):
            message = f"{lost}; a range from the first to the second is assumed"
            return assume(self.reader, self.typed, "lost-comparator", f"range of {self.variable.id}", made, message)
        return made

    def _each_range(self, item: Span2) -> Predicate:
        """ "90-140/50-90 mmHg": a range for each of the pair, and both must hold."""
        if len(self.variable.group_of) != len(item.low.value.numbers):
            raise Unfit
        pairs = zip(self.variable.group_of, each_range(item), strict=True)
        typed = [(replace(self.typed, variable=variables.catalogue()[part]), one) for part, one in pairs]
        made = [_Typer(self.reader, one, Bounds((own,), how=self.how), None).build() for one, own in typed]
        return (Any if item.outside else All)(tuple(made), span=self.typed.span)

    def _set(self, levels: list[Decimal]) -> Predicate:
        asked = qualifiers(self.reader, self.variable, self.how, self.typed.subject.token.text, self.typed.span)
        return OrdinalSet(self.variable.id, tuple(sorted(set(levels))), asked, span=self.typed.span)

    def _level(self, bound: Bound) -> Decimal:
        value = bound.value
        if value.level is not None:
            return Decimal(value.level.value)
        if not value.numbers:
            raise Unfit
        return self._number(value.numbers[0], None)

    # ---- one bound

    def _bound(self, bound: Bound) -> Predicate:
        bound = out_of(self.variable, bound)
        value = bound.value
        if len(value.numbers) > 1:
            return self._pair(bound)
        if value.reference:
            return self._referenced(bound)
        if value.level is not None:
            return self._ordinal(bound, Decimal(value.level.value))
        if not value.numbers:
            raise Unfit
        return self._absolute(bound)

    def _on_scale(self, level: Decimal) -> Decimal:
        """A level of this scale; another number cannot be meant for it."""
        low, high = self.variable.scale_min, self.variable.scale_max
        if (low is not None and level < low) or (high is not None and level > high):
            raise Unfit
        return level

    def _ordinal(self, bound: Bound, level: Decimal) -> Predicate:
        return self.comparison(by_quality(self.variable, bound).op or Op.EQ, Amount(level))

    def _pair(self, bound: Bound) -> Predicate:
        if self.variable.kind == "scale":
            return self._set([self._number(number, None) for number in bound.value.numbers])
        if (read := fraction(self.variable, bound)) is not None:
            typed = replace(self.typed, variable=variables.catalogue()[read[0]])
            return _Typer(self.reader, typed, self.bounds, None).comparison(*read[1:])
        parts = self.variable.group_of
        if len(parts) != len(bound.value.numbers):
            raise Unfit
        made = [
            _Typer(
                self.reader,
                Typed(variables.catalogue()[part], self.typed.subject, self.typed.span),
                Bounds((Bound(bound.op, replace(bound.value, numbers=(number,)), bound.symbol),), how=self.how),
                None,
            ).build()
            for part, number in zip(parts, bound.value.numbers, strict=True)
        ]
        below = bound.op in (Op.LT, Op.LE)
        return (Any if below == is_low_end(self.variable, bound) else All)(tuple(made), span=self.typed.span)

    def _referenced(self, bound: Bound) -> Predicate:
        value = bound.value
        if value.percent and value.reference == "NORMAL" and "%" in units.accepted(self.variable.id):
            return self._absolute(
                replace(bound, value=replace(value, reference=None, percent=False))
            )  # "50 % of normal"
        unnormed = self.variable.kind in _UNNORMED or self.variable.id in table("measures")["unnormed"]["variables"]
        if self.variable.normal is None and unnormed and value.reference != "BASELINE":
            raise Unfit
        factor = value.factor if value.factor is not None else self._number(value.numbers[0], None)
        if value.percent:
            factor /= 100
        if value.reference == "NORMAL":
            return self._ranged(self._normal.limited(bound, factor))
        lost = bound.op in (None, Op.EQ) and self.variable.adverse in ("low", "high")
        op = self._eligible_direction() if lost else bound.op or (Op.GE if value.reference == "LLN" else Op.LE)
        reference = _REFERENCES[value.reference or ""]
        made = self.comparison(op, Multiple(factor, reference, self.defined if reference is Reference.ULN else None))
        return self._lost(made, op) if lost else made

    @property
    def _normal(self) -> NormalRange:
        return NormalRange(self.variable, self.comparison, self.defined, self.typed.span)

    def _ranged(self, made: Predicate | None) -> Predicate:
        if made is None:
            raise Unfit
        return made

    def _absolute(self, bound: Bound) -> Predicate:
        unit_token = bound.value.unit or self.typed.subject.unit
        number = bound.value.numbers[0]
        if repaired := number.senses.get("REPAIRED"):
            self.reader.note(
                "repaired-superscript", f"“{number.text}” lost a space; read as {repaired}", self.typed.span
            )
        if unit_token is not None:
            unit = self._unit(unit_token)
            limit = Amount(lost_power(self.reader, self.typed, number) or self._number(number, unit), unit)
            meant = units.slip(self.variable.id, limit.value, unit) if unit else None
            return self._slipped(bound, limit, meant) if meant else self._directed(bound, limit, None)
        if larger := of_another_size(self.variable, number):
            self._becomes(larger)
            return self._without_unit(bound, number)
        if self.variable.unit is None or self.variable.kind in ("scale", "ratio", "count"):
            level = self._number(number, None)
            tall = beyond(self.variable, level) and in_millimetres(self.typed)
            if tall and (found := units.assumed(self.variable.id, level)):
                return self._directed(bound, Amount(level, found[0]), f"the unit {found[0]}")
            return self._directed(
                bound, Amount(self._on_scale(level) if self.variable.kind == "scale" else level), None
            )
        return self._without_unit(bound, number)

    def _slipped(self, bound: Bound, limit: Amount, meant: str) -> Predicate:
        """The written unit puts the limit where no trial puts it; the same number in the usual unit is read,
        unconfirmed."""
        if bound.op is None:
            raise Unfit
        made = self._directed(bound, Amount(limit.value, meant), None)
        message = f"{limit.value} {limit.unit} is no plausible limit of {self.variable.name}; {meant} is probably meant"
        return assume(self.reader, self.typed, "unit-slip", f"{self.variable.id} in {meant}", made, message)

    def _unit(self, token: Token) -> str:
        known = units.lookup(token.text, self.variable.id)
        if known and known.lost_superscript:
            self.reader.note(
                "repaired-superscript", f"“{token.text}” lost its superscript; read as {known.ucum}", self.typed.span
            )
        unit = known.ucum if known else str(token.value)
        other = dict(self.variable.quantities).get(unit)
        if other:
            self._becomes(other)
        if self.variable.kind in ("scale", "ratio", "count") and unit in scale_units(self.variable):
            return None  # type: ignore[return-value]
        if unit in units.accepted(self.variable.id):
            return unit
        raise Unfit

    def _becomes(self, identity: str) -> None:
        """The unit tells that another quantity of the same name is meant ("neutrophils ≥ 50 %")."""
        self.variable = variables.catalogue()[identity]
        self.typed = replace(self.typed, variable=self.variable)

    def _number(self, token: Token, unit: str | None) -> Decimal:
        found = number_read(self.variable, token.value, unit)
        if found is None:
            raise Unfit
        return found

    def _without_unit(self, bound: Bound, token: Token) -> Predicate:
        """No unit in the text: an assumption where one is plausible, a choice where several are, else no limit of
        this variable."""
        if strange := token.senses.get("UNKNOWN_UNIT"):
            self.reader.note("unknown-unit", f"“{strange}” is no unit that is known", self.typed.span)
            raise Unfit
        number = self._number(token, None)
        counted = units.quantity(self.variable.id, "")
        if counted != self.variable.id and number == int(number) and self.typed.subject.token.senses.get("WEAK"):
            self._becomes(counted)
            return self._directed(bound, Amount(number), None)
        if names_percent(self.typed.subject.token.text) and "%" in units.accepted(self.variable.id):
            return self._directed(bound, Amount(number, "%"), None)
        found = units.assumed(self.variable.id, number) or plausible_units(self.variable, number)
        if not found:
            raise Unfit
        if found == ("1",):
            return self._directed(bound, Amount(number, "1"), None)  # "FEV1/FVC < 0.7": a ratio has no unit
        if len(found) == 1:
            return self._directed(bound, Amount(number, found[0]), f"the unit {found[0]}")
        readings = tuple(Reading(unit, self._directed(bound, Amount(number, unit), None)) for unit in found)
        return which_unit(self.reader, self.typed, token.text, readings)

    def _directed(self, bound: Bound, limit: Amount, unit_assumed: str | None) -> Predicate:
        """A bare value is an equality on scales and counts; elsewhere the comparator was lost."""
        bound = by_quality(self.variable, bound)
        unsigned = bound.op in (None, Op.EQ)
        known = usual_sign(self.reader, self.variable, self.bounds) if unsigned else None
        if bound.op is None and self.typed.subject.token.text.lower().rpartition(" ")[2] in _GOING_ON:
            return self.comparison(Op.GE, limit)  # "disease-free for 5 years"
        lost = known is not None or (
            unsigned and not may_equal(self.variable) and self.variable.adverse in ("low", "high")
        )
        if bound.op is Op.EQ and not lost and not may_equal(self.variable):
            ways = [self._directed(replace(bound, op=op), limit, unit_assumed) for op in (Op.GE, Op.LE)]
            return either_way(self.reader, self.typed, *ways)
        if bound.op is None and not lost and self.variable.kind == "quantity":
            raise Unfit  # "at blood pressure goal (140/90 mmHg)": no limit
        op = (known or self._eligible_direction()) if lost else bound.op or Op.EQ
        made: Predicate = self.comparison(op, limit)
        if unit_assumed:
            message = f"the text gives no unit; {unit_assumed} is assumed"
            made = assume(self.reader, self.typed, "missing-unit", f"{self.variable.id} in {limit.unit}", made, message)
        return self._lost(made, op) if lost else made

    def _lost(self, made: Predicate, op: Op) -> Predicate:
        message = f"the text gives no comparison; {op} is assumed from what is adverse"
        return assume(self.reader, self.typed, "lost-comparator", f"{self.variable.id} {op}", made, message)

    def _eligible_direction(self) -> Op:
        low_is_bad = self.variable.adverse == "low"
        return Op.GE if low_is_bad != self.reader.excluding else Op.LE

    # ---- the comparison, and doubts about it

    def comparison(self, op: Op, limit: Limit) -> Predicate:
        top = self.variable.scale_max if self.variable.kind == "scale" and isinstance(limit, Amount) else None
        if top is not None and isinstance(limit, Amount) and in_levels(self.variable, limit) > top:
            raise Unfit  # no level of this scale
        asked = methods(self.reader, self.variable, self.how, self.typed.subject.token.text, self.typed.span)
        by_each = [self._by(one, op, limit) for one in asked]
        if len(by_each) > 1:
            return Any(tuple(by_each), self.typed.span)
        if self.variable.id == "age" and op is Op.GT and isinstance(limit, Amount):
            return strict_age(self.reader, by_each[0], limit)
        return by_each[0]

    def _by(self, method: str | None, op: Op, limit: Limit) -> Comparison:
        circumstances = qualifiers(self.reader, self.variable, self.how, self.typed.subject.token.text, self.typed.span)
        return Comparison(
            self.variable.id, op, limit, method, circumstances, None, self.variable.aggregate, span=self.typed.span
        )

    # ---- restated limits

    def _compare_restated(self, made: Predicate, again: Bounds) -> Predicate:
        behind_or, weaker = restated.is_behind_or(self.reader, again), restated.is_weaker_form(again)
        if behind_or and (ways := restated.alternatives(self.bounds, again)):
            each = [_Typer(self.reader, self.typed, one, self.defined).build() for one in ways]
            return Any(tuple(each), self.typed.span)
        try:
            reader, repeated = replace(self.reader, diagnostics=[], labels={}), restated.repeated(self.bounds, again)
            other = _Typer(reader, self.typed, repeated, self.defined).build()
        except Unfit:
            if (score := restated.score_of(self.variable, again)) is not None:
                typed = replace(self.typed, variable=score)
                points = _Typer(self.reader, typed, replace(again, restated=()), None).build()
                return All((made, points), self.typed.span)
            if behind_or:
                raise  # "≤ 1.5 × ULN or 24-hour clearance …": the number belongs to what follows
            return made
        if weaker and behind_or and not restated.is_amount(made):
            raise Unfit  # "≤ 1.5 × ULN or 24 h clearance …"
        if restated.is_defined_by(self.bounds, again):
            return other
        if weaker or restated.is_same_limit([made, other]):
            self.reader.note(
                "restated-limit", "the limit is repeated in other words or units and agrees; read once", self.typed.span
            )
            return made
        self.reader.say("units-disagree", Kind.CHOICE, "the two forms of this limit do not agree", self.typed.span)
        label = self.reader.label(f"{self.variable.id} limit")
        return Choice("units-disagree", label, (Reading("written", made), Reading("repeated", other)), self.typed.span)
