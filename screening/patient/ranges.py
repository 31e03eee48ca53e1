"""What the limits of a reference range are worth, whoever states them: a laboratory's result, or a range book."""

from __future__ import annotations

from decimal import Decimal


def present(value: Decimal | None) -> Decimal | None:
    """A limit; one that is ≤ 0 is absent, for databases write 0 for "none".

    >>> present(Decimal(0)), present(Decimal(40))
    (None, Decimal('40'))
    """
    return value if value is not None and value.is_finite() and value > 0 else None


def contradictory(low: Decimal | None, high: Decimal | None) -> bool:
    """Whether a range ends below its beginning: nobody knows which of its limits is wrong, so neither serves.

    >>> contradictory(Decimal(60), Decimal(9)), contradictory(Decimal(9), Decimal(0))
    (True, False)
    """
    least, most = present(low), present(high)
    return least is not None and most is not None and least > most
