"""Probes of age and sex: birthdays a day ahead, today and a day past, 29 February, and what is not on record."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from screening.boundaries.days import FINER, born, completed
from screening.boundaries.probes import Key, Plan, Probe, Said, decided, open_
from screening.boundaries.settings import Frame
from screening.boundaries.verdicts import ORDER
from screening.evaluate.outcome import Reason
from screening.explain.numbers import OPERATORS, unit_name
from screening.explain.phrases import limit as limit_words
from screening.patient.facts import DateSpan
from screening.predicates import Amount, Comparison, Op, Predicate, Sex

_PER_FINER = {"a": 12, "wk": 7}
_TURNS_ON = {Op.GE: (0,), Op.LT: (0,), Op.GT: (1,), Op.LE: (1,), Op.EQ: (0, 1)}
"""The birthday at which a limit turns: of "from 18" the 18th, of "up to 75" the 76th."""


@dataclass(frozen=True)
class Age:
    """The age, with the parts that limit it."""

    parts: tuple[Comparison, ...]
    frame: Frame

    @property
    def key(self) -> Key:
        """One for all."""
        return ("age",)

    @property
    def title(self) -> str:
        """Its name."""
        return "age"

    def absent(self, part: Predicate, plan: Plan) -> Said:  # noqa: ARG002 -- as above
        """No birth date."""
        return _says(part, None, self.frame.on)

    def states(self) -> tuple[Probe, ...]:
        """An age between the limits, then around each, then none."""
        numbers = sorted({(number, unit) for _, number, unit in self._limits()})
        years = [number for number, unit in numbers if unit == "a"]
        middle = [(sum(years) // len(years), "a")] if len(years) > 1 else [(n + 10, "a") for n in years]
        near = [(number + step, unit) for number, unit in numbers for step in (0, -1, 1, 2)]
        found = (self._aged(number, unit) for number, unit in (*middle, *near) if number >= 0)
        return (*(probe for probe in found if probe is not None), self._missing())

    def probes(self) -> tuple[Probe, ...]:
        """Everything that is tried on the age."""
        return (*self._birthdays(), *self._leap_days(), *self._unknown())

    def _limits(self) -> Iterator[tuple[Comparison, int, str]]:
        for part in self.parts:
            counted = _counted(part)
            if counted is not None and counted[0].denominator == 1:
                yield part, int(counted[0]), counted[1]

    def _probe(self, kind: str, label: str, birth: DateSpan | None, on: date | None = None, **fields: object) -> Probe:
        day = on or self.frame.on
        shown = "" if birth is None else birth.first.isoformat() if birth.exact else f"{birth.first:%Y-%m}"
        given = {"value": f"born {shown}" if birth else "", "brief": f"born {shown}" if birth else "no birth date"}
        said = lambda part, _plan: _says(part, birth, day)  # noqa: E731 -- closes over the day
        return Probe(kind, label, said, birth=birth, on=on, **(given | fields))  # type: ignore[arg-type]

    def _aged(self, number: int, unit: str) -> Probe | None:
        birth = born(self.frame.on - timedelta(days=40), number, unit)
        if birth is None or birth > self.frame.on:
            return None
        return self._probe("limit", "background", DateSpan(birth, birth))

    def _birthdays(self) -> Iterator[Probe]:
        """The days around the birthday that completes the limit, and around the next one."""
        done = set()
        for part, number, unit in self._limits():
            for years in (number, number + 1):
                birth = born(self.frame.on, years, unit)
                if birth is None or not years:
                    continue
                for shift, when in ((1, "the day before"), (0, "on"), (-1, "the day after")):
                    label = f"{when} completing {years} {unit_name(unit)}"
                    if label in done:
                        continue
                    done.add(label)
                    day = birth + timedelta(days=shift)
                    yield self._probe("limit", label, DateSpan(day, day), core=True, limit=_text(part))

    def _leap_days(self) -> Iterator[Probe]:
        """Born on 29 February: the day of a common year on which the year is completed is 1 March."""
        for part, number, unit in self._limits():
            if unit != "a":
                continue
            for turn in {number + step for step in _TURNS_ON[part.op]} - {0}:
                yield from self._leap_day(part, turn)

    def _leap_day(self, part: Comparison, turn: int) -> Iterator[Probe]:
        year = self.frame.on.year - turn
        while year > 0 and not isleap(year):
            year -= 1
        birth = DateSpan(date(year, 2, 29), date(year, 2, 29))
        then = year + turn
        days = (date(then, 2, 28), date(then, 2, 29) if isleap(then) else date(then, 3, 1))
        for on in days:
            yield self._probe("29 February", f"screened on {on}", birth, on, limit=_text(part))

    def _unknown(self) -> Iterator[Probe]:
        yield self._missing()
        for part, number, unit in self._limits():
            if unit not in ("a", "mo"):
                continue
            for turn in {number + step for step in _TURNS_ON[part.op]} - {0}:
                birth = born(self.frame.on, turn, unit)
                if birth is not None:
                    month = _month(birth)
                    yield self._probe("partial date", "only the month of birth", month, limit=_text(part))

    def _missing(self) -> Probe:
        return self._probe("missing", "missing", None, core=True)


def _month(day: date) -> DateSpan:
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return DateSpan(day.replace(day=1), last)


def _text(part: Comparison) -> str:
    return f"{OPERATORS[part.op.value]} {limit_words(part.limit)}"


def _counted(part: Comparison) -> tuple[Fraction, str] | None:
    """The limit in the unit in which it is counted: 2.5 years are 30 months."""
    limit = part.limit
    if not isinstance(limit, Amount) or limit.unit is None:
        return None
    value = Fraction(limit.value)
    if value.denominator == 1 or limit.unit not in FINER:
        return value, limit.unit
    return value * _PER_FINER[limit.unit], FINER[limit.unit][0]


def _says(part: Predicate, birth: DateSpan | None, on: date) -> Said:
    assert isinstance(part, Comparison)  # noqa: S101 -- the slot holds no others
    counted = _counted(part)
    if counted is None:
        return open_(Reason.ASSUMPTION)
    if birth is None or birth.first > on:
        return open_(Reason.MISSING)
    limit, unit = counted
    ages = (Fraction(completed(day, on, unit)) for day in (birth.first, birth.last))
    holds = {ORDER[part.op](age, limit) for age in ages}
    return decided(holds.pop()) if len(holds) == 1 else open_(Reason.MISSING)


@dataclass(frozen=True)
class OfSex:
    """The sex."""

    parts: tuple[Sex, ...]

    @property
    def key(self) -> Key:
        """One for all."""
        return ("sex",)

    @property
    def title(self) -> str:
        """Its name."""
        return "sex"

    def absent(self, part: Predicate, plan: Plan) -> Said:  # noqa: ARG002 -- a slot's signature
        """Not recorded."""
        return open_(Reason.MISSING)

    def states(self) -> tuple[Probe, ...]:
        """All there are."""
        return self.probes()

    def probes(self) -> tuple[Probe, ...]:
        """Female, male, other, not recorded."""
        return (
            *(_of_sex(word) for word in ("female", "male")),
            replace(_of_sex("other"), kind="missing"),
            Probe("missing", "missing", lambda *_: open_(Reason.MISSING), brief="sex not recorded"),
        )


def _of_sex(word: str) -> Probe:
    def says(part: Predicate, _: Plan) -> Said:
        assert isinstance(part, Sex)  # noqa: S101
        return open_(Reason.MISSING) if word == "other" else decided(part.value == word)

    return Probe("level", word, says, sex=word, core=True, value=word, brief=word)
