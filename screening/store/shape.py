"""The long-format shape every source of patients is brought to: a folder of Parquet tables, one row a fact.

A folder of Parquet tables with these names and columns is a store as it stands; a column that is missing is null.
Dates are calendar dates as written; a partial one is the interval from its first possible day to the `_last` column
(null: the day is known). Of results on one day the larger `seq` is later; null where the source knows no order.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from screening.patient import EventKind

CODING = "STRUCT(system VARCHAR, code VARCHAR)"
RANGE = (
    "STRUCT(low VARCHAR, high VARCHAR, unit VARCHAR, raw_unit VARCHAR, sex VARCHAR,"
    " age_low VARCHAR, age_high VARCHAR, type VARCHAR)"
)

PATIENTS = {
    "patient_id": "VARCHAR",
    "birth_date": "DATE",
    "birth_last": "DATE",
    "sex": "VARCHAR",  # male, female, other
    "deceased": "BOOLEAN",
}

OBSERVATIONS = {
    "patient_id": "VARCHAR",
    "variable": "VARCHAR",  # id of rules/variables; null where code and name are unknown
    "loinc": "VARCHAR",
    "name": "VARCHAR",  # as recorded
    "value": "DOUBLE",  # of a spoken level of a scale its number, without value_text
    "value_text": "VARCHAR",  # the number with its digits as written
    "comparator": "VARCHAR",  # <, <=, >, >=
    "unit": "VARCHAR",  # UCUM; null where none is recorded or it is not recognised
    "raw_unit": "VARCHAR",  # as recorded
    "text": "VARCHAR",  # a result in words, as recorded
    "result": "VARCHAR",  # positive, negative, indeterminate
    "date": "DATE",
    "date_last": "DATE",
    "time": "VARCHAR",  # HH:MM:SS
    "ref_low": "DOUBLE",  # the limits that serve this patient; a limit ≤ 0 is none
    "ref_high": "DOUBLE",
    "ref_unit": "VARCHAR",  # UCUM; null: the unit of the row
    "ref_type": "VARCHAR",
    "ref_sex": "VARCHAR",
    "ref_low_text": "VARCHAR",  # digits as written
    "ref_high_text": "VARCHAR",
    "ranges": f"{RANGE}[]",  # every range of the result, where the columns above do not say it all
    "method": "VARCHAR",
    "qualifiers": "VARCHAR[]",
    "preliminary": "BOOLEAN",
    "absent": "VARCHAR",  # why there is no value
    "codes": f"{CODING}[]",  # where there is more than the LOINC code
    "seq": "BIGINT",
    "source": "VARCHAR",  # row of the input
}

EVENTS = {
    "patient_id": "VARCHAR",
    "system": "VARCHAR",
    "code": "VARCHAR",
    "text": "VARCHAR",
    "start": "DATE",
    "start_last": "DATE",
    "end": "DATE",
    "end_last": "DATE",
    "start_time": "VARCHAR",
    "end_time": "VARCHAR",
    "certainty": "VARCHAR",  # confirmed, possible, refuted
    "activity": "VARCHAR",  # current, past, unknown
    "qualifiers": "VARCHAR[]",
    "event": "BIGINT",  # rows of one event with several codings share it
    "source": "VARCHAR",
}

COMPLETE = {"patient_id": "VARCHAR", "list": "VARCHAR"}

ATTESTATIONS = {
    "patient_id": "VARCHAR",
    "criterion": "VARCHAR",
    "answer": "BOOLEAN",
    "who": "VARCHAR",
    "on": "DATE",
    "why": "VARCHAR",
    "trial": "VARCHAR",
}

FINDINGS = {
    "patient_id": "VARCHAR",
    "source": "VARCHAR",
    "message": "VARCHAR",
    "lost": "BOOLEAN",
    "rows": "BIGINT",  # of the source that it stands for; null: one
}

LISTS: Mapping[str, EventKind] = MappingProxyType(
    {
        "conditions": EventKind.CONDITION,
        "medications": EventKind.MEDICATION,
        "procedures": EventKind.PROCEDURE,
        "allergies": EventKind.ALLERGY,
    }
)
"""Tables of events → the list of the patient's they hold."""

TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "patients": PATIENTS,
        "observations": OBSERVATIONS,
        **dict.fromkeys(LISTS, EVENTS),
        "complete": COMPLETE,
        "attestations": ATTESTATIONS,
        "findings": FINDINGS,
    }
)
"""Table → column → DuckDB type."""

META = "meta.json"
"""Program version, source and counts, beside the tables."""

UNSURE = "unsure"
"""In META: the lists of which the source had rows that were lost, so that silence in them says nothing."""
