"""Which number, in which unit, a written number can be for a variable."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from screening import units, variables
from screening.build.common.context import Reader
from screening.build.limits.unstated import Typed
from screening.parse.numbers import readings
from screening.parse.tokens import Token
from screening.parse.trees.tree import Bound, Bounds
from screening.predicates import Op
from screening.resources import table
from screening.variables import Variable

_POWER = re.compile(r"10[2-9]$")
_WORDS = re.compile(r"\w+")
_LOWER, _UPPER = frozenset({Op.GT, Op.GE}), frozenset({Op.LT, Op.LE})
_HUNDRED = 100  # points of a scale on which a single value is no level of its own
_MOST = 3  # units among which a reader is asked to choose


def number_read(variable: Variable, written: str, unit: str | None) -> Decimal | None:
    """The number a text writes: of several readings ("1.500") the first at which trials put limits on the variable.

    None where it is no number.
    """
    found = readings(written)
    if len(found) > 1 and variable.typical_limit:
        return _likeliest(variable.id, written, unit)
    return found[0] if found else None


@lru_cache(maxsize=1 << 12)
def _likeliest(identity: str, written: str, unit: str | None) -> Decimal:
    variable, found = variables.catalogue()[identity], readings(written)
    return next((number for number in found if is_typical(variable, number, unit)), found[0])


def is_typical(variable: Variable, number: Decimal, unit: str | None) -> bool:
    """Whether trials put limits on the variable there; without a unit, whether some usual unit puts it there."""
    if unit is None:
        return bool(units.assumed(variable.id, number))
    low, high = variable.typical_limit or (Decimal(0), Decimal("1e15"))
    try:
        return Fraction(low) <= units.canonical(variable.id, number, unit) <= Fraction(high)
    except units.UnitError:
        return False


def plausible_units(variable: Variable, number: Decimal) -> tuple[str, ...]:
    """Units that differ in scale and in which the number lies where trials put limits on the variable."""
    found: dict[Fraction, str] = {}
    for unit in units.accepted(variable.id):
        if is_typical(variable, number, unit):
            found.setdefault(units.conversion(variable.id, unit).scale, unit)
    return tuple(found.values())[:_MOST]


def of_another_size(variable: Variable, token: Token) -> str | None:
    """ "Oxygenation index < 300" without a unit: no index is as large, but the other quantity of that name is."""
    number = number_read(variable, token.value, None) if variable.kind == "ratio" and variable.quantities else None
    low, high = variable.typical_limit or (Decimal(0), Decimal(0))
    if number is None or low <= number <= high:
        return None
    others = {other for _, other in variable.quantities if units.assumed(other, number)}
    return others.pop() if len(others) == 1 else None


def lost_power(reader: Reader, typed: Typed, token: Token) -> Decimal | None:
    """ "103 copies/mL" for 10³."""
    if typed.variable.id not in table("measures")["lost_power"]["variables"] or not _POWER.match(token.value):
        return None
    message = f"“{token.value}” lost its superscript; read as 10^{token.value[2]}"
    reader.note("repaired-superscript", message, typed.span)
    return Decimal(10) ** int(token.value[2])


def names_percent(name: str) -> bool:
    """Whether the name of a quantity states its unit.

    >>> names_percent("FEV1% predicted"), names_percent("FEV1 percent predicted"), names_percent("FEV1")
    (True, True, False)
    """
    return "%" in name or "percent" in name.lower()


def may_equal(variable: Variable) -> bool:
    """Scales of few levels, counts and ratios may be asked to equal a value; a score of a hundred points may not."""
    few = variable.scale_max is None or variable.scale_max < _HUNDRED
    return variable.kind in ("count", "ratio") or (variable.kind == "scale" and few)


def scale_units(variable: Variable) -> tuple[str, ...]:
    """Units that a number without a unit may be written with: points, and per cent of what may reach a hundred."""
    highest = variable.scale_max if variable.scale_max is not None else (variable.plausible or (0, _HUNDRED))[1]
    hundred = highest >= _HUNDRED
    return ("%", "{score}", "1") if hundred else ("{score}", "1")


def _other_end(bounds: Bounds) -> Op | None:
    """The sign lost at one end of a range whose other end has its own ("= 40 but < 48")."""
    ops = [item.op for item in bounds.items if isinstance(item, Bound)]
    signs = set(ops) - {Op.EQ}
    if Op.EQ not in ops or len(bounds.items) != len((_LOWER, _UPPER)) or len(signs) != 1:
        return None
    return Op.GE if signs <= _UPPER else Op.LE if signs <= _LOWER else None


def usual_sign(reader: Reader, variable: Variable, bounds: Bounds) -> Op | None:
    """The sign that a lone value of this variable has lost, where only one can be meant."""
    if (sign := _other_end(bounds)) is not None:
        return sign
    beside = table("measures")["lost_beside"]
    if variable.id in beside:
        words = set(_WORDS.findall(reader.text.text.lower()))
        if not words.isdisjoint(beside[variable.id]["words"]) and words.isdisjoint(beside["denied"]):
            return Op(beside[variable.id]["sign"])
    usual = table("measures")["lost_comparator"].get(variable.id)
    return Op(usual) if usual and not reader.excluding else None
