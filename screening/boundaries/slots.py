"""Which parts of a criterion ask for the same thing about a patient."""

from __future__ import annotations

from collections.abc import Iterator

from screening import concepts
from screening.boundaries.computed import Computed
from screening.boundaries.days import span
from screening.boundaries.events import Happened, related
from screening.boundaries.happenings import OTHER_MALIGNANCY
from screening.boundaries.logic import Slots
from screening.boundaries.measured import Measured
from screening.boundaries.persons import Age, OfSex
from screening.boundaries.probes import Key, Slot
from screening.boundaries.settings import Frame, default_day
from screening.boundaries.worded import Worded
from screening.evaluate.derived import for_method
from screening.predicates import (
    Comparison,
    OrdinalSet,
    Predicate,
    Presence,
    Result,
    Sex,
    children,
)
from screening.resources import table


def leaves(predicate: Predicate) -> Iterator[Predicate]:
    """The parts that have no parts, in the order of the text, each once for every place."""
    parts = children(predicate)
    if not parts:
        yield predicate
    for part in parts:
        yield from leaves(part)


def paths(predicate: Predicate, here: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Predicate]]:
    """The same with the way from the root to each."""
    parts = children(predicate)
    if not parts:
        yield here, predicate
    for number, part in enumerate(parts):
        yield from paths(part, (*here, number))


def slots(predicate: Predicate, frame: Frame) -> Slots:
    """Each part that asks for facts, with its slot."""
    parts = tuple(dict.fromkeys(leaves(predicate)))
    found: dict[Predicate, Slot] = {}
    for slot, asking in _grouped(parts, frame):
        if all(map(countable, asking)) and not _entangled(asking):
            found |= dict.fromkeys(asking, slot)
    return found


def asks(part: Predicate) -> bool:
    """Whether a part asks for facts."""
    return isinstance(part, Comparison | OrdinalSet | Result | Presence | Sex)


def countable(part: Predicate) -> bool:
    """Whether its window begins and ends on a day ("within 36 hours" does not), and its word is one that is read."""
    if isinstance(part, Result) and part.value not in table("wording")["results"]:
        return False
    window = getattr(part, "window", None)
    return window is None or span(window, SOME_DAY, SOME_DAY) is not None


def _entangled(asking: tuple[Predicate, ...]) -> bool:
    """Other malignancies beside malignancies by name: which primary is the trial's own then depends on all of them."""
    named = {part.term.concept for part in asking if isinstance(part, Presence)}
    return len(named) > 1 and any(concepts.catalogue()[name].rule == OTHER_MALIGNANCY for name in named)


def rivals(known: Slots) -> frozenset[frozenset[Key]]:
    """Pairs of slots of which a patient can hold one only: a result, and a formula that it goes into."""
    distinct = list({slot.key: slot for slot in known.values()}.values())
    computed = [slot for slot in distinct if isinstance(slot, Computed)]
    measured = [slot for slot in distinct if isinstance(slot, Measured)]
    pairs: list[tuple[Slot, Slot]] = [(a, b) for a in computed for b in measured if b.variable in a.inputs]
    pairs += [(a, b) for a in computed for b in computed if a is not b and {*a.inputs} & {*b.inputs}]
    return frozenset(frozenset({one.key, two.key}) for one, two in pairs)


SOME_DAY = default_day()


def _grouped(parts: tuple[Predicate, ...], frame: Frame) -> Iterator[tuple[Slot, tuple[Predicate, ...]]]:
    ages = tuple(part for part in parts if isinstance(part, Comparison) and part.variable == "age")
    sexes = tuple(part for part in parts if isinstance(part, Sex))
    if ages:
        yield Age(ages, frame), ages
    if sexes:
        yield OfSex(sexes), sexes
    yield from _results(parts, frame)
    words = tuple(part for part in parts if isinstance(part, Result))
    for variable in dict.fromkeys(part.variable for part in words):
        asking = tuple(part for part in words if part.variable == variable)
        yield Worded(variable, asking, frame), asking
    for group in _connected(tuple(part for part in parts if isinstance(part, Presence))):
        yield Happened(group, frame), group


def _results(parts: tuple[Predicate, ...], frame: Frame) -> Iterator[tuple[Slot, tuple[Predicate, ...]]]:
    asking = tuple(p for p in parts if isinstance(p, Comparison | OrdinalSet) and p.variable != "age")
    computed: dict[str, list[Comparison]] = {}
    measured: dict[tuple[str, str | None], list[Comparison | OrdinalSet]] = {}
    for part in asking:
        method = part.method if isinstance(part, Comparison) else None
        formula = for_method(part.variable, method) if method else None
        if formula is not None and isinstance(part, Comparison):
            computed.setdefault(formula.id, []).append(part)
        else:
            measured.setdefault((part.variable, method), []).append(part)
    for of_formula in computed.values():
        first = of_formula[0]
        formula = for_method(first.variable, first.method or "")
        if formula is not None:
            yield Computed(formula, tuple(of_formula), frame), tuple(of_formula)
    for (variable, method), several in _merged(measured).items():
        elsewhere = tuple(other for name, other in measured if name == variable and other and other != method)
        yield Measured(variable, method, tuple(several), frame, elsewhere), tuple(several)


def _merged(
    measured: dict[tuple[str, str | None], list[Comparison | OrdinalSet]],
) -> dict[tuple[str, str | None], list[Comparison | OrdinalSet]]:
    """A variable asked for by a method and also by none is one result, by that method."""
    found: dict[tuple[str, str | None], list[Comparison | OrdinalSet]] = {}
    for (variable, method), several in measured.items():
        named = next((m for v, m in measured if v == variable and m), None)
        found.setdefault((variable, method or named), []).extend(several)
    return found


def _connected(parts: tuple[Presence, ...]) -> list[tuple[Presence, ...]]:
    """Groups of presences of which an event that is the one may be the other."""
    groups: list[list[Presence]] = []
    for part in parts:
        near = [group for group in groups if any(related(part, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(other for group in near for other in group), part])
    return [tuple(group) for group in groups]
