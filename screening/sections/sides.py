"""Where the inclusion and exclusion texts of a document begin: its side headings, in every form they take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from screening.records import record
from screening.sections.headings import plain_name
from screening.sections.model import Side
from screening.sections.vocabulary import Vocabulary, vocabulary
from screening.text import Span

_LIST_MARK = re.compile(
    r"[\s*#•·_–-]*(?:(?:[A-Z]?\d{1,2}(?:\.\d{1,2})*|[A-Z](?:\.\d{1,2})+|[A-Z]|[IVX]{1,4})[.)]?(?=\s)[\s*]*"
    r"|\(?\d[.)]\s*)?"
)
_TAIL = re.compile(r"[\s*_]*(?P<words>[^.:;\n：]{0,90}?)[\s*_]*[:：](?:\*\*|__)?[^\S\n]*")
_BARE_TAIL = re.compile(
    r"[\s*_]*(?P<words>\([^()\n]{0,80}\)|(?:for|[Pp]art|[Cc]ohort|[Aa]rm|[Gg]roup|[Pp]hase)\s[^.:;\n]{0,60}"
    r"|[A-Z][^.:;\n]{0,60}?\b(?:patients|participants|subjects|volunteers|controls|group|cohort|arm))?[\s*_]*$"
)
_LIST_FOLLOWS = re.compile(
    r"(?:\*\*|__)?\s*(?=(?:\(?1[.)、]|1\s?[-–]\s|①|[•*●▪-]\s|\d+\.\d+(?:\.\d+)*\.?\s|[aA][.)]\s))"
)
_MID_TAIL = re.compile(r"[*_]*\s*(?:\([^()\n]{0,60}\)\s*)?[:：](?:\*\*|__)?[^\S\n]*")
_PREFIX_WORDS, _SUFFIX_WORDS = 6, 12


@record(frozen=True, slots=True)
class SideHeading:
    """A heading that opens a side, with the group of participants it names, if any."""

    side: Side
    span: Span
    group: str | None = None
    words: str | None = None  # all words beside the phrase
    general: bool = False  # "Eligibility criteria": opens the inclusion side only where nothing else did


def side_headings(raw: str, start: int, end: int) -> list[SideHeading]:
    """All side headings of raw[start:end], in order.

    >>> [(h.side.value, h.span) for h in side_headings("Inclusion Criteria: 1. Age Exclusion Criteria: none", 0, 47)]
    [('inclusion', Span(start=0, end=20)), ('exclusion', Span(start=27, end=47))]
    """
    words = vocabulary()
    found: list[SideHeading] = []
    for line_start, line_end in _candidate_lines(raw, start, end, words):
        for heading in _headings_of_line(raw, line_start, line_end, words):
            if heading.general and found:
                continue
            found.append(heading)
    return _told_apart(found)


def _told_apart(headings: list[SideHeading]) -> list[SideHeading]:
    """Two headings of one side with different words beside them stand for different participants."""
    for side in Side:
        names = {heading.words for heading in headings if heading.side is side and heading.words}
        if len(names) > 1:
            headings = [replace(h, group=h.group or h.words) if h.side is side else h for h in headings]
    return headings


def _candidate_lines(raw: str, start: int, end: int, words: Vocabulary) -> Iterator[tuple[int, int]]:
    done = start
    for match in words.anchors.finditer(raw, start, end):
        if match.start() < done:
            continue
        line_start = max(raw.rfind("\n", start, match.start()) + 1, start)
        newline = raw.find("\n", match.end(), end)
        done = end if newline < 0 else newline
        yield line_start, done


def _headings_of_line(raw: str, start: int, end: int, words: Vocabulary) -> Iterator[SideHeading]:
    sentence = words.sentence.match(raw, _LIST_MARK.match(raw, start, end).end(), end)  # type: ignore[union-attr]
    if sentence:
        side = Side.EXCLUSION if words.exclusion.match(sentence[0]) else Side.INCLUSION
        yield SideHeading(side, Span(start, sentence.end()))
        return
    at = start
    for match in words.heading.finditer(raw, start, end):
        if match.start() < at:
            continue
        heading = _opening(raw, start, end, match, words) if at == start else None
        heading = heading or _inside(raw, max(at, start), end, match, words)
        if heading:
            at = heading.span.end
            yield heading


def _opening(raw: str, start: int, end: int, match: re.Match[str], words: Vocabulary) -> SideHeading | None:
    """A heading that opens its line, perhaps after a number and a few words ("Resident Inclusion Criteria:")."""
    mark = _LIST_MARK.match(raw, start, match.start())
    before = raw[mark.end() if mark else start : match.start()]
    before = "" if words.heading.fullmatch(before.strip()) else before  # the same in another language
    prefix = before.split()
    if not _is_prefix(prefix, words) or not _is_capital(before.lstrip("[(") + match[0]):
        return None
    if ":" in match[0] or match.end() == end:
        return _heading(match, Span(start, match.end()), _group(prefix, "", words), _beside(prefix, "", words))
    tail = _LIST_FOLLOWS.match(raw, match.end(), end) or words.people_follow.match(raw, match.end(), end)
    if not tail:
        tail = _TAIL.match(raw, match.end(), end) or _BARE_TAIL.match(raw, match.end(), end)
    if not tail:
        return None
    suffix = tail.groupdict().get("words") or ""
    if len(suffix.split()) > _SUFFIX_WORDS or (prefix and prefix[-1].lower() in words.references - words.modifiers):
        return None
    return _heading(match, Span(start, tail.end()), _group(prefix, suffix, words), _beside(prefix, suffix, words))


def _inside(raw: str, start: int, end: int, match: re.Match[str], words: Vocabulary) -> SideHeading | None:
    """A heading in the middle of a paragraph: "… provisions Exclusion Criteria 1. Take …"."""
    if raw[match.end() - 1] == ":":
        return None
    before = raw[start : match.start()].rstrip(" \t*_")
    last = before.rpartition(" ")[2].lower().strip("(,")
    tail = _MID_TAIL.match(raw, match.end(), end)
    ended = not before or before[-1] in ".;:!?。；)"
    capital = match[0][0].isupper() or not match[0][0].isascii()
    if tail is None and capital:
        tail = _LIST_FOLLOWS.match(raw, match.end(), end)
    if tail is None or last in words.references or not (capital or ended):
        return None
    return _heading(match, Span(match.start(), tail.end()), None)


def _heading(match: re.Match[str], span: Span, group: str | None, words: str | None = None) -> SideHeading:
    exclusion = vocabulary().exclusion.match(match[0])
    general = "ligib" in match[0].lower() or match[0].strip(" :*\t").lower() == "criteria"
    return SideHeading(Side.EXCLUSION if exclusion else Side.INCLUSION, span, group, words, general and not exclusion)


def _is_prefix(prefix: list[str], words: Vocabulary) -> bool:
    if len(prefix) > _PREFIX_WORDS:
        return False
    return all(
        word.lower() in words.modifiers or word[0].isupper() or not word[0].isalpha() for word in prefix
    ) and not any(mark in word for word in prefix for mark in ".;:,")


def _is_capital(text: str) -> bool:
    first = text.lstrip()[:1]
    return first.isupper() or not first.isascii()


def _group(prefix: list[str], suffix: str, words: Vocabulary) -> str | None:
    """The participants a heading names: "Resident", "Part 1 (RRMM patients only)", "control group"."""
    named = [word for word in prefix if word.lower() not in words.modifiers]
    tail = suffix.strip(" ()*-–")
    rest = re.sub(r"^for\s+(?:the\s+)?", "", tail)
    if named:
        return plain_name(" ".join(named))
    if not rest or words.everybody.match(rest):
        return None
    if rest != tail or words.cohort.search(rest) or words.people.search(rest):
        return plain_name(rest)
    return None


def _beside(prefix: list[str], suffix: str, words: Vocabulary) -> str | None:
    named = " ".join(word for word in prefix if word.lower() not in words.modifiers)
    return plain_name(f"{named} {suffix}") or None
