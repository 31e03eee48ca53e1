"""Several statements of one eligibility text: what agrees is one criterion with both places, what differs stands twice."""

from __future__ import annotations

from dataclasses import replace

from screening.build.drafts import Draft
from screening.text import Diagnostic, Kind, Severity


def merged(drafts: list[Draft]) -> list[Draft]:
    """The drafts of all versions, each criterion once where the versions agree."""
    if not any(draft.version for draft in drafts):
        return drafts
    kept = [draft for draft in drafts if draft.version == 0]
    for draft in (one for one in drafts if one.version):
        at = next((i for i, one in enumerate(kept) if _agrees(one, draft)), None)
        if at is None:
            kept.append(draft if draft.empty else _differing(draft))
        else:
            kept[at] = _both(kept[at], draft)
    return [draft if draft.version or draft.empty or _stands_twice(draft) else _differing(draft) for draft in kept]


def _agrees(one: Draft, other: Draft) -> bool:
    return not one.empty and not other.empty and one.side is other.side and one.version != other.version and one.predicate == other.predicate


def _both(one: Draft, other: Draft) -> Draft:
    return replace(one, spans=(*one.spans, *other.spans), shares=(*one.painted(), *other.painted()))


def _stands_twice(draft: Draft) -> bool:
    return draft.shares is not None


def _differing(draft: Draft) -> Draft:
    message = "the document states its eligibility twice, and only one of them says this; both statements screen"
    span = draft.spans[0] if draft.spans else None
    finding = Diagnostic("versions-differ", Kind.NOTE, message, span, Severity.NOTE)
    return replace(draft, diagnostics=(*draft.diagnostics, finding))
