"""Levels of scales: written before the scale, with a plus, with a slash; the whole scale beside its name; stages."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

from screening import variables
from screening.parse.tokens import Token
from screening.resources import table

_LIMITING = frozenset({"LT", "LE", "GT", "GE", "EQ", "POSTGE", "POSTLE", "POSTGT"})
_SMALL = frozenset({"FILL", "GLUE", "BEFORE", "ALLOF"})
STAGE_WORDS = frozenset({"stage", "stages"})
_ACCORDING = frozenset(table("reading")["according"]["words"])
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6}
_GRADED = ("grade", "class", "stage")  # what a level is called
_BEHIND_LEVELS = frozenset({"POSTGE", "POSTGT", "POSTLE"})
_AHEAD = 7  # tokens between a level and the scale named behind it
_PLACES = frozenset({"on", "("})
_OTHERS: dict[str, list[str]] = table("reading")["other_scales"]
PARTS = frozenset(table("reading")["parts_of_scales"]["words"])
_SMALL_WORDS = frozenset({"of", "on", "in", "the", "from"})
_RATED: dict[str, Any] = table("reading")["rated"]
SYMPTOMS = frozenset(_RATED) - {"scale", "own"}
_IN_MILLIMETRES = frozenset(table("measures")["in_millimetres"])
_MILLIMETRES = Decimal(100)
_BESIDE = frozenset({"FILL", "LPAR", "RPAR", "BETWEEN", "FROM"})  # between a scale and its ends
_NEAR = 4  # tokens from a scale's name to its limit
_FEW = 2  # tokens: a limit stands before its scale


def scale_widths(tokens: list[Token]) -> list[Token]:
    """ "≥ 2 on a 10-point scale", "> 4 on a scale of 0 to 10": how long the scale is, no limit."""
    for at, token in enumerate(tokens):
        if token.text.lower() not in ("scale", "scales"):
            continue
        begin = next((i for i in range(at, max(-1, at - 7), -1) if tokens[i].text.lower() in _PLACES), None)
        width = tokens[begin:at] if begin is not None and _is_width(tokens[begin:at]) else _of_ends(tokens, at)
        for one in width:
            one.type = "FILL"
    return tokens


def _is_width(tokens: list[Token]) -> bool:
    """Whether a number and "point" stand there, and small words."""
    words = [token.text.lower() for token in tokens if token.type not in ("DASH", "TO")]
    return len(words) > 2 and words[-1] in ("point", "points") and tokens[-1].type in ("UNIT", "FILL")


def _of_ends(tokens: list[Token], at: int) -> list[Token]:
    """The ends behind "scale of", with the words before."""
    behind = tokens[at + 1 : at + 5]
    kinds = [token.type for token in behind]
    if kinds[1:] != ["NUM", "TO", "NUM"] or behind[0].text.lower() not in ("of", "from") or at < _FEW:
        return []
    return [*(token for token in tokens[at - 2 : at] if token.text.lower() in ("a", "on", "the")), *behind]


def whole_scales(tokens: list[Token]) -> list[Token]:
    """ "on a 0-10 pain scale", "NRS (0-10)": from one end of the scale to the other describes the scale, no limit."""
    for at in range(len(tokens) - 2):
        low, dash, high = tokens[at : at + 3]
        led = at > 0 and tokens[at - 1].type in ("BETWEEN", "FROM")
        if low.type != "NUM" or high.type != "NUM" or not (dash.type == "TO" or (led and dash.type == "AND")):
            continue
        scale = _scale_beside(tokens, at) or _scale_of_aside(tokens, at)
        if scale is not None and _is_whole(scale, low, high) and _limit_near(tokens, at):
            if led:
                tokens[at - 1].type = "FILL"
            again = scale.start > high.start and _is_named(scale, tokens[max(0, at - 10) : at])
            end = at + 3 + _has_unit(tokens, at + 3)
            for token in (*tokens[at:end], *([scale] if again else [])):
                token.type = "FILL"
    return tokens


def _has_unit(tokens: list[Token], at: int) -> bool:
    """Whether the unit of a whole scale stands here ("(0-100 mm)")."""
    return at < len(tokens) and tokens[at].type == "UNIT"


def _scale_of_aside(tokens: list[Token], at: int) -> Token | None:
    """The scale named last before "(0-4 scale)", "on the 0-4 scale"."""
    at += _has_unit(tokens, at + 3)
    behind = next((token for token in tokens[at + 3 : at + 5]), None)
    if behind is None or not (behind.type == "RPAR" or behind.text.lower() == "scale"):
        return None
    return next((token for token in reversed(tokens[max(0, at - 10) : at]) if token.type == "SCALE"), None)


def _is_named(scale: Token, before: list[Token]) -> bool:
    """Whether the scale stands before its limit too, in the same parenthesis."""
    opened = max((at for at, token in enumerate(before) if token.type == "LPAR"), default=-1)
    return any(token.type == "SCALE" and token.value == scale.value for token in before[opened + 1 :])


def _scale_beside(tokens: list[Token], at: int) -> Token | None:
    behind = (t for t in tokens[at + 3 : at + 6] if t.type not in ("FILL", "GLUE", "DASH", "TO"))
    before = (t for t in reversed(tokens[max(0, at - 3) : at]) if t.type not in _BESIDE)
    return next((t for t in (next(behind, None), next(before, None)) if t is not None and t.type == "SCALE"), None)


def _is_whole(scale: Token, low: Token, high: Token) -> bool:
    variable = variables.catalogue()[scale.value]
    said = tuple(Decimal(n) if n.isdigit() else None for n in (low.value, high.value))
    millimetres = scale.value in _IN_MILLIMETRES and said == (Decimal(0), _MILLIMETRES)
    return millimetres or said == (variable.scale_min, variable.scale_max)


def _limit_near(tokens: list[Token], at: int) -> bool:
    if at > 1 and tokens[at - 1].type == "LPAR" and tokens[at - 2].type in ("NUM", "LEVEL", "UNIT"):
        return True  # "4-9 (0-10)"
    return any(t.type in _LIMITING for t in tokens[max(0, at - 8) : at] + tokens[at + 3 : at + 10])


def levels_ahead(tokens: list[Token]) -> list[Token]:
    """ "class III or IV of the New York Heart Association": Roman numerals before the scale they belong to."""
    for scale in list(tokens):
        if scale.type != "SCALE":
            continue
        at = tokens.index(scale)
        found: list[Token] = []
        passed: list[Token] = []
        for here in range(at - 1, max(-1, at - 1 - _AHEAD), -1):
            token = tokens[here]
            if _is_level(token, scale, tokens[here - 1] if here else None, found):
                found.append(token)
            elif not found and (token.type == "LPAR" or token.text.lower() in _ACCORDING):
                passed.append(token)
            elif not found and passed and token.type == "CONCEPT":
                continue  # "grade III-IV heart failure [NYHA]"
            elif not found and passed and token.type in _BEHIND_LEVELS:
                continue  # "class II or higher heart failure according to the NYHA"
            elif token.type not in _SMALL and not (found and token.type in ("TO", "OR", "AND", "COMMA", "SLASH")):
                break
        if found and not any(token.type == "LEVEL" for token in tokens[at + 1 : at + 3]):
            _named_first(tokens, found, scale)
            _opened(tokens, passed, scale)
    return tokens


def _is_level(token: Token, scale: Token, before: Token | None, found: list[Token]) -> bool:
    """A Roman numeral, alone or graded ("grade III"); a letter of the scale's classes behind "grade" or "class"."""
    if token.type in ("WORD", "LEVEL") and token.text in _ROMAN:
        return True
    if token.type == "MOD" and token.text.rsplit(None, 1)[-1] in _ROMAN and token.text.lower().startswith(_GRADED):
        return True
    if not _letter(token, scale):
        return False
    named = before is not None and before.text.lower().startswith(_GRADED)
    return named or (not found and before is not None and before.type in ("OR", "AND", "TO", "SLASH", "COMMA"))


