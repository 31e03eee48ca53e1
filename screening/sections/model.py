"""What a registry document says before any sentence of it is read: fields, sides, numbered items."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from screening.records import record
from screening.text import Diagnostic, Span


class Side(StrEnum):
    """Where a criterion comes from. A registry field is an inclusion criterion of its own kind."""

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"
    REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class Field:
    """One structured registry field as written ("30 Years"), with its place."""

    text: str
    span: Span


@record(frozen=True, slots=True)
class Item:
    """One numbered, lettered or bulleted piece of eligibility text; the nesting is the document's.

    *spans* are the pieces of raw text without markers, line indents and continuation breaks already inside them
    (one span where the item runs on); *marker* is the printed number or bullet ("6", "a", "-", "" if none).
    """

    side: Side
    marker: str
    spans: tuple[Span, ...]
    children: tuple[Item, ...] = ()
    cohort: str | None = None  # heading of the cohort or arm the item stands under
    heading: str | None = None  # nearest other heading above it ("Age:", "Disease characteristics")
    version: int = 0  # 0: first statement of the eligibility; 1: the document's second, ...


@dataclass(frozen=True, slots=True)
class Trial:
    """A registry document, cut up. *eligibility* are the raw ranges that hold eligibility text (one a version);
    *structure* the headings, numbers and bullets inside them. Items and structure together cover them whole
    but for white space."""

    id: str
    title: str
    raw: str = field(repr=False, compare=False)
    status: str | None = None  # as the registry writes it, lower case: "recruiting", "completed", "unknown", ...
    conditions: tuple[str, ...] = ()  # condition or disease fields, with ICD-10 codes where the registry gives them
    context: str = field(default="", repr=False)  # titles, arms, keywords: for the missing-index check only
    minimum_age: Field | None = None
    maximum_age: Field | None = None
    sex: Field | None = None
    items: tuple[Item, ...] = ()
    eligibility: tuple[Span, ...] = ()
    structure: tuple[Span, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
