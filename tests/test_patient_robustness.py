"""Records that are not what they should be: no traceback, and nothing lost without a word."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from screening.patient import PatientInputError, Records, read_patients

Json = Any

TWO_PEOPLE = json.loads((Path(__file__).parent / "patients" / "two_people.json").read_text())
NATIVE = json.loads((Path(__file__).parent / "patients" / "native.json").read_text())

junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just("x"),
    st.just([]),
    st.just([1]),
    st.just({}),
    st.just({"a": [None]}),
)


def read(value: object) -> Records | None:
    """The records of a file that holds this JSON value; None where it is refused, in one line."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "records.json"
        path.write_text(json.dumps(value))
        try:
            return read_patients(path)
        except PatientInputError as error:
            if "\n" in str(error):
                raise AssertionError("more than one line") from error
            return None


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path to every value inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, held in items for found in places(held, (*path, key)))]


def replaced(value: Json, path: tuple[str | int, ...], by: object) -> Json:
    """A copy of the JSON value with another value at one place."""
    if not path:
        return by
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], by)
    return copy


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(places(TWO_PEOPLE)), junk)
def test_a_bundle_damaged_anywhere_is_read_or_refused_in_one_line(path: tuple[str | int, ...], by: object) -> None:
    records = read(replaced(TWO_PEOPLE, path, by))
    if records is None:
        return
    whole = read(TWO_PEOPLE)
    if sum(len(p.observations) for p in records) < sum(len(p.observations) for p in whole):
        said = len(records.findings) + sum(len(patient.findings) for patient in records)
        assert said > len(whole.findings) or records.findings != whole.findings


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(places(NATIVE)), junk)
def test_a_native_file_damaged_anywhere_is_read_or_refused_in_one_line(path: tuple[str | int, ...], by: object) -> None:
    read(replaced(NATIVE, path, by))


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        junk,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["resourceType", "entry", "resource", "patients", "id", "observations", "Patient", "Bundle"]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_any_json_is_read_or_refused_in_one_line(value: object) -> None:
    read(value)
