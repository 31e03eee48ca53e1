"""What a heading says once for the whole list below it: a window ("Within 28 days before enrolment:"), or the past."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from screening import variables
from screening.build.context import Reader
from screening.build.drafts import Draft, kind_of
from screening.build.timing import measured_in, timed
from screening.parse.tokens import Token
from screening.predicates import (
    Comparison,
    OrdinalSet,
    Predicate,
    Presence,
    Tense,
    Window,
    children,
    rebuilt,
)
from screening.resources import table
from screening.ruleset.model import RuleKind
from screening.text import Diagnostic

_DEFINED = re.compile(table("reading")["introduced"]["definition"], re.IGNORECASE)
_TIMES = re.compile(table("reading")["introduced"]["times"], re.IGNORECASE)
_COMPARED = frozenset({"LT", "LE", "GT", "GE", "EQ", "SEMI", "AND"})


def stated_window(reader: Reader) -> Window | None:
    """The one window that a clause states; None where it states none or several."""
    found = {window for window, _ in reader.windows}
    return found.pop() if len(found) == 1 else None


def speaks_of_past(tokens: Sequence[Token]) -> bool:
    """Whether words of history, and none of the present, stand in a clause ("Prior treatment with:")."""
    roles = {role for token in tokens if token.type == "MOD" for role, _ in token.value}
    return "history" in roles and not {"current", "negation"} & roles


def introduces(tokens: Sequence[Token], said: str, *, excluding: bool) -> bool:
    """Whether a line only says of what kind the findings in the list below it are: "any of the following cardiac
    conditions:"; in an exclusion also "heart disease, defined as:"."""
    if tokens[-1].type != "COLON":
        return False
    kinds = [token.type for token in tokens]
    if "EXAMPLE" in kinds:
        return False
    if excluding and (_DEFINED.search(said) or _TIMES.search(said)):
        return True
    at = next((i for i, kind in enumerate(kinds) if kind in ("ONEOF", "ALLOF")), None)
    return at is not None and "CONCEPT" in kinds[at:] and not _COMPARED & set(kinds[at:])


def under_heading(own: Sequence[Draft], below: Sequence[Draft]) -> list[Draft]:
    """The drafts of a list with what its heading says of time, where the heading names nothing itself."""
    if not own or any(kind_of(draft.predicate) is RuleKind.DATA for draft in own if not draft.empty):
        return list(below)
    windows = {draft.window for draft in own if draft.window is not None}
    window = windows.pop() if len(windows) == 1 else None
    past = any(draft.past for draft in own)
    if window is None and not past:
        return list(below)
    noted = tuple(one for draft in own for one in draft.diagnostics if one.code == "window-without-anchor")
    return [_introduced(draft, window, noted, past=past) for draft in below]


def _introduced(draft: Draft, window: Window | None, noted: tuple[Diagnostic, ...], *, past: bool) -> Draft:
    if draft.empty:
        return draft
    made = draft.predicate
    if window is not None:
        made = _measured(timed(made, window), window)
    return replace(draft, predicate=_past(made) if past else made, diagnostics=(*draft.diagnostics, *noted))


def _measured(made: Predicate, window: Window) -> Predicate:
    """*made* with the window on values that are measured; an age is none."""
    if isinstance(made, Comparison | OrdinalSet):
        return made if variables.catalogue()[made.variable].kind == "time" else measured_in(made, window)
    return rebuilt(made, [_measured(part, window) for part in children(made)])


def _past(made: Predicate) -> Predicate:
    if isinstance(made, Presence):
        return made if made.term.qualifiers else replace(made, tense=Tense.HAD)
    return rebuilt(made, [_past(part) for part in children(made)])


__all__ = ["introduces", "speaks_of_past", "stated_window", "under_heading"]
