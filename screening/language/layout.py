"""Lays text out over lines: a group that fits stays on one line, else all its breaks become line ends.

After P. Wadler, "A prettier printer" (2003), with whole groups deciding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

INDENT = 2


@dataclass(frozen=True, slots=True)
class Break:
    """A line end, or *flat* where the group fits on its line."""

    flat: str = " "


@dataclass(frozen=True, slots=True)
class Indent:
    """Lines that start inside stand further right."""

    parts: tuple[Doc, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """What stays on one line if it fits."""

    parts: tuple[Doc, ...]


Doc = str | Break | Indent | Group


def group(*parts: Doc) -> Group:
    """A group of *parts*."""
    return Group(parts)


def indent(*parts: Doc) -> Indent:
    """Indented *parts*."""
    return Indent(parts)


def flat(doc: Doc) -> str:
    """On one line.

    >>> flat(group("a", Break(), "or b"))
    'a or b'
    """
    match doc:
        case str():
            return doc
        case Break(text):
            return text
        case Indent(parts) | Group(parts):
            return "".join(map(flat, parts))


def render(doc: Doc, width: int) -> str:
    """Over lines of at most *width* characters, as far as breaks allow.

    >>> print(render(group("at least 2 of (", indent(Break(""), "first,", Break(), "second"), Break(""), ")"), 20))
    at least 2 of (
      first,
      second
    )
    """
    return "".join(_Writer(width).write(doc, 0, whole=False))


class _Writer:
    """Remembers the column that the next character goes to."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._column = 0

    def write(self, doc: Doc, depth: int, *, whole: bool) -> Iterator[str]:
        match doc:
            case str():
                yield self._text(doc)
            case Break(text):
                yield self._text(text) if whole else self._newline(depth)
            case Indent(parts):
                for part in parts:
                    yield from self.write(part, depth + INDENT, whole=whole)
            case Group(parts):
                fits = whole or self._column + len(flat(doc)) <= self._width
                for part in parts:
                    yield from self.write(part, depth, whole=fits)

    def _text(self, text: str) -> str:
        self._column += len(text)
        return text

    def _newline(self, depth: int) -> str:
        self._column = depth
        return "\n" + " " * depth
