"""Weeks of pregnancy as obstetric texts write them: "37 weeks 6 days", "24+0", "36 6/7", "before 32 weeks".

Each pass takes the tokens and gives the tokens, as in joining.py. Weeks with days are read as days, which is exact.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from screening.parse.tokens import COMPARING, Token
from screening.resources import table

_DAYS = "0123456"
_LENGTHS = frozenset({"d", "wk"})
_SIGNS = frozenset({"'", "7", "+"})
_LOST_SPACE = re.compile(r"(?:2\d|3\d|4[0-4])[0-6]")
_STRICT = frozenset({"LT", "GT"})
_RANGE = frozenset({"TO", "AND", "DASH"})
_HAPPENINGS = frozenset(table("reading")["happenings"]["words"])
_SIDES: dict[str, str] = table("reading")["weeks"]["sides"]
_LATER = frozenset(table("reading")["happenings"]["coming"])
_UNTIL = frozenset(table("reading")["happenings"]["until"])
COMING = _LATER | _UNTIL
_AGE = "gestational_age"
_NEAR = 8  # tokens from the name to the days of its first number
_GESTATION = frozenset(table("measures")["implied_by_unit"]["gestational_age"])


def weeks_and_days(tokens: list[Token]) -> list[Token]:
    """ "37 weeks 6 days", "36 6/7 weeks", "24+0 to 33+6 weeks": one number of days each, of weeks where none has a
    day."""
    if _LENGTHS.isdisjoint([token.value for token in tokens]) and _SIGNS.isdisjoint([token.text for token in tokens]):
        return tokens
    kept: list[Token] = []
    for token in _told_again(_with_unit(tokens)):
        kept.append(token)
        if token.text == "'" and len(kept) > 1 and kept[-2].type == "TIME":
            token.type = "FILL"  # "32 weeks' gestational age"
        elif token.text == "7" and len(kept) > 3:
            _sevenths(kept)
        elif token.type == "TIME" and token.value in ("d", "wk") and len(kept) > 1:
            _written_out(kept) if token.value == "d" else _added(kept, len(kept) - 1)
            _exactly(kept)
    return kept


def _with_unit(tokens: list[Token]) -> list[Token]:
    """ "gestational age 22+0-27+6": weeks and days behind the name need no word for either."""
    named = next((at for at, token in enumerate(tokens) if token.value == _AGE), None)
    if named is None or any(token.type == "TIME" for token in tokens[named:]):
        return tokens
    ends = [at for at in range(named + 3, len(tokens)) if _is_sum(tokens[at - 2 : at + 1])]
    if not ends or ends[0] > named + _NEAR:
        return tokens
    last = ends[-1] if len(ends) > 1 and tokens[ends[0] + 1].type in _RANGE and ends[1] == ends[0] + 4 else ends[0]
    place = tokens[last].end
    return [*tokens[: last + 1], Token("TIME", "wk", place, place, "weeks"), *tokens[last + 1 :]]


def _is_sum(tokens: Sequence[Token]) -> bool:
    """Whether these are "24 + 0"."""
    weeks, plus, days = tokens
    return (weeks.type, plus.text, days.type) == ("NUM", "+", "NUM") and days.value in _DAYS


def still_to_come(tokens: list[Token]) -> list[Token]:
    """ "expected discharge before 36 weeks' gestation", "fed until gestational week 34+0": the weeks of what is
    still to come are no limit of today."""
    for at, token in enumerate(tokens):
        if _is_coming(token, tokens[at + 1 : at + 4]):
            for one in tokens[at + 1 : at + 7]:
                if one.type in ("COMMA", "SEMI", "DOT", "AND", "OR"):
                    break
                one.leave()
    return tokens


def _is_coming(token: Token, behind: Sequence[Token]) -> bool:
    word = token.text.lower()
    if word in _UNTIL:
        return bool(behind) and behind[0].value == _AGE
    kinds = [one.type for one in behind[1:]]
    return word in _LATER and kinds == ["NUM", "TIME"] and behind[-1].value == "wk"


def _told_again(tokens: list[Token]) -> list[Token]:
    """ "37 weeks (36+6)" without the parenthesis; "36 weeks (36+6)" and "34 weeks and 0/7 days" as "36+6 weeks"."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        kept.append(tokens[at])
        at += 1
        if tokens[at - 1].value != "wk" or len(kept) < 2 or kept[-2].type != "NUM":
            continue
        length, weeks, days = _days_behind(tokens[at : at + 6], kept[-2])
        if not length:
            continue
        unit = kept[-1]
        kept[-1] = Token("TIME", "wk", unit.start, tokens[at + length - 1].end, unit.text, unit.senses)
        exact = weeks.value == kept[-2].value and (days.value != "0" or weeks is kept[-2])
        if exact and (len(kept) < 3 or kept[-3].type not in _STRICT):
            plus = Token("POSTGE", "+", days.start, days.start, "+")
            kept[-1:] = [plus, days, kept[-1]]
        at += length
    return kept


