"""Registry documents: which format it is, its fields, and where its eligibility text stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from screening.sections.model import Field
from screening.sections.vocabulary import formats, vocabulary
from screening.text import Span

_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Document:
    """A recognised document: *parts* are the ranges with eligibility text, one a version."""

    raw: str
    id: str
    title: str
    parts: tuple[Span, ...]
    plain: bool = False
    status: str | None = None
    conditions: tuple[str, ...] = ()
    context: str = ""
    minimum_age: Field | None = None
    maximum_age: Field | None = None
    sex: Field | None = None


def recognise(raw: str, name: str) -> Document:
    """The document as its own format lays it out; anything unknown is plain text."""
    study = _study(raw)
    if study is not None:
        return _from_study(study, name)
    for layout in formats():
        if all(sign in raw for sign in layout["signs"]):
            document = _from_page(raw, name, layout)
            if document.parts:
                return document
    return Document(raw, name, name, (Span(0, _plain_end(raw)),), plain=True)


def _plain_end(raw: str) -> int:
    end = vocabulary().ends.search(raw)
    return end.start() if end and end.start() > 0 else len(raw)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


def _value(raw: str, pattern: str) -> str | None:
    match = _compiled(pattern).search(raw)
    return _BLANKS.sub(" ", match[1]).strip() if match else None


def _limit(raw: str, pattern: str) -> Field | None:
    """A field with its place; "N/A" and its like set no limit."""
    match = _compiled(pattern).search(raw)
    if not match or match[1].strip().lower() in vocabulary().no_limit:
        return None
    return Field(match[1], Span(*match.span(1)))


def _from_page(raw: str, name: str, layout: Mapping[str, Any]) -> Document:
    conditions = [*_values(raw, layout["conditions"]), *_values(raw, layout["codes"])]
    status = _value(raw, layout["status"])
    return Document(
        raw,
        _value(raw, layout["id"]) or name,
        _value(raw, layout["title"]) or name,
        _apart([span for part in layout["parts"] if (span := _part(raw, part))]),
        status=status.lower() if status else None,
        conditions=tuple(conditions),
        context="\n".join(_values(raw, layout["context"])),
        minimum_age=_limit(raw, layout["minimum_age"]),
        maximum_age=_limit(raw, layout["maximum_age"]),
        sex=_limit(raw, layout["sex"]),
    )


def _values(raw: str, patterns: Iterable[str]) -> list[str]:
    found = (_BLANKS.sub(" ", match[1]).strip() for pattern in patterns for match in _compiled(pattern).finditer(raw))
    return list(dict.fromkeys(found))


def _apart(spans: list[Span]) -> tuple[Span, ...]:
    """The ranges without overlap: each ends where another begins."""
    cut = [Span(span.start, min([span.end, *(s.start for s in spans if s.start > span.start)])) for span in spans]
    return tuple(dict.fromkeys(cut))


def _part(raw: str, part: Mapping[str, str]) -> Span | None:
    below = _compiled(part["below"]).search(raw) if "below" in part else None
    if "below" in part and not below:
        return None
    start = _compiled(part["from"]).search(raw, below.end() if below else 0)
    if not start:
        return None
    end = _compiled(part["to"]).search(raw, start.end())
    return Span(start.end(), end.start() if end else len(raw))


# ---- ClinicalTrials.gov API v2 ------------------------------------------------------------------


def _study(raw: str) -> Mapping[str, Any] | None:
    """The study record, where the text is API v2 JSON (one study, or a list or page holding exactly one)."""
    if not raw.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return None
    try:
        value = json.loads(raw.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    studies = value.get("studies", [value]) if isinstance(value, dict) else value
    if isinstance(studies, list) and len(studies) == 1 and isinstance(studies[0], dict):
        section = studies[0].get("protocolSection")
        return section if isinstance(section, dict) else None
    return None


def _from_study(study: Mapping[str, Any], name: str) -> Document:
    """Escapes make places in JSON useless to a reader: raw is the decoded fields and eligibility text."""
    eligibility = _module(study, "eligibilityModule")
    lines, fields = "", {}
    for label, key in (("Minimum age: ", "minimumAge"), ("Maximum age: ", "maximumAge"), ("Sex: ", "sex")):
        text = _text(eligibility, key)
        if text and text.lower() not in vocabulary().no_limit:
            at = len(lines) + len(label)
            fields[key] = Field(text, Span(at, at + len(text)))
            lines += f"{label}{text}\n"
    start = len(lines)
    raw = lines + _text(eligibility, "eligibilityCriteria")
    names = _module(study, "identificationModule")
    conditions = _module(study, "conditionsModule")
    return Document(
        raw,
        _text(names, "nctId") or name,
        _text(names, "briefTitle") or name,
        (Span(start, len(raw)),),
        plain=True,
        status=_text(_module(study, "statusModule"), "overallStatus").lower() or None,
        conditions=tuple(_texts(conditions, "conditions")),
        context="\n".join(_study_context(study)),
        minimum_age=fields.get("minimumAge"),
        maximum_age=fields.get("maximumAge"),
        sex=fields.get("sex"),
    )


def _study_context(study: Mapping[str, Any]) -> list[str]:
    names, conditions = _module(study, "identificationModule"), _module(study, "conditionsModule")
    description, arms = _module(study, "descriptionModule"), _module(study, "armsInterventionsModule")
    groups = arms.get("armGroups")
    found = [_text(names, "briefTitle"), _text(names, "officialTitle"), *_texts(conditions, "keywords")]
    found.append(_text(description, "briefSummary"))
    for group in groups if isinstance(groups, list) else []:
        if isinstance(group, dict):
            found += [_text(group, "label"), _text(group, "description")]
    return [text for text in found if text]


def _module(study: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = study.get(key)
    return value if isinstance(value, dict) else {}


def _text(module: Mapping[str, Any], key: str) -> str:
    value = module.get(key)
    return value.strip() if isinstance(value, str) else ""


def _texts(module: Mapping[str, Any], key: str) -> list[str]:
    value = module.get(key)
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
