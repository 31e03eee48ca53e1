"""Whether a record is an instance of a concept: by code with descendants, else by exact name."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from operator import itemgetter

from screening.concepts.codes import Code, Verdict, above, all_plain, below, classified, own_verdict, plain, strongest
from screening.concepts.model import Concept, catalogue, writing
from screening.concepts.names import by_case_name, by_name, weak_names


@lru_cache(maxsize=1 << 16)
def _code_verdict(concept_id: str, system: str, code: str) -> Verdict:
    """What one code says about a concept or anything narrower; coarser codes count against the concept's own only."""
    own = own_verdict(catalogue()[concept_id], system, code)
    if own == "yes" or _code_excluded(catalogue()[concept_id], system, code):
        return own
    implied = (own_verdict(catalogue()[id], system, code) for id in _declared_narrower(concept_id))
    return strongest((own, *implied))


def _code_excluded(concept: Concept, system: str, code: str) -> bool:
    return system.startswith("icd10") and below(plain(code), concept.icd10_exclude)


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
    codes = [plain(code) for code in narrow]
    return bool(codes) and all(below(code, broad) and not below(code, out) and not above(code, out) for code in codes)


def _narrower_by_code(narrow: Concept, broad: Concept) -> bool:
    if narrow.kind != broad.kind or narrow.rule != broad.rule:
        return False
    if broad.systemic and not narrow.systemic:
        return False
    if narrow.kind == "drug":
        return _covered(narrow.atc, broad.atc, broad.atc_exclude)
    return _covered(narrow.icd10 + narrow.icd10_exact, broad.icd10, broad.icd10_exclude)


def lies_within(concept: Concept, prefixes: tuple[str, ...]) -> bool:
    """Whether every ICD-10 code of the concept lies below these.

    >>> lies_within(catalogue()["glomerulonephritis"], ("N0", "N1")), lies_within(catalogue()["surgery"], ("N0",))
    (True, False)
    """
    return _covered(concept.icd10 + concept.icd10_exact, prefixes, ())


def _begins_within(broad: Concept) -> Iterator[Concept]:
    """The concepts whose first code lies below those of *broad*: a quick look before all their codes are compared."""
    drug = broad.kind == "drug"
    codes, named = _by_first_code(drug)
    for prefix in all_plain(broad.atc if drug else broad.icd10):
        at = bisect_left(codes, prefix)
        while at < len(codes) and codes[at].startswith(prefix):
            yield named[at]
            at += 1


@cache
def _by_first_code(drug: bool) -> tuple[list[str], list[Concept]]:
    """The concepts in the order of their first codes (ATC, else ICD-10), and those codes."""
    firsts = [((one.atc if drug else one.icd10 or one.icd10_exact)[:1], one) for one in catalogue().values()]
    found = sorted(((plain(first[0]), one) for first, one in firsts if first), key=itemgetter(0))
    return [code for code, _ in found], [one for _, one in found]


@cache
def narrower(concept_id: str) -> frozenset[str]:
    """The concepts that imply this one: by their declared parents, or because all their codes lie within its codes.

    >>> "nsclc" in narrower("lung_cancer"), "lung_cancer" in narrower("nsclc")
    (True, False)
    """
    broad = catalogue()[concept_id]
    by_code = (c.id for c in _begins_within(broad) if c.id != concept_id and _narrower_by_code(c, broad))
    declared = _declared_narrower(concept_id)
    return frozenset(declared.union(by_code, *(_declared_narrower(id) for id in declared)) - {concept_id})


@cache
def _by_key() -> Mapping[str, str]:
    """Concept id by name with hyphens as spaces, for the text of a record; abbreviations in any case."""
    abbreviations = {name.casefold(): id for name, id in by_case_name().items() if name not in weak_names()}
    return {name.replace("-", " "): id for name, id in (abbreviations | dict(by_name())).items()}


def _any_of(words: str) -> str:
    """A regular expression's alternatives."""
    return "|".join(writing()[words])


@cache
def _suffix() -> re.Pattern[str]:
    """The tag that terminologies append to a display, such as "(disorder)"."""
    return re.compile(rf"\s*\((?:{_any_of('tags')})\)$")


@cache
def _strength() -> re.Pattern[str]:
    """From where on a medication's text tells strength and form."""
    return re.compile(rf"\s+(?=[\d.,]+\s*(?:{_any_of('strengths')})?)|\s+(?:{_any_of('forms')})\b")


@cache
def _volume() -> re.Pattern[str]:
    """The quantity or release time that RxNorm puts before a name: "10 ML", "24 HR"."""
    return re.compile(rf"^[\d.]+\s*(?:{_any_of('strengths')})\s+")


@cache
def _salt() -> re.Pattern[str]:
    return re.compile(rf"\s+(?:{_any_of('salts')})$")


def _ingredient(part: str) -> str:
    """The substance a medication's text names: "10 ml furosemide 10 mg/ml injection" is furosemide.

    >>> _ingredient("10 ml furosemide 10 mg/ml injection"), _ingredient("24 hr metoprolol succinate 100 mg")
    ('furosemide', 'metoprolol')
    """
    return _salt().sub("", _strength().split(_volume().sub("", part.strip()), maxsplit=1)[0].strip())


@lru_cache(maxsize=1 << 14)
def _text_concepts(text: str) -> frozenset[str]:
    """The concepts a record's text names exactly, or whose drug it names before strength and form."""
    key = " ".join(_suffix().sub("", text.casefold().replace("’", "'")).replace("-", " ").split())
    if key in _by_key():
        return frozenset({_by_key()[key]})
    ingredients = (_ingredient(part) for part in key.split(" / "))
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
    return strongest(verdicts)


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
    by_code = strongest(_code_verdict(concept_id, system.casefold(), code) for system, code in codes)
    if by_code == "yes":
        return "yes"
    by_text = _text_verdict(concept_id, text)
    if by_text == "yes" and by_code == "no" and _coded(concept_id, codes):
        return "possible"
    return strongest((by_code, by_text))


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


@lru_cache(maxsize=1 << 14)
def _recognised(codes: tuple[Code, ...], text: str) -> bool:
    return any(classified(system.casefold(), code) for system, code in codes) or bool(_text_concepts(text))


def recognised(codes: Iterable[Code], text: str) -> bool:
    """Whether a record says, to this program, what it is: by a code of a classification it reads, or by an exact name.

    Of any other nobody can tell that it is *not* some concept, so no absence follows from a list that holds it.

    >>> recognised([("icd10cm", "I10")], ""), recognised([], "hypertension"), recognised([], "suspected breast cancer")
    (True, True, False)
    """
    return _recognised(tuple(codes), text)


def past_only(concept_id: str, codes: Iterable[Code]) -> bool:
    """Whether the record's code itself says that the concept is past ("personal history of", Z85.3).

    >>> past_only("breast_cancer", [("icd10cm", "Z85.3")])
    True
    """
    family = [catalogue()[id] for id in (concept_id, *narrower(concept_id))]
    recorded = [plain(code) for system, code in codes if system.casefold().startswith("icd10")]
    history = any(below(code, concept.icd10_history) for code in recorded for concept in family)
    return history and not any(below(code, catalogue()[concept_id].icd10) for code in recorded)


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
    cleared = strongest(matches(id, held, text) for id in (*known, *excluding))
    if primary == "no" or cleared == "yes":
        return "no"
    return "possible" if cleared == "possible" or not known else primary
