"""FHIR R4 Observation → facts: one for the value, one for each component; LOINC first, then the name of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from screening import units
from screening.patient import vocabulary
from screening.patient.analytes import Analyte, recognise
from screening.patient.facts import DateSpan, Finding, Observation, ReferenceRange
from screening.patient.fhir_values import (
    Json,
    codes,
    day,
    decimal,
    level,
    named_unit,
    ranges,
    text,
    unit,
    written_number,
)
from screening.predicates import Op
from screening.variables import catalogue

Fact = Observation | Finding

_DATES = ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming", "issued")
_VALUES = frozenset(
    {"dataAbsentReason"}
    | {f"value{kind}" for kind in ("Quantity", "CodeableConcept", "String", "Boolean", "Integer", "Range", "Ratio")}
    | {f"value{kind}" for kind in ("SampledData", "Time", "DateTime", "Period")}
)
_OPS = {"<": Op.LT, "<=": Op.LE, ">": Op.GT, ">=": Op.GE}


@dataclass(frozen=True, slots=True)
class _Common:
    """What an Observation says of all its components."""

    source: str
    date: DateSpan | None
    preliminary: bool
    method: str | None
    qualifiers: tuple[str, ...]


class _Value(NamedTuple):
    """A value read from one of FHIR's value[x]."""

    value: Decimal | None = None
    comparator: Op | None = None
    unit: str | None = None
    raw_unit: str | None = None
    text: str | None = None
    result: str | None = None
    problem: str | None = None


def observations(resource: Json, source: str) -> Iterator[Fact]:
    """The facts of one Observation: its own value and those of its components."""
    status = resource.get("status", "")
    standing = vocabulary.status_table("observation").get(status, "never")
    if standing == "never":
        yield Finding(f"Observation does not count: status {status or 'missing'}", source)
        return
    if resource.get("focus"):
        yield Finding("Observation about somebody or something else (it has a focus): not used", source)
        return
    date, problem = _date(resource)
    if problem:
        yield Finding(problem, source)
    common = _Common(source, date, standing == "preliminary", _method(resource), tuple(_taken(resource)))
    yield from _with_components(resource, common)


def _with_components(resource: Json, common: _Common) -> Iterator[Fact]:
    components = resource.get("component", ())
    if _has_value(resource) or not (components or resource.get("hasMember")):
        yield from _one(resource, common)
    for number, component in enumerate(components):
        if _tells_how_taken(component):
            continue
        yield from _one(component, replace(common, source=f"{common.source} component[{number}]"))


def _date(resource: Json) -> tuple[DateSpan | None, str | None]:
    try:
        return day(resource, *_DATES), None
    except ValueError as error:
        return None, f"date of an Observation not read: {error}"


def _method(resource: Json) -> str | None:
    return vocabulary.method(text(resource.get("method")))


def _tells_how_taken(component: Json) -> bool:
    """Whether a component has become a qualifier of its result already."""
    return "valueQuantity" in component and any(
        code in vocabulary.taken_by() for _, code in codes(component.get("code"))
    )


def _taken(resource: Json) -> Iterator[str]:
    """The qualifiers that components tell ("room_air" by an oxygen flow of 0)."""
    for component in resource.get("component", ()):
        for _, code in codes(component.get("code")):
            if code in vocabulary.taken_by() and "valueQuantity" in component:
                values, qualifier, other = vocabulary.taken_by()[code]
                yield qualifier if decimal(component["valueQuantity"].get("value")) in values else other


def _has_value(item: Json) -> bool:
    return not _VALUES.isdisjoint(item)


def _one(item: Json, common: _Common) -> Iterator[Fact]:
    name = text(item.get("code"))
    if not _has_value(item):
        yield Finding(f"{name}: no value and no reason why", common.source)
        return
    test = recognise(codes(item.get("code")), name)
    found = _value(item, test)
    limits = list(ranges(item, test.variable, found.raw_unit, common.source))
    for problem in (test.problem, f"{name}: {found.problem}" if found.problem else None):
        if problem:
            yield Finding(problem, common.source)
    yield from (limit for limit in limits if isinstance(limit, Finding))
    kept = tuple(limit for limit in limits if isinstance(limit, ReferenceRange))
    yield _observation(item, test, found, kept, common)


