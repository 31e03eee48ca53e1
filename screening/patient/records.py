"""Patient records in any format → patients, each with its findings, and findings about the files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from screening.patient.errors import PatientInputError
from screening.patient.facts import EventKind, Finding, Patient
from screening.patient.fhir import Scope
from screening.patient.findings import merged
from screening.patient.inputs import Document, documents
from screening.patient.native import NativeError, looks_native
from screening.patient.native_facts import from_native
from screening.patient.references import Json, Located
from screening.resources import without_cycle_search

_KINDS = (
    'Give FHIR R4 JSON ("resourceType": "Bundle", …) or native patient JSON ("id", "birth_date", "observations", …).'
)


_OF_ONE_LIST = {
    "Patient": frozenset[EventKind](),
    "Observation": frozenset[EventKind](),
    "Condition": frozenset({EventKind.CONDITION}),
    "AllergyIntolerance": frozenset({EventKind.ALLERGY}),
    "Procedure": frozenset({EventKind.PROCEDURE}),
}
"""Resources of which each holds something of this list alone."""


@dataclass(frozen=True, slots=True)
class Records:
    """The patients that were read, in the order of the input, and *findings* about files rather than one patient.

    *unsure*: lists of which rows are lost, nobody knows whose, so that what is not in them is not absent.
    """

    patients: tuple[Patient, ...]
    findings: tuple[Finding, ...] = ()
    unsure: frozenset[EventKind] = frozenset()

    def __iter__(self) -> Iterator[Patient]:
        """The patients, as a screening takes them."""
        return iter(self.patients)

    def __len__(self) -> int:
        """How many patients."""
        return len(self.patients)

    @property
    def lost(self) -> bool:
        """Whether rows or resources were left out (exit status 1)."""
        found = (*self.findings, *(finding for patient in self.patients for finding in patient.findings))
        return any(finding.lost for finding in found)


def read_patients(paths: str | Path | Sequence[str | Path]) -> Records:
    """Patients from FHIR R4 JSON or NDJSON, native JSON or JSON lines (each also .gz), or folders of them.

    "-" is standard input. Loose FHIR resources of one folder belong together, as bulk exports are laid out. Raises
    PatientInputError for what cannot be used at all; what is merely left out is a finding.
    """
    given = [paths] if isinstance(paths, (str, Path)) else list(paths)
    return _collected(documents(given), part=False)


def records_of(part: Iterable[Document]) -> Records:
    """Patients of some documents that are parts of files: none of a part's lines needs to be a record."""
    return _collected(part, part=True)


def _collected(held: Iterable[Document], *, part: bool) -> Records:
    collection = _Collection(part)
    with without_cycle_search():
        for document in held:
            collection.add(document)
        return collection.records()


@dataclass(slots=True)
class _Collection:
    """What has been read so far: patients of native files, and scopes of FHIR resources, in order."""

    part: bool = False  # documents may be parts of files
    parts: list[Patient | Scope] = field(default_factory=list)
    folders: dict[str, Scope] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unsure: set[EventKind] = field(default_factory=set)

    def add(self, document: Document) -> None:
        """Takes in one file; a line or an element that is no record is a finding, a file without any an error."""
        self.findings.extend(document.findings)
        refused: list[_UnusableError] = []
        used: set[str] = set()
        for value, place in _values(document):
            try:
                self._record(value, document, place)
                used.add(kind_of(value))
            except _UnusableError as error:
                refused.append(error)
                self._leave_out(error, document, place)
        if not used and not self.part:
            raise _none(document, refused)
        if document.findings or refused:
            self.unsure |= lost_lists(used)

    def _leave_out(self, error: _UnusableError, document: Document, place: str) -> None:
        """What is a file by itself is refused; of several values one that cannot be used is named by its place."""
        if not place:
            raise PatientInputError(document.name, error.problem, error.remedy)
        kind = "element" if place.endswith("]") else "line"
        self.findings.append(Finding(f"{kind} left out: {error.problem}", f"{document.name}: {place}", lost=True))

    def _record(self, value: object, document: Document, place: str) -> None:
        if isinstance(value, dict) and isinstance(value.get("resourceType"), str):
            self._fhir(value, document, place)
        else:
            self._native(value, document, place)

    def _native(self, value: object, document: Document, place: str) -> None:
        if not looks_native(value):
            raise _UnusableError("neither FHIR nor native patient JSON", _KINDS)
        source = f"{document.short}: {place}".strip().rstrip(":")
        try:
            self.parts.append(from_native(value, f"{source} " if place else f"{source}: "))
        except NativeError as error:
            raise _UnusableError(
                str(error),
                "Correct it there; the format is laid down in native.schema.json of the package screening.patient.",
            ) from None

    def _fhir(self, resource: Json, document: Document, place: str) -> None:
        loose = self._folder(document.folder)
        name = document.short
        if resource["resourceType"] != "Bundle":
            loose.resources.append(Located(resource, f"{name}: {place}".rstrip(": ")))
            return
        held = _entries(resource, name, place)
        if not any(located.type == "Patient" for located in held):
            loose.resources.extend(held)
            return
        newest_first = resource.get("type") == "history"
        self.parts.append(Scope(document.name, loose, newest_first=newest_first, resources=held))

    def _folder(self, folder: str) -> Scope:
        """The scope of a folder's loose resources; its patients stand where its first file stood."""
        if folder not in self.folders:
            self.folders[folder] = Scope(folder or "standard input")
            self.parts.append(self.folders[folder])
        return self.folders[folder]

    def records(self) -> Records:
        """Puts everything together: first who can be referred to, then each fact to its patient."""
        scopes = [part for part in self.parts if isinstance(part, Scope)]
        found = [finding for scope in scopes for finding in scope.index()]
        found += [finding for scope in scopes for finding in scope.distribute()]
        patients = tuple(
            patient for part in self.parts for patient in (part.patients() if isinstance(part, Scope) else (part,))
        )
        twice = _twice(patients)
        return Records(patients, merged([*self.findings, *found, *twice]), frozenset(self.unsure))