def _letter(token: Token, scale: Token) -> str | None:
    """The level of the classes of a scale that a single capital letter is ("grade A or B Child-Pugh")."""
    variable = variables.catalogue()[scale.value]
    levels = variables.catalogue()[variable.classes or variable.id].levels
    return str(levels[token.text]) if len(token.text) == 1 and token.text.isupper() and token.text in levels else None


def _opened(tokens: list[Token], passed: list[Token], scale: Token) -> None:
    """The words and the bracket between levels and their scale say nothing more ("grade III [NYHA]")."""
    for token in passed:
        if token.type == "LPAR":
            closing = next((one for one in tokens[tokens.index(scale) :] if one.type == "RPAR"), None)
            if closing is not None:
                closing.type = "FILL"
        token.type = "FILL"


def _named_first(tokens: list[Token], found: list[Token], scale: Token) -> None:
    """The levels as levels, with the scale named before them."""
    if len(found) == 1 and found[0].text in ("I", "V"):
        return
    variable = variables.catalogue()[scale.value]
    lettered = any(_letter(token, scale) for token in found)
    for token in found:
        numeral = token.text.rsplit(None, 1)[-1]
        token.type, token.value = "LEVEL", Decimal(_letter(token, scale) or _ROMAN[numeral])
    first = found[-1]
    identity = variable.classes if lettered and variable.classes else scale.value
    stepped = ("FILL", *_LIMITING)
    before = next((one for one in reversed(tokens[: tokens.index(first)]) if one.type not in stepped), None)
    if before is not None and before.type == "SCALE" and before.value == identity:
        before.senses = dict(scale.senses)  # "heart failure class III NYHA": the scale is named on both sides
    else:
        tokens.insert(
            tokens.index(first), Token("SCALE", identity, first.start, first.start, scale.text, dict(scale.senses))
        )
    scale.type = "FILL"


