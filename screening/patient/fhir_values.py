"""The small parts of FHIR R4 resources: codings, quantities, dates, reference ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from screening import units
from screening.patient import dates
from screening.patient.facts import DateSpan, Finding, ReferenceRange
from screening.patient.vocabulary import Code, measurable, range_type, scale_words, sex, system, years_per
from screening.predicates import Op
from screening.variables import catalogue

Json = dict[str, Any]

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_WRITTEN_NUMBER = re.compile(
    rf"(?P<op><=|>=|<|>|≤|≥)?\s*(?P<number>{_NUMBER})\s*(?P<unit>[^\d\s,;:(-][^,;:]*)?", re.ASCII
)
_WRITTEN_RANGE = re.compile(rf"(?P<low>{_NUMBER})\s*(?:-|–|to)\s*(?P<high>{_NUMBER})\s*(?P<unit>[^\d\s].*)?", re.ASCII)
_DIMENSIONLESS = re.compile(r"1|\{[^{}]*\}")
_OPS = {"<": Op.LT, "<=": Op.LE, "≤": Op.LE, ">": Op.GT, ">=": Op.GE, "≥": Op.GE}


def codes(concept: Json | None) -> tuple[Code, ...]:
    """(system, code) of every coding.

    >>> codes({"coding": [{"system": "http://loinc.org", "code": "751-8"}]})
    (('loinc', '751-8'),)
    """
    codings = (concept or {}).get("coding", ())
    return tuple((system(coding.get("system", "")), coding["code"]) for coding in codings if coding.get("code"))


def text(concept: Json | None) -> str:
    """What the record calls it: its text, else a display, else a code."""
    held = concept or {}
    codings = held.get("coding", ())
    displays = (coding["display"] for coding in codings if coding.get("display"))
    bare = (coding["code"] for coding in codings if coding.get("code"))
    return held.get("text") or next(displays, None) or next(bare, "")


def words(concept: Json | None) -> list[str]:
    """Every code, display and text of a concept."""
    held = concept or {}
    codings = held.get("coding", ())
    said = [coding.get(key) for coding in codings for key in ("code", "display")]
    return [word for word in (*said, held.get("text")) if word]


def decimal(value: object) -> Decimal | None:
    """A JSON number (or a number in quotes) with its decimals as written; None for what cannot be a measurement.

    >>> decimal("1.50"), decimal(Decimal("1e999999999")), decimal("high")
    (Decimal('1.50'), None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    if not isinstance(value, Decimal):
        found = re.fullmatch(_NUMBER, str(value).strip(), re.ASCII)
        value = Decimal(found[0]) if found else None
    return value if value is not None and measurable(value) else None


class Unit(NamedTuple):
    """A recorded unit: its UCUM code if recognised, the spelling, and what is wrong with it."""

    ucum: str | None
    raw: str | None
    problem: str | None = None


def unit(quantity: Json, variable: str | None) -> Unit:
    """The unit of a Quantity: the UCUM code first, then the printed unit; two that disagree are refused."""
    is_ucum = system(quantity.get("system", "")) == "ucum"
    code, printed = quantity.get("code") if is_ucum else None, quantity.get("unit") or quantity.get("code")
    by_code = units.ucum(code, variable) if code else None
    by_print = units.ucum(printed, variable) if printed else None
    if by_code and by_print and not _same(by_code, by_print, variable):
        return Unit(None, f"{printed} / {code}", f"unit and unit code disagree: {printed!r}, {code!r}")
    return named_unit(by_code or by_print, printed or code, variable)


def named_unit(ucum: str | None, raw: str | None, variable: str | None) -> Unit:
    """A unit already looked up; a bare "1" or "{score}" is no unit."""
    if raw and _DIMENSIONLESS.fullmatch(raw) and (ucum is None or _unitless(variable)):
        return Unit(None, None)
    if ucum is None and raw and variable:
        return Unit(None, raw, f"unit not recognised: {raw!r}")
    return Unit(ucum, raw)


def _unitless(variable: str | None) -> bool:
    return variable is not None and catalogue()[variable].unit is None


def _same(one: str, other: str, variable: str | None) -> bool:
    """Whether two unit codes say the same of this variable ("10*3/uL" and "10*9/L")."""
    if one == other:
        return True
    measures = units.measures()
    if one in measures and measures[one] == measures.get(other):
        return True
    try:
        return variable is not None and units.conversion(variable, one) == units.conversion(variable, other)
    except units.UnitError:
        return False


class WrittenNumber(NamedTuple):
    """A number found in running text."""

    value: Decimal
    comparator: Op | None
    unit: str | None


def written_number(said: str) -> WrittenNumber | None:
    """A text that is nothing but a number, perhaps with a comparator and a unit; None for any other.

    >>> written_number("< 0.2 mg/dL").comparator, written_number("1:40"), written_number("3-5")
    (<Op.LT: '<'>, None, None)
    """
    found = _WRITTEN_NUMBER.fullmatch(said.strip())
    if found is None:
        return None
    value = decimal(found["number"])
    if value is None:
        return None
    return WrittenNumber(value, _OPS.get(found["op"] or ""), (found["unit"] or "").strip() or None)


def level(said: str, variable: str | None) -> Decimal | None:
    """The number on a scale that words say ("NYHA class II", "ECOG 1", "1 - restricted"); None if not clear.

    >>> level("NYHA class II", "nyha"), level("somewhat tired", "ecog")
    (Decimal('2'), None)
    """
    if variable is None or catalogue()[variable].kind != "scale":
        return None
    item = catalogue()[variable]
    rest = _after_names(said.strip().casefold(), item.names)
    token = re.split(r"[\s(,;–]|-\s", rest, maxsplit=1)[0].rstrip(":.")
    levels = {word.casefold(): number for word, number in item.levels.items()}
    return levels.get(rest, levels.get(token, decimal(token)))


def _after_names(said: str, names: tuple[str, ...]) -> str:
    """The words after the name of the scale and words such as "class"."""
    openings = sorted((*(name.casefold() for name in names), *scale_words()), key=len, reverse=True)
    found = next((opening for opening in openings if _opens(said, opening)), None)
    return said if found is None else _after_names(said[len(found) :].strip(" :="), names)


def _opens(said: str, opening: str) -> bool:
    return said.startswith(opening) and not said[len(opening) : len(opening) + 1].isalnum()


def day(resource: Json, *names: str) -> DateSpan | None:
    """The first of several date fields that is filled; of a Period its end, else its start.

    Raises ValueError on a date that cannot be read.
    """
    for name in names:
        held = resource.get(name)
        if isinstance(held, dict):
            held = held.get("end") or held.get("start") or next(iter(held.get("event", ())), None)
        if held:
            return dates.parse(held)
    return None


def ranges(item: Json, variable: str | None, raw_unit: str | None, source: str) -> Iterator[ReferenceRange | Finding]:
    """The reference ranges of one result."""
    for held in item.get("referenceRange", ()):
        yield from _one_range(held, variable, raw_unit, source)


def _one_range(
    held: Json, variable: str | None, raw_unit: str | None, source: str
) -> Iterator[ReferenceRange | Finding]:
    low, high = _bound(held.get("low"), variable), _bound(held.get("high"), variable)
    if low is None and high is None:
        low, high = _written_range(held.get("text") or "", variable)
    for bound in (low, high):
        if bound and bound.unit.problem and bound.unit.raw != raw_unit:
            yield Finding(f"reference range left out: {bound.unit.problem}", source)
            return
    if not any(bound and bound.value for bound in (low, high)):
        return
    if low and high and low.unit.ucum != high.unit.ucum:
        yield _made(held, low, None)
        yield _made(held, None, high)
    else:
        yield _made(held, low, high)


class _Bound(NamedTuple):
    value: Decimal | None
    unit: Unit


def _bound(quantity: Json | None, variable: str | None) -> _Bound | None:
    value = decimal(quantity.get("value")) if quantity else None
    if quantity is None or value is None:
        return None
    return _Bound(value if value > 0 else None, unit(quantity, variable))


def _written_range(said: str, variable: str | None) -> tuple[_Bound | None, _Bound | None]:
    """A range in words: "10 - 40 U/L", "< 5"."""
    if found := _WRITTEN_RANGE.fullmatch(said.strip()):
        held = _text_unit(found["unit"], variable)
        return _Bound(_positive(found["low"]), held), _Bound(_positive(found["high"]), held)
    number = written_number(said)
    if number is None or number.comparator is None:
        return None, None
    bound = _Bound(_positive(str(number.value)), _text_unit(number.unit, variable))
    return (None, bound) if number.comparator in {Op.LT, Op.LE} else (bound, None)


def _text_unit(raw: str | None, variable: str | None) -> Unit:
    return named_unit(units.ucum(raw, variable) if raw else None, raw, variable)


def _positive(number: str) -> Decimal | None:
    value = Decimal(number)
    return value if value > 0 else None


def _made(held: Json, low: _Bound | None, high: _Bound | None) -> ReferenceRange:
    held_unit = next((bound.unit for bound in (high, low) if bound), Unit(None, None))
    applies = [word for concept in held.get("appliesTo", ()) for word in words(concept)]
    of_sex = sex(applies)
    age = held.get("age") or {}
    return ReferenceRange(
        low=low.value if low else None,
        high=high.value if high else None,
        unit=held_unit.ucum,
        raw_unit=held_unit.raw,
        sex=of_sex,
        age_low=years(age.get("low")),
        age_high=years(age.get("high")),
        type=range_type(words(held.get("type"))) if of_sex or not applies else applies[0],
    )


def years(age: Json | None) -> Decimal | None:
    """An Age or Quantity of time in years; None where there is none or its unit is no unit of age."""
    value = decimal(age.get("value")) if age else None
    if age is None or value is None:
        return None
    spelled = age.get("code") or age.get("unit") or "a"
    factor = years_per().get(units.ucum(spelled, "age") or spelled)
    return None if factor is None else _as_decimal(Fraction(value) * factor)


def _as_decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
