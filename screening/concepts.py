"""Conditions, drugs, procedures, allergies and states: their names in texts and their codes in records.

All knowledge is data in rules/concepts/*.toml (one file a topic), rules/oncotree.toml and rules/modifiers.toml.
ICD-10 and ATC are prefix-hierarchical, so a code stands for itself and its descendants:

- a recorded code below one of the concept's codes, and not below an excluded one: "yes";
- a recorded code above one of them (C79.3 for C79.31, bare Z94 where Z94.7 is out): "possible", as is any code
  listed in `icd10_possible`;
- history codes (Z85.3) are "yes" as well, and `past_only` tells that they speak of the past.

Names are written once. In rules, "{liver,hepatic} metastasis" stands for both alternatives and "{@ca}" for the
file's macro; `by_name` adds, by rule and not by listing: plurals of the last word and of the word before
"of/to/in/with/from", spaces for hyphens, American for British spelling, and forms of the possessive "'s".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from types import MappingProxyType
from typing import Any, Literal

from screening.resources import table, tables

Verdict = Literal["no", "possible", "yes"]
Code = tuple[str, str]  # (system, code)

_RANK: dict[Verdict, int] = {"no": 0, "possible": 1, "yes": 2}
_CATEGORY = 3  # characters of an ICD-10 or ATC code below which it says too little to suggest anything
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept. Codes are written as the terminologies print them; prefixes imply their descendants."""

    id: str
    name: str
    names: tuple[str, ...]  # as texts write them; matched whole-word, without regard to case
    case_names: tuple[str, ...] = ()  # matched in exactly this case ("HIV", "ALL")
    weak_names: frozenset[str] = frozenset()  # of both: names that often mean something else
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


