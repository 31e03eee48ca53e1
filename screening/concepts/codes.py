"""What one code of a record says about one concept, by the concept's own lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Literal

from screening.concepts.model import Concept
from screening.resources import table

Verdict = Literal["no", "possible", "yes"]
Code = tuple[str, str]  # (system, code)

_RANK: dict[Verdict, int] = {"no": 0, "possible": 1, "yes": 2}
_CATEGORY = 3  # characters of an ICD-10 or ATC code below which it says too little to suggest anything


@lru_cache(maxsize=1 << 16)
def plain(code: str) -> str:
    """The code without dots, in capitals."""
    return code.replace(".", "").strip().upper()


@lru_cache(maxsize=1 << 12)
def all_plain(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes without dots, in capitals."""
    return tuple(map(plain, codes))


def below(code: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a plain code is one of them or a descendant."""
    return code.startswith(all_plain(prefixes))


def above(code: str, prefixes: tuple[str, ...]) -> bool:
    """Whether the code is a coarser category of one of them (at least a three-character category)."""
    if len(code) < _CATEGORY:
        return False
    return any(prefix.startswith(code) and prefix != code for prefix in all_plain(prefixes))


def _icd10(concept: Concept, code: str) -> Verdict:
    if below(code, concept.icd10_exclude):
        return "no"
    if code in all_plain(concept.icd10_exact) or below(code, concept.icd10_history):
        return "yes"
    if below(code, concept.icd10):
        return "possible" if above(code, concept.icd10_exclude) else "yes"
    coarser = above(code, concept.icd10 + concept.icd10_exact)
    return "possible" if coarser or below(code, concept.icd10_possible) else "no"


def _atc(concept: Concept, code: str) -> Verdict:
    if below(code, concept.atc_exclude):
        return "no"
    if below(code, concept.atc):
        return "possible" if above(code, concept.atc_exclude) else "yes"
    return "possible" if above(code, concept.atc) or below(code, concept.atc_possible) else "no"


@cache
def oncotree_parents() -> Mapping[str, str]:
    """The code above each OncoTree code."""
    rows = table("oncotree")["children"].items()
    return {child: parent for parent, children in rows for child in children}


def _lineage(code: str) -> Iterator[str]:
    """An OncoTree code and the codes above it."""
    while code:
        yield code
        code = oncotree_parents().get(code, "")


def _oncotree(concept: Concept, code: str) -> Verdict:
    for step in _lineage(code):
        if step in concept.oncotree_exclude:
            return "no"
        if step in concept.oncotree:
            return "yes"
    coarser = any(code in _lineage(node) for node in concept.oncotree)
    return "possible" if coarser else "no"


def own_verdict(concept: Concept, system: str, code: str) -> Verdict:
    """What one code says about a concept by the concept's own lists."""
    if system.startswith("icd10") and system != "icd10pcs":
        return _icd10(concept, plain(code))
    if system == "atc":
        return _atc(concept, plain(code))
    return _oncotree(concept, code.strip().upper()) if system == "oncotree" else "no"


_SHAPES = {
    "icd10": re.compile(r"[A-Z]\d[0-9A-Z][0-9A-Z]{0,4}[-+*!]?", re.ASCII),
    "atc": re.compile(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?", re.ASCII),
}


def classified(system: str, code: str) -> bool:
    """Whether a code is one of a classification that is read here, by its shape.

    >>> classified("icd10cm", "C50.911"), classified("icd10cm", "unknown"), classified("snomed", "254837009")
    (True, False, False)
    """
    if system == "oncotree":
        return code.strip().upper() in oncotree_parents()
    family = "icd10" if system.startswith("icd10") and system != "icd10pcs" else system
    return family in _SHAPES and _SHAPES[family].fullmatch(plain(code)) is not None


def strongest(verdicts: Iterable[Verdict]) -> Verdict:
    """The surest of the verdicts; "no" when there is none."""
    return max(verdicts, key=_RANK.__getitem__, default="no")