def _observation(
    item: Json, test: Analyte, found: _Value, limits: tuple[ReferenceRange, ...], common: _Common
) -> Observation:
    return Observation(
        variable=_variable(test.variable, found.unit),
        name=text(item.get("code")),
        value=found.value,
        comparator=found.comparator,
        unit=found.unit,
        raw_unit=found.raw_unit,
        text=found.text,
        date=common.date,
        ranges=limits,
        method=common.method or test.method,
        qualifiers=(*common.qualifiers, *test.qualifiers),
        preliminary=common.preliminary,
        absent=text(item.get("dataAbsentReason")) or None,
        codes=codes(item.get("code")),
        source=common.source,
        result=found.result or _interpretation(item),
    )


def _variable(variable: str | None, unit: str | None) -> str | None:
    """The quantity that is really meant: mL/min/1.73 m² makes another one of a clearance."""
    return units.quantity(variable, unit) if variable else None


def _interpretation(item: Json) -> str | None:
    flags = item.get("interpretation")
    return vocabulary.interpreted(code for flag in flags for code in codes(flag)) if flags else None


def _value(item: Json, test: Analyte) -> _Value:
    for key, read in _READERS.items():
        if key in item:
            return read(item[key], test)
    other = next((key for key in item if key.startswith("value")), None)
    return _Value(problem=f"a value of type {other.removeprefix('value')} is not read") if other else _Value()


def _quantity(quantity: Json, test: Analyte) -> _Value:
    value, comparator = decimal(quantity.get("value")), quantity.get("comparator")
    if value is None:
        return _Value(problem="a quantity without a number that can be a measurement")
    if comparator and comparator not in _OPS:
        return _Value(problem=f"comparator not known: {comparator!r}")
    held = unit(quantity, test.variable)
    if held.raw is None and test.unit:
        held = held._replace(ucum=test.unit)
    return _Value(value, _OPS.get(comparator or ""), held.ucum, held.raw, problem=held.problem)


def _concept(concept: Json, test: Analyte) -> _Value:
    held, said = codes(concept), text(concept)
    number = vocabulary.answer(held)
    if number is None:
        number = level(said, test.variable)
    return _Value(number, text=said, result=vocabulary.result(said, held))


def _string(said: str, test: Analyte) -> _Value:
    """A number in words counts as a number; else a level of the scale, else a result in words."""
    found = written_number(said)
    if found is None or test.variable is None:
        number, result = level(said, test.variable), vocabulary.result(said)
        unread = number is None and result is None and _compares(test)
        return _Value(number, text=said, result=result, problem=vocabulary.UNREAD if unread else None)
    held = named_unit(units.ucum(found.unit, test.variable) if found.unit else test.unit, found.unit, test.variable)
    return _Value(found.value, found.comparator, held.ucum, held.raw, text=said, problem=held.problem)


def _compares(test: Analyte) -> bool:
    """Whether only a number says anything of it."""
    return test.variable is not None and catalogue()[test.variable].kind != "qualitative"


def _integer(value: int, test: Analyte) -> _Value:
    return _Value(decimal(value), unit=test.unit)


def _boolean(value: bool, _: Analyte) -> _Value:
    said = "true" if value else "false"
    return _Value(text=said, result=vocabulary.result(said))


def _ratio(ratio: Json, _: Analyte) -> _Value:
    """A titre: 1:40."""
    sides = [decimal((ratio.get(key) or {}).get("value")) for key in ("numerator", "denominator")]
    return _Value(text=":".join("?" if side is None else str(side) for side in sides))


def _range(held: Json, _: Analyte) -> _Value:
    sides = [decimal((held.get(key) or {}).get("value")) for key in ("low", "high")]
    said = "–".join("?" if side is None else str(side) for side in sides)
    return _Value(text=said, problem="a range as value is shown and not compared")


_READERS: dict[str, Callable[[Any, Analyte], _Value]] = {
    "valueQuantity": _quantity,
    "valueCodeableConcept": _concept,
    "valueString": _string,
    "valueInteger": _integer,
    "valueBoolean": _boolean,
    "valueRatio": _ratio,
    "valueRange": _range,
}
