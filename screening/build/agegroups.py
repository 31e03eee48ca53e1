"""Ages at the head of a demand: of some patients ("those aged 65 or older must have …"), or of everybody in the trial."""

from __future__ import annotations

from dataclasses import replace

from screening.build.contents import place, variables_in
from screening.build.drafts import Draft
from screening.predicates import All, Always, Choice, Comparison, IfElse, Op, Predicate, Reading, nodes
from screening.resources import table
from screening.sections.model import Side, Trial
from screening.text import Diagnostic, Kind

_AGE = {"age"}
_CONDITIONAL = frozenset((*table("groups")["people"]["before"], *table("reading")["conditions"]["words"]))
_LOWER = (Op.GT, Op.GE)


def ages_of_groups(_trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """Where no other criterion says how old the patients are, the age of a group may be that of the trial: a choice."""
    said = [draft for draft in drafts if draft.side is not Side.EXCLUSION and "age" in variables_in(draft.predicate)]
    return [_asked(draft) for draft in drafts] if len(said) == 1 else drafts


def _asked(draft: Draft) -> Draft:
    made = draft.predicate
    if draft.side is not Side.INCLUSION or not isinstance(made, IfElse) or not isinstance(made.otherwise, Always):
        return draft
    if variables_in(made.condition) != _AGE or not _begins(made.condition) or not _opens(draft, made):
        return draft
    readings = (Reading("written", made), Reading("everybody", All((made.condition, made.then), made.span)))
    message = "no other criterion asks for an age: is this one of a group, or of everybody in the trial?"
    finding = Diagnostic("scope", Kind.CHOICE, message, place(made.condition))
    choice = Choice("scope", "age of a group", readings, made.span)
    return replace(draft, predicate=choice, diagnostics=(*draft.diagnostics, finding))


def _opens(draft: Draft, made: IfElse) -> bool:
    """Whether the age stands at the head of the sentence, with no word that makes it a condition ("for those ≥ 75")."""
    whom, what = place(made.condition), place(made.then)
    before = draft.text.casefold().split(maxsplit=1)[0] in _CONDITIONAL
    return whom is not None and what is not None and whom.start < what.start and not before


def _begins(made: Predicate) -> bool:
    """Whether an age has a lower end: one with none but an upper end is a group's ("< 16 years")."""
    return any(isinstance(one, Comparison) and one.op in _LOWER for one in nodes(made))


__all__ = ["ages_of_groups"]
