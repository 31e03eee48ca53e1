""" "Prior allogeneic transplant, or autologous transplant within 12 months": does the window date the first too?"""

from __future__ import annotations

import re
from dataclasses import replace

from screening.build.common.contents import place
from screening.build.common.drafts import Draft
from screening.predicates import Any, Choice, Predicate, Presence, Reading, Tense, Window, children, nodes, rebuilt
from screening.resources import table
from screening.sections.model import Side, Trial
from screening.text import Diagnostic, Kind, guarded

_KNOWN = guarded(table("doubts")["reach"])
_BETWEEN = re.compile(table("doubts")["reach"]["between"])
_PAIR = 2


def dated_pairs(trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """Two things that exclude, the first with a time or course of its own and set apart by a comma: the window behind
    the second may be its own only."""
    return [_asked(trial, draft) if draft.side is Side.EXCLUSION else draft for draft in drafts]


def _asked(trial: Trial, draft: Draft) -> Draft:
    made = draft.predicate
    if not isinstance(made, Any) or len(made.items) != _PAIR or not _KNOWN["opens"].search(draft.text.casefold()):
        return draft
    first, second = made.items
    window = _only_window(second)
    if window is None or _only_window(first) != window or not _apart(trial.raw, first, second):
        return draft
    tense = Tense.HAS if _KNOWN["now"].search(draft.text.casefold()) else Tense.HAD
    own = _undated(first, window, tense)
    name = next(one.term.concept for one in nodes(first) if isinstance(one, Presence))
    readings = (Reading("written", own), Reading("inside", first))
    choice = Choice("scope", f"time of {name}", readings, place(first))
    message = "the time at the end may be that of the last finding only, or of both"
    finding = Diagnostic("scope", Kind.CHOICE, message, place(first))
    return replace(draft, predicate=rebuilt(made, (choice, second)), diagnostics=(*draft.diagnostics, finding))


def _apart(raw: str, first: Predicate, second: Predicate) -> bool:
    """Whether a comma and "or" stand between them, with nothing but the opening words of the second behind."""
    before, behind = place(first), place(second)
    if before is None or behind is None:
        return False
    return bool(_BETWEEN.fullmatch(raw[before.end : behind.start].casefold()))


def _only_window(made: Predicate) -> Window | None:
    """The one window of all its events; None where there is none, or several."""
    windows = {one.window for one in nodes(made) if isinstance(one, Presence)}
    return next(iter(windows)) if len(windows) == 1 else None


def _undated(made: Predicate, window: Window, tense: Tense) -> Predicate:
    if isinstance(made, Presence):
        return replace(made, window=None, tense=tense) if made.window == window else made
    parts = children(made)
    return rebuilt(made, [_undated(part, window, tense) for part in parts]) if parts else made


__all__ = ["dated_pairs"]
