"""Limits by age and sex in a table that lost its lines, as children's trials give the largest creatinine.

"Age: 1 to < 2 years; maximum serum creatinine (mg/dL): male 0.6; female 0.6" and
"… Maximum Serum Creatinine (mg/dL) Male Female 1 to < 2 years 0.6 0.6 2 to < 6 years 0.8 0.8 …" become, row by row,
"if age 1 to < 2 years then serum creatinine: male ≤ 0.6 mg/dL, female ≤ 0.6 mg/dL". The added tokens take no room.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from screening.parse.tokens import Token
from screening.resources import table

_PEOPLE = frozenset((*table("groups")["people"]["words"], *table("groups")["people"]["ages"])) - {
    *table("groups")["people"]["grown"]
}
OF_SOME = frozenset(table("groups")["people"]["before"])
_VALUES = frozenset({"NUM", "UNIT", "ULN", "LLN", "LEVEL", "POSTGE", "POSTLE"})
_ROWS = 2  # of a table, at least
_SIGNS = {
    "NUM": "n",
    "TIME": "t",
    "LT": "c",
    "LE": "c",
    "GT": "c",
    "GE": "c",
    "TO": "-",
    "SEX": "s",
    "LPAR": "(",
    "RPAR": ")",
    "UNIT": "u",
    "DASH": "-",
    "IF": "i",
    "COLON": ":",
    "SEMI": ";",
    "COMMA": ";",
    "FILL": "f",
    "VAR": "V",
    "POSTGE": "p",
    "POSTLE": "p",
}
_RANGE = r"c?n(?:-c?n)?t"
_LINE = re.compile(
    rf"A:?(?P<range>{_RANGE});?f*m?f*(?P<name>V)(?:\((?P<unit>u)\))?:?f*"
    r"(?P<one>s)[;:]?(?P<low>n);(?P<two>s)[;:]?(?P<high>n)"
)
_HEAD = re.compile(r"A?m?(?P<name>V)(?:\((?P<unit>u)\))?[.f:]{0,4}(?P<one>s)[.f;]?(?P<two>s)")
_ROW_AGE = r"c?nt?(?:-c?n)?tp?"
_ROW = re.compile(rf"(?P<range>{_RANGE}|{_ROW_AGE})(?P<low>n)(?P<high>n)")
_AGE_BEHIND = re.compile(r"[Af]*(?:cn|c?nt?-c?n)t")  # "aged < 5 years", "6 to < 12 years"
_LONG = 8  # tokens of an age with the words before it
_DATING = frozenset({"BEFORE", "AFTER", "AGO"})
_YOUNG = frozenset(table("groups")["people"]["ages"]) - frozenset(table("groups")["people"]["grown"])
_AGE_FIRST = re.compile(
    rf"[Af:]*(?P<range>{_ROW_AGE})[:;,f-]*(?P<op>[mc]?)f*(?P<value>n)(?P<unit>u)(?:\([s.;f]+\)|[f.;])*$"
)
_AGE_LAST = re.compile(
    rf"f*(?P<op>[mc]?)f*(?P<value>n)(?P<unit>u)(?:f*\(|[;:f]+)[Aif.]*(?P<range>{_ROW_AGE})[Af]*\)?[.;f]*$"
)


def for_ages(tokens: list[Token]) -> list[Token]:
    """ "HbA1c ≤ 8 % for patients aged < 65 years", "weight < 1500 g for infants < 12 months": an age behind a limit of
    something else says whom that binds."""
    kept: list[Token] = []
    named = False
    for at, token in enumerate(tokens):
        named = named or (token.type in ("VAR", "SCALE") and token.value != "age")
        kept.append(token)
        if not (named and at and tokens[at - 1].type in _VALUES):
            continue
        whom = _some_people(tokens, at)
        if not whom or not _is_age(tokens, whom):
            continue
        token.type, token.senses = "IF", {}
        for one in tokens[at + 1 : whom]:
            one.type = "FILL"
        if all(one.type != "VAR" for one in tokens[whom : whom + _LONG]):  # "over 65 years of age"
            kept.append(Token("VAR", "age", token.end, token.end, ""))
    return kept


def _some_people(tokens: Sequence[Token], at: int) -> int:
    """Where the words end that name people of some age, "for infants", "in patients aged"; 0 where none are named."""
    words = tokens[at].text.lower().split()
    if not words or words[0] not in OF_SOME or "with" in words:
        return 0
    if len(words) > 1:
        return at + 1 if not _PEOPLE.isdisjoint(words) else 0
    behind = tokens[at + 1].text.lower().split() if at + 1 < len(tokens) else []
    return at + 2 if behind and behind[-1] in _PEOPLE else 0


def _is_age(tokens: Sequence[Token], at: int) -> bool:
    """Whether an age stands there, and no length of time that something has lasted or is past."""
    found = _AGE_BEHIND.match("".join(map(_sign, tokens[at : at + _LONG])))
    if found is None:
        return False
    unit = tokens[at + found.end() - 1]
    young = not _YOUNG.isdisjoint(tokens[at - 1].text.lower().split())
    behind = tokens[at + found.end()] if at + found.end() < len(tokens) else None
    dates = behind is not None and (behind.type in _DATING or not _DATING.isdisjoint(behind.senses))
    return not dates and (unit.value == "a" or (young and unit.value in ("mo", "d")))


def age_tables(tokens: list[Token]) -> list[Token]:
    """The tokens with each row of such a table as a condition and its limits."""
    signs = "".join(_sign(token) for token in tokens)
    if "s" not in signs or "t" not in signs or "V" not in signs:
        return tokens
    line = _LINE.search(signs)
    return _lines(tokens, signs) if line else _rows(tokens, signs)


def headed_row(tokens: list[Token], name: str) -> list[Token]:
    """A line below "Serum creatinine by age:", "1 to < 2 years: 0.6 mg/dL" or "≤ 0.4 mg/dL (≤ 5 months)", as a
    condition and its limits of the variable *name*; the tokens themselves where it is no such line."""
    signs = "".join(_sign(token) for token in tokens)
    found = _AGE_FIRST.match(signs) or _AGE_LAST.match(signs)
    if found is None:
        return tokens
    begin, end = found.span("range")
    place = tokens[0].start
    out = [_made("IF", place, "if"), _made("VAR", place, "age"), *tokens[begin:end], _made("THEN", place)]
    out += [_made("VAR", place, name), *_one_limit(tokens, found)]
    return out if found.end() == len(tokens) else [*out, *tokens[found.end() :]]


def inline_rows(tokens: list[Token]) -> list[Token]:
    """ "Serum creatinine based on age as follows: < 6 years 0.8 mg/dL; ≥ 6 years 1 mg/dL": each row as a condition and
    its limit, where all of the sentence are rows."""
    colon = next((at for at, token in enumerate(tokens) if token.type == "COLON"), 0)
    said = [str(token.value) for token in tokens[:colon] if token.type == "VAR"]
    named = [name for name in said if name != "age"]
    if len(named) != 1 or len(said) == len(named):
        return tokens
    rows = list(_segments(tokens[colon + 1 :]))
    found = [headed_row(row, named[0]) for row in rows]
    if len(rows) < _ROWS or any(one is row for one, row in zip(found, rows, strict=True)):
        return tokens
    for token in tokens[: colon + 1]:
        token.type = "GLUE"
    place = tokens[colon].end
    ended = [token for row in found for token in (*row, _made("SEMI", row[-1].end))]
    return [*tokens[: colon + 1], _made("SEMI", place), *ended]


def _segments(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The parts of a sentence between its semicolons and commas."""
    row: list[Token] = []
    for token in tokens:
        if token.type in ("SEMI", "COMMA"):
            yield row
            row = []
        else:
            row.append(token)
    if row:
        yield row


