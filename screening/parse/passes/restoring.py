"""Restores what registry texts write loosely around limits: brackets around connectives, words inside multiples.

Each pass takes the tokens and gives the tokens, like those of screening/parse/passes/joining.py, which runs them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from screening import concepts, variables
from screening.parse.numbers import readings
from screening.parse.tokens import COMPARING, DENIAL, Token
from screening.resources import table

_REFERENCES = frozenset({"ULN", "LLN", "NORMAL"})
_JOINS = frozenset({"COMMA", "AND", "OR", "SLASH"})
_BEFORE_LEVEL = frozenset({*COMPARING, "FILL", "GLUE", "COLON", "LPAR", "TO", "BETWEEN", "FROM", "POSTGE", "POSTLE"})
_LEVEL_WITH_POINTS = re.compile(r"[A-C](?P<points>\d{1,2})")
_LEVEL_JOINS = frozenset({"OR", "TO", "SLASH", "DASH", "COMMA", "AND"})
_POINTS = table("reading")["points_of_classes"]
_GROUPED_BY = frozenset(table("reading")["grouped_by"]["words"])
_WITH = frozenset(table("reading")["small"]["having"])
_LIMIT_ENDS = frozenset({*_REFERENCES, "UNIT", "NUM"})
_FEW = 2
RAISED = frozenset(table("reading")["small"]["raised"])
_WITHOUT = frozenset(table("reading")["small"]["not_having"])
MEASURES = frozenset(table("reading")["weeks"]["measures"])
PRODUCT = frozenset({"product"})
_HUNDRED = 100  # per cent
_NEAR = 5  # tokens from a reference back to the number it multiplies


def bracketed_connectives(tokens: list[Token]) -> list[Token]:
    """ "ANC ≥ 1.5 (or) ≥ 1.0 with G-CSF": brackets around a lone "and" or "or" say nothing."""
    for left, join, right in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if left.type == "LPAR" and join.type in ("AND", "OR") and right.type == "RPAR":
            left.type = right.type = "FILL"
    return tokens


def for_age(tokens: list[Token]) -> list[Token]:
    """ "≤ 1.5 × ULN for age and sex": of whom the reference range is; it is no condition."""
    kept: list[Token] = []
    for at, token in enumerate(tokens):
        if kept and token.start < kept[-1].end:
            continue
        kept.append(token)
        if token.text.lower() == "for" and len(kept) > 1 and _reference_before(kept):
            end = _named_groups(tokens, at + 1)
            if end > at + 1:
                kept[-1] = Token("FILL", "", token.start, tokens[end - 1].end, token.text)
    return kept


def _reference_before(kept: Sequence[Token]) -> bool:
    before = next((one for one in reversed(kept[:-1]) if one.type not in ("FILL", "LPAR", "RPAR")), None)
    return before is not None and before.type in _REFERENCES


def _named_groups(tokens: Sequence[Token], at: int) -> int:
    """Where "age", "age and sex", "the patient's age" end; *at* where something is compared or nothing is so named."""
    end, here = at, at
    while here < min(len(tokens), at + _NEAR):
        token = tokens[here]
        if (token.type == "VAR" and token.value == "age") or token.text.lower() in (
            "sex",
            "gender",
            "lab",
            "laboratory",
        ):
            end = here + 1
        elif token.type not in ("FILL", "GLUE", *_JOINS):
            break
        here += 1
    following = next((token.type for token in tokens[end : end + 3] if token.type != "FILL"), "")
    return at if following in {*COMPARING, "NUM", "BETWEEN", "FROM", "TO"} else end


def multiples_of(tokens: list[Token]) -> list[Token]:
    """ "≥ 3 × than the ULN", "3 times higher than the ULN": the words between a multiple and its reference.

    Where no other comparison stands before the number, theirs does.
    """
    for at, token in enumerate(list(tokens)):
        if token.type != "TIMES" or not at or tokens[at - 1].type != "NUM":
            continue
        between, reference = _up_to_reference(tokens, at)
        if reference is None or not between:
            continue
        signs = [one for one in between if one.type in COMPARING]
        if len(signs) > 1 or any(
            one.type not in COMPARING and one.text.lower() not in ("the", "than", "of") for one in between
        ):
            continue
        compared = any(one.type in COMPARING for one in tokens[max(0, at - 1 - _NEAR) : at - 1])
        if signs and not compared:
            number = tokens[at - 1]
            sign = signs[0]
            tokens.insert(at - 1, Token(sign.type, sign.value, number.start, number.start, sign.text))
        for one in between:
            one.type = "FILL"
    return tokens


def percent_names(tokens: list[Token]) -> list[Token]:
    """ "HbA1c % between 7 and 10": the sign behind the name is the unit of its limits."""
    for name, sign, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if name.type == "VAR" and sign.text == "%" and after.type in COMPARING | {"BETWEEN", "FROM"}:
            name.text = f"{name.text} %"
            sign.type = "FILL"
    return tokens


def beyond_scale(tokens: list[Token]) -> list[Token]:
    """ "BSA ≥ 10": a plain number that the quantity never reaches, but its share in per cent does, is that share."""
    for name, sign, number, after in zip(tokens, tokens[1:], tokens[2:], [*tokens[3:], None], strict=False):
        if name.type != "VAR" or sign.type not in COMPARING or number.type != "NUM" or (after and after.type == "UNIT"):
            continue
        named = variables.catalogue()[str(name.value)]
        share = dict(named.quantities).get("%")
        value = readings(str(number.value))
        if share and named.plausible and value and named.plausible[1] < value[0] <= _HUNDRED:
            name.value = share
    return tokens


def measures_told(tokens: list[Token]) -> list[Token]:
    """ "One unit of alcohol equals 12 oz of beer", "1 drink = 14 g": what a measure is, no limit."""
    for at, token in enumerate(tokens):
        if token.type != "EQ":
            continue
        before = [one for one in tokens[max(0, at - _NEAR) : at] if one.type != "FILL"]
        one, what = next(((a, b) for a, b in pairwise(before) if a.type == "NUM"), (None, None))
        if one is not None and what is not None and one.value == "1" and what.text.lower() in MEASURES:
            token.type = "WORD"
            for behind in tokens[at + 1 : at + 2]:
                behind.type = "WORD" if behind.type == "NUM" else behind.type
    return tokens


def products(tokens: list[Token]) -> list[Token]:
    """ "calcium x phosphorus product < 70", "calcium-phosphate product": two quantities multiplied are neither."""
    for at, token in enumerate(tokens):
        if token.text.lower() not in PRODUCT or at == 0:
            continue
        named = [one for one in tokens[max(0, at - 4) : at] if one.type == "VAR"]
        if len(named) > 1:
            for one in named:
                one.type = "WORD"
    return tokens


def raised(tokens: list[Token]) -> list[Token]:
    """ "AST or ALT elevated > 3 × ULN": the word between a name and its limit says nothing more."""
    for before, word, sign in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if before.type in ("VAR", "RPAR") and word.text.lower() in RAISED and sign.type in COMPARING:
            word.type = "FILL"
    return tokens


def _up_to_reference(tokens: Sequence[Token], at: int) -> tuple[list[Token], Token | None]:
    between: list[Token] = []
    for token in tokens[at + 1 : at + 1 + _NEAR]:
        if token.type in _REFERENCES:
            return between, token
        between.append(token)
    return between, None


def scores_of_classes(tokens: list[Token]) -> list[Token]:
    """ "Child-Pugh ≤ 7": a number beyond the classes of a scale is of the score they divide."""
    scored = _scores()
    for at, token in enumerate(tokens):
        if token.type != "SCALE" or token.value not in scored:
            continue
        number = next((one for one in tokens[at + 1 : at + _NEAR] if one.type not in _BEFORE_LEVEL), None)
        highest = variables.catalogue()[token.value].scale_max
        values = readings(str(number.value)) if number is not None and number.type == "NUM" else []
        if values and highest is not None and values[0] > Decimal(highest):
            token.value = scored[token.value]
    return tokens


def scored_levels(tokens: list[Token]) -> list[Token]:
    """ "Child-Pugh A5-B7", "Child-Pugh A or B7": classes written with their points are limits of the score."""
    scored = _scores()
    for at, token in enumerate(tokens):
        if token.type != "SCALE" or not (token.value in scored or token.value in scored.values()):
            continue
        run = _levels_behind(tokens, at)
        if not any(_points(one) for one in run):
            continue
        token.value = scored.get(token.value, token.value)
        low, high = run[0], run[-1]
        least = _points(low) or _end_of(low, token.value, highest=False)
        most = _points(high) or _end_of(high, token.value, highest=True)
        for one in run:
            one.type = "FILL"
        _as_number(high, most)
        if low is not high:
            _as_number(low, least)
            run[1].type, run[1].value = "TO", "-"
    return tokens


def _levels_behind(tokens: Sequence[Token], at: int) -> list[Token]:
    """The levels, and what joins them, right behind a scale: [A, or, B7]."""
    run: list[Token] = []
    for token in tokens[at + 1 : at + 1 + _NEAR]:
        joins = bool(run) and run[-1].type in ("LEVEL", "WORD") and token.type in _LEVEL_JOINS
        if token.type == "LEVEL" or _points(token) or joins:
            run.append(token)
        elif run or token.type not in _BEFORE_LEVEL:
            break
    return run if not run or run[-1].type in ("LEVEL", "WORD") else run[:-1]


def _points(token: Token) -> str | None:
    """The points written behind a class ("B7" → "7")."""
    found = _LEVEL_WITH_POINTS.fullmatch(token.text) if token.type == "WORD" else None
    return found["points"] if found else None


def _end_of(token: Token, score: str, *, highest: bool) -> str:
    """The lowest or highest points of a class."""
    ends = _POINTS[score][str(int(token.value))]
    return str(ends[-1 if highest else 0])


def _as_number(token: Token, points: str) -> None:
    token.type, token.value, token.senses = "NUM", points, {}


def limits_by_finding(tokens: list[Token]) -> list[Token]:
    """ "≤ 2.5 × ULN, or ≤ 5 × ULN with liver metastases": of two limits, the finding says for whom the second is.

    So does "without" behind the first. A single limit "with" a finding asks for both and is left alone.
    """
    if len([None for token in tokens if token.type in COMPARING]) < 2:
        return tokens
    out = list(tokens)
    for at in range(len(tokens) - 1, 0, -1):
        kind = _finding_behind(tokens, at)
        if kind is None:
            continue
        behind = _before(tokens, at)
        follows = behind is not None and behind.type in _LIMIT_ENDS and _has_partner(tokens, at)
        opens = behind is not None and behind.type in ("SEMI", "COMMA", "LPAR") and _limit_follows(tokens, at)
        if kind == "without" and follows:
            out.insert(at, Token("IF", "if", tokens[at].start, tokens[at].start, ""))
        elif kind == "with" and (follows or opens):
            tokens[at].type, tokens[at].value = "IF", tokens[at].text
    return out


def _finding_behind(tokens: Sequence[Token], at: int) -> str | None:
    """ "with" or "without", where a condition the patient has stands behind the word at *at*."""
    word = tokens[at].text.lower()
    kind = "with" if word in _WITH else "without" if word in _WITHOUT else None
    if kind is None:
        return None
    behind = [one for one in _unaside(tokens, at + 1) if one.type not in ("FILL", "GLUE", "MOD", "ORGAN")]
    if not behind:
        return None
    named = behind[0]
    if named.type == "VAR":  # a quantity that is only named is a finding ("liver involvement")
        measured = len(behind) >= _FEW and behind[1].type in (*COMPARING, "NUM", "NORMAL")
        if measured or named.text.lower().split()[-1] in table("reading")["small"]["dimensions"]:
            return None
        named.type = "WORD"
        return kind
    if named.type != "CONCEPT":
        return None
    return kind if concepts.catalogue()[str(named.value)].kind in ("condition", "state") else None


def _unaside(tokens: Sequence[Token], at: int) -> list[Token]:
    """The next few tokens, without what stands in parentheses: "with a body weight (to the nearest kg) ≥ 50 kg"."""
    kept: list[Token] = []
    depth = 0
    for token in tokens[at : at + 3 * _NEAR]:
        depth += token.type == "LPAR"
        if depth == 0:
            kept.append(token)
        depth -= token.type == "RPAR" and depth > 0
    return kept[: _NEAR + 1]


def _before(tokens: Sequence[Token], at: int) -> Token | None:
    return next((one for one in reversed(tokens[:at]) if one.type not in ("FILL", "GLUE", "RPAR")), None)


def _has_partner(tokens: Sequence[Token], at: int) -> bool:
    """Whether a second limit of the same quantity stands beside the one before *at*."""
    limits = [i for i in _clause(tokens, at) if tokens[i].type in COMPARING]
    near = max((i for i in limits if i < at), default=None)
    return near is not None and any(
        {tokens[i].type for i in range(one + 1, other)} & {"OR", "COMMA", "AND", "LPAR", "SEMI"}
        and not any(tokens[i].type in ("VAR", "SCALE") for i in range(one + 1, other))
        for one, other in pairwise(limits)
        if near in (one, other)
    )


def _limit_follows(tokens: Sequence[Token], at: int) -> bool:
    for token in tokens[at + 1 : at + 3 + _NEAR]:
        if token.type in COMPARING:
            return True
        if token.type in ("SEMI", "DOT", "VAR", "RPAR"):
            return False
    return False


def _clause(tokens: Sequence[Token], at: int) -> range:
    first = next((i + 1 for i in range(at - 1, -1, -1) if tokens[i].type == "DOT"), 0)
    last = next((i for i in range(at, len(tokens)) if tokens[i].type == "DOT"), len(tokens))
    return range(first, last)


_LISTED = frozenset({"FILL", "GLUE", "OR", "COMMA", "SLASH", "CONCEPT", "QUAL", "WORD", "DASH"})
_DATED_WITH = _LISTED | {"AND", "THEN", "MOD"}


def dated_qualifiers(tokens: list[Token]) -> list[Token]:
    """ "(no transfusion within 7 days)": a circumstance with a time of its own, or the first of a list, denies an
    event."""
    kept: list[Token] = []
    for at, token in enumerate(tokens):
        told = token.type == "QUAL" and (_is_dated(tokens, at) or _opens_list(tokens, at))
        denied = _denied(token) if told else None
        if denied is None:
            kept.append(token)
            continue
        first = token.start + len(token.text.split(" ", 1)[0])
        kept.append(Token("MOD", DENIAL, token.start, first, token.text[: first - token.start]))
        kept.append(Token("CONCEPT", denied, first, token.end, token.text[first - token.start :].strip()))
    return kept


def attested_qualifiers(tokens: list[Token]) -> list[Token]:
    """ "Platelets < 75 (no transfusion within 7 days)" among exclusions: in what circumstances, a person must say.

    Its length of time dates no platelets, and nobody is excluded for want of a transfusion.
    """
    for at, token in enumerate(tokens):
        if token.type != "QUAL" or at < _FEW or tokens[at - 1].type != "LPAR" or tokens[at - 2].type == "QUAL":
            continue
        if _denied(token) is not None and _is_dated(tokens, at):
            token.type, token.value = "JUDGE", token.text
            for one in tokens[at + 1 :]:
                if one.type == "RPAR":
                    break
                one.type = "GLUE"
    return tokens


def _denied(token: Token) -> str | None:
    """The event whose absence a circumstance says; None where it says none, or says it in one word."""
    denied = table("qualifiers")[token.value].get("denies")
    return str(denied) if denied and " " in token.text else None


def _is_dated(tokens: Sequence[Token], at: int) -> bool:
    """Whether a length of time follows, behind nothing but further events."""
    end = next((here for here in range(at + 1, len(tokens)) if tokens[here].type not in _DATED_WITH), len(tokens))
    counts = end < len(tokens) and tokens[end].type in ("WITHIN", *COMPARING)
    return counts and any(one.type == "TIME" for one in tokens[end + 1 : end + 4])


def _opens_list(tokens: Sequence[Token], at: int) -> bool:
    """Whether a list of further events follows, joined by "or" ("without transfusion, G-CSF or other support")."""
    rest = tokens[at + 1 :]
    end = next((here for here, token in enumerate(rest) if token.type not in _LISTED), len(rest))
    closed = end == len(rest) or rest[end].type in ("WITHIN", "RPAR", "DOT", "SEMI", *COMPARING)
    kinds = [token.type for token in rest[:end]]
    return closed and kinds[:1] in (["OR"], ["COMMA"]) and "OR" in kinds and kinds[-1:] != ["OR"]


def _scores() -> dict[str, str]:
    """The score of each scale of classes."""
    return {found.classes: found.id for found in variables.catalogue().values() if found.classes}


def named_lists(tokens: list[Token]) -> list[Token]:
    """ "enzymes (ALP, AST) < 2 × ULN": behind a word nobody knows the names in parentheses carry the limit."""
    for at in range(1, len(tokens) - 4):
        if tokens[at].type != "LPAR" or tokens[at - 1].type != "WORD" or tokens[at + 1].type != "VAR":
            continue
        end = at + 2
        while end + 1 < len(tokens) and tokens[end].type in _JOINS and tokens[end + 1].type == "VAR":
            end += 2
        if end > at + 2 and end + 1 < len(tokens) and tokens[end].type == "RPAR" and tokens[end + 1].type in COMPARING:
            tokens[at - 1].type = tokens[at].type = tokens[end].type = "FILL"
    return tokens
