"""Words said once for a whole list: history, negation and severity before it, a window behind or before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from screening import concepts
from screening.build.clause.states import is_dosed
from screening.build.findings.dating import DONE
from screening.build.findings.mentions import Mention
from screening.build.findings.narrowing import open_cause
from screening.build.findings.purposes import is_allergic, is_drug_only
from screening.build.findings.timing import measured_in, timed
from screening.parse.tokens import Token
from screening.predicates import (
    All,
    Any,
    Comparison,
    Except,
    Judgement,
    Not,
    NotUnderstood,
    OrdinalSet,
    Predicate,
    Presence,
    Window,
    children,
    nodes,
)
from screening.resources import table

_CARRIED = frozenset(table("reading")["carried"]["modifiers"])
_NEVER = frozenset(table("reading")["carried"]["never"])
_COURSES = frozenset(table("reading")["carried"]["only_active"])
_ACTIVE = frozenset({"active"})
_LASTING = frozenset(table("reading")["lasting"]["concepts"])
_HAPPENING = frozenset(table("reading")["happening"]["concepts"] + table("reading")["happening"]["dated"])
_SUPPORTING = frozenset(table("reading")["happening"]["supporting"])
_PEOPLE = frozenset(table("groups")["people"]["words"])
_TELLING = frozenset(table("reading")["telling"]["words"])
_FEW = 4
_LONG = 2  # findings behind one with a degree, of a list that goes on
_USE = ("current", "receiving")
_WITH = ("current", "presence_of")


class State(NamedTuple):
    """The words before an item that govern it too."""

    history: bool = False
    negated: bool = False
    sort: str | None = None  # "prior surgery" speaks of treatments only, "history of" of anything
    narrowing: tuple[str, ...] = ()
    narrowed: str | None = None  # what kind of event it narrows
    current: bool = False  # "concurrent A or B" speaks of what goes on now
    allergic: bool = False  # "allergy to A or B" says of neither that it is taken
    cause: Token | None = None  # "A due to B, C": nobody can tell whether C is a further cause
    named: frozenset[str] = frozenset()  # the findings it narrows: the same again is meant as a whole


NOTHING_BEFORE = State()


def modifiers_carried(
    found: Sequence[Mention | None], outer: Sequence[Mention | None], state: State
) -> tuple[list[Mention | None], list[State]]:
    """The items with history, negation and severity from before, and what stands before each.

    *outer* is what stands before a parenthesis: "allergy (grade 3) to X" says of X that nobody need take it.
    """
    out: list[Mention | None] = []
    states: list[State] = []
    for at, (one, before, own) in enumerate(zip(found, (None, *outer), outer, strict=False)):
        if one is not None and before is not None and is_drug_only(one) and is_allergic(before, one):
            state = state._replace(allergic=True)
        states.append(state)
        if one is not None:
            one = _governed(one, state)
            state = _after(one, state)
            if state.narrowing and _inside_list(found, at):
                state = state._replace(narrowing=(), narrowed=None)
        elif own is not None and own.empty:
            state = _after(own, state)  # "history of (non-infectious) pneumonitis"
        out.append(one)
    return out, states


def _inside_list(found: Sequence[Mention | None], at: int) -> bool:
    """Whether a degree stands inside a longer list whose first findings have none, and is that of one of them only
    ("epilepsy, severe head injury, dementia, multiple sclerosis")."""
    before = [one for one in found[:at] if one is not None and one.concepts]
    behind = [one for one in found[at + 1 :] if one is not None and one.concepts]
    return bool(before) and len(behind) >= _LONG and not any(one.narrowing for one in (*before, *behind))


def negation_carried(alone: Sequence[Mention | None], found: Sequence[Mention | None]) -> bool:
    """Whether an item is negated only by the words before it."""
    pairs = ((before, after) for before, after in zip(alone, found, strict=True) if before and after)
    return any(after.negated and not before.negated for before, after in pairs)


def groups_denied(
    states: Sequence[State], outer: Sequence[Mention | None], made: Sequence[Predicate | None]
) -> tuple[list[Predicate | None], bool]:
    """The items with a parenthesis, denied where the negation of their list reaches them ("no A or B (such as C)").

    And whether any is. *outer* is what stands before each parenthesis.
    """
    reached = [
        one is not None and before is not None and state.negated and _may_be_denied(before, one)
        for state, before, one in zip(states, outer, made, strict=True)
    ]
    out = [Not(one) if denied and one is not None else one for one, denied in zip(made, reached, strict=True)]
    return out, any(reached)


def _may_be_denied(before: Mention, made: Predicate) -> bool:
    """Whether an item is a finding without a word of its own on whether or when it was."""
    own = before.negated or before.history or before.current or not before.concepts
    return not own and not isinstance(made, Not) and not _limits(made)


def is_named_only(one: Mention | None) -> bool:
    """Whether an item is a few words that no table knows, and says nothing of anybody ("no smoking or caffeine")."""
    if one is None or one.concepts or not (one.residue or one.judged):
        return False
    said = [token.text.lower() for token in one.chunk.tokens]
    return len(said) <= _FEW and _TELLING.isdisjoint(said)


def _after(one: Mention, state: State) -> State:
    """What stands before the next item: words that nobody knows interrupt nothing."""
    allergic = is_allergic(one) or (state.allergic and not one.concepts)
    if not one.concepts and not one.history and not one.negated and not one.going_on:
        return state if allergic == state.allergic else state._replace(allergic=allergic)
    narrowing = tuple(name for name in one.narrowing if name in _CARRIED) if one.narrowing else ()
    sort = (None if one.broadly else one.sort) if one.history else state.sort
    current = one.going_on or (state.current and one.current)
    narrowed = one.sort if narrowing else None
    negated = one.negated and not one.prefixed
    named = frozenset([str(token.value) for token in one.concepts]) if narrowing else frozenset()
    return State(one.history, negated, sort, narrowing, narrowed, current, allergic, open_cause(one), named)


def _governed(one: Mention, state: State) -> Mention:
    """An item under the words before it; its own words of that kind come first."""
    if not one.concepts or state == NOTHING_BEFORE:
        return one
    if state.cause is not None and not one.chunk.windows and not one.roles:
        one = one._replace(caused=state.cause)
    if state.allergic and is_drug_only(one):
        return one._replace(concepts=(), residue=(), judged=one.chunk.tokens, negated=one.negated or state.negated)
    carried = state.history and not one.current and state.sort in (None, one.sort)
    negated = one.negated or (state.negated and not one.history and not is_dosed(one))
    narrowing = one.narrowing or (state.narrowing if _narrowed(one, state) else ())
    history = one.history or carried
    current = one.current or (state.current and not one.history and one.sort == "treatment")
    if (history, negated, narrowing, current) == (one.history, one.negated, one.narrowing, one.current):
        return one
    return one._replace(history=history, negated=negated, narrowing=narrowing, current=current)


def _narrowed(one: Mention, state: State) -> bool:
    """Whether the severity or course said before governs it too: not what its own words put into the past, nor the
    same finding again ("active bleeding or bleeding within 4 weeks")."""
    if one.sort != state.narrowed or one.history or _named_narrowly(one):
        return False
    named = {str(token.value) for token in one.concepts}
    if not named.isdisjoint(_NEVER) or not (named.isdisjoint(_COURSES) or set(state.narrowing) <= _ACTIVE):
        return False
    return any(str(token.value) not in state.named for token in one.concepts)


def _named_narrowly(one: Mention) -> bool:
    """Whether its own name says of what degree or course it is ("active or latent tuberculosis")."""
    known = concepts.modifiers_by_name()
    return any(token.text.casefold().partition(" ")[0] in known for token in one.concepts)


@dataclass(frozen=True, slots=True)
class _Reach:
    """A window on its way along a list: what it dates ("treatment", "condition"), whether it stands alone so far, and
    whether what it was said of happens on a day ("injury"), as an operation does."""

    window: Window
    sort: str | None
    alone: bool
    happens: bool = False
    events: bool = False  # behind a negation of its own: it reaches further denials of events only
    half_life: Token | None = None  # half-lives that count beside it


def windows_carried(
    found: Sequence[Mention | None],
    made: Sequence[Predicate | None],
    alone: Sequence[Mention | None],
    outer: Sequence[Mention | None],
) -> tuple[list[Mention | None], list[Predicate | None]]:
    """A window reaches the items of its list that have none: those before it, and those behind one that leads.

    *made* are the items that are no mentions; *alone* the mentions by their own words: a negation ends its reach;
    *outer* is what stands before a parenthesis: "A or B within 4 weeks (6 weeks for C)" dates A too.
    """
    mentions, others = list(found), list(made)
    _leftward(mentions, others, alone, outer)
    _rightward(mentions, others, alone)
    return mentions, others


def _leftward(
    found: list[Mention | None],
    made: list[Predicate | None],
    alone: Sequence[Mention | None],
    outer: Sequence[Mention | None],
) -> None:
    reach: _Reach | None = None
    for at in reversed(range(len(found))):
        one = found[at]
        if one is not None and one.window is not None:
            reach = None if one.leading and not one.empty else _reach(one)
        elif (own := _inner(made[at]) or _before_parenthesis(outer[at])) is not None:
            reach = own
        elif reach is not None and reach.events and not _alike_denied(one, reach):
            reach = None
        elif reach is not None:
            found[at], made[at] = _reached(one, made[at], reach)
            reach = replace(reach, sort=reach.sort or _sort(one, made[at]), alone=False)
        said = alone[at]
        if reach is not None and said is not None and said.denied_first:
            reach = replace(reach, events=True)
        if reach is not None and said is not None and at and _begins_anew(said):
            reach = None  # "or patients who received B within 4 weeks" dates nothing before it


def _begins_anew(said: Mention) -> bool:
    """Whether an item names the patients once more, and what befell them ("subject has received …")."""
    words = [token.text.lower() for token in said.chunk.tokens]
    return bool(words) and words[0] in _PEOPLE and said.history


def _reach(one: Mention) -> _Reach:
    """The reach of a window said behind a list, from its last item."""
    assert one.window is not None
    return _Reach(one.window, one.sort, one.empty, _happens(one), half_life=one.half_life)


def _alike_denied(one: Mention | None, reach: _Reach) -> bool:
    """ "No infarction, no stroke, no angina in the last 3 months": events, each denied, that one window dates."""
    if one is None or not one.denied_first or one.history or one.sort != reach.sort:
        return False
    return _happens(one) or (bool(one.concepts) and all(str(token.value) in _SUPPORTING for token in one.concepts))


def _before_parenthesis(one: Mention | None) -> _Reach | None:
    if one is None or one.window is None or one.leading:
        return None
    return _Reach(one.window, one.sort, one.empty)


def _inner(made: Predicate | None) -> _Reach | None:
    """The window that every event of an inner list has: it was said behind them all; what is excepted has its own."""
    base = made.base if isinstance(made, Except) else made
    windows = set(_windows(base)) if base is not None else set()
    window = next(iter(windows), None)
    return _Reach(window, _sort(None, made), alone=False) if window is not None and len(windows) == 1 else None


def _windows(made: Predicate) -> list[Window | None]:
    if isinstance(made, Presence):
        return [made.window]
    if isinstance(made, NotUnderstood | Judgement):
        return [made.event.window] if made.event is not None else []
    return [window for part in children(made) for window in _windows(part)]


def _rightward(found: list[Mention | None], made: list[Predicate | None], alone: Sequence[Mention | None]) -> None:
    """A washout ends at what is denied behind it: "3 months after transplantation and no GVHD" dates no GVHD."""
    reach: _Reach | None = None
    for at, one in enumerate(found):
        said = alone[at]
        if reach is not None and not reach.alone and said is not None and said.denied_first:
            reach = reach if any(before.denied_first for before in alone[:at] if before is not None) else None
        if one is not None and one.window is not None:
            own = one.leading and (at == 0 or reach is None)
            reach = replace(_reach(one), happens=False) if own else None
        elif reach is not None and (_denies(made[at]) if one is None else one.denied_first):
            reach = None  # "at least 30 days after the infusion, and no fever"
        elif reach is not None:
            found[at], made[at] = _reached(one, made[at], reach)
            reach = replace(reach, sort=reach.sort or _sort(one, made[at]), alone=False)


def _denies(made: Predicate | None) -> bool:
    """Whether an item with a parenthesis is denied."""
    return isinstance(made, Not) or (isinstance(made, All) and isinstance(made.items[0], Not))


def _reached(one: Mention | None, made: Predicate | None, reach: _Reach) -> tuple[Mention | None, Predicate | None]:
    """An item with the window, if that dates such items."""
    if made is not None and _limits(made):
        return one, measured_in(made, reach.window) if reach.alone else made
    alike = _alike(one, reach) if one is not None else _all_happen(made) and reach.sort in ("treatment", None)
    if not _fits(_sort(one, made), reach) and not alike:
        return one, made
    if made is not None:
        return one, timed(made, reach.window)
    if (
        one is None
        or (one.current and not _in_use(one))
        or one.stated
        or one.chunk_roles("ever")
        or (not reach.alone and _lasts(one))
        or not (one.concepts or one.residue or one.result)
    ):
        return one, made
    return one._replace(window=reach.window, half_life=one.half_life or reach.half_life), made


def _lasts(one: Mention) -> bool:
    """Whether every finding of an item is one that stays ("cirrhosis"): a window behind the list is not its own."""
    return bool(one.concepts) and all(str(token.value) in _LASTING for token in one.concepts)


def _all_happen(made: Predicate | None) -> bool:
    """Whether all that an item with a parenthesis names are events of a day ("coronary syndromes (infarction, …)")."""
    found = [one for one in nodes(made) if isinstance(one, Presence)] if isinstance(made, Any) else []
    return bool(found) and all(one.term.concept in _HAPPENING for one in found)


def _happens(one: Mention) -> bool:
    """Whether every finding of an item happens on a day, as a treatment does ("infarction")."""
    return bool(one.concepts) and all(str(token.value) in _HAPPENING for token in one.concepts)


def _alike(one: Mention, reach: _Reach) -> bool:
    """Whether an event and a treatment may be of one day: "a major operation or an injury within 4 weeks"; or an event
    and what nobody knows."""
    if reach.sort in ("treatment", None):
        return _happens(one)
    kinds = {concepts.catalogue()[str(token.value)].kind for token in one.concepts}
    return reach.happens and kinds == {"procedure"}


def _in_use(one: Mention) -> bool:
    """Whether "receiving" or "undergoing", also of an item before it, makes it current: a window behind the list dates
    the use."""
    said = {pair for pair in one.roles if pair[0] == "current"}
    return said <= {_USE} or (said == {_WITH} and one.sort == "treatment")


def _fits(ours: str | None, reach: _Reach) -> bool:
    """Whether one window may date both: treatments go together, and conditions."""
    return reach.alone or ours == reach.sort or (reach.sort is None and ours == "treatment")


def _limits(made: Predicate) -> bool:
    """Whether values are compared in it."""
    return isinstance(made, Comparison | OrdinalSet) or any(_limits(part) for part in children(made))


def _sort(one: Mention | None, made: Predicate | None) -> str | None:
    """What kind of event an item is about."""
    if one is not None:
        return one.sort
    kinds = set(_kinds(made)) if made is not None else set()
    if not kinds:
        return None
    return "treatment" if kinds <= DONE else "condition"


def _kinds(made: Predicate) -> list[str]:
    if isinstance(made, Presence):
        return [concepts.catalogue()[made.term.concept].kind]
    return [kind for part in children(made) for kind in _kinds(part)]
