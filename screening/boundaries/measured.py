"""Probes of one variable: its results at, below and above every limit, in every unit, and results that do not count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from screening import synthetic, units, variables
from screening.boundaries import ranges
from screening.boundaries.decimals import around, exponent, plain, short
from screening.boundaries.probes import Key, Plan, Probe, Said, Says
from screening.boundaries.settings import Frame, settings
from screening.boundaries.verdicts import Reading, Scaled, canonical, limit_of, needs_unit, opposites, scope, verdict
from screening.evaluate.outcome import Reason
from screening.explain.numbers import OPERATORS, with_unit
from screening.explain.phrases import limit as limit_words
from screening.explain.phrases import variable_name, words
from screening.patient.facts import Observation, ReferenceRange
from screening.predicates import Comparison, Multiple, Op, OrdinalSet, Predicate, Reference, Result
from screening.resources import table

BELOW, AT, ABOVE = "just below", "at the limit", "just above"
POSITIONS = (BELOW, AT, ABOVE)

WHOLE = Decimal(1)
Made = tuple[Observation, Reading]


@dataclass(frozen=True)
class Measured:
    """One variable (by one method), with the parts that ask for it."""

    variable: str
    method: str | None
    parts: tuple[Comparison | OrdinalSet, ...]
    frame: Frame
    elsewhere: tuple[str, ...] = ()  # methods by which other parts ask for the same variable

    @property
    def key(self) -> Key:
        """The variable and the method."""
        return ("result", self.variable, self.method or "")

    @property
    def title(self) -> str:
        """The variable's name, with the method."""
        return variable_name(self.variable) + (f" ({words(self.method)})" if self.method else "")

    def absent(self, part: Predicate, plan: Plan) -> Said:
        """Nothing on record but what another slot needs: the creatinine of a computed clearance."""
        assert isinstance(part, Comparison | OrdinalSet)  # noqa: S101 -- the slot holds no others
        facts = (fact for probe in plan.values() for fact in probe.facts if isinstance(fact, Observation))
        readings = tuple(map(_reading, (fact for fact in facts if fact.variable == self.variable and fact.value)))
        return verdict(part, readings, self.frame)

    def states(self) -> tuple[Probe, ...]:
        """Values around the limits, then nothing."""
        return (*(probe for probe in self._limits() if probe.core), self._missing())

    def probes(self) -> tuple[Probe, ...]:
        """Everything that is tried on the variable."""
        limits = tuple(self._limits())
        spoiled = self._spoiled() if self._base is not None else ()
        return (*limits, self._missing(), *spoiled)

    # Making

    @cached_property
    def qualifiers(self) -> tuple[str, ...]:
        """What the parts ask to be recorded of a result."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.qualifiers))

    @cached_property
    def day(self) -> date:
        """A day on which a result counts for every part, if there is one."""
        on = self.frame.on
        scopes = [scope(part, self.frame) for part in self.parts]
        edges = [day for pair in scopes for day in pair if day is not None]
        candidates = [on - timedelta(days=settings()["recent_days"]), on, *edges]
        return max(candidates, key=lambda day: sum((a is None or a <= day) and day <= b for a, b in scopes))

    def make(self, value: Decimal | None, unit: str | None, **given: Any) -> Made:  # noqa: ANN401 -- a result's fields
        """A result and how the arithmetic sees it; *reference*: (ULN, LLN) in the same unit."""
        uln, lln = given.pop("reference", (None, None))
        fields = {"day": self.day, "method": self.method, "qualifiers": self.qualifiers} | given
        extra = {name: fields.pop(name) for name in ("ranges", "text") if name in fields}
        fact = synthetic.result(self.variable, value, unit=unit, uln=uln, lln=lln, **fields, **extra)
        known = {name: fields[name] for name in ("day", "comparator", "method", "qualifiers") if name in fields}
        seen = Reading(
            None if value is None else canonical(self.variable, value, unit),
            uln=(Fraction(uln), unit) if uln else None,
            lln=(Fraction(lln), unit) if lln else None,
            **known,
        )
        return fact, seen

    def probe(self, kind: str, label: str, *made: Made, also: tuple[Observation, ...] = (), **fields: Any) -> Probe:  # noqa: ANN401
        """A probe of these results; *also*: facts that must not count."""
        first = made[0][0] if made else None
        value = "" if first is None or first.value is None else recorded(first)
        given = {
            "value": value,
            "unit": first.unit if first else None,
            "brief": f"{self.title} {value or label}",
        } | fields
        facts = tuple(fact for fact, _ in made)
        return Probe(kind, label, self._saying(tuple(seen for _, seen in made)), (*facts, *also), **given)

    def _saying(self, readings: tuple[Reading, ...]) -> Says:
        def says(part: Predicate, _: Plan) -> Said:
            assert isinstance(part, Comparison | OrdinalSet | Result)  # noqa: S101 -- the slot holds no others
            return verdict(part, readings, self.frame)

        return says

    def _missing(self) -> Probe:
        return self.probe("missing", "missing", core=True, brief=f"{self.title} missing")

    # Limits

    def _limits(self) -> Iterator[Probe]:
        done = set()
        for part in self.parts:
            asked = part.limit if isinstance(part, Comparison) else part.values
            if asked in done:
                continue
            done.add(asked)
            if isinstance(part, OrdinalSet):
                yield from self._levels(part) if part.values else ()
            elif isinstance(part.limit, Multiple) and part.limit.defined is None:
                yield from self._multiples(part, part.limit)
            else:
                yield from self._amounts(part)

    def _units(self, first: str | None) -> tuple[str | None, ...]:
        """Every unit a record can hold, that of the limit first."""
        held = synthetic.recordable(self.variable)
        return tuple(dict.fromkeys((first, *held))) if first in held else held

    def _amounts(self, part: Comparison) -> Iterator[Probe]:
        limit = limit_of(self.variable, part.limit, Reading())
        if limit is None:
            return
        written = part.limit.defined if isinstance(part.limit, Multiple) else part.limit
        held = self._units(written.unit if written else None)
        for unit in held:
            first = unit == held[0]
            at = self.in_unit(limit, unit)
            yield from self._around(part, at, unit, kind="limit" if first else "unit", core=first)

    def in_unit(self, value: Fraction, unit: str | None) -> Fraction:
        """A canonical value in *unit*."""
        if unit is None or not needs_unit(self.variable):
            return value
        return units.conversion(self.variable, unit).inverse(value)

    def _around(self, part: Comparison, at: Fraction, unit: str | None, **fields: Any) -> Iterator[Probe]:  # noqa: ANN401
        whole = variables.catalogue()[self.variable].kind in ("scale", "count")
        near = around(at, whole=whole)
        labels = POSITIONS if near.at is not None else ("nearest below", AT, "nearest above")
        made = fields.pop("made", lambda value: self.make(value, unit))
        for label, value in zip(labels, near, strict=True):
            if value is not None and (value >= 0 or at < 0):
                words_ = {"limit": limit_text(part), **fields}
                yield self.probe(words_.pop("kind"), label, made(value), **words_)

    def _levels(self, part: OrdinalSet) -> Iterator[Probe]:
        known = variables.catalogue()[self.variable]
        low = min(part.values) if known.scale_min is None else known.scale_min
        high = max(part.values) if known.scale_max is None else known.scale_max
        last = int(min(high, max(part.values) + 1)) + 1
        for level in range(max(0, int(max(low, min(part.values) - 1)) - 1), last + 1):
            listed = Decimal(level) in part.values
            label = "listed" if listed else "not listed"
            unit = synthetic.recordable(self.variable)[0]
            yield self.probe("level", label, self.make(Decimal(level), unit), core=True, limit=limit_text(part))

    # Multiples

    def references(self) -> tuple[Decimal, ...]:
        """Reference limits to multiply, in the canonical unit: invented, for arithmetic only."""
        typical = variables.catalogue()[self.variable].typical_limit
        if typical is None or not typical[0]:
            return tuple(map(Decimal, settings()["plain"]))
        return tuple(plain(Decimal(factor) * typical[0]) for factor in settings()["of_typical"])

    def _multiples(self, part: Comparison, limit: Multiple) -> Iterator[Probe]:
        home, *others = synthetic.recordable(self.variable)
        for number, reference in enumerate(self.references()):
            yield from self._times(part, limit, reference, home, core=not number, kind="limit")
        for unit in others:
            own = short(self.in_unit(Fraction(self.references()[0]), unit))
            yield from self._times(part, limit, own, unit, kind="unit")

    def _times(
        self,
        part: Comparison,
        limit: Multiple,
        own: Decimal,
        unit: str | None,
        **fields: Any,  # noqa: ANN401 -- the fields of a probe
    ) -> Iterator[Probe]:
        at = Fraction(limit.factor) * Fraction(own)
        shown = f"{limit.of} {with_unit(format(own, 'f'), unit)}"
        if limit.of is Reference.BASELINE:
            earlier = self._baseline(own, unit)

            def made(value: Decimal) -> Made:
                fact, seen = self.make(value, unit)
                return fact, replace(seen, baseline=(Fraction(own), unit))

            yield from self._around(part, at, unit, made=made, also=(earlier,), reference=shown, **fields)
            return
        sides = (own, None) if limit.of is Reference.ULN else (None, own)
        yield from self._around(
            part, at, unit, made=lambda value: self.make(value, unit, reference=sides), reference=shown, **fields
        )

    def _baseline(self, value: Decimal, unit: str | None) -> Observation:
        firsts = [first for first, _ in (scope(part, self.frame) for part in self.parts) if first is not None]
        earlier = min((*firsts, self.day)) - timedelta(days=settings()["past_days"])
        named = (*self.qualifiers, "baseline")
        return synthetic.result(self.variable, value, unit=unit, day=earlier, method=self.method, qualifiers=named)

    # Results that do not count

    @cached_property
    def _base(self) -> Probe | None:
        """The first value that is exactly at a limit, else the first there is."""
        core = [probe for probe in self._limits() if probe.core and probe.facts]
        return next((probe for probe in core if probe.label == AT), core[0] if core else None)

    def again(self, **changes: Any) -> Made:  # noqa: ANN401
        """The base result with changes."""
        base = self._base
        assert base is not None  # noqa: S101 -- asked before
        fact = base.facts[0]
        assert isinstance(fact, Observation)  # noqa: S101
        value, unit = changes.pop("value", fact.value), changes.pop("unit", fact.unit)
        own = fact.ranges[0] if fact.ranges else None
        reference = (own.high, own.low) if own else (None, None)
        made = self.make(value, unit, **({"reference": reference} | changes))
        baseline = self._baseline_of()
        return made[0], replace(made[1], baseline=baseline)

    def _baseline_of(self) -> Scaled | None:
        """The baseline that is recorded beside the base result, if one is."""
        earlier = next(iter(self._also()), None)
        return None if earlier is None or earlier.value is None else (Fraction(earlier.value), earlier.unit)

    def _also(self) -> tuple[Observation, ...]:
        return tuple(fact for fact in (self._base.facts[1:] if self._base else ()) if isinstance(fact, Observation))

    def _spoiled(self) -> Iterator[Probe]:
        yield from self._days()
        yield from self._unit_faults()
        yield from self._censored()
        yield from self._pairs()
        yield from self._circumstances()
        yield from ranges.probes(self)

    def spoilt(self, kind: str, label: str, made: Made, **fields: Any) -> Probe:  # noqa: ANN401
        """A probe of a changed base result, beside what it needs."""
        return self.probe(kind, label, made, also=self._also(), **fields)

    def _days(self) -> Iterator[Probe]:
        """The first and the last day that counts, and one beyond each."""
        tried: dict[date, str] = {}
        for part in self.parts:
            first, last = scope(part, self.frame)
            one = timedelta(days=1)
            if first is not None:
                tried |= {first: "on the first day that counts", first - one: "one day too old"}
            tried |= {last: "on the last day that counts"}
            if last < self.frame.on:
                tried |= {last + one: "one day too late"}
        tried |= {self.frame.on + timedelta(days=1): "only after the screening date"}
        for day, label in sorted(tried.items()):
            if day > self.day and self._also():
                continue  # the baseline would then be the newest result
            yield self.spoilt("window", f"{label} ({day})", self.again(day=day))

    def _unit_faults(self) -> Iterator[Probe]:
        if needs_unit(self.variable):
            made = self.again(unit=None)
            yield self.spoilt(
                "unit fault", "no unit recorded", (made[0], replace(made[1], problem=Reason.UNIT_MISSING))
            )
            wrong = next(
                unit for unit in settings()["other_units"] if canonical(self.variable, Decimal(1), unit) is None
            )
            for unit, label in ((wrong, "wrong unit"), (settings()["spoiled_unit"], "unknown unit")):
                made = self.again(unit=unit, ranges=self._own_ranges(), reference=(None, None))
                seen = replace(made[1], problem=Reason.UNIT_INCOMPATIBLE)
                yield self.spoilt("unit fault", f"{label} ({unit})", (made[0], seen))
        limits = variables.catalogue()[self.variable].plausible
        if limits is not None:
            home = synthetic.recordable(self.variable)[0]
            yield self.spoilt("unit fault", "implausible", self.again(value=limits[1] * 2, unit=home))
        text = settings()["unread"]
        fact = synthetic.result(self.variable, None, unit=None, text=text, day=self.day, qualifiers=self.qualifiers)
        yield Probe("unit fault", "in words", self._saying(()), (fact,), value=f"“{text}”")

    def _own_ranges(self) -> tuple[ReferenceRange, ...]:
        """The base result's ranges, in the unit that it had."""
        fact = self._base.facts[0] if self._base else None
        if not isinstance(fact, Observation):
            return ()
        return tuple(synthetic.reference(self.variable, held.low, held.high, fact.unit) for held in fact.ranges)

    def _censored(self) -> Iterator[Probe]:
        base = self._base
        assert base is not None  # noqa: S101
        for op in (Op.LT, Op.LE, Op.GT, Op.GE):
            yield self.spoilt("censored", "recorded as a bound", self.again(comparator=op))

    def _pairs(self) -> Iterator[Probe]:
        """Two results of one day on both sides of the limit."""
        sides = [p for p in self._limits() if p.core and p.limit == (self._base.limit if self._base else "")]
        if len(sides) < 2:  # noqa: PLR2004 -- a pair
            return
        low, high = sides[0].facts[0], sides[-1].facts[0]
        if isinstance(low, Observation) and isinstance(high, Observation) and low != high:
            finest = min(low.value or WHOLE, high.value or WHOLE, WHOLE, key=exponent)
            made = (self.again(value=_as_fine(low, finest)), self.again(value=_as_fine(high, finest)))
            value = f"{recorded(low)} and {recorded(high)}"
            yield self.probe("same day", "two results of one day", *made, also=self._also(), value=value)
            older = self.again(value=low.value, day=self.day - timedelta(days=1))[0]
            newest = self.again(value=high.value)
            yield self.probe("same day", "an older result beside it", newest, also=(older, *self._also()))

    def _circumstances(self) -> Iterator[Probe]:
        """Method and circumstances not recorded, or recorded otherwise, on each side of the limit."""
        sides = [p for p in self._limits() if p.core and p.facts]
        for side in sides if self.qualifiers or self.method else ():
            fact = side.facts[0]
            value = fact.value if isinstance(fact, Observation) else None
            for label, changes in self._changes():
                yield self.spoilt("circumstance", label, self.again(value=value, **changes))

    def _changes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name in self.qualifiers:
            left = tuple(item for item in self.qualifiers if item != name)
            yield f"not recorded: {words(name)}", {"qualifiers": left}
            for other in opposites(name)[:1]:
                yield f"recorded: {words(other)}", {"qualifiers": (*left, other)}
        if self.method:
            if not self.elsewhere:
                yield "method not recorded", {"method": None}
            incompatible = table("methods").get(self.method, {}).get("incompatible", ())
            known = set(variables.catalogue()[self.variable].methods) - set(self.elsewhere)
            for other in [name for name in incompatible if name in known][:1]:
                yield f"by another method: {words(other)}", {"method": other}


