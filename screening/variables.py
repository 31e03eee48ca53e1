"""What is known of every quantity, scale and count that criteria speak of: rules/variables/*.toml as frozen records.

Names, codes, units and limits are data; this module only reads them. Every number there names its source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import Any

from screening.resources import table, tables

Range = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable. Limits are in its canonical unit; names are as texts write them.

    *names* holds every name; the other name fields flag some of them: *weak_names* count only when a comparison with
    a number follows directly ("K < 3.5"), *case_names* need exactly this case ("Mg"), *loose_names* leave open which
    scale is meant ("performance status 0-1"). *unlikely_names* are not names but known slips of texts for this
    variable ("PH ≥ 100,000" for platelets), never to be compiled unconfirmed.
    """

    id: str
    name: str
    kind: str = "quantity"  # quantity | scale | ratio | count | time | percent | qualitative
    family: str | None = None  # how ambiguous units are read: rules/units.toml, [readings]
    names: tuple[str, ...] = ()
    weak_names: frozenset[str] = frozenset()
    case_names: frozenset[str] = frozenset()
    loose_names: frozenset[str] = frozenset()
    unlikely_names: frozenset[str] = frozenset()
    unit: str | None = None  # canonical UCUM code
    units: tuple[str, ...] = ()  # other UCUM codes that convert to it
    loinc: tuple[str, ...] = ()
    loinc_methods: tuple[tuple[str, str], ...] = ()  # (code, method id) where the code tells the method
    loinc_qualifiers: tuple[tuple[str, str], ...] = ()  # (code, qualifier id) where the code tells the circumstance
    loinc_units: tuple[tuple[str, str], ...] = ()  # (code, UCUM) the code itself implies, if the record has no unit
    molar_mass: Decimal | None = None  # g/mol
    denominator_molar_mass: Decimal | None = None  # g/mol, of what a ratio is divided by
    valence: int | None = None
    conversions: tuple[tuple[str, Fraction, Fraction], ...] = ()  # (unit, scale, offset) that no rule gives
    plausible: Range | None = None  # hard limits: a value outside is an error of unit or entry
    typical_limit: Range | None = None  # where trials put their limits, to infer a missing unit
    assumed_units: tuple[str, ...] = ()  # units to try where none is written; () refuses
    quantities: tuple[tuple[str, str], ...] = ()  # (unit, variable id): that unit means another quantity
    classes: str | None = None  # the variable of the lettered classes of this scale ("Child-Pugh B")
    report_as: str | None = None  # id shown in extract rows, if another than its own
    adverse: str | None = None  # "low" | "high" | "both"
    normal: str | None = None  # which limit "normal" means: "upper" | "lower" | "both"
    max_age_days: int | None = None
    aggregate: str | None = None  # "max" | "min" | "any"; None: the latest
    scale_min: Decimal | None = None
    scale_max: Decimal | None = None
    levels: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    methods: tuple[str, ...] = ()
    qualifiers: tuple[str, ...] = ()
    group_of: tuple[str, ...] = ()  # a pair of limits distributes over these ("BP < 140/90")
    stands_for: tuple[str, ...] = ()  # variables that all must satisfy a limit on this family of variables
    formulas: tuple[str, ...] = ()
    note: str = ""
    sources: tuple[str, ...] = ()

    @property
    def lead_names(self) -> tuple[str, ...]:
        """The names that stand for the variable wherever they occur."""
        return tuple(name for name in self.names if name not in self.weak_names)


@cache
def catalogue() -> Mapping[str, Variable]:
    """Every variable by id.

    >>> catalogue()["anc"].unit
    '/uL'
    """
    defaults = table("defaults")
    found: dict[str, Variable] = {}
    for content in tables("variables").values():
        sources = tuple(content.pop("about", {}).get("sources", ()))
        for identifier, entry in content.items():
            found[identifier] = _variable(identifier, entry, sources, defaults)
    return MappingProxyType(found)


@cache
def by_loinc() -> Mapping[str, str]:
    """LOINC code → variable id.

    >>> by_loinc()["751-8"]
    'anc'
    """
    return MappingProxyType({code: item.id for item in catalogue().values() for code in item.loinc})


@cache
def by_name() -> Mapping[str, str]:
    """Casefolded name → variable id, for the names of tests in records; the whole text must be the name.

    >>> by_name()["absolute neutrophil count"]
    'anc'
    """
    return MappingProxyType({name.casefold(): item.id for item in catalogue().values() for name in item.names})


@cache
def unlikely() -> Mapping[str, str]:
    """Exact spellings of known slips → the variable they probably mean.

    >>> unlikely()["PH"]
    'platelets'
    """
    return MappingProxyType({name: item.id for item in catalogue().values() for name in item.unlikely_names})


