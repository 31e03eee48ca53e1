"""The windows of a chunk: which of them dates what the chunk says, and which lengths of time date nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from screening import concepts
from screening.build.common.context import Reader
from screening.build.limits.chunks import Chunk, Chunker
from screening.parse.numbers import readings
from screening.parse.tokens import Token
from screening.parse.trees.tree import Bound, Shape, Value
from screening.predicates import Duration, Op, Relation, Window
from screening.resources import table
from screening.text import Span

TREATMENTS = frozenset({"drug", "procedure"})
DONE = TREATMENTS | {"state"}
SMALL = frozenset({"FILL", "GLUE", "EITHER", "BULLET", "DASH", "MOD", "THEN", "SEX", "DOT", "NOT"})
TELLING = frozenset({"WORD", "CONCEPT", "VAR", "SCALE", "RESULT", "ORGAN", "JUDGE", "NUM", "QUAL"})
_LASTING = frozenset(table("reading")["going_on"]["words"])
_TAKING = frozenset(table("reading")["going_on"]["nouns"])
_TIMES = frozenset(table("reading")["going_on"]["behind"])
_STAYING = frozenset(table("reading")["lasting"]["concepts"])
_APART = frozenset(table("reading")["apart"]["words"])
_OF = frozenset(table("reading")["prepositions"]["words"])
_LINKS = frozenset(table("reading")["dating_itself"]["words"])
_BEGINNINGS = frozenset(table("reading")["dating_itself"]["beginnings"])
_OF_AGE = frozenset(table("measures")["implied_by_unit"]["age"])
_BEFORE_LENGTH = frozenset({"LT", "LE", "GT", "GE", "WITHIN"})
_CALENDAR = ("a", "mo", "wk", "d", "h")


def dating(
    reader: Reader, chunk: Chunk, *, negated: bool, elsewhere: bool = False
) -> tuple[Window | None, Span | None, tuple[tuple[Token, Token], ...]]:
    """The window that dates the mention, its place, and the lengths of time that date nothing.

    *elsewhere*: it counts from an event that only a person can date.
    """
    read = [_used(reader, chunk, shape, first, negated=negated) for shape, first, _ in chunk.windows]
    unused = tuple(
        [(first, last) for (_, first, last), made in zip(chunk.windows, read, strict=True) if made is None]
    )  # they still say something
    return *_window(reader, chunk, read, elsewhere=elsewhere), unused


def _window(
    reader: Reader, chunk: Chunk, read: Sequence[Window | None], *, elsewhere: bool
) -> tuple[Window | None, Span | None]:
    """The first of the windows that dates something, with its place; *read* are they all."""
    for (_, first, last), made in zip(chunk.windows, read, strict=True):
        if made is not None:
            span = reader.span(first, last)
            reader.windows.append((made, _whole(reader, chunk, first, last)))
            if _qualifies(chunk):
                reader.spent.append(span)
            if not made.stated and not elsewhere:
                reader.note("window-without-anchor", _unanchored(reader, span), span)
            return made, span
    return None, None


def _unanchored(reader: Reader, span: Span) -> str:
    """Why a window counts from the screening date: it names no starting point, or one that no table knows."""
    named = reader.between(Span(span.end, reader.windows[-1][1].end)).strip(" .,;:()")
    unknown = f"the starting point “{named}” is none that the program knows"
    what = unknown if named else "the window names no starting point"
    return f"{what}; it is counted from the screening date"


def _used(reader: Reader, chunk: Chunk, shape: Shape, first: Token, *, negated: bool) -> Window | None:
    """The window of a piece that says when something was; None where it says how long it went on, or what it is
    like."""
    made = _window_of(shape)
    kept_from = negated and _lasts(chunk, first) and not _stays(chunk)
    stray = _stray(chunk, shape) and not kept_from
    length = _length_of(chunk, shape, first) or _of_duration(chunk, shape, first)
    if made is None or stray or length or _between_events(chunk, shape, first):
        return None
    if shape.anchorage is not None and since(chunk, shape) and not _told_outside(chunk):
        made = replace(made, anchor="screening", stated=False)  # "2 weeks since surgery": surgery is what is dated
    elif made.stated and shape.anchorage is not None and shape.anchorage.relation == "after":
        return None  # "radiotherapy within 2 weeks after surgery": no window looks forward, a person must say
    ago = shape.anchorage is not None and shape.anchorage.relation == "ago"
    if negated and not reader.excluding and not _lasts(chunk, first):
        return replace(made, relation=Relation.WITHIN)  # "at least 4 weeks off steroids"
    if shape.within or ago or not _lasts(chunk, first):
        return made
    if negated:
        return replace(made, relation=Relation.WITHIN) if kept_from else None
    doubtful = reader.excluding and made.stated and made.relation is not Relation.WITHIN
    return made if doubtful and _of_treatment(chunk) else None


def _length_of(chunk: Chunk, shape: Shape, first: Token) -> bool:
    """ "4 weeks of treatment", "no more than 3 weeks of chemotherapy" says how long it went on."""
    if shape.within or shape.anchorage is None or shape.anchorage.relation != "before":
        return False
    if _marked(shape) and shape.anchorage.anchor is not None:
        return False
    link = next(
        (one for one in chunk.tokens if one.start > first.start and one.type in ("BEFORE", "ANCHOR", "AFTER")), None
    )
    return link is not None and link.text.lower() == "of"


def _of_duration(chunk: Chunk, shape: Shape, first: Token) -> bool:
    """ "expected duration of surgery > 2 hours" says how long it takes."""
    bare = not shape.within and shape.anchorage is None
    return bare and says_how_long([token for token in chunk.tokens if token.end <= first.start])


def says_how_long(tokens: Sequence[Token]) -> bool:
    """Whether words name the length of something: "duration of surgery", "operation time"."""
    known = concepts.catalogue()
    return any(token.text.lower() in _TAKING for token in tokens) or any(
        token.text.lower() in _TIMES and named.type == "CONCEPT" and known[str(named.value)].kind == "procedure"
        for named, token in pairwise(tokens)
    )


def since(chunk: Chunk, shape: Shape) -> bool:
    """Whether a window counts from an event that it itself dates ("2 weeks since surgery")."""
    assert shape.anchorage is not None
    if shape.anchorage.anchor is None or not (
        {"CONCEPT", "VAR"} & set(shape.anchorage.anchor.senses) or shape.anchorage.relation == "after"
    ):
        return False
    before = [token for token in chunk.tokens if token.end <= shape.anchorage.anchor.start and token.type != "FILL"]
    return shape.anchorage.relation == "after" or (bool(before) and before[-1].text.lower().startswith("from"))


def _told_outside(chunk: Chunk) -> bool:
    """Whether something that can be dated stands outside the windows."""
    return any(token.type in TELLING for token in outside_windows(chunk, chunk.tokens))


def _of_treatment(chunk: Chunk) -> bool:
    known = concepts.catalogue()
    return any(token.type == "CONCEPT" and known[str(token.value)].kind in DONE for token in chunk.tokens)


def _lasts(chunk: Chunk, first: Token) -> bool:
    """ "for at least 4 weeks" says how long something went on (or, negated, that it did not), not how long ago it
    was."""
    before = next((token for token in reversed(chunk.tokens) if token.end <= first.start), None)
    return before is not None and before.text.lower() in _LASTING


def _stays(chunk: Chunk) -> bool:
    """Whether every finding is one that stays: "no hypertension for more than 5 years" says how long nobody had it."""
    named = [str(token.value) for token in chunk.tokens if token.type == "CONCEPT"]
    return bool(named) and all(name in _STAYING for name in named)


def _between_events(chunk: Chunk, shape: Shape, first: Token) -> bool:
    """ "at least 4 hours apart", "after at least 12 weeks of X": how long lay between things, or X went on."""
    last = next(last for one, begin, last in chunk.windows if one is shape and begin is first)
    behind = next((token for token in chunk.tokens if token.start >= last.end), None)
    before = next((token for token in reversed(chunk.tokens) if token.end <= first.start), None)
    return (behind is not None and behind.text.lower() in _APART) or (
        shape.anchorage is None and not shape.within and before is not None and before.text.lower() == "after"
    )


def _stray(chunk: Chunk, shape: Shape) -> bool:
    """A bare length of time among words ("a 3 week course", "24-hour urine") dates nothing; alone it does."""
    if shape.within or shape.anchorage is not None or _marked(shape):
        return False
    inside = [(first.start, last.end) for _, first, last in chunk.windows]
    rest = [token for token in chunk.tokens if not any(start <= token.start < end for start, end in inside)]
    return any(token.type not in SMALL for token in rest)


def _marked(shape: Shape) -> bool:
    item = shape.bounds.items[-1]
    return isinstance(item, Bound) and item.op is not None


def outside_windows(chunk: Chunk, tokens: Sequence[Token]) -> list[Token]:
    """The words outside windows, and outside what says whose first dose or start a window counts from."""
    closed = {
        last.end: next(
            (t.start for t in chunk.tokens if t.start >= last.end and t.type in ("JUDGE", "MOD", "SEX")), 10**9
        )
        for _, _, last in chunk.windows
        if last.type == "ANCHOR" and _complemented(chunk, last)
    }
    if closed and _begun_alone(chunk, closed):
        closed = {}
    for shape, _, last in chunk.windows:
        if last.type == "BEFORE" and shape.anchorage is not None:
            closed[last.end] = _anchor_end(chunk, last)
    kept = list(tokens)
    for _, first, last in chunk.windows:
        start, end = first.start, closed.get(last.end, last.end)
        kept = [token for token in kept if not start <= token.start < end]
    return kept


def _begun_alone(chunk: Chunk, closed: dict[int, int]) -> bool:
    """ "Within 24 hours of onset of stroke", and nothing else to date: what began is what the window dates."""
    named = [last for _, _, last in chunk.windows if last.end in closed]
    inside = [(first.start, closed.get(last.end, last.end)) for _, first, last in chunk.windows]
    beside = [one for one in chunk.tokens if not any(start <= one.start < end for start, end in inside)]
    return all(str(one.value) in _BEGINNINGS for one in named) and not any(one.type in TELLING for one in beside)


def leads(chunk: Chunk) -> bool:
    """Whether nothing but small words stands before the window."""
    first = chunk.windows[0][1]
    return all(token.type in SMALL for token in chunk.tokens if token.start < first.start)


def _qualifies(chunk: Chunk) -> bool:
    """Whether a chunk only says how something was measured ("no transfusion within one week")."""
    kinds = {token.type for token in outside_windows(chunk, chunk.tokens)}
    return "QUAL" in kinds and kinds <= SMALL | {"QUAL"}


def _whole(reader: Reader, chunk: Chunk, first: Token, last: Token) -> Span:
    """The place of a window with all words of its starting point."""
    outside = {token.start for token in outside_windows(chunk, chunk.tokens)}
    inside = [token for token in chunk.tokens if token.start >= last.start and token.start not in outside]
    behind = next((token.start for token in chunk.tokens if token.start >= last.end and token.start in outside), None)
    end = [token for token in inside if behind is None or token.start < behind]
    return reader.span(first, end[-1] if end else last)


def _anchor_end(chunk: Chunk, last: Token) -> int:
    """Where the words of a starting point end that no table knows ("prior to starting cell therapy")."""
    behind = [token for token in chunk.tokens if token.start >= last.end]
    if behind and behind[0].type in ("CONCEPT", "VAR", "JUDGE", "MOD") and last.text.lower() in _LINKS:
        return last.end
    return next((t.start for t in behind if t.type in ("JUDGE", "SEX")), 10**9)


def _complemented(chunk: Chunk, anchor: Token) -> bool:
    """Whether "of the study drug" or its like follows the anchor."""
    after = next((token for token in chunk.tokens if token.start >= anchor.end), None)
    return after is not None and after.text.lower() in _OF


def _window_of(shape: Shape) -> Window | None:
    """The window of an island; None where it is no single length of time."""
    item = shape.bounds.items[-1]
    if not isinstance(item, Bound) and shape.anchorage is None and not shape.within:
        return None  # "between 16 and 24 weeks": no length of time, but a place in one
    bound = item if isinstance(item, Bound) else item.high
    duration = _duration(bound.value)
    if duration is None:
        return None
    anchor = shape.anchorage.anchor if shape.anchorage else None
    relation = _relation(shape, bound)
    return Window(relation, duration, str(anchor.value) if anchor else "screening", stated=anchor is not None)


def lower_end(chunk: Chunk, window: Window, *, forbidding: bool) -> Window | None:
    """How long ago at least, where a window has two ends ("between 4 and 8 weeks before"); None where it has one.

    *forbidding*: what is shut out "within 4-6 weeks" is so at any time since, though nobody says for how long."""
    for shape, _, _ in chunk.windows:
        if forbidding and shape.within:
            continue
        if shape.kind == "window" and (least := _least(shape)) is not None and _window_of(shape) is not None:
            op, value = least
            duration = _duration(value)
            if duration is not None and duration != window.duration:
                return replace(
                    window, relation=Relation.MORE_THAN if op is Op.GT else Relation.AT_LEAST, duration=duration
                )
    return None


def _least(shape: Shape) -> tuple[Op, Value] | None:
    """The sign and the length of the lower end: of a range, or of two lengths that "and" joins."""
    items = shape.bounds.items
    if len(items) == 1 and not isinstance(items[0], Bound):
        low, high = items[0].low, items[0].high
        if items[0].outside or high.value.unit is None:
            return None
        value = low.value if low.value.unit is not None else replace(low.value, unit=high.value.unit)
        return low.op or Op.GE, value
    match items:
        case (Bound(op=Op.GE | Op.GT as op, value=value), Bound(op=Op.LE | Op.LT)):
            return op, value
    return None


def _relation(shape: Shape, bound: Bound) -> Relation:
    if bound.op is None and not shape.within and shape.anchorage is not None and shape.anchorage.relation == "after":
        return Relation.AT_LEAST  # "12 months since the last dose"
    if shape.within or bound.op in (None, Op.LE, Op.LT, Op.EQ):
        return Relation.WITHIN
    return Relation.AT_LEAST if bound.op is Op.GE else Relation.MORE_THAN


def _duration(value: Value) -> Duration | None:
    if value.unit is None or value.unit.type != "TIME" or value.unit.value not in _CALENDAR:
        return None
    if value.unit.text.lower().rpartition(" ")[2] in _OF_AGE:
        return None  # "onset after 3 years of age"
    if not value.numbers:
        return Duration(Decimal(1), str(value.unit.value))
    found = readings(value.numbers[0].value)
    return Duration(found[0], str(value.unit.value)) if found else None


def dates_name(tokens: list[Token], colon: int, chunk: Chunker) -> bool:
    """ "Chemotherapy: ≤ 4 weeks before the first dose": a length of time behind the colon dates the treatment named;
    a bare one ("Surgery: 4 weeks") is for a person, who knows what the list is of."""
    kinds = [token.type for token in tokens[colon + 1 : colon + 4] if token.type != "FILL"]
    named = [token for token in chunk.tokens if token.type == "CONCEPT"]
    if not named or "TIME" not in kinds:
        return False
    if kinds[0] != "WITHIN" and not all(map(_is_done, named)):
        return False
    behind = [token.type for token in tokens[colon + 1 : colon + 7] if token.type in ("AFTER", "ANCHOR")]
    if kinds[:2] == ["NUM", "TIME"] or behind[:2] == ["AFTER", "ANCHOR"]:
        for token in named:
            token.type = "GLUE"
        tokens[colon].type = "JUDGE"
        return True
    if kinds[0] not in _BEFORE_LENGTH or kinds[1:] != ["NUM", "TIME"]:
        return False
    tokens[colon].type = "GLUE"
    return True


def _is_done(token: Token) -> bool:
    """Whether a concept is a treatment, which a length of time may date."""
    named = concepts.catalogue()[str(token.value)]
    return named.kind in TREATMENTS or bool({"procedure", "medication"} & set(named.lists))
