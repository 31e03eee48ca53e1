"""Units as texts and laboratories spell them → UCUM, and UCUM → the canonical unit of a variable, in exact fractions.

The table rules/units.toml is closed: a spelling that is not in it is refused, never guessed (a general parser reads
"K/uL" as kelvin, "10*9/L" as 90/L, "u/l" as atomic mass).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from itertools import product
from types import MappingProxyType
from typing import Any, NamedTuple

from screening.resources import table
from screening.variables import Variable, catalogue


class UnitError(ValueError):
    """The unit is not one of the variable's. The message names both, never a value."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """canonical = value × scale + offset."""

    scale: Fraction
    offset: Fraction = Fraction(0)

    def __call__(self, value: Decimal | Fraction) -> Fraction:
        """The canonical value, exact."""
        scaled = Fraction(value) * self.scale
        return scaled + self.offset if self.offset else scaled

    def inverse(self, value: Decimal | Fraction) -> Fraction:
        """The value in the unit that converts to this canonical one, exact."""
        return (Fraction(value) - self.offset) / self.scale


class Spelling(NamedTuple):
    """One way to write a unit. *only*: the families of variables for which it holds (() for all)."""

    ucum: str
    only: tuple[str, ...] = ()
    lost_superscript: bool = False
    strict: bool = False  # where its family does not fit, no other reading is tried
    note: str = ""


class Measure(NamedTuple):
    """What a UCUM code is worth: *factor* of its dimension's base unit."""

    dimension: str
    factor: Fraction


@lru_cache(maxsize=4096)
def ucum(spelling: str, variable: str | None = None) -> str | None:
    """The UCUM code of a spelling, as the variable reads it; None where the table has none (refused).

    Without a variable a spelling that only some families know ("G/L") has its meaning there; read it again with the
    variable once that is known.

    >>> ucum("x 10^9/L"), ucum("K/µL"), ucum("IU/L", "alt"), ucum("G/L", "platelets"), ucum("G/L", "albumin")
    ('10*9/L', '10*3/uL', 'U/L', '10*9/L', None)
    """
    found = lookup(spelling, variable)
    return found.ucum if found else None


@lru_cache(maxsize=4096)
def lookup(spelling: str, variable: str | None = None) -> Spelling | None:
    """The table's entry for a spelling, its code as the variable reads it; spellings where case matters come first.

    >>> lookup("109/L").lost_superscript
    True
    """
    family = catalogue()[variable].family if variable else None
    exact, folded = _index()
    key = normal(spelling)
    for found in (exact.get(key), folded.get(key.casefold())):
        if found and (variable is None or not found.only or family in found.only):
            code = _readings(family).get(found.ucum, found.ucum)
            return found._replace(ucum=code) if code else None
        if found and found.strict:
            return None
    return None


@cache
def spellings() -> Mapping[str, str]:
    """Every known spelling → UCUM, with the usual variants written out, for a lexer's trie."""
    return MappingProxyType({text: entry.ucum for text, entry in _written_out()})


@lru_cache(maxsize=4096)
def conversion(variable: str, unit: str) -> Conversion:
    """How values in *unit* (UCUM) become canonical ones.

    >>> conversion("anc", "10*9/L").scale
    Fraction(1000, 1)
    """
    item = catalogue()[variable]
    if unit == item.unit:
        return Conversion(Fraction(1))
    for given, scale, offset in item.conversions:
        if given == unit:
            return Conversion(scale, offset)
    if unit in item.units:
        return Conversion(_ratio(item, unit, item.unit) if item.unit else Fraction(1))
    raise UnitError(f"{unit} is not a unit of {variable}; accepted: {', '.join(accepted(variable)) or 'none'}")


@lru_cache(maxsize=1 << 14)
def canonical(variable: str, value: Decimal | Fraction, unit: str | None) -> Fraction:
    """The value in the variable's canonical unit, exact. No unit is right only where the variable has none.

    >>> canonical("anc", Decimal("1.5"), "10*9/L")
    Fraction(1500, 1)
    """
    if unit is None:
        if catalogue()[variable].unit is not None:
            raise UnitError(f"{variable} needs a unit; accepted: {', '.join(accepted(variable))}")
        return Fraction(value)
    return conversion(variable, unit)(value)


def accepted(variable: str) -> tuple[str, ...]:
    """The UCUM codes that convert to the variable's canonical unit, that one first; () for a variable without unit."""
    item = catalogue()[variable]
    return (item.unit, *item.units) if item.unit else item.units


