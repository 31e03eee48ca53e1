"""Exceptions that stand apart from what they soften: in a sentence of their own ("The only exception is vitiligo."), or
as a list below their criterion ("autoimmune disease, with the following exceptions:").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from screening import concepts
from screening.build.clause.qualifying import except_for
from screening.build.common.contents import concepts_in, variables_in
from screening.build.common.context import Reader
from screening.build.common.drafts import Draft, kind_of
from screening.predicates import Advisory, All, Always, Any, Except, Judgement, Predicate, children, rebuilt
from screening.resources import table
from screening.ruleset.model import RuleKind
from screening.sections.model import Side

_ALLOWING = re.compile(table("permissions")["listed"]["pattern"], re.IGNORECASE)
_TWO = 2


def stray(made: Predicate | None) -> Predicate | None:
    """The exception that a clause consists of, with the words beside it; None where it says something of its own."""
    match made:
        case Except(Always(), exception):
            return exception
        case All(items) if any(isinstance(item, Except) and isinstance(item.base, Always) for item in items):
            parts = [item.exception if isinstance(item, Except) else item for item in items]
            return All(tuple(parts), made.span)
        case _:
            return None


def softens_it(base: Draft | None, allowed: Predicate | None) -> bool:
    """Whether what a sentence allows softens the criterion before it: not a limit of what it does not speak of ("more
    than 10 mg of prednisone; inhaled steroids are allowed")."""
    if base is None or allowed is None:
        return False
    limited = variables_in(base.predicate)
    return not limited or not limited.isdisjoint(variables_in(allowed))


def softened(reader: Reader, base: Draft, other: Draft, exception: Predicate) -> Draft:
    """The criterion before with the exception of the next sentence: one criterion."""
    return replace(
        base,
        text=f"{base.text} {other.text}",
        predicate=except_for(reader, base.predicate, exception),
        spans=(*base.spans, *other.spans),
        diagnostics=(*base.diagnostics, *other.diagnostics),
    )


def with_exceptions(own: Sequence[Draft], below: Sequence[Draft]) -> Draft | None:
    """A criterion with the exceptions listed below it as one criterion; None where the lines below are none."""
    if not own or not below or kind_of(own[-1].predicate) is not RuleKind.DATA or not own[-1].text.endswith(":"):
        return None
    said = [draft for draft in below if not draft.empty]
    parts = tuple(draft.predicate for draft in said)
    made = _filled(own[-1].predicate, parts[0] if len(parts) == 1 else Any(parts)) if parts else own[-1].predicate
    if made == own[-1].predicate:
        return None
    return replace(
        own[-1],
        text=" ".join(draft.text for draft in (own[-1], *below)),
        predicate=made,
        spans=tuple(span for draft in (own[-1], *below) for span in draft.spans),
        diagnostics=tuple(one for draft in (own[-1], *below) for one in draft.diagnostics),
        shares=tuple(share for draft in (own[-1], *below) for share in draft.painted()),
    )


def permitted_below(own: Sequence[Draft], below: Sequence[Draft]) -> list[Draft] | None:
    """The drafts of an exclusion that ends in "however, the following are allowed:", and of the list below it.

    What is allowed of the kind that is shut out softens the criterion; anything else shuts out nobody. None where the
    line says nothing of the kind.
    """
    if len(own) < _TWO or own[-1].side is not Side.EXCLUSION or not _ALLOWING.search(own[-1].text):
        return None
    base = own[-2]
    if kind_of(base.predicate) is not RuleKind.DATA or not below:
        return None
    named = concepts_in(base.predicate)
    family = named.union(*[concepts.narrower(one) for one in named])
    softening = [draft for draft in below if not draft.empty and concepts_in(draft.predicate) & family]
    if softening:
        parts = tuple(draft.predicate for draft in softening)
        exception = parts[0] if len(parts) == 1 else Any(parts)
        whole = (base, *softening)
        base = replace(
            base,
            text=" ".join(draft.text for draft in whole),
            predicate=Except(base.predicate, exception),
            spans=tuple(span for draft in whole for span in draft.spans),
            diagnostics=tuple(one for draft in whole for one in draft.diagnostics),
            shares=tuple(share for draft in whole for share in draft.painted()),
        )
    rest = [draft if draft.empty else _asking_nothing(draft) for draft in below if draft not in softening]
    return [*own[:-2], base, own[-1], *rest]


def _asking_nothing(draft: Draft) -> Draft:
    return replace(draft, predicate=Advisory(draft.text, draft.spans[0] if draft.spans else None), diagnostics=())


def _filled(made: Predicate, exception: Predicate) -> Predicate:
    """*made* with the exception in the place of the words that only announce it."""
    if isinstance(made, Except) and isinstance(made.exception, Judgement) and _announces(made.exception.text):
        return replace(made, exception=exception)
    parts = children(made)
    return rebuilt(made, [_filled(part, exception) for part in parts]) if parts else made


def _announces(text: str) -> bool:
    return not any(sign.isalnum() for sign in text)


__all__ = ["permitted_below", "softened", "softens_it", "stray", "with_exceptions"]