class _UnusableError(Exception):
    """One record that is none: what is wrong, and the remedy."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


def _values(document: Document) -> Iterator[tuple[object, str]]:
    """Every value of a file that is to be a record, with its place: the elements of arrays apart."""
    for record in document.records:
        yield from _elements(record.value, record.place)


def kind_of(value: object) -> str:
    """What a record is: the type of a FHIR resource; Bundle also for native records, each a patient by itself."""
    return str(value.get("resourceType") or "Bundle") if isinstance(value, dict) else "Bundle"


def lost_lists(types: Collection[str]) -> frozenset[EventKind]:
    """The lists of which the lines that a file lost may have held something, of whichever patient; *types*: of the
    records it kept. A bulk export has one type of resources a file; a line of native records, or a Bundle, is a
    patient by itself; where none was kept nobody knows."""
    if not types:
        return frozenset(EventKind)
    loose = {*types} - {"Bundle"}
    if len(loose) == 1 and loose <= _OF_ONE_LIST.keys():
        return _OF_ONE_LIST[loose.pop()]
    return frozenset(EventKind) if loose else frozenset()


def _elements(value: object, place: str) -> Iterator[tuple[object, str]]:
    """The value, or what is in an array, however deep; in the order of the file."""
    waiting = [(value, place)]
    while waiting:
        value, place = waiting.pop()
        if isinstance(value, dict) and "resourceType" not in value and isinstance(value.get("patients"), list):
            value, place = value["patients"], f"{place} patients".strip()
        if isinstance(value, list):
            waiting += [(item, f"{place}[{number}]") for number, item in reversed(list(enumerate(value)))]
        else:
            yield value, place


def _none(document: Document, refused: Sequence[_UnusableError]) -> PatientInputError:
    """Why a file has no record at all."""
    lines = bool(document.records and document.records[0].place)
    kind = "lines" if lines else "elements"
    if not refused and not lines:
        return PatientInputError(document.name, "an empty array: no patient", _KINDS)
    first = f"; the first: {refused[0].problem}" if refused else ""
    return PatientInputError(document.name, f"none of its {kind} is a patient record{first}", _KINDS)


def _entries(bundle: Json, name: str, place: str) -> list[Located]:
    """The resources of a Bundle, those of Bundles inside it as well."""
    found: list[Located] = []
    entries = bundle.get("entry") or ()
    if not isinstance(entries, (list, tuple)):
        raise _UnusableError("Bundle.entry is not a list", "Export the Bundle again as FHIR R4 JSON.")
    for number, entry in enumerate(entries):
        resource = _resource(entry)
        if resource is None:
            continue
        source = f"{name}: {place} entry[{number}]".replace(":  ", ": ")
        if resource.get("resourceType") == "Bundle":
            found.extend(_entries(resource, name, f"{place} entry[{number}]".strip()))
        else:
            found.append(Located(resource, source, str(entry.get("fullUrl") or "") if isinstance(entry, dict) else ""))
    return found


def _resource(entry: object) -> Json | None:
    """The resource of a Bundle entry; None for an entry without one (a deletion, a response), {} for a broken one."""
    if not isinstance(entry, dict):
        return {}
    if "resource" not in entry:
        return None
    return entry["resource"] if isinstance(entry["resource"], dict) else {}


def _twice(patients: tuple[Patient, ...]) -> Iterator[Finding]:
    count = len(patients) - len({patient.id for patient in patients})
    if count:
        yield Finding(f"patients share an id with another ({count}); each is screened by its own records", "input")
