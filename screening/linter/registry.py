"""The registry's own fields against what the criteria say: ages and sex."""

from __future__ import annotations

from collections.abc import Iterator

from screening.linter.limits import Limit, limits
from screening.linter.model import Finding, finding, groups
from screening.predicates import Amount, Comparison, Predicate, children
from screening.proofs.axes import AGE, SEX, Axis, join, meet
from screening.proofs.intervals import HIGHEST, LOWEST, Cut, Numbers
from screening.ruleset.model import Rule, RuleSet
from screening.sections.model import Side


def registry_differs(rules: RuleSet) -> Iterator[Finding]:
    """A registry field that no reading of the criteria agrees with, all cohorts taken together."""
    fields = [limit for rule in rules.rules if rule.side is Side.REGISTRY for limit in limits(rule)]
    texts = [limit for rule in rules.rules if rule.side is not Side.REGISTRY for limit in limits(rule)]
    for field in fields:
        rivals = [limit for limit in texts if limit.axis == field.axis]
        if field.axis.variable == SEX:
            yield from (_differs(field, rival) for rival in rivals if not rival.numbers & field.numbers)
        elif field.axis.variable == AGE and rivals:
            yield from _age(rules, field, rivals)


def _age(rules: RuleSet, field: Limit, rivals: list[Limit]) -> Iterator[Finding]:
    """The field's one end against the same end of what the criteria admit."""
    end = "low" if field.numbers.low != LOWEST else "high"
    stated = [rival for rival in rivals if _end(rival.numbers, end) not in (LOWEST, HIGHEST)]
    wanted = _end(field.numbers, end)
    if not stated or any(_agrees(rival, field, end) for rival in stated):
        return
    admitted = _admitted(rules, field.axis)
    if _end(admitted, end) not in (LOWEST, HIGHEST, wanted):
        yield _differs(field, stated[0])


def _end(numbers: Numbers, end: str) -> Cut:
    return numbers.low if end == "low" else numbers.high


def _admitted(rules: RuleSet, axis: Axis) -> Numbers:
    """The ages some cohort admits."""
    return join(_of(applying, axis) for applying in groups(rules).values())


def _of(applying: list[Rule], axis: Axis) -> Numbers:
    texts = (rule for rule in applying if rule.side is not Side.REGISTRY)
    return meet(limit.numbers for rule in texts for limit in limits(rule) if limit.axis == axis)


def _agrees(rival: Limit, field: Limit, end: str) -> bool:
    """Whether the text names the registry's number, whatever becomes of the limit itself: fields know no "under 75"."""
    wanted = _written(field.rule.predicate)
    return bool(wanted & _written(rival.rule.predicate)) or _end(rival.numbers, end) == _end(field.numbers, end)


def _written(made: Predicate) -> set[Amount]:
    """The age limits written in a predicate."""
    if isinstance(made, Comparison):
        return {made.limit} if made.variable == AGE and isinstance(made.limit, Amount) else set()
    return {found for part in children(made) for found in _written(part)}


def _differs(field: Limit, rival: Limit) -> Finding:
    ids = {"one": field.rule.id, "other": rival.rule.id}
    return finding("registry-differs", rival.span, rival.rule, field.rule, field=field.words, text=rival.words, **ids)
