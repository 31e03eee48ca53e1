"""More records than memory holds: dealt out into files of some patients each, which are read one after the other."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from screening.patient.errors import PatientInputError
from screening.patient.facts import EventKind, Finding
from screening.patient.inputs import LINES, Document, Record, bytes_of, cut_off, damaged_gzip, files, parsed
from screening.patient.records import Records, kind_of, lost_lists, read_patients, records_of

BLOCK = 32_000_000
"""Bytes of JSON that are read at once; what Python makes of them is several times as large."""

_GZIP = 8
"""How many times as large records are unpacked, about: it only sets the number of blocks."""

_MOST = 500
"""Blocks at most, since all of them are open at once."""


def read_in_blocks(path: str | Path, scratch: Path, size: int = BLOCK) -> Iterator[Records]:
    """The patients of a file or folder, some at a time, each whole: what refers to a patient stands beside it.

    Small inputs come at once, in their order; large ones by blocks, each in the order of the input. *scratch* is an
    empty folder, which the caller removes. Raises PatientInputError as `read_patients` does.
    """
    listed = [] if str(path) == "-" else files(Path(path))
    blocks = min(sum(map(_size, listed)) // size + 1, _MOST)
    if blocks < 3:  # noqa: PLR2004 -- dealing out pays from three blocks on
        yield read_patients(path)
        return
    try:
        findings, unsure = _deal(listed, scratch, blocks)
    except _InseparableError:
        yield read_patients(path)
        return
    yield Records((), tuple(findings), unsure)
    for number in range(blocks):
        yield _block(scratch / f"{number}.ndjson")


class _InseparableError(Exception):
    """A resource names its patient by something else than an id: only all records together tell whose it is."""


def _size(file: Path) -> int:
    return file.stat().st_size * (_GZIP if file.suffix == ".gz" else 1)


# ---- dealing out


@dataclass(frozen=True, slots=True)
class _Piece:
    """One JSON value of a file as it stands, and where."""

    name: str
    folder: str
    place: str
    raw: bytes

    def line(self) -> bytes:
        """It and its place as one line; JSON holds a line break only between its parts."""
        head = json.dumps([self.name, self.folder, self.place]).encode()
        return b"[" + head + b"," + self.raw.strip().replace(b"\r", b" ").replace(b"\n", b" ") + b"]\n"


def _deal(listed: Iterable[Path], scratch: Path, blocks: int) -> tuple[list[Finding], frozenset[EventKind]]:
    """Writes every value into the block of its patient; what belongs to no patient but may be referred to, into all.

    Gives what was left out, and the lists of which that may have held something.
    """
    lost: list[Finding] = []
    unsure: set[EventKind] = set()
    with ExitStack() as stack:
        targets = [stack.enter_context((scratch / f"{number}.ndjson").open("wb")) for number in range(blocks)]
        for file in listed:
            before, types = len(lost), set[str]()
            for piece in _pieces(file, lost):
                try:
                    value = parsed(piece.raw)
                    key = _key(value, f"{piece.name} {piece.place}")
                except (ValueError, RecursionError):
                    lost.append(_damaged(piece))
                    continue
                types.add(kind_of(value))
                for target in targets if key is None else [targets[zlib.crc32(key.encode()) % blocks]]:
                    target.write(piece.line())
            if len(lost) > before:
                unsure |= lost_lists(types)
    return lost, frozenset(unsure)


def _damaged(piece: _Piece) -> Finding:
    """A line is left out; a file that is one value is refused."""
    if not piece.place:
        raise PatientInputError(piece.name, "not valid JSON", "Correct it or export it again.") from None
    return Finding("damaged line left out: not valid JSON", f"{piece.name}: {piece.place}", lost=True)


def _pieces(file: Path, lost: list[Finding]) -> Iterator[_Piece]:
    """The lines of a file of lines, one at a time; any other file as a whole. *lost*: is told where one is cut off."""
    name, folder = str(file), str(file.parent)
    if not file.name.removesuffix(".gz").endswith(LINES):
        yield _Piece(name, folder, "", bytes_of(file).removeprefix(b"\xef\xbb\xbf"))
        return
    number = 0
    with _opened(file) as held:
        try:
            for number, line in enumerate(held, 1):
                if line.strip():
                    yield _Piece(name, folder, f"line {number}", line.removeprefix(b"\xef\xbb\xbf"))
        except EOFError:
            if not number:
                raise damaged_gzip(name) from None
            lost.append(cut_off(name, number + 1))
        except (OSError, zlib.error):
            raise damaged_gzip(name) from None


def _opened(file: Path) -> BinaryIO:
    try:
        return cast("BinaryIO", gzip.open(file)) if file.suffix == ".gz" else file.open("rb")
    except OSError as error:
        raise PatientInputError(str(file), "cannot be read", "Check its permissions.") from error


def _key(value: object, place: str) -> str | None:
    """What all that belongs to one patient shares; None where any patient's records may refer to it."""
    if not isinstance(value, dict):
        return place
    kind = value.get("resourceType")
    if kind is None:
        return str(value.get("id") or place)
    if kind == "Bundle":
        return place if _holds_patient(value) else None
    if kind == "Patient":
        return str(value.get("id") or place)
    if kind == "Medication":
        return None
    return _patient(value.get("subject") or value.get("patient"), place)


def _holds_patient(bundle: dict[str, Any]) -> bool:
    """Whether it brings its own patients, nested Bundles included."""
    for entry in bundle.get("entry") or ():
        held = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(held, dict) and (
            held.get("resourceType") == "Patient" or (held.get("resourceType") == "Bundle" and _holds_patient(held))
        ):
            return True
    return False


def _patient(reference: object, place: str) -> str:
    if not isinstance(reference, dict):
        return place
    target = str(reference.get("reference") or "").split("/_history/")[0]
    if not target or "?" in target:
        raise _InseparableError
    return target.removeprefix("urn:uuid:").rsplit("/", 1)[-1]


# ---- reading a block


def _block(path: Path) -> Records:
    documents: dict[str, tuple[str, list[Record]]] = {}
    with path.open("rb") as held:
        for line in held:
            (name, folder, place), value = cast("tuple[tuple[str, str, str], object]", parsed(line))
            documents.setdefault(name, (folder, []))[1].append(Record(value, place))
    path.unlink()
    return records_of(Document(name, folder, tuple(records)) for name, (folder, records) in documents.items())
