"""What a patient's screening leaves to do: facts that would settle open criteria, and judgements to attest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening.evaluate.combine import relevant
from screening.evaluate.outcome import DerivedUse, Outcome, Reason
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
    neutral,
)
from screening.truth import Truth

Open = tuple[str, Outcome]  # criterion id, its undecided outcome

_NOT_FACTS = (Judgement, NotUnderstood)


def open_leaves(outcome: Outcome) -> Iterator[Outcome]:
    """The undecided atoms, and unconfirmed readings, on which an undecided outcome hangs."""
    if outcome.truth is not Truth.UNKNOWN or neutral(outcome.predicate):
        return
    if not outcome.children or outcome.evidence or _unconfirmed(outcome):
        yield outcome
    conditional = isinstance(outcome.predicate, IfElse) and not outcome.evidence
    for child in relevant(outcome.children) if conditional else outcome.children:
        yield from open_leaves(child)


def _unconfirmed(outcome: Outcome) -> bool:
    """Whether it takes a reviewer to settle this."""
    choice = isinstance(outcome.predicate, Choice) and outcome.reason is Reason.ASSUMPTION
    return choice or isinstance(outcome.predicate, Assumption)


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
        what = ", ".join(_lacking(leaf)) or _measured(predicate.variable)
    elif isinstance(predicate, Sex):
        what = "sex"
    elif isinstance(predicate, Assumption | Choice):
        what = f"reading “{predicate.label}”"
    else:
        what = phrase(predicate)
    return f"{what}: {wording.advice(leaf.reason)}" if leaf.reason else what


def _lacking(leaf: Outcome) -> list[str]:
    """The inputs that a computed value lacks."""
    return [_measured(name) for item in leaf.evidence if isinstance(item, DerivedUse) for name in item.lacking]


def _measured(variable: str) -> str:
    return "birth date" if variable == "age" else variable_name(variable)


def to_attest(outcomes: Iterable[Open]) -> tuple[ToAttest, ...]:
    """The open judgements, in the order of the text."""
    found = (
        ToAttest(criterion=criterion, text=leaf.predicate.text)
        for criterion, outcome in outcomes
        for leaf in open_leaves(outcome)
        if isinstance(leaf.predicate, Judgement)
    )
    return tuple(dict.fromkeys(found))
