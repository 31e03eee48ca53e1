"""Patterns of whole sentences, searched only where a word stands that they cannot do without.

A pattern with several "word … word" alternatives takes 14 µs for a criterion of 65 characters, a look for its words
less than one; nearly all criteria hold none of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any


class Guarded:
    r"""A pattern with the words of which every text it fits holds one.

    >>> Guarded(r"\bshould (?:a|any) (?:woman|man)\b", ["should a"]).search("should any woman become pregnant")
    True
    """

    __slots__ = ("needs", "pattern")

    def __init__(self, pattern: str, needs: Sequence[str], flags: re.RegexFlag = re.NOFLAG) -> None:
        self.pattern = re.compile(pattern, flags)
        self.needs = tuple(needs)

    def search(self, text: str) -> bool:
        """Whether the pattern fits somewhere."""
        for word in self.needs:
            if word in text:
                return self.pattern.search(text) is not None
        return not self.needs and self.pattern.search(text) is not None


def guarded(section: Mapping[str, Any]) -> dict[str, Guarded]:
    """The patterns of a section of rules/ by name; the words of the pattern "x" are the list "x_needs" beside it."""
    return {
        name: Guarded(pattern, section.get(f"{name}_needs", ()))
        for name, pattern in section.items()
        if isinstance(pattern, str)
    }
