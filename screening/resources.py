"""Finds grammars/ and rules/, so that the same code runs from a checkout and from an installed wheel."""

from __future__ import annotations

import gc
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent


@contextmanager
def without_cycle_search() -> Iterator[None]:
    """What is built under this holds no reference cycles: the search for them, which every few hundred new objects
    begin, would take a fifth (tables) to a half (parsed JSON) of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def folder(name: str) -> Path:
    """The folder *name* ("grammars" or "rules"): beside the package in a checkout, inside it in a wheel.

    >>> folder("rules").name
    'rules'
    """
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the folder {name}/ is missing from this installation of screening; install it again")


def grammar(name: str) -> str:
    """The text of grammars/*name*.lark."""
    return (folder("grammars") / f"{name}.lark").read_text(encoding="utf8")


@cache
def table(name: str) -> dict[str, Any]:
    """One TOML file of rules/, parsed once; *name* is its path below rules/ without the suffix. Not to be changed."""
    return _load(name)


def _load(name: str) -> dict[str, Any]:
    with (folder("rules") / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def tables(name: str) -> dict[str, dict[str, Any]]:
    """Every TOML file directly below rules/*name*/, by stem, in alphabetical order."""
    return {path.stem: _load(f"{name}/{path.stem}") for path in sorted((folder("rules") / name).glob("*.toml"))}
