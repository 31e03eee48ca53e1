"""The nesting of items: which list a marker goes on, which it opens, and what each item holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from screening.sections.markers import Marker
from screening.sections.vocabulary import vocabulary
from screening.text import Span

NOWHERE = 1_000_000  # the column of an item that opens no line
_TAIL = 14  # characters at the end of a text that show whether it goes on
_ALIKE = 4  # how many items back two lists are compared
_DEEPEST = 10  # levels; deeper lists stay on the last


@dataclass(slots=True)
class Node:
    """An item under construction."""

    marker: Marker | None
    spans: list[Span] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    cohort: str | None = None
    heading: str | None = None
    content_column: int = NOWHERE
    depth: int = 0

    def text(self, raw: str) -> str:
        """Its words so far, lines joined."""
        return " ".join(span.of(raw) for span in self.spans)

    def introduces(self, raw: str) -> bool:
        """Whether its words end in a colon or an open stem ("defined by"): what follows belongs to it."""
        if not self.spans:
            return False
        start, end = self.spans[-1]
        return bool(vocabulary().stem.search(raw, max(start, end - _TAIL), end))


@dataclass(slots=True)
class Level:
    """An open list: the last marker it printed, and where its items go."""

    marker: Marker | None
    indent: int | None
    items: list[Node]
    kind: str = ""
    last: int = 0
    depth: int = 0

    def continued_by(self, marker: Marker, *, same_style: bool = True) -> bool:
        """Whether *marker* is the next of this list."""
        if self.marker is None or marker.bullet != self.marker.bullet:
            return False
        if marker.bullet or marker.section or self.marker.section:
            same_style = True
        if marker.bullet:
            return marker.style == self.marker.style
        return (marker.style == self.marker.style or not same_style) and marker.value(self.kind) == self.last + 1

    def take(self, marker: Marker, node: Node) -> None:
        """Add an item."""
        value = marker.value(self.kind) if self.kind else None
        if value is None:
            self.kind, value = next(((kind, value) for kind, value in marker.options if value == 1), marker.options[0])
        self.marker, self.last = marker, value
        self.items.append(node)


@dataclass(slots=True)
class Jump:
    """A break in the numbering: a gap (*before* 8, *after* 12) or a restart."""

    code: str
    before: int
    after: int
    span: Span


class Outline:
    """The items of one side, taken in the order of the text."""

    def __init__(self, raw: str) -> None:
        """An empty outline of *raw*."""
        self.raw = raw
        self.roots: list[Node] = []
        self.levels: list[Level] = []
        self.jumps: list[Jump] = []
        self.current: Node | None = None

    def reset(self) -> list[Level]:
        """A heading closes every list; they are handed back, should one of them go on after all."""
        closed, self.levels, self.current = self.levels, [], None
        return closed

    def number_first(self, marker: Marker) -> None:
        """Count the only item so far as number one of the list that *marker* goes on."""
        self.levels.append(Level(marker, None, self.roots, marker.options[0][0], 1))

    def prefers(self, lists: list[Level], marker: Marker, words: str) -> bool:
        """Whether *marker* goes on one of *lists* rather than an open one."""
        outer = next((level for level in reversed(lists) if level.continued_by(marker)), None)
        inner = next((level for level in reversed(self.levels) if level.continued_by(marker)), None)
        if outer is None or inner is None or marker.bullet:
            return outer is not None and inner is None
        return self._like_outer(outer, inner, words)

    def reopen(self, levels: list[Level]) -> None:
        """Go on with lists that a heading had closed."""
        self.levels = levels
        self.current = levels[-1].items[-1] if levels[-1].items else None

    def add_unmarked(self, node: Node, parent: Node | None = None) -> None:
        """An item without marker, at the top or under *parent*."""
        if parent and parent.depth < _DEEPEST:
            node.depth = parent.depth + 1
            parent.children.append(node)
        else:
            self.roots.append(node)
        self.current = node

    def add(
        self, node: Node, marker: Marker, indent: int | None, words: str = "", *, nested_hint: bool = False
    ) -> None:
        """A marked item; *indent*: its column where it opens a line of an indented layout; *words*: its text."""
        level = self._level(marker, indent, words, nested_hint)
        self._note_jump(level, marker)
        level.take(marker, node)
        node.depth = level.depth
        if indent is not None:
            level.indent = indent
        self.current = node

    def continues(self, marker: Marker, *, same_style: bool = False) -> bool:
        """Whether any open list goes on with *marker*."""
        return any(level.continued_by(marker, same_style=same_style) for level in self.levels)

    def _level(self, marker: Marker, indent: int | None, words: str, nested_hint: bool) -> Level:
        """Pick the open list this marker goes on, or open one."""
        if not self.levels:
            return self._open_base()
        if indent is not None:
            shallower = self._by_indent(marker, indent)
            if shallower is not None:
                return shallower
        for same_style in (True, False):
            level = self._continued(marker, same_style, words)
            if level:
                return level
        if marker.opens:
            return self._opened(marker, nested_hint)
        return self._resumed(marker)

    def _open_base(self) -> Level:
        return self._open(self.current if self.current and self.current.introduces(self.raw) else None)

    def _open(self, parent: Node | None) -> Level:
        """A new list under *parent*, or at the top."""
        if parent and parent.depth >= _DEEPEST:
            parent = None
            if self.levels:
                return self.levels[-1]
        level = Level(None, None, parent.children if parent else self.roots, depth=parent.depth + 1 if parent else 0)
        self.levels.append(level)
        return level

    def _by_indent(self, marker: Marker, indent: int) -> Level | None:
        """In an indented layout deeper lines go below, shallower ones back out; a counting number stays on its list."""
        top = self.levels[-1]
        if top.indent is None:
            return None
        if indent > top.indent + 1 and not (not marker.opens and top.continued_by(marker)):
            return self._open(self.current) if marker.opens else None
        outer = self._at_column(marker, indent)
        if outer is not None:
            del self.levels[outer + 1 :]
        while len(self.levels) > 1 and (self.levels[-1].indent or 0) > indent + 1 and not self._counts_on(marker):
            self.levels.pop()
        top = self.levels[-1]
        if top.indent is not None and abs(top.indent - indent) <= 1 and top.continued_by(marker):
            return top
        return None

    def _at_column(self, marker: Marker, indent: int) -> int | None:
        """Which open list stands in the very column of a marker and goes on with it."""
        return next(
            (
                depth
                for depth, level in enumerate(self.levels)
                if level.indent is not None and abs(level.indent - indent) <= 1 and level.continued_by(marker)
            ),
            None,
        )

    def _counts_on(self, marker: Marker) -> bool:
        return not marker.opens and self.levels[-1].continued_by(marker)

    def _continued(self, marker: Marker, same_style: bool, words: str) -> Level | None:
        depths = [
            depth for depth in range(len(self.levels)) if self.levels[depth].continued_by(marker, same_style=same_style)
        ]
        if not depths:
            return None
        depth = depths[-1]
        if (
            len(depths) > 1
            and not marker.bullet
            and self._like_outer(self.levels[depths[-2]], self.levels[depth], words)
        ):
            depth = depths[-2]
        del self.levels[depth + 1 :]
        return self.levels[depth]

    def _like_outer(self, outer: Level, inner: Level, words: str) -> bool:
        """Of two lists that both count on, the outer one when the text looks like its items and not like the inner."""
        if words.endswith((":", "：")):
            return not any(item.introduces(self.raw) for item in inner.items)
        first = words.split(" ", 1)[0]
        return self._opens_with(outer, first) and not self._opens_with(inner, first)

    def _opens_with(self, level: Level, word: str) -> bool:
        return any(item.spans and self.raw.startswith(word, item.spans[0].start) for item in level.items[-_ALIKE:])

    def _opened(self, marker: Marker, nested_hint: bool) -> Level:
        """A first number or a new bullet: a list under the current item, or the outer list begun anew."""
        current, top = self.current, self.levels[-1].marker
        if current is None or top is None:
            return self._open_base()
        same = not marker.bullet and any(level.marker and level.marker.style == marker.style for level in self.levels)
        if current.introduces(self.raw) or not same or nested_hint:
            return self._open(current)
        del self.levels[1:]
        return self.levels[0]

    def _resumed(self, marker: Marker) -> Level:
        """A number out of turn: the deepest list of its style that is short of it, else the outermost of its kind."""
        kinds = [kind for kind, _ in marker.options]
        for depth in range(len(self.levels) - 1, -1, -1):
            level = self.levels[depth]
            value = marker.value(level.kind)
            if level.marker and level.marker.style == marker.style and value is not None and value > level.last:
                del self.levels[depth + 1 :]
                return level
        for depth, level in enumerate(self.levels):
            if level.kind in kinds:
                del self.levels[depth + 1 :]
                return level
        return self._open(self.current)

    def _note_jump(self, level: Level, marker: Marker) -> None:
        value = marker.value(level.kind) if level.kind else None
        if value is None or marker.bullet or level.marker is None or value == level.last + 1:
            return
        code = "numbering-gap" if value > level.last else "numbering-restarted"
        self.jumps.append(Jump(code, level.last, value, Span(marker.start, marker.end)))


def walk(nodes: list[Node]) -> Iterator[Node]:
    """All nodes, parents first."""
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))
