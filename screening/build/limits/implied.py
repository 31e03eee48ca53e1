"""Which variable a bare bound is about, where the text does not name one: an age, a duration of pregnancy.

"men and women, 18 to 70 years", "at least 18 years old", "before 20 weeks of gestation", "patients < 18".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from screening import variables
from screening.build.common.groups import names_cohort
from screening.parse.tokens import Token
from screening.parse.trees.tree import Bound, Island, Shape, Span2
from screening.resources import table

_PEOPLE = frozenset({"FILL", "GLUE", "SEX", "COMMA", "DASH", "COLON", "EITHER", "BULLET", "OR", "AND", "LPAR"})
_JOINS = frozenset({"FILL", "GLUE", "SEX", "COMMA", "DASH", "COLON", "OR", "AND", "LPAR", "RPAR", "IF"})
_YEAR = re.compile(r"(?:19|20)\d\d")
_CANNOT = tuple(table("reading")["small"]["unable"])
_TERM = (4, 45)  # weeks of a pregnancy
_DATING = frozenset({"BEFORE", "AFTER", "AGO", "ANCHOR", "WORD", "CONCEPT", "GLUE"})
_STEPS, _DIFFERENCES, _CHANGING = (
    frozenset(table("reading")["changing"][kind]) for kind in ("steps", "differences", "words")
)
_AT_OR_AFTER = frozenset(table("reading")["dating"]["comparing"])
_FAR = 10  # tokens between what is said to change and its limit
_BEYOND = frozenset(table("reading")["changing"]["beyond"])
_STEPPING = frozenset(table("reading")["changing"]["stepping"])
_STEP = 2  # tokens: "above baseline"
_MULTIPLES = frozenset({"times", "fold"})
_WORDS = re.compile(r"[^\W\d_]+")


def unit_of(item: Bound | Span2) -> Token | None:
    """The unit token of a bound, or of either end of a range."""
    return item.value.unit if isinstance(item, Bound) else item.high.value.unit or item.low.value.unit


def is_duration(shape: Shape) -> bool:
    """Whether a bare shape is a length of time."""
    return shape.kind == "bare" and all(
        (unit := unit_of(item)) is not None and unit.type == "TIME" for item in shape.bounds.items
    )


def said_by_unit(tokens: Sequence[Token], island: Island) -> str | None:
    """The variable that the words of the unit imply ("years old", "weeks of gestation")."""
    for token in tokens[island.first : island.last]:
        if token.type == "TIME" and (found := _implied(token.text)):
            return found
        if token.type == "UNIT" and (counted := table("measures")["counted_by"].get(token.value)):
            other = _of_another(tokens, island, counted) or _of_anything(tokens, island, token, counted)
            return None if other or _unable(tokens, island) else str(counted)
        if token.type == "NUM" and "DAYS" in token.senses:
            return "gestational_age"  # only weeks of pregnancy are written as "23 0/7" or "36+6"
    behind = tokens[island.last : island.last + 3]
    words = [token for token in behind if token.type != "FILL" and token.text.lower() != "of"][:1]
    return (
        _implied(words[0].text) if words and words[0].type in ("WORD", "GLUE") and is_duration(island.shape) else None
    )


def _of_another(tokens: Sequence[Token], island: Island, counted: str) -> bool:
    """ "RBC transfusion > 1 unit/week": units are counted of other things too."""
    return _is_near(tokens, island, table("measures")["units_of_others"].get(counted, ()))


def _of_anything(tokens: Sequence[Token], island: Island, unit: Token, counted: str) -> bool:
    """ "epoetin ≥ 22,500 units/week": units without a word of what they are of."""
    known = table("measures")["units_of_many"]
    said = unit.text.lower().replace("/", " ").split()
    if counted not in known or said[0] not in known["written"] or not set(known[counted]).isdisjoint(said):
        return False
    return not _is_near(tokens, island, known[counted])


def _is_near(tokens: Sequence[Token], island: Island, words: Collection[str]) -> bool:
    near = [*tokens[max(0, island.first - _FAR) : island.first], *tokens[island.last : island.last + 4]]
    return any(word in words for token in near for word in token.text.lower().split())


def implies_several(shape: Shape) -> bool:
    """ "< 30 weeks' gestation and less than 14 days old": limits of two quantities that their units tell."""
    units = [unit.text for item in shape.bounds.items if (unit := unit_of(item)) is not None and unit.type == "TIME"]
    return len(units) > 1 and len({found for text in units if (found := _implied(text))}) > 1


def _unable(tokens: Sequence[Token], island: Island) -> bool:
    """ "inability to perform 4 METs": what cannot be reached is no limit as written."""
    before = tokens[max(0, island.first - _FAR) : island.first]
    return any(token.type == "JUDGE" and token.text.lower().startswith(_CANNOT) for token in before)


def of_pregnancy(tokens: Sequence[Token], island: Island) -> str | None:
    """ "singleton pregnancy at 37-41 weeks", "at term (≥ 37 weeks)", "born < 32 weeks": weeks beside a pregnancy that
    nothing dates are its own."""
    items = island.shape.bounds.items
    units = [unit.value if (unit := unit_of(item)) is not None else None for item in items]
    if (
        island.shape.kind != "bare"
        or set(units) != {"wk"}
        or not all(_compared_between(item, *_TERM) for item in items)
    ):
        return None
    behind = next((token for token in tokens[island.last :] if token.type != "FILL"), None)
    if behind is not None and (behind.type in _DATING or "BEFORE" in behind.senses or "AFTER" in behind.senses):
        return None
    before = [token.text.lower() for token in tokens[max(0, island.first - _FAR) : island.first]]
    known = table("reading")["pregnancies"]
    words = {word for text in before for word in _WORDS.findall(text)}
    return "gestational_age" if words & set(known["words"]) and not words & set(known["others"]) else None


def _implied(text: str) -> str | None:
    words = set(_WORDS.findall(text.lower()))
    return next((variable for variable, known in _unit_words() if words & known), None)


@cache
def _unit_words() -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((variable, frozenset(words)) for variable, words in table("measures")["implied_by_unit"].items())


def says_age(shape: Shape, first: Token) -> bool:
    """Whether the comparison itself says that an age is meant ("older than")."""
    words = table("phrases")["AGED"]["words"]
    marks = [item.symbol for item in shape.bounds.items if isinstance(item, Bound) and item.symbol]
    if any(mark.text.lower() in words or mark.text.lower().endswith(("older", "younger")) for mark in marks):
        return True
    return first.text.lower() in words


def dates_something(shape: Shape) -> bool:
    """ "diagnosed at or after 40 years of age": the comparison says when something was."""
    marks = [item.symbol for item in shape.bounds.items if isinstance(item, Bound) and item.symbol]
    return any(mark.text.lower() in _AT_OR_AFTER for mark in marks)


def of_a_thing(tokens: Sequence[Token], first: int) -> bool:
    """Whether the age is of a thing, not of the patient ("a fracture older than 3 weeks")."""
    if of_others(tokens, first):
        return True
    aged = table("measures")["aged"]
    said = " ".join(token.text.lower() for token in tokens[max(0, first - 5) : first])
    if any(said.endswith((words, f"{words} who is", f"{words} aged", f"{words},")) for words in aged["owned"]):
        return True
    for token in reversed(tokens[max(0, first - 12) : first]):
        words = token.text.lower().split()
        if any(word in aged["things"] for word in words):
            return True
        if any(word in aged["people"] for word in words) or token.type in ("SEMI", "SEX"):
            return False
    return False


def of_others(tokens: Sequence[Token], first: int) -> bool:
    """ "born to mothers at least 18 years of age": the age of somebody else."""
    others = table("reading")["others"]
    near = [token.text.lower() for token in tokens[max(0, first - 6) : first] if token.type != "COMMA"]
    return any(
        word.rpartition(" ")[2] in others["people"]
        and owner.rpartition(" ")[2] in others["owners"]
        and not (owner.rpartition(" ")[2] in others["sexes"] and word.rpartition(" ")[2] in others["enrolled"])
        for owner, word in pairwise(near)
        if word.strip() and owner.strip()
    )


def opens_with_age(shape: Shape, before: Iterable[Token], after: Token | None) -> bool:
    """Whether years with nothing before them but people ("men and women, 18 to 70 years") are an age."""
    if not is_duration(shape) or any(token.type not in _PEOPLE for token in before):
        return False
    if after is not None and after.type in ("MOD", "CONCEPT") and after.text.lower().startswith(("history", "of ")):
        return False
    units = [unit.value for item in shape.bounds.items if (unit := unit_of(item)) is not None]
    return "a" in units and all(isinstance(item, Span2) or item.op is not None for item in shape.bounds.items)


def of_children(shape: Shape, tokens: Sequence[Token], first: int) -> bool:
    """ "infants 2 to 24 months", "(≤ 90 % if 12-17 years)": a range of time right behind children, or behind "if"."""
    if not is_duration(shape) or not all(isinstance(item, Span2) or item.op is not None for item in shape.bounds.items):
        return False
    before = _right_before(tokens, first)
    if before is not None and before.type == "IF":
        items = shape.bounds.items
        return all(isinstance(item, Span2) and (unit := unit_of(item)) and unit.value == "a" for item in items)
    return before is not None and before.text.lower() in table("measures")["aged"]["young"]


def _right_before(tokens: Sequence[Token], first: int) -> Token | None:
    near = reversed(tokens[max(0, first - 4) : first])
    return next((token for token in near if token.type not in ("FILL", "LPAR")), None)


def people_of_number(shape: Shape, tokens: Sequence[Token], first: int) -> bool:
    """ "patients < 18", "adults (≥ 21 years)": people compared with a plain number, or with years."""
    if shape.kind != "bare" or not all(_is_some_age(item) for item in shape.bounds.items):
        return False
    before = _right_before(tokens, first)
    aged = table("measures")["aged"]
    word = before.text.lower().rpartition(" ")[2] if before is not None else ""
    if word in aged["people"]:
        low, high = aged["plain"]
        return word not in aged["pointing"] or all(_compared_between(one, low, high) for one in shape.bounds.items)
    near = {token.text.lower() for token in tokens[max(0, first - _FAR) : first]}
    return first > 0 and tokens[first - 1].type == "LPAR" and not near.isdisjoint(aged["grown"])


def _is_some_age(item: Bound | Span2) -> bool:
    """A plain number is an age where few ages of people are lower; a number of years is, whatever it is."""
    unit, (low, high) = unit_of(item), table("measures")["aged"]["plain"]
    return (
        _compared_between(item, low, high) if unit is None else unit.value == "a" and _compared_between(item, 1, high)
    )


def _compared_between(item: Bound | Span2, low: int, high: int) -> bool:
    numbers = [bound.value.numbers for bound in _bounds(item)]
    symbols = isinstance(item, Span2) or item.op is not None
    return symbols and all(
        len(found) == 1 and found[0].value.isdigit() and low <= int(found[0].value) <= high for found in numbers
    )


def _bounds(item: Bound | Span2) -> Iterator[Bound]:
    if isinstance(item, Bound):
        yield item
    else:
        yield from (item.low, item.high)


def close_to(tokens: Sequence[Token], last: int, first: int) -> bool:
    """Whether nothing but small words stands between two places: a bound there is still about what was named."""
    between = tokens[last:first]
    return all(token.type in _JOINS for token in between) or _past_cohort(between)


_COHORT = 16  # tokens from one limit to the next with the name of a group between them


def _past_cohort(tokens: Sequence[Token]) -> bool:
    """ "≥ 18 years (Part 1) or ≥ 12 years (Part 2)": the name of a group of the trial stands between two limits."""
    kinds = [token.type for token in tokens]
    if len(kinds) > _COHORT or "LPAR" not in kinds or "RPAR" not in kinds:
        return False
    first, last = kinds.index("LPAR"), kinds.index("RPAR")
    return names_cohort(tokens[first + 1 : last]) and _JOINS.issuperset([*kinds[:first], *kinds[last:]])


def only_numbers(shape: Shape) -> bool:
    """ "grade 1 bilirubin elevation": a number before a name without comparison or unit is no limit of it."""
    if shape.subjects is None or shape.subjects.items[0].token.type != "VAR":
        return False
    return all(
        isinstance(item, Bound)
        and item.op is None
        and unit_of(item) is None
        and not item.value.reference
        and item.value.level is None
        for item in shape.bounds.items
    )


def counts_things(tokens: Sequence[Token], island: Island) -> bool:
    """ "with at least 2 erupted teeth": a plain number before a noun counts it."""
    after = tokens[island.last] if island.last < len(tokens) else None
    ends = tokens[island.last - 1].type in ("NUM", "POSTGE", "POSTLE")
    plain = ends and not any(unit_of(item) for item in island.shape.bounds.items)
    if not plain or after is None:
        return False
    spelled = after.type == "GLUE" and _spelled(tokens[island.last - 1])  # "in at least one organ"
    past = after.type == "MOD" and any(role == "history" for role, _ in after.value)  # "at least 2 prior relapses"
    return spelled or past or after.type in ("WORD", "CONCEPT", "ORGAN")


def names_another(tokens: Sequence[Token], island: Island) -> bool:
    """ "(> 20 % cellularity)", "≤ 5 sites of metastases", "(each 10 mg …)": it is about what stands beside it."""
    after = tokens[island.last].text.lower() if island.last < len(tokens) else ""
    before = tokens[island.first - 1].text.lower() if island.first else ""
    aged = table("measures")["aged"]
    alone = all(isinstance(item, Bound) and item.op is None for item in island.shape.bounds.items)
    return after in aged["measured"] or (alone and before in aged["apiece"])


def named_by_unknown(tokens: Sequence[Token], ended: int, first: int) -> bool:
    """ "mPAP ≥ 25 mmHg and wedge pressure ≤ 15 mmHg": words that nobody knows, between a connective and a sign, name
    another quantity; people and conditions go on about the same."""
    words = 0
    for token in reversed(tokens[ended:first]):
        if token.type in ("COMMA", "AND", "OR", "SEMI"):
            return words > 0
        if token.type == "WORD" and token.text.lower() not in table("measures")["aged"]["people"]:
            words += 1
        elif token.type not in ("FILL", "DASH") or not words:
            return token.type == "RPAR" and words > 0
    return words == first == 1 and tokens[0].text.isupper()  # "…; RDW ≥ 20 %"


def is_no_level(tokens: Sequence[Token], island: Island) -> bool:
    """A change ("decrease in Hb ≥ 2 g/dL"), a spread ("± 5 years"), or a number of things ("in one shoulder")."""
    near = reversed(tokens[max(0, island.first - 5) : island.first])
    before = next((token for token in near if token.type != "FILL" and not _spelled(token)), None)
    if before is not None and (before.type == "PLUSMINUS" or before.text == "+"):
        return True
    if before is not None and before.type == "CHANGE" and not _is_multiple(tokens, island):
        return True
    if (
        _from_baseline(tokens[island.last : island.last + 2])
        or _multiplied(tokens, island)
        or _changing(tokens, island)
        or _is_year(island.shape)
    ):
        return True
    last = tokens[island.last - 1]
    after = tokens[island.last] if island.last < len(tokens) else None
    counted = last.type == "NUM" and last.text.isalpha() and after is not None
    if counted and after is not None and after.type in ("WORD", "CONCEPT", "VAR", "SCALE", "ORGAN", "MOD"):
        return True
    if after is not None and ("CHANGE" in after.senses or after.text.lower() in _STEPPING) and _is_share(island):
        return True
    return last.type == "VAR" and _number_in_words(tokens[island.first : island.last - 1], last)


def _from_baseline(behind: Sequence[Token]) -> bool:
    """ "SOFA ≥ 2 points above baseline": a step from where somebody was."""
    if len(behind) < _STEP or behind[0].text.lower() not in _BEYOND:
        return False
    return "BASELINE" in {behind[1].type, *behind[1].senses}


def _is_share(island: Island) -> bool:
    """ "no more than 25 % decrease": of what is given in per cent the word behind says what that is a share of."""
    unit = unit_of(island.shape.bounds.items[-1])
    return unit is not None and unit.value == "%"


def _multiplied(tokens: Sequence[Token], island: Island) -> bool:
    """ "≤ 2.5 times the positive range": a multiple of something unknown is no amount."""
    after = tokens[island.last] if island.last < len(tokens) else None
    return after is not None and tokens[island.last - 1].type == "NUM" and after.text.lower() in _MULTIPLES


def _spelled(token: Token) -> bool:
    return token.type == "NUM" and token.text.isalpha()


def _changing(tokens: Sequence[Token], island: Island) -> bool:
    """ "reversibility of airflow obstruction (FEV1 ≥ 12 %)": the limit is one of the change."""
    near = [token.text.lower() for token in tokens[max(0, island.first - _FAR) : island.first]]
    if island.shape.kind == "bare" and near and (near[-1] in _STEPS or not _DIFFERENCES.isdisjoint(near)):
        return True
    if _stepped(tokens, island):
        return True
    return not _CHANGING.isdisjoint(near)


def _is_multiple(tokens: Sequence[Token], island: Island) -> bool:
    """ "increase in ALT > 3 × ULN": a multiple of a reference is a level however it is put."""
    return any(token.type in ("ULN", "LLN", "NORMAL") for token in tokens[island.first : island.last])


def _stepped(tokens: Sequence[Token], island: Island) -> bool:
    """ "a drop of more than 10 mmHg in diastolic pressure", "worsening more than 1 EDSS point": a step, no level."""
    if island.shape.kind == "bare" and _of_change(tokens[max(0, island.first - _FAR) : island.first]):
        return True
    told = [token for token in tokens[max(0, island.first - 3) : island.first] if token.type != "FILL"]
    if not told or _is_multiple(tokens, island) or tokens[island.first].type not in ("LT", "LE", "GT", "GE", "NUM"):
        return False
    return "CHANGE" in told[-1].senses or told[-1].text.lower() in _STEPPING


def _of_change(before: Sequence[Token]) -> bool:
    """ "change in FEV1 (forced volume in one second) ≥ 12 %": the name before the limit is that of what changes."""
    for token in reversed(before):
        if token.type == "CHANGE":
            return True
        if token.type in ("COMMA", "SEMI", "AND", "OR", "NUM", "LT", "LE", "GT", "GE", "EQ", "TIME"):
            return False
    return False


def _is_year(shape: Shape) -> bool:
    """ "ACR 1987 criteria": a year behind a name, without a comparison."""
    items = shape.bounds.items
    if shape.kind != "about" or len(items) != 1 or not isinstance(items[0], Bound) or items[0].op is not None:
        return False
    numbers = items[0].value.numbers
    return unit_of(items[0]) is None and len(numbers) == 1 and bool(_YEAR.fullmatch(numbers[0].value))


def _number_in_words(before: Sequence[Token], name: Token) -> bool:
    """ "at least one weight loss": a number in words right before a quantity with units counts occasions of it."""
    told = [token for token in before if token.type != "FILL"]
    variable = variables.catalogue()[str(name.value)]
    spelled = bool(told) and told[-1].type == "NUM" and told[-1].text.isalpha()
    return spelled and variable.unit is not None and variable.kind in ("quantity", "percent")