_ALTERNATIVES = re.compile(r"[{}]")  # the pieces between braces are the alternatives
_FLAGS = ("weak_names", "case_names", "loose_names")
_TEXTS = ("name", "kind", "family", "unit", "adverse", "normal", "aggregate", "report_as", "note", "classes")
_TUPLES = ("assumed_units", "methods", "qualifiers", "group_of", "stands_for", "formulas")
_DECIMALS = ("molar_mass", "denominator_molar_mass", "scale_min", "scale_max")
_PAIRS = ("loinc_methods", "loinc_qualifiers", "loinc_units", "quantities")
_OTHERS = ("class", "names", "unlikely_names", "units", "loinc", "plausible", "typical_limit", "conversions", "levels")
_KNOWN = frozenset((*_FLAGS, *_TEXTS, *_TUPLES, *_DECIMALS, *_PAIRS, *_OTHERS, "valence", "max_age_days", "sources"))


def _variable(identifier: str, entry: dict[str, Any], sources: tuple[str, ...], defaults: dict[str, Any]) -> Variable:
    if unknown := entry.keys() - _KNOWN:
        raise ValueError(f"rules/variables: {identifier}: unknown field {min(unknown)!r}")
    merged = defaults["classes"][entry["class"]] | entry
    return Variable(id=identifier, **_texts(merged, sources), **_codes(merged), **_numbers(merged, defaults))


def _texts(entry: dict[str, Any], sources: tuple[str, ...]) -> dict[str, Any]:
    """The fields taken over as they stand, and the names."""
    fields: dict[str, Any] = {key: entry[key] for key in (*_TEXTS, "valence", "max_age_days") if key in entry}
    flagged = {key: frozenset(_spelled(entry[key])) for key in (*_FLAGS, "unlikely_names") if key in entry}
    fields |= {key: tuple(entry[key]) for key in _TUPLES if key in entry} | flagged
    names = _unique((*_spelled(entry.get("names", ())), *(name for key in _FLAGS for name in flagged.get(key, ()))))
    return {**fields, "names": names, "sources": sources + tuple(entry.get("sources", ()))}


def _spelled(names: Iterable[str]) -> Iterator[str]:
    """The names with their alternatives written out: words in braces stand for one another.

    >>> list(_spelled(["{prior,previous} {,treatment }lines", "regimens"]))
    ['prior lines', 'prior treatment lines', 'previous lines', 'previous treatment lines', 'regimens']
    """
    for name in names:
        parts = [part.split(",") for part in _ALTERNATIVES.split(name)]
        yield from ("".join(chosen) for chosen in product(*parts)) if len(parts) > 1 else (name,)


def _codes(entry: dict[str, Any]) -> dict[str, Any]:
    """LOINC codes: those listed, and those that carry a method, a qualifier or a unit; and the other pairs."""
    special = (code for key in ("loinc_methods", "loinc_qualifiers", "loinc_units") for code in entry.get(key, ()))
    pairs = {key: tuple(entry[key].items()) for key in _PAIRS if key in entry}
    return {**pairs, "loinc": _unique((*entry.get("loinc", ()), *special))}


def _numbers(entry: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {key: _decimal(entry[key]) for key in _DECIMALS if key in entry}
    fields |= {key: tuple(map(_decimal, entry[key])) for key in ("plausible", "typical_limit") if key in entry}
    spoken = entry.get("levels", {}).items()
    levels = {text: _decimal(number) for word, number in spoken for text in (word, word.casefold())}
    conversions = tuple(
        (unit, _fraction(rule["scale"]), _fraction(rule.get("offset", "0")))
        for unit, rule in entry.get("conversions", {}).items()
    )
    units = _units(entry, defaults["unit_sets"])
    return {**fields, "levels": MappingProxyType(levels), "conversions": conversions, "units": units}


def _units(entry: dict[str, Any], sets: dict[str, list[str]]) -> tuple[str, ...]:
    """Accepted units with the sets ("@cells") written out; a scale or ratio takes the signs of plain numbers."""
    given = entry.get("units", () if "unit" in entry else (_plain(entry),))
    expanded = (unit for item in given for unit in (sets[item[1:]] if item.startswith("@") else (item,)))
    return tuple(unit for unit in _unique((*expanded, *entry.get("conversions", ()))) if unit != entry.get("unit"))


def _plain(entry: dict[str, Any]) -> str:
    """The set of signs of a plain number; only a scale from 0 to 100 is also given in per cent."""
    return "@of_hundred" if (entry.get("scale_min"), entry.get("scale_max")) == (0, 100) else "@plain"


def _fraction(text: str) -> Fraction:
    """Exact: "9/5" or "0.09148"; also a quotient of decimals ("1/7.14").

    >>> _fraction("1/7.14")
    Fraction(50, 357)
    """
    over, _, under = text.partition("/")
    return Fraction(over) / Fraction(under or "1")


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _decimal(number: float | str) -> Decimal:
    """TOML numbers by their shortest spelling, which is the one in the file."""
    return Decimal(str(number))
