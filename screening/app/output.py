"""Where results go: standard output or a file, with a progress bar only where somebody watches."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import Progress, track

from screening.app.problems import UnusableError, reading
from screening.patient import Finding

T = TypeVar("T")

NARROW, WIDE, PIPED = 80, 120, 100
"""Columns of the text report: as wide as the terminal within these limits; fixed in a pipe."""

LONG = 20
"""From so many items on a progress bar is worth its flicker."""


def write(text: str, path: str | None) -> None:
    """Writes to the file *path*, or to standard output if there is none or it is "-"."""
    if path in (None, "-"):
        _to_standard_output(text)
        return
    with reading(str(path)):
        Path(str(path)).write_text(text, encoding="utf8")


def write_bytes(content: bytes, path: str) -> None:
    """Writes a file that is no text."""
    with reading(path):
        Path(path).write_bytes(content)


def _to_standard_output(text: str) -> None:
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:  # the reader has gone: no fault, see cli.run
        raise
    except OSError as error:
        raise UnusableError(f"standard output: {error.strerror}. Write elsewhere, for example with -o FILE.") from error


def width() -> int:
    """How wide text may be."""
    if not sys.stdout.isatty():
        return PIPED
    return min(max(shutil.get_terminal_size().columns, NARROW), WIDE)


def progress(items: Sequence[T], label: str) -> Iterator[T]:
    """The items, counted in a bar on standard error if that is a terminal and there are many."""
    console = Console(stderr=True)
    if not console.is_terminal or len(items) < LONG:
        return iter(items)
    return iter(track(items, label, console=console, transient=True))


@contextmanager
def bar(label: str) -> Iterator[Callable[[float], None] | None]:
    """A bar on standard error that is told the share that is done; None if that is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Progress(console=console, transient=True) as shown:
        task = shown.add_task(label, total=1.0)
        yield lambda share: shown.update(task, completed=share)


def left_out(findings: Iterable[Finding]) -> bool:
    """Names every row that was left out, each once, and how many there are in all; whether any was."""
    lost = list(dict.fromkeys(finding for finding in findings if finding.lost))
    for finding in lost:
        warn(f"left out: {finding.message} ({finding.source})")
    if lost:
        count = sum(finding.rows for finding in lost)
        warn(f"{rows(count)} left out in all")
    return bool(lost)


def rows(count: int) -> str:
    """How many rows, in words.

    >>> rows(1), rows(2500)
    ('1 row', '2,500 rows')
    """
    return f"{count:,} {'row' if count == 1 else 'rows'}"


def warn_all(messages: Iterable[str]) -> None:
    """One line each on standard error."""
    for message in messages:
        warn(message)


def warn(message: str) -> None:
    """One line on standard error."""
    click.echo(f"screening: {message}", err=True)
