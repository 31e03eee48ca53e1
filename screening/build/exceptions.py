"""Exceptions that stand apart from what they soften: in a sentence of their own ("The only exception is vitiligo."), or
as a list below their criterion ("autoimmune disease, with the following exceptions:").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screening.build.contents import variables_in
from screening.build.context import Reader
from screening.build.drafts import Draft, kind_of
from screening.build.qualifying import except_for
from screening.predicates import All, Always, Any, Except, Judgement, Predicate, children, rebuilt
from screening.ruleset.model import RuleKind


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


def _filled(made: Predicate, exception: Predicate) -> Predicate:
    """*made* with the exception in the place of the words that only announce it."""
    if isinstance(made, Except) and isinstance(made.exception, Judgement) and _announces(made.exception.text):
        return replace(made, exception=exception)
    parts = children(made)
    return rebuilt(made, [_filled(part, exception) for part in parts]) if parts else made


def _announces(text: str) -> bool:
    return not any(sign.isalnum() for sign in text)


__all__ = ["softened", "softens_it", "stray", "with_exceptions"]
