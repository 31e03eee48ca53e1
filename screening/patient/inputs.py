"""Files of patient records → parsed JSON values with their places: JSON, JSON lines, gzip, folders, standard input."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import NoReturn

from screening.patient.errors import PatientInputError
from screening.patient.facts import Finding

STANDARD_INPUT = "-"
LINES = (".ndjson", ".jsonl")
"""Endings of files that hold a JSON value a line."""

_SUFFIXES = (".json", *LINES)

_CHUNK = 1 << 20
"""Bytes that are unpacked at a time."""


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON value of a file. *place* is where in the file ("line 3"), "" for the whole of it."""

    value: object
    place: str = ""


@dataclass(frozen=True)
class Document:
    """One file: what it holds, and which lines could not be read. *folder* groups what belongs together."""

    name: str
    folder: str
    records: tuple[Record, ...]
    findings: tuple[Finding, ...] = ()

    @cached_property
    def short(self) -> str:
        """The name of the file without its folder."""
        return Path(self.name).name


def documents(paths: Iterable[str | Path]) -> Iterator[Document]:
    """Every file of every path, folders opened and sorted by name."""
    for path in paths:
        if str(path) == STANDARD_INPUT:
            yield _document("standard input", "", sys.stdin.buffer.read())
            continue
        for file in files(Path(path)):
            yield _document(str(file), str(file.parent), _content(file))


def files(path: Path) -> list[Path]:
    """The file, or the files of records in a folder, sorted by name. Raises PatientInputError where there are none."""
    if not path.exists():
        raise PatientInputError(str(path), "no such file or folder", "Check the path.")
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if _is_records(file))
    if not found:
        kinds = ", ".join(_SUFFIXES)
        raise PatientInputError(
            str(path), "the folder holds no patient records", f"Put {kinds} files there, or .gz of them."
        )
    return found


def _is_records(file: Path) -> bool:
    return file.is_file() and not file.name.startswith(".") and file.name.removesuffix(".gz").endswith(_SUFFIXES)


def bytes_of(file: Path) -> bytes:
    """What a file holds, unpacked. Raises PatientInputError for a gzip file of which anything is lost."""
    name = str(file)
    content, cut = _unpacked(name, _content(file))
    if cut:
        raise damaged_gzip(name)
    return content


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise PatientInputError(str(file), "cannot be read", "Check its permissions.") from error


def damaged_gzip(name: str) -> PatientInputError:
    """A gzip file of which nothing can be used."""
    return PatientInputError(name, "the gzip file is damaged", "Copy or export it again.")


def _unpacked(name: str, content: bytes) -> tuple[bytes, bool]:
    """What the bytes hold, and whether they are a gzip file that is cut off before its end: what stands before the cut
    is as it was written. A check that fails says that any of it may have changed: PatientInputError."""
    if not content.startswith(b"\x1f\x8b"):
        return content, False
    found: list[bytes] = []
    try:
        with gzip.open(BytesIO(content)) as held:
            found.extend(iter(lambda: held.read1(_CHUNK), b""))
    except EOFError:
        return b"".join(found), True
    except (OSError, zlib.error) as error:
        raise damaged_gzip(name) from error
    return b"".join(found), False


def _document(name: str, folder: str, content: bytes) -> Document:
    content, cut = _unpacked(name, content)
    content = content.removeprefix(b"\xef\xbb\xbf")
    _refuse_binary(name, content)
    if cut and not (content.strip() and _is_lines(name, content)):
        raise damaged_gzip(name)
    if not content.strip():
        raise PatientInputError(name, "the file is empty", "Give FHIR R4 or native patient JSON.")
    if _is_lines(name, content):
        return _lines(name, folder, content, cut=cut)
    return Document(name, folder, (Record(_whole(name, content)),))


def cut_off(name: str, number: int) -> Finding:
    """That a gzip file of lines ends in the middle of the line of that number."""
    return Finding("the gzip file is cut off: this line and all after it are lost", f"{name}: line {number}", lost=True)


def _refuse_binary(name: str, content: bytes) -> None:
    if b"\x00" in content:
        raise PatientInputError(name, "a binary file, not JSON", "Give FHIR R4 or native patient JSON, saved as UTF-8.")
    if content.lstrip()[:1] == b"<":
        raise PatientInputError(name, "XML or HTML, not JSON", "Export the records as FHIR R4 JSON.")


def _is_lines(name: str, content: bytes) -> bool:
    """By the name, or because the first of several lines is a JSON object by itself."""
    if name.removesuffix(".gz").endswith(LINES):
        return True
    first, _, rest = content.lstrip().partition(b"\n")
    if not rest.strip():
        return False
    try:
        return isinstance(parsed(first), dict)
    except ValueError:
        return False


def _whole(name: str, content: bytes) -> object:
    try:
        return parsed(content)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise PatientInputError(
            name, f"{place}: not valid JSON ({error.msg})", "Correct it there or export it again."
        ) from None
    except UnicodeDecodeError as error:
        raise PatientInputError(name, f"byte {error.start} is not UTF-8", "Save the file as UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise PatientInputError(name, f"not valid JSON ({_why(error)})", "Correct it or export it again.") from None


def _lines(name: str, folder: str, content: bytes, *, cut: bool) -> Document:
    """*cut*: the file went on, so that its last line is not whole."""
    records: list[Record] = []
    lines = content.split(b"\n")
    findings = [cut_off(name, len(lines))] if cut else []
    for number, line in enumerate(lines[:-1] if cut else lines, 1):
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            records.append(Record(parsed(line), place))
        except (ValueError, RecursionError):
            findings.append(Finding("damaged line left out: not valid JSON", f"{name}: {place}", lost=True))
    if not records:
        if cut:
            raise damaged_gzip(name)
        raise PatientInputError(
            name, f"none of its {len(findings)} lines is valid JSON", "Give one JSON object a line."
        )
    return Document(name, folder, tuple(records), tuple(findings))


def parsed(content: bytes) -> object:
    """Numbers keep their decimals as written; NaN and Infinity are no numbers."""
    return _DECODER.decode(content.decode("utf-8"))


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)


def _why(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)
