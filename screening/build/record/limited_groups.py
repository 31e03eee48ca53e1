"""Limits at the head of a demand: they name some patients ("those aged 65 or older must have …"), or say whom the trial
takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from screening.build.common.contents import concepts_in, place, variables_in
from screening.build.common.drafts import Draft
from screening.build.record.registry import index_conditions, related
from screening.predicates import All, Always, Choice, Comparison, IfElse, Op, OrdinalSet, Predicate, Reading, nodes
from screening.resources import table
from screening.sections.model import Side, Trial
from screening.text import Diagnostic, Kind

_AGE = {"age"}
_CONDITIONAL = frozenset((*table("groups")["people"]["before"], *table("reading")["conditions"]["words"]))
_VERBS = frozenset(table("groups")["demands"]["verbs"])
_LOWER = (Op.GT, Op.GE)


def limits_of_groups(trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """Where no other criterion limits what names a group, it may say whom the trial takes: a choice. So may the disease
    in "patients with X, ALT ≤ 3 × ULN", which the trial's own disease settles, and an age ("patients with X, aged ≥ 18
    years")."""
    if not any(_binds_some(draft) for draft in drafts):
        return drafts
    asking = [draft for draft in drafts if draft.side is not Side.EXCLUSION]
    counts = Counter(name for draft in asking for name in variables_in(draft.predicate))
    index = related(index_conditions(trial))
    return [_of_the_disease(trial, draft, index, counts) or _asked(draft, counts) for draft in drafts]


def _of_the_disease(trial: Trial, draft: Draft, index: Collection[str], counts: Counter[str]) -> Draft | None:
    """ "Patients with X, …", where X is the disease of the trial, or the limit is of an age: both are asked for."""
    made = draft.predicate
    if not _binds_some(draft) or not isinstance(made, IfElse) or not _opens(draft, made):
        return None
    named = concepts_in(made.condition)
    whom, what = place(made.condition), place(made.then)
    if not named or whom is None or what is None or not _describes(trial.raw[whom.end : what.start]):
        return None
    described = All((made.condition, made.then), made.span)
    if not named.isdisjoint(index) or _first_limit(made.then) in _AGE:
        return replace(draft, predicate=described)
    again = any(counts[name] > 1 for name in variables_in(made.then))  # another limit for all
    return None if index or again else _either(draft, made, described, " ".join(sorted(named)))


def _describes(between: str) -> bool:
    """Whether nothing but a comma, and no verb that demands something, stands between whom and what."""
    return between.lstrip().startswith(",") and _VERBS.isdisjoint(between.casefold().split())


def _first_limit(made: Predicate) -> str:
    """The variable of the first limit; "" where there is none."""
    return next((one.variable for one in nodes(made) if isinstance(one, Comparison | OrdinalSet)), "")


def _binds_some(draft: Draft) -> bool:
    made = draft.predicate
    return draft.side is Side.INCLUSION and isinstance(made, IfElse) and isinstance(made.otherwise, Always)


def _asked(draft: Draft, counts: Counter[str]) -> Draft:
    made = draft.predicate
    if not _binds_some(draft) or not isinstance(made, IfElse):
        return draft
    names = variables_in(made.condition)
    if not names or any(counts[name] > 1 for name in names) or concepts_in(made.condition) or not _opens(draft, made):
        return draft
    if names == _AGE and not _begins(made.condition):
        return draft
    everybody = All((made.condition, made.then), made.span)
    return _either(draft, made, everybody, " ".join(sorted(names)))


def _either(draft: Draft, made: IfElse, everybody: Predicate, named: str) -> Draft:
    readings = (Reading("written", made), Reading("everybody", everybody))
    message = "no other criterion limits this: does it name a group, or whom the trial takes?"
    finding = Diagnostic("scope", Kind.CHOICE, message, place(made.condition))
    choice = Choice("scope", f"{named} of a group", readings, made.span)
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
