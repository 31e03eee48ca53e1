"""Answers in every format users have: to a screen or a file, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from screening.batch.unfinished import unfinished
from screening.lists.problems import ListError
from screening.lists.tables import Answer
from screening.report import lists_files, lists_page, lists_text
from screening.report.plain import WIDTH

ENDINGS = {".txt": "text", ".json": "json", ".csv": "csv", ".html": "html", ".xlsx": "xlsx", ".parquet": "parquet"}
"""The format a file's name asks for."""


def stream(answer: Answer, format: str, width: int = WIDTH) -> Iterator[str]:
    """An answer in one of STREAMS, piece by piece; CSV has room for its first table only."""
    match format:
        case "json":
            return lists_files.json_pieces(answer)
        case "csv":
            return lists_files.csv_lines(answer.about, answer.tables[0])
        case "html":
            return lists_page.pieces([answer])
        case _:
            return (f"{line}\n" for line in lists_text.text(answer, width))


def save(answer: Answer, format: str, path: str | Path, width: int = WIDTH) -> tuple[Path, ...]:
    """Writes an answer to a file; further tables of CSV and Parquet to files beside it, named after them.

    The files written. Each appears whole or not at all.
    """
    first = Path(path)
    if format == "xlsx":
        return (_whole(first, lambda part: lists_files.xlsx(answer, part)),)
    if format not in ("csv", "parquet"):
        return (_whole(first, lambda part: _written(part, stream(answer, format, width))),)
    made = []
    for number, table in enumerate(answer.tables):
        place = first.with_stem(f"{first.stem}-{table.name}") if number else first
        if format == "parquet":
            made.append(_whole(place, lambda part, held=table: lists_files.parquet(answer.about, held, part)))  # type: ignore[misc]
        else:
            lines = lists_files.csv_lines(answer.about, table)
            made.append(_whole(place, lambda part, held=lines: _written(part, held)))  # type: ignore[misc]
    return tuple(made)


def save_page(answers: Sequence[Answer], path: str | Path) -> Path:
    """Several answers as one HTML page."""
    return _whole(Path(path), lambda part: _written(part, lists_page.pieces(answers)))


def unsaid(answer: Answer, format: str) -> tuple[str, ...]:
    """The notes of tables in a format that has no room for them, such as how many patients are not shown."""
    if format not in ("csv", "parquet"):
        return ()
    return tuple(note for table in answer.tables for note in table.notes)


def check_page(path: str) -> None:
    """Refuses a name that promises another format than that of the page."""
    if Path(path).suffix.casefold() not in (".html", ".htm"):
        raise ListError(f"{path}: the report is a page of HTML. Let the name end in .html.")


def check_target(path: str, inputs: Iterable[str | None]) -> None:
    """Refuses a name under which stands what is read, or a folder: nothing of the user's is written over by mistake."""
    target = Path(path).resolve()
    if target.is_dir():
        raise ListError(f"{path}: is a folder. Give a file.")
    for held in (Path(name) for name in inputs if name is not None):
        if target == held.resolve() or (held.is_dir() and target.is_relative_to(held.resolve())):
            raise ListError(f"{path}: would be written over {held}, which is read. Give another name.")


def asked_format(format: str | None, path: str | None) -> str:
    """The format that is named, else the one the file's ending asks for, else text."""
    if format is not None:
        return format
    ending = Path(path).suffix.casefold() if path else ""
    if ending and ending not in ENDINGS:
        raise ListError(
            f"{path}: nothing is written as {ending}. Let it end in {', '.join(ENDINGS)}, or name a --format."
        )
    return ENDINGS.get(ending, "text")


def _written(path: Path, pieces: Iterator[str]) -> None:
    with path.open("w", encoding="utf8", newline="") as file:
        file.writelines(pieces)


def _whole(path: Path, write: Callable[[Path], None]) -> Path:
    """In a folder of its own until it is complete."""
    with unfinished(path) as folder:
        write(folder / path.name)
        (folder / path.name).replace(path)
    return path