def _code_list(written: Iterable[str]) -> tuple[str, ...]:
    """Codes with ranges spelled out; a range stays within one letter."""
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
    fields: dict[str, Any] = {field: _code_list(row.get(field, ())) for field in _CODE_FIELDS}
    fields |= {field: tuple(row.get(field, ())) for field in _TUPLE_FIELDS}
    fields |= {field: row[field] for field in _PLAIN_FIELDS if field in row}
    return Concept(
        id=id,
        name=row["name"],
        names=tuple(dict.fromkeys((row["name"], *_names(row, "names", macros)))),
        case_names=_names(row, "case_names", macros),
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
def _writing() -> Mapping[str, Any]:
    """How names vary by rule: spelling pairs, prepositions, suffixes of terminologies, words of local routes."""
    writing: Mapping[str, Any] = table("modifiers")["writing"]
    return writing


@cache
def _plural(word: str) -> str:
    """The regular plural of a lower-case noun.

    >>> [_plural(word) for word in ("metastasis", "allergy", "biopsy", "abscess", "tumour", "use")]
    ['metastases', 'allergies', 'biopsies', 'abscesses', 'tumours', 'uses']
    """
    for ending, cut, plural in _writing()["plurals"]:
        if re.search(ending, word):
            return word[: len(word) - cut] + str(plural)
    return word + "s"


def _plurals(name: str) -> Iterator[str]:
    """The name, with its last word in the plural, and with the noun before its preposition in the plural."""
    yield name
    words = name.split(" ")
    heads = [i - 1 for i, word in enumerate(words) if i and word in _writing()["prepositions"]]
    for head in dict.fromkeys((*heads[:1], len(words) - 1)):
        if words[head].isalpha():
            yield " ".join((*words[:head], _plural(words[head]), *words[head + 1 :]))


@cache
def _british() -> re.Pattern[str]:
    return re.compile("|".join(british for british, _ in _writing()["spelling"]))


def _american(name: str) -> str:
    return _british().sub(lambda found: str(_spelling()[found.group()]), name)


@cache
def _spelling() -> Mapping[str, str]:
    return dict(_writing()["spelling"])


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
    """Concept id by casefolded name, with every variant; a written name goes before another's variant."""
    written = {name.casefold(): concept.id for concept in catalogue().values() for name in concept.names}
    derived = {
        form: concept.id for concept in catalogue().values() for name in concept.names for form in variants(name)
    }
    return MappingProxyType(derived | written)


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
    return frozenset(form for phrase in _writing()["not_names"] for form in variants(phrase))


@cache
def modifiers_by_name() -> Mapping[str, tuple[str, ...]]:
    """Modifier ids by casefolded words; a word may play several roles ("recurrent", "ongoing")."""
    found: dict[str, tuple[str, ...]] = {}
    for modifier in modifiers().values():
        for name in modifier.names:
            for form in {name.casefold(), name.casefold().replace("-", " ")}:
                found[form] = tuple(dict.fromkeys((*found.get(form, ()), modifier.id)))
    return MappingProxyType(found)


@lru_cache(maxsize=1 << 16)
def _plain(code: str) -> str:
    return code.replace(".", "").strip().upper()


def _below(code: str, prefixes: Iterable[str]) -> bool:
    return any(code.startswith(_plain(prefix)) for prefix in prefixes)


def _above(code: str, prefixes: Iterable[str]) -> bool:
    """Whether the code is a coarser category of one of them (at least a three-character category)."""
    return len(code) >= _CATEGORY and any(
        _plain(prefix).startswith(code) and _plain(prefix) != code for prefix in prefixes
    )


def _icd10(concept: Concept, code: str) -> Verdict:
    if _below(code, concept.icd10_exclude):
        return "no"
    if code in map(_plain, concept.icd10_exact) or _below(code, concept.icd10_history):
        return "yes"
    if _below(code, concept.icd10):
        return "possible" if _above(code, concept.icd10_exclude) else "yes"
    coarser = _above(code, concept.icd10 + concept.icd10_exact)
    return "possible" if coarser or _below(code, concept.icd10_possible) else "no"


def _atc(concept: Concept, code: str) -> Verdict:
    if _below(code, concept.atc_exclude):
        return "no"
    if _below(code, concept.atc):
        return "possible" if _above(code, concept.atc_exclude) else "yes"
    return "possible" if _above(code, concept.atc) or _below(code, concept.atc_possible) else "no"


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


def _own_verdict(concept: Concept, system: str, code: str) -> Verdict:
    """What one code says about a concept by the concept's own lists."""
    if system.startswith("icd10") and system != "icd10pcs":
        return _icd10(concept, _plain(code))
    if system == "atc":
        return _atc(concept, _plain(code))
    return _oncotree(concept, code.strip().upper()) if system == "oncotree" else "no"


def _strongest(verdicts: Iterable[Verdict]) -> Verdict:
    return max(verdicts, key=_RANK.__getitem__, default="no")


@lru_cache(maxsize=1 << 16)
def _code_verdict(concept_id: str, system: str, code: str) -> Verdict:
    """What one code says about a concept or anything narrower; coarser codes count against the concept's own only."""
    own = _own_verdict(catalogue()[concept_id], system, code)
    if own == "yes" or _code_excluded(catalogue()[concept_id], system, code):
        return own
    implied = (_own_verdict(catalogue()[id], system, code) for id in _declared_narrower(concept_id))
    return _strongest((own, *implied))


def _code_excluded(concept: Concept, system: str, code: str) -> bool:
    return system.startswith("icd10") and _below(_plain(code), concept.icd10_exclude)


@cache
def _children() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for concept in catalogue().values():
        for parent in concept.parents:
            found[parent] = (*found.get(parent, ()), concept.id)
        if concept.either:
            found[concept.id] = (*found.get(concept.id, ()), *concept.either)
    return found


@cache
def _declared_narrower(concept_id: str) -> frozenset[str]:
    """The concepts that name this one among their parents, its own parts, and theirs."""
    direct = _children().get(concept_id, ())
    return frozenset(direct).union(*(_declared_narrower(id) for id in direct))


def _covered(narrow: tuple[str, ...], broad: tuple[str, ...], out: tuple[str, ...]) -> bool:
    """Whether every code of *narrow* lies below *broad* and clear of *out*."""
    codes = [_plain(code) for code in narrow]
    return bool(codes) and all(
        _below(code, broad) and not _below(code, out) and not _above(code, out) for code in codes
    )


def _narrower_by_code(narrow: Concept, broad: Concept) -> bool:
    if narrow.kind != broad.kind or narrow.rule != broad.rule:
        return False
    if broad.systemic and not narrow.systemic:
        return False
    if narrow.kind == "drug":
        return _covered(narrow.atc, broad.atc, broad.atc_exclude)
    return _covered(narrow.icd10 + narrow.icd10_exact, broad.icd10, broad.icd10_exclude)


@cache
def narrower(concept_id: str) -> frozenset[str]:
    """The concepts that imply this one: by their declared parents, or because all their codes lie within its codes.

    >>> "nsclc" in narrower("lung_cancer"), "lung_cancer" in narrower("nsclc")
    (True, False)
    """
    broad = catalogue()[concept_id]
    by_code = (c.id for c in catalogue().values() if c.id != concept_id and _narrower_by_code(c, broad))
    declared = _declared_narrower(concept_id)
    return frozenset(declared.union(by_code, *(_declared_narrower(id) for id in declared)) - {concept_id})


@cache
def _by_key() -> Mapping[str, str]:
    """Concept id by name with hyphens as spaces, for the text of a record; abbreviations in any case."""
    abbreviations = {name.casefold(): id for name, id in by_case_name().items() if name not in weak_names()}
    return {name.replace("-", " "): id for name, id in (abbreviations | dict(by_name())).items()}


def _any_of(words: str) -> str:
    """A regular expression's alternatives."""
    return "|".join(_writing()[words])


@cache
def _suffix() -> re.Pattern[str]:
    """The tag that terminologies append to a display, such as "(disorder)"."""
    return re.compile(rf"\s*\((?:{_any_of('tags')})\)$")


@cache
def _strength() -> re.Pattern[str]:
    """From where on a medication's text tells strength and form."""
    return re.compile(rf"\s+(?=[\d.,]+\s*(?:{_any_of('strengths')})?)|\s+(?:{_any_of('forms')})\b")


@lru_cache(maxsize=1 << 14)
def _text_concepts(text: str) -> frozenset[str]:
    """The concepts a record's text names exactly, or whose drug it names before strength and form."""
    key = " ".join(_suffix().sub("", text.casefold().replace("’", "'")).replace("-", " ").split())
    if key in _by_key():
        return frozenset({_by_key()[key]})
    ingredients = (_strength().split(part.strip(), maxsplit=1)[0].strip() for part in key.split(" / "))
    named = (_by_key().get(ingredient) for ingredient in ingredients)
    return frozenset(id for id in named if id and catalogue()[id].kind == "drug")


@cache
def _local() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_any_of('local_routes')})\b")


