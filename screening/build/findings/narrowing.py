"""What makes a finding narrower than the concept that its name stands for: a special kind, an organ, a cause.

A record of "radiotherapy" does not say whether it was palliative, one of "surgery" not whether it was abdominal. So a
text that names the special kind compiles to the concept and something that a person must say: who never had the
concept is decided, whoever had it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from screening import concepts
from screening.build.findings.denials import DENYING
from screening.build.findings.mentions import Mention
from screening.parse.tokens import Token
from screening.resources import table

_NO_CAUSES = tuple(table("reading")["causes"]["any"] + table("reading")["causes"]["reasons"])
_ANOTHER = "other_malignancy"
_ENDS = frozenset({"DOT", "SEMI", "COMMA", "FILL", "GLUE", "DASH"})


class Organ(NamedTuple):
    """An organ's names, and the findings that are its own: by code, or by their ids."""

    words: frozenset[str]
    icd10: tuple[str, ...]
    concepts: frozenset[str]


def narrowing(found: Mention, token: Token) -> tuple[Token, Token] | None:
    """The first and the last word of what says more than the concept of *token*; None where nothing does."""
    said = [*_kind(token), *_organs(found, token), *_cause(found, token), *_further(found, token)]
    return (min(said, key=lambda one: one.start), max(said, key=lambda one: one.end)) if said else None


def _kind(token: Token) -> list[Token]:
    """The name itself, where it is one of a special kind ("palliative radiotherapy")."""
    return [token] if token.senses.get("NARROW") else []


# ---- organs


def _organs(found: Mention, token: Token) -> list[Token]:
    """The finding with the organs it stands beside ("abdominal surgery"), unless they are its own."""
    beside = [
        one
        for one in found.organs
        if _nearest(found, one) is token and not _own(one, token) and not _unread(found, one)
    ]
    return [*beside, token] if beside else []


def _nearest(found: Mention, organ: Token) -> Token:
    """The finding that an organ is said of: the nearest one, of two as near the one behind it."""
    return min(found.concepts, key=lambda one: (max(one.start - organ.end, organ.start - one.end), -one.start))


def _unread(found: Mention, organ: Token) -> bool:
    """Whether it stands among words that nobody could read, which narrow the finding already."""
    return bool(found.residue) and found.residue[0].start <= organ.start <= found.residue[-1].end


def _own(organ: Token, finding: Token) -> bool:
    """Whether a finding is one of this organ anyway ("cardiac heart failure", "renal nephropathy")."""
    concept = concepts.catalogue()[str(finding.value)]
    named = {organ.text.casefold()}
    for one in _by_word().get(organ.text.casefold(), ()):
        named |= one.words
        if concept.id in one.concepts or concepts.lies_within(concept, one.icd10):
            return True
    return not named.isdisjoint([*concept.name.casefold().split(), *finding.text.casefold().split()])


@cache
def _by_word() -> dict[str, list[Organ]]:
    found: dict[str, list[Organ]] = {}
    for row in table("organs")["organ"].values():
        one = Organ(frozenset(row["words"]), concepts.code_prefixes(row["icd10"]), frozenset(row.get("concepts", ())))
        for word in row["words"]:
            found.setdefault(word, []).append(one)
    return found


# ---- causes


def _cause(found: Mention, token: Token) -> list[Token]:
    """What stands behind "due to", said of the last finding before it ("anaemia due to haemolysis")."""
    if "CAUSE" not in [one.type for one in found.chunk.tokens]:
        return []
    at = next((i for i, one in enumerate(found.chunk.tokens) if one.type == "CAUSE" and one.start > token.start), None)
    if at is None or _last_before(found, found.chunk.tokens[at]) is not token:
        return []
    said = _up_to_window(found, found.chunk.tokens[at:])
    if is_no_cause(said) or _is_other(said[0], token):
        return []
    denied = at > 0 and found.chunk.tokens[at - 1].text.lower() in DENYING
    return [found.chunk.tokens[at - 1], *said] if denied else said


def _further(found: Mention, token: Token) -> list[Token]:
    """A bare item of a list behind the cause of the finding before it: of "thrombosis due to trauma, pregnancy" nobody
    can tell whether pregnancy is a further cause."""
    return [found.caused, token] if found.caused is not None else []


def open_cause(found: Mention) -> Token | None:
    """The "due to" under which bare items behind this one may stand; None where they are findings of their own."""
    if not found.concepts:
        return found.caused
    last = max(found.concepts, key=lambda one: one.start)
    said = _cause(found, last)
    return next((one for one in said if one.type == "CAUSE"), found.caused)


def _last_before(found: Mention, cause: Token) -> Token | None:
    return max((one for one in found.concepts if one.start < cause.start), key=lambda one: one.start, default=None)


def _up_to_window(found: Mention, said: tuple[Token, ...]) -> list[Token]:
    """The words before the first window among them, without small ones at their end."""
    end = min((first.start for _, first, _ in found.chunk.windows if first.start > said[0].start), default=None)
    kept = [one for one in said if end is None or one.start < end]
    while kept[-1].type in _ENDS:
        kept.pop()
    return kept


def is_no_cause(said: Sequence[Token]) -> bool:
    """Whether words from "due to" on leave out nobody: "due to any cause", "because of potential harm"."""
    return " ".join(one.text.casefold() for one in said[1:]).startswith(_NO_CAUSES)


def _is_other(opening: Token, token: Token) -> bool:
    """ "Other malignancies unrelated to the primary tumour": the finding itself says that it is another one."""
    return opening.text.lower().startswith("unrelated") and concepts.catalogue()[str(token.value)].rule == _ANOTHER


__all__ = ["is_no_cause", "narrowing", "open_cause"]
