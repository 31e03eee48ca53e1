"""Lengths of time that lie between an event and the anchor they count back from.

"The interval between surgery and randomization must be at most 84 days" and "2 weeks between surgery and enrolment" say
what "within 84 days before randomization" says, so the anchor is repeated behind the length, in no place of its own;
"in the 7 days prior to enrolment" is "within".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from screening.parse.tokens import COMPARING, Token
from screening.resources import table

_WORDS = table("reading")["intervals"]
_NAMES = frozenset(_WORDS["names"])
_PARTED = {opening: frozenset(parting) for opening, parting in _WORDS["parted"].items()}
INTERVALS = frozenset({*_PARTED, *_WORDS["inside"]})
_INSIDE = frozenset(_WORDS["inside"])
_ENDINGS = frozenset(table("reading")["releasing"]["words"])
_SMALL = frozenset({"FILL", "GLUE", "MOD", "LPAR"})
_ANCHORS: dict[str, str] = table("phrases")["ANCHOR"]["values"]
_LONGEST = 5  # tokens of the name of an anchor
_FAR = 24  # tokens from "between" to the anchor, and from there to the length of time
_FEW = 6  # tokens from a length of time to "between" ("4 weeks must have elapsed between …")
_NEAR = 3  # tokens from "interval" to "between"


def intervals(tokens: list[Token]) -> list[Token]:
    """The tokens with each such length of time as one that counts back."""
    out = list(tokens)
    for token in tokens:
        word = token.text.lower()
        if word in _INSIDE and _counts_back(out, out.index(token)):
            token.type = "WITHIN"
        elif word in _PARTED:
            _between(out, out.index(token), _PARTED[word])
    return out


def _counts_back(tokens: Sequence[Token], at: int) -> bool:
    """ "in (the) 7 days prior to …"."""
    said = [token for token in tokens[at + 1 : at + 5] if token.type != "FILL"][:3]
    return [token.type for token in said[:2]] == ["NUM", "TIME"] and said[-1].text.lower() in _WORDS["before"]


def _between(tokens: list[Token], at: int, parting: frozenset[str]) -> None:
    """Repeats the anchor at the end of a pair behind the length of time that lies between the two."""
    opened = _interval(tokens, at)
    anchored = _anchor(tokens, at, parting)
    if tokens[at + 1].type in (*COMPARING, "NUM"):
        return
    if anchored is None:
        if opened is not None and _lies_between(tokens, at, parting):
            tokens[opened].type = "JUDGE"
        return
    link, anchor, last = anchored
    for named in tokens[at + 1 : link]:
        if named.type == "WORD" and named.text.lower() in _ENDINGS:
            named.type = "GLUE"
    value = _ANCHORS[" ".join(token.text.lower() for token in tokens[anchor : last + 1])]
    length = _ahead(tokens, at) if opened is None else None
    length = _behind(tokens, last) if length is None else length
    if length is None:
        return
    tokens[at].type = tokens[link].type = "FILL"
    for named in (*range(anchor, last + 1), *([] if opened is None else range(opened, at))):
        tokens[named].type, tokens[named].senses = "GLUE", {}
    end = tokens[length].end
    repeated = Token("ANCHOR", value, end, end, tokens[anchor].text, {"ANCHOR": value})
    tokens[length + 1 : length + 1] = [Token("BEFORE", "before", end, end, "before"), repeated]


def _lies_between(tokens: Sequence[Token], at: int, parting: frozenset[str]) -> bool:
    """Whether two events stand behind "between", neither of which is a step of the study: the length of time from one
    to the other counts from no day that is known here."""
    far = list(takewhile(lambda token: token.type not in ("DOT", "SEMI"), tokens[at + 1 : at + _FAR]))
    link = next((here for here, token in enumerate(far) if token.text.lower() in parting), None)
    return link is not None and any(token.type == "TIME" for token in far[link:])


def _interval(tokens: Sequence[Token], at: int) -> int | None:
    """Where "interval" or its like stands right before."""
    near = range(max(0, at - _NEAR), at)
    return next((here for here in near if tokens[here].text.lower() in _NAMES), None)


def _anchor(tokens: Sequence[Token], at: int, parting: frozenset[str]) -> tuple[int, int, int] | None:
    """The places of the word that parts the pair, and of the first and last word of the anchor behind it."""
    for link in range(at + 2, min(at + _FAR, len(tokens) - 1)):
        if tokens[link].type in ("DOT", "SEMI"):
            return None
        if tokens[link].text.lower() not in parting:
            continue
        for behind in range(link + 1, len(tokens)):
            if (last := _anchor_end(tokens, behind)) is not None:
                return link, behind, last
            if tokens[behind].type not in _SMALL:
                break
    return None


def _anchor_end(tokens: Sequence[Token], at: int) -> int | None:
    """The last token of the longest name of an anchor that begins here."""
    words = [token.text.lower() for token in tokens[at : at + _LONGEST]]
    ends = (end for end in range(len(words), 0, -1) if " ".join(words[:end]) in _ANCHORS)
    end = next(ends, None)
    return None if end is None else at + end - 1


def _ahead(tokens: Sequence[Token], at: int) -> int | None:
    """The unit of a length of time right before the pair ("2 weeks between …")."""
    near = range(at - 1, max(-1, at - _FEW), -1)
    before = next((here for here in near if tokens[here].type not in ("FILL", "GLUE")), None)
    return before if before is not None and tokens[before].type == "TIME" else None


def _behind(tokens: Sequence[Token], anchor: int) -> int | None:
    """The unit of the last of the lengths of time behind the pair ("must be > 28 days and ≤ 84 days")."""
    found = None
    for here in range(anchor + 1, min(anchor + _FAR, len(tokens))):
        token = tokens[here]
        if token.type == "TIME" and token.type != tokens[here - 1].type:
            found = here
        elif token.type in ("DOT", "SEMI", "CONCEPT", "OR", "EXCEPT") or (found and token.type == "COMMA"):
            break
    return found


__all__ = ["INTERVALS", "intervals"]
