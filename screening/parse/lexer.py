"""Cuts clean text into tokens: numbers, units behind numbers, and the longest phrases of the word trie."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from screening.parse.passes.senses import settle
from screening.parse.tokens import COMPARING, Token
from screening.parse.words.labels import Label, labels
from screening.parse.words.lexicon import trie
from screening.parse.words.named import NamedScale
from screening.parse.words.phrases import Phrases
from screening.parse.words.pieces import Pieces
from screening.parse.words.spelled import ordinal_week, unit_at, unknown_unit
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


def lex(text: str) -> list[Token]:
    """The tokens of a clean text, in order; white space is the only thing left out.

    >>> [token.type for token in lex("ANC ≥ 1500/µL")]
    ['VAR', 'GE', 'NUM', 'UNIT']
    """
    pieces = Pieces(text)
    labelled = {label.start: label for label in labels(pieces)}
    return settle(_Lexer(pieces, labelled).run(), set(pieces.keys))


class _Lexer:
    def __init__(self, pieces: Pieces, labelled: Mapping[int, Label]) -> None:
        self.pieces, self.labelled = pieces, labelled
        self.tokens: list[Token] = []
        self.scale = NamedScale(pieces, self.tokens)
        self.root = trie()
        self.phrases = Phrases(pieces, self.tokens, self.scale)

    def run(self) -> list[Token]:
        pieces, labelled = self.pieces, self.labelled
        kinds, texts, starts = pieces.kinds, pieces.texts, pieces.starts
        at, last = 0, len(pieces)
        while at < last:
            plain = kinds[at] == "word" and self.scale.id is None and starts[at] not in labelled
            at = self._phrase(at) if plain and texts[at] != "N" else self._step(at)
        return self.tokens

    def _step(self, at: int) -> int:
        kind, text = self.pieces.kinds[at], self.pieces.texts[at]
        if self.labelled and (label := self.labelled.get(self.pieces.starts[at])) and (end := self._label(at, label)):
            return end
        if kind == "num":
            if self.pieces.keys[at] in self.root and (named := self._named_by_number(at)):
                return named
            self._put("NUM", text, at, at + 1)
            return self._unit(at + 1)
        if text == "N" and self._multiplies():
            return self._put("ULN", "N", at, at + 1)
        if kind == "times":
            return self._put("TIMES", text, at, at + 1)
        if text in "([" and (end := self._unit_in_parentheses(at) or self._unit_behind(at)):
            return end
        if self.scale.id is not None and (level := self.scale.level(at)) is not None:
            return self._put("LEVEL", level, at, at + 1)
        return self._phrase(at)

    def _multiplies(self) -> bool:
        """Whether a sign of multiplication, or a compared number, stands right before ("≤ 1.5 N")."""
        before = self.tokens[-2:]
        kinds = [token.type for token in before]
        return kinds[-1:] == ["TIMES"] or (len(kinds) > 1 and kinds[0] in COMPARING and kinds[1] == "NUM")

    def _label(self, at: int, label: Label) -> int | None:
        """A label as one token, unless a name as long or longer begins at the same place."""
        pieces = self.pieces
        end = bisect_left(pieces.starts, label.end, at)
        last, phrase = self.phrases.longest(at) or (at, None)
        kinds = {entry.type for entry in phrase.entries if not entry.weak} if phrase else set()
        if (last >= end and kinds & _NAMED) or (last > end and kinds) or (last > at and kinds & {"ANCHOR"}):
            return None
        return self._put(label.type, label.value or pieces.text[label.start : label.end], at, end)

    def _named_by_number(self, at: int) -> int | None:
        """A name that begins with a number ("24-hour urine protein", "5-fluorouracil")."""
        longest = self.phrases.longest(at)
        if longest is None or longest[0] == at + 1:
            return None
        end, phrase = longest
        found = next((entry for entry in phrase.entries if entry.type in ("VAR", "SCALE", "CONCEPT")), None)
        return self._put(found.type, found.value, at, end) if found else None

    def _put(self, kind: str, value: Any, first: int, last: int, senses: dict[str, Any] | None = None) -> int:
        pieces = self.pieces
        start, end = pieces.starts[first], pieces.ends[last - 1]
        self.tokens.append(
            Token(kind, value, start, end, pieces.text[start:end], _NO_SENSES if senses is None else senses)
        )
        if kind == "SCALE":
            self.scale.id = value
        elif self.scale.id is not None and kind not in _KEEPS_SCALE and not self._is_short_form():
            self.scale.id = None
        return last

    def _is_short_form(self) -> bool:
        """Whether the last word is capitals in the parenthesis behind a scale ("Kellgren-Lawrence (KL) grade")."""
        kinds = [token.type for token in self.tokens[-3:]]
        return kinds == ["SCALE", "LPAR", "WORD"] and self.tokens[-1].text.isupper()

    def _phrase(self, at: int) -> int:
        pieces = self.pieces
        longest = self.phrases.longest(at) if pieces.keys[at] in self.root else None
        if longest is None and self.scale.id is not None and pieces.keys[at] in _BESIDE_LEVELS:
            return self._put("FILL", pieces.texts[at], at, at + 1)
        if longest is None:
            text = pieces.texts[at]
            if text[0].isdecimal() and (week := ordinal_week(pieces, at)):
                self._put("NUM", week, at, at + 1)
                return self._unit(at + 1)
            return self._put("WORD" if pieces.kinds[at] == "word" else _SYMBOLS.get(text, "WORD"), text, at, at + 1)
        end, phrase = longest
        if phrase.led and end > at + 1 and (leading := self.phrases.leading_modifier(at, end, phrase)):
            cut, modifier, senses = leading
            return self._put(modifier.type, modifier.value, at, cut, senses)
        self._put(phrase.kind, phrase.value, at, end, phrase.senses)
        return self._unit(end) if phrase.kind == "NUM" else end

    # ---- units

    def _unit(self, at: int) -> int:
        """The unit that begins at *at*, behind a number; a hyphen may join them ("18-year-old")."""
        pieces = self.pieces
        begin = at + 1 if pieces.joins(at) else at
        attached = begin < len(pieces) and pieces.starts[begin] == pieces.ends[at - 1]
        found = unit_at(pieces, begin, attached=attached)
        if not found and begin + 1 < len(pieces) and pieces.keys[begin] in _WHOLE:
            found = unit_at(pieces, begin + 1, attached=False)  # "37 completed weeks"
            if found and found[1] in TIME_UNITS:
                begin = self._put("FILL", pieces.texts[begin], begin, begin + 1)
                return self._put("TIME", found[1], begin, found[0])
            found = None
        if not found or (begin > at and found[1] not in TIME_UNITS):
            self._unknown_unit(at)
            return at
        end, code = found
        return self._put("TIME" if code in TIME_UNITS else "UNIT", code, begin, end)

    def _unknown_unit(self, at: int) -> None:
        """Marks the number before a unit nobody knows ("1.5 zorks/dL"): no other may be assumed."""
        spelling = unknown_unit(self.pieces, at)
        if spelling is not None:
            number = self.tokens[-1]
            number.senses = {**number.senses, "UNKNOWN_UNIT": spelling}

    def _unit_in_parentheses(self, at: int) -> int | None:
        """A unit alone in parentheses behind a name: "hemoglobin (g/dL)"."""
        if not self.tokens or self.tokens[-1].type not in ("VAR", "SCALE", "FILL"):
            return None
        found = unit_at(self.pieces, at + 1, attached=False)
        if found and self.phrases.names(at + 1, found[0], "VAR", self.tokens[-1].value):
            return None  # "potassium (K)": the name again
        if not found or found[0] >= len(self.pieces) or self.pieces.texts[found[0]] not in (")", "]"):
            return None
        self._put("LPAR", "(", at, at + 1)
        self._put("UNIT", found[1], at + 1, found[0])
        return self._put("RPAR", ")", found[0], found[0] + 1)

    def _unit_behind(self, at: int) -> int | None:
        """A unit in parentheses behind its number: "≤ 51 (µmol/L)"."""
        pieces, tokens = self.pieces, self.tokens
        if len(tokens) < 2 or tokens[-1].type != "NUM" or tokens[-2].type not in _SIGNS:
            return None
        found = unit_at(pieces, at + 1, attached=False)
        if not found or found[0] >= len(pieces) or pieces.texts[found[0]] not in (")", "]"):
            return None
        return self._put("TIME" if found[1] in TIME_UNITS else "UNIT", found[1], at, found[0] + 1)


_WHOLE = frozenset(table("reading")["weeks"]["whole"])
_BESIDE_LEVELS = frozenset(table("reading")["beside_levels"]["words"])
_NO_SENSES: dict[str, Any] = {}  # shared; senses are replaced, never changed
_SIGNS = frozenset({"LT", "LE", "GT", "GE", "EQ", "TO", "DASH"})
_NAMED = frozenset({"VAR", "SCALE", "CONCEPT", "METHOD", "QUAL", "ANCHOR"})
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
