"""Unusable input: one line that names the file, the place and the remedy, and never holds a patient's value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click


class UnusableError(click.ClickException):
    """Input the program cannot work with; the command line exits with status 2."""

    exit_code = 2


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turns what goes wrong while the file *name* is read into one clear line."""
    try:
        yield
    except OSError as error:
        raise UnusableError(f"{error.filename or name}: {_cause(error)}") from error
    except UnicodeDecodeError as error:
        raise UnusableError(
            f"{name}: not a text file (byte {error.start} is not UTF-8). Give the document as text or JSON."
        ) from error
    except ValueError as error:
        raise UnusableError(_named(name, str(error))) from error


def _cause(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "no such file or folder. Check the path."
        case IsADirectoryError():
            return "is a folder. Give a file."
        case PermissionError():
            return "may not be read or written. Check its permissions."
        case _:
            return f"{error.strerror or 'cannot be read'}. Check the path."


def _named(name: str, message: str) -> str:
    return message if name in message else f"{name}: {message}"
