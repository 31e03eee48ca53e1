"""Unusable input: one line that names the file, the place and the remedy, and never holds a patient's value."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC

import click

from screening.patient import PatientInputError
from screening.ruleset import RuleFileError
from screening.sections import DocumentError
from screening.store.errors import TargetError


class UnusableError(click.ClickException):
    """Input the program cannot work with; the command line exits with status 2."""

    exit_code = 2


_FULL = f"[errno {ENOSPC}]"
"""How pyarrow says it, which sets no number."""

UNUSABLE = (DocumentError, RuleFileError, PatientInputError)
"""What the readers raise; each message names file, place and remedy. Any other error is a fault of the program."""


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turns what goes wrong while the file *name* is read into one clear line."""
    try:
        yield
    except TargetError as error:
        raise UnusableError(str(error)) from error
    except UNUSABLE as error:
        raise UnusableError(_named(name, str(error))) from error
    except OSError as error:
        raise UnusableError(f"{error.filename or name}: {_cause(error)}") from error
    except UnicodeDecodeError as error:
        raise UnusableError(f"{name}: byte {error.start} is not UTF-8 text. Save the file as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise UnusableError(f"{name}:{error.lineno}: not JSON ({error.msg}). Correct it there.") from error
    except csv.Error as error:
        raise UnusableError(f"{name}: not CSV ({error}). Save it as UTF-8 with commas between columns.") from error


def _cause(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "no such file or folder. Check the path."
        case IsADirectoryError():
            return "is a folder. Give a file."
        case PermissionError():
            return "may not be read or written. Check its permissions."
        case OSError() if error.errno == ENOSPC or _FULL in str(error):
            return "no space left on the disk. Make room there, or write elsewhere."
        case _:
            return f"{error.strerror or 'cannot be read'}. Check the path."


@contextmanager
def writing(name: str) -> Iterator[None]:
    """Names the file *name* where it cannot be written for want of room."""
    try:
        yield
    except OSError as error:
        if error.errno != ENOSPC and _FULL not in str(error):
            raise
        raise UnusableError(f"{name}: {_cause(error)}") from error


def _named(name: str, message: str) -> str:
    return message if name in message else f"{name}: {message}"
