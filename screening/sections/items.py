"""One side's text cut into items: marked lines, run-together paragraphs, headings, continuation lines."""

from __future__ import annotations

import re

from screening.sections.headings import Heading, Kind, classify, cohort_prefix
from screening.sections.layout import Line, lines
from screening.sections.markers import Marker, follows_number_word, inline_markers
from screening.sections.nesting import NOWHERE, Jump, Level, Node, Outline
from screening.sections.run_in import RunIn, ended, sentences
from screening.sections.vocabulary import vocabulary
from screening.text import Span

_LOWER = re.compile(r"[a-z]+(?![\w+-]*[A-Z\d])")
_ONLY_PUNCTUATION = re.compile(r"[\W_]*$")
_LAST_WORDS = 14  # characters
_SHORT = 60  # characters; shorter lines in lower case are entries of a list, not halves of a sentence


class Section:
    """Cuts one side of one version. Use: Section(raw, start, end, width).cut()."""

    def __init__(self, raw: str, start: int, end: int, width: int | None, cohort: str | None = None) -> None:
        """Raw[start:end] is one side, without its heading; *width* the page width; *cohort* whom the heading names."""
        self.raw, self.start, self.end = raw, start, end
        self.lines: list[Line] = lines(raw, start, end, width)
        self.wrapped = width is not None
        self.outline = Outline(raw)
        self.structure: list[Span] = []
        self.base_cohort = cohort
        self.cohort = cohort
        self.heading: str | None = None
        self.closed: list[tuple[list[Level], str | None, str | None]] = []  # lists, cohort, heading before each heading
        self.parent: Node | None = None  # an unmarked line ending in a colon, whose list stands unmarked below it
        marked = [line for line in self.lines if line.marker]
        self.marked = len(marked) > 1
        self.indented = len({line.indent for line in marked}) > 1
        self.record = raw.find(vocabulary().record, start, end) >= 0
        self.bare_labels = self.record and not vocabulary().bare_colon.search(raw, start, end)
        self.run_in = RunIn(raw, end, self.outline, self._line_numbers(), many_lines=self.marked)

    def cut(self) -> None:
        """Fill outline and structure."""
        for index, line in enumerate(self.lines):
            self._line(index, line)
        if len(self.lines) == 1 and len(self.outline.roots) == 1 and not self.outline.roots[0].marker:
            self._cut_prose(self.outline.roots[0])

    def _cut_prose(self, root: Node) -> None:
        """A side that is one unmarked paragraph: its sentences are the items."""
        if len(root.spans) == 1 and not root.children:
            pieces = sentences(self.raw, root.spans[0])
            self.outline.roots[:] = [Node(None, [piece], [], root.cohort, root.heading) for piece in pieces]

    @property
    def jumps(self) -> list[Jump]:
        """Breaks in the numbering."""
        return self.outline.jumps

    def _line_numbers(self) -> dict[str, list[int]]:
        """Where each printed number opens a line: a run-in number that also opens a later line is no marker."""
        found: dict[str, list[int]] = {}
        for line in self.lines:
            if line.marker and not line.marker.bullet:
                found.setdefault(line.marker.text, []).append(line.start)
        return found

    # ---- lines ------------------------------------------------------------------------------------

    def _line(self, index: int, line: Line) -> None:
        if line.marker and self._is_marker(line, line.marker):
            self._marked_line(index, line, line.marker)
        elif _ONLY_PUNCTUATION.match(self.raw, line.start, line.end):
            self.structure.append(Span(line.start, line.end))
        elif not self._try_heading(index, line):
            self._unmarked_line(line)

    def _is_marker(self, line: Line, marker: Marker) -> bool:
        if marker.bullet:
            return not (line.forced and marker.text in "-–—*" and self._splits_phrase(line))
        known = self.outline.continues(marker) or marker.opens
        if line.forced or marker.style in ("A.", "a.") or (marker.style == "#-" and self.raw[marker.end] != " "):
            return known and not (line.forced and follows_number_word(self.raw, self.start, line.start))
        if marker.section:
            return marker.text.count(".") > 1 or (known and not line.full)
        return known or marker.style[0] in "#("

    def _splits_phrase(self, line: Line) -> bool:
        """A dash that the page width pushed from "18 - 75 years" to the start of a line."""
        after = self.raw[line.marker.end : line.marker.end + 3].lstrip() if line.marker else ""
        current = self.outline.current
        known = any(node.marker and node.marker.bullet for node in self.outline.roots[-1:])
        return current is not None and (after[:1].isdigit() and not known)

    def _marked_line(self, index: int, line: Line, marker: Marker) -> None:
        self.parent = None
        body = self._skip_blanks(marker.end, line.end)
        words = self.raw[body : line.end]
        self._reopen(marker, words)
        self.structure.append(Span(marker.start, marker.end))
        node = self._node(marker)
        node.content_column = line.indent + body - line.start
        if body < line.end and self._promoted(index, line, node, body):
            return
        indent = line.indent if self.indented else None
        self.outline.add(node, marker, indent, words, nested_hint=self._nested_hint(marker, line))
        self._text(node, body, line.end)

    def _promoted(self, index: int, line: Line, node: Node, body: int) -> bool:
        """A bulleted line that names a cohort ("- Part 1:") is a heading where no list is open above it."""
        prefix = cohort_prefix(self.raw, body, line.end)
        if prefix is None or prefix[0].end < line.end:
            return False
        following = self.lines[index + 1] if index + 1 < len(self.lines) else None
        if (
            following is None
            or not following.marker
            or (node.marker and following.marker.style == node.marker.style and self.indented)
        ):
            return False
        self._open_heading(Heading(Kind.COHORT, prefix[1], Span(body, line.end)))
        return True

    def _nested_hint(self, marker: Marker, line: Line) -> bool:
        """Whether a restarted "1." counts below the current item: the outer number goes on further down."""
        if marker.bullet or self.outline.current is None:
            return False
        return any(
            self.run_in.next_line(level.last + 1, line.start) < self.run_in.next_line(level.last, line.start - 1)
            for level in self.outline.levels
            if level.last
        )

    def _try_heading(self, index: int, line: Line) -> bool:
        following = self.lines[index + 1] if index + 1 < len(self.lines) else None
        above = self.lines[index - 1] if index else None
        if above is not None and not self._ended(above) and (line.full or self.raw[line.start].islower()):
            return False
        heading = classify(
            self.raw,
            Span(line.start, line.end),
            following_marker=following.marker if following else None,
            last=following is None,
            loose=above is None or line.blank_before or self._ended(above) or not self.wrapped,
        )
        if heading is None or (heading.kind is Kind.LABEL and not self._label_fits(line)):
            return False
        self._open_heading(heading)
        return True

    def _label_fits(self, line: Line) -> bool:
        """In an indented layout a short line inside an item's column is that item's text."""
        current = self.outline.current
        return not (self.indented and current and current.marker and line.indent >= current.content_column)

    def _open_heading(self, heading: Heading) -> None:
        self.structure.append(heading.span)
        lists = self.outline.reset()
        if lists:
            self.closed.append((lists, self.cohort, self.heading))
        self.parent = None
        if heading.kind is Kind.COHORT:
            self.cohort, self.heading = heading.name or self.base_cohort, None
        elif heading.kind is Kind.LABEL:
            self.heading = heading.name

    def _reopen(self, marker: Marker, words: str) -> None:
        """A heading inside an item ends where the item's own list goes on: "4. … Expansion phase: 1. … 2. … 5."."""
        if not self.closed or not self.outline.levels or (marker.opens and not marker.bullet):
            return
        for index in range(len(self.closed) - 1, -1, -1):
            lists, cohort, heading = self.closed[index]
            if self.outline.prefers(lists, marker, words):
                self.outline.reopen(lists)
                self.cohort, self.heading = cohort, heading
                del self.closed[index:]
                return

    def _unmarked_line(self, line: Line) -> None:
        node = self._continued(line)
        if node:
            self._text(node, line.start, line.end)
            return
        node = self._node(None)
        node.content_column = line.indent
        self._place_parent(line)
        self.outline.add_unmarked(node, self.parent)
        self._text(node, line.start, line.end)
        if self.outline.current is node and node.introduces(self.raw):
            self.parent = node

    def _place_parent(self, line: Line) -> None:
        """The unmarked list below a colon ends with the full stop after items that had none, or with the next colon."""
        current = self.outline.current
        if self.parent is None and current is not None and current.marker and current.introduces(self.raw):
            self.parent = current
        if self.parent is None or not self.parent.children or not self.parent.children[-1].spans:
            return
        before = [child.spans[-1].end - 1 for child in self.parent.children[-2:] if child.spans]
        dotted = [self.raw[at] == "." for at in before]
        if (dotted[-1] and not all(dotted)) or self.raw[line.end - 1] == ":":
            self.parent = None

    def _continued(self, line: Line) -> Node | None:
        """The item this line goes on with, if any."""
        current = self.outline.current
        if current is None:
            return None
        if not current.spans or line.forced:
            return current
        if line.full and not self._announced(current, line) and (self.marked or not self._ended_text(current)):
            return current
        if current.marker and line.indent >= self._least_column():
            return self._column_owner(line.indent) or current
        if vocabulary().continuer.match(self.raw, line.start, line.end):
            return current
        if self._dangles(current):
            return current
        if line.blank_before or self._ended_text(current) or vocabulary().opener.match(self.raw, line.start, line.end):
            return None
        paragraph = self.wrapped or self.marked or line.start - current.spans[-1].start > _SHORT
        if paragraph and _LOWER.match(self.raw, line.start, line.end):
            return current
        return None

    def _dangles(self, current: Node) -> bool:
        start, end = current.spans[-1]
        return bool(vocabulary().dangling.search(self.raw, max(end - _LAST_WORDS, start), end))

    def _announced(self, current: Node, line: Line) -> bool:
        """Whether a line opens what the colon above it announces."""
        start, end = current.spans[-1]
        open_parenthesis = self.raw.count("(", start, end) > self.raw.count(")", start, end)
        return self.raw[end - 1] in ":：" and self.raw[line.start].isupper() and not open_parenthesis

    def _ended_text(self, node: Node) -> bool:
        start, end = node.spans[-1]
        return ended(self.raw, start, end)

    def _least_column(self) -> int:
        return min(((level.items[-1].content_column) for level in self.outline.levels if level.items), default=NOWHERE)

    def _column_owner(self, column: int) -> Node | None:
        owners = [
            level.items[-1] for level in self.outline.levels if level.items and level.items[-1].content_column <= column
        ]
        return owners[-1] if owners else None

    def _ended(self, line: Line) -> bool:
        return ended(self.raw, line.start, line.end)

    # ---- text inside a line -------------------------------------------------------------------------

    def _node(self, marker: Marker | None) -> Node:
        return Node(marker, cohort=self.cohort, heading=self.heading)

    def _skip_blanks(self, at: int, end: int) -> int:
        while at < end and self.raw[at].isspace():
            at += 1
        return at

    def _text(self, node: Node, start: int, end: int) -> None:
        """Give raw[start:end] to *node*, unless markers or labels inside it open further items."""
        start = self._lead(node, start, end)
        cuts: list[tuple[int, int, Marker | None, str | None]] = []
        if self.record:
            cuts += [(m.start(), m.end(), None, m[1]) for m in vocabulary().label.finditer(self.raw, start, end)]
        if self.bare_labels:
            cuts += [(m.start(), m.end(), None, m[1]) for m in vocabulary().bare_label.finditer(self.raw, start, end)]
        cuts += [(marker.start, marker.end, marker, None) for marker in inline_markers(self.raw, start, end)]
        if len(cuts) > 1:
            cuts.sort(key=lambda cut: cut[0])
        at = start
        for cut_start, cut_end, marker, label in cuts:
            if cut_start < at:
                continue
            if marker is None:
                self._close(node, at, cut_start)
                self._open_heading(Heading(Kind.LABEL, label or "", Span(cut_start, cut_end)))
                node = self._node(None)
                self.outline.add_unmarked(node)
            elif self.run_in.accepts(marker, start, end):
                self._close(node, at, cut_start)
                self.structure.append(Span(cut_start, cut_end))
                node = self._node(marker)
                self.outline.add(node, marker, None, self.raw[cut_end:end].lstrip())
            else:
                continue
            at = cut_end
        self._close(node, at, end)

    def _lead(self, node: Node, start: int, end: int) -> int:
        """Skip words that open the text but say nothing of a patient: "All of these must be met:", "Cohort 1:"."""
        if not node.spans:
            lead = vocabulary().lead.match(self.raw, start, end)
            prefix = None if lead else cohort_prefix(self.raw, start, end)
            if lead:
                self.structure.append(Span(start, lead.end()))
                return lead.end()
            if prefix and prefix[0].end < end:
                self.structure.append(prefix[0])
                node.cohort = prefix[1]
                return prefix[0].end
        return start

    def _close(self, node: Node, start: int, end: int) -> None:
        start = self._skip_blanks(start, end)
        while end > start and self.raw[end - 1].isspace():
            end -= 1
        if start < end:
            node.spans.append(Span(start, end))
