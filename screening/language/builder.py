"""From parse tree to predicate: one method a rule of grammars/rule.lark, names and types checked on the way."""

# ruff: noqa: D102 - each method is what its rule in the grammar means

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from lark import Token, Transformer, v_args

from screening import predicates as p
from screening.language import names
from screening.variables import Variable


@dataclass(frozen=True, slots=True)
class _Measured:
    """What stands left of the operator."""

    name: Token
    method: Token | None
    qualifiers: tuple[Token, ...]
    aggregate: str | None = None


@dataclass(frozen=True, slots=True)
class _Amount:
    """A number and its unit before it is known whose."""

    number: Token
    unit: Token | None

    def of(self, owner: Variable) -> p.Amount:
        """The amount, its unit checked against the variable."""
        if self.unit is None:
            names.without_unit(self.number, owner)
        return p.Amount(Decimal(self.number.value), self.unit and names.unit_of(self.unit, owner))


class _Definition(NamedTuple):
    """The trial's own definition of a reference value, inside a limit of the same variable."""

    owner: Token
    amount: _Amount

    def of(self, owner: Variable) -> p.Amount:
        """The reference value."""
        if self.owner.value != owner.id:
            what = f"{self.owner.value} defined inside a limit of {owner.id}"
            raise names.fault(self.owner, what, f"write {owner.id}")
        return self.amount.of(owner)


@dataclass(frozen=True, slots=True)
class _Multiple:
    """So many times a reference."""

    number: Token
    reference: p.Reference
    definition: _Definition | None

    def of(self, owner: Variable) -> p.Multiple:
        """The multiple of this variable's reference."""
        names.referable(self.number, self.reference, owner)
        defined = None if self.definition is None else self.definition.of(owner)
        return p.Multiple(Decimal(self.number.value), self.reference, defined)


class _Label(NamedTuple):
    """An assumption's or choice's diagnostic code and its name inside the criterion."""

    code: str
    label: str


class _Reading(NamedTuple):
    """One reading of a choice, by the token that names it."""

    name: Token
    predicate: p.Predicate


class _Anchor(NamedTuple):
    """What a window counts from."""

    name: str
    stated: bool


