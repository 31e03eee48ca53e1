"""The steps in which a limit moves when nobody names any: the values on record, else steps around the limit."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from fractions import Fraction

from screening import variables
from screening.evaluate.ages import AGE
from screening.evaluate.exact import convert, in_unit
from screening.explain.numbers import shown
from screening.lists.movable import Movable
from screening.predicates import Amount, OrdinalSet
from screening.store.database import Connection, columns, literal

MOST = 21
"""Steps of an automatic curve."""

_DIGITS = 2
"""Significant digits of an automatic step: the counts at each are exact, whatever the step."""

_YEARS = range(-10, 11, 2)
"""Steps around an age."""

_PARTS = [Decimal(part) / 10 for part in range(5, 21)]
"""Steps around a limit as parts of it, where no values are on record."""


def automatic(moved: Movable, connection: Connection) -> tuple[Decimal, ...]:
    """The limit of the rule, and up to MOST others between the rare values at either end of those on record.

    *connection* has the store's tables as views.
    """
    part = moved.part
    found: Iterable[Decimal] = ()
    if isinstance(part, OrdinalSet):
        found = _scale(part.variable)
    elif part.variable == AGE:
        found = (moved.number + years for years in _YEARS if moved.number + years >= 0)
    elif isinstance(part.limit, Amount):
        found = _observed(part.variable, part.limit, connection)
    return tuple(sorted({*(tuple(found) or _around(moved.number)), moved.number}))


def _around(number: Decimal) -> tuple[Decimal, ...]:
    return tuple(Decimal(shown(Fraction(number * part))[0]) for part in _PARTS)


def _scale(variable: str) -> Iterable[Decimal]:
    """Every level; of a scale with many, every tenth."""
    known = variables.catalogue()[variable]
    if known.scale_min is None or known.scale_max is None:
        return ()
    wide = int(known.scale_max - known.scale_min)
    return (known.scale_min + step for step in range(0, wide + 1, 1 if wide < MOST else 10))


def _observed(variable: str, limit: Amount, connection: Connection) -> set[Decimal]:
    """Quantiles of the results on record, in the unit of the limit."""
    held = columns(connection, "observations")
    named = [part for name, part in _named(variable).items() if name in held]
    if not named or "value" not in held:
        return set()
    unit = "CAST(unit AS VARCHAR)" if "unit" in held else "NULL"
    shares = ", ".join(str(Decimal(at) / (MOST + 1)) for at in range(1, MOST + 1))
    rows = connection.execute(
        f"SELECT {unit} AS unit, count(*), quantile_cont(CAST(value AS DOUBLE), [{shares}]) FROM observations"
        f" WHERE ({' OR '.join(named)}) AND isfinite(CAST(value AS DOUBLE)) GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    return {step for spelt, _, values in rows[:1] for value in values if (step := _step(value, spelt, variable, limit))}


def _named(variable: str) -> dict[str, str]:
    """How a row may say that it is of a variable: column → condition."""
    codes = ", ".join(map(literal, variables.catalogue()[variable].loinc))
    return {"variable": f"variable = {literal(variable)}"} | ({"loinc": f"loinc IN ({codes})"} if codes else {})


def _step(value: float, unit: str | None, variable: str, limit: Amount) -> Decimal | None:
    """A value on record as a round number in the unit of the limit."""
    held = convert(variable, Fraction(value), unit)
    wanted = None if held is None else in_unit(variable, held, limit.unit)
    if wanted is None:
        return None
    rounded = Context(prec=_DIGITS).divide(Decimal(wanted.numerator), Decimal(wanted.denominator))
    return Decimal(format(rounded, "f"))
