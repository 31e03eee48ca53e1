"""Any source of patients → a store."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from screening.patient import EventKind, Finding, Patient, read_in_blocks
from screening.store.errors import StoreError, TargetError
from screening.store.reading import is_store
from screening.store.rows import Numbering, finding_row, rows
from screening.store.shape import LISTS, META, UNSURE
from screening.store.sources import Source, tabular
from screening.store.staging import convert_tables
from screening.store.writing import Writer, finished, write_meta


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion wrote: rows per table, and what was left out or not understood."""

    path: Path
    counts: dict[str, int]
    findings: tuple[Finding, ...]
    unsure: frozenset[EventKind] = frozenset()
    """Lists of which rows are lost, nobody knows whose: silence in them says nothing."""

    @property
    def lost(self) -> bool:
        """Whether rows were left out (exit status 1)."""
        return any(finding.lost for finding in self.findings)


def convert(
    source: str | Path, target: str | Path, mapping: str | Path | None = None, *, program: str = ""
) -> Converted:
    """Writes the store *target* from *source*: FHIR or native JSON, tables with a *mapping*, OMOP CDM, or SDTM.

    *mapping* is a TOML file, or the name of one that comes with the program. *program* is written into meta.json.
    Raises StoreError or PatientInputError for what cannot be used at all; the target is then as it was.
    """
    _refuse_stores(Path(source), Path(target))
    held = tabular(source, mapping)
    if held is None and Path(target).resolve().is_relative_to(Path(source).resolve()):
        raise TargetError(str(target), "lies inside the folder it is made from", "Give a name outside of it.")
    with finished(Path(target)) as folder:
        made = _staged(held, folder) if held else convert_records(source, folder)
        meta = {"program": program, "source": _described(source, held), "counts": made.counts}
        lost = [finding for finding in made.findings if finding.lost]
        unsure = [name for name, kind in LISTS.items() if kind in made.unsure]
        write_meta(folder, {**meta, "findings": len(made.findings), "lost": len(lost), UNSURE: unsure})
    return replace(made, path=Path(target))


def _refuse_stores(source: Path, target: Path) -> None:
    """A conversion of a store would keep only what tables of its names say: no codes beside the first, no answers."""
    if (source / META).is_file() and is_store(source):
        raise StoreError(str(source), "is a store already", "Give it to screen, batch or store check as it stands.")
    if source.exists() and source.resolve() == target.resolve():
        raise TargetError(str(target), "would be written over what it is made from", "Give another name.")


def _staged(source: Source, folder: Path) -> Converted:
    made = convert_tables(source, folder)
    return Converted(folder, made.counts, made.findings, made.unsure)


def _described(source: str | Path, held: Source | None) -> str:
    return f"{Path(source).name} ({held.mapping.name if held else 'records'})"


def convert_records(source: str | Path, folder: Path) -> Converted:
    """Patients read one by one, from FHIR or native JSON; large inputs some patients at a time."""
    found: list[Finding] = []
    unsure: set[EventKind] = set()
    numbering, taken = Numbering(), Counter[str]()
    scratch = folder / "scratch"
    scratch.mkdir()
    with Writer(folder) as writer:
        for records in read_in_blocks(source, scratch):
            found += records.findings
            unsure |= records.unsure
            for patient in _distinct(records.patients, taken, found):
                found.extend(patient.findings)
                for table, row in rows(patient, numbering):
                    writer.add(table, row)
            for finding in records.findings:
                writer.add("findings", finding_row(finding))
    shutil.rmtree(scratch)
    return Converted(folder, writer.counts, tuple(found), frozenset(unsure))


def _distinct(patients: Iterable[Patient], taken: Counter[str], found: list[Finding]) -> Iterator[Patient]:
    """The patients, later ones of an id already *taken* under a new id, since a store knows them by it alone."""
    for patient in patients:
        taken[patient.id] += 1
        if taken[patient.id] == 1:
            yield patient
            continue
        finding = Finding(
            f"shares its id with another patient; number {taken[patient.id]} is told apart by it", "input"
        )
        found.append(finding)
        yield replace(patient, id=f"{patient.id} ({taken[patient.id]})", findings=(*patient.findings, finding))