def quantity(variable: str, unit: str | None) -> str:
    """The variable that is really meant when *unit* stands behind *variable*: another quantity, not another scale.

    >>> quantity("creatinine_clearance", "mL/min/{1.73_m2}"), quantity("creatinine_clearance", "mL/min")
    ('creatinine_clearance_indexed', 'creatinine_clearance')
    """
    return dict(catalogue()[variable].quantities).get(unit or "", variable)


def shown(value: Decimal, unit: str) -> tuple[Decimal, str]:
    """A value in a unit that only a spelling brings along, in the plain unit.

    >>> shown(Decimal("1.5"), "10*5/uL")
    (Decimal('150000.0'), '/uL')
    """
    plain = _data()["shown_as"].get(unit)
    if plain is None:
        return value, unit
    factor = measure(unit).factor / measure(plain).factor
    return value * factor.numerator / factor.denominator, plain


def assumed(variable: str, value: Decimal) -> tuple[str, ...]:
    """The units a limit without unit can be in: those in which it lies where trials put limits on this variable.

    >>> assumed("anc", Decimal(1500)), assumed("anc", Decimal("1.5")), assumed("bilirubin_total", Decimal(2))
    (('/uL',), ('10*9/L',), ())
    """
    item = catalogue()[variable]
    if item.typical_limit is None:
        return ()
    low, high = item.typical_limit
    return tuple(unit for unit in item.assumed_units if low <= conversion(variable, unit)(value) <= high)


@lru_cache(maxsize=1 << 14)
def slip(variable: str, value: Decimal, unit: str) -> str | None:
    """The unit a limit was probably meant in, where the written one puts it far from where trials put limits.

    Only a suggestion for the reviewer: the one assumed unit in which the same number would be usual.

    >>> slip("hemoglobin", Decimal(8), "mg/dL"), slip("hemoglobin", Decimal(8), "g/dL")
    ('g/dL', None)
    """
    limits = catalogue()[variable].typical_limit
    if limits is None or limits[0] <= canonical(variable, value, unit) <= limits[1]:
        return None
    found = assumed(variable, value)
    return found[0] if len(found) == 1 else None


def plausible(variable: str, value: Fraction) -> bool:
    """Whether a canonical value is inside the hard limits of the variable."""
    limits = catalogue()[variable].plausible
    return limits is None or limits[0] <= value <= limits[1]


@cache
def measures() -> Mapping[str, Measure]:
    """What every UCUM code of the table is worth."""
    return {code: Measure(dimension, Fraction(factor)) for code, (dimension, factor) in _data()["units"].items()}


def measure(code: str) -> Measure:
    """What one UCUM code is worth."""
    return measures()[code]


def _ratio(item: Variable, unit: str, target: str) -> Fraction:
    """The factor from *unit* to *target* of this variable, over molar mass and valence where needed."""
    start, end = _reduced(item, measure(unit)), _reduced(item, measure(target))
    if start.dimension != end.dimension:
        raise UnitError(f"{unit} and {target} measure different quantities of {item.id}")
    return start.factor / end.factor


def _reduced(item: Variable, found: Measure) -> Measure:
    """Equivalents as substance, substance as mass, per substance as per mass: as far as the variable's data allow."""
    if found.dimension == "equivalents/volume" and item.valence:
        found = Measure("substance/volume", found.factor / item.valence)
    if found.dimension == "substance/volume" and item.molar_mass:
        return Measure("mass/volume", found.factor * Fraction(item.molar_mass))
    if found.dimension == "mass/substance" and item.denominator_molar_mass:
        return Measure("mass/mass", found.factor / Fraction(item.denominator_molar_mass))
    return found


# Spelling


def normal(spelling: str) -> str:
    """A spelling reduced to what distinguishes it (case is kept).

    >>> normal("× 10⁹ / L"), normal("milligrams per deciliter"), normal("ml/min/1,73 m²")
    ('10*9/L', 'mg/dL', 'ml/min/1.73m2')
    """
    text = _SUPERSCRIPT.sub(lambda found: "^" + found[0].translate(_DIGITS), spelling).translate(_CHARACTERS)
    text = _words().sub(lambda found: _data()["words"][" ".join(found[0].casefold().split())], text)
    text = _SPACE.sub("", text)
    text = _POWER.sub(r"10*\1", text)
    text = _LEADING_TIMES.sub("", text)
    text = _EXPONENT.sub("", text)
    return _DECIMAL_COMMA.sub(".", text).rstrip(".")