def _one_limit(tokens: Sequence[Token], found: re.Match[str]) -> Iterator[Token]:
    if found.group("op") in (None, "m", ""):
        place = tokens[found.start("value")].start
        yield _made("LE", place, "≤")
    else:
        yield tokens[found.start("op")]
    yield from tokens[found.start("value") : found.end("unit")]


def _sign(token: Token) -> str:
    if token.type == "VAR" and token.value == "age":
        return "A"
    return "m" if token.text.lower().startswith("max") else _SIGNS.get(token.type, ".")


def _lines(tokens: list[Token], signs: str) -> list[Token]:
    out, at = [], 0
    for found in _LINE.finditer(signs):
        out += tokens[at : found.start()]
        out += _row(tokens, found, found)
        at = found.end()
    return out + tokens[at:]


def _rows(tokens: list[Token], signs: str) -> list[Token]:
    head = _HEAD.search(signs)
    rows = list(_following(signs, head.end())) if head else []
    if head is None or not rows:
        return tokens
    or_else = _alternative(tokens, head.start())
    place = tokens[head.end() - 1].end
    out = [*tokens[: head.end()], _made("LPAR" if or_else else "SEMI", place)]
    for found in rows:
        out += _row(tokens, head, found)
    for token in tokens[head.start() : head.end()]:
        token.type = "GLUE"  # the head of the table is said again with each row
    closing = [_made("RPAR", tokens[rows[-1].end() - 1].end)] if or_else else []
    return out + closing + tokens[rows[-1].end() :]


def _alternative(tokens: list[Token], head: int) -> bool:
    """ "CrCl ≥ 70 OR a creatinine by age as follows: …": whether the table is another way; the words are spent."""
    before = next((at for at in range(head - 1, -1, -1) if tokens[at].type == "OR"), None)
    if before is None or any(token.type in ("SEMI", "DOT") for token in tokens[before:head]):
        return False
    for token in tokens[before + 1 : head]:
        token.type = "GLUE"
    return True


def _following(signs: str, at: int) -> Iterator[re.Match[str]]:
    while found := _ROW.match(signs, at):
        yield found
        at = found.end()


def _row(tokens: Sequence[Token], head: re.Match[str], row: re.Match[str]) -> Iterator[Token]:
    """One row: the condition on age, then the limit of each sex, and the end of its clause."""
    begin, end = row.span("range")
    place = tokens[row.start()].start
    yield _made("IF", place, "if")
    yield _made("VAR", place, "age")
    yield from tokens[begin:end]
    after = tokens[end - 1].end
    yield _made("THEN", after)
    yield _made("VAR", after, tokens[head.start("name")].value)
    yield from _limit(tokens, head, row, "one", "low")
    yield _made("COMMA", tokens[row.start("low")].end)
    yield from _limit(tokens, head, row, "two", "high")
    yield _made("SEMI", tokens[row.start("high")].end)


def _limit(tokens: Sequence[Token], head: re.Match[str], row: re.Match[str], sex: str, value: str) -> Iterator[Token]:
    number, named = tokens[row.start(value)], tokens[head.start(sex)]
    yield Token("SEX", named.senses.get("SEX", named.value), number.start, number.start, named.text)
    yield _made("LE", number.start, "≤")
    yield number
    if head.group("unit"):
        unit = tokens[head.start("unit")]
        yield Token("UNIT", unit.value, number.end, number.end, unit.text)


def _made(kind: str, place: int, value: str = "") -> Token:
    return Token(kind, value, place, place, value)
