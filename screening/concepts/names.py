"""The names of concepts and modifiers as texts write them, with the variants that rules give."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from screening.concepts.model import catalogue, modifiers, writing


@cache
def _plural(word: str) -> str:
    """The regular plural of a lower-case noun.

    >>> [_plural(word) for word in ("metastasis", "allergy", "biopsy", "abscess", "tumour", "use")]
    ['metastases', 'allergies', 'biopsies', 'abscesses', 'tumours', 'uses']
    """
    for ending, cut, plural in writing()["plurals"]:
        if re.search(ending, word):
            return word[: len(word) - cut] + str(plural)
    return word + "s"


def _plurals(name: str) -> Iterator[str]:
    """The name, with its last word in the plural, and with the noun before its preposition in the plural."""
    yield name
    words = name.split(" ")
    heads = [i - 1 for i, word in enumerate(words) if i and word in writing()["prepositions"]]
    for head in dict.fromkeys((*heads[:1], len(words) - 1)):
        if words[head].isalpha():
            yield " ".join((*words[:head], _plural(words[head]), *words[head + 1 :]))


@cache
def _british() -> re.Pattern[str]:
    return re.compile("|".join(british for british, _ in writing()["spelling"]))


def _american(name: str) -> str:
    return _british().sub(lambda found: str(_spelling()[found.group()]), name)


@cache
def _spelling() -> Mapping[str, str]:
    return dict(writing()["spelling"])


def _possessives(name: str) -> tuple[str, ...]:
    if "'s" not in name:
        return (name,)
    return (name, name.replace("'s", "’s"), name.replace("'s", ""), name.replace("'s", "s"))


def variants(name: str) -> frozenset[str]:
    """All the ways of writing *name* that rules give, casefolded.

    >>> sorted(variants("oesophageal tumour"))
    ['esophageal tumor', 'esophageal tumors', 'oesophageal tumour', 'oesophageal tumours']
    """
    found = {form for plain in _possessives(name.casefold()) for form in _plurals(plain)}
    found |= {_american(form) for form in found if _british().search(form)}
    return frozenset(found | {form.replace("-", " ") for form in found if "-" in form})


@cache
def by_name() -> Mapping[str, str]:
    """Concept id by casefolded name, with every variant; a written name goes before another's variant, and what names
    a concept as such before what names a special kind of another."""
    written = {name.casefold(): concept.id for concept in catalogue().values() for name in concept.names}
    return MappingProxyType(_special_kinds() | _as_such() | written)


@cache
def _as_such() -> dict[str, str]:
    known = catalogue().values()
    return {form: concept.id for concept in known for name in concept.names for form in variants(name)}


@cache
def _special_kinds() -> dict[str, str]:
    known = catalogue().values()
    return {form: concept.id for concept in known for name in concept.narrower_names for form in variants(name)}


@cache
def narrower_names() -> frozenset[str]:
    """Casefolded names that say more than the concept they stand for ("palliative radiotherapy")."""
    return frozenset(_special_kinds().keys() - _as_such().keys())


@cache
def by_case_name() -> Mapping[str, str]:
    """Concept id by abbreviation, to be matched in exactly this case."""
    return MappingProxyType({name: concept.id for concept in catalogue().values() for name in concept.case_names})


@cache
def weak_names() -> frozenset[str]:
    """Names (either case) that often mean something else: believe them only beside other evidence."""
    weak = {(name, concept) for concept in catalogue().values() for name in concept.weak_names}
    return frozenset(
        form for name, concept in weak for form in ({name} if name in concept.case_names else variants(name) | {name})
    )


@cache
def not_names() -> frozenset[str]:
    """Casefolded phrases that hold a concept's name without speaking of it ("National Cancer Institute")."""
    return frozenset(form for phrase in writing()["not_names"] for form in variants(phrase))


@cache
def modifiers_by_name() -> Mapping[str, tuple[str, ...]]:
    """Modifier ids by casefolded words; a word may play several roles ("recurrent", "ongoing")."""
    found: dict[str, tuple[str, ...]] = {}
    for modifier in modifiers().values():
        for name in modifier.names:
            for form in {name.casefold(), name.casefold().replace("-", " ")}:
                found[form] = tuple(dict.fromkeys((*found.get(form, ()), modifier.id)))
    return MappingProxyType(found)
