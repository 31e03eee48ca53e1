"""Which variable a recorded test is: by its LOINC code, else by its name."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from screening.patient.vocabulary import Code
from screening.variables import by_loinc, by_name, catalogue


class Analyte(NamedTuple):
    """What code and name of a test say about it."""

    variable: str | None
    method: str | None = None
    qualifiers: tuple[str, ...] = ()
    unit: str | None = None  # UCUM, which the code itself implies
    problem: str | None = None


@lru_cache(maxsize=1 << 14)
def recognise(codes: tuple[Code, ...], name: str) -> Analyte:
    """The variable of a test. A LOINC code that is not in the tables is another test, whatever its name says.

    "Glucose" with the code of a urine glucose is not blood glucose: the name counts only where no LOINC code stands.

    >>> recognise((("loinc", "751-8"),), "").variable, recognise((), "Hemoglobin").variable
    ('anc', 'hemoglobin')
    """
    loinc = [code for system, code in codes if system == "loinc"]
    known = next((code for code in loinc if code in by_loinc()), None)
    if known is not None:
        return _by_code(known)
    if loinc:
        return Analyte(None, problem=f"test not recognised: LOINC {', '.join(loinc)} ({name})")
    variable = by_name().get(" ".join(name.casefold().split()))
    return Analyte(variable, problem=None if variable else f"test not recognised: {name or 'no code and no name'}")


def _by_code(code: str) -> Analyte:
    variable = by_loinc()[code]
    item = catalogue()[variable]
    return Analyte(
        variable,
        dict(item.loinc_methods).get(code),
        tuple(qualifier for listed, qualifier in item.loinc_qualifiers if listed == code),
        dict(item.loinc_units).get(code),
    )
