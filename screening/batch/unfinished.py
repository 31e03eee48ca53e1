"""What a run writes before it is done: beside the result, under names that say so, and gone when the run ends.

A run that is killed outright (SIGKILL, a power cut) cannot tidy up; the next one does, before it writes anything.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screening.store.errors import TargetError
from screening.store.scratch import make, running

_UNFINISHED = ".unfinished-"


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """A folder of this process beside *target* for parts of it; it does not outlive the run, whatever happens.

    Raises TargetError where there is no folder for it to stand in, or none that may be written in.
    """
    if not target.parent.is_dir():
        raise TargetError(str(target), "its folder does not exist", "Make it first.")
    _remove_leftovers(target)
    folder = target.parent / f".{target.name}{_UNFINISHED}{os.getpid()}"
    try:  # a signal may come as soon as the folder is there
        make(folder, target, 0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers(target: Path) -> None:
    """Folders of processes that no longer run."""
    for left in target.parent.glob(f".{target.name}{_UNFINISHED}*"):
        if not running(left.name.rpartition("-")[2]):
            shutil.rmtree(left, ignore_errors=True)
