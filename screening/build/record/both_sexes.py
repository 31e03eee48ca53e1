"""What is asked of men and what is asked of women binds each sex: nobody is both.

"Female weight ≥ 45 kg, male weight ≥ 50 kg"; "Men with hemoglobin ≥ 13 g/dL", and a line below "Women with …".
"""

from __future__ import annotations

from dataclasses import replace

from screening import concepts
from screening.build.common.contents import variables_in
from screening.build.common.drafts import Draft
from screening.predicates import All, Always, Any, IfElse, Predicate, Presence, Sex
from screening.sections.model import Side, Trial

_BOTH = 2  # sexes
_LISTS = (All, Any)


def of_both_sexes(_trial: Trial, drafts: list[Draft]) -> list[Draft]:
    """Inclusion criteria that each ask for one sex, where another asks for the other, bind those of that sex."""
    settled = [_with(one, _settled(one.predicate)) if _asks(one) else one for one in drafts]
    asked: dict[tuple[int, str | None], set[str]] = {}
    for one in settled:
        if _asks(one) and (sex := _sex_of(one.predicate)):
            asked.setdefault((one.version, one.cohort), set()).add(sex.value)
    if all(len(sexes) < 2 for sexes in asked.values()):
        return settled
    return [
        replace(one, predicate=_bound(one.predicate))
        if _asks(one) and len(asked.get((one.version, one.cohort), ())) > 1
        else one
        for one in settled
    ]


def _with(draft: Draft, made: Predicate) -> Draft:
    return draft if made is draft.predicate else replace(draft, predicate=made)


def _asks(draft: Draft) -> bool:
    return draft.side is Side.INCLUSION and not draft.empty


def _sex_of(made: Predicate) -> Sex | None:
    """The sex that a predicate asks for."""
    if isinstance(made, Sex):
        return made
    said = [sex for item in made.items if (sex := _told_sex(item))] if isinstance(made, All) else []
    return said[0] if len(said) == 1 else None


def _told_sex(made: Predicate) -> Sex | None:
    """A sex, or that of people whom a finding names ("postmenopausal women")."""
    if isinstance(made, Presence) and made.term.concept in concepts.catalogue():
        sex = concepts.catalogue()[made.term.concept].pertains
        return Sex(sex, made.span) if sex else None
    return made if isinstance(made, Sex) else None


def _bound(made: Predicate) -> Predicate:
    """What is asked of one sex, as a condition; the sex alone stays a demand."""
    sex = _sex_of(made)
    if sex is None or not isinstance(made, All):
        return made
    rest = tuple(item for item in made.items if not isinstance(item, Sex))
    then = rest[0] if len(rest) == 1 else All(rest, made.span)
    return IfElse(sex, then, Always(), made.span)


def _settled(made: Predicate) -> Predicate:
    """The same inside one criterion."""
    if isinstance(made, IfElse) and isinstance(made.condition, Sex) and isinstance(made.then, All):
        other = [item for item in made.then.items if _is_other(item, made.condition)]
        if other and isinstance(made.otherwise, Always) and len(other) < len(made.then.items):
            own = tuple(item for item in made.then.items if item not in other)
            then = own[0] if len(own) == 1 else All(own, made.then.span)
            return All((replace(made, then=then), *map(_bound, other)), made.span)
    if not isinstance(made, _LISTS):
        return made
    items = tuple([_settled(item) for item in made.items])
    if any(item is not old for item, old in zip(items, made.items, strict=True)):
        made = replace(made, items=items)
    if isinstance(made, Any):
        return _each_for_his_own(made)
    return replace(made, items=tuple(map(_bound, made.items))) if len(_sexes(made.items)) == _BOTH else made


def _each_for_his_own(made: Any) -> Predicate:
    """ "< 150 mmHg if older or < 140 if younger", "> 102 cm (men) or > 88 cm (women) and …": who meets one condition is
    not let off by the other."""
    if len(made.items) == len(_sexes(made.items)) == _BOTH and all(map(variables_in, made.items)):
        return All(tuple(map(_bound, made.items)), made.span)
    last = made.items[-1]
    more = last.items[1:] if isinstance(last, All) else ()
    parts = (*made.items[:-1], last.items[0] if isinstance(last, All) else last)
    bound = [part for part in parts if isinstance(part, IfElse) and isinstance(part.otherwise, Always)]
    same = len({frozenset(variables_in(part.then)) for part in bound}) == 1 and variables_in(bound[0].then)
    return All((*parts, *more), made.span) if len(bound) == len(parts) and same else made


def _sexes(items: tuple[Predicate, ...]) -> set[str]:
    """The sexes that parts with more to them ask for."""
    return {sex.value for item in items if isinstance(item, All) and (sex := _sex_of(item))}


def _is_other(made: Predicate, sex: Sex) -> bool:
    said = _sex_of(made) if isinstance(made, All) else None
    return said is not None and said.value != sex.value


__all__ = ["of_both_sexes"]
