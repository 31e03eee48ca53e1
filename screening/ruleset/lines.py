"""Single lines of a rule file, and what is said when one is wrong."""

from __future__ import annotations

import json
from typing import NamedTuple

from screening.language import quoted

DASH = " — "


class RuleFileError(ValueError):
    """A rule file that cannot be used, in one line: file, line, what, remedy."""


class Line(NamedTuple):
    """One line of a rule file; *number* counts from 1."""

    number: int
    text: str


class Source(NamedTuple):
    """The name of the file, for errors."""

    name: str

    def error(self, number: int, what: str, remedy: str) -> RuleFileError:
        """The error at a line.

        >>> print(Source("x.md").error(3, "no rule", "write one"))
        x.md:3: no rule; write one
        """
        return RuleFileError(f"{self.name}:{number}: {what}; {remedy}")


def inline(text: str) -> str:
    """A text inside a line: as it is where that reads back, else quoted.

    >>> inline("Arm A"), inline(" Arm A")
    ('Arm A', '" Arm A"')
    """
    plain = bool(text) and text == " ".join(text.split()) and text[0] != '"' and DASH not in text
    return text if plain else quoted(text)


def from_inline(text: str) -> str:
    """The text that `inline` wrote; quotes that do not close are taken as they stand.

    >>> from_inline('" Arm A"')
    ' Arm A'
    """
    return from_inline_pair(text)[0]


def from_inline_pair(text: str) -> tuple[str, str]:
    """The text that stands before a dash, and the one behind it ("" if there is none).

    >>> from_inline_pair("missing-unit: anc — confirm")
    ('missing-unit: anc', 'confirm')
    """
    stripped = text.strip()
    if stripped.startswith('"'):
        try:
            first, end = json.JSONDecoder().raw_decode(stripped)
        except json.JSONDecodeError:
            return stripped, ""
        return str(first), from_inline(rest) if (rest := stripped[end:].strip().removeprefix("—")) else ""
    first, _, second = stripped.partition(DASH)
    return first, from_inline(second) if second else ""
