"""From the words between islands to presences of concepts: negation, history, severity, windows — and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from screening import concepts
from screening.build.chunks import Chunk
from screening.build.context import Reader
from screening.parse.numbers import readings
from screening.parse.tokens import Token
from screening.parse.tree import Bound, Shape, Value
from screening.predicates import (
    Duration,
    Op,
    Relation,
    Window,
)
from screening.resources import table
from screening.text import Span

DONE = frozenset({"drug", "procedure", "state"})
_NARROWING = ("severity", "activity")
_RESIDUE = frozenset(
    {
        "WORD",
        "NUM",
        "UNIT",
        "LT",
        "LE",
        "GT",
        "GE",
        "EQ",
        "VAR",
        "SCALE",
        "ULN",
        "LLN",
        "LEVEL",
        "PLUSMINUS",
        "MULT",
        "NORMAL",
        "TIMES",
        "NOT",
    }
)
_PRIOR = (("history", "prior"),)
_TELLING = frozenset({"WORD", "CONCEPT", "VAR", "SCALE", "RESULT", "ORGAN", "JUDGE", "NUM", "QUAL"})
SMALL = frozenset({"FILL", "GLUE", "EITHER", "BULLET", "DASH", "MOD", "THEN", "SEX", "DOT", "NOT"})
_OF = frozenset(table("reading")["prepositions"]["words"])
_AHEAD = frozenset(table("reading")["ahead"]["words"])
_LASTING = frozenset(table("reading")["going_on"]["words"])
_APART = frozenset(table("reading")["apart"]["words"])
_CALENDAR = ("a", "mo", "wk", "d", "h")
FORMAL = frozenset({"NUM", "UNIT", "LT", "LE", "GT", "GE", "EQ", "ULN", "LLN"})


class Mention(NamedTuple):
    """What a chunk says: concepts with their modifiers, and the words nobody understood."""

    chunk: Chunk
    concepts: tuple[Token, ...] = ()
    narrowing: tuple[str, ...] = ()
    history: bool = False
    current: bool = False
    negated: bool = False
    window: Window | None = None
    window_span: Span | None = None
    sex: str | None = None
    judged: tuple[Token, ...] = ()
    residue: tuple[Token, ...] = ()
    advisory: bool = False
    result: str | None = None
    tested: tuple[Token, ...] = ()  # variables named without a limit
    organs: tuple[Token, ...] = ()
    leading: bool = False  # the window stands before what it dates ("at least 4 weeks since …")
    half_life: Token | None = None
    lasting: tuple[tuple[Token, Token], ...] = ()  # lengths of time that date nothing

    @property
    def denied_first(self) -> bool:
        """Whether a negation of its own stands before what it denies ("no surgery", not "surgery is not allowed")."""
        said = next((t.start for t in self.chunk.tokens if t.type in ("CONCEPT", "WORD", "VAR")), None)
        own = (t.start for t in self.chunk.tokens if t.type == "MOD" and any(role == "negation" for role, _ in t.value))
        return self.negated and said is not None and any(start < said for start in own)

    @property
    def broadly(self) -> bool:
        """Whether its words of history reach whatever follows ("history of A, B"), not only things done ("prior A,
        B")."""
        return self.chunk_roles("history_of", "ever")

    @property
    def prefixed(self) -> bool:
        """Whether it is negated by a prefix of one word only ("non-smoker")."""
        return self.chunk_roles("non")

    def chunk_roles(self, *identities: str) -> bool:
        """Whether one of these modifiers stands in its words."""
        mods = (token for token in self.chunk.tokens if token.type == "MOD")
        return any(identity in identities for token in mods for _, identity in token.value)

    @property
    def stated(self) -> bool:
        """Whether it speaks of what the patient is or can, which a window said elsewhere does not date."""
        found = [concepts.catalogue()[str(token.value)] for token in self.concepts]
        return any(one.kind == "state" and not one.lists for one in found)

    @property
    def sort(self) -> str | None:
        """What a window here dates: "treatment" or "condition"; None where nobody knows."""
        kinds = {concepts.catalogue()[str(token.value)].kind for token in self.concepts}
        if not kinds:
            return None
        return "treatment" if kinds <= DONE else "condition"

    @property
    def empty(self) -> bool:
        """Whether nothing but small words stands here."""
        return not (
            self.concepts
            or self.judged
            or self.residue
            or self.advisory
            or self.organs
            or self.half_life
            or self.lasting
            or (self.result and self.tested)
        )


def mention(reader: Reader, chunk: Chunk) -> Mention:
    """Reads one chunk."""
    kinds = {token.type for token in chunk.tokens}
    if ("MOD" in kinds and _of_relatives(chunk)) or (chunk.windows and _goes_on(chunk)):
        return Mention(chunk, judged=chunk.tokens)
    tokens, judged = _split_judged(chunk) if "JUDGE" in kinds else (chunk.tokens, ())
    words = _said(chunk, tokens, kinds)
    found = _counting(chunk, words, kinds)
    named, roles, residue = [], [], []
    for token in found:
        if token.type == "CONCEPT":
            named.append(token)
        elif token.type == "MOD":
            roles += token.value
        elif token.type in _RESIDUE:
            residue.append(token)
    negated = _negated(found) if roles or "RESULT" in kinds else False
    window, place, lasting = _dating(reader, chunk, negated=negated) if chunk.windows else (None, None, ())
    return Mention(
        chunk,
        _named_once(named),
        tuple(dict.fromkeys(identity for role, identity in roles if role in _NARROWING)),
        any(role == "history" for role, _ in roles),
        any(role == "current" for role, _ in roles),
        negated,
        window,
        place,
        next((str(token.value) for token in words if token.type == "SEX"), None) if "SEX" in kinds else None,
        judged,
        tuple(residue),
        "ADVISE" in kinds and any(token.type == "ADVISE" for token in tokens),
        next((str(token.value) for token in found if token.type == "RESULT"), None) if "RESULT" in kinds else None,
        tuple(token for token in residue if token.type in ("VAR", "SCALE")),
        tuple(token for token in found if token.type == "ORGAN") if "ORGAN" in kinds else (),
        window is not None and _leads(chunk),
        next((token for token in chunk.tokens if "HALFLIFE" in token.senses), None),
        lasting,
    )


def _said(chunk: Chunk, tokens: Sequence[Token], kinds: set[str]) -> Sequence[Token]:
    """The words outside windows, each as what it stands for alone."""
    words = _outside_windows(chunk, tokens) if chunk.windows else tokens
    return [_named_alone(token) for token in words] if "QUAL" in kinds else words


def _counting(chunk: Chunk, words: Sequence[Token], kinds: set[str]) -> Sequence[Token]:
    """The words that make the mention, with the event its windows count from."""
    found = _without_causes(words) if "CAUSE" in kinds else words
    if chunk.windows:
        found = [*found, *_anchors(chunk, words)]
    if "MOD" in kinds:
        found = _heard(found)
    return _prior(found)


def _of_relatives(chunk: Chunk) -> bool:
    """Whether it speaks of the patient's family: a person must say, no record of the patient holds it."""
    return any(role == "family" for token in chunk.tokens if token.type == "MOD" for role, _ in token.value)


def _goes_on(chunk: Chunk) -> bool:
    """ "for at least 90 days after the last dose": what lies ahead, beside no finding, is for a person."""
    ahead = any(
        shape.anchorage is not None
        and shape.anchorage.relation == "after"
        and (before := next((t for t in reversed(chunk.tokens) if t.end <= first.start), None)) is not None
        and before.text.lower() in _AHEAD
        for shape, first, _ in chunk.windows
    )
    known = concepts.catalogue()
    named = (str(token.value) for token in chunk.tokens if token.type == "CONCEPT")
    return ahead and all(known[name].attest for name in named)


def _heard(words: Sequence[Token]) -> list[Token]:
    """Without a prefix of negation that stands before a word nobody knows ("non-Caucasian")."""
    prefix = ("negation", "non")
    return [
        token
        for at, token in enumerate(words)
        if not (
            token.type == "MOD"
            and prefix in token.value
            and next((t.type for t in words[at + 1 :] if t.type != "DASH"), "") == "WORD"
        )
    ]


def _prior(words: Sequence[Token]) -> Sequence[Token]:
    """ "Prior treatment with X": what counts is X, in the past."""
    named = [token for token in words if token.type == "CONCEPT"]
    if len(named) < 2 or not any(_general(token) for token in named):
        return words
    known = concepts.catalogue()
    if all(known[str(token.value)].attest for token in named):
        return words
    return [
        replace(token, type="MOD", value=_PRIOR) if token.type == "CONCEPT" and _general(token) else token
        for token in words
    ]


def _general(token: Token) -> bool:
    if not token.text.lower().startswith(("prior", "previous")):
        return False
    concept = concepts.catalogue()[str(token.value)]
    return concept.attest and concept.kind == "state" and "medication" in concept.lists


def _named_alone(token: Token) -> Token:
    """Words that qualify a measurement ("without transfusion") are a finding of their own where none stands."""
    known = token.senses.get("CONCEPT") if token.type == "QUAL" else None
    return replace(token, type="CONCEPT", value=known) if known else token


def _anchors(chunk: Chunk, words: Sequence[Token]) -> list[Token]:
    """Of "at least 2 weeks since surgery" the event is what the window counts from."""
    if any(token.type in _TELLING for token in words):
        return []
    named = [shape.anchorage.anchor for shape, _, _ in chunk.windows if shape.anchorage and _since(chunk, shape)]
    return [_event_token(token) for token in named if token is not None]


def _since(chunk: Chunk, shape: Shape) -> bool:
    assert shape.anchorage is not None
    if shape.anchorage.anchor is None or not (
        {"CONCEPT", "VAR"} & set(shape.anchorage.anchor.senses) or shape.anchorage.relation == "after"
    ):
        return False
    before = [token for token in chunk.tokens if token.end <= shape.anchorage.anchor.start and token.type != "FILL"]
    return shape.anchorage.relation == "after" or (bool(before) and before[-1].text.lower().startswith("from"))


def _event_token(anchor: Token) -> Token:
    """The anchor as the concept it names, else as a word."""
    known = anchor.senses.get("CONCEPT")
    return replace(anchor, type="CONCEPT", value=known) if known else replace(anchor, type="WORD", value=anchor.text)


def _leads(chunk: Chunk) -> bool:
    """Whether nothing but small words stands before the window."""
    first = chunk.windows[0][1]
    return all(token.type in SMALL for token in chunk.tokens if token.start < first.start)


def _outside_windows(chunk: Chunk, tokens: Sequence[Token]) -> list[Token]:
    """The words outside windows, and outside what says whose first dose or start a window counts from."""
    closed = {
        last.end: next(
            (t.start for t in chunk.tokens if t.start >= last.end and t.type in ("JUDGE", "MOD", "SEX")), 10**9
        )
        for _, _, last in chunk.windows
        if last.type == "ANCHOR" and _complemented(chunk, last)
    }
    for shape, _, last in chunk.windows:
        if last.type == "BEFORE" and shape.anchorage is not None:
            closed[last.end] = _anchor_end(chunk, last)
    ranges = [(first.start, closed.get(last.end, last.end)) for _, first, last in chunk.windows]
    return [token for token in tokens if not any(start <= token.start < end for start, end in ranges)]


def _qualifies(chunk: Chunk) -> bool:
    """Whether a chunk only says how something was measured ("no transfusion within one week")."""
    kinds = {token.type for token in _outside_windows(chunk, chunk.tokens)}
    return "QUAL" in kinds and kinds <= SMALL | {"QUAL"}


def _whole(reader: Reader, chunk: Chunk, first: Token, last: Token) -> Span:
    """The place of a window with all words of its starting point."""
    outside = {token.start for token in _outside_windows(chunk, chunk.tokens)}
    inside = [token for token in chunk.tokens if token.start >= last.start and token.start not in outside]
    behind = next((token.start for token in chunk.tokens if token.start >= last.end and token.start in outside), None)
    end = [token for token in inside if behind is None or token.start < behind]
    return reader.span(first, end[-1] if end else last)


def _anchor_end(chunk: Chunk, last: Token) -> int:
    """Where the words of a starting point end that no table knows ("prior to starting cell therapy")."""
    behind = [token for token in chunk.tokens if token.start >= last.end]
    if behind and behind[0].type in ("CONCEPT", "VAR", "JUDGE", "MOD") and last.text.lower() == "of":
        return last.end
    return next((t.start for t in behind if t.type in ("JUDGE", "SEX")), 10**9)


def _complemented(chunk: Chunk, anchor: Token) -> bool:
    """Whether "of the study drug" or its like follows the anchor."""
    after = next((token for token in chunk.tokens if token.start >= anchor.end), None)
    return after is not None and after.text.lower() in _OF


def _split_judged(chunk: Chunk) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    at = next((i for i, token in enumerate(chunk.tokens) if token.type == "JUDGE"), None)
    if at is None:
        return chunk.tokens, ()
    if not any(token.type == "CONCEPT" for token in chunk.tokens[:at]):
        at = 0
    return chunk.tokens[:at], chunk.tokens[at:]


def _without_causes(words: Sequence[Token]) -> list[Token]:
    """What stands behind "caused by" or "including" explains the concept before it and sets no condition of its own."""
    for at, token in enumerate(words):
        if token.type == "CAUSE" and any(t.type == "CONCEPT" for t in words[:at]):
            return list(words[:at])
    return list(words)


def _negated(words: Sequence[Token]) -> bool:
    count = sum(1 for token in words if token.type == "MOD" and any(role == "negation" for role, _ in token.value))
    return (count + _found_negative(words)) % 2 == 1


def _found_negative(words: Sequence[Token]) -> bool:
    """ "HIV negative", "hepatitis B test is negative": the result, said last, denies the finding right before it."""
    told = [token for token in words if token.type not in ("FILL", "GLUE", "DOT", "SEMI", "DASH", "MOD")]
    if len(told) < 2 or sum(token.type == "CONCEPT" for token in told) > 1:
        return False
    return told[-2].type == "CONCEPT" and told[-1].type == "RESULT" and told[-1].value == "negative"


# ---- windows


def _dating(
    reader: Reader, chunk: Chunk, *, negated: bool
) -> tuple[Window | None, Span | None, tuple[tuple[Token, Token], ...]]:
    """The window that dates the mention, its place, and the lengths of time that date nothing."""
    return *_window(reader, chunk, negated=negated), _unused(reader, chunk, negated=negated)


def _window(reader: Reader, chunk: Chunk, *, negated: bool) -> tuple[Window | None, Span | None]:
    for shape, first, last in chunk.windows:
        made = _used(reader, chunk, shape, first, negated=negated)
        if made is not None:
            span = reader.span(first, last)
            reader.windows.append((made, _whole(reader, chunk, first, last)))
            if _qualifies(chunk):
                reader.spent.append(span)
            if not made.stated:
                reader.note(
                    "window-without-anchor",
                    "the window names no starting point; it is counted from the screening date",
                    span,
                )
            return made, span
    return None, None


def _used(reader: Reader, chunk: Chunk, shape: Shape, first: Token, *, negated: bool) -> Window | None:
    """The window of a piece that says when something was; None where it says how long it went on, or what it is
    like."""
    made = window_of(shape)
    if made is None or _stray(chunk, shape) or _between_events(chunk, shape, first):
        return None
    if shape.within or not _lasts(chunk, first):
        return made
    if negated:
        return replace(made, relation=Relation.WITHIN)
    doubtful = reader.excluding and made.stated and made.relation is not Relation.WITHIN
    return made if doubtful and _of_treatment(chunk) else None


def _of_treatment(chunk: Chunk) -> bool:
    known = concepts.catalogue()
    return any(token.type == "CONCEPT" and known[str(token.value)].kind in DONE for token in chunk.tokens)


def _lasts(chunk: Chunk, first: Token) -> bool:
    """ "for at least 4 weeks" says how long something went on (or, negated, that it did not), not how long ago it
    was."""
    before = next((token for token in reversed(chunk.tokens) if token.end <= first.start), None)
    return before is not None and before.text.lower() in _LASTING


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


def _unused(reader: Reader, chunk: Chunk, *, negated: bool) -> tuple[tuple[Token, Token], ...]:
    """Lengths of time that date nothing: they still say something."""
    return tuple(
        (first, last)
        for shape, first, last in chunk.windows
        if _used(reader, chunk, shape, first, negated=negated) is None
    )


def window_of(shape: Shape) -> Window | None:
    """The window of an island; None where it is no single length of time."""
    item = shape.bounds.items[-1]
    bound = item if isinstance(item, Bound) else item.high
    duration = _duration(bound.value)
    if duration is None:
        return None
    anchor = shape.anchorage.anchor if shape.anchorage else None
    relation = _relation(shape, bound)
    return Window(relation, duration, str(anchor.value) if anchor else "screening", stated=anchor is not None)


def _relation(shape: Shape, bound: Bound) -> Relation:
    if bound.op is None and not shape.within and shape.anchorage is not None and shape.anchorage.relation == "after":
        return Relation.AT_LEAST  # "12 months since the last dose"
    if shape.within or bound.op in (None, Op.LE, Op.LT, Op.EQ):
        return Relation.WITHIN
    return Relation.AT_LEAST if bound.op is Op.GE else Relation.MORE_THAN


def _duration(value: Value) -> Duration | None:
    if value.unit is None or value.unit.type != "TIME" or value.unit.value not in _CALENDAR:
        return None
    if not value.numbers:
        return Duration(Decimal(1), str(value.unit.value))
    found = readings(value.numbers[0].value)
    return Duration(found[0], str(value.unit.value)) if found else None


# ---- predicates


def _named_once(named: list[Token]) -> tuple[Token, ...]:
    """The concepts, without a general name right behind a special one ("hepatitis C infection")."""
    kept: list[Token] = []
    for token in named:
        beside = bool(kept) and token.start - kept[-1].end <= 1
        if not (beside and _special(str(kept[-1].value), str(token.value))):
            kept.append(token)
    return tuple(kept)


def _special(named: str, general: str) -> bool:
    """Whether one concept, or each of those it stands for, is a kind of the other."""
    parts = concepts.catalogue()[named].either or (named,)
    return any(part in concepts.narrower(general) for part in parts)
