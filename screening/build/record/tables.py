"""Limits by age in a list of lines below a heading that names what is limited: one criterion, not one a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from screening import variables
from screening.build.common.contents import variables_in
from screening.build.common.drafts import Draft
from screening.parse.lexer import lex
from screening.predicates import All, Always, Any, IfElse, Judgement, NotUnderstood, Predicate
from screening.ruleset.model import LedgerEntry, Share
from screening.text import clean

_LONGEST = 200  # characters of a heading that names what its list limits


def tabled_by(heading: str) -> str | None:
    """The one quantity that a heading names for the lines below it ("Serum creatinine by age and sex:")."""
    return _quantity(heading) if heading.rstrip().endswith(":") and len(heading) <= _LONGEST else None


@lru_cache(maxsize=1 << 10)
def _quantity(heading: str) -> str | None:
    """The last quantity of a heading, but for ages; read once for all the lines below it."""
    named = [token for token in lex(clean(heading).text) if token.type == "VAR"]
    if not named or all(token.value != "age" for token in named):
        return None
    last = [str(token.value) for token in named if token.value != "age"][-1:]
    return last[0] if last and variables.catalogue()[last[0]].kind != "time" else None


def as_table(heading: str, own: Sequence[Draft], below: Sequence[Draft]) -> Draft | None:
    """The rows of a table as one draft, with what its heading offers instead ("GFR ≥ 70, or creatinine by age:").

    None where a line below is no row of the table.
    """
    name = tabled_by(heading)
    said = [draft for draft in below if not draft.empty]
    if name is None or not said or any(draft.cohort != below[0].cohort for draft in said):
        return None
    if not all(_is_row(draft.predicate, name) for draft in said):
        return None
    rows: Predicate = All(tuple(draft.predicate for draft in said)) if len(said) > 1 else said[0].predicate
    every = [*own, *below]
    return replace(
        said[0],
        text=" ".join(draft.text for draft in every),
        predicate=_instead(own, rows),
        spans=tuple(span for draft in every for span in draft.spans),
        diagnostics=tuple(one for draft in every for one in draft.diagnostics),
        shares=tuple(share for draft in every for share in _painted(draft, introduces=draft in own)),
        opens_or=bool(own) and own[0].opens_or,
        ends_or=below[-1].ends_or,
    )


def _is_row(made: Predicate, name: str) -> bool:
    return isinstance(made, IfElse) and isinstance(made.otherwise, Always) and variables_in(made) == {"age", name}


def _instead(own: Sequence[Draft], rows: Predicate) -> Predicate:
    """The table, or what the heading lets stand for it."""
    last = own[-1].predicate if own else None
    if isinstance(last, Any) and isinstance(last.items[-1], Judgement | NotUnderstood):
        return Any((*last.items[:-1], rows), last.span)
    outer = [draft.predicate for draft in own if variables_in(draft.predicate)]
    return All((*outer, rows)) if outer else rows


def _painted(draft: Draft, *, introduces: bool) -> tuple[LedgerEntry, ...]:
    if introduces and not variables_in(draft.predicate):
        return tuple(LedgerEntry(span, Share.STRUCTURE) for span in draft.spans)
    return tuple(draft.painted())


__all__ = ["as_table", "tabled_by"]
