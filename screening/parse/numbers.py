"""What the digits of a text may mean: "1,500", "1,5", "50.000", "1000,000", "1/3"."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

_GROUPED = re.compile(r"\d{1,4}(,\d{3})+(\.\d+)?$")
_DOTTED = re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?$")
_COMMA = re.compile(r"\d+,\d+$")
_PLAIN = re.compile(r"\d+(\.\d+)?$")


@lru_cache(maxsize=4096)
def readings(text: str) -> tuple[Decimal, ...]:
    """Every number the digits may be, the likeliest first; () when they are none ("5.0.1").

    >>> readings("1,500"), readings("50.000")
    ((Decimal('1500'), Decimal('1.500')), (Decimal('50.000'), Decimal('50000')))
    >>> readings("1,5"), readings("1000,000")
    ((Decimal('1.5'),), (Decimal('1000000'),))
    """
    if text.startswith("-"):
        return tuple(-number for number in readings(text[1:]))
    text = text.replace(" ", "").replace(" ", "").replace("·", ".")
    found: list[str] = []
    if _PLAIN.match(text):
        found.append(text)
    if _GROUPED.match(text):
        found.append(text.replace(",", ""))
    if _DOTTED.match(text):
        found.append(text.replace(".", "").replace(",", "."))
    if _COMMA.match(text) and len(text.split(",")[0]) < 4:
        found.append(text.replace(",", "."))
    return tuple(dict.fromkeys(Decimal(number) for number in found))
