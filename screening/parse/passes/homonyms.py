"""Names that mean another thing beside certain words: "off immunosuppression" speaks of the drugs, not of the state,
and "anti-lymphoma therapy" of what is taken against it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, takewhile

from screening import concepts
from screening.parse.tokens import Token
from screening.parse.words.lexicon import words_of
from screening.resources import table

_NAMES: dict[str, str] = table("reading")["taken"]["names"]
_AGAINST: dict[str, str] = table("reading")["taken"]["against"]
AGAINST = frozenset(table("reading")["taken"]["prefixes"])
DATING = frozenset(table("reading")["dating_prefixes"]["words"])
_PAST = frozenset(table("reading")["dating_prefixes"]["past"])
TREATING = frozenset(table("reading")["taken"]["treating"])
_STANDING = frozenset(table("reading")["taken"]["standing"])
_TAKING = frozenset(table("reading")["taken"]["words"])
_BY_KIND: dict[str, dict[str, str]] = table("reading")["modifiers_by_kind"]
BY_KIND = frozenset(_BY_KIND)
_SPREAD = tuple(table("reading")["taken"]["spread"])
_CLOSE = 2  # tokens: "on stable immunosuppression"
_GIVEN: dict[str, str] = table("reading")["taken"]["given"]
GIVEN = frozenset(_GIVEN)
_LISTED = frozenset({"FILL", "GLUE", "THEN", "OR", "AND", "COMMA", "SLASH", "CONCEPT", "QUAL", "MOD", "WORD", "JUDGE"})
HOMONYMS = frozenset(word for name in _NAMES for word in words_of(name))


def taken(tokens: list[Token]) -> list[Token]:
    """ "off immunosuppression": the state is named for the drugs that make it."""
    for at, token in enumerate(tokens):
        drug = _NAMES.get(token.text.lower()) if token.type == "CONCEPT" else None
        if drug and any(one.text.lower() in _TAKING for one in tokens[max(0, at - _CLOSE) : at]):
            token.value = drug
    return tokens


def given(tokens: list[Token]) -> list[Token]:
    """ "No albumin within 14 days before screening": where a list is denied for a length of time, what is measured or
    counted is what was given."""
    for at, token in enumerate(tokens):
        drug = _GIVEN.get(token.text.lower()) if token.type == "VAR" else None
        if drug is None:
            continue
        behind = list(takewhile(lambda one: one.type in _LISTED, tokens[at + 1 :]))
        end = tokens[at + 1 + len(behind)].type if at + 1 + len(behind) < len(tokens) else ""
        if end == "WITHIN" and any(_denies(one) for one in (*tokens[:at], *behind)):
            token.type, token.value, token.senses = "CONCEPT", drug, {"CONCEPT": drug}
    return tokens


def _denies(token: Token) -> bool:
    return token.type == "QUAL" or token.denies


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
        treating = at + 3 < len(tokens) and tokens[at + 3].text.lower() in TREATING
        drug = _taken_against(str(named.value)) if treating else None
        last = tokens[at + 3] if drug else named
        said = f"{prefix.text}{dash.text}{named.text}" + (f" {last.text}" if drug else "")
        made = Token("CONCEPT" if drug else "WORD", drug or said, prefix.start, last.end, said)
        tokens[at : at + (4 if drug else 3)] = [made]
    return tokens


def treatment_of(tokens: list[Token]) -> list[Token]:
    """ "Asthma treatment within 4 weeks": what is done against a disease, not the disease; "myeloma therapy" is by
    drugs."""
    kept: list[Token] = []
    for at, token in enumerate(tokens):
        if kept and _treats(kept[-1], token, tokens[at + 1 : at + 3]):
            named = kept.pop()
            said = f"{named.text} {token.text}"
            drug = _drug_against(named)
            senses = {"CONCEPT": drug} if drug else {}
            token = Token("CONCEPT" if drug else "WORD", drug or said, named.start, token.end, said, senses)
        kept.append(token)
    return kept


def _drug_against(named: Token) -> str | None:
    """The drug of the family of a disease; none for what is treated where it is ("brain metastases")."""
    identity = named.senses.get("CONCEPT", named.value)
    return None if named.text.lower().endswith(_SPREAD) else _taken_against(str(identity))


def _treats(named: Token, word: Token, behind: list[Token]) -> bool:
    identity = named.senses.get("CONCEPT", named.value if named.type == "CONCEPT" else None)
    if word.text.lower() not in TREATING or identity is None or not 0 < word.start - named.end <= 1:
        return False
    if any(one.text.lower() in _STANDING for one in behind):
        return False
    known = concepts.catalogue()[str(identity)]
    return known.kind == "condition" and not known.attest


def _taken_against(concept: str) -> str | None:
    """The drug that is taken against a disease, if its family has one name for it."""
    return next((drug for family, drug in _AGAINST.items() if concept in concepts.narrower(family)), None)


def set_in_time(tokens: list[Token]) -> list[Token]:
    """ "Post-chemotherapy cardiomyopathy": what was before the finding is over; "pre-transplant cyclophosphamide": what
    is still to come only says of what kind the finding is."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        event = _event_at(tokens, at)
        if event is None:
            kept.append(tokens[at])
            at += 1
        elif tokens[at].text.lower() in _PAST:
            kept += tokens[at:event]
            kept.append(replace(tokens[event], senses={**tokens[event].senses, "PAST": True}))
            at = event + 1
        else:
            kept.append(_compound(tokens, at, event + 1))
            at = event + 2
    return kept


def _event_at(tokens: list[Token], at: int) -> int | None:
    """The event that a prefix of time at this place stands before; None where there is none, or where a length of time
    stands before it ("6 weeks post surgery"), or no finding behind."""
    if tokens[at].text.lower() not in DATING or (at and tokens[at - 1].type in ("TIME", "NUM")):
        return None
    hyphen = at + 1 < len(tokens) and tokens[at + 1].text == "-"
    event = at + 1 + hyphen
    if event >= len(tokens) or not _is_event(tokens[event]):
        return None
    if tokens[at].text.lower() in _PAST:
        return event
    noun = tokens[event + 1] if event + 1 < len(tokens) else None
    return event if hyphen and noun is not None and noun.type in ("CONCEPT", "WORD") else None


def _is_event(token: Token) -> bool:
    return token.type == "CONCEPT" and not concepts.catalogue()[str(token.value)].attest


def _compound(tokens: list[Token], at: int, last: int) -> Token:
    said = " ".join(token.text for token in tokens[at : last + 1]).replace(" - ", "-")
    noun = tokens[last]
    senses = {**noun.senses, "NARROW": said} if noun.type == "CONCEPT" else {}
    value = noun.value if noun.type == "CONCEPT" else said
    return Token(noun.type, value, tokens[at].start, noun.end, said, senses)


__all__ = [
    "AGAINST",
    "BY_KIND",
    "DATING",
    "GIVEN",
    "HOMONYMS",
    "TREATING",
    "against",
    "by_kind",
    "given",
    "set_in_time",
    "taken",
    "treatment_of",
]