def versions(tokens: list[Token]) -> list[Token]:
    """ "HDRS-21 score > 20": the number of its items, hyphened to the name of a scale with a limit behind it."""
    for at in range(len(tokens) - 3):
        scale, hyphen, number = tokens[at : at + 3]
        glued = scale.end == hyphen.start and hyphen.end == number.start
        if scale.type == "SCALE" and hyphen.text == "-" and number.type == "NUM" and glued:
            behind = next((one for one in tokens[at + 3 : at + 3 + _NEAR] if one.type != "FILL"), None)
            if behind is not None and behind.type in _LIMITING | {"BETWEEN", "FROM"}:
                hyphen.type = number.type = "FILL"
    return tokens


def of_other_scales(tokens: list[Token]) -> list[Token]:
    """ "Functional class III (ACR)": a class that other words in the text give to another disease."""
    said = {token.text.lower() for token in tokens}
    for token in tokens:
        others = _OTHERS.get(token.value, ()) if token.type == "SCALE" and "LOOSE" in token.senses else ()
        if any(word in text for word in others for text in said):
            token.type = "WORD"
    return tokens


def rated(tokens: list[Token]) -> list[Token]:
    """ "fatigue VAS ≥ 5", "NRS for pruritus": a rating scale is of the symptom beside it."""
    for at, token in enumerate(tokens):
        if token.type != "SCALE" or token.value != _RATED["scale"]:
            continue
        near = [one.text.lower() for one in tokens[max(0, at - _AHEAD) : at + 1 + _NEAR]]
        words = {word for text in near for word in text.replace("-", " ").split()}
        other = next((_RATED[word] for word in sorted(words) if word in SYMPTOMS), None)
        if other is not None and words.isdisjoint(_RATED["own"]):
            token.value, token.type = (other, "SCALE") if other else (token.text, "WORD")
    return tokens


def twice_rated(tokens: list[Token]) -> list[Token]:
    """ "pain ≥ 40 on a visual analogue scale": both names are of one scale, which the second says is of a hundred."""
    first: Token | None = None
    for at, token in enumerate(tokens):
        if token.type == "SCALE" and first is not None and token.value == first.value == _RATED["scale"]:
            first.text = f"{first.text} {token.text}"
            width = [one for one in tokens[at - 3 : at] if one.type in ("NUM", "UNIT", "DASH")]
            told = [one.value for one in width if one.type != "DASH"] if tokens[at - 1] in width else []
            if told in (["100", "mm"], ["10", "cm"]):
                for one in width:
                    one.type = "FILL"  # "on a 100 mm VAS"
        elif token.type in ("SCALE", "VAR", "COMMA", "SEMI", "AND"):
            first = None
        first = token if token.type == "SCALE" else first
    return tokens


def parts_of_scales(tokens: list[Token]) -> list[Token]:
    """ "PHQ-9 item 9 ≥ 1", "item 3 of the HAM-D": a part of a scale is not the scale."""
    for at, token in enumerate(tokens):
        if token.type != "SCALE":
            continue
        behind = next((one for one in tokens[at + 1 : at + 1 + _FEW] if one.type not in ("FILL", "DASH")), None)
        before = [one.text.lower() for one in tokens[max(0, at - _NEAR) : at] if one.text.lower() not in _SMALL_WORDS]
        if (behind is not None and behind.text.lower() in PARTS) or not PARTS.isdisjoint(before):
            token.type = "WORD"
    return tokens


