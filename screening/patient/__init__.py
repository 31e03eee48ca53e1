"""Patient records in any format → facts."""

from screening.patient.blocks import read_in_blocks
from screening.patient.errors import PatientInputError
from screening.patient.facts import (
    Activity,
    Attestation,
    Certainty,
    DateSpan,
    Event,
    EventKind,
    Finding,
    Observation,
    Patient,
    ReferenceRange,
)
from screening.patient.native import native_schema
from screening.patient.native_facts import from_native, to_native
from screening.patient.records import Records, read_patients

__all__ = [
    "Activity",
    "Attestation",
    "Certainty",
    "DateSpan",
    "Event",
    "EventKind",
    "Finding",
    "Observation",
    "Patient",
    "PatientInputError",
    "Records",
    "ReferenceRange",
    "from_native",
    "native_schema",
    "read_in_blocks",
    "read_patients",
    "to_native",
]
