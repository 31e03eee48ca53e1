"""Cuts clean text into tokens: numbers, units behind numbers, and the longest phrases of the word trie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from screening import units, variables
from screening.parse.labels import Label, labels
from screening.parse.lexicon import HERE, RAW, Entry, fold, trie, unit_words
from screening.parse.senses import settle
from screening.parse.tokens import Token
from screening.resources import table

_SYMBOLS = {
    "(": "LPAR",
    ")": "RPAR",
    "[": "LPAR",
    "]": "RPAR",
    "{": "LPAR",
    "}": "RPAR",
    ",": "COMMA",
    ";": "SEMI",
    ":": "COLON",
    "/": "SLASH",
    ".": "DOT",
    "-": "TO",
    "~": "TO",
    "·": "BULLET",
    "±": "PLUSMINUS",
    "?": "DOT",
    "!": "DOT",
}
TIME_UNITS = frozenset({"a", "mo", "wk", "d", "h", "min"})
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6}
_LONGEST_UNIT = 14  # raw words of a unit


class Raw(NamedTuple):
    """A piece of text before it has a meaning."""

    text: str
    key: str
    kind: str
    start: int
    end: int


def lex(text: str) -> list[Token]:
    """The tokens of a clean text, in order; white space is the only thing left out.

    >>> [token.type for token in lex("ANC ≥ 1500/µL")]
    ['VAR', 'GE', 'NUM', 'UNIT']
    """
    raws = [
        Raw(match.group(), fold(match.group()), match.lastgroup or "sym", match.start(), match.end())
        for match in RAW.finditer(text)
    ]
    return settle(_Lexer(text, raws, {label.start: label for label in labels(text)}).run())


class _Lexer:
    def __init__(self, text: str, raws: list[Raw], labelled: Mapping[int, Label]) -> None:
        self.text, self.raws, self.labelled = text, raws, labelled
        self.tokens: list[Token] = []
        self.scale: str | None = None  # the scale variable just named: its levels may follow

    def run(self) -> list[Token]:
        at = 0
        while at < len(self.raws):
            at = self._step(at)
        return self.tokens

    def _step(self, at: int) -> int:
        raw = self.raws[at]
        if raw.start in self.labelled and (end := self._label(at, self.labelled[raw.start])):
            return end
        if raw.kind == "num":
            if raw.key in trie() and (named := self._named_by_number(at)):
                return named
            self._put("NUM", raw.text, at, at + 1)
            return self._unit(at + 1)
        if raw.text == "N" and self.tokens and self.tokens[-1].type == "TIMES":
            return self._put("ULN", "N", at, at + 1)
        if raw.kind == "times":
            return self._put("TIMES", raw.text, at, at + 1)
        if raw.key in "([" and (end := self._unit_in_parentheses(at)):
            return end
        level = self._level(raw)
        if level is not None:
            return self._put("LEVEL", level, at, at + 1)
        return self._phrase(at)

    def _label(self, at: int, label: Label) -> int | None:
        """A label as one token, unless a name as long or longer begins at the same place."""
        end = next((here for here in range(at, len(self.raws)) if self.raws[here].start >= label.end), len(self.raws))
        named = next(reversed(self._matches(at)), (at, []))
        kinds = {entry.type for entry in named[1] if not entry.weak}
        if (named[0] >= end and kinds & _NAMED) or (named[0] > end and kinds) or (named[0] > at and kinds & {"ANCHOR"}):
            return None
        return self._put(label.type, label.value or self.text[label.start : label.end], at, end)

    def _named_by_number(self, at: int) -> int | None:
        """A name that begins with a number ("24-hour urine protein")."""
        end, entries = next(reversed(self._matches(at)), (at, []))
        found = next((entry for entry in entries if entry.type in ("VAR", "SCALE")), None)
        return self._put(found.type, found.value, at, end) if found and end > at + 1 else None

    def _put(self, kind: str, value: Any, first: int, last: int, senses: dict[str, Any] | None = None) -> int:
        start, end = self.raws[first].start, self.raws[last - 1].end
        self.tokens.append(Token(kind, value, start, end, self.text[start:end], senses or {}))
        if kind == "SCALE":
            self.scale = value
        elif kind not in _KEEPS_SCALE:
            self.scale = None
        return last

    # ---- phrases

    def _phrase(self, at: int) -> int:
        raw = self.raws[at]
        for end, entries in reversed(self._matches(at)):
            senses = {entry.type: entry.value for entry in reversed(entries)}
            kind = min(senses, key=_rank)
            if kind in ("CONCEPT", "VAR") and (cut := self._leading_modifier(at, end, kind, senses[kind])):
                return cut
            for flag in ("weak", "loose"):
                if any(getattr(entry, flag) for entry in entries if entry.type == kind):
                    senses[flag.upper()] = True
            if kind == "UNLIKELY":
                return self._put("VAR", senses["UNLIKELY"], at, end, senses)
            if kind == "NUM":
                self._put("NUM", str(senses["NUM"]), at, end, senses)
                return self._unit(end)
            return self._put(kind, senses[kind], at, end, senses)
        if raw.kind == "word":
            return self._put("WORD", raw.text, at, at + 1)
        return self._put(_SYMBOLS.get(raw.text, "WORD"), raw.text, at, at + 1)

    def _leading_modifier(self, at: int, end: int, kind: str, named: str) -> int | None:
        """ "severe X", "minimum X" where "X" names the same: the first word is a token of its own, so that it
        counts."""
        for cut, entries in self._matches(at):
            found = [entry for entry in entries if entry.type in _LEADING[kind]]
            if found and cut < end and self._names(cut, end, kind, named):
                return self._put(found[0].type, found[0].value, at, cut, {entry.type: entry.value for entry in entries})
        return None

    def _names(self, at: int, end: int, kind: str, named: str) -> bool:
        return any(
            last == end and any(e.type == kind and e.value == named for e in found) for last, found in self._matches(at)
        )

    def _matches(self, at: int) -> list[tuple[int, list[Entry]]]:
        """Ends of the phrases that begin at *at*, with their entries, the shortest first."""
        node, found, here = trie(), [], at
        while here < len(self.raws):
            below = node.get(self.raws[here].key)
            if below is None:
                if here > at and self.raws[here].text == "-" and self._inside_word(here):
                    here += 1
                    continue
                break
            node, here = below, here + 1
            entries = [entry for entry in node.get(HERE, ()) if self._fits(entry, at, here)]
            if entries:
                found.append((here, entries))
        return found

    def _inside_word(self, at: int) -> bool:
        """Whether the hyphen at *at* joins two words without spaces."""
        before, after = self.raws[at - 1], self.raws[at + 1] if at + 1 < len(self.raws) else None
        return after is not None and before.end == self.raws[at].start and after.start == self.raws[at].end

    def _fits(self, entry: Entry, first: int, last: int) -> bool:
        if entry.type == "ANCHOR" and not self._after_time_relation():
            return False
        if entry.type.startswith("POST") and self._comparison_follows(last):
            return False
        if entry.type == "MOD" and self._leveled(last - 1) and not self._concept_follows(last):
            return False
        if entry.exact is not None and self.text[self.raws[first].start : self.raws[last - 1].end] != entry.exact:
            return False
        return entry.type not in ("VAR", "SCALE", "CONCEPT") or not self._compound(first, last)

    def _comparison_follows(self, at: int) -> bool:
        """ "or greater than 5", "and under 75", "and less or equal 45": no end of one comparison but a new one."""
        if at >= len(self.raws) or self.raws[at - 1].kind == "sym":
            return False
        references = ("ULN", "LLN")
        return (
            self.raws[at].kind == "num"
            or any(
                entry.type in references
                for begin in (at, at + 1)
                for _, found in self._matches(begin)
                for entry in found
            )
            or self.raws[at].key in _stops()
            or any(node in ("=", "equal") for node in self._keys(at, 2))
        )

    def _keys(self, at: int, count: int) -> list[str]:
        return [raw.key for raw in self.raws[at : at + count]]

    def _after_time_relation(self) -> bool:
        before = next((token for token in reversed(self.tokens) if token.type != "FILL"), None)
        return before is not None and ({"BEFORE", "AFTER", "WITHIN"} & {before.type, *before.senses} != set())

    def _leveled(self, at: int) -> bool:
        """Whether a word is a number, or a level of the scale just named ("NYHA ≥ grade II")."""
        return self.raws[at].kind == "num" or self._level(self.raws[at]) is not None

    def _concept_follows(self, at: int) -> bool:
        """Whether the next words name a concept ("grade 3 hypertension")."""
        return any(
            entry.type == "CONCEPT"
            for begin in (at, at + 1)
            for _, entries in self._matches(begin)
            for entry in entries
        )

    def _compound(self, first: int, last: int) -> bool:
        """Whether a name is only part of a hyphenated word ("glucose-6-phosphate", "platelet-rich")."""
        if first and self.raws[first - 1].text == "-" and first > 1 and self._inside_word(first - 1):
            return self._hangs_on(first - 2)
        if last + 1 >= len(self.raws) or self.raws[last].text != "-" or not self._inside_word(last):
            return False
        after = self.raws[last + 1]
        if after.kind == "num":
            follows = last + 2 < len(self.raws) and self.raws[last + 2].text == "-" and self._inside_word(last + 2)
            return (
                follows
                and last + 3 < len(self.raws)
                and self.raws[last + 3].kind == "word"
                and after.end == self.raws[last + 2].start
            )
        chained = last + 2 < len(self.raws) and self.raws[last + 2].text == "-" and self._inside_word(last + 2)
        return after.kind == "word" and (chained or not trie().get(after.key, {}).get(HERE))

    def _hangs_on(self, at: int) -> bool:
        """Whether what stands before a hyphen makes one word with what follows ("platelet-", "glucose-6-")."""
        if self.raws[at].kind == "num":
            return (
                at > 1
                and self.raws[at - 1].text == "-"
                and self._inside_word(at - 1)
                and self.raws[at - 2].kind == "word"
            )
        return self.raws[at].kind == "word" and self.raws[at].key not in _PREFIXES

    # ---- units and levels

    def _unit(self, at: int) -> int:
        """The unit that begins at *at*, behind a number; a hyphen may join them ("18-year-old")."""
        begin = at + 1 if at < len(self.raws) and self.raws[at].text == "-" and self._inside_word(at) else at
        found = self._unit_at(
            begin, attached=begin < len(self.raws) and self.raws[begin].start == self.raws[at - 1].end
        )
        if not found or (begin > at and found[1] not in TIME_UNITS):
            self._unknown_unit(at)
            return at
        end, code = found
        return self._put("TIME" if code in TIME_UNITS else "UNIT", code, begin, end)

    def _unknown_unit(self, at: int) -> None:
        """Marks the number before words that look like a unit nobody knows ("1.5 zorks/dL"): no other may be
        assumed."""
        raws = self.raws[at : at + 3]
        if (
            len(raws) > 2
            and raws[0].kind == raws[2].kind == "word"
            and raws[2].key in unit_words()
            and raws[1].text == "/"
            and raws[0].end == raws[1].start == raws[2].start - 1
        ):
            self.tokens[-1].senses["UNKNOWN_UNIT"] = self.text[raws[0].start : raws[2].end]

    def _unit_at(self, begin: int, *, attached: bool) -> tuple[int, str] | None:
        ends, depth = [], 0
        for here in range(begin, min(len(self.raws), begin + _LONGEST_UNIT)):
            raw = self.raws[here]
            if raw.key not in unit_words() and raw.kind != "num" and not _UNIT_LIKE.match(raw.key):
                break
            depth += (raw.text == "(") - (raw.text == ")")
            if depth < 0:
                break
            ends.append(here + 1)
        for end in reversed(ends):
            if self.raws[end - 1].text == ".":
                continue
            spelling = self.text[self.raws[begin].start : self.raws[end - 1].end]
            code = _ucum(spelling)
            if code is not None and (attached or spelling not in _UNSAFE or self._closed(end)):
                return end, code
        return None

    def _closed(self, at: int) -> bool:
        return at >= len(self.raws) or self.raws[at].kind != "word" or self.raws[at].key in _AFTER_UNIT

    def _unit_in_parentheses(self, at: int) -> int | None:
        """A unit alone in parentheses behind a name: "hemoglobin (g/dL)"."""
        if not self.tokens or self.tokens[-1].type not in ("VAR", "SCALE", "FILL"):
            return None
        found = self._unit_at(at + 1, attached=False)
        if found and self._names(at + 1, found[0], "VAR", self.tokens[-1].value):
            return None  # "potassium (K)": the name again
        if not found or found[0] >= len(self.raws) or self.raws[found[0]].text not in (")", "]"):
            return None
        self._put("LPAR", "(", at, at + 1)
        self._put("UNIT", found[1], at + 1, found[0])
        return self._put("RPAR", ")", found[0], found[0] + 1)

    def _level(self, raw: Raw) -> Decimal | None:
        if self.scale is None or raw.kind != "word" or raw.text == "v":
            return None
        levels = variables.catalogue()[self.scale].levels
        for name in (raw.text, raw.key):
            if name in levels:
                return Decimal(levels[name])
        classes = variables.catalogue()[self.scale].classes
        if classes and raw.text in variables.catalogue()[classes].levels:
            return self._of_classes(classes, raw.text)
        if raw.key in _ROMAN and raw.text.isupper():
            return Decimal(_ROMAN[raw.key])
        return None

    def _of_classes(self, classes: str, level: str) -> Decimal:
        """ "Child-Pugh score of B": the letter belongs to the classes of the scale, so the scale named is that one."""
        for token in reversed(self.tokens):
            if token.type == "SCALE" and token.value == self.scale:
                token.value = classes
                break
        self.scale = classes
        return Decimal(variables.catalogue()[classes].levels[level])


_NAMED = frozenset({"VAR", "SCALE", "CONCEPT", "METHOD", "QUAL", "ANCHOR"})
_LEADING = {"CONCEPT": ("MOD",), "VAR": ("GE", "LE", "QUAL")}
_UNIT_LIKE = re.compile(r"x?10|[ex]\d|e\d+$")
_UNSAFE = frozenset(
    {"in", "a", "d", "s", "m", "g", "l", "h", "M", "K", "T", "C", "F", "G", "N", "p", "y", "L", "D", "E", "U", "o"}
)
_AFTER_UNIT = frozenset({"and", "or", "for", "at", "to", "but", "if"})
_PREFIXES = frozenset(table("reading")["prefixes"]["words"])
_KEEPS_SCALE = frozenset(
    {
        "BEFORE",
        "FILL",
        "LEVEL",
        "COMMA",
        "OR",
        "AND",
        "TO",
        "SLASH",
        "COLON",
        "LT",
        "LE",
        "GT",
        "GE",
        "EQ",
        "NUM",
        "FROM",
        "BETWEEN",
        "LPAR",
        "POSTGE",
        "POSTLE",
        "GLUE",
        "RPAR",
    }
)
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


def _rank(kind: str) -> int:
    return _RANKS.get(kind, 99)


@cache
def _stops() -> frozenset[str]:
    return frozenset(table("phrases")["POSTSTOP"]["words"])


@cache
def _ucum(spelling: str) -> str | None:
    return units.ucum(spelling)
