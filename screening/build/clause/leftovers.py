"""Words of a clause that no part of its reading stands for: they join it as unread, numbers and signs with a note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import cast, get_args

from screening import concepts
from screening.build.common.contents import concepts_in, is_decidable, place, variables_in
from screening.build.common.context import Reader
from screening.build.findings.narrowing import is_no_cause
from screening.parse.tokens import UNREAD, Token
from screening.predicates import (
    Advisory,
    All,
    Any,
    Comparison,
    Judgement,
    NotUnderstood,
    OrdinalSet,
    Predicate,
    Presence,
    Result,
    Sex,
    Window,
    nodes,
)
from screening.resources import table
from screening.text import Span

_FORMAL = frozenset({"NUM", "LT", "LE", "GT", "GE", "EQ"})
_NOTED = _FORMAL | {"MOD"}  # a grade is formal too
_TELLING = _FORMAL | {"WORD", "CONCEPT", "VAR", "SCALE", "UNIT", "TIME", "ULN", "LLN", "LEVEL", "MULT"}
_LENGTHS = _FORMAL | {"TIME"}
_SAYING = frozenset({"METHOD", "QUAL", "NUM", "RESULT"})
_Leaf = Comparison | OrdinalSet | Result | Sex | Presence | Judgement | Advisory | NotUnderstood
_LEAVES = frozenset(get_args(_Leaf))
_Words = Judgement | NotUnderstood
_Dated = Comparison | OrdinalSet | Result | Presence
_ENDS = frozenset({"CONCEPT", "COMMA", "SEMI", "LPAR", "RPAR", "JUDGE"})
_STOPS = frozenset({"DOT", "SEMI", "FILL"})
_NEAR = 4  # tokens from "due to" to what it names
_LONGEST = 60  # characters quoted


def complete(reader: Reader, tokens: Sequence[Token], made: Predicate) -> Predicate:
    """*made* with the telling words that nothing in it stands for, which narrow it; formal ones are noted.

    A cause ("due to …") is for a person to say, as is what no record carries; other such words were not understood.
    """
    decidable = is_decidable(made)
    if not decidable and not any(map(_is_noted, tokens)):
        return made
    leaves = _leaves(made)
    places = _Places(reader, leaves)
    lost = places.lost(tokens, {name for leaf in leaves if isinstance(leaf, Presence) for name in leaf.term.qualifiers})
    if not lost:
        return made
    _note(reader, [tokens[at] for at in lost if _is_noted(tokens[at])])
    dropped = [at for at in lost if not places.told_unread(tokens[at]) and not _said_again(tokens[at], made)]
    if not dropped or not decidable:
        return made
    runs = [(_cause(tokens, first), first, last) for first, last in _runs(tokens, dropped)]
    parts = [
        _part(
            reader,
            tokens,
            first if cause is None else cause,
            last,
            known=cause is not None or _for_a_person([tokens[at] for at in dropped if first <= at <= last]),
        )
        for cause, first, last in runs
        if not (cause is not None and (_other(tokens[cause], made) or is_no_cause(tokens[cause : last + 1])))
    ]
    return _narrowed(reader, made, parts, tokens) if parts else made


def _narrowed(reader: Reader, made: Predicate, parts: Sequence[Predicate], tokens: Sequence[Token]) -> Predicate:
    """The words narrow the whole; in the parenthesis behind the last of several alternatives that one only."""
    opened = _last_parenthesis(reader, tokens)
    if isinstance(made, Any) and opened is not None:
        last, begin = place(made.items[-1]), min((span.start for part in parts if (span := place(part))), default=-1)
        if last is not None and last.start < opened < begin:
            return replace(made, items=(*made.items[:-1], All((made.items[-1], *parts), made.items[-1].span)))
    return All((made, *parts), made.span)


def _last_parenthesis(reader: Reader, tokens: Sequence[Token]) -> int | None:
    """Where the parenthesis begins with which the clause ends."""
    depth = 0
    for token in reversed(tokens):
        depth += (token.type == "RPAR") - (token.type == "LPAR")
        if depth <= 0 and token.type not in _STOPS:
            return reader.span(token).start if token.type == "LPAR" else None
    return None


def tells(tokens: Sequence[Token]) -> bool:
    """Whether a line of which nothing was read says something all the same ("Clinically stable", "CT scan")."""
    if any(token.type == "COLON" for token in tokens):
        return False
    modified = (role for token in tokens if token.type == "MOD" for role, _ in token.value)
    return any(token.type in _SAYING for token in tokens) or any(role != "negation" for role in modified)


def _unused_grade(token: Token, used: set[str]) -> bool:
    """Whether a grade ("grade 2 or higher") narrows no finding."""
    return any(name.startswith("grade_") and name not in used for _, name in token.value)


class _Places:
    """Which raw characters a reading stands for, and which it says were not understood: one byte a character."""

    def __init__(self, reader: Reader, leaves: Sequence[_Leaf]) -> None:
        self.text = reader.text
        self.read, self.unread = bytearray(len(self.text.starts)), bytearray(len(self.text.starts))
        for leaf in leaves:
            if leaf.span is not None:
                self._mark(self.unread if isinstance(leaf, NotUnderstood) else self.read, leaf.span)
        for span in reader.spent:
            self._mark(self.read, span)
        if reader.windows:
            self._mark_windows(reader, leaves)

    def _mark_windows(self, reader: Reader, leaves: Sequence[_Leaf]) -> None:
        """Marks the lengths of time that date something."""
        windows = [window for leaf in leaves if (window := _window(leaf)) is not None]
        used = {(window.duration, window.anchor) for window in windows}
        for window, span in reader.windows:
            if (window.duration, window.anchor) in used and not self._unread_at(span):
                self._mark(self.read, span)

    def _unread_at(self, span: Span) -> bool:
        """Whether a length of time stands in words that were not understood, though it dates others with them."""
        return bool(self.unread[self.text.at(span.start)])

    def _mark(self, marks: bytearray, span: Span) -> None:
        """Marks the clean characters of a raw place."""
        start, end = self.text.at(span.start), self.text.at(span.end)
        marks[start:end] = b"\1" * (end - start)

    def lost(self, tokens: Sequence[Token], grades: set[str]) -> list[int]:
        """The places of the telling words that are no part of what was read; *grades* are those that narrow something
        there."""
        read = self.read
        return [
            at
            for at, token in enumerate(tokens)
            if (token.type in _TELLING or (token.type == "MOD" and _unused_grade(token, grades)))
            and not (token.start == token.end or read[token.start])
        ]

    def told_unread(self, token: Token) -> bool:
        """Whether the reading itself says that a word was not understood."""
        return bool(self.unread[token.start])


def _window(leaf: _Leaf) -> Window | None:
    """The length of time that dates a part; of words that nobody could read it is as formal and unread as they are."""
    if isinstance(leaf, _Words):
        return leaf.event.window if leaf.event and isinstance(leaf, Judgement) else None
    return leaf.window if isinstance(leaf, _Dated) else None


def _runs(tokens: Sequence[Token], lost: list[int]) -> Iterator[tuple[int, int]]:
    """Stretches of lost words with only small words between them."""
    first = lost[0]
    for here, after in pairwise([*lost, len(tokens)]):
        if after == len(tokens) or any(token.type in _ENDS for token in tokens[here + 1 : after]):
            yield first, here
            first = after


def _cause(tokens: Sequence[Token], first: int) -> int | None:
    """Where "due to" stands before lost words."""
    return next((at for at in range(first - 1, max(-1, first - _NEAR), -1) if tokens[at].type == "CAUSE"), None)


def _other(cause: Token, made: Predicate) -> bool:
    """ "other malignancies unrelated to the primary tumor": the finding itself says that it is another one."""
    others = (concepts.catalogue()[name].rule == "other_malignancy" for name in concepts_in(made))
    return cause.text.lower().startswith("unrelated") and any(others)


def _part(reader: Reader, tokens: Sequence[Token], first: int, last: int, *, known: bool) -> Predicate:
    span = reader.span(tokens[first], tokens[last])
    return (Judgement if known else NotUnderstood)(reader.between(span), span)


def _for_a_person(lost: Sequence[Token]) -> bool:
    """Whether words name what no record read here carries, so that a person must say, perhaps with a length of time
    ("HER2-positive", "> 1 year since the last menstruation")."""
    named = [token for token in lost if token.type not in _LENGTHS]
    known = concepts.catalogue()
    return bool(named) and all(token.type == "CONCEPT" and known[str(token.value)].attest for token in named)


def _said_again(token: Token, made: Predicate) -> bool:
    """Whether what is read names the finding already, or measures it ("renal failure (creatinine > 2 mg/dL)")."""
    if token.type in ("VAR", "SCALE"):
        return True
    if token.type != "CONCEPT":
        return False
    named, concept = concepts_in(made) | _excepted(made), str(token.value)
    family = concepts.narrower(concept) | {concept}
    if any(one in family or concept in concepts.narrower(one) for one in named):
        return True
    return bool(set(table("measures")["measured_by"].get(concept, ())) & variables_in(made))


def _excepted(made: Predicate) -> set[str]:
    return {term.concept for leaf in _leaves(made) if isinstance(leaf, Presence) for term in leaf.excluding}


def _leaves(made: Predicate) -> list[_Leaf]:
    return [cast("_Leaf", one) for one in nodes(made) if type(one) in _LEAVES]


def _is_noted(token: Token) -> bool:
    """Whether a token is formal, also where it was made a word since no limit can be read in it."""
    return token.type in _NOTED or UNREAD in token.senses


def _note(reader: Reader, formal: list[Token]) -> None:
    """One note for each stretch of numbers and signs that stand close together."""
    for _, group in groupby(enumerate(formal), key=_Stretch(formal)):
        near = [token for _, token in group]
        span = reader.span(near[0], near[-1])
        reader.note("unparsed-formal", f"“{reader.words(near[0], near[-1])}” is formal but was not read", span)


class _Stretch:
    """Numbers the stretches: a gap of more than so many characters begins a new one."""

    def __init__(self, formal: list[Token]) -> None:
        self.number, self.numbers = 0, []
        for at, token in enumerate(formal):
            if at and token.start - formal[at - 1].end > _LONGEST:
                self.number += 1
            self.numbers.append(self.number)

    def __call__(self, item: tuple[int, Token]) -> int:
        return self.numbers[item[0]]
