"""Parentheses that state no limit: a trial's own upper limit of normal, and permissions.

"(a level of 45 U/L is considered the upper limit of normal)", "(transfusion permitted)".
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from screening import units
from screening.build.common.context import Reader
from screening.parse.numbers import readings
from screening.parse.tokens import Token
from screening.predicates import Amount
from screening.resources import table

_PERMITTED = frozenset(table("groups")["demands"]["permitted"])
_COUNTING = frozenset(table("groups")["demands"]["counting"])
_LIMITS = frozenset({"LT", "LE", "GT", "GE", "NUM", "LEVEL", "IF", "EXCEPT"})
_TIERS = frozenset({"ULN", "LLN", "IF", "EXCEPT"})  # a limit for some, not an exception
_PARTING = frozenset({"COMMA", "SEMI", "DOT", "COLON", "AND"})
_NAMING = frozenset({"CONCEPT", "WORD"})
_LIMITED = frozenset({"VAR", "SCALE"})
_TAIL = 6  # tokens behind "is allowed" ("… to achieve this")
_EQUATION = 4  # tokens within which an equation has its sign
_PEOPLE = frozenset(table("groups")["people"]["words"])


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
        if number is None or unit not in units.accepted(str(subject.value)):
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
    """ "(transfusion permitted)" beside a limit asks for nothing; its words become fillers.

    Beside what is forbidden, "radiotherapy within 2 weeks (palliative radiotherapy is allowed)", it is an exception.
    """
    for first, last in reversed(list(_parentheses(tokens))):  # what is put in moves none of those before it
        allowed = _allowed_at(tokens, first, last)
        if allowed is None:
            if reader.excluding:
                _excepts_if(tokens, first, last)
            continue
        kinds = {token.type for token in tokens[first + 1 : last]}
        if _softens(reader, tokens, first, last):
            tokens[first + 1].type = "GLUE" if tokens[first + 1].type == "IF" else tokens[first + 1].type
            tokens[first + 1 : first + 1] = [Token("EXCEPT", "", tokens[first].end, tokens[first].end, "")]
            for token in tokens[allowed + 1 : last + 1]:
                token.type = "FILL"
        elif not kinds & _LIMITS:
            span = reader.span(tokens[first], tokens[last])
            reader.note("permission", "this allows something and asks for nothing", span)
            for token in tokens[first : last + 1]:
                token.type = "FILL"


def _excepts_if(tokens: list[Token], first: int, last: int) -> None:
    """ "CNS lymphoma (treated disease is allowed if in remission)": an exception, where the condition holds as well."""
    inner = next((at for at in range(first + 1, last) if tokens[at].type == "LPAR"), last)
    for at in range(first + 1, inner - 1):
        permits = tokens[at].type == "THEN" and not _PERMITTED.isdisjoint(tokens[at].text.lower().split())
        if not permits or tokens[at + 1].type != "IF" or any(map(_denies, tokens[first + 1 : at])):
            continue
        if all(token.type not in _LIMITED for token in tokens[_part_begin(tokens, first) : first]):
            tokens[at].type = tokens[at + 1].type = "FILL"
            tokens[first + 1 : first + 1] = [Token("EXCEPT", "", tokens[first].end, tokens[first].end, "")]
        return


def _softens(reader: Reader, tokens: list[Token], first: int, last: int) -> bool:
    """Whether what a parenthesis allows is an exception to what stands before it, which forbids something.

    A limit is softened only by what speaks of the same quantity: who also takes inhaled steroids may not take more
    prednisone.
    """
    inside = tokens[first + 1 : last]
    kinds = {token.type for token in inside[1:] if token.type != "IF" or token is not inside[0]}
    part = tokens[_part_begin(tokens, first) : first]
    sorts = any(token.type == "MOD" and not _denies(token) for token in inside)  # "(topical or inhaled allowed)"
    of_sorts = sorts and any(token.type == "CONCEPT" for token in part)
    if not (of_sorts or _NAMING & {token.type for token in inside}) or kinds & _TIERS:
        return False
    limited = {str(token.value) for token in part if token.type in ("VAR", "SCALE")}
    if limited and limited.isdisjoint(str(token.value) for token in inside if token.type in ("VAR", "SCALE")):
        return False
    return reader.excluding or any(_denies(token) for token in part)


def _part_begin(tokens: list[Token], first: int) -> int:
    """Where the item of a list begins that a parenthesis stands behind."""
    return next((at + 1 for at in range(first - 1, -1, -1) if tokens[at].type in _PARTING), 0)


def _allowed_at(tokens: list[Token], first: int, last: int) -> int | None:
    """Where the words stand by which a parenthesis allows something; None where it demands, or only some may."""
    for at in range(max(first + 1, last - _TAIL), last):
        if at > first + 2 and tokens[at].text.lower() in _COUNTING and _denies(tokens[at - 1]):
            return at - 2  # "(physiological replacement is not considered systemic)"
        if tokens[at].type == "THEN" and _PERMITTED.intersection(tokens[at].text.lower().split()):
            denied = at > first + 1 and _denies(tokens[at - 1])
            ends = all(token.type not in ("IF", "EXCEPT") for token in tokens[at:last])
            return at if ends and not denied else None
    return None


def _denies(token: Token) -> bool:
    return token.type == "NOT" or token.denies


def asides(reader: Reader, tokens: list[Token]) -> None:
    """Takes out the parentheses that ask for nothing: shares of those enrolled, what is allowed, what a unit is."""
    _quotas(reader, tokens)
    allowances(reader, tokens)
    equations(tokens)


def _quotas(reader: Reader, tokens: list[Token]) -> None:
    """ "(limited to 25 % of participants)" counts those who are enrolled, and asks nothing of any; its words become
    fillers."""
    shares = [at for at in range(len(tokens) - 2) if _is_share(tokens, at)]
    if not shares:
        return
    for first, last in _parentheses(tokens):
        if any(first < at < last for at in shares):
            reader.note(
                "remark",
                "a share of those enrolled asks nothing of any of them",
                reader.span(tokens[first], tokens[last]),
            )
            for token in tokens[first : last + 1]:
                token.type = "FILL"


def _is_share(tokens: list[Token], at: int) -> bool:
    """Whether a percentage stands here, and whom it is of right behind it."""
    if tokens[at].type != "NUM" or tokens[at + 1].text != "%" or tokens[at + 2].text.lower() != "of":
        return False
    whom = (token for token in islice(tokens, at + 3, None) if token.type not in ("FILL", "MOD"))
    return bool(_PEOPLE.intersection(next((token.text.lower() for token in whom), "").split()))


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
