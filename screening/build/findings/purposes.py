"""What a mention's findings are to each other: what a treatment was for, what an allergy is to, what dates a finding.

"No prior chemotherapy for breast cancer" neither asks for breast cancer nor denies it; an allergy to a drug does not
say that it is taken; "kidney injury at the time of surgery" asks nobody to have had surgery.
"""

from __future__ import annotations

import re
from itertools import pairwise

from screening import concepts
from screening.build.findings.dating import DONE, SMALL, TREATMENTS
from screening.build.findings.mentions import Mention
from screening.parse.tokens import Token
from screening.resources import table
from screening.text import Guarded

_FOR = re.compile(r"\b(?:for|to treat)\b", re.IGNORECASE)
_WHEN = re.compile(table("reading")["dated_by"]["pattern"], re.IGNORECASE)
_ALLERGIES = Guarded(table("reading")["allergies"]["pattern"], table("reading")["allergies"]["pattern_needs"])


def purposes(found: Mention) -> tuple[Token, ...]:
    """The concepts that say what the treatment before them was for, what an allergy is to, or when a finding was."""
    kept: list[Token] = []
    for one, other in pairwise(found.concepts):
        treats = (_is_treatment(one) or one in kept) and not _is_done(other)
        aimed = treats and (one in kept or _joined_by_for(found, one, other))
        if aimed or _is_allergen(found, other) or _dates(found, one, other):
            kept.append(other)
    return tuple(kept)


def is_allergic(*found: Mention) -> bool:
    """Whether mentions, side by side, speak of an allergy, whose objects are drugs that nobody need take."""
    return _ALLERGIES.search(" ".join([token.text for one in found for token in one.chunk.tokens]).lower())


def is_drug_only(found: Mention) -> bool:
    """Whether a mention names nothing but drugs, and not that they are or were taken."""
    kinds = {concepts.catalogue()[str(token.value)].kind for token in found.concepts}
    return kinds == {"drug"} and not found.current and not found.history


def _is_allergen(found: Mention, drug: Token) -> bool:
    """Whether a drug stands behind the allergy to it."""
    concept = concepts.catalogue()[str(drug.value)]
    if concept.kind != "drug" or concept.attest:
        return False
    return _ALLERGIES.search(" ".join([one.text for one in found.chunk.tokens if one.start < drug.start]).lower())


def _dates(found: Mention, one: Token, other: Token) -> bool:
    """Whether a treatment only says when the finding before it was ("at the time of surgery")."""
    between = " ".join(t.text for t in found.chunk.tokens if one.end <= t.start < other.start)
    return found.window is None and _is_done(other) and bool(_WHEN.search(between))


def without_purposes(found: Mention, aims: tuple[Token, ...]) -> Mention:
    """The treatment alone, under the words before "for" only."""
    begin = aims[0].start
    mods = [t for t in found.chunk.tokens if t.type == "MOD" and t.start < begin and not _behind_for(found, t, aims[0])]
    named = {identity for token in mods for _, identity in token.value}
    return found._replace(
        concepts=tuple(token for token in found.concepts if token not in aims),
        narrowing=tuple(name for name in found.narrowing if name in named),
    )


def aim_begin(found: Mention, aim: Token) -> Token:
    """The word that opens a purpose: "for", "to treat"; else the first word behind the finding before it."""
    before = [token for token in found.chunk.tokens if token.start < aim.start]
    opened = next((token for token in reversed(before) if _FOR.search(token.text)), None)
    named = max((token.end for token in found.concepts if token.start < aim.start), default=0)
    if opened is not None and opened.start >= named:
        return opened
    return next((token for token in before if token.start >= named), aim)


def run_together(found: Mention) -> Token | None:
    """The finding that begins a statement of its own: a capital behind small letters, and no connective between.

    "Receiving any anticancer drug Major surgery one month before enrolment" lost the end of its first sentence.
    """
    for one, other in pairwise(found.concepts):
        concept = concepts.catalogue()[str(other.value)]
        capital = other.text[:1].isupper() and other.text[1:2].islower() and concept.name[:1].islower()
        between = [t for t in found.chunk.tokens if one.end <= t.start < other.start]
        if capital and concept.kind != "drug" and one.text[-1:].islower() and all(t.type == "MOD" for t in between):
            return other
    return None


def _joined_by_for(found: Mention, one: Token, other: Token) -> bool:
    between = [token for token in found.chunk.tokens if one.end <= token.start < other.start]
    said = " ".join(token.text for token in between)
    return all(token.type in SMALL | {"IF"} for token in between) and bool(_FOR.search(said))


def _behind_for(found: Mention, token: Token, aim: Token) -> bool:
    return token.start > aim_begin(found, aim).start


def _is_treatment(token: Token) -> bool:
    concept = concepts.catalogue()[str(token.value)]
    return concept.kind in TREATMENTS or (concept.attest and concept.kind in DONE)


def _is_done(token: Token) -> bool:
    return concepts.catalogue()[str(token.value)].kind in DONE


__all__ = ["aim_begin", "is_allergic", "is_drug_only", "purposes", "run_together", "without_purposes"]
