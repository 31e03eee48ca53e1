"""What a heading says once for the whole list below it: a window ("Within 28 days before enrolment:"), or the past."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from screening import concepts, variables
from screening.build.common.contents import concepts_in
from screening.build.common.context import Reader
from screening.build.common.drafts import Draft, kind_of
from screening.build.findings.timing import measured_in, timed
from screening.parse.tokens import Token
from screening.predicates import (
    All,
    Any,
    Comparison,
    Event,
    Judgement,
    Not,
    NotUnderstood,
    OrdinalSet,
    Predicate,
    Presence,
    Relation,
    Tense,
    Window,
    children,
    nodes,
    rebuilt,
)
from screening.resources import table
from screening.ruleset.model import RuleKind
from screening.text import Diagnostic

_DEFINED = re.compile(table("reading")["introduced"]["definition"], re.IGNORECASE)
_TIMES = re.compile(table("reading")["introduced"]["times"], re.IGNORECASE)
_UNANCHORED = "window-without-anchor"
_LENGTHS = frozenset(table("reading")["introduced"]["lengths"])
_TELLING = frozenset({"CONCEPT", "VAR", "SCALE", "WORD", "NUM", "RESULT", "ORGAN", "SEX"})
_INTRODUCING = frozenset(
    {"MOD", "FILL", "GLUE", "THEN", "ONEOF", "ALLOF", "BULLET", "DASH", "WITHIN", "NUM", "TIME", "GE", "POSTGE"}
)
_COMPARED = frozenset({"LT", "LE", "GT", "GE", "EQ", "SEMI", "AND"})


def stated_window(reader: Reader) -> Window | None:
    """The one window that a clause states; None where it states none or several."""
    found = {window for window, _ in reader.windows}
    return found.pop() if len(found) == 1 else None


def speaks_of_past(tokens: Sequence[Token]) -> bool:
    """Whether words of history, and none of the present, stand in a clause ("Prior treatment with:")."""
    roles = {role for token in tokens if token.type == "MOD" for role, _ in token.value}
    return "history" in roles and "current" not in roles and ("negation" not in roles or denies_list(tokens))


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


def counts_from(tokens: Sequence[Token]) -> str | None:
    """The step that a heading names and the windows of the list below count from ("Prior to leukapheresis, any of:").

    Its words are none of a finding then. None where the heading says anything else, or a length of time.
    """
    if tokens[-1].type != "COLON" or any(map(_tells, tokens[:-1])):
        return None
    for at, token in enumerate(tokens):
        before = next((one for one in reversed(tokens[:at]) if one.type != "FILL"), None)
        if before is not None and (before.type == "BEFORE" or "BEFORE" in before.senses) and _names_step(token):
            step = token.value if token.type == "ANCHOR" else token.senses["ANCHOR"]
            token.type = "GLUE"
            return str(step)
    return None


def _tells(token: Token) -> bool:
    return token.type in _TELLING and not _names_step(token) and str(token.value) not in _LENGTHS


def _names_step(token: Token) -> bool:
    return token.type == "ANCHOR" or "ANCHOR" in token.senses


def denies_list(tokens: Sequence[Token]) -> bool:
    """Whether a line names nothing itself and denies what the list below it names: "Absence of the following:"."""
    if tokens[-1].text != ":" or any(token.type not in _INTRODUCING for token in tokens[:-1]):
        return False
    roles = [role for token in tokens if token.type == "MOD" for role, _ in token.value]
    return roles.count("negation") % 2 == 1


def denied(draft: Draft) -> Draft:
    """An item below such a line."""
    return draft if draft.empty else replace(draft, predicate=Not(draft.predicate))


def denied_below(drafts: Sequence[Draft], index: Sequence[str]) -> list[Draft]:
    """The drafts, those behind such a line denied too where nothing sets its list apart: findings only, one by one.

    *index*: the diseases of the trial, which no such list denies: it ends before them.
    """
    taken = {name for one in index for name in (one, *concepts.narrower(one), *concepts.catalogue()[one].parents)}
    out: list[Draft] = []
    opener: Draft | None = None
    for draft in drafts:
        if opener is not None and names_findings(draft, taken) and draft.side is opener.side:
            out.append(denied(draft))
            continue
        opener = draft if draft.denies and draft.empty else None
        out.append(draft)
    return out


def names_findings(draft: Draft, taken: Collection[str] = ()) -> bool:
    """Whether a criterion asks for findings as such, none of those *taken*, and compares or denies nothing."""
    if draft.empty or not concepts_in(draft.predicate).isdisjoint(taken):
        return False
    inside = nodes(draft.predicate)
    conditions = [one for one in inside if isinstance(one, Presence) and _is_condition(one)]
    return bool(conditions) and all(isinstance(one, Presence | All | Any | NotUnderstood) for one in inside)


def _is_condition(one: Presence) -> bool:
    return concepts.catalogue()[one.term.concept].kind == "condition"


def under_heading(own: Sequence[Draft], below: Sequence[Draft]) -> list[Draft]:
    """The drafts of a list with what its heading says of time, where the heading names nothing itself."""
    own = [draft for draft in own if draft.empty or not _washes_out(draft.predicate)]
    if not own or any(kind_of(draft.predicate) is RuleKind.DATA for draft in own if not draft.empty):
        return list(below)
    windows = {draft.window for draft in own if draft.window is not None}
    window = windows.pop() if len(windows) == 1 else None
    past = any(draft.past for draft in own)
    anchor = window.anchor if window is not None and window.stated else own[-1].anchor
    if window is None and not past and anchor is None:
        return list(below)
    noted = tuple(one for draft in own for one in draft.diagnostics if one.code == _UNANCHORED)
    return [_introduced(draft if anchor is None else _from(draft, anchor), window, noted, past=past) for draft in below]


def _washes_out(made: Predicate) -> bool:
    """Whether something is denied for a length of time, and nothing else said ("no transfusion within 14 days")."""
    if isinstance(made, All):
        return any(_washes_out(item) for item in made.items)
    return isinstance(made, Not) and any(isinstance(one, Presence) and one.window for one in nodes(made))


def _from(draft: Draft, anchor: str) -> Draft:
    """ "Within 14 days before apheresis: no steroids within 7 days": the line counts from where its heading does."""
    made = _counted(draft.predicate, anchor)
    if made == draft.predicate:
        return draft
    noted = tuple(one for one in draft.diagnostics if one.code != _UNANCHORED)
    return replace(draft, predicate=made, diagnostics=noted)


def _counted(made: Predicate, anchor: str) -> Predicate:
    match made:
        case Presence(window=Window() as window) | Comparison(window=Window() as window) if not window.stated:
            return replace(made, window=replace(window, anchor=anchor, stated=True))
        case Judgement(event=Event() as event) | NotUnderstood(event=Event() as event) if not event.window.stated:
            window = replace(event.window, anchor=anchor, stated=True)
            return replace(made, event=replace(event, window=window))
        case _ if children(made):
            parts = [_counted(part, anchor) for part in children(made)]
            return rebuilt(made, parts) if parts != list(children(made)) else made
        case _:
            return made


def _introduced(draft: Draft, window: Window | None, noted: tuple[Diagnostic, ...], *, past: bool) -> Draft:
    if draft.empty:
        return draft
    made = draft.predicate
    if window is not None:
        since = isinstance(made, Not) and window.relation is not Relation.WITHIN
        dated = replace(window, relation=Relation.WITHIN) if since else window  # "at least 4 weeks before: no surgery"
        limited = any(isinstance(one, Comparison | OrdinalSet) for one in nodes(made))
        made = _measured(timed(made, dated, words=not limited), dated)
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


__all__ = [
    "counts_from",
    "denied",
    "denied_below",
    "denies_list",
    "introduces",
    "names_findings",
    "speaks_of_past",
    "stated_window",
    "under_heading",
]
