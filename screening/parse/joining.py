"""Joins tokens that are one thing: repetitions in parentheses, weeks and days, signs of numbers, ellipses of nouns.

Each pass takes the tokens and gives the tokens; they run before any token settles on one of its senses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal
from itertools import pairwise

from screening import concepts, units, variables
from screening.parse.agetables import age_tables
from screening.parse.ends import exclusive_ends
from screening.parse.grades import grades
from screening.parse.halflives import half_lives
from screening.parse.lexicon import words_of
from screening.parse.numbers import readings
from screening.parse.tokens import Token
from screening.resources import table

_OPS = frozenset({"LT", "LE", "GT", "GE", "EQ"})
_SMALL = frozenset({"FILL", "GLUE", "BEFORE", "ALLOF"})
_ONE = frozenset(table("reading")["lone_times"]["words"])
_HALF_LIVES = frozenset(
    word for phrase in table("phrases")["HALFLIFE"]["words"] for word in words_of(phrase) if word[0].isalpha()
)
_GRADES = frozenset(word for phrase in table("reading")["grades"]["words"] for word in words_of(phrase))
_PLACING = frozenset(table("reading")["placing"]["words"])
_STAGES = frozenset({"stage", "stages"})
_CALENDAR = frozenset({"a", "mo", "wk", "d"})
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6}
_AHEAD = 7  # tokens between a level and the scale named behind it


def joined(tokens: list[Token], words: Collection[str]) -> list[Token]:
    """The same text in fewer, fuller tokens; *words* are the folded words of the text, which say what to look for."""
    kinds = {token.type for token in tokens}
    for one_pass, needed, said in _PASSES:
        if needed <= kinds and (not said or not said.isdisjoint(words)):
            tokens = one_pass(tokens)
    return tokens


def _negative(tokens: list[Token]) -> list[Token]:
    """ "< -1": the dash is the sign of the number."""
    kept: list[Token] = []
    for token in tokens:
        if (
            token.type == "NUM"
            and len(kept) > 1
            and kept[-1].text == "-"
            and kept[-1].end == token.start
            and kept[-2].type in _OPS
        ):
            sign = kept.pop()
            token = Token("NUM", f"-{token.value}", sign.start, token.end, f"-{token.text}", token.senses)
        kept.append(token)
    return kept


def _weeks_and_days(tokens: list[Token]) -> list[Token]:
    """ "37 weeks 6 days", "36 6/7 weeks": one number of weeks."""
    kept: list[Token] = []
    for token in tokens:
        kept.append(token)
        if token.type == "TIME" and token.value == "d" and len(kept) > 3:
            _days_behind_weeks(kept)
        elif token.text == "7" and len(kept) > 3:
            _sevenths(kept)
        elif token.type == "TIME" and token.value == "wk" and len(kept) > 3:
            _days_added(kept)
    return kept


def _days_behind_weeks(kept: list[Token]) -> None:
    if kept[-3].text == "+":
        del kept[-3]
    weeks, unit, days, _ = kept[-4:]
    if (weeks.type, unit.type, unit.value, days.type) == ("NUM", "TIME", "wk", "NUM"):
        kept[-4:] = [_number(weeks, days, kept[-1].end), unit]


def _days_added(kept: list[Token]) -> None:
    """ "24 + 0 weeks"."""
    weeks, plus, days, unit = kept[-4:]
    if (weeks.type, plus.text, days.type) == ("NUM", "+", "NUM") and days.value in "0123456":
        kept[-4:] = [_number(weeks, days, days.end), unit]


def _sevenths(kept: list[Token]) -> None:
    weeks, days, slash, _ = kept[-4:]
    if (weeks.type, days.type, slash.type) == ("NUM", "NUM", "SLASH") and days.value in "0123456":
        kept[-4:] = [_number(weeks, days, kept[-1].end)]


def _number(weeks: Token, days: Token, end: int) -> Token:
    whole, part = readings(weeks.value), readings(days.value)
    if not whole or not part:
        return weeks
    value = whole[0] + part[0] / Decimal(7)
    return Token("NUM", str(round(value, 6).normalize() if part[0] else whole[0]), weeks.start, end, weeks.text)


def _lone_times(tokens: list[Token]) -> list[Token]:
    """ "in the past month": a unit of time without a number is one of it."""
    for before, token in pairwise(tokens):
        if token.type == "WORD" and "WITHIN" in {before.type, *before.senses} and before.type != "BEFORE":
            code = units.ucum(token.text.lower()) if token.text.lower() in _ONE else None
            if code in _CALENDAR:
                token.type, token.value = "TIME", code
    return tokens


def _empty_parentheses(tokens: list[Token]) -> list[Token]:
    """ "(inclusive)": parentheses around fillers say nothing."""
    for at in range(len(tokens) - 2):
        if tokens[at].type == "LPAR":
            end = next((i for i in range(at + 1, min(at + 5, len(tokens))) if tokens[i].type != "FILL"), at)
            if end > at + 1 and tokens[end].type == "RPAR":
                tokens[at].type = tokens[end].type = "FILL"
    return tokens


def _lone_signs(tokens: list[Token]) -> list[Token]:
    """ "AST and ALT (≤) 5 × ULN": a comparison alone in parentheses before its number."""
    for at in range(len(tokens) - 3):
        left, sign, right, number = tokens[at : at + 4]
        before = tokens[at - 1].type if at else ""
        if (
            (left.type, right.type, number.type) == ("LPAR", "RPAR", "NUM")
            and sign.type in _OPS
            and before not in ("NUM", "UNIT", "TIME")
        ):
            left.type = right.type = "FILL"
    return tokens


def _whole_scales(tokens: list[Token]) -> list[Token]:
    """ "on a 0-10 pain scale", "NRS (0-10)": from one end of the scale to the other describes the scale, no limit."""
    for at in range(len(tokens) - 2):
        low, dash, high = tokens[at : at + 3]
        if low.type != "NUM" or dash.type != "TO" or high.type != "NUM":
            continue
        scale = _scale_beside(tokens, at)
        if scale is not None and _is_whole(scale, low, high) and _limit_near(tokens, at):
            for token in tokens[at : at + 3]:
                token.type = "FILL"
    return tokens


def _scale_beside(tokens: list[Token], at: int) -> Token | None:
    behind = (t for t in tokens[at + 3 : at + 6] if t.type not in ("FILL", "GLUE", "DASH", "TO"))
    before = (t for t in reversed(tokens[max(0, at - 3) : at]) if t.type not in ("FILL", "LPAR"))
    return next((t for t in (next(behind, None), next(before, None)) if t is not None and t.type == "SCALE"), None)


def _is_whole(scale: Token, low: Token, high: Token) -> bool:
    variable = variables.catalogue()[scale.value]
    ends = (variable.scale_min, variable.scale_max)
    return tuple(Decimal(n) if n.isdigit() else None for n in (low.value, high.value)) == ends


def _limit_near(tokens: list[Token], at: int) -> bool:
    return any(t.type in _OPS for t in tokens[max(0, at - 8) : at] + tokens[at + 3 : at + 10])


def _levels_ahead(tokens: list[Token]) -> list[Token]:
    """ "class III or IV of the New York Heart Association": Roman numerals before the scale they belong to."""
    for at, scale in enumerate(list(tokens)):
        if scale.type != "SCALE":
            continue
        found = []
        for here in range(at - 1, max(-1, at - 1 - _AHEAD), -1):
            token = tokens[here]
            if token.type in ("WORD", "LEVEL") and token.text in _ROMAN:
                found.append(token)
            elif token.type not in _SMALL and not (found and token.type in ("TO", "OR", "AND", "COMMA", "SLASH")):
                break
        if found and not any(token.type == "LEVEL" for token in tokens[at + 1 : at + 3]):
            _named_first(tokens, found, scale)
    return tokens


def _named_first(tokens: list[Token], found: list[Token], scale: Token) -> None:
    """The levels as levels, with the scale named before them."""
    if len(found) == 1 and found[0].text in ("I", "V"):
        return
    for token in found:
        token.type, token.value = "LEVEL", Decimal(_ROMAN[token.text])
    first = found[-1]
    tokens.insert(
        tokens.index(first), Token("SCALE", scale.value, first.start, first.start, scale.text, dict(scale.senses))
    )
    scale.type = "FILL"


def _plus_levels(tokens: list[Token]) -> list[Token]:
    """ "IHC 2+": on a scale whose levels are so written the sign is no "or more"."""
    kept: list[Token] = []
    scale: Token | None = None
    for token in tokens:
        scale = token if token.type == "SCALE" else scale
        kept.append(token)
        if token.text == "+" and scale is not None and len(kept) > 1 and kept[-2].end == token.start:
            level = variables.catalogue()[scale.value].levels.get(f"{kept[-2].text}+")
            if level is not None and kept[-2].type == "NUM":
                text = f"{kept[-2].text}+"
                kept[-2:] = [Token("LEVEL", Decimal(level), kept[-2].start, token.end, text, {})]
    return kept


def _either_level(tokens: list[Token]) -> list[Token]:
    """ "class III/IV": a slash between levels is "or"."""
    for at in range(1, len(tokens) - 1):
        if tokens[at].type == "SLASH" and tokens[at - 1].type == tokens[at + 1].type == "LEVEL":
            tokens[at].type = "OR"
    return tokens


def _ratios(tokens: list[Token]) -> list[Token]:
    """ "FEV1 [forced expiratory volume] / FVC [forced vital capacity]": two names that are a third one together."""
    kept: list[Token] = []
    for token in tokens:
        kept.append(token)
        if token.type == "VAR" and len(kept) > 2 and kept[-2].type == "SLASH" and kept[-3].type == "VAR":
            first = kept[-3]
            identity = variables.by_name().get(f"{first.text}/{token.text}".casefold())
            if identity:
                kept[-3:] = [Token("VAR", identity, first.start, token.end, f"{first.text}/{token.text}")]
    return kept


def _collapse(tokens: list[Token]) -> list[Token]:
    """Drops what says the same twice: "ULN (ULN)", "ALT (alanine aminotransferase)", "eight (8)"."""
    kept: list[Token] = []
    for token in tokens:
        kept.append(token)
        if token.type == "RPAR" and len(kept) >= 4:
            first, left, again, _ = kept[-4:]
            if left.type == "LPAR" and again.type in _OPS and first.type in _OPS:
                kept[-4:] = [Token(again.type, again.value, first.start, token.end, again.text, again.senses)]
            elif left.type == "LPAR" and _same(first, again):
                joined = Token(first.type, first.value, first.start, token.end, first.text, first.senses)
                kept[-4:] = [joined]
    return kept


def _elliptical(tokens: list[Token]) -> list[Token]:
    """ "pleural or pericardial effusion", "cardiac and pulmonary dysfunction": the noun stands once for both."""
    names = concepts.by_name()
    for at in range(len(tokens) - 3, -1, -1):
        word, join = tokens[at], tokens[at + 1]
        if word.type not in ("WORD", "ORGAN") or join.type not in ("AND", "OR", "COMMA", "SLASH"):
            continue
        noun = next((t for t in tokens[at + 2 : at + 5] if t.type not in ("AND", "OR")), None)
        if noun is None or noun.type != "CONCEPT" or " " not in noun.text:
            continue
        found = next((names[name] for name in _completed(word.text, noun.text) if name in names), None)
        if found:
            word.type, word.value = "CONCEPT", found
            word.text = f"{word.text} {noun.text.split(' ', 1)[1]}"
    return tokens


def _organ_lists(tokens: list[Token]) -> list[Token]:
    """ "radiotherapy on the lung and liver": the organs behind a preposition are where one thing was done."""
    for at in range(1, len(tokens) - 2):
        join = tokens[at + 1]
        other = next((token for token in tokens[at + 2 : at + 4] if token.type != "FILL"), None)
        if tokens[at].type != "ORGAN" or join.type not in ("AND", "OR", "SLASH") or _is_not(other, "ORGAN"):
            continue
        before = next((token for token in reversed(tokens[max(0, at - 2) : at]) if token.text.lower() != "the"), None)
        if before is not None and before.text.lower() in _PLACING:
            join.type = "FILL"
    return tokens


def _is_not(token: Token | None, kind: str) -> bool:
    return token is None or token.type != kind


def _completed(word: str, noun: str) -> list[str]:
    parts = noun.casefold().split()
    return [f"{word.casefold()} {' '.join(parts[cut:])}" for cut in range(1, len(parts))]


def _unwrap(tokens: list[Token]) -> list[Token]:
    """An abbreviation in parentheses that carries the limit stands for the unknown name before it: "Xyz (ANC) ≥ 5"."""
    for at in range(1, len(tokens) - 3):
        left, name, right = tokens[at : at + 3]
        if (
            left.type == "LPAR"
            and right.type == "RPAR"
            and name.type in ("VAR", "SCALE")
            and tokens[at - 1].type == "WORD"
            and tokens[at + 3].type in _OPS
        ):
            name.senses = {**name.senses, "EXPANDED": tokens[at - 1].text}
            left.type = right.type = "FILL"
    return tokens


def _both_sexes(tokens: list[Token]) -> list[Token]:
    """ "men and women", "male or female": everybody, and no condition at all."""
    for at in range(len(tokens) - 2):
        one, join, other = tokens[at : at + 3]
        if (
            one.type == other.type == "SEX"
            and one.value != other.value
            and join.type in ("AND", "OR", "SLASH", "COMMA", "TO")
        ):
            one.type = join.type = other.type = "GLUE"
    return tokens


def _any_method(tokens: list[Token]) -> list[Token]:
    """ "by echocardiogram or MUGA": any of the methods will do, so that none is asked for."""
    for at in range(len(tokens) - 2):
        one, join, other = tokens[at : at + 3]
        if (
            one.type in ("METHOD", "FILL")
            and other.type == "METHOD"
            and join.type in ("OR", "SLASH")
            and "METHOD" in one.senses
        ):
            one.type = join.type = other.type = "FILL"
    return tokens


def _scale_words(tokens: list[Token]) -> list[Token]:
    """ "Karnofsky performance score": behind a named scale, a name that fits any scale adds nothing."""
    for before, token in pairwise(tokens):
        if before.type == token.type == "SCALE" and token.senses.get("LOOSE") and not before.senses.get("LOOSE"):
            token.type = "FILL"
    return tokens


def _stages(tokens: list[Token]) -> list[Token]:
    """ "stage III or IV melanoma": one narrowing of the disease, not two."""
    kept: list[Token] = []
    for token in tokens:
        staged = (
            len(kept) > 1 and kept[-1].type in ("OR", "AND", "SLASH", "TO", "COMMA") and kept[-2].senses.get("STAGE")
        )
        if staged and (token.text.rstrip("ABCabc") in _ROMAN or token.text in _ROMAN):
            begin = kept[-2].start
            kept[-2:] = [_stage(begin, token)]
        elif kept and kept[-1].text.casefold() in _STAGES and token.text.rstrip("ABCabc") in _ROMAN:
            kept[-1] = _stage(kept[-1].start, token)
        else:
            kept.append(token)
    return kept


def _stage(begin: int, last: Token) -> Token:
    return Token("WORD", "stage", begin, last.end, "stage", {"STAGE": True})


def _same(first: Token, again: Token) -> bool:
    if first.type != again.type:
        return False
    if first.type in ("ULN", "LLN"):
        return True
    return first.type in ("VAR", "SCALE", "NUM", "CONCEPT") and str(first.value) == str(again.value)


def _manifold(tokens: list[Token]) -> list[Token]:
    """ "2.5-fold": the hyphen says nothing."""
    for before, hyphen, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if hyphen.text == "-" and before.type == "NUM" and after.type == "TIMES" and after.text.isalpha():
            hyphen.type = "FILL"
    return tokens


_Pass = Callable[[list[Token]], list[Token]]
_ANY: frozenset[str] = frozenset()
# The passes in order, each with the kinds of token (all of them) and the words (one of them) it has nothing to do
# without.
_PASSES: tuple[tuple[_Pass, frozenset[str], frozenset[str]], ...] = (
    (half_lives, _ANY, _HALF_LIVES),
    (grades, _ANY, _GRADES),
    (_scale_words, frozenset({"SCALE"}), _ANY),
    (_manifold, frozenset({"NUM", "TIMES"}), _ANY),
    (_both_sexes, frozenset({"SEX"}), _ANY),
    (_any_method, frozenset({"METHOD"}), _ANY),
    (_stages, _ANY, _STAGES),
    (_lone_times, frozenset({"WORD"}), _ONE),
    (_collapse, frozenset({"RPAR"}), _ANY),
    (_ratios, frozenset({"SLASH", "VAR"}), _ANY),
    (_unwrap, frozenset({"RPAR"}), _ANY),
    (_elliptical, frozenset({"CONCEPT"}), _ANY),
    (_organ_lists, frozenset({"ORGAN", "CONCEPT"}), _ANY),
    (_negative, frozenset({"NUM", "TO"}), _ANY),
    (_lone_signs, frozenset({"RPAR", "NUM"}), _ANY),
    (_weeks_and_days, frozenset({"TIME"}), _ANY),
    (_empty_parentheses, frozenset({"RPAR"}), _ANY),
    (exclusive_ends, frozenset({"RPAR", "NUM"}), frozenset({"exclusive"})),
    (_whole_scales, frozenset({"SCALE", "TO"}), _ANY),
    (age_tables, frozenset({"SEX", "TIME", "VAR"}), _ANY),
    (_plus_levels, frozenset({"SCALE", "NUM"}), _ANY),
    (_either_level, frozenset({"SLASH"}), _ANY),
    (_levels_ahead, frozenset({"SCALE"}), _ANY),
)
