"""The side files of a screening: attestations and range books, as CSV with a header or as a JSON list of objects."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from screening import units, variables
from screening.app.problems import UnusableError, reading
from screening.evaluate import BookRange
from screening.evaluate.attested import Answers
from screening.patient import Attestation

Row = TypeVar("Row", bound=BaseModel)


_DELIMITERS = (",", ";", "\t")

_FAULTS = {
    "missing": "is missing or empty",
    "extra_forbidden": "no such column",
    "bool": "write true or false",
    "date": "write the date as YYYY-MM-DD",
    "decimal": "write a number with a decimal point",
}
"""Kinds of pydantic's errors, by a part of their names, and what the user shall do."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class AttestationRow(_Row):
    """A person's answer to one criterion for one patient: whether its text holds, in its literal sense."""

    patient: str
    criterion: str
    answer: bool
    who: str
    on: date
    why: str = ""
    trial: str | None = None


class RangeRow(_Row):
    """A laboratory's reference range: ages in years, dates between which it was in force."""

    laboratory: str
    variable: str
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str | None = None
    method: str | None = None
    sex: Literal["male", "female"] | None = None
    age_from: Decimal | None = None
    age_to: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None


def attestations(path: str | None) -> tuple[tuple[str, Attestation], ...]:
    """The answers of a file, each with the id of the patient it is about."""
    if path is None:
        return ()
    return tuple(
        (row.patient, Attestation(row.criterion, row.answer, row.who, row.on, row.why, row.trial))
        for _, row in _rows(path, AttestationRow)
    )


def too_late(answers: Answers, on: date) -> Iterator[str]:
    """Says which answers were given after the screening date, on which nobody could know them."""
    late = Counter(answer.criterion for _, answer in answers if answer.on > on)
    for criterion, count in sorted(late.items()):
        yield f"--attest: {criterion}: {count} answered after {on}, the screening date: not heard; screen later"


def ranges(path: str | None) -> tuple[BookRange, ...]:
    """The reference ranges of a file; names and units are checked here, once."""
    if path is None:
        return ()
    return tuple(_range(row, f"{path}: row {number}") for number, row in _rows(path, RangeRow))


def _range(row: RangeRow, place: str) -> BookRange:
    if row.low is not None and row.high is not None and row.low > row.high:
        raise UnusableError(f"{place}: low is above high. Correct the row.")
    if row.variable not in variables.catalogue():
        raise UnusableError(f"{place}: no variable is named {row.variable!r}. Take an id of rules/variables.")
    unit = units.ucum(row.unit, row.variable) if row.unit else None
    if row.unit and unit not in units.accepted(row.variable):
        known = ", ".join(units.accepted(row.variable))
        raise UnusableError(f"{place}: {row.unit!r} is no unit of {row.variable}. Write one of: {known}")
    return BookRange(**{**row.model_dump(), "unit": unit})


def _rows(path: str, model: type[Row]) -> Iterator[tuple[int, Row]]:
    """The rows of a file, counted from 1 without the header, validated."""
    with reading(path):
        content = Path(path).read_text(encoding="utf-8-sig")
        records = _records(content, model)
    if not records:
        known = ", ".join(model.model_fields)
        raise UnusableError(f"{path}: no rows. Leave the option out, or give rows of: {known}")
    for number, record in enumerate(records, 1):
        if isinstance(record, dict) and None in record:
            raise UnusableError(f"{path}: row {number}: more cells than columns. Put text with a comma in quotes.")
        yield number, _validated(record, model, f"{path}: row {number}")


def _records(content: str, model: type[BaseModel]) -> Sequence[Any]:
    if not content.lstrip().startswith(("[", "{")):
        rows = csv.DictReader(StringIO(content), delimiter=_delimiter(content, model))
        return [{name: cell for name, cell in row.items() if cell} for row in rows]
    value = json.loads(content, parse_float=Decimal)
    return value if isinstance(value, list) else [value]


def _delimiter(content: str, model: type[BaseModel]) -> str:
    """The one that parts the head into columns with names that are known: spreadsheets write what their country has."""
    head = content.partition("\n")[0]
    return max(
        _DELIMITERS, key=lambda sign: len(model.model_fields.keys() & {name.strip() for name in head.split(sign)})
    )


def _validated(record: object, model: type[Row], place: str) -> Row:
    try:
        return model.model_validate(record)
    except ValidationError as error:
        detail = error.errors(include_input=False, include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in detail["loc"]) or "row"
        known = ", ".join(model.model_fields)
        what = next((said for kind, said in _FAULTS.items() if kind in detail["type"]), detail["msg"])
        raise UnusableError(f"{place}: {field}: {what}. Its columns are: {known}") from None