def lettered(tokens: list[Token]) -> list[Token]:
    """ "CKD stage 3b": a level written with a letter of its own."""
    scale: Token | None = None
    for token, letter in pairwise(tokens):
        scale = token if token.type == "SCALE" else scale
        if scale is None or (token.type, letter.type) != ("NUM", "WORD") or token.end != letter.start:
            continue
        level = variables.catalogue()[scale.value].levels.get(f"{token.text}{letter.text.lower()}")
        if level is not None:
            token.value, letter.type = str(level), "FILL"
    return tokens


def stages_aside(tokens: list[Token]) -> list[Token]:
    """ "chronic kidney disease (stage 5)": the level stands in parentheses behind the name."""
    for at in range(len(tokens) - 4):
        scale, left, word, number = tokens[at : at + 4]
        end = next((i for i in range(at + 3, min(at + 3 + _AHEAD, len(tokens))) if tokens[i].type == "RPAR"), 0)
        staged = left.type == "LPAR" and number.type == "NUM" and word.text.casefold() in STAGE_WORDS
        if staged and end and "SCALE" in scale.senses:
            scale.become("SCALE")
            scale.senses = {kind: value for kind, value in scale.senses.items() if kind != "WEAK"}
            left.type = tokens[end].type = "FILL"
    return tokens


def stages_ahead(tokens: list[Token]) -> list[Token]:
    """ "stage 3 or 4 CKD": numbers behind "stage" are levels of the scale named right behind them."""
    for at, token in enumerate(tokens):
        if token.text.casefold() not in STAGE_WORDS:
            continue
        end = at + 1
        while end < len(tokens) and tokens[end].type in ("NUM", "TO", "OR", "AND", "COMMA", "SLASH"):
            end += 1
        scale = tokens[end] if at + 1 < end < len(tokens) else None
        if scale is not None and "SCALE" in scale.senses and tokens[end - 1].type == "NUM":
            named = Token("SCALE", scale.senses["SCALE"], token.start, token.end, token.text)
            scale.type = "FILL"
            return [*tokens[:at], named, *tokens[at + 1 :]]
    return tokens


def plus_levels(tokens: list[Token]) -> list[Token]:
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


def either_level(tokens: list[Token]) -> list[Token]:
    """ "class III/IV": a slash between levels is "or"."""
    for at in range(1, len(tokens) - 1):
        if tokens[at].type == "SLASH" and tokens[at - 1].type == tokens[at + 1].type == "LEVEL":
            tokens[at].type = "OR"
    return tokens


def scale_words(tokens: list[Token]) -> list[Token]:
    """ "Karnofsky performance score": behind a named scale, a name that fits any scale adds nothing."""
    for before, token in pairwise([one for one in tokens if not _between_names(one)]):
        if before.type != token.type or token.type != "SCALE":
            continue
        if token.senses.get("LOOSE") and not before.senses.get("LOOSE"):
            token.type = "FILL"
        elif before.senses.get("LOOSE") and not token.senses.get("LOOSE"):
            before.type = "FILL"  # "performance status of ECOG 0"
    return tokens


def _between_names(token: Token) -> bool:
    """Words that may stand between the two names of a scale: "performance status according to ECOG"."""
    return "FILL" in {token.type, *token.senses} or token.text.lower() in _ACCORDING


def stages(tokens: list[Token]) -> list[Token]:
    """ "stage III or IV melanoma": one narrowing of the disease, not two."""
    kept: list[Token] = []
    for token in tokens:
        staged = (
            len(kept) > 1 and kept[-1].type in ("OR", "AND", "SLASH", "TO", "COMMA") and kept[-2].senses.get("STAGE")
        )
        if staged and (token.text.rstrip("ABCDabcd") in _ROMAN or token.text in _ROMAN):
            begin = kept[-2].start
            kept[-2:] = [_stage(begin, token)]
        elif (
            kept
            and kept[-1].text.casefold() in STAGE_WORDS
            and token.text.rstrip("ABCDabcd") in _ROMAN
            and not _of_scale(kept, token)
        ):
            kept[-1] = _stage(kept[-1].start, token)
        else:
            kept.append(token)
    return kept


def _of_scale(kept: list[Token], level: Token) -> bool:
    """ "Hoehn & Yahr (H&Y) stage I": the level of the scale named right before."""
    behind = [token.type for token in kept[:-1] if token.type != "COMMA"]
    return level.type == "LEVEL" and bool(behind) and behind[-1] in ("SCALE", "RPAR")


def _stage(begin: int, last: Token) -> Token:
    """How far a disease has spread: no record read here carries it, so that a person must say."""
    return Token("CONCEPT", "tumour_extent", begin, last.end, "stage", {"STAGE": True, "CONCEPT": "tumour_extent"})
