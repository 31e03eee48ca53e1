"""Several statements of one eligibility text: what agrees is one criterion with both places, what differs stands
twice."""

from __future__ import annotations

from dataclasses import replace

from screening.build.common.drafts import Draft
from screening.predicates import All, Any, Assumption, Choice, Predicate, children
from screening.sections.model import Side
from screening.text import Diagnostic, Kind, Severity


def merged(drafts: list[Draft]) -> list[Draft]:
    """The drafts of all versions, each criterion once where the versions agree."""
    if not any(draft.version for draft in drafts):
        return drafts
    kept = [draft for draft in drafts if draft.version == 0]
    for draft in (one for one in drafts if one.version):
        kept = _with(kept, draft)
    return [draft if draft.empty or _agreed(draft) else _differing(draft) for draft in kept]


def _with(kept: list[Draft], draft: Draft) -> list[Draft]:
    """One more draft of a later version: what it repeats joins the first version's criterion, the rest stands."""
    if draft.empty:
        return [*kept, draft]
    rest = []
    for part in _parts(draft):
        at = next((i for i, one in enumerate(kept) if _states(one, draft, part)), None)
        if at is None:
            rest.append(part)
        else:
            kept = [*kept[:at], _both(kept[at], draft), *kept[at + 1 :]]
    if not rest:
        return kept
    joined = (
        rest[0]
        if len(rest) == 1
        else (All if isinstance(draft.predicate, All) else Any)(tuple(rest), draft.predicate.span)
    )
    return [
        *kept,
        replace(draft, predicate=joined, diagnostics=tuple(one for one in draft.diagnostics if _concerns(one, joined))),
    ]


def _concerns(finding: Diagnostic, made: Predicate) -> bool:
    """Whether an assumption or choice still stands in what is left of a criterion; notes always stay."""
    if finding.kind is Kind.NOTE:
        return True
    codes = {made.code} if isinstance(made, Assumption | Choice) else set()
    return finding.code in codes or any(_concerns(finding, part) for part in children(made))


def _parts(draft: Draft) -> tuple[Predicate, ...]:
    """What a draft says, in the pieces that may stand apart: conjuncts of an inclusion, alternatives of an
    exclusion."""
    kind = Any if draft.side is Side.EXCLUSION else All
    return _flat(draft.predicate, kind)


def _flat(made: Predicate, kind: type[All | Any]) -> tuple[Predicate, ...]:
    if not isinstance(made, kind):
        return (made,)
    return tuple(part for item in made.items for part in _flat(item, kind))


def _states(one: Draft, other: Draft, part: Predicate) -> bool:
    return not one.empty and one.side is other.side and one.version != other.version and part in _parts(one)


def _both(one: Draft, other: Draft) -> Draft:
    if set(other.spans) <= set(one.spans):
        return one
    return replace(one, spans=(*one.spans, *other.spans), shares=(*one.painted(), *other.painted()))


def _agreed(draft: Draft) -> bool:
    return draft.shares is not None


def _differing(draft: Draft) -> Draft:
    message = "the document states its eligibility twice, and only one of them says this; both statements screen"
    span = draft.spans[0] if draft.spans else None
    finding = Diagnostic("versions-differ", Kind.NOTE, message, span, Severity.NOTE)
    return replace(draft, diagnostics=(*draft.diagnostics, finding))
