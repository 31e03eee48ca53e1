"""Puts two readings of one limit or finding together: conditions, exceptions, definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from operator import eq, ge, gt, le, lt

from screening import concepts
from screening.build.common.contents import (
    base_span,
    concepts_in,
    terms_in,
    variables_in,
)
from screening.predicates import (
    All,
    Always,
    Amount,
    Any,
    Assumption,
    AtLeast,
    Choice,
    Comparison,
    Except,
    IfElse,
    Judgement,
    Not,
    NotUnderstood,
    OneMethod,
    Op,
    OrdinalSet,
    Predicate,
    Presence,
    Relation,
    Sex,
    Tense,
    Term,
    children,
)
from screening.resources import table


def not_vacuous(parts: list[Predicate]) -> list[Predicate]:
    """ "Hb ≥ 10 g/dL or ferritin < 100 µg/L if on dialysis": the second is no alternative for those not on dialysis.

    Nor is insulin, for those with less, in "metformin, or insulin if HbA1c > 9 %".
    """
    if all(map(_conditional, parts)):
        return parts
    return [conjoined(part) if _conditional(part) else part for part in parts]


def _conditional(part: Predicate) -> bool:
    if not isinstance(part, IfElse) or not isinstance(part.otherwise, Always) or isinstance(part.condition, Sex):
        return False
    return not variables_in(part.then) or not variables_in(part.condition)


def conjoined(made: Predicate) -> Predicate:
    """In an exclusion a conditional limit without a base excludes where condition and limit both hold."""
    if not children(made):
        return made
    match made:
        case IfElse(condition, then, Always()):
            return All((condition, then), made.span)
        case IfElse(condition, then, IfElse() as rest) if _binds_some(rest):
            others = conjoined(rest)
            apart = isinstance(condition, Sex) and isinstance(rest.condition, Sex) and condition != rest.condition
            beside = others if apart else All((Not(condition), others), rest.span)
            return Any((All((condition, then), made.span), beside), made.span)
        case All(items) | Any(items) | AtLeast(_, items) | OneMethod(_, items):
            changed = tuple(conjoined(item) for item in items)
            same = all(new is old for new, old in zip(changed, items, strict=True))
            return made if same else replace(made, items=changed)
        case Choice(readings=readings):
            return replace(made, readings=tuple(replace(one, predicate=conjoined(one.predicate)) for one in readings))
        case Except(base, exception):
            return Except(conjoined(base), exception, made.span)
        case Assumption(reading=reading):
            return replace(made, reading=conjoined(reading))
        case _:
            return made


def each_for_some(parts: Sequence[Predicate]) -> bool:
    """Whether every part is a limit for some patients only: "≥ 70 if 16 or older, or ≥ 50 if younger" asks each of its
    own group, since whoever is not in a group would meet the part that is for it."""
    return all(
        isinstance(part, IfElse) and isinstance(part.otherwise, Always) and variables_in(part.then) for part in parts
    )


def exclusive_levels(parts: Sequence[Predicate]) -> bool:
    """Whether parts ask for different levels of one scale, which nobody can have at once ("stage B and stage C")."""
    sets = [_levels(part) for part in parts]
    named = {name for found in sets for name, _ in found}
    if len(named) != 1 or any(len(found) != 1 for found in sets):
        return False
    values = [found[0][1] for found in sets]
    return not frozenset.intersection(*values)


def levels_apart(base: Predicate, other: Predicate) -> bool:
    """Whether another level lies outside of those before it: 2 beside "ECOG 0-1", or beside "ECOG ≤ 1"."""
    if exclusive_levels((base, other)):
        return True
    found = _levels(other)
    if len(found) != 1 or not isinstance(base, Comparison) or not isinstance(base.limit, Amount):
        return False
    limit, (name, values) = base.limit.value, found[0]
    return name == base.variable and not any(_MEETS[base.op](value, limit) for value in values)


_MEETS = {Op.LT: lt, Op.LE: le, Op.GT: gt, Op.GE: ge, Op.EQ: eq}


def _levels(made: Predicate) -> list[tuple[str, frozenset[Decimal]]]:
    """Every (scale, its levels) that a part asks for, also beside words."""
    match made:
        case OrdinalSet(variable=variable, values=values):
            return [(variable, frozenset(values))]
        case Comparison(variable=variable, op=Op.EQ, limit=Amount(value=value)):
            return [(variable, frozenset({value}))]
        case All(items):
            return [found for item in items for found in _levels(item)]
        case _:
            return []


def _binds_some(made: IfElse) -> bool:
    """Whether a chain of conditions leaves somebody out: each limit is for its own group."""
    rest = made.otherwise
    return isinstance(rest, Always) or (isinstance(rest, IfElse) and _binds_some(rest))


def limit_in_finding(outer: Predicate, within: Predicate, *, alternative: bool) -> IfElse | None:
    """ "≤ 1.5 × ULN (≤ 3 × ULN in Gilbert's syndrome)": another limit on the same variable, for those with the
    finding, or of whom the words beside it hold."""
    if not isinstance(within, All) or not variables_in(outer) or variables_in(within) != variables_in(outer):
        return None
    told = [part for part in within.items if not variables_in(part)]
    words = () if alternative else (NotUnderstood, Judgement)
    findings = tuple(part for part in told if concepts_in(part) or isinstance(part, words))
    limits = tuple(part for part in within.items if variables_in(part))
    if not findings or len(findings) + len(limits) != len(within.items):
        return None
    condition = findings[0] if len(findings) == 1 else All(findings)
    return IfElse(condition, limits[0] if len(limits) == 1 else All(limits), Always())


def with_window_of(outer: Predicate, unless: Predicate) -> Predicate:
    """ "any other malignancy except basal cell carcinoma within 5 years": the window at the end is the whole list's."""
    last = unless.items[-1] if isinstance(unless, All | Any) else unless
    if isinstance(outer, Presence) and outer.window is None and isinstance(last, Presence) and last.window is not None:
        return replace(outer, window=last.window, tense=Tense.HAD)
    return outer