_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_CHARACTERS = str.maketrans(
    {
        "µ": "u",
        "μ": "u",
        "Μ": "u",
        "×": "x",
        "✕": "x",
        "✖": "x",
        "⁄": "/",
        "∕": "/",
        "／": "/",
        "％": "%",
        "ˆ": "^",
        "＾": "^",
    }
    | {"·": "*", "∙": "*", "•": "*", "⋅": "*", "∗": "*", "−": "-", "–": "-", "‐": "-", "‑": "-", "㎡": "m2", "ℓ": "L"}
)
_SPACE = re.compile(r"\s+")
_POWER = re.compile(r"10(?:\^|\*{1,2}|[eE]|(?=\())\(?\+?(\d+)\)?")
_LEADING_TIMES = re.compile(r"^[xX*](?=10)")
_EXPONENT = re.compile(r"(?<=[A-Za-z])(?:\^|\*\*)(?=[23])")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")


@cache
def _data() -> dict[str, dict[str, Any]]:
    return table("units")


@cache
def _words() -> re.Pattern[str]:
    """Spelt-out words, longest first, standing alone (not inside a UCUM annotation)."""
    longest = sorted(_data()["words"], key=len, reverse=True)
    choice = "|".join(r"\s+".join(map(re.escape, word.split(" "))) for word in longest)
    return re.compile(rf"(?<![A-Za-z{{\[_'])(?:{choice})(?![A-Za-z'\]])", re.IGNORECASE)


@cache
def _readings(family: str | None) -> Mapping[str, str]:
    return dict(_data()["readings"].get(family or "", {}))


@cache
def _index() -> tuple[Mapping[str, Spelling], Mapping[str, Spelling]]:
    """Normalised spelling → entry, where case matters and where it does not."""
    exact: dict[str, Spelling] = {}
    folded: dict[str, Spelling] = {}
    for text, entry, cased in _listed():
        key = normal(text)
        if cased:
            exact[key] = entry
        else:
            folded.setdefault(key.casefold(), entry)
    return exact, folded


def _listed() -> Iterator[tuple[str, Spelling, bool]]:
    """(spelling, entry, whether case matters), the codes themselves first."""
    given_texts = _data()["spellings"]
    for code in _data()["units"]:
        if not isinstance(given_texts.get(code), str):
            yield code, Spelling(code), False
    for text, given in given_texts.items():
        yield text, _entry(given), isinstance(given, dict) and bool(given.get("exact"))
    for text, entry in _powers():
        yield text, entry, False


def _entry(given: str | dict[str, Any]) -> Spelling:
    if isinstance(given, str):
        return Spelling(given)
    return Spelling(
        given["ucum"], tuple(given.get("only", ())), strict=given.get("strict", False), note=given.get("note", "")
    )


def _powers() -> Iterator[tuple[str, Spelling]]:
    """Powers before a volume ("10^9/L"), and the same with the superscript lost ("109/L"), flagged."""
    rule = _data()["powers"]
    for exponent, volume, joint in product(rule["exponents"], rule["volumes"], rule["joints"]):
        code = f"10*{exponent}/{volume}"
        if code in measures():
            yield f"10^{exponent}{joint}{volume}", Spelling(code)
            yield f"10{exponent}{joint}{volume}", Spelling(code, lost_superscript=True)


# Variants written out


def _written_out() -> Iterator[tuple[str, Spelling]]:
    for text, entry, _ in _listed():
        for variant in _variants(text):
            yield variant, entry


def _variants(text: str) -> Iterator[str]:
    """The spelling itself, then with "per" and each symbol's words, one symbol at a time, and the forms of a power."""
    yield text
    parts = text.split("/")
    for at, part in enumerate(parts):
        for other in _synonyms(part):
            yield "/".join((*parts[:at], other, *parts[at + 1 :]))
            yield " per ".join((*parts[:at], other, *parts[at + 1 :])).strip()


@cache
def _synonyms(symbol: str) -> tuple[str, ...]:
    """Every other way to write a symbol."""
    if found := re.fullmatch(r"10\^(\d+)(.*)", symbol):
        return tuple(form.format(*found.groups()) for form in _POWER_FORMS)
    words = tuple(word for word, meaning in _data()["words"].items() if meaning == symbol != "/")
    return (*words, symbol.replace("u", "µ", 1)) if symbol.startswith("u") else words


_POWER_FORMS = ("10*{0}{1}", "10e{0}{1}", "10({0}){1}", "x10^{0}{1}", "x10e{0}{1}", "x10*{0}{1}", "x10({0}){1}")
