"""The limits a criterion sets on single axes, and the checks that hold two of them against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from string import ascii_lowercase

from screening.language import print_flat
from screening.linter.model import Finding, finding, groups
from screening.predicates import (
    All,
    Amount,
    Any,
    Assumption,
    Choice,
    Comparison,
    Not,
    NotUnderstood,
    OrdinalSet,
    Predicate,
    Sex,
    children,
)
from screening.proofs.axes import AGE, SEX, Axis, demands, exact, finest, is_trusted, meet, step_of
from screening.proofs.intervals import HIGHEST, LOWEST, Cut, Numbers
from screening.ruleset.model import Rule, RuleKind, RuleSet
from screening.sections.model import Side
from screening.text import Span


@dataclass(frozen=True, slots=True)
class Limit:
    """What one criterion leaves of one axis, whatever else it asks; *words* say it in the rule language."""

    rule: Rule
    axis: Axis
    numbers: Numbers
    words: str
    span: Span | None
    amounts: tuple[Amount, ...]

    @property
    def excludes(self) -> bool:
        """Whether it is the limit of an exclusion criterion."""
        return self.rule.side is Side.EXCLUSION


def wanted(rule: Rule) -> bool:
    """Which truth of its predicate lets a patient in."""
    return rule.side is not Side.EXCLUSION


def limits(rule: Rule) -> list[Limit]:
    """The unconditional limits of a criterion, one for each axis; none of a criterion that is only suggested."""
    if rule.kind is RuleKind.SUGGESTED:
        return []
    parts: dict[Axis, list[tuple[Predicate, Numbers]]] = {}
    for part, truth in _conjuncts(rule.predicate, wanted(rule)):
        if found := exact(part, truth):
            parts.setdefault(found[0], []).append((part, found[1]))
    return [_limit(rule, axis, found) for axis, found in parts.items()]


def _limit(rule: Rule, axis: Axis, found: list[tuple[Predicate, Numbers]]) -> Limit:
    atoms = [atom for part, _ in found for atom in written(part)]
    words = " and ".join(dict.fromkeys(print_flat(atom) for atom in atoms))
    amounts = tuple(one.limit for one in atoms if isinstance(one, Comparison) and isinstance(one.limit, Amount))
    numbers = meet(numbers for _, numbers in found)
    return Limit(rule, axis, numbers, words, _place(atoms), amounts)


def written(part: Predicate) -> Iterator[Comparison | OrdinalSet | Sex]:
    """The comparisons as the text has them; of several readings the written one."""
    match part:
        case Comparison() | OrdinalSet() | Sex():
            yield part
        case Choice(readings=readings):
            yield from written(readings[0].predicate)
        case _:
            for child in children(part):
                yield from written(child)


def _place(atoms: list[Comparison | OrdinalSet | Sex]) -> Span | None:
    return next((atom.span for atom in atoms if atom.span), None)


def _conjuncts(made: Predicate, truth: bool) -> Iterator[tuple[Predicate, bool]]:
    """The parts all of which a patient must satisfy to be let in. Beside words nobody understood there are none:
    they may hold a condition."""
    match made:
        case Not(item):
            yield from _conjuncts(item, not truth)
        case All(items) if truth and not _has_residue(items):
            for item in items:
                yield from _conjuncts(item, truth)
        case Any(items) if not truth and exact(made, truth) is None and not _has_residue(items):
            for item in items:
                yield from _conjuncts(item, truth)
        case Assumption(reading=reading) if is_trusted(made):
            yield from _conjuncts(reading, truth)
        case _:
            yield made, truth


def _has_residue(items: tuple[Predicate, ...]) -> bool:
    return any(isinstance(item, NotUnderstood) for item in items)


# ---- one criterion in itself


def impossible_ranges(rules: RuleSet) -> Iterator[Finding]:
    """Limits joined in one criterion that no value satisfies, or that every value does."""
    for rule in rules.rules:
        for part in _innermost(rule.predicate):
            yield from _impossible(rule, part)


def _innermost(made: Predicate) -> Iterator[All | Any]:
    """Conjunctions and alternatives, each before the one around it; not where the compiler asks the same already."""
    if isinstance(made, Choice) and made.code == "impossible-range":
        return
    for part in children(made):
        yield from _innermost(part)
    if isinstance(made, All | Any):
        yield made


def _impossible(rule: Rule, part: All | Any) -> Iterator[Finding]:
    """Limits of one statement only: with words between them they mostly speak of two times or groups."""
    code, truth = ("impossible-range", True) if isinstance(part, All) else ("always-true-range", False)
    inner = [demands(item, truth) for item in part.items]
    for axis, numbers in demands(part, truth).items():
        about = [atom for atom in written(part) if _variable(atom) == axis.variable]
        innermost = not numbers and all(one.get(axis, True) for one in inner)
        if innermost and axis.variable != SEX and len({atom.span for atom in about}) == 1:
            words = (" and " if truth else " or ").join(dict.fromkeys(print_flat(atom) for atom in about))
            yield finding(code, _cover(about) or part.span, rule, limits=words, variable=axis.variable)


def _variable(atom: Comparison | OrdinalSet | Sex) -> str:
    return SEX if isinstance(atom, Sex) else atom.variable


def _cover(atoms: list[Comparison | OrdinalSet | Sex]) -> Span | None:
    spans = [atom.span for atom in atoms if atom.span]
    return Span(min(span.start for span in spans), max(span.end for span in spans)) if spans else None


# ---- two criteria


def opposed_limits(rules: RuleSet) -> Iterator[Finding]:
    """Pairs of criteria of one cohort whose limits on one axis exclude each other, overlap, leave a gap or differ."""
    said: set[tuple[str, Axis]] = set()
    for one, two in _rivals(rules):
        first, second = (two, one) if one.excludes and not two.excludes else (one, two)
        code = _opposed(first, second) if first.excludes != second.excludes else _repeated(first, second)
        if code != "contradiction" and one.rule.cohort != two.rule.cohort:
            continue  # a cohort may be narrower than all together
        if code and (second.rule.id, second.axis) not in said:
            said.add((second.rule.id, second.axis))
            yield _pair(code, first, second)


def _rivals(rules: RuleSet) -> Iterator[tuple[Limit, Limit]]:
    """Limits of two criteria on one axis, neither of them impossible in itself; sexes are for the registry check."""
    for applying in groups(rules).values():
        held = [limit for rule in applying if rule.side is not Side.REGISTRY for limit in limits(rule)]
        for one, two in combinations(held, 2):
            if one.axis == two.axis and one.axis.variable != SEX and _can_differ(one, two):
                yield one, two


def _can_differ(one: Limit, two: Limit) -> bool:
    return one.rule.id != two.rule.id and bool(one.numbers) and bool(two.numbers)


def _opposed(first: Limit, second: Limit) -> str | None:
    """What is wrong between an inclusion and an exclusion."""
    if not first.numbers & second.numbers:
        return "contradiction"
    return _at_the_ends(first, second, _beside)


def _beside(mine: Cut, theirs: Cut, tighter: int) -> str:
    return "limits-gap" if (mine > theirs) == (tighter > 0) else "limits-overlap"


def _repeated(first: Limit, second: Limit) -> str | None:
    """What is wrong between two criteria of one side. Clauses of one item are mostly alternatives or cases,
    and several ages mostly groups."""
    if first.axis.variable == AGE or _item(first.rule) == _item(second.rule):
        return None
    return _at_the_ends(first, second, lambda *_: "duplicate-threshold")


def _item(rule: Rule) -> str:
    """The number of the item a criterion is a clause of.

    >>> from screening.predicates import Always
    >>> _item(Rule("I6c", Side.INCLUSION, RuleKind.DATA, "", Always()))
    'I6'
    """
    return rule.id.rstrip(ascii_lowercase)


def _pair(code: str, first: Limit, second: Limit) -> Finding:
    particulars = {"first": first.words, "second": second.words, "one": first.rule.id, "other": second.rule.id}
    return finding(code, second.span, second.rule, first.rule, **particulars)


def _at_the_ends(first: Limit, second: Limit, judge: Callable[[Cut, Cut, int], str]) -> str | None:
    """The verdict of *judge* on the first end of the axis at which both set a limit and not the same."""
    one, two = first.numbers, second.numbers
    if not (one.in_one_piece and two.in_one_piece):
        return None
    for mine, theirs, tighter in ((one.low, two.low, 1), (one.high, two.high, -1)):
        differ = mine != theirs and {mine, theirs}.isdisjoint({LOWEST, HIGHEST})
        if differ and not _is_rounding(first, second, mine, theirs):
            return judge(mine, theirs, tighter)
    return None


def _is_rounding(first: Limit, second: Limit, mine: Cut, theirs: Cut) -> bool:
    """Whether no value as finely recorded as the limits are written lies between: "≥ 18.5" beside "≤ 18.4"."""
    if first.axis.variable == AGE or step_of(first.axis.variable) or first.axis.scale != "absolute":
        return False
    low, high = sorted((mine, theirs))
    step = min(
        (finest(amount, first.axis.variable) for amount in (*first.amounts, *second.amounts)), default=Fraction()
    )
    strictly_between = low.above and not high.above
    return strictly_between and 0 < Fraction(high.at) - Fraction(low.at) <= step
