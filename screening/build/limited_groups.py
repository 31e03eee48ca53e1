"""Limits at the head of a demand: they name some patients ("those aged 65 or older must have …"), or say whom the trial
takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from screening.build.contents import concepts_in, place, variables_in
from screening.build.drafts import Draft
from screening.predicates import All, Always, Choice, Comparison, IfElse, Op, Predicate, Reading, nodes
from screening.resources import table
from screening.sections.model import Side, Trial
from screening.text import Diagnostic, Kind

_AGE = {"age"}
_CONDITIONAL = frozenset((*table("groups")["people"]["before"], *table("reading")["conditions"]["words"]))
_LOWER = (Op.GT, Op.GE)


def limits_of_groups(_trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """Where no other criterion limits what names a group, it may say whom the trial takes: a choice."""
    if not any(_binds_some(draft) for draft in drafts):
        return drafts
    asking = [draft for draft in drafts if draft.side is not Side.EXCLUSION]
    counts = Counter(name for draft in asking for name in variables_in(draft.predicate))
    return [_asked(draft, counts) if _binds_some(draft) else draft for draft in drafts]


def _binds_some(draft: Draft) -> bool:
    made = draft.predicate
    return draft.side is Side.INCLUSION and isinstance(made, IfElse) and isinstance(made.otherwise, Always)


def _asked(draft: Draft, counts: Counter[str]) -> Draft:
    made = draft.predicate
    if not isinstance(made, IfElse):
        return draft
    names = variables_in(made.condition)
    if not names or any(counts[name] > 1 for name in names) or concepts_in(made.condition) or not _opens(draft, made):
        return draft
    if names == _AGE and not _begins(made.condition):
        return draft
    readings = (Reading("written", made), Reading("everybody", All((made.condition, made.then), made.span)))
    message = "no other criterion limits this: does it name a group, or whom the trial takes?"
    finding = Diagnostic("scope", Kind.CHOICE, message, place(made.condition))
    choice = Choice("scope", f"{' '.join(sorted(names))} of a group", readings, made.span)
    return replace(draft, predicate=choice, diagnostics=(*draft.diagnostics, finding))


def _opens(draft: Draft, made: IfElse) -> bool:
    """Whether the limit opens the sentence, with no word that makes it a condition ("for those ≥ 75")."""
    whom, what = place(made.condition), place(made.then)
    before = draft.text.casefold().split(maxsplit=1)[0] in _CONDITIONAL
    return whom is not None and what is not None and whom.start < what.start and not before


def _begins(made: Predicate) -> bool:
    """Whether an age has a lower end: one with none but an upper end is a group's ("< 16 years")."""
    return any(isinstance(one, Comparison) and one.op in _LOWER for one in nodes(made))


__all__ = ["limits_of_groups"]
