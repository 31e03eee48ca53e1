"""The layout words of rules/headings.toml, compiled once into regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from screening.resources import table

_NAME = r"(?:[A-Z]|[IVX]{1,4}|\d{1,2})(?:[-./]?(?:[a-zA-Z]|\d{1,2}))?"  # A, 1, IIb, 1/2, B.1
_PUNCTUATED = r"[^.:;\n]"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Compiled patterns; what each is for stands beside its words in rules/headings.toml."""

    heading: re.Pattern[str]
    sentence: re.Pattern[str]
    people_follow: re.Pattern[str]
    exclusion: re.Pattern[str]
    anchors: re.Pattern[str]
    modifiers: frozenset[str]
    references: frozenset[str]
    cohort: re.Pattern[str]
    cohort_prefix: re.Pattern[str]
    cohort_opens: re.Pattern[str]
    never_cohort: re.Pattern[str]
    people: re.Pattern[str]
    everybody: re.Pattern[str]
    group_heading: re.Pattern[str]
    described: re.Pattern[str]
    generic: re.Pattern[str]
    well: re.Pattern[str]
    dressing: re.Pattern[str]
    members: re.Pattern[str]
    label: re.Pattern[str]
    bare_label: re.Pattern[str]
    bare_colon: re.Pattern[str]
    label_alone: re.Pattern[str]
    record: str
    lead: re.Pattern[str]
    stem: re.Pattern[str]
    opener: re.Pattern[str]
    continuer: re.Pattern[str]
    dangling: re.Pattern[str]
    number_words: frozenset[str]
    multiplicand: re.Pattern[str]
    ends: re.Pattern[str]
    separator: re.Pattern[str]
    no_limit: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary, read at first use."""
    words = table("headings")
    sides, cohorts, labels, lines = words["sides"], words["cohorts"], words["labels"], words["lines"]
    return Vocabulary(
        **_side_patterns(sides),
        modifiers=frozenset(sides["modifiers"]),
        references=frozenset(sides["references"]),
        **_cohort_patterns(cohorts),
        label=re.compile(rf"(?<![\w-])({_any(labels['inline'])}) ?:", re.ASCII),
        bare_label=_bare(labels),
        bare_colon=re.compile(rf"{labels['bare_colon']} ?:|^\W*{labels['bare_colon']}\W*$", re.MULTILINE),
        label_alone=re.compile(_any(labels["inline"]), re.ASCII),
        record=labels["record"],
        lead=re.compile(_spaced(_any(labels["leads"])), re.IGNORECASE),
        stem=re.compile(rf"(?:[:：]|(?<!\w)(?:{_any(labels['stems'])}))[\s)\]*_]*$", re.IGNORECASE),
        opener=re.compile(rf"(?:{_any(labels['openers'])})(?!\w)", re.IGNORECASE),
        continuer=re.compile(rf"(?:[*†‡#]+ ?)?(?:{_any(lines['continuers'])})(?!\w)", re.IGNORECASE),
        dangling=re.compile(rf"\s(?:{_any(lines['dangling'])})$", re.IGNORECASE),
        number_words=frozenset(lines["number_words"]),
        multiplicand=re.compile(rf"\s*(?:{_any(lines['multiplicands'])})(?!\w)"),
        ends=re.compile(_any(words["plain"]["ends"]), re.MULTILINE | re.IGNORECASE),
        separator=re.compile(words["plain"]["separator"], re.MULTILINE),
        no_limit=frozenset(words["fields"]["none"]),
    )


@cache
def formats() -> tuple[dict[str, Any], ...]:
    """The page layouts of rules/headings.toml, in the order they are tried."""
    return tuple(table("headings")["formats"])


def _any(words: Iterable[str]) -> str:
    return "|".join(words)


def _bare(labels: dict[str, Any]) -> re.Pattern[str]:
    """A label without colon: a word with a capital before another capital, a number or a sign, inside a paragraph."""
    never = "".join(rf"(?<!\b{word} )" for word in labels["never_bare"])
    return re.compile(rf"(?<=[^\s,(/-] ){never}({_any(labels['bare'])})(?= [A-Z\d≥≤<>*])")


def _spaced(pattern: str) -> str:
    """A blank in a data pattern stands for any run of blanks on one or two lines."""
    return pattern.replace(" ?", r"\s*").replace(" ", r"\s+")


def _side_patterns(sides: dict[str, list[str]]) -> dict[str, re.Pattern[str]]:
    phrases = _spaced(_any([*sides["exclusion"], *sides["inclusion"]]))
    alone = _any([*sides["exclusion_alone"], *sides["inclusion_alone"]])
    exclusion = _any([*sides["exclusion"], *sides["exclusion_alone"], *sides["exclusion_sentence"]])
    sentences = _any([*sides["exclusion_sentence"], *sides["inclusion_sentence"]])
    return {
        "heading": re.compile(
            rf"(?<!\w)(?:{phrases})(?!\w)|^[^\S\n]*[*#]*(?:{alone})[*#]*[^\S\n]*:?[*#]*[^\S\n]*$",
            re.IGNORECASE | re.MULTILINE,
        ),
        "sentence": re.compile(rf"(?<!\w)(?:{_spaced(sentences)})", re.IGNORECASE),
        "exclusion": re.compile(rf"[^\w]*(?:{_spaced(exclusion)})", re.IGNORECASE),
        "anchors": re.compile("clu[ds]|CLU[DS]|ligib|LIGIB|riteri|RITERI|kriteri|标准|معیارهای|nrolled"),
    }


def _cohort_patterns(cohorts: dict[str, list[str]]) -> dict[str, re.Pattern[str]]:
    words, people, generic = _any(cohorts["words"]), _any(cohorts["people"]), _any(cohorts["generic"])
    named = "|".join(
        [
            rf"(?:{words})\s+{_NAME}(?!\w)",
            rf"(?:{words})(?:\s*\([^()\n]*\))?\s*(?:\bonly\b)?\s*:?$",
            rf"\((?:[\w-]+\s+){{0,3}}(?:{words})\)$",
            rf"^(?:[\w/-]+\s+){{0,3}}(?:{words})(?!\w)",
        ]
    )
    numbered = rf"(?=[A-Z])(?i:{words})\s+{_NAME}(?!\w){_PUNCTUATED}{{0,60}}?"
    enclosed = rf"\((?=[A-Z])(?i:{words})\s+{_NAME}(?i:\s+only)?\)(?=\s)"
    first = rf"(?i:{_any(cohorts['opening'])})\s+(?:the\s+)?"
    opening = rf"(?:{first})?"
    phrases = rf"(?i:{_any(cohorts['phrases'])})"
    labelled = rf"{opening}(?:{numbered}|(?:[A-Z][\w/-]*\s+){{1,3}}(?i:{words})(?:\s+only)?|{phrases})\s?:(?=\s|$)"
    led = rf"(?=[A-Z]){first}(?i:{words})\s+{_NAME}(?i:\s+only)?,(?=\s)"
    dashed = rf"{opening}(?=[A-Z])(?i:{words})\s+{_NAME}(?i:\s+only)\s?[-–—](?=\s)"
    prefix = rf"{enclosed}|{labelled}|{led}|{dashed}"
    return {
        "cohort": re.compile(rf"(?i:{named})"),
        "cohort_prefix": re.compile(prefix),
        "cohort_opens": re.compile(rf"\(|(?=[A-Z]){first}"),
        "never_cohort": re.compile(_any(cohorts["never"]), re.IGNORECASE),
        "people": re.compile(rf"(?<!\w)(?:{people})(?!\w)", re.IGNORECASE),
        "everybody": re.compile(rf"(?<!\w)(?:{_any(cohorts['everybody'])})(?!\w)", re.IGNORECASE),
        "group_heading": re.compile(
            rf"(?:(?:criteria\s+)?for\s+|(?:{generic}|{people})\s+(?:with|without|in|from|on)\s+)", re.IGNORECASE
        ),
        "described": re.compile(
            rf"(?!.*\b(?:{_any(cohorts['undescribed'])})\b)(?:[\w/'-]+\s+){{1,4}}(?:{generic}|{_any(cohorts['described'])})",
            re.IGNORECASE,
        ),
        "people_follow": re.compile(rf"\s+(?=[A-Z])(?=(?i:{generic})\s)"),
        "well": re.compile(rf"\b(?:{_any(cohorts['well'])})\b", re.IGNORECASE),
        "generic": re.compile(rf"(?:{generic})", re.IGNORECASE),
        "dressing": re.compile(
            rf"(?:{_spaced(_any(cohorts['before']))})\s+(?:the\s+)?|[,\s]+(?:{_spaced(_any(cohorts['after']))})[\s.]*$",
            re.IGNORECASE,
        ),
        "members": re.compile(
            rf"({words})\s+({_NAME})((?:(?:\s*,\s*|\s+and\s+|\s*/\s*|\s*&\s*)(?:{_NAME}))+)$", re.IGNORECASE
        ),
    }