def is_long_ago(unless: Predicate) -> bool:
    """ "malignancy (except carcinoma excised > 1 year ago)": how long ago what is excepted must be, which a term cannot
    say, and which dates nothing else."""
    last = unless.items[-1] if isinstance(unless, All | Any) else unless
    window = last.window if isinstance(last, Presence) else None
    return window is not None and window.relation is not Relation.WITHIN


def two_limits(made: Predicate) -> tuple[Predicate, Predicate] | None:
    """ "≤ 3 × ULN or ≤ 5 × ULN" of one variable, for each variable of a list: the first limits, and the second."""
    if not isinstance(made, All | Any | OneMethod):
        return None
    match made.items:
        case (first, second) if isinstance(made, Any) and exclusive_levels((first, second)):
            return first, second  # "ECOG 0-1 or 2 if …"
        case (Comparison() as first, Comparison() as second) if first.variable == second.variable:
            return (first, second) if first.op[0] == second.op[0] else None
        case (first, second) if isinstance(made, Any) and _sides(first) and _sides(first) == _sides(second):
            return first, second  # "< 140/90 or < 150/90 mmHg"
        case items:
            found = [two_limits(item) for item in items]
            pairs = [pair for pair in found if pair is not None]
            if not pairs or len(pairs) < len(found):
                return None
            return replace(made, items=tuple(a for a, _ in pairs)), replace(made, items=tuple(b for _, b in pairs))


def _sides(made: Predicate) -> tuple[tuple[str, str], ...]:
    """What each limit is of, and on which side; () where a part is none."""
    match made:
        case Comparison():
            return ((made.variable, made.op[0]),)
        case Assumption(reading=reading):
            return _sides(reading)
        case All() | Any():
            found = [_sides(item) for item in made.items]
            return tuple(side for one in found for side in one) if all(found) else ()
    return ()


