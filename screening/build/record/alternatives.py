"""Lists whose lines belong together: under a group, under a term they define, or joined by an "or" at their ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from screening.build.common.drafts import Draft
from screening.parse.tokens import Token
from screening.predicates import Advisory, All, Always, Any, IfElse, Predicate, Sex
from screening.ruleset.model import LedgerEntry, Share
from screening.sections.model import Side

_ENDS = frozenset({"DOT", "SEMI", "COMMA", "FILL", "DASH"})


def opens_or(tokens: Sequence[Token]) -> bool:
    """Whether a line begins with "or"."""
    for token in tokens:
        if token.type not in ("DASH", "BULLET"):
            return token.type == "OR"
    return False


def ends_or(tokens: Sequence[Token]) -> bool:
    """Whether a line ends with "or"."""
    for token in reversed(tokens):
        if token.type not in _ENDS:
            return token.type == "OR"
    return False


def condition_of(tokens: Sequence[Token], made: Predicate | None) -> Predicate | None:
    """Whom a heading binds: one sex ("Male patients, even if sterilised, who:"), or what its words say."""
    sex = next((token for token in tokens if token.type == "SEX"), None)
    concessive = any(token.text.lower().startswith("even") for token in tokens)
    if sex is not None and (concessive or not any(token.type == "CONCEPT" for token in tokens)):
        return Sex(str(sex.value))
    return made


def under_group(own: Sequence[Draft], below: Sequence[Draft]) -> list[Draft] | None:
    """The lines of a list whose heading names a group, each binding that group only; None where it names none."""
    condition = own[-1].group if own else None
    if condition is None:
        return None
    return [_bound(draft, condition) for draft in below]


def _bound(draft: Draft, condition: Predicate) -> Draft:
    if draft.empty or isinstance(draft.predicate, Advisory):
        return draft
    shuts = draft.side is Side.EXCLUSION
    made = All((condition, draft.predicate)) if shuts else IfElse(condition, draft.predicate, Always())
    return replace(draft, predicate=made)


def as_definition(below: Iterable[Draft]) -> list[Draft]:
    """The lines that say what a term means: the criterion that uses it demands them, not they themselves."""
    return [
        draft if draft.empty else replace(draft, predicate=Advisory(draft.text, draft.spans[0]), shares=_advice(draft))
        for draft in below
    ]


def _advice(draft: Draft) -> tuple[LedgerEntry, ...]:
    return tuple(LedgerEntry(span, Share.ADVISORY) for span in draft.spans)


def alternatives(drafts: Iterable[Draft]) -> list[Draft]:
    """Neighbouring inclusion criteria joined by an "or" at the end of one or the beginning of the next."""
    kept: list[Draft] = []
    for draft in drafts:
        if kept and _joined(kept[-1], draft):
            kept[-1] = either(kept[-1], draft)
        else:
            kept.append(draft)
    return kept


def _joined(one: Draft, other: Draft) -> bool:
    same = (one.side, one.version, one.cohort) == (other.side, other.version, other.cohort)
    asked = same and one.side is Side.INCLUSION and not one.empty and not other.empty
    return asked and (one.ends_or or other.opens_or) and not _remarks(one, other)


def _remarks(*drafts: Draft) -> bool:
    return any(isinstance(draft.predicate, Advisory) for draft in drafts)


def either(one: Draft, other: Draft) -> Draft:
    """Two criteria as one that asks for either."""
    parts = one.predicate.items if one.any_of and isinstance(one.predicate, Any) else (one.predicate,)
    return replace(
        one,
        text=f"{one.text} {other.text}",
        predicate=Any((*parts, other.predicate)),
        spans=(*one.spans, *other.spans),
        diagnostics=(*one.diagnostics, *other.diagnostics),
        shares=(*one.painted(), *other.painted()),
        ends_or=other.ends_or,
        any_of=True,
    )


__all__ = ["alternatives", "as_definition", "condition_of", "either", "ends_or", "opens_or", "under_group"]
