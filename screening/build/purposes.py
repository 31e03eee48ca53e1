"""What a mention's findings are to each other: a disease that a treatment was for, and findings run together.

"No prior chemotherapy for breast cancer" neither asks for breast cancer nor denies it.
"""

from __future__ import annotations

import re
from itertools import pairwise

from screening import concepts
from screening.build.dating import DONE, SMALL
from screening.build.mentions import Mention
from screening.parse.tokens import Token

_FOR = re.compile(r"\b(?:for|to treat)\b", re.IGNORECASE)
_TREATMENTS = frozenset({"drug", "procedure"})


def purposes(found: Mention) -> tuple[Token, ...]:
    """The concepts that say what the treatment before them was for."""
    kept: list[Token] = []
    for one, other in pairwise(found.concepts):
        treats = _is_treatment(one) or one in kept
        if treats and not _is_done(other) and (one in kept or _joined_by_for(found, one, other)):
            kept.append(other)
    return tuple(kept)


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
    """The word that opens a purpose: "for", "to treat"."""
    return next(t for t in reversed(found.chunk.tokens) if t.start < aim.start and _FOR.search(t.text))


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
    return concept.kind in _TREATMENTS or (concept.attest and concept.kind in DONE)


def _is_done(token: Token) -> bool:
    return concepts.catalogue()[str(token.value)].kind in DONE


__all__ = ["aim_begin", "purposes", "run_together", "without_purposes"]
