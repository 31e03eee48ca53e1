"""From predicate to rule text: one spelling each, so that equal predicates read the same in every file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal

from screening import predicates as p
from screening.language.grammar import TIME_WORDS, keywords
from screening.language.layout import Break, Doc, flat, group, indent, render

WIDTH = 96

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_UNIT = re.compile(
    r"([A-Za-z0-9%/]|\[[A-Za-z0-9_'.,%-]+\]|\{[^{}\s\"]*\})"
    r"(/\([A-Za-z0-9.*]+\)|[A-Za-z0-9*^.%'/_+-]|\[[A-Za-z0-9_'.,%-]+\]|\{[^{}\s\"]*\})*"
)
_HIDDEN = re.compile("[\x7f-\xa0\u2028\u2029\ufeff]")
_RELATIONS = {p.Relation.WITHIN: "within", p.Relation.AT_LEAST: "at least", p.Relation.MORE_THAN: "more than"}


def print_predicate(predicate: p.Predicate) -> str:
    """The rule text of *predicate*; long ones go over several lines.

    >>> print_predicate(p.Comparison("alt", p.Op.LE, p.Multiple(Decimal("2.5"), p.Reference.ULN)))
    'alt <= 2.5 ULN'
    """
    return render(_doc(predicate), WIDTH)


def print_flat(predicate: p.Predicate) -> str:
    """The rule text on one line, whatever its length: the canonical form."""
    return flat(_doc(predicate))


def quoted(text: str) -> str:
    r"""A text in quotes on one line, every character readable or escaped.

    >>> print(quoted('so-called "stable"'))
    "so-called \"stable\""
    """
    plain = json.dumps(text, ensure_ascii=False)
    return _HIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", plain)


def _doc(node: p.Predicate) -> Doc:
    match node:
        case p.All(items):
            return _joined("and", "all of", items)
        case p.Any(items):
            return _joined("or", "any of", items)
        case p.Except(base, exception):
            return group(_operand(base), Break(), "except ", indent(_operand(exception)))
        case p.IfElse():
            return _conditional(node)
        case p.Not(item):
            return group("not ", _operand(item))
        case p.AtLeast(count, items):
            return _list(f"at least {count} of", items)
        case p.OneMethod(connective, items):
            return _list(f"one method {connective} of", items)
        case p.Assumption():
            return group("assume ", _label(node), ":", indent(Break(), _doc(node.reading)))
        case p.Choice():
            return _choice(node)
        case _:
            return _atom(node)


def _atom(node: p.Atom) -> Doc:
    match node:
        case p.Comparison():
            return _comparison(node)
        case p.OrdinalSet():
            return _ordinal_set(node)
        case p.Result(variable, value, window):
            return f"{_word(variable)} is {_word(value)}{_window(window)}"
        case p.Sex(value):
            return f"sex is {_word(value)}"
        case p.Presence():
            return _presence(node)
        case p.Always():
            return "always"
        case p.Judgement(text):
            return f"judgement {quoted(text)}"
        case p.Advisory(text):
            return f"advisory {quoted(text)}"
        case p.NotUnderstood(text):
            return f"not understood {quoted(text)}"


# Logic


def _operand(node: p.Predicate) -> Doc:
    """A part of a larger predicate: in parentheses where it would not stand as one."""
    if not _open(node):
        return _doc(node)
    return group("(", indent(Break(""), _doc(node)), Break(""), ")")


def _open(node: p.Predicate) -> bool:
    match node:
        case p.All(items) | p.Any(items):
            return len(items) > 1
        case _:
            return isinstance(node, p.Except | p.IfElse | p.Assumption)


def _joined(word: str, function: str, items: tuple[p.Predicate, ...]) -> Doc:
    if not items[1:]:
        return _list(function, items)
    first, *others = (_operand(item) for item in items)
    return group(first, *(part for other in others for part in (Break(), f"{word} ", other)))


def _list(head: str, items: tuple[p.Predicate, ...]) -> Doc:
    return group(f"{head} (", indent(Break(""), *_separated(map(_doc, items), ",")), Break(""), ")")


def _separated(docs: Iterable[Doc], mark: str) -> list[Doc]:
    parts = [part for doc in docs for part in (doc, mark, Break())]
    return parts[:-2]


def _conditional(node: p.IfElse) -> Doc:
    otherwise = _doc(node.otherwise)
    branches = (("if", _closed(node.condition)), ("then", _closed(node.then)), ("else", otherwise))
    parts = [part for word, branch in branches for part in (f"{word} ", indent(branch), Break())]
    return group(*parts[:-1])


def _closed(node: p.Predicate) -> Doc:
    """A part that another keyword follows: in parentheses where it would run on to the reader's eye."""
    return _operand(node) if isinstance(node, p.IfElse | p.Assumption) else _doc(node)


