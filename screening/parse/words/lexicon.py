"""The words the grammars know, gathered once from rules/ into one word trie.

Entries live in the trie, never in a grammar: ten thousand more names cost next to nothing per criterion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from itertools import product
from typing import Any

from screening import concepts, units, variables
from screening.resources import table, without_cycle_search

_GLUED = "|".join(table("phrases")["GLUED"]["words"])
# Blanks are refused first, then punctuation and plain words before a blank or a comma are tried: most pieces are such,
# and are cut in a third of the time it takes to look for the signs of a number or an abbreviation at each of them.
# A piece of no named group is a sign.
RAW = re.compile(
    r"(?! )(?:[,;:()]|(?P<word>(?:[A-Za-z][a-z]+|[A-WYZ][A-Z]+)(?=[ ,;:)])"
    r"|(?=[^\W\d_])(?![xX](?:ULN|UNL|LLN|uln|unl|the\b|upper\b|normal\b|N\b))"
    rf"(?:(?i:{_GLUED})(?=\d)|(?:i\.e|e\.g|approx|max|(?<!/)min)\.(?=[\s,]|$)"
    r"|[^\W\d_]+(?:'[^\W\d_]+)?(?:\d+[^\W\d_]*)*))"
    r"|(?P<num>(?<![\d.,])\d{1,3}(?:[ \u00a0]\d{3})+(?![\d.,]*\d)|\d+(?:[.,·]\d+)*)(?P<ordinal>(?:st|nd|rd|th)\b)?"
    r"|(?P<times>[xX])"
    r"|(?P<op>[<>]{2}|[<>]\s?=|=\s?[<>]|≥\s?=|≤\s?=)"
    r"|(?P<sym>\S))"
)
_OPS = {
    "<": "<",
    ">": ">",
    "=": "=",
    "<<": "<",
    ">>": ">",
    "≥=": "≥",
    "≤=": "≤",
    ">=": "≥",
    "=>": "≥",
    "<=": "≤",
    "=<": "≤",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One sense of a phrase: the terminal, its value, and whether its exact case matters or it is weak."""

    type: str
    value: Any
    exact: str | None = None  # the phrase in its exact case, where only that counts
    weak: bool = False  # counts only in company (a comparison next to it)
    loose: bool = False  # leaves open which scale is meant
    narrow: bool = False  # names a special kind of what it stands for


Trie = dict[str, Any]
HERE = ""  # key of the entries that end at a node; no word is empty


def words_of(phrase: str) -> list[str]:
    """The phrase as the lexer cuts it, folded; hyphens between words are dropped.

    >>> words_of("Beta-hCG"), words_of("AST/ALT")
    (['beta', 'hcg'], ['ast', '/', 'alt'])
    """
    found = [match.group() for match in RAW.finditer(phrase)]
    kept = [fold(word) for at, word in enumerate(found) if word != "-" or len(found) == 1]
    return kept or [fold(word) for word in found]


def lettered_words(phrases: Iterable[str]) -> frozenset[str]:
    """The folded words of phrases that begin with a letter."""
    return frozenset(word for phrase in phrases for word in words_of(phrase) if word[0].isalpha())


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """A word as the trie keys it."""
    word = word.replace(" ", "") if word[:1] in "<>=≥≤" else word
    return _OPS.get(word, word).replace("µ", "u").casefold()


@cache
def trie() -> Trie:
    """The trie of every name and phrase of rules/."""
    root: Trie = {}
    with without_cycle_search():
        for phrase, entry in _entries():
            _insert(root, words_of(phrase), entry)
    return root


def _insert(root: Trie, words: list[str], entry: Entry) -> None:
    node = root
    for word in words:
        node = node.setdefault(word, {})
    node.setdefault(HERE, []).append(entry)


def _entries() -> Iterator[tuple[str, Entry]]:
    yield from _phrases()
    yield from _variables()
    yield from _concepts()
    yield from _modifiers()
    for kind, name in (("METHOD", "methods"), ("QUAL", "qualifiers")):
        for identity, entry in table(name).items():
            for phrase in entry.get("names", ()) if isinstance(entry, dict) else ():
                yield phrase, Entry(kind, identity)


def _phrases() -> Iterator[tuple[str, Entry]]:
    yield from _compounds()
    for kind, section in table("phrases").items():
        weak = set(section.get("weak", ()))
        values = section.get("values", {})
        for phrase in [*section.get("words", ()), *values]:
            if kind in ("AGED", "POSTSTOP", "GLUED", "COMPOUNDS") or (kind == "MULT" and phrase not in values):
                continue
            value = values.get(phrase, phrase)
            yield phrase, Entry(kind, Decimal(value) if isinstance(value, int) else value, weak=phrase in weak)


def _compounds() -> Iterator[tuple[str, Entry]]:
    """Comparisons put together from a word and an "or equal": "shorter than or equal to", "equal to or under"."""
    forms = table("phrases")["COMPOUNDS"]
    for kind in ("LE", "GE"):
        for shape in ("than", "bare"):
            for word, form in product(forms[kind][shape], forms[shape]):
                phrase = form.replace("THAN", f"{word} than").replace("WORD", word)
                yield phrase, Entry(kind, phrase)


def _variables() -> Iterator[tuple[str, Entry]]:
    for variable in variables.catalogue().values():
        kind = "SCALE" if variable.kind == "scale" else "VAR"
        for name in {variable.name, *variable.names}:
            exact = name if name in variable.case_names else None
            yield (
                name,
                Entry(kind, variable.id, exact, weak=name in variable.weak_names, loose=name in variable.loose_names),
            )
    for name, identity in variables.unlikely().items():
        yield name, Entry("UNLIKELY", identity, exact=name)


def _concepts() -> Iterator[tuple[str, Entry]]:
    weak, narrow = concepts.weak_names(), concepts.narrower_names()
    for name, identity in concepts.by_name().items():
        yield name, Entry("CONCEPT", identity, weak=name in weak, narrow=name in narrow)
    for name in concepts.not_names():
        yield name, Entry("GLUE", name)
    for name, identity in concepts.by_case_name().items():
        yield name, Entry("CONCEPT", identity, exact=name, weak=name in weak)


def _modifiers() -> Iterator[tuple[str, Entry]]:
    roles = concepts.modifiers()
    for name, identities in concepts.modifiers_by_name().items():
        yield name, Entry("MOD", tuple((roles[identity].role, identity) for identity in identities))


@cache
def unit_words() -> frozenset[str]:
    """Every word or sign that may be part of a unit as written, folded."""
    return frozenset(fold(match.group()) for phrase in units.spellings() for match in RAW.finditer(phrase)) | {
        "x",
        "×",
        "*",
        "^",
        "/",
        "·",
        ".",
        "(",
        ")",
        "per",
        "10",
        "-",
    }


@cache
def aged() -> frozenset[str]:
    """Comparison phrases that imply an age ("older than")."""
    return frozenset(table("phrases")["AGED"]["words"])