def _reading(fact: Observation) -> Reading:
    """A plain result that was made for another slot."""
    value = canonical(fact.variable or "", fact.value or Decimal(0), fact.unit)
    day = fact.date.first if fact.date else None
    return Reading(value, day, method=fact.method, qualifiers=fact.qualifiers)


def _as_fine(fact: Observation, finest: Decimal) -> Decimal:
    """The value with as many decimals as the finest of a pair, so that neither is a rounding of the other."""
    return (fact.value or Decimal(0)).quantize(finest)


def recorded(fact: Observation) -> str:
    """Value and unit as recorded."""
    number = "" if fact.value is None else format(fact.value, "f")
    sign = OPERATORS[fact.comparator.value] if fact.comparator else ""
    return f"{sign}{with_unit(number, fact.unit or fact.raw_unit)}"


def limit_text(part: Comparison | OrdinalSet) -> str:
    """Operator and limit, or the levels listed."""
    if isinstance(part, OrdinalSet):
        return "{" + ", ".join(format(value, "f") for value in part.values) + "}"
    defined = getattr(part.limit, "defined", None)
    own = f" of {with_unit(format(defined.value, 'f'), defined.unit)}" if defined else ""
    return f"{OPERATORS[part.op.value]} {limit_words(part.limit)}{own}"
