"""Probes of a value that the text wants computed: one input moved until the formula gives the limit.

Where the value lies is found by the published formula itself (rules/formulas.toml, tested against its worked values).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from screening import synthetic, units, variables
from screening.boundaries.days import born, completed
from screening.boundaries.decimals import around
from screening.boundaries.measured import POSITIONS, limit_text
from screening.boundaries.probes import Key, Plan, Probe, Said, Says, decided, open_
from screening.boundaries.settings import Frame, settings
from screening.boundaries.verdicts import ORDER, Reading, limit_of
from screening.evaluate.derived import Formula, FormulaError, compute
from screening.evaluate.outcome import Reason
from screening.explain.numbers import with_unit
from screening.explain.phrases import variable_name
from screening.patient.facts import DateSpan, Observation
from screening.predicates import Comparison, Multiple, Predicate
from screening.resources import table

_HALVINGS = 80
Given = Mapping[str, Fraction | str]
Example = dict[str, Fraction | str]


@dataclass(frozen=True)
class Computed:
    """A variable by a formula, with the parts that ask for it."""

    formula: Formula
    parts: tuple[Comparison, ...]
    frame: Frame

    @property
    def key(self) -> Key:
        """The formula."""
        return ("formula", self.formula.id)

    @property
    def title(self) -> str:
        """The variable's name, with the formula's."""
        return f"{variable_name(self.formula.variable)} ({self.formula.name})"

    def absent(self, part: Predicate, plan: Plan) -> Said:  # noqa: ARG002 -- a slot's signature
        """Nothing on record."""
        return open_(Reason.MISSING)

    def states(self) -> tuple[Probe, ...]:
        """Around the limits, and nothing."""
        return (*(probe for probe in self._limits() if probe.core), self._missing())

    def probes(self) -> tuple[Probe, ...]:
        """Everything that is tried on the value."""
        return (*self._limits(), self._missing(), *self._spoiled())

    def _missing(self) -> Probe:
        return Probe("missing", "missing", lambda *_: open_(Reason.MISSING), core=True, brief=f"{self.title} missing")

    @cached_property
    def _example(self) -> Example:
        """Inputs of the formula's first worked value that are of whole years."""
        rows = table("formulas")[self.formula.id]["worked"]
        row = next((row for row in rows if Fraction(row["inputs"].get("age", "0")).denominator == 1), rows[0])
        words = {needed.variable for needed in self.formula.inputs if needed.values} | {"sex"}
        return {name: text if name in words else Fraction(text) for name, text in row["inputs"].items()}

    @property
    def inputs(self) -> tuple[str, ...]:
        """The variables that are measured."""
        return tuple(needed.variable for needed in self.formula.inputs if needed.variable not in ("age", "sex"))

    def _lever(self) -> str | None:
        """The last input that is a number: the one that is moved."""
        held = [n.variable for n in self.formula.inputs if not n.values and n.variable in self.inputs]
        return held[-1] if held else None

    def _limits(self) -> Iterator[Probe]:
        lever = self._lever()
        for part in self.parts:
            if lever is None or isinstance(part.limit, Multiple):
                continue
            limit = limit_of(self.formula.variable, part.limit, Reading())
            target = None if limit is None else _inverse(self.formula.variable, limit, self.formula.unit)
            solved = None if target is None else self._solved(lever, target)
            if solved is None:
                continue
            for number, unit in enumerate(unit for unit in synthetic.recordable(lever) if unit is not None):
                yield from self._positions(part, lever, solved, unit, core=not number)

    def _solved(self, lever: str, target: Fraction) -> tuple[Example, Fraction] | None:
        """Inputs with which the formula gives the target: exactly, if a whole number in place of another does that."""
        nearest = None
        for example in self._examples(lever):
            root = self._root(example, lever, target)
            written = None if root is None else around(_canonical(lever, root, self._unit_of(lever))).at
            if root is not None and written is not None and self._gives(example, lever, root) == target:
                return example, root
            nearest = nearest or (None if root is None else (example, root))
        return nearest

    def _gives(self, example: Example, lever: str, value: Fraction) -> Fraction:
        return Fraction(compute(self.formula.id, {**example, lever: value}))

    def _examples(self, lever: str) -> Iterator[Example]:
        """The worked example, then the same with its other measured number changed step by step."""
        yield self._example
        other = next((n.variable for n in self.formula.inputs if n.variable in self.inputs and not n.values), lever)
        value = self._example[other]
        if other != lever and isinstance(value, Fraction):
            for step in range(1, int(value) // 2):
                yield {**self._example, other: Fraction(int(value) - step)}

    def _root(self, example: Example, lever: str, target: Fraction) -> Fraction | None:
        """The lever's value at which the formula gives the target, in the unit that the formula asks for."""

        def value(at: Fraction) -> Fraction:
            return Fraction(compute(self.formula.id, {**example, lever: at}))

        limits = variables.catalogue()[lever].plausible
        if limits is None:
            return None
        unit = self._unit_of(lever)
        low, high = (_inverse(lever, Fraction(limit), unit) or Fraction(0) for limit in limits)
        low = low or high / 10**9
        ends = value(low), value(high)
        if not min(ends) <= target <= max(ends):
            return None
        for _ in range(_HALVINGS):
            middle = ((low + high) / 2).limit_denominator(10**12)
            below = value(middle) < target
            low, high = (middle, high) if below is (ends[1] > ends[0]) else (low, middle)
        return ((low + high) / 2).limit_denominator(10**6)

    def _unit_of(self, variable: str) -> str | None:
        return next(needed.unit for needed in self.formula.inputs if needed.variable == variable)

    def _positions(
        self, part: Comparison, lever: str, solved: tuple[Example, Fraction], unit: str, *, core: bool
    ) -> Iterator[Probe]:
        """The lever at, below and above its root, named by where the computed value then lies."""
        example, root = solved
        canonical = _canonical(lever, root, self._unit_of(lever))
        near = around(units.conversion(lever, unit).inverse(canonical))
        limit = limit_of(self.formula.variable, part.limit, Reading())
        for value in near:
            if value is None or value <= 0 or limit is None:
                continue
            recorded = _inverse(lever, units.conversion(lever, unit)(value), self._unit_of(lever))
            computed = Fraction(compute(self.formula.id, {**example, lever: recorded or Fraction(0)}))
            result = _canonical(self.formula.variable, computed, self.formula.unit)
            label = POSITIONS[1 if result == limit else 0 if result < limit else 2]
            kind = "limit" if core else "unit"
            moved = {**_moved(example, self._example, self._unit_of), lever: (value, unit)}
            yield self._probe(kind, label, moved, core=core, limit=limit_text(part))

    def _probe(
        self,
        kind: str,
        label: str,
        moved: Mapping[str, tuple[Decimal, str]],
        days: Mapping[str, date] | None = None,
        left_out: tuple[str, ...] = (),
        **fields: object,
    ) -> Probe:
        """The worked example with some inputs moved, dated or left out."""
        day = self.frame.on - timedelta(days=settings()["recent_days"])
        facts, given = [], dict(self._example)
        for name in self.inputs:
            if name in left_out:
                continue
            value, unit = moved.get(name) or self._as_recorded(name)
            when = (days or {}).get(name, day)
            if isinstance(value, str):
                facts.append(synthetic.result(name, None, unit=None, text=value, day=when))
                continue
            facts.append(synthetic.result(name, value, unit=unit, day=when))
            given[name] = _inverse(name, _canonical(name, Fraction(value), unit), self._unit_of(name)) or Fraction(0)
        shown = ", ".join(f"{variable_name(n)} {with_unit(format(v, 'f'), u)}" for n, (v, u) in moved.items())
        says = fields.pop("says", None) or self._saying(given)
        born_ = self._birth()
        words = {"value": shown, "brief": f"{self.title} by {shown}"} | fields
        sex = self._example.get("sex")
        return Probe(kind, label, says, tuple(facts), birth=born_, sex=None if sex is None else str(sex), **words)  # type: ignore[arg-type]

    def _as_recorded(self, name: str) -> tuple[Decimal | str, str | None]:
        value = self._example[name]
        if isinstance(value, str):
            return value, None
        unit = self._unit_of(name)
        return Decimal(value.numerator) / Decimal(value.denominator), unit

    def _birth(self) -> DateSpan | None:
        age = self._example.get("age")
        if not isinstance(age, Fraction):
            return None
        day = born(self.frame.on - timedelta(days=1), int(age), "a")
        return None if day is None else DateSpan(day, day)

    def _saying(self, given: Given) -> Says:
        def says(part: Predicate, plan: Plan) -> Said:
            assert isinstance(part, Comparison)  # noqa: S101 -- the slot holds no others
            limit = None if isinstance(part.limit, Multiple) else limit_of(part.variable, part.limit, Reading())
            people = self._people(given, plan)
            if not people:
                return open_(Reason.MISSING)
            if not all(self.formula.applies_at(int(person.get("age", 0))) for person in people if "age" in person):
                return open_(Reason.METHOD_MISMATCH)
            if limit is None:
                return open_(Reason.NO_REFERENCE_RANGE)
            try:
                values = [Fraction(compute(self.formula.id, person)) for person in people]
            except FormulaError:
                return open_(Reason.IMPLAUSIBLE)
            unit = self.formula.unit
            holds = {ORDER[part.op](_canonical(part.variable, value, unit), limit) for value in values}
            return decided(holds.pop()) if len(holds) == 1 else open_(Reason.MISSING)

        return says

    def _people(self, given: Given, plan: Plan) -> list[Given]:
        """Age and sex as the rest of the plan has them: two where the birth date is partial, none where unknown."""
        found = dict(given)
        if "sex" in given and ("sex",) in plan:
            if plan["sex",].sex not in ("male", "female"):
                return []
            found["sex"] = str(plan["sex",].sex)
        if "age" not in given or ("age",) not in plan:
            return [found]
        birth = plan["age",].birth
        if birth is None or birth.first > self.frame.on:
            return []
        ages = dict.fromkeys(completed(day, self.frame.on, "a") for day in (birth.first, birth.last))
        return [{**found, "age": Fraction(age)} for age in ages]

    def _spoiled(self) -> Iterator[Probe]:
        """Inputs that are not there, or too old; and a measured value, which is shown and not used."""
        base = next((probe for probe in self._limits() if probe.core), None)
        if base is None:
            return
        lever = self._lever() or ""
        facts = [f for f in base.facts if isinstance(f, Observation) and f.value is not None]
        moved = {f.variable or lever: (f.value or Decimal(0), f.unit or "") for f in facts}
        for name in self.inputs:
            label = f"{variable_name(name)} missing"
            yield self._probe("missing", label, moved, left_out=(name,), says=lambda *_: open_(Reason.MISSING))
            days = variables.catalogue()[name].max_age_days
            if days is not None:
                edge = self.frame.on - timedelta(days=days)
                yield self._probe("window", f"{variable_name(name)} on the first day that counts", moved, {name: edge})
                old = {name: edge - timedelta(days=1)}
                stale = lambda *_: open_(Reason.STALE)  # noqa: E731
                yield self._probe("window", f"{variable_name(name)} one day too old", moved, old, says=stale)
        yield from self._measured(base, moved)

    def _measured(self, base: Probe, moved: Mapping[str, tuple[Decimal, str]]) -> Iterator[Probe]:
        part = self.parts[0]
        limit = limit_of(part.variable, part.limit, Reading())
        if limit is None:
            return
        day = self.frame.on - timedelta(days=settings()["recent_days"])
        for factor in (Fraction(1, 2), Fraction(2)):
            number = around(limit * factor)
            value = number.at or number.below
            fact = synthetic.result(part.variable, value, day=day)
            label = f"a measured value of {with_unit(format(value, 'f'), fact.unit)} beside it"
            probe = self._probe("circumstance", label, moved, limit=base.limit)
            yield Probe(
                probe.kind, probe.label, probe.says, (*probe.facts, fact), probe.birth, probe.sex, value=probe.value
            )


def _moved(example: Example, worked: Example, unit_of: Callable[[str], str | None]) -> dict[str, tuple[Decimal, str]]:
    """The inputs that differ from the worked example, as recorded."""
    changed = {name: value for name, value in example.items() if value != worked[name] and isinstance(value, Fraction)}
    return {name: (Decimal(int(value)), unit_of(name) or "") for name, value in changed.items()}


def _canonical(variable: str, value: Fraction, unit: str | None) -> Fraction:
    return value if unit is None else units.conversion(variable, unit)(value)


def _inverse(variable: str, value: Fraction, unit: str | None) -> Fraction | None:
    return value if unit is None else units.conversion(variable, unit).inverse(value)
