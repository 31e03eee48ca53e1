"""The days after the screening date on which an outcome can change while the record stays as it is.

An outcome depends on the date in few ways: a fact enters or leaves a window or a maximum age, an event begins or ends,
a dated anchor or answer comes into force, somebody has a birthday. For each of these the days are named here, with the
days around them: a few too many do no harm, since whoever uses them decides anew on each. A test looks at all days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from screening import concepts, variables
from screening.evaluate.ages import AGE
from screening.evaluate.calendar import after, before
from screening.evaluate.chart import Chart
from screening.evaluate.context import Context
from screening.evaluate.derive import formula_for
from screening.evaluate.derived import formulas
from screening.evaluate.presence import MALIGNANCY, OTHER_MALIGNANCY
from screening.patient.facts import DateSpan, Observation, Patient
from screening.predicates import (
    Amount,
    Comparison,
    Duration,
    OrdinalSet,
    Predicate,
    Presence,
    Result,
    Window,
    children,
    of_each,
)
from screening.ruleset.model import Rule

NEAR = 4
"""Days around an edge that are looked at as well: clamping to a month's end moves it by up to three."""

_MONTHS = 12


@dataclass(frozen=True)
class Clock:
    """What in a set of rules depends on the date: lengths by variable and by concept, fixed days, ages."""

    context: Context
    of_results: dict[str, set[Duration]]
    of_events: dict[str, set[Duration]]
    fixed: frozenset[date]
    ages: frozenset[Duration]

    def moments(self, patient: Patient, horizon: int) -> list[date]:
        """The days in question from the day after screening on, up to *horizon* days later, in order."""
        first, last = self.context.on, self.context.on + timedelta(days=horizon)
        found = {*self.fixed, *self._of_person(patient, horizon), *self._of_facts(patient)}
        return sorted(day for day in found if first < day <= last)

    def _of_facts(self, patient: Patient) -> Iterator[date]:
        for observation in patient.observations:
            for day in _days(observation.date):
                yield from self._edges(day, self.of_results.get(observation.variable or "", ()))
        chart = Chart(patient)
        for concept, lengths in self.of_events.items():
            for match in chart.matches(concept):
                for day in (*_days(match.event.start), *_days(match.event.end)):
                    yield from self._edges(day, lengths)
        for event in patient.events:  # also those that may be anything
            yield from _around(_days(event.start))
        yield from (answer.on for answer in patient.attestations)

    def _edges(self, day: date, lengths: Iterable[Duration]) -> Iterator[date]:
        """When a fact of that day comes into force, and when it leaves or enters a window of each length."""
        yield from _around([day])
        for length in lengths:
            yield from _around(after(day, length))

    def _of_person(self, patient: Patient, horizon: int) -> Iterator[date]:
        """Days on which a limit of age is reached or passed; of a formula or a range, every month's day of birth."""
        for born in _days(patient.birth):
            yield from _around([born])
            for length in self.ages:
                yield from _around(after(born, length))
            if self._aged or any(map(_by_age, patient.observations)):
                yield from self._birthdays(born, horizon)

    @property
    def _aged(self) -> bool:
        return bool(self.context.ranges) or any(formula_id in self.of_results for formula_id in formulas())

    def _birthdays(self, born: date, horizon: int) -> Iterator[date]:
        months = (self.context.on.year - born.year) * _MONTHS + self.context.on.month - born.month
        for month in range(months - 1, months + horizon // 28 + 2):
            if month >= 0:
                yield from _around(after(born, Duration(Decimal(month), "mo")))


def clock(rules: Iterable[Rule], context: Context) -> Clock:
    """What in the rules depends on the date."""
    results: dict[str, set[Duration]] = defaultdict(set)
    events: dict[str, set[Duration]] = defaultdict(set)
    fixed, ages = set(_fixed(context)), set[Duration]()
    for rule in rules:
        for atom in _atoms(rule.predicate):
            fixed.update(_anchored(atom, context))
            match atom:
                case Comparison(variable="age"):
                    ages.update(_ages(atom))
                case Comparison() | OrdinalSet() | Result():
                    for variable in _inputs(atom, context):
                        results[variable].update(_lengths(variable, atom.window, context))
                case Presence():
                    events[_concept(atom)].update(_counted_back(atom.window, context))
    return Clock(context, dict(results), dict(events), frozenset(fixed), frozenset(ages))


def _atoms(predicate: Predicate) -> Iterator[Predicate]:
    if isinstance(predicate, Comparison) and predicate.variable != AGE:
        family = variables.catalogue()[predicate.variable].stands_for
        if family:
            predicate = of_each(predicate, family)
    parts = children(predicate)
    if not parts:
        yield predicate
    for part in parts:
        yield from _atoms(part)


def _fixed(context: Context) -> Iterator[date]:
    """Days that are the same for everybody: anchors, and those on which a range book changes."""
    yield from _around(context.anchors.values())
    for row in context.ranges:
        yield from _around([day for day in (row.valid_from, row.valid_to) if day is not None])


def _anchored(atom: Predicate, context: Context) -> Iterator[date]:
    """The edges of a window that is counted from a given day, for as long as the screening date lies before them."""
    window = getattr(atom, "window", None)
    if window is not None and window.anchor in context.anchors:
        yield from _around(before(context.anchors[window.anchor], window.duration))


def _inputs(atom: Comparison | OrdinalSet | Result, context: Context) -> Iterator[str]:
    """The variables on whose results an atom depends; the formula's id too, if it is computed."""
    yield atom.variable
    formula = formula_for(atom, context) if isinstance(atom, Comparison) else None
    if formula:
        yield formula
        yield from (needed.variable for needed in formulas()[formula].inputs)


def _lengths(variable: str, window: Window | None, context: Context) -> set[Duration]:
    """How long a result counts: by the window, else by the maximum age."""
    if window is not None:
        return _counted_back(window, context)
    known = variables.catalogue().get(variable)
    days = context.max_age if context.max_age is not None else known.max_age_days if known else None
    return set() if days is None or days == "none" else {Duration(Decimal(days), "d")}


def _counted_back(window: Window | None, context: Context) -> set[Duration]:
    """A window's length, where it moves with the screening date."""
    return set() if window is None or window.anchor in context.anchors else {window.duration}


def _concept(atom: Presence) -> str:
    concept = atom.term.concept
    return MALIGNANCY if concepts.catalogue()[concept].rule == OTHER_MALIGNANCY else concept


def _ages(atom: Comparison) -> Iterator[Duration]:
    """The ages at which a limit is reached, and passed."""
    if isinstance(atom.limit, Amount) and atom.limit.unit is not None and atom.limit.value >= 0:
        yield Duration(atom.limit.value, atom.limit.unit)
        yield Duration(atom.limit.value.to_integral_value(ROUND_FLOOR) + 1, atom.limit.unit)
        if atom.limit.unit == "a":  # a fraction of a year is counted in months
            yield Duration((atom.limit.value * _MONTHS).to_integral_value(ROUND_FLOOR) + 1, "mo")
        if atom.limit.unit == "wk":
            yield Duration((atom.limit.value * 7).to_integral_value(ROUND_FLOOR) + 1, "d")


def _by_age(observation: Observation) -> bool:
    """Whether a result without a date has a range for some ages: then the age today tells which one is meant."""
    return observation.date is None and any(r.age_low is not None or r.age_high is not None for r in observation.ranges)


def _days(span: DateSpan | None) -> tuple[date, ...]:
    return () if span is None else (span.first, span.last)


def _around(days: Iterable[date]) -> Iterator[date]:
    """The days and those near them."""
    for day in set(days):
        for near in range(-NEAR, NEAR + 1):
            if date.min.toordinal() <= day.toordinal() + near <= date.max.toordinal():
                yield day + timedelta(days=near)