def _text_verdict(concept_id: str, text: str) -> Verdict:
    verdicts: list[Verdict] = []
    for found in _text_concepts(text):
        if found == concept_id or found in narrower(concept_id):
            verdicts.append("yes")
        elif concept_id in narrower(found):
            verdicts.append("possible")
    return _strongest(verdicts)


def _coded(concept_id: str, codes: tuple[Code, ...]) -> bool:
    """Whether one of the codes is of a system in which the concept has codes, and so could have said yes."""
    concept = catalogue()[concept_id]
    systems = {"atc"} if concept.atc else set()
    systems |= {"icd10", "icd10cm", "icd10gm", "icd10who"} if concept.icd10 or concept.icd10_exact else set()
    systems |= {"oncotree"} if concept.oncotree else set()
    return any(system.casefold() in systems for system, _ in codes)


@lru_cache(maxsize=1 << 16)
def _matches(concept_id: str, codes: tuple[Code, ...], text: str) -> Verdict:
    if catalogue()[concept_id].systemic and _local().search(text.casefold()):
        return "no"
    by_code = _strongest(_code_verdict(concept_id, system.casefold(), code) for system, code in codes)
    if by_code == "yes":
        return "yes"
    by_text = _text_verdict(concept_id, text)
    if by_text == "yes" and by_code == "no" and _coded(concept_id, codes):
        return "possible"
    return _strongest((by_code, by_text))


def matches(concept_id: str, codes: Iterable[Code], text: str) -> Verdict:
    """Whether a record with these codes and this text is (an instance of) the concept.

    Codes go before text; a text that contradicts its own codes is only "possible". A record of a broader concept
    ("malignant tumour" for breast cancer) is "possible". *text* counts only when it is exactly a name.

    >>> matches("breast_cancer", [("icd10cm", "C50.911")], ""), matches("brain_metastasis", [("icd10", "C79.3")], "")
    ('yes', 'possible')
    >>> matches("hiv", [], "HIV infection (disorder)"), matches("hiv", [], "family history of HIV")
    ('yes', 'no')
    """
    return _matches(concept_id, tuple(codes), text)


def past_only(concept_id: str, codes: Iterable[Code]) -> bool:
    """Whether the record's code itself says that the concept is past ("personal history of", Z85.3).

    >>> past_only("breast_cancer", [("icd10cm", "Z85.3")])
    True
    """
    family = [catalogue()[id] for id in (concept_id, *narrower(concept_id))]
    plain = [_plain(code) for system, code in codes if system.casefold().startswith("icd10")]
    history = any(_below(code, concept.icd10_history) for code in plain for concept in family)
    return history and not any(_below(code, catalogue()[concept_id].icd10) for code in plain)


def is_malignancy(codes: Iterable[Code], text: str) -> Verdict:
    """Whether a record is a primary malignancy (never C77–C79, which belong to some primary)."""
    held = tuple(codes)
    return "no" if is_secondary(held, text) == "yes" else matches("malignancy", held, text)


def is_secondary(codes: Iterable[Code], text: str) -> Verdict:
    """Whether a record is a metastasis of some primary (C77–C79, C7B)."""
    return matches("metastasis", codes, text)


def is_other_malignancy(
    codes: Iterable[Code], text: str, index: Iterable[str], excluding: Iterable[str] = ()
) -> Verdict:
    """Whether a record is a primary that is neither the index condition nor excepted.

    With no known index condition the answer is at most "possible": only a second primary counts, and that is for
    the caller, who sees all records, to tell.

    >>> is_other_malignancy([("icd10", "C18.7")], "", ["breast_cancer"])
    'yes'
    >>> is_other_malignancy([("icd10cm", "C44.311")], "", ["breast_cancer"], ["basal_cell_carcinoma"])
    'no'
    """
    held, known = tuple(codes), tuple(index)
    primary = is_malignancy(held, text)
    cleared = _strongest(matches(id, held, text) for id in (*known, *excluding))
    if primary == "no" or cleared == "yes":
        return "no"
    return "possible" if cleared == "possible" or not known else primary
