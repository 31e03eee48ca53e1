"""From a registry document to a Trial: fields, sides, items, and what does not add up in their numbering."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from screening.sections.cohorts import settle
from screening.sections.documents import Document, recognise
from screening.sections.inline import open_lists
from screening.sections.items import Section
from screening.sections.layout import page_width
from screening.sections.model import Item, Side, Trial
from screening.sections.nesting import Jump, Node
from screening.sections.sides import SideHeading, side_headings
from screening.sections.vocabulary import vocabulary
from screening.text import Diagnostic, Kind, Severity, Span


class DocumentError(ValueError):
    """A document that cannot be read at all: empty, binary, missing. The message says what, where and the remedy."""


def read_document(path: str | Path) -> Trial:
    """The trial in a file, or on standard input for "-"."""
    name = "standard input" if str(path) == "-" else str(path)
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else Path(path).read_bytes()
    except OSError as error:
        raise DocumentError(
            f"{name}: cannot be read ({error.strerror}); give the path of a registry document"
        ) from error
    return read(_decoded(data, name), "stdin" if str(path) == "-" else Path(path).stem)


def _decoded(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError(f"{name}: UTF-16 text; save it as UTF-8")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{name}: byte {error.start} is not UTF-8 text; save the registry page as UTF-8 text"
        ) from error
    if "\x00" in text:
        raise DocumentError(f"{name}: a binary file; give the registry page as UTF-8 text or API v2 JSON")
    if not text.strip():
        raise DocumentError(f"{name}: the document is empty; give the registry page with its eligibility section")
    return text


def read(raw: str, name: str) -> Trial:
    """Cut a document into fields and items; *name* is its id where the text gives none. Bad text never raises.

    >>> trial = read("Inclusion Criteria: 1. Age 18-65 years 2. ECOG 0-1", "X1")
    >>> [(item.marker, item.spans[0].of(trial.raw)) for item in trial.items]
    [('1', 'Age 18-65 years'), ('2', 'ECOG 0-1')]
    """
    document = recognise(raw, name)
    versions = [_Version(document, part, number) for number, part in enumerate(document.parts)]
    for version in versions:
        version.cut()
    settle([node for version in versions for _, roots in version.sides for node in roots])
    items = tuple(item for version in versions for item in version.items())
    return Trial(
        id=document.id,
        title=document.title,
        raw=document.raw,
        status=document.status,
        conditions=document.conditions,
        context=document.context,
        minimum_age=document.minimum_age,
        maximum_age=document.maximum_age,
        sex=document.sex,
        items=items,
        eligibility=tuple(version.range for version in versions),
        structure=tuple(sorted(span for version in versions for span in version.structure)),
        diagnostics=tuple(_diagnostics(document.raw, versions, items)),
    )


class _Version:
    """One statement of the eligibility: its range, side headings, items."""

    def __init__(self, document: Document, part: Span, number: int) -> None:
        self.raw, self.number = document.raw, number
        self.headings = side_headings(self.raw, *part)
        self.range = _eligible(self.raw, part, self.headings) if document.plain else part
        self.structure = [heading.span for heading in self.headings]
        self.sides: list[tuple[Side, list[Node]]] = []
        self.jumps: list[Jump] = []

    def cut(self) -> None:
        width = page_width(self.raw, *self.range)
        for side, start, end, group in self._sides():
            section = Section(self.raw, start, end, width, group)
            section.cut()
            roots = self._without_leads(section.outline.roots)
            self.structure += [*section.structure, *open_lists(self.raw, roots)]
            self.jumps += section.jumps
            self.sides.append((side, roots))

    def items(self) -> Iterator[Item]:
        """The finished items, in the order of the text."""
        for side, roots in self.sides:
            yield from _frozen(roots, side, self.number)

    def _without_leads(self, roots: list[Node]) -> list[Node]:
        """Drop "Subjects who meet any of the following will be excluded:", which says nothing: its items move up."""
        kept: list[Node] = []
        for node in roots:
            if node.introduces(self.raw) and vocabulary().lead.fullmatch(node.text(self.raw)):
                self.structure += node.spans
                kept += node.children
            else:
                kept.append(node)
        return kept

    def _sides(self) -> Iterator[tuple[Side, int, int, str | None]]:
        first = self.headings[0].span.start if self.headings else self.range.end
        if first > self.range.start:
            yield Side.INCLUSION, self.range.start, first, None
        ends = [*(heading.span.start for heading in self.headings[1:]), self.range.end]
        for heading, end in zip(self.headings, ends, strict=False):
            yield heading.side, heading.span.end, end, heading.group


def _eligible(raw: str, part: Span, headings: list[SideHeading]) -> Span:
    """Plain text: a title or summary before the inclusion heading is no eligibility text."""
    if headings and headings[0].side is Side.INCLUSION:
        return Span(headings[0].span.start, part.end)
    end = headings[0].span.start if headings else part.end
    separator = vocabulary().separator.search(raw, part.start, end)
    return Span(separator.start() if separator else part.start, part.end)


def _frozen(nodes: list[Node], side: Side, version: int) -> list[Item]:
    """Items of nodes; a marker without words is structure only."""
    return [
        Item(
            side,
            node.marker.text if node.marker else "",
            tuple(node.spans),
            tuple(_frozen(node.children, side, version)),
            node.cohort,
            node.heading,
            version,
        )
        for node in nodes
        if node.spans or node.children
    ]


# ---- diagnostics --------------------------------------------------------------------------------


def _diagnostics(raw: str, versions: list[_Version], items: tuple[Item, ...]) -> Iterator[Diagnostic]:
    for version in versions:
        for jump in version.jumps:
            yield _jump(jump)
        if not version.headings and version.sides and len(versions) == 1:
            yield _note(
                "no-headings", "no inclusion or exclusion heading: the whole text is read as inclusion", version.range
            )
    for side in (Side.INCLUSION, Side.EXCLUSION):
        if not any(item.side is side for item in items):
            place = versions[0].range if versions else None
            yield _note("empty-side", f"no {side.value} criteria were found in this document", place)
    for item in _unclear_lists(items, raw):
        yield Diagnostic(
            "unclear-list",
            Kind.NOTE,
            "a list is announced, but nothing sets it apart from the items after it",
            item.spans[-1],
        )
    if len({item.version for item in items}) > 1:
        yield _note("several-versions", "the document states its eligibility more than once", versions[-1].range)


def _unclear_lists(items: tuple[Item, ...], raw: str) -> Iterator[Item]:
    """Items that end in a colon, have nothing below them and neighbours after them."""
    for item, following in pairwise(items):
        if item.spans and not item.children and raw[item.spans[-1].end - 1] in ":：" and following.side is item.side:
            yield item
    for item in items:
        yield from _unclear_lists(item.children, raw)


def _jump(jump: Jump) -> Diagnostic:
    if jump.code == "numbering-gap":
        missing = f"{jump.before + 1}" if jump.after == jump.before + 2 else f"{jump.before + 1} to {jump.after - 1}"
        return _note(
            jump.code, f"number {jump.after} follows {jump.before}: {missing} absent from the source", jump.span
        )
    return _note(jump.code, f"the numbering starts again at {jump.after} after {jump.before}", jump.span)


def _note(code: str, message: str, span: Span | None) -> Diagnostic:
    return Diagnostic(code, Kind.NOTE, message, span, Severity.NOTE)


# ---- debug print --------------------------------------------------------------------------------


def outline(trial: Trial) -> str:
    """The items of a trial, indented by level, for tests and for looking at a cut."""
    shown: list[str] = []
    above: tuple[object, ...] = ()
    for item in trial.items:
        if (item.version, item.side) != above:
            above = (item.version, item.side)
            shown.append(f"== {item.side.value}" + (f" (version {item.version})" if item.version else ""))
        shown += _outlined(item, trial.raw, 1)
    return "\n".join(shown)


def _outlined(item: Item, raw: str, depth: int) -> Iterator[str]:
    text = " / ".join(" ".join(span.of(raw).split()) for span in item.spans)
    place = "".join(f" [{kind} {name}]" for kind, name in (("cohort", item.cohort), ("heading", item.heading)) if name)
    yield f"{'  ' * depth}{item.marker or '~'}{place} {text}".rstrip()
    for child in item.children:
        yield from _outlined(child, raw, depth + 1)
