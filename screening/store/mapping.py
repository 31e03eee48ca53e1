"""Mapping files: which table and column of somebody's export holds what. TOML, checked before any row is read.

A column is a name, or {column = "SEX", values = {"1" = "male"}} to recode it, or {value = "mg/dL"} for all rows. A
recoded value "" is none, as is one that is not listed, which is said; `value` beside `values` is what those become.
A mapping takes rows from a `table` (the name of a file or sheet) or from a `query` over such tables.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import Enum
from itertools import permutations
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, field_validator, model_validator

from screening.resources import folder
from screening.store.errors import StoreError
from screening.variables import catalogue

_SIGNS = "aAbBdmyYHIpMSfgzZj%"
"""What a form of a date may name; `-` before one leaves out leading zeros."""

_SAMPLES = (datetime(2003, 2, 1, tzinfo=UTC), datetime(2001, 12, 11, tzinfo=UTC))
"""Days whose numbers may be taken for each other."""


class Precision(Enum):
    """How much of a date a form names."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


def precision(form: str) -> Precision:
    """What is known of a date that is written in *form*.

    >>> precision("%m/%Y")
    <Precision.MONTH: 'month'>
    """
    named = set(_fields(form))
    if named & {"d", "j"}:
        return Precision.DAY
    return Precision.MONTH if named & {"m", "b", "B"} else Precision.YEAR


def _fields(form: str) -> list[str]:
    """The signs of a form, without their %.

    >>> _fields("%-d.%m.%Y")
    ['d', 'm', 'Y']
    """
    return re.findall(r"%-?(.)", form)


def _reads_differently(one: str, other: str) -> bool:
    """Whether a date written as *one* can be read as another date by *other*."""
    return any(
        (read := _read(sample.strftime(one), other)) is not None and read != _read(sample.strftime(one), one)
        for sample in _SAMPLES
    )


def _read(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form.replace("%-", "%")).replace(tzinfo=UTC).date()
    except ValueError:
        return None


_FAULTS = {"extra_forbidden": "there is no such key", "missing": "is missing"}
"""Kinds of pydantic's errors in words of the file."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Model):
    """Where a value comes from; *values* recodes it, and what is not listed there becomes *value*, or null."""

    column: str | None = None
    value: str | None = None
    values: dict[str, str] | None = None


def _column(given: object) -> object:
    return {"column": given} if isinstance(given, str) else given


Col = Annotated[Column, BeforeValidator(_column)]


class Rows(_Model):
    """What every kind of rows says: where they come from, and whose they are."""

    table: str | None = None
    query: str | None = None
    patient: Col | None = None
    source: Col | None = None

    @model_validator(mode="after")
    def _one(self) -> Rows:
        if (self.table is None) == (self.query is None):
            raise ValueError("give either table or query")
        return self

    @property
    def label(self) -> str:
        """What messages call these rows."""
        return self.table or "query"


class People(Rows):
    """One row a person. *birth* may be partial; *age* in years on *age_on* makes an interval of birth dates."""

    birth: Col | None = None
    sex: Col | None = None
    deceased: Col | None = None
    age: Col | None = None
    age_on: Col | None = None
    age_top: int | None = None  # the age that stands for itself and all above


class Wide(_Model):
    """A column that holds one kind of result."""

    variable: str | None = None
    loinc: str | None = None
    name: str | None = None
    unit: str | None = None


class Results(Rows):
    """One row a result, or (*wide*) a column a result."""

    variable: Col | None = None
    loinc: Col | None = None
    code: Col | None = None  # a local code, looked up in [tests]
    name: Col | None = None
    value: Col | None = None
    comparator: Col | None = None
    unit: Col | None = None
    unit_code: Col | None = None  # a UCUM code beside the printed unit
    date: Col | None = None
    low: Col | None = None
    high: Col | None = None
    ref_unit: Col | None = None
    ref_type: Col | None = None
    method: Col | None = None
    qualifier: Col | None = None
    seq: Col | None = None
    wide: dict[str, Wide] = {}


class Coding(_Model):
    """A code and the system it is from."""

    system: Col
    code: Col


class Happenings(Rows):
    """One row a condition, drug, procedure or allergy."""

    text: Col | None = None
    codings: tuple[Coding, ...] = ()
    start: Col | None = None
    end: Col | None = None
    certainty: Col | None = None
    activity: Col | None = None


class Mapping(_Model):
    """A whole mapping file. *expects*: tables that queries use; what is missing of them counts as empty."""

    name: str = "mapping"
    note: str = ""
    sources: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ("",)
    decimal: str = "."
    delimiter: str | None = None
    date_formats: tuple[str, ...] = ()
    expects: dict[str, tuple[str, ...]] = {}
    lookups: dict[str, dict[str, str]] = {}  # tables of two columns, key and value, for queries
    tests: dict[str, str] = {}  # local code → variable id, "" for one that is known not to be any
    complete: tuple[Literal["conditions", "medications", "procedures", "allergies"], ...] = ()
    patients: People
    observations: tuple[Results, ...] = ()
    conditions: tuple[Happenings, ...] = ()
    medications: tuple[Happenings, ...] = ()
    procedures: tuple[Happenings, ...] = ()
    allergies: tuple[Happenings, ...] = ()

    @field_validator("tests")
    @classmethod
    def _known(cls, tests: dict[str, str]) -> dict[str, str]:
        for code, variable in tests.items():
            if variable and variable not in catalogue():
                near = difflib.get_close_matches(variable, catalogue(), n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ValueError(f"{code}: no variable of this program is named {variable!r}{hint}")
        return tests

    @field_validator("date_formats")
    @classmethod
    def _dates(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for form in formats:
            unknown = [sign for sign in _fields(form) if sign not in _SIGNS]
            if not set(_fields(form)) & set("Yy") or unknown:
                raise ValueError(f"{form!r} is no form of a date; write for example %d.%m.%Y, %m/%Y or %Y")
        for one, other in permutations(formats, 2):
            if _reads_differently(one, other):
                raise ValueError(
                    f"{one!r} and {other!r} read one date as two different days; keep the one that is meant"
                )
        return formats

    @field_validator("decimal")
    @classmethod
    def _one_sign(cls, decimal: str) -> str:
        if decimal not in (".", ","):
            raise ValueError("the decimal sign is . or ,")
        return decimal

    def tables(self) -> Iterator[str]:
        """The tables it reads."""
        yield from self.expects
        for rows in (self.patients, *self.observations, *self.events()):
            if rows.table:
                yield rows.table

    def events(self) -> tuple[Happenings, ...]:
        """Every mapping of events."""
        return (*self.conditions, *self.medications, *self.procedures, *self.allergies)


def load(mapping: str | Path) -> Mapping:
    """A mapping file, or one that comes with the program by its name. Raises StoreError with place and remedy."""
    shipped = folder("rules") / "store" / f"{mapping}.toml"
    path = shipped if shipped.is_file() else Path(mapping)
    try:
        return Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        names = ", ".join(sorted(file.stem for file in shipped.parent.glob("*.toml")))
        raise StoreError(str(mapping), "no such mapping file", f"Give a path, or one of: {names}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StoreError(str(path), f"not TOML ({error})", "Correct it there.") from None
    except ValidationError as error:
        detail = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in detail["loc"]) or "mapping"
        said = _FAULTS.get(detail["type"], detail["msg"].removeprefix("Value error, "))
        raise StoreError(str(path), f"{place}: {said}", "See the README on mapping files.") from None
