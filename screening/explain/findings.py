"""What a patient's screening leaves to do: facts that would settle open criteria, and judgements to attest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening.evaluate.combine import neutral, relevant
from screening.evaluate.outcome import Outcome, Reason
from screening.explain import wording
from screening.explain.phrases import phrase, variable_name
from screening.explain.result import Missing, ToAttest
from screening.predicates import (
    Assumption,
    Choice,
    Comparison,
    IfElse,
    Judgement,
    NotUnderstood,
    OrdinalSet,
    Result,
    Sex,
)
from screening.truth import Truth

Open = tuple[str, Outcome]  # criterion id, its undecided outcome

_NOT_FACTS = (Judgement, NotUnderstood)


def open_leaves(outcome: Outcome) -> Iterator[Outcome]:
    """The undecided atoms, and unconfirmed readings, on which an undecided outcome hangs."""
    if outcome.truth is not Truth.UNKNOWN or neutral(outcome.predicate):
        return
    if isinstance(outcome.predicate, Assumption) or (
        isinstance(outcome.predicate, Choice) and outcome.reason is Reason.ASSUMPTION
    ):
        yield outcome
    children = relevant(outcome.children) if isinstance(outcome.predicate, IfElse) else outcome.children
    for child in children:
        yield from open_leaves(child)
    if not outcome.children:
        yield outcome


def missing(outcomes: Iterable[Open]) -> tuple[Missing, ...]:
    """Each fact once, with the criteria it would help to settle."""
    wanted: dict[tuple[str, Reason], dict[str, None]] = {}
    for criterion, outcome in outcomes:
        for leaf in open_leaves(outcome):
            if leaf.reason is not None and not isinstance(leaf.predicate, _NOT_FACTS):
                wanted.setdefault((_fact(leaf), leaf.reason), {})[criterion] = None
    return tuple(Missing(fact=fact, reason=reason, criteria=tuple(ids)) for (fact, reason), ids in wanted.items())


def _fact(leaf: Outcome) -> str:
    """What to record or do."""
    predicate = leaf.predicate
    if isinstance(predicate, Comparison | OrdinalSet | Result):
        what = "birth date" if predicate.variable == "age" else variable_name(predicate.variable)
    elif isinstance(predicate, Sex):
        what = "sex"
    elif isinstance(predicate, Assumption | Choice):
        what = f"reading “{predicate.label}”"
    else:
        what = phrase(predicate)
    return f"{what}: {wording.advice(leaf.reason)}" if leaf.reason else what


def to_attest(outcomes: Iterable[Open]) -> tuple[ToAttest, ...]:
    """The open judgements, in the order of the text."""
    found = (
        ToAttest(criterion=criterion, text=leaf.predicate.text)
        for criterion, outcome in outcomes
        for leaf in open_leaves(outcome)
        if isinstance(leaf.predicate, Judgement)
    )
    return tuple(dict.fromkeys(found))
