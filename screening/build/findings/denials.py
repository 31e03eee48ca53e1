"""Negations that deny no finding, but say of what kind one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from screening import concepts
from screening.parse.tokens import Token
from screening.parse.trees.clause import Element
from screening.resources import table

NARROWING = ("severity", "activity")
"""The roles of modifiers that narrow a finding."""
_LACKING = frozenset(table("reading")["small"]["lacking"])
_WORDS = frozenset({"FILL", "GLUE", "MOD", "ORGAN", "CONCEPT", "WORD", "QUAL", "DASH"})
DENYING = frozenset(table("reading")["small"]["denying"])
_COURSES = frozenset(table("reading")["course"]["modifiers"])
_HEARD = _LACKING | DENYING


def heard(words: Sequence[Token]) -> Sequence[Token]:
    """The words without negations that deny no finding.

    A prefix before a word nobody knows ("non-Caucasian") or before a compound name ("non-ischaemic cardiomyopathy" is
    one), and "not" before a modifier behind a finding ("psoriasis not requiring …").
    """
    if _HEARD.isdisjoint([token.text.lower() for token in words]) and not any(map(_is_prefix, words)):
        return words
    kept: list[Token] = []
    compound = False
    for at, token in enumerate(words):
        behind = next((one for one in words[at + 1 :] if one.type != "DASH"), None)
        if _is_prefix(token) and behind is not None and behind.type == "WORD":
            continue
        known = compound and token.type == "CONCEPT"
        kept.append(replace(token, type="WORD") if known or _lacks(words, at, behind) else token)
        compound = compound and token.type == "DASH"
        if _is_prefix(token) and behind is not None and _is_compound(behind):
            kept[-1], compound = replace(token, type="WORD"), True
    return _qualified(kept)


def _lacks(words: Sequence[Token], at: int, behind: Token | None) -> bool:
    """Whether "without" behind a finding denies a word that nobody knows, or what stands behind a connective, and not
    the finding ("infection without proven or suspected focus")."""
    return (
        words[at].text.lower() in _LACKING
        and behind is not None
        and (behind.type == "WORD" or all(token.type in ("MOD", "FILL", "GLUE") for token in words[at + 1 :]))
        and any(token.type == "CONCEPT" for token in words[:at])
        and all(token.type != "CONCEPT" for token in words[at:])
    )


def _is_compound(token: Token) -> bool:
    """Whether a name has an adjective before its noun, which a prefix may deny alone; states of women have none."""
    if token.type != "CONCEPT" or len(token.text.split()) == 1:
        return False
    concept = concepts.catalogue()[str(token.value)]
    return not (concept.pertains or concept.attest)


def _is_prefix(token: Token) -> bool:
    return token.type == "MOD" and ("negation", "non") in token.value


def _qualified(words: list[Token]) -> list[Token]:
    """ "Psoriasis not requiring systemic therapy": what is denied is the modifier, which stays to be read."""
    named = [at for at, token in enumerate(words) if token.type == "CONCEPT"]
    if not named:
        return words
    return [
        replace(token, type="WORD")
        if token.type == "MOD" and at > named[-1] and _near_denial(words, at) and _narrows_or_denies(token)
        else token
        for at, token in enumerate(words)
    ]


def _near_denial(words: Sequence[Token], at: int) -> bool:
    """Whether a word is "not" right before a modifier, or the modifier right behind it."""
    pairs = [(words[i], words[i + 1]) for i in (at - 1, at) if 0 <= i < len(words) - 1]
    return any(one.text.lower() in DENYING and _narrows(other) for one, other in pairs)


def _narrows(token: Token) -> bool:
    return token.type == "MOD" and all(role in NARROWING for role, _ in token.value)


def _narrows_or_denies(token: Token) -> bool:
    return _narrows(token) or token.text.lower() in DENYING


def denies_more(tokens: Sequence[Token], at: int, before: Sequence[Token]) -> bool:
    """Whether a negation behind a finding denies another one: "diabetes not on insulin" is diabetes, and no insulin.

    *before*: the words so far.
    """
    if not _negates(tokens[at]) or not any(token.type == "CONCEPT" or says_course(token) for token in before):
        return False
    behind = takewhile(lambda token: token.type in _WORDS, tokens[at + 1 :])
    return any(token.type == "CONCEPT" for token in behind) and not _negates(before[-1])


def says_course(token: Token) -> bool:
    """Whether a word says how a disease stands ("stable"), which no drug does."""
    return token.type == "MOD" and all(identity in _COURSES for _, identity in token.value)


def is_denied(words: Sequence[Token]) -> bool:
    """Whether words are denied by one of them."""
    return any(map(_negates, words))


def _negates(token: Token) -> bool:
    """Whether a word of its own denies; a prefix ("non-") is none."""
    return token.type == "MOD" and any(role == "negation" and identity != "non" for role, identity in token.value)


def as_lists(elements: list[Element]) -> list[Element]:
    """The elements with a list that "without" denies behind a limit or finding as one: "Hb ≥ 9 g/dL without
    transfusion or EPO within 7 days" offers no EPO as a way out."""
    out: list[Element] = []
    at = 0
    while at < len(elements):
        end = _denied_end(elements, at)
        if end is None:
            out.append(elements[at])
            at += 1
        else:
            out.append(Element("LIST", elements[at:end]))
            at = end
    return out


def _denied_end(elements: Sequence[Element], at: int) -> int | None:
    """Where the list ends that begins at this element, right behind a limit; None where there is none."""
    if at == 0 or elements[at - 1].type not in ("PRED", "TEXT") or not _denies(elements[at]):
        return None
    end, alternatives = at + 1, False
    while True:
        joins = list(takewhile(lambda one: one.type in ("OR", "COMMA"), elements[end:]))
        if not joins or not _is_more(elements, end + len(joins)):
            return end if alternatives else None
        alternatives = alternatives or any(one.type == "OR" for one in joins)
        end += len(joins) + 1


def _is_more(elements: Sequence[Element], at: int) -> bool:
    """Whether words follow that name one more thing, and no limit."""
    if at >= len(elements):
        return False
    behind = elements[at + 1].type if at + 1 < len(elements) else ""
    return elements[at].type == "TEXT" and not _denies(elements[at]) and behind not in ("PRED", "TEXT", "LPAR")


def _denies(element: Element) -> bool:
    """Whether words begin with a negation."""
    tokens = getattr(element.payload, "tokens", ()) if element.type == "TEXT" else ()
    opening = takewhile(lambda token: token.type in ("FILL", "GLUE", "DASH", "MOD"), tokens)
    return any(token.denies for token in opening)


__all__ = ["DENYING", "NARROWING", "as_lists", "denies_more", "heard", "is_denied", "says_course"]
