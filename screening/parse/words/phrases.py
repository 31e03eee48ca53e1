"""Finds the phrases of the word trie in the pieces of a text, and which of their senses can be meant where they
stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from screening.parse.tokens import Token
from screening.parse.words.lexicon import HERE, Entry, trie
from screening.parse.words.named import NamedScale
from screening.parse.words.pieces import Pieces
from screening.resources import table

_NAMES = frozenset({"VAR", "SCALE", "CONCEPT"})
_POST = frozenset({"POSTGE", "POSTLE", "POSTGT", "POSTSTOP"})
_BY_NEIGHBOURS = _POST | {"ANCHOR", "MOD"}
_LEADING = {"CONCEPT": frozenset({"MOD"}), "VAR": frozenset({"GE", "LE", "QUAL"})}
_PREFIXES = frozenset(table("reading")["prefixes"]["words"])
_ORDER = (
    "UNLIKELY",
    "VAR",
    "SCALE",
    "ULN",
    "LLN",
    "GE",
    "LE",
    "GT",
    "LT",
    "EQ",
    "POSTGE",
    "POSTLE",
    "POSTGT",
    "OUTSIDE",
    "BETWEEN",
    "FROM",
    "TO",
    "WITHIN",
    "CHANGE",
    "CONCEPT",
    "METHOD",
    "QUAL",
    "ANCHOR",
    "EXCEPT",
    "THEN",
    "DEFINES",
    "ONEOF",
    "ALLOF",
    "OR",
    "AND",
    "NORMAL",
    "NUM",
    "TIMES",
    "MULT",
    "MOD",
    "BASELINE",
    "BEFORE",
    "AFTER",
    "AGO",
    "IF",
    "RESULT",
    "SEX",
    "ORGAN",
    "ADVISE",
    "JUDGE",
    "CAUSE",
    "EXAMPLE",
    "EITHER",
    "RESPECTIVELY",
    "NOT",
    "FILL",
    "GLUE",
)
_RANKS = {kind: rank for rank, kind in enumerate(_ORDER)}


class Phrase:
    """What one phrase may be: its likeliest kind and value, and all its senses by kind.

    The dictionary of senses is shared by every token of the phrase and never changed.
    """

    __slots__ = ("alike", "cased", "certain", "entries", "kind", "kinds", "led", "names", "plain", "senses", "value")

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self.senses: dict[str, Any] = {entry.type: entry.value for entry in reversed(self.entries)}
        self.kinds = frozenset(self.senses)
        kind = min(self.senses, key=lambda one: _RANKS.get(one, 99))
        for flag in ("weak", "loose"):
            if any(getattr(entry, flag) for entry in self.entries if entry.type == kind):
                self.senses[flag.upper()] = True
        if any(entry.narrow for entry in self.entries):
            self.senses["NARROW"] = True
        self.value: Any = str(self.senses["NUM"]) if kind == "NUM" else self.senses[kind]
        self.kind = "VAR" if kind == "UNLIKELY" else kind
        self.led = kind in _LEADING  # a modifier in front of it may be a token of its own
        self.names = bool(self.kinds & _NAMES)
        self.certain = not self.kinds & _BY_NEIGHBOURS  # but for its case and hyphens beside it
        self.alike = all(entry.exact is None for entry in self.entries)  # in upper and lower case
        self.plain = self.alike and self.certain  # it means the same wherever no hyphen stands beside it
        self.cased: dict[str, Phrase | None] = {}

    def __iter__(self) -> Iterator[Entry]:
        """Its senses, as entries of the trie."""
        return iter(self.entries)

    def written(self, words: str) -> Phrase | None:
        """The phrase with the senses it has in this case; None where it has none."""
        if words not in self.cased:
            self.cased[words] = self.only([entry for entry in self.entries if entry.exact in (None, words)])
        return self.cased[words]

    def only(self, entries: list[Entry]) -> Phrase | None:
        """The phrase with some of its senses."""
        if len(entries) == len(self.entries):
            return self
        return Phrase(entries) if entries else None


class Phrases:
    """The phrases of one text. *tokens* are those before the phrase at hand, *scale* the scale they named last."""

    def __init__(self, pieces: Pieces, tokens: Sequence[Token], scale: NamedScale) -> None:
        self.pieces, self.tokens, self.scale = pieces, tokens, scale
        self.root = trie()
        self.hyphens = "-" in pieces.keys

    def longest(self, at: int) -> tuple[int, Phrase] | None:
        """The longest phrase that begins at *at*, and where it ends."""
        found = self._written(at)
        while found:
            end, written = found.pop()
            if written.plain and not (self.hyphens and written.names):
                return end, written
            phrase = self._fitting(written, at, end)
            if phrase is not None:
                return end, phrase
        return None

    def matches(self, at: int) -> list[tuple[int, Phrase]]:
        """Every phrase that begins at *at*, with its end, the shortest first."""
        found = ((end, self._fitting(written, at, end)) for end, written in self._written(at))
        return [(end, phrase) for end, phrase in found if phrase is not None]

    def leading_modifier(self, at: int, end: int, phrase: Phrase) -> tuple[int, Entry, dict[str, Any]] | None:
        """ "severe X", "minimum X" where "X" names the same: the first word is a token of its own, so that it
        counts."""
        kind = phrase.kind
        if self._written(at)[0][0] >= end:
            return None  # no shorter phrase begins there: so it is for most names
        for cut, first in self.matches(at):
            found = next((entry for entry in first.entries if entry.type in _LEADING[kind]), None)
            if found is not None and cut < end and self.names(cut, end, kind, phrase.value):
                return cut, found, {entry.type: entry.value for entry in first.entries}
        return None

    def names(self, at: int, end: int, kind: str, named: str) -> bool:
        """Whether the pieces from *at* to *end* are a name of *named*."""
        return any(
            last == end and any(entry.type == kind and entry.value == named for entry in phrase.entries)
            for last, phrase in self.matches(at)
        )

    def _written(self, at: int) -> list[tuple[int, Phrase]]:
        """The ends of the phrases whose words stand at *at*, whatever they mean here, the shortest first."""
        keys, node, found, here = self.pieces.keys, self.root, [], at
        last = len(keys)
        while here < last:
            below = node.get(keys[here])
            if below is None:
                if self.hyphens and here > at and keys[here] == "-" and self.pieces.inside_word(here):
                    here += 1
                    continue
                break
            node, here = below, here + 1
            ending = node.get(HERE)
            if ending is not None:
                if not isinstance(ending, Phrase):
                    ending = node[HERE] = Phrase(ending)
                found.append((here, ending))
        return found

    # ---- what fits

    def _fitting(self, phrase: Phrase, first: int, last: int) -> Phrase | None:
        """The phrase with the senses it can have here; None where it has none."""
        fitting = phrase if phrase.alike else phrase.written(self.pieces.words(first, last))
        if fitting is None:
            return None
        if fitting.certain and not (self.hyphens and fitting.names and self._compound(first, last)):
            return fitting
        return fitting.only([entry for entry in fitting.entries if self._fits(entry, first, last)])

    def _fits(self, entry: Entry, first: int, last: int) -> bool:
        kind = entry.type
        if kind == "ANCHOR" and not self._after_time_relation():
            return False
        if kind in _POST and self._comparison_follows(last):
            return False
        if kind == "MOD" and self._leveled(last - 1) and not self._concept_follows(last):
            return False
        return kind not in _NAMES or not self._compound(first, last)

    def _comparison_follows(self, at: int) -> bool:
        """ "or greater than 5", "and under 75", "and less or equal 45": no end of one comparison but a new one."""
        pieces = self.pieces
        if at >= len(pieces) or pieces.kinds[at - 1] == "sym":
            return False
        return (
            pieces.kinds[at] == "num"
            or ((found := self.longest(at)) is not None and found[1].kind == "NUM")  # "and above twenty"
            or any(phrase.kinds & {"ULN", "LLN"} for begin in (at, at + 1) for _, phrase in self.matches(begin))
            or pieces.keys[at] in _stops()
            or any(key in ("=", "equal") for key in pieces.keys[at : at + 2])
        )

    def _after_time_relation(self) -> bool:
        before = next((token for token in reversed(self.tokens) if token.type != "FILL"), None)
        return before is not None and ({"BEFORE", "AFTER", "WITHIN"} & {before.type, *before.senses} != set())

    def _leveled(self, at: int) -> bool:
        """Whether a word is a number, or a level of the scale just named ("NYHA ≥ grade II")."""
        return self.pieces.kinds[at] == "num" or self.scale.level(at) is not None

    def _concept_follows(self, at: int) -> bool:
        """Whether the next words name a concept ("grade 3 hypertension")."""
        return any("CONCEPT" in phrase.kinds for begin in (at, at + 1) for _, phrase in self.matches(begin))

    def _compound(self, first: int, last: int) -> bool:
        """Whether a name is only part of a hyphenated word ("glucose-6-phosphate", "platelet-rich")."""
        pieces = self.pieces
        if first > 1 and pieces.keys[first - 1] == "-" and pieces.inside_word(first - 1):
            return self._hangs_on(first - 2)
        if not pieces.joins(last):
            return False
        after = last + 1
        if pieces.kinds[after] == "num":
            return (
                pieces.joins(last + 2)
                and pieces.kinds[last + 3] == "word"
                and pieces.ends[after] == pieces.starts[last + 2]
            )
        return pieces.kinds[after] == "word" and (
            pieces.joins(last + 2) or not self.root.get(pieces.keys[after], {}).get(HERE)
        )

    def _hangs_on(self, at: int) -> bool:
        """Whether what stands before a hyphen makes one word with what follows ("platelet-", "glucose-6-")."""
        pieces = self.pieces
        if pieces.kinds[at] == "num":
            return at > 1 and pieces.joins(at - 1) and pieces.kinds[at - 2] == "word"
        return pieces.kinds[at] == "word" and pieces.keys[at] not in _PREFIXES


@cache
def _stops() -> frozenset[str]:
    return frozenset(table("phrases")["POSTSTOP"]["words"])
