"""The native patient format: a small JSON that a person can write by hand, as pydantic models with a JSON Schema."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from screening.patient import dates
from screening.patient.vocabulary import measurable
from screening.variables import catalogue

Sex = Literal["male", "female", "other", "unknown"]
Comparator = Literal["<", "<=", ">", ">="]
ListName = Literal["conditions", "medications", "procedures", "allergies"]


def _readable(text: str) -> str:
    dates.parse(text)
    return text


def _known(variable: str) -> str:
    if variable not in catalogue():
        near = difflib.get_close_matches(variable, catalogue(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise ValueError(f"not a variable of this program{hint} Give `loinc` or `name` instead if it has none")
    return variable


def _measured(value: Decimal) -> Decimal:
    if not measurable(value):
        raise ValueError("too large or too small to be a measurement")
    return value


Number = Annotated[Decimal, AfterValidator(_measured)]
When = Annotated[str, AfterValidator(_readable), Field(description="YYYY-MM-DD, YYYY-MM, YYYY, or with THH:MM[:SS]")]
VariableId = Annotated[str, AfterValidator(_known)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NativeCode(_Model):
    """A code and the system it is from: icd10cm, icd10, atc, oncotree, snomed, rxnorm, loinc, ..."""

    system: str
    code: str


class NativeRange(_Model):
    """The laboratory's range for one result, in *unit*, else in the unit of the result."""

    low: Number | None = None
    high: Number | None = None
    unit: str | None = None
    sex: Sex | None = None
    age_low: Annotated[Number | None, Field(description="years")] = None
    age_high: Annotated[Number | None, Field(description="years")] = None
    type: str | None = None


class NativeObservation(_Model):
    """One result. What was tested: *variable* (an id of this program), or *loinc*, or *name*."""

    variable: VariableId | None = None
    loinc: str | None = None
    name: str | None = None
    value: Number | None = None
    comparator: Comparator | None = None
    unit: str | None = None
    text: Annotated[str | None, Field(description="a result in words: positive, not detected, ...")] = None
    date: When | None = None
    reference_range: NativeRange | tuple[NativeRange, ...] = ()
    method: str | None = None
    qualifiers: tuple[str, ...] = ()
    preliminary: bool = False
    absent: Annotated[str | None, Field(description="why there is no value")] = None
    codes: tuple[NativeCode, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> NativeObservation:
        if not (self.variable or self.loinc or self.name or self.codes):
            raise ValueError("says not what was tested: give variable, loinc or name")
        if self.value is None and self.text is None and self.absent is None:
            raise ValueError("has no result: give value, text, or absent (why there is none)")
        return self


class NativeEvent(_Model):
    """A condition, drug, procedure or allergy. Without *end* and *activity* it is current; a procedure was done."""

    text: str = ""
    code: str | None = None
    system: str | None = None
    codes: tuple[NativeCode, ...] = ()
    start: When | None = None
    end: When | None = None
    activity: Literal["current", "past", "unknown"] | None = None
    certainty: Literal["confirmed", "possible", "refuted"] = "confirmed"
    qualifiers: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> NativeEvent:
        if not (self.text or self.code or self.codes):
            raise ValueError("says not what it is: give text, or code and system")
        if (self.code is None) != (self.system is None):
            raise ValueError("code and system belong together")
        return self


class NativeAttestation(_Model):
    """A person's answer to one criterion: whether its text holds, in its literal sense."""

    criterion: str
    answer: bool
    who: str
    on: date
    why: str = ""
    trial: str | None = None


class NativePatient(_Model):
    """One person. *complete* names the lists from which absence may be concluded."""

    id: Annotated[str, Field(min_length=1)]
    birth_date: When | None = None
    sex: Sex | None = None
    deceased: bool = False
    observations: tuple[NativeObservation, ...] = ()
    conditions: tuple[NativeEvent, ...] = ()
    medications: tuple[NativeEvent, ...] = ()
    procedures: tuple[NativeEvent, ...] = ()
    allergies: tuple[NativeEvent, ...] = ()
    complete: tuple[ListName, ...] = ()
    attestations: tuple[NativeAttestation, ...] = ()


class NativePatients(_Model):
    """A file of several people."""

    patients: tuple[NativePatient, ...]


class NativeError(ValueError):
    """What is wrong with a native patient, and where; never the value found."""


def looks_native(value: object) -> bool:
    """Whether a JSON value is meant as a native patient: it has an id or another field of one, and no resourceType."""
    return (
        isinstance(value, Mapping) and "resourceType" not in value and bool(value.keys() & NativePatient.model_fields)
    )


def validated(value: object) -> NativePatient:
    """A native patient. Raises NativeError with the place and what to write instead."""
    try:
        return NativePatient.model_validate(value)
    except ValidationError as error:
        raise NativeError(_explained(error)) from None


def _explained(error: ValidationError) -> str:
    details = error.errors(include_input=False, include_url=False, include_context=False)
    first = details[0]
    place = _place(first["loc"])
    more = f" (and {len(details) - 1} more places)" if len(details) > 1 else ""
    if first["type"] == "extra_forbidden":
        return f"{place}: {_unknown_field(str(first['loc'][-1]))}{more}"
    return f"{place}: {first['msg'].removeprefix('Value error, ')}{more}"


def _place(location: tuple[str | int, ...]) -> str:
    """("observations", 2, "unit") → "observations[2].unit", without the names of union members."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location if not _is_member(part))
    return "".join(parts).removeprefix(".") or "patient"


def _is_member(part: str | int) -> bool:
    return isinstance(part, str) and (part.startswith(("tuple[", "Native", "function-")))


def _unknown_field(name: str) -> str:
    models = (NativePatient, NativeObservation, NativeEvent, NativeRange, NativeAttestation, NativeCode)
    known = sorted({field for model in models for field in model.model_fields})
    near = difflib.get_close_matches(name, known, n=1)
    return (
        f"unknown field; did you mean {near[0]!r}?"
        if near
        else "unknown field; see native_schema() for those there are"
    )


def native_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a native patient file: one patient, a list, or {"patients": [...]}."""
    schema = NativePatients.model_json_schema()
    definitions = schema.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Native patient records of screening",
        "anyOf": [
            {"$ref": "#/$defs/NativePatient"},
            {"type": "array", "items": {"$ref": "#/$defs/NativePatient"}},
            schema,
        ],
        "$defs": definitions,
    }
