"""A folder for what a command holds on disk for a while: for nobody else to read, and gone when the command ends."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import lru_cache
from itertools import count
from pathlib import Path

from screening.store.errors import TargetError

_PREFIX = "screening-"
_NUMBERS = count(1)


@lru_cache(maxsize=1)
def scratch() -> Path:
    """The folder of this process. What a killed process left behind is removed by the next one."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        process = left.name.rpartition("-")[2]
        if process.isdigit() and not running(process):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, suffix=f"-{os.getpid()}"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def place(name: str) -> Path:
    """A name in it that is not taken; nothing is there yet."""
    return scratch() / f"{name}-{next(_NUMBERS)}"


def make(folder: Path, target: Path, mode: int = 0o777) -> None:
    """The *folder* in which *target* is made. Raises TargetError, which names where the user wants it to be."""
    try:
        folder.mkdir(mode)
    except OSError as error:
        what = f"nothing can be written there ({error.strerror})"
        raise TargetError(str(target), what, "Write elsewhere, or check the permissions of its folder.") from error


def running(process: str) -> bool:
    """Whether the process that made a folder still runs."""
    if not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
