"""One token of clean text: the terminal it is for the grammars, what it stands for, and its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

EITHER = "|"
"""Between the methods of one token: "by echocardiogram or MUGA" names two."""

UNREAD = "UNREAD"
"""The sense of a number or sign that was made a word since it sets no limit: it is still told."""

ORDERING = frozenset({"LT", "LE", "GT", "GE"})
COMPARING = ORDERING | {"EQ"}
"""Signs of a comparison, and those of them that say which side of a limit is meant."""


DENIAL = (("negation", "no"),)
"""The value of a modifier that says no more than "no"."""


@dataclass(slots=True)
class Token:
    """A terminal of the grammar with its value; *start* and *end* count characters of the clean text.

    *senses* holds the other terminals the same words may be ("baseline": a visit, a value, a filler), by preference.
    """

    type: str
    value: Any
    start: int
    end: int
    text: str
    senses: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def denies(self) -> bool:
        """Whether it is a modifier that denies what it belongs to ("no", "without", "not ... nor")."""
        return self.type == "MOD" and any(role == "negation" for role, _ in self.value)

    def leave(self) -> None:
        """Becomes a plain word that sets no limit; of a number or sign that is told."""
        formal = self.type == "NUM" or self.type in COMPARING
        self.type, self.senses = "WORD", {UNREAD: True} if formal else {}

    def become(self, sense: str) -> None:
        """Takes one of its other senses (or a plain word where it has not that sense)."""
        self.value = self.senses.get(sense, self.text)
        self.type = sense
