"""Which of a result's reference ranges serves its patient: the same choice as the interpreter makes for ULN and LLN."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from screening.patient import DateSpan, Observation, Patient, ReferenceRange
from screening.patient.ranges import contradictory, present

_MONTHS = 12
_SERVING = (None, "normal")


def serving(patient: Patient, found: Observation) -> ReferenceRange | None:
    """The range of the patient's sex and age (a limit ≤ 0 is none); a side on which several differ is left open.

    None where no range fits, or where only the interpreter can tell: units differ, or the day on which an age counts is
    not known. Of several ranges one that ends below its beginning serves nothing; nor does a pair of limits that come
    from several and contradict each other, for a row has no place for both.
    """
    sound = [limit for limit in found.ranges if len(found.ranges) == 1 or not contradictory(limit.low, limit.high)]
    fitting = [limit for limit in sound if _serves(patient, found, limit)]
    if not fitting or any(_by_unknown_age(patient, found, limit) for limit in sound):
        return None
    unit = fitting[0].unit
    if any(limit.unit != unit for limit in fitting):
        return None
    low, high = _agreed(limit.low for limit in fitting), _agreed(limit.high for limit in fitting)
    if len(fitting) > 1:
        return None if contradictory(low, high) else ReferenceRange(low, high, unit)
    return ReferenceRange(low, high, unit, sex=fitting[0].sex, type=fitting[0].type)


def _by_unknown_age(patient: Patient, found: Observation, limit: ReferenceRange) -> bool:
    """Whether a range for some ages may be the patient's, whose age on the day of the result nobody knows."""
    aged = limit.age_low is not None or limit.age_high is not None
    return aged and found.date is None and patient.birth is not None


def _serves(patient: Patient, found: Observation, limit: ReferenceRange) -> bool:
    unreadable = limit.unit is None and limit.raw_unit is not None
    if limit.type not in _SERVING or unreadable or (limit.sex is not None and limit.sex != patient.sex):
        return False
    if limit.age_low is None and limit.age_high is None:
        return True
    when = found.date.last if found.date else None
    return bool(patient.birth and when and _in_age(patient.birth, when, limit))


def _agreed(limits: Iterable[Decimal | None]) -> Decimal | None:
    stated = {value for limit in limits if (value := present(limit)) is not None}
    return stated.pop() if len(stated) == 1 else None


def _in_age(birth: DateSpan, when: date, limit: ReferenceRange) -> bool:
    """Whether both the oldest and the youngest possible age are inside; "to 65" includes the day before 66."""
    ages = [Decimal(_months(day, when)) / _MONTHS for day in (birth.first, birth.last)]
    above = limit.age_low is None or min(ages) >= limit.age_low
    return above and (limit.age_high is None or max(ages) < _ceiling(limit.age_high))


def _ceiling(age: Decimal) -> Decimal:
    whole = age == age.to_integral_value() and age >= 1
    return age + 1 if whole else age + Decimal("1e-9")


def _months(birth: date, when: date) -> int:
    """Completed months."""
    return (when.year - birth.year) * _MONTHS + when.month - birth.month - (when.day < birth.day)
