"""What tests, units and words mean: looked up once for each distinct spelling, then joined to the rows in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening import units
from screening.patient import vocabulary
from screening.patient.analytes import Analyte, recognise
from screening.patient.fhir_values import Unit, level, named_unit, unit
from screening.store.database import Connection, make
from screening.store.mapping import Mapping
from screening.variables import catalogue

KEY = ("variable_given", "loinc", "code", "name", "raw_unit", "unit_code", "raw_ref_unit", "raw_method")


def tests(connection: Connection, mapping: Mapping) -> None:
    """The table `tests`: keys → c8 variable, c9 unit, c10 range unit, c11 method, c12 qualifier, c13 problem."""
    listed = ", ".join(KEY)
    keys = connection.execute(f"SELECT DISTINCT {listed} FROM raw_observations").fetchall()
    make(connection, "tests", ["VARCHAR"] * 14, (_resolved(key, mapping) for key in keys))


def _resolved(key: tuple[str | None, ...], mapping: Mapping) -> tuple[str | None, ...]:
    variable, loinc, code, name, raw, ucum, raw_ref, raw_method = key
    test = _test(variable, loinc, code, name, mapping)
    held = _unit(raw, ucum, test)
    ref = named_unit(units.ucum(raw_ref, test.variable), raw_ref, test.variable) if raw_ref else Unit(None, None)
    method = vocabulary.method(raw_method) if raw_method else None
    final = units.quantity(test.variable, held.ucum) if test.variable else None
    problem = test.problem or held.problem or (ref.problem if ref.raw != held.raw else None)
    return (*key, final, held.ucum, ref.ucum, method or test.method, next(iter(test.qualifiers), None), problem)


def _test(variable: str | None, loinc: str | None, code: str | None, name: str | None, mapping: Mapping) -> Analyte:
    """The variable a row names, else its LOINC code, else the mapping's word on its local code, else its name."""
    if variable in catalogue():
        return Analyte(variable)
    if loinc:
        return recognise((("loinc", loinc),), name or "")
    if code is not None and code in mapping.tests:
        known = mapping.tests[code]
        return Analyte(known) if known else Analyte(None, problem=f"test not used: {code} ({name or ''})")
    found = recognise((), name or "")
    if found.variable and _plain_name(name, mapping):
        return found
    return Analyte(
        None, problem=f"test not recognised: {' '.join(filter(None, (code, name))) or 'no code and no name'}"
    )


def _plain_name(name: str | None, mapping: Mapping) -> bool:
    """Whether names may speak: not where the mapping lists the codes of its tests."""
    return name is not None and not mapping.tests


def _unit(raw: str | None, code: str | None, test: Analyte) -> Unit:
    if raw is None and code is None:
        return Unit(test.unit, None)
    if code is not None:
        return unit({"system": vocabulary.address("ucum"), "code": code, "unit": raw or code}, test.variable)
    return named_unit(units.ucum(raw or "", test.variable), raw, test.variable)


def words(connection: Connection) -> None:
    """The table `words`: (c0 variable, c1 text) → c2 number on a scale, c3 positive, negative or indeterminate."""
    query = "SELECT DISTINCT variable, text FROM typed WHERE text IS NOT NULL"
    make(
        connection,
        "words",
        ["VARCHAR", "VARCHAR", "DOUBLE", "VARCHAR"],
        _meanings(connection.execute(query).fetchall()),
    )


def _meanings(found: Iterable[tuple[str | None, str]]) -> Iterator[tuple[object, ...]]:
    for variable, text in found:
        number = level(text, variable)
        yield variable, text, None if number is None else float(number), vocabulary.result(text)
