"""What rules/concepts and rules/modifiers.toml hold, as frozen records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import Any

from screening.resources import table, tables

_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept. Codes are written as the terminologies print them; prefixes imply their descendants."""

    id: str
    name: str
    names: tuple[str, ...]  # as texts write them; matched whole-word, without regard to case
    case_names: tuple[str, ...] = ()  # matched in exactly this case ("HIV", "ALL")
    narrower_names: tuple[str, ...] = ()  # of special kinds: a record so named is one; a text so worded asks for more
    weak_names: frozenset[str] = frozenset()  # of all: names that often mean something else
    kind: str = "condition"  # "condition" | "drug" | "procedure" | "allergy" | "state"
    icd10: tuple[str, ...] = ()
    icd10_exclude: tuple[str, ...] = ()
    icd10_exact: tuple[str, ...] = ()  # without descendants
    icd10_possible: tuple[str, ...] = ()  # suggestive, not certain
    icd10_history: tuple[str, ...] = ()  # "personal history of": certain, but past
    oncotree: tuple[str, ...] = ()
    oncotree_exclude: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()
    atc_exclude: tuple[str, ...] = ()
    atc_possible: tuple[str, ...] = ()
    rule: str = "codes"  # "codes" | "other_malignancy"
    parents: tuple[str, ...] = ()  # concepts this one implies
    either: tuple[str, ...] = ()  # a name of several concepts at once: it holds when one of these does
    lists: tuple[str, ...] = ()  # event kinds whose list decides its absence
    systemic: bool = False  # a drug that counts only when given systemically
    attest: bool = False  # nothing records it; a person must attest
    judged: bool = False  # absence cannot be concluded even from a complete list
    lifelong: bool = False  # once present, always present
    pertains: str | None = None  # "female" | "male": cannot hold for the other sex
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Modifier:
    """A word that narrows, dates or negates a concept ("severe", "history of", "without")."""

    id: str
    role: str  # "severity" | "activity" | "certainty" | "history" | "current" | "negation" | ...
    names: tuple[str, ...]
    follows: bool = False  # may also stand after the concept ("hepatitis, active")
    note: str = ""


def _alternatives(group: str, macros: Mapping[str, str]) -> list[str]:
    return (macros[group[1:]] if group.startswith("@") else group).split(",")


def expand(name: str, macros: Mapping[str, str]) -> Iterator[str]:
    """Every name a braced pattern stands for.

    >>> list(expand("{liver,hepatic} {@m}", {"m": "metastasis,mets"}))
    ['liver metastasis', 'liver mets', 'hepatic metastasis', 'hepatic mets']
    """
    parts = _BRACES.split(name)
    choices = [_alternatives(part, macros) if i % 2 else [part] for i, part in enumerate(parts)]
    for chosen in product(*choices):
        yield " ".join("".join(chosen).split())


def _range(written: str) -> Iterator[str]:
    """The prefixes of a range of ICD-10 categories: "C77-C79" → C77, C78, C79; a whole decade is one prefix."""
    first, last = written.split("-")
    number, end = int(first[1:]), int(last[1:])
    while number <= end:
        decade = number % 10 == 0 and number + 9 <= end
        yield f"{first[0]}{number // 10}" if decade else f"{first[0]}{number:02d}"
        number += 10 if decade else 1


def code_prefixes(written: Iterable[str]) -> tuple[str, ...]:
    """Codes with ranges spelled out, as prefixes; a range stays within one letter."""
    return tuple(code for item in written for code in (_range(item) if "-" in item else (item,)))


def _names(row: Mapping[str, Any], field: str, macros: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for pattern in row.get(field, ()) for name in expand(pattern, macros)))


_LISTS = {
    "condition": ("condition",),
    "drug": ("medication",),
    "procedure": ("procedure",),
    "allergy": ("allergy",),
    "state": (),
}
_CODE_FIELDS = ("icd10", "icd10_exclude", "icd10_exact", "icd10_possible", "icd10_history")
_TUPLE_FIELDS = ("oncotree", "oncotree_exclude", "atc", "atc_exclude", "atc_possible", "parents", "either")
_PLAIN_FIELDS = ("rule", "systemic", "attest", "judged", "lifelong", "pertains", "note")


def _concept(id: str, row: Mapping[str, Any], file: Mapping[str, Any]) -> Concept:
    """A concept from its row of a topic file; the file's own kind and source stand in for the row's."""
    macros = file.get("macros", {})
    kind = row.get("kind", file["kind"])
    fields: dict[str, Any] = {field: code_prefixes(row.get(field, ())) for field in _CODE_FIELDS}
    fields |= {field: tuple(row.get(field, ())) for field in _TUPLE_FIELDS}
    fields |= {field: row[field] for field in _PLAIN_FIELDS if field in row}
    return Concept(
        id=id,
        name=row["name"],
        names=tuple(dict.fromkeys((row["name"], *_names(row, "names", macros)))),
        case_names=_names(row, "case_names", macros),
        narrower_names=_names(row, "narrower", macros),
        weak_names=frozenset(row.get("weak", ())),
        kind=kind,
        lists=tuple(row.get("lists", _LISTS[kind])),
        source=row.get("source", file["source"]),
        **fields,
    )


@cache
def catalogue() -> Mapping[str, Concept]:
    """Every concept by id; an id is given once."""
    found: dict[str, Concept] = {}
    for stem, file in tables("concepts").items():
        for id, row in file["concept"].items():
            if id in found:
                raise ValueError(f"rules/concepts/{stem}.toml: the concept {id} is defined twice")
            found[id] = _concept(id, row, file)
    return MappingProxyType(found)


@cache
def modifiers() -> Mapping[str, Modifier]:
    """Every modifier of rules/modifiers.toml by id."""
    rows = table("modifiers")["modifier"]
    return MappingProxyType(
        {
            id: Modifier(id, row["role"], _names(row, "names", {}), row.get("follows", False), row.get("note", ""))
            for id, row in rows.items()
        }
    )


@cache
def writing() -> Mapping[str, Any]:
    """How names vary by rule: spelling pairs, prepositions, suffixes of terminologies, words of local routes."""
    writing: Mapping[str, Any] = table("modifiers")["writing"]
    return writing
