"""Parts that stand side by side with no word between them: words beside a limit, and what is said twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from screening.build.clause.merging import without_defined
from screening.build.clause.qualifying import cover, together
from screening.build.common.contents import variables_in
from screening.build.common.context import Reader
from screening.parse.trees.clause import Join, Tree
from screening.predicates import All, Any, Judgement, Not, NotUnderstood, Predicate, Presence
from screening.resources import table

_WORDS = (NotUnderstood, Judgement)
_NARROWING = table("reading")["narrowing"]
_OPENING = frozenset(_NARROWING["opening"]) | frozenset(_NARROWING["behind_comma"])
_DEGREES = frozenset(_NARROWING["degrees"])


def distinct(reader: Reader, parts: list[Predicate]) -> list[Predicate]:
    """Each part once; words side by side that nobody could read, or only a person can, as one."""
    kept: list[Predicate] = []
    told: set[Predicate] = set()  # what can be checked; words may yet grow
    for part in parts:
        last = kept[-1] if kept else None
        if isinstance(part, _WORDS):
            if type(last) is type(part) and part.span and last.span:
                span = last.span.cover(part.span)
                kept[-1] = type(part)(reader.between(span), span, last.event or part.event)
            elif part not in kept:
                kept.append(part)
        else:
            known = len(told)
            told.add(part)
            if len(told) > known:
                kept.append(part)
    return kept


def beside(reader: Reader, parts: list[Predicate]) -> Predicate:
    """Words beside a comparison narrow it; what nobody understood stays open on the safe side."""
    if (
        isinstance(parts[0], Not)
        and isinstance(parts[0].item, Presence)
        and any(variables_in(part) for part in parts[1:])
    ):
        return Not(beside(reader, [parts[0].item, *parts[1:]]), cover(parts))  # "no hypertension > 160 mmHg"
    unread = [part for part in parts if isinstance(part, NotUnderstood)]
    read = without_defined([part for part in parts if not isinstance(part, NotUnderstood)])
    made = together(read)
    if made is None or not unread:
        return made or (together(unread) or parts[0])
    if not reader.excluding or not variables_in(made):
        return All((made, *unread), cover(parts))  # words around a finding narrow it
    narrowing = [part for part in unread if _narrows(part)]
    others = [part for part in unread if part not in narrowing]
    made = All((made, *narrowing), cover(parts)) if narrowing else made
    return Any((made, *others), cover(parts)) if others else made


def _narrows(part: NotUnderstood) -> bool:
    """Whether words that nobody understood can only narrow a limit: a phrase behind it, a degree before its sign."""
    words = part.text.casefold().split()
    return bool(words) and (words[0] in _OPENING or words[-1] in _DEGREES)


def in_state(
    tree: Join, made: Sequence[Predicate | None], state_of: Callable[[Tree], Predicate | None]
) -> list[Predicate | None]:
    """ "Surgery within 4 weeks and not recovered": a state behind "and" is that of what stands before it; one beside
    limits that "or" joins is an alternative of its own ("in complete remission or ≤ 10 % blasts").

    *made*: the parts of the tree, None where nothing carries a part further; *state_of*: what its words then say.
    """
    if tree.how == "or" and all(variables_in(one) for one in made if one is not None):
        return [one or state_of(item) for item, one in zip(tree.items, made, strict=False)]
    out: list[Predicate | None] = []
    if tree.how != "and":
        return list(made)
    for item, one in zip(tree.items, made, strict=False):
        before = out[-1] if out else None
        state = state_of(item) if one is None and before is not None else None
        if before is not None and state is not None:
            out[-1] = All((before, state), cover([before, state]))
        out.append(one)
    return out


__all__ = ["beside", "distinct", "in_state"]
