"""Which parts of an open criterion are open, decided in SQL for all patients at once.

Every part of a criterion becomes a rule of its own; a part is open for a patient where it is undecided and so is
every part around it, and where no condition has selected the other branch. So does the interpreter's explanation
tell what is missing (`screening.explain.findings.open_leaves`); a test holds both together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from screening.batch import codes
from screening.lists.facts import Fact, expanded, fact
from screening.predicates import (
    Always,
    Assumption,
    Choice,
    Except,
    IfElse,
    Predicate,
    children,
    neutral,
)
from screening.ruleset.model import Rule
from screening.sections.model import Side


@dataclass(frozen=True, slots=True)
class Probe:
    """A fact of a criterion and the SQL condition under which it is open; *code*: the column that says why."""

    fact: Fact
    code: str
    condition: str


@dataclass
class Probes:
    """Rules for all parts of some criteria, and what they tell. Columns are named as `batch.within` names them."""

    rules: list[Rule] = field(default_factory=list)
    of: dict[str, list[Probe]] = field(default_factory=dict)  # criterion → its probes
    _owners: list[str] = field(default_factory=list)

    def add(self, rule: Rule) -> None:
        """All parts of one criterion."""
        self.of[rule.id] = list(self._walk(rule, rule.predicate, (), strict=False))

    def without(self, refused: Mapping[str, str]) -> dict[str, list[Probe]]:
        """The probes of the criteria of which SQL decides every part."""
        lost = {owner for rule, owner in zip(self.rules, self._owners, strict=True) if rule.id in refused}
        return {id: probes for id, probes in self.of.items() if id not in lost}

    def _column(self, rule: Rule, predicate: Predicate, *, strict: bool) -> str:
        """The column of a part; *strict*: inside a condition or exception, where silence is never absence.

        A strict part is compiled as an exception, which gives its negation: open exactly when the part is.
        """
        told = Except(Always(), predicate) if strict else predicate
        self._owners.append(rule.id)
        self.rules.append(replace(rule, id=f"{rule.id}/{len(self.rules)}", side=Side.INCLUSION, predicate=told))
        return f"c{len(self.rules) - 1}"

    def _walk(self, rule: Rule, predicate: Predicate, around: tuple[str, ...], *, strict: bool) -> Iterator[Probe]:
        """The probes of a part and of those in it; *around*: the conditions that make it matter."""
        if neutral(predicate):
            return
        whole = expanded(predicate)
        column = self._column(rule, whole, strict=strict)
        here = (*around, _open(column))
        own = fact(whole, rule.id)
        if own is not None:
            unsettled = f"{column} = {codes.ASSUMPTION}" if isinstance(whole, Assumption | Choice) else "true"
            yield Probe(own, column, " AND ".join((*here, unsettled)))
        if isinstance(whole, IfElse):
            yield from self._branches(rule, whole, here, strict=strict)
        else:
            for at, part in enumerate(children(whole)):
                inner = strict or (isinstance(whole, Except) and at == 1)
                yield from self._walk(rule, part, here, strict=inner)

    def _branches(self, rule: Rule, whole: IfElse, around: tuple[str, ...], *, strict: bool) -> Iterator[Probe]:
        """The condition, and each branch unless the condition selects the other."""
        negated = self._column(rule, whole.condition, strict=True)
        yield from self._walk(rule, whole.condition, around, strict=True)
        held, not_held = f"{negated} <> {codes.TRUE}", f"{negated} <> {codes.FALSE}"
        yield from self._walk(rule, whole.then, (*around, held), strict=strict)
        yield from self._walk(rule, whole.otherwise, (*around, not_held), strict=strict)


def _open(column: str) -> str:
    return f"{column} BETWEEN {codes.FALSE + 1} AND {codes.TRUE - 1}"
