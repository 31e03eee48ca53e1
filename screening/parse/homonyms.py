"""Names that mean another thing beside certain words: "off immunosuppression" speaks of the drugs, not of the state,
and "anti-lymphoma therapy" of what is taken against it."""

from __future__ import annotations

from itertools import pairwise

from screening import concepts
from screening.parse.lexicon import words_of
from screening.parse.tokens import Token
from screening.resources import table

_NAMES: dict[str, str] = table("reading")["taken"]["names"]
_AGAINST: dict[str, str] = table("reading")["taken"]["against"]
AGAINST = frozenset(table("reading")["taken"]["prefixes"])
_TREATING = frozenset(table("reading")["taken"]["treating"])
_TAKING = frozenset(table("reading")["taken"]["words"])
_BY_KIND: dict[str, dict[str, str]] = table("reading")["modifiers_by_kind"]
BY_KIND = frozenset(_BY_KIND)
_CLOSE = 2  # tokens: "on stable immunosuppression"
HOMONYMS = frozenset(word for name in _NAMES for word in words_of(name))


def taken(tokens: list[Token]) -> list[Token]:
    """ "off immunosuppression": the state is named for the drugs that make it."""
    for at, token in enumerate(tokens):
        drug = _NAMES.get(token.text.lower()) if token.type == "CONCEPT" else None
        if drug and any(one.text.lower() in _TAKING for one in tokens[max(0, at - _CLOSE) : at]):
            token.value = drug
    return tokens


def by_kind(tokens: list[Token]) -> list[Token]:
    """ "Local radiotherapy" is done in one place, "local antibiotics" are put on one: the kind tells."""
    for token, named in pairwise(tokens):
        senses = _BY_KIND.get(token.text.lower()) if token.type == "MOD" else None
        concept = named.value if named.type == "CONCEPT" else named.senses.get("CONCEPT")
        if senses and concept is not None:
            kind = concepts.catalogue()[str(concept)].kind
            meant = senses.get(kind, senses["other"])
            token.value = tuple(one for one in token.value if one[1] not in senses.values() or one[1] == meant)
    return tokens


def against(tokens: list[Token]) -> list[Token]:
    """ "anti-lymphoma therapy": what is taken against a malignancy; "anti-asthma" is no asthma either."""
    for at in range(len(tokens) - 3, -1, -1):
        if at + 3 > len(tokens):
            continue  # another such word stood here and is one token now
        prefix, dash, named = tokens[at : at + 3]
        if prefix.text.lower() not in AGAINST or dash.text != "-" or named.type != "CONCEPT":
            continue
        treating = at + 3 < len(tokens) and tokens[at + 3].text.lower() in _TREATING
        drug = _taken_against(str(named.value)) if treating else None
        last = tokens[at + 3] if drug else named
        said = f"{prefix.text}{dash.text}{named.text}" + (f" {last.text}" if drug else "")
        made = Token("CONCEPT" if drug else "WORD", drug or said, prefix.start, last.end, said)
        tokens[at : at + (4 if drug else 3)] = [made]
    return tokens


def _taken_against(concept: str) -> str | None:
    """The drug that is taken against a disease, if its family has one name for it."""
    return next((drug for family, drug in _AGAINST.items() if concept in concepts.narrower(family)), None)


__all__ = ["AGAINST", "BY_KIND", "HOMONYMS", "against", "by_kind", "taken"]