@v_args(inline=True)
class Builder(Transformer[Token, p.Predicate]):
    """Bottom up; every method takes the parts of its rule in their order."""

    def start(self, predicate: p.Predicate) -> p.Predicate:
        return predicate

    # Logic

    def conjunction(self, *items: p.Predicate) -> p.Predicate:
        return p.All(items)

    def disjunction(self, *items: p.Predicate) -> p.Predicate:
        return p.Any(items)

    def exception(self, base: p.Predicate, exception: p.Predicate) -> p.Predicate:
        return p.Except(base, exception)

    def conditional(self, condition: p.Predicate, then: p.Predicate, otherwise: p.Predicate) -> p.Predicate:
        return p.IfElse(condition, then, otherwise)

    def negation(self, item: p.Predicate) -> p.Predicate:
        return p.Not(item)

    def list(self, *items: p.Predicate) -> tuple[p.Predicate, ...]:
        return items

    def all_of(self, items: tuple[p.Predicate, ...]) -> p.Predicate:
        return p.All(items)

    def any_of(self, items: tuple[p.Predicate, ...]) -> p.Predicate:
        return p.Any(items)

    def at_least(self, number: Token, items: tuple[p.Predicate, ...]) -> p.Predicate:
        if not number.value.isdigit():
            raise names.fault(number, f"{number.value} is no whole number", "write how many of the list must hold")
        return p.AtLeast(int(number.value), items)

    def one_method(self, connective: p.Connective, items: tuple[p.Predicate, ...]) -> p.Predicate:
        return p.OneMethod(connective, items)

    def connective(self, token: Token) -> p.Connective:
        return p.Connective(token.value)

    def always(self) -> p.Predicate:
        return p.Always()

    # Comparisons

    def comparison(
        self, subject: _Measured, op: p.Op, limit: _Amount | _Multiple, window: p.Window | None = None
    ) -> p.Predicate:
        owner = names.variable(subject.name)
        method = subject.method and names.method_of(subject.method, owner)
        qualifiers = tuple(names.qualifier_of(token, owner) for token in subject.qualifiers)
        return p.Comparison(owner.id, op, limit.of(owner), method, qualifiers, window, subject.aggregate)

    def latest(self, measured: _Measured) -> _Measured:
        return measured

    def aggregated(self, aggregate: Token, measured: _Measured) -> _Measured:
        return _Measured(measured.name, measured.method, measured.qualifiers, aggregate.value)

    def measured(self, name: Token, method: Token | None, qualifiers: tuple[Token, ...]) -> _Measured:
        return _Measured(name, method, qualifiers)

    def aggregate(self, token: Token) -> Token:
        return token

    def qualifiers(self, *tokens: Token) -> tuple[Token, ...]:
        return tokens

    def comparator(self, token: Token) -> p.Op:
        return p.Op[token.type]

    def reference(self, token: Token) -> p.Reference:
        return p.Reference[token.type]

    def amount(self, number: Token, unit: Token | None = None) -> _Amount:
        return _Amount(number, unit)

    def multiple(self, number: Token, reference: p.Reference, definition: _Definition | None = None) -> _Multiple:
        return _Multiple(number, reference, definition)

    def definition(self, owner: Token, number: Token, unit: Token | None = None) -> _Definition:
        return _Definition(owner, _Amount(number, unit))

    def ordinal_set(self, name: Token, qualifiers: tuple[Token, ...], *parts: Token | p.Window) -> p.Predicate:
        owner = names.scale(name)
        checked = tuple(names.qualifier_of(token, owner) for token in qualifiers)
        values = tuple(Decimal(part.value) for part in parts if isinstance(part, Token))
        return p.OrdinalSet(owner.id, values, checked, _window(parts))

    def result(self, name: Token, value: Token, window: p.Window | None = None) -> p.Predicate:
        return p.Result(names.variable(name).id, value.value, window)

    def sex(self, value: Token) -> p.Predicate:
        return p.Sex(value.value)

    # Concepts and windows

    def presence(
        self, tense: p.Tense, term: p.Term, excluding: tuple[p.Term, ...], window: p.Window | None = None
    ) -> p.Predicate:
        return p.Presence(term, tense, window, excluding)

    def tense(self, token: Token) -> p.Tense:
        return p.Tense[token.type]

    def term(self, *tokens: Token) -> p.Term:
        return names.term(tokens)

    def excluding(self, *terms: p.Term) -> tuple[p.Term, ...]:
        return terms

    def window(self, relation: p.Relation, number: Token, unit: Token, anchor: _Anchor | None = None) -> p.Window:
        duration = p.Duration(Decimal(number.value), names.time_unit(unit))
        return p.Window(relation, duration, *(anchor or _Anchor("screening", stated=False)))

    def within(self) -> p.Relation:
        return p.Relation.WITHIN

    def at_least_ago(self) -> p.Relation:
        return p.Relation.AT_LEAST

    def more_than(self) -> p.Relation:
        return p.Relation.MORE_THAN

    def stated(self, word: Token) -> _Anchor:
        return _Anchor(word.value, stated=True)

    def unstated(self, word: Token) -> _Anchor:
        return _Anchor(word.value, stated=False)

    # People, and what is open

    def judgement(self, text: Token) -> p.Predicate:
        return p.Judgement(text.value)

    def advisory(self, text: Token) -> p.Predicate:
        return p.Advisory(text.value)

    def not_understood(self, text: Token) -> p.Predicate:
        return p.NotUnderstood(text.value)

    def assumption(self, label: _Label, reading: p.Predicate) -> p.Predicate:
        return p.Assumption(label.code, label.label, reading)

    def choice(self, label: _Label, *readings: _Reading) -> p.Predicate:
        names.distinct([reading.name for reading in readings])
        return p.Choice(label.code, label.label, tuple(p.Reading(name.value, item) for name, item in readings))

    def reading(self, name: Token, predicate: p.Predicate) -> _Reading:
        return _Reading(name, predicate)

    def label(self, token: Token) -> _Label:
        code, _, label = unquoted(token).value.partition(": ")
        return _Label(code, label or code)

    # Words

    def number(self, token: Token) -> Token:
        return token

    def unit(self, token: Token) -> Token:
        return unquoted(token)

    def word(self, token: Token) -> Token:
        return unquoted(token)

    def text(self, token: Token) -> Token:
        return unquoted(token)


def unquoted(token: Token) -> Token:
    """A quoted word without its quotes, keeping its place; anything else as it is."""
    if token.type != "STRING":
        return token
    try:
        return token.update(value=json.loads(token.value))
    except json.JSONDecodeError:
        raise names.fault(
            token, f"{token.value} is no quoted text", 'write \\" for a quote, \\\\ for a backslash'
        ) from None


def _window(parts: tuple[object, ...]) -> p.Window | None:
    return next((part for part in parts if isinstance(part, p.Window)), None)
