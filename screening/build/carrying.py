"""Words said once for a whole list: history, negation and severity before it, a window behind or before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from screening import concepts
from screening.build.mentions import Mention
from screening.build.timing import measured_in, timed
from screening.predicates import Comparison, OrdinalSet, Predicate, Presence, Window, children

_CARRIED = frozenset({"severe", "active", "uncontrolled", "unstable", "moderate", "symptomatic"})
Said = Callable[[Mention], Predicate | None]


def modifiers_carried(found: Sequence[Mention | None]) -> list[Mention | None]:
    """History, negation and severity reach the items behind them that say nothing of their own."""
    out: list[Mention | None] = []
    history, negated, narrowing = False, False, ()
    for one in found:
        if one is None:
            out.append(one)
            continue
        if history and not one.current and one.concepts:
            one = replace(one, history=True)
        if negated and not one.negated and one.concepts and not one.history:
            one = replace(one, negated=True)
        if narrowing and not one.narrowing and one.concepts:
            one = replace(one, narrowing=narrowing)
        out.append(one)
        history, negated = one.history, one.negated
        narrowing = tuple(name for name in one.narrowing if name in _CARRIED)
    return out


def windows_carried(
    found: list[Mention | None], made: list[Predicate | None], said: Said, denied: Sequence[bool]
) -> list[Predicate | None]:
    """A window reaches the items of its list that have none: those before it, and those behind one that leads."""
    own = [one.window if one else None for one in found]
    window, sort, alone = None, None, False
    for at in reversed(range(len(found))):
        window, sort, alone = _next(found[at], own[at], (window, sort, alone))
        made[at] = _with(found[at], made[at], own[at], window, sort, alone=alone, said=said)
        alone = alone and made[at] is None
        if denied[at]:
            window = None
    return _rightward(found, made, own, said)


State = tuple[Window | None, str | None, bool]


def _next(one: Mention | None, own: Window | None, state: State) -> State:
    """The window that reaches an item and those before it, what it dates, and whether it stands alone so far."""
    if one is not None and own is not None and not one.leading:
        return own, one.sort, False
    if one is not None and own is not None:
        return (own, None, True) if one.empty else (None, None, False)
    return state


def _with(
    one: Mention | None, made: Predicate | None, own: Window | None, window: Window | None, sort: str | None, *, alone: bool, said: Said
) -> Predicate | None:
    if window is None or made is None or own is not None:
        return made
    if one is None:
        timed_values = measured_in(made, window) if alone and _limits(made) else made
        return timed(made, window) if not _limits(made) and _fits(_sort(made), sort, alone=alone) else timed_values
    if one.current or not (one.concepts or one.residue or one.result) or not _fits(one.sort, sort, alone=alone):
        return made
    return said(replace(one, window=window)) or made


def _fits(ours: str | None, theirs: str | None, *, alone: bool) -> bool:
    """Whether one window may date both: treatments go together, and conditions; words nobody knows with treatments."""
    return alone or ours == theirs or {ours, theirs} == {None, "treatment"}


def _rightward(
    found: list[Mention | None], made: list[Predicate | None], own: list[Window | None], said: Said
) -> list[Predicate | None]:
    window, sort = None, None
    for at, one in enumerate(found):
        if own[at] is not None:
            window, sort = (own[at], one.sort) if one and one.leading else (None, None)
        elif window is not None:
            sort = sort or (one.sort if one else None)
            made[at] = _with(one, made[at], None, window, sort, alone=False, said=said)
    return made


def _limits(made: Predicate) -> bool:
    """Whether values are compared in it."""
    return isinstance(made, Comparison | OrdinalSet) or any(_limits(part) for part in children(made))


def _sort(made: Predicate) -> str | None:
    """What kind of event a predicate is about."""
    kinds = set(_kinds(made))
    if not kinds:
        return None
    return "treatment" if kinds <= {"drug", "procedure", "state"} else "condition"


def _kinds(made: Predicate) -> list[str]:
    if isinstance(made, Presence):
        return [concepts.catalogue()[made.term.concept].kind]
    return [kind for part in children(made) for kind in _kinds(part)]