def is_defined_by(finding: Presence, limit: Predicate) -> bool:
    """Whether the limit is how texts measure the finding ("renal failure (creatinine > 2)")."""
    measured = set(table("measures")["measured_by"].get(finding.term.concept, ()))
    return bool(measured & variables_in(limit)) and variables_in(limit) <= measured


def without_defined(parts: list[Predicate]) -> list[Predicate]:
    """Leaves out a finding that a limit beside it defines."""
    limits = [part for part in parts if variables_in(part)]
    return [
        part for part in parts if not (isinstance(part, Presence) and any(_defines(part, limit) for limit in limits))
    ]


def _defines(finding: Presence, limit: Predicate) -> bool:
    """Whether a limit, or each of several alternatives, is one of the quantities that a finding is known by."""
    if isinstance(limit, Any) and len(limit.items) > 1:
        return all(_defines(finding, one) for one in limit.items)
    return is_defined_by(finding, limit)


def narrows_finding(base: Predicate) -> bool:
    """Whether limits of one kind stand as one part beside findings ("asthma with FEV1 40-80 %"): what is said of the
    limit is not said of the finding."""
    limits = [one for one in base.items if variables_in(one)] if isinstance(base, All | Any) else []
    return len(limits) == 1 and isinstance(base, All | Any) and len(base.items) > 1


def put_inside(base: Predicate, names: set[str], conditional: IfElse) -> Predicate | None:
    """Puts a conditional limit at the part of *base* that is about *names*."""
    if not isinstance(base, All | Any | OneMethod):
        return None
    items = [
        IfElse(conditional.condition, conditional.then, item, base_span(item, conditional))
        if variables_in(item) == names
        else item
        for item in base.items
    ]
    return replace(base, items=tuple(items)) if items != list(base.items) else None


def leave_out(outer: Predicate, terms: tuple[Term, ...]) -> Predicate | None:
    """*outer* with facts of these terms left out, where they are narrower than what it names."""
    match outer:
        case Presence(term=term):
            kinds = {concepts.catalogue()[t.concept].kind for t in terms}
            broad = concepts.catalogue()[term.concept]
            if broad.kind in kinds and all(t.concept != term.concept for t in terms):
                return replace(outer, excluding=(*outer.excluding, *terms))
            return None
        case Not(item):
            within = leave_out(item, terms)
            return Not(within, outer.span) if within is not None else None
        case All(items) | Any(items):
            found = [leave_out(item, terms) for item in items]
            able = [i for i, one in enumerate(found) if one is not None]
            if not able:
                return None
            at = next((i for i in able if _are_kinds(items[i], terms)), able[-1])
            made = found[at]
            assert made is not None
            return replace(outer, items=(*items[:at], made, *items[at + 1 :]))
        case _:
            return None


def _are_kinds(made: Predicate, terms: tuple[Term, ...]) -> bool:
    """Whether the terms name kinds of a finding."""
    kinds = concepts.narrower(made.term.concept) if isinstance(made, Presence) else ()
    return all(term.concept in kinds for term in terms)


def with_last_exception(parts: list[Predicate]) -> list[Predicate]:
    """ "Any cancer or any tumour other than colorectal cancer": the exception at the end is for each that it is a kind
    of."""
    match parts[-1]:
        case Except(_, exception):
            terms = terms_in(exception) or ()
        case Presence(excluding=terms):
            pass
        case _:
            return parts
    return [*(_excluding(part, terms) for part in parts[:-1]), parts[-1]]


def _excluding(made: Predicate, terms: tuple[Term, ...]) -> Predicate:
    if not isinstance(made, Presence):
        return made
    kinds = concepts.narrower(made.term.concept)
    new = tuple(term for term in terms if term.concept in kinds and term not in made.excluding)
    return replace(made, excluding=(*made.excluding, *new)) if new else made