def _choice(node: p.Choice) -> Doc:
    if not node.readings:
        return f"choose {_label(node)} {{}}"
    readings = (group(f"{_reading_name(reading.name)}: ", indent(_doc(reading.predicate))) for reading in node.readings)
    return group(f"choose {_label(node)} {{", indent(Break(), *_separated(readings, ";")), Break(), "}")


def _reading_name(name: str) -> str:
    """A reading may be named by the connective it takes."""
    return name if name in set(p.Connective) else _word(name)


def _label(node: p.Assumption | p.Choice) -> str:
    return quoted(title(node.code, node.label))


def title(code: str, label: str) -> str:
    """What names an assumption or choice in the rule and on its check boxes. No code holds a colon and a blank.

    >>> title("missing-unit", "anc"), title("garbled-text", "garbled-text")
    ('missing-unit: anc', 'garbled-text')
    """
    return code if label in ("", code) else f"{code}: {label}"


# Comparisons


def _comparison(node: p.Comparison) -> Doc:
    method = f"[{_word(node.method)}]" if node.method is not None else ""
    measured = f"{_word(node.variable)}{method}{_qualifiers(node.qualifiers)}"
    subject = f"{node.aggregate}({measured})" if node.aggregate else measured
    return f"{subject} {node.op} {_limit(node.variable, node.limit)}{_window(node.window)}"


def _ordinal_set(node: p.OrdinalSet) -> Doc:
    values = ", ".join(map(number, node.values))
    return f"{_word(node.variable)}{_qualifiers(node.qualifiers)} in {{{values}}}{_window(node.window)}"


def _qualifiers(qualifiers: tuple[str, ...]) -> str:
    return f"{{{', '.join(map(_word, qualifiers))}}}" if qualifiers else ""


def _limit(variable: str, limit: p.Limit) -> str:
    if isinstance(limit, p.Amount):
        return _amount(limit)
    defined = f"[{_word(variable)} = {_amount(limit.defined)}]" if limit.defined else ""
    return f"{number(limit.factor)} {limit.of}{defined}"


def _amount(amount: p.Amount) -> str:
    if amount.unit is None:
        return number(amount.value)
    return f"{number(amount.value)} {_unit(amount.unit, amount.value)}"


def _unit(unit: str, value: Decimal) -> str:
    if word := TIME_WORDS.get(unit):
        return word if value == 1 else f"{word}s"
    return unit if _UNIT.fullmatch(unit) and unit not in keywords() else quoted(unit)


def number(value: Decimal) -> str:
    """A decimal as digits, never with an exponent.

    >>> number(Decimal("1.5E+3"))
    '1500'
    """
    return format(value, "f")


# Concepts, windows, words


def _presence(node: p.Presence) -> Doc:
    excluding = _separated(map(_term, node.excluding), ",")
    tail = (Break(), "excluding ", indent(*excluding)) if excluding else ()
    return group(f"{node.tense}(", indent(Break(""), _term(node.term), *tail), Break(""), f"){_window(node.window)}")


def _term(term: p.Term) -> str:
    return " ".join(map(_word, (*term.qualifiers, term.concept)))


def _window(window: p.Window | None) -> str:
    if window is None:
        return ""
    duration = f"{number(window.duration.value)} {_unit(window.duration.unit, window.duration.value)}"
    return f" {_RELATIONS[window.relation]} {duration}{_anchor(window)}"


def _anchor(window: p.Window) -> str:
    if window.stated:
        return f" before {_word(window.anchor)}"
    return "" if window.anchor == "screening" else f" before [{_word(window.anchor)}]"


def _word(word: str) -> str:
    return word if _NAME.fullmatch(word) and word not in keywords() else quoted(word)
