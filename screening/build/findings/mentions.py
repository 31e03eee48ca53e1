"""From the words between islands to presences of concepts: negation, history, severity, windows — and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from screening import concepts
from screening.build.common.context import Reader
from screening.build.findings.anchoring import only_anchors
from screening.build.findings.dating import DONE, TELLING, dating, leads, lower_end, outside_windows, since
from screening.build.findings.denials import DENYING, NARROWING, heard
from screening.build.limits.chunks import Chunk
from screening.parse.tokens import Token
from screening.predicates import (
    Window,
)
from screening.resources import table
from screening.text import Span

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
_AHEAD = frozenset(table("reading")["ahead"]["words"])
_GOES_ON = frozenset(table("reading")["going_on_procedures"]["concepts"])
_OTHERS = frozenset(table("reading")["somebody_else"]["words"])
_HEADS = frozenset(table("reading")["heads"]["words"])
_MARKERS = frozenset(table("reading")["tests"]["markers"])
_LACKING = frozenset(table("reading")["small"]["lacking"])
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
    elsewhere: bool = False  # the window counts from an event that *judged* names ("within 2 weeks of surgery")
    least: Window | None = None  # how long ago at least, where the window has two ends
    caused: Token | None = None  # the "due to" of the finding before it in the same list
    roles: frozenset[tuple[str, str]] = frozenset()  # of the modifiers among its words, with what they are

    @property
    def denied_first(self) -> bool:
        """Whether a negation of its own stands before what it denies ("no surgery", not "surgery is not allowed")."""
        if not self.negated or not self.roles:
            return False
        said = next((t.start for t in self.chunk.tokens if t.type in ("CONCEPT", "WORD", "VAR")), None)
        own = (t.start for t in self.chunk.tokens if t.denies)
        return said is not None and any(start < said for start in own)

    @property
    def broadly(self) -> bool:
        """Whether its words of history reach whatever follows ("history of A, B"), not only things done ("prior A,
        B")."""
        return self.chunk_roles("history_of", "ever")

    @property
    def going_on(self) -> bool:
        """Whether its own words say that it goes on now ("concurrent A, B", "receiving A or B")."""
        return self.current and self.chunk_roles("current", "concurrent", "receiving")

    @property
    def prefixed(self) -> bool:
        """Whether it is negated by what denies one word only ("non-smoker", "absent reflexes")."""
        return self.chunk_roles("non", "absent")

    @property
    def ahead(self) -> bool:
        """Whether it speaks of what is still to come ("scheduled for surgery", "undergoing a hip replacement")."""
        if "planned" in self.narrowing:
            return True
        if self.history or self.window is not None or not self.chunk_roles("receiving") or not self.concepts:
            return False
        done = [concepts.catalogue()[str(token.value)] for token in self.concepts]
        return all(one.kind == "procedure" and one.id not in _GOES_ON for one in done)

    @property
    def denied_before(self) -> bool:
        """Whether only words of an earlier item deny it."""
        return self.negated and all(role != "negation" for role, _ in self.roles)

    def chunk_roles(self, *identities: str) -> bool:
        """Whether one of these modifiers stands in its words."""
        return not {identity for _, identity in self.roles}.isdisjoint(identities)

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
    own = [pair for token in chunk.tokens if token.type == "MOD" for pair in token.value] if "MOD" in kinds else []
    if _of_relatives(chunk, kinds, own) or (chunk.windows and _goes_on(chunk)):
        return Mention(chunk, judged=chunk.tokens, roles=frozenset(own))
    tokens, judged = _split_judged(chunk) if "JUDGE" in kinds else (chunk.tokens, ())
    anchor = only_anchors(chunk) if chunk.windows else ()
    if anchor:
        tokens, judged = tuple(token for token in tokens if token not in anchor), judged or anchor
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
    window, place, lasting = (
        dating(reader, chunk, negated=negated, elsewhere=bool(anchor)) if chunk.windows else (None, None, ())
    )
    said = {role for role, _ in roles}
    return Mention(
        chunk,
        _named_once(named) if len(named) > 1 else tuple(named),
        tuple(dict.fromkeys([identity for role, identity in roles if role in NARROWING])) if roles else (),
        "history" in said,
        "current" in said,
        negated,
        window,
        place,
        next((str(token.value) for token in words if token.type == "SEX"), None) if "SEX" in kinds else None,
        judged,
        tuple(residue),
        "ADVISE" in kinds and any(token.type == "ADVISE" for token in tokens),
        next((str(token.value) for token in found if token.type == "RESULT"), None) if "RESULT" in kinds else None,
        tuple([token for token in residue if token.type in ("VAR", "SCALE")]) if residue else (),
        tuple(token for token in found if token.type == "ORGAN") if "ORGAN" in kinds else (),
        window is not None and leads(chunk),
        _half_life(chunk),
        lasting,
        bool(anchor) and window is not None,
        lower_end(chunk, window, forbidding=reader.excluding) if window is not None else None,
        None,
        frozenset(own),
    )


def under_negation(reader: Reader, found: Mention) -> Mention:
    """A mention with the words that deny its list: "no A or B for 7 days" says how long ago both were, at least."""
    if not (found.negated and found.lasting):
        return found
    window, place, lasting = dating(reader, found.chunk, negated=True)
    return found if window is None else found._replace(window=window, window_span=place, lasting=lasting)


def _half_life(chunk: Chunk) -> Token | None:
    for token in chunk.tokens:
        if "HALFLIFE" in token.senses:
            return token
    return None


def _said(chunk: Chunk, tokens: Sequence[Token], kinds: set[str]) -> Sequence[Token]:
    """The words outside windows, each as what it stands for alone."""
    words = outside_windows(chunk, tokens) if chunk.windows else tokens
    return [_named_alone(token) for token in words] if "QUAL" in kinds else words


def _counting(chunk: Chunk, words: Sequence[Token], kinds: set[str]) -> Sequence[Token]:
    """The words that make the mention, with the event its windows count from."""
    found = _without_causes(words) if "CAUSE" in kinds else words
    if chunk.windows:
        found = [*found, *_anchors(chunk, words)]
    if "MOD" in kinds:
        found = heard(found)
    return _prior(_of_findings(found)) if "CONCEPT" in kinds or "QUAL" in kinds or chunk.windows else found


def _of_findings(words: Sequence[Token]) -> Sequence[Token]:
    """Without names that only say what kind of thing the noun behind them is ("hepatitis B vaccine")."""
    return [
        replace(token, type="WORD") if token.type == "CONCEPT" and _names_thing(words[at + 1 : at + 4]) else token
        for at, token in enumerate(words)
    ]


def _names_thing(behind: Sequence[Token]) -> bool:
    """Whether a noun follows that makes another thing of the finding, with at most one unknown word before it."""
    said = [token for token in behind if token.type not in ("DASH", "FILL")][:2]
    if said and said[0].text.lower() in _HEADS:
        return True
    return len(said) > 1 and said[0].type == "WORD" and said[1].type == "WORD" and said[1].text.lower() in _HEADS


def _of_relatives(chunk: Chunk, kinds: set[str], roles: Sequence[tuple[str, str]]) -> bool:
    """Whether it speaks of the patient's family: a person must say, no record of the patient holds it."""
    if "family" in [role for role, _ in roles]:
        return True
    named = [token.text for token in chunk.tokens if token.type == "CONCEPT"] if "CONCEPT" in kinds else ()
    return not _OTHERS.isdisjoint([text.lower().split()[-1] for text in named])


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
    """Words that qualify a measurement ("without transfusion") are a finding of their own where none stands, or
    qualify a finding ("epilepsy without treatment")."""
    for kind in ("CONCEPT", "MOD") if token.type == "QUAL" else ():
        if known := token.senses.get(kind):
            return replace(token, type=kind, value=known)
    return token


def _anchors(chunk: Chunk, words: Sequence[Token]) -> list[Token]:
    """Of "at least 2 weeks since surgery" the event is what the window counts from."""
    if any(token.type in TELLING for token in words):
        return []
    named = [shape.anchorage.anchor for shape, _, _ in chunk.windows if shape.anchorage and since(chunk, shape)]
    return [_event_token(token) for token in named if token is not None]


def _event_token(anchor: Token) -> Token:
    """The anchor as the concept it names, else as a word."""
    known = anchor.senses.get("CONCEPT")
    return replace(anchor, type="CONCEPT", value=known) if known else replace(anchor, type="WORD", value=anchor.text)


def _split_judged(chunk: Chunk) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    at = next((i for i, token in enumerate(chunk.tokens) if token.type == "JUDGE"), None)
    if at is None:
        return chunk.tokens, ()
    if not any(token.type == "CONCEPT" for token in chunk.tokens[:at]):
        at = 0
    elif chunk.tokens[at - 1].text.lower() in _LACKING:
        at -= 1  # "tuberculosis without adequate treatment"
    return chunk.tokens[:at], chunk.tokens[at:]


def _without_causes(words: Sequence[Token]) -> list[Token]:
    """What stands behind "caused by" narrows the concept before it and sets no condition of its own; "not" right before
    it denies the cause."""
    for at, token in enumerate(words):
        if token.type == "CAUSE" and any(t.type == "CONCEPT" for t in words[:at]):
            return list(words[: at - 1 if words[at - 1].text.lower() in DENYING else at])
    return list(words)


def _negated(words: Sequence[Token]) -> bool:
    count = sum(token.denies for token in words)
    return (count + _found_negative(words)) % 2 == 1


def _found_negative(words: Sequence[Token]) -> bool:
    """ "HIV negative", "hepatitis B test is negative": the result, said last, denies the finding right before it."""
    told = [
        token
        for token in words
        if token.type not in ("FILL", "GLUE", "DOT", "SEMI", "DASH", "MOD") and token.text.lower() not in _MARKERS
    ]
    if len(told) < 2 or sum(token.type == "CONCEPT" for token in told) > 1:
        return False
    return told[-2].type == "CONCEPT" and told[-1].type == "RESULT" and told[-1].value == "negative"


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
