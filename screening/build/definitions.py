"""Parentheses that state no limit: a trial's own upper limit of normal, and permissions.

"(a level of 45 U/L is considered the upper limit of normal)", "(transfusion permitted)".
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from screening import units
from screening.build.context import Reader
from screening.parse.numbers import readings
from screening.parse.tokens import Token
from screening.predicates import Amount

_EQUATION = 4  # tokens within which an equation has its sign


def definitions(reader: Reader, tokens: list[Token]) -> dict[str, Amount]:
    """ "(a level of 45 U/L is considered the upper limit of normal)" defines the limit of the variable before it.

    The tokens of the definition are turned into fillers.
    """
    found: dict[str, Amount] = {}
    if not {"ULN", "UNIT", "VAR"} <= {token.type for token in tokens}:
        return found
    for first, last in _parentheses(tokens):
        inside = tokens[first + 1 : last]
        kinds = [token.type for token in inside]
        if "ULN" not in kinds or not {"UNIT"} & set(kinds) or {"LT", "LE", "GT", "GE", "TIMES", "IF"} & set(kinds):
            continue
        amount = next((at for at in range(len(inside) - 1) if kinds[at] == "NUM" and kinds[at + 1] == "UNIT"), None)
        subject = next((t for t in reversed(tokens[:first]) if t.type == "VAR"), None)
        if amount is None or subject is None or kinds.count("NUM") > 1:
            continue
        unit = units.ucum(inside[amount + 1].text, str(subject.value))
        number = _decimal(inside[amount].value)
        if unit is None or number is None:
            continue
        found[str(subject.value)] = Amount(number, unit)
        span = reader.span(tokens[first], tokens[last])
        reader.note("trial-defined-uln", f"the trial defines the upper limit of normal of {subject.value} itself", span)
        for token in tokens[first : last + 1]:
            token.type = "FILL"
    return found


def _decimal(text: str) -> Decimal | None:
    found = readings(text)
    return found[0] if found else None


def allowances(reader: Reader, tokens: list[Token]) -> None:
    """ "(transfusion permitted)" beside a limit asks for nothing; its words become fillers."""
    for first, last in _parentheses(tokens):
        if tokens[last - 1].type != "THEN":
            continue
        kinds = {token.type for token in tokens[first + 1 : last]}
        if kinds & {"LT", "LE", "GT", "GE", "NUM", "IF", "EXCEPT"}:
            continue
        reader.note(
            "permission", "this allows something and asks for nothing", reader.span(tokens[first], tokens[last])
        )
        for token in tokens[first : last + 1]:
            token.type = "FILL"


def equations(tokens: list[Token]) -> None:
    """ "(1 pack-year = 20 cigarettes a day for a year)" says what a unit is; its words become fillers."""
    for first, last in _parentheses(tokens):
        said = (tokens[at] for at in range(first + 1, last) if tokens[at].type not in ("FILL", "GLUE"))
        inside = list(islice(said, _EQUATION))
        if len(inside) < _EQUATION or inside[0].type != "NUM" or inside[0].value not in ("1", "one"):
            continue
        if any(token.type == "EQ" for token in inside[1:]):
            for token in tokens[first : last + 1]:
                token.type = "FILL"


def _parentheses(tokens: list[Token]) -> Iterator[tuple[int, int]]:
    stack: list[int] = []
    for at, token in enumerate(tokens):
        if token.type == "LPAR":
            stack.append(at)
        elif token.type == "RPAR" and stack:
            yield stack.pop(), at