def _days_behind(tokens: Sequence[Token], weeks: Token) -> tuple[int, Token, Token]:
    """How many tokens behind "37 weeks" tell its days, and the number of weeks and days there: 0 where none do."""
    said = [token.text for token in tokens]
    if said[:1] == ["("] and said[2:3] == ["+"] and said[4:5] == [")"] and said[3] in _DAYS:
        within = said[1].isdigit() and weeks.value.isdigit() and 0 <= int(weeks.value) - int(said[1]) <= 1
        return (5 if within else 0), tokens[1], tokens[3]
    joined = int(said[:1] in (["and"], ["+"]))
    last = tokens[joined + 3 : joined + 4]
    if said[joined + 1 : joined + 3] == ["/", "7"] and said[joined] in _DAYS and last and last[0].value == "d":
        return joined + 4, weeks, tokens[joined]
    return 0, weeks, weeks


def _written_out(kept: list[Token]) -> None:
    """ "37 weeks 6 days", "37 weeks + 6 days", "37 weeks and 6 days"."""
    joined = len(kept) > 4 and (kept[-3].text == "+" or kept[-3].type == "AND")
    told = [*kept[-5:-3], *kept[-2:]] if joined else kept[-4:]
    if len(told) < 4:
        return
    weeks, unit, days, last = told
    if (weeks.type, unit.type, unit.value, days.type) == ("NUM", "TIME", "wk", "NUM") and days.value in _DAYS:
        whole = Token("TIME", "wk", unit.start, last.end, unit.text, unit.senses)
        kept[-5 if joined else -4 :] = [_together(weeks, days, unit.start), whole]


def _added(kept: list[Token], end: int) -> None:
    """ "24 + 0", the three tokens before *end*."""
    if end < 3:
        return
    weeks, plus, days = kept[end - 3 : end]
    if (weeks.type, plus.text, days.type) == ("NUM", "+", "NUM") and days.value in _DAYS:
        kept[end - 3 : end] = [_together(weeks, days, days.end)]


def _sevenths(kept: list[Token]) -> None:
    """ "36 6/7", "36+6/7", "366/7" without its space."""
    if len(kept) > 4 and kept[-4].text == "+" and kept[-5].type == "NUM":
        del kept[-4]
    weeks, days, slash, _ = kept[-4:]
    if days.type == "NUM" and slash.type == "SLASH" and _LOST_SPACE.fullmatch(days.value):
        whole, part = days.value[:2], days.value[2]
        senses = {**days.senses, "DAYS": int(part), "REPAIRED": f"{whole} {part}/7"}
        kept[-3:] = [Token("NUM", whole, days.start, kept[-1].end, f"{days.text}/7", senses)]
    elif (weeks.type, days.type, slash.type) == ("NUM", "NUM", "SLASH") and days.value in _DAYS:
        kept[-4:] = [_together(weeks, days, kept[-1].end)]


def _together(weeks: Token, days: Token, end: int) -> Token:
    if not weeks.value.isdigit():
        return weeks
    return Token("NUM", weeks.value, weeks.start, end, weeks.text, {**weeks.senses, "DAYS": int(days.value)})


def _exactly(kept: list[Token]) -> None:
    """The number before the unit, and that of the other end of its range, in days where one of them names days."""
    unit, other = kept[-1], _other_end(kept)
    if other is not None:
        _added(kept, other + 1)
        other = _other_end(kept)
    ends = [kept[-2], *([kept[other]] if other is not None else [])]
    if any("ADDED" in end.senses for end in ends):
        return  # done before: the unit was said twice
    if not any(end.senses.get("DAYS") for end in ends) or not all(end.value.isdigit() for end in ends):
        return
    for end in ends:
        end.value = str(int(end.value) * 7 + end.senses.get("DAYS", 0))
        end.senses = {**end.senses, "ADDED": True}
    words = unit.text.split(maxsplit=1)
    kept[-1] = Token("TIME", "d", unit.start, unit.end, " ".join(["days", *words[1:]]), unit.senses)


def _other_end(kept: list[Token]) -> int | None:
    """Where the first number of a range stands whose unit comes last: "24 to 33 weeks", "≥ 24 and ≤ 33 weeks"."""
    at = len(kept) - 3
    if at > 1 and kept[at].type in COMPARING:
        at -= 1
    return at - 1 if at > 0 and kept[at].type in _RANGE and kept[at - 1].type == "NUM" else None


def before_weeks(tokens: list[Token]) -> list[Token]:
    """ "born before 32 weeks of gestation", "after 20 weeks of pregnancy": a limit, no date.

    "a birth after 20 weeks of gestation" was one of another pregnancy.
    """
    for at, (side, number, unit) in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False)):
        happened = at > 0 and tokens[at - 1].text.lower() in _HAPPENINGS and side.text.lower() == "after"
        before = side.text.lower().removesuffix(" the")
        if number.type == "NUM" and unit.type == "TIME" and before in _SIDES and not happened:
            said = unit.text.lower().split()
            side.type = side.type if _GESTATION.isdisjoint(said) else _SIDES[before]
    return tokens
