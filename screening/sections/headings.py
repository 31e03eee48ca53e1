"""Headings inside a list: what names a group of participants, and what is only a label."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from screening.sections.markers import Marker
from screening.sections.vocabulary import Vocabulary, vocabulary
from screening.text import Span

_DRESS = " \t*_=#:：-–—"
_LONGEST = 110  # characters of a heading
_LABEL_WORDS = 8
_PEOPLE_WORDS = 4
_LIMIT = re.compile(r"[<>=≤≥]|\d\s*(?:%|mg|mL|years|months|weeks|days)|^\d+\w* ")
_PARTS = re.compile(r"\w+(?: (?:[A-Z\d][\w.]{0,3}|and|or|&|,))+(?: ?\([^()]{1,60}\))?", re.ASCII)
_PARTING = re.compile(r":|only ?[-–—]")
_SENTENCE_END = re.compile(r"[.;,。；,?!]\s*$")
_INTRODUCES = re.compile(
    r"\b(?:following|defined|including|includ\w+|any of|one of|all of|must|are|is|have|has|meets?|as|by|if|such|either|"
    r"below|satisfy\w*|allowed|permitted|who|that|prior to|within|except)\b",
    re.IGNORECASE,
)


class Kind(Enum):
    """What a heading does to the items below it."""

    COHORT = "cohort"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading line; a cohort without name stands for all participants."""

    kind: Kind
    name: str
    span: Span


def classify(raw: str, span: Span, *, following_marker: Marker | None, last: bool, loose: bool) -> Heading | None:
    """The heading this unmarked line is, or None. *loose*: the text above it had ended."""
    line = span.of(raw)
    if len(line) > _LONGEST or last:
        return None
    name = line.strip(_DRESS)
    words = vocabulary()
    colon = line.rstrip(" *_")[-1:] in (":", "：")
    dressed = line[0] in "=_" or line.startswith("**")
    listed = following_marker is not None and following_marker.opens
    if following_marker is not None and _PARTS.fullmatch(name) and names_group(name, words):
        return Heading(Kind.COHORT, plain_name(line), span)
    if not name or not (colon or dressed or (listed and loose and _is_title(line, words))):
        return None
    if names_group(name, words):
        return Heading(Kind.COHORT, "" if _everybody(name, words) else plain_name(line), span)
    if colon and _everybody(name, words) and words.generic.fullmatch(name.split()[-1]):
        return Heading(Kind.COHORT, "", span)
    if _INTRODUCES.search(name) or _LIMIT.search(name):
        return None
    return Heading(Kind.LABEL, name, span) if len(name.split()) <= _LABEL_WORDS else None


def plain_name(text: str) -> str:
    """The name of a group without the words around it.

    >>> plain_name("Criteria for B-ALL:"), plain_name("Part 1 (RRMM patients only)"), plain_name("mothers will be:")
    ('B-ALL', 'Part 1 (RRMM patients only)', 'mothers')
    """
    name = vocabulary().dressing.sub("", text.strip(_DRESS)).strip(_DRESS)
    if name.startswith("(") and name.endswith(")"):
        name = name[1:-1]
    return name + ")" if name.count("(") > name.count(")") else name


def _is_title(line: str, words: Vocabulary) -> bool:
    return bool(words.label_alone.fullmatch(line)) or (
        len(line.split()) <= _LABEL_WORDS
        and not _SENTENCE_END.search(line)
        and (line[0].isupper() or not line[0].isalpha())
        and not words.continuer.match(line)
        and (not words.opener.match(line) or bool(words.people.search(line) or words.generic.fullmatch(line)))
        and not any(char.isdigit() for char in line)
    )


def names_group(name: str, words: Vocabulary) -> bool:
    """Whether a heading names participants: "Cohort A", "Control group", "For healthy volunteers", "For AML".

    >>> names_group("Part 2 (expansion)", vocabulary()), names_group("Age group", vocabulary())
    (True, False)
    """
    if words.never_cohort.search(name):
        return False
    if words.cohort.search(name) and not _INTRODUCES.search(name):
        return True
    if re.match(r"(?:criteria )?for (?!patients with |subjects with )", name, re.IGNORECASE):
        return not _INTRODUCES.search(name)
    return len(name.split()) <= _PEOPLE_WORDS and bool(words.people.search(name)) and not _INTRODUCES.search(name)


def _everybody(name: str, words: Vocabulary) -> bool:
    return bool(re.match(r"(?:criteria )?(?:for )?(?:all|both|every)\b", name, re.IGNORECASE)) and bool(
        words.everybody.search(name)
    )


def cohort_prefix(raw: str, start: int, end: int) -> tuple[Span, str] | None:
    """Words that limit one item to a cohort: "Cohort 1 only: within 2 years …" → (their place, "Cohort 1 only")."""
    words = vocabulary()
    if not words.cohort_opens.match(raw, start, end) and not _PARTING.search(raw, start, end):
        return None  # none of its forms, as for most lines
    match = words.cohort_prefix.match(raw, start, end)
    if not match or words.never_cohort.search(match[0]):
        return None
    return Span(start, match.end()), plain_name(match[0].strip(" :(),-–—"))
