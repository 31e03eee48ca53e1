"""What texts count and measure of tumours and their products: one lesion so long, a protein in another specimen, and
what stands beside a limit of normal without being a multiple of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile

from screening import concepts, variables
from screening.parse.tokens import COMPARING, Token
from screening.resources import table

_SPECIMENS = table("measures")["specimens"]
SPECIMENS = frozenset(name for family in _SPECIMENS.values() for name in family)
_DAILY = {key: frozenset(found) for key, found in table("measures")["daily"].items()}
PER_DAY = _DAILY["words"]
_UNNORMED = frozenset(table("measures")["unnormed"]["variables"])
_BY = frozenset(table("reading")["placing"]["words"]) | {"by"}
_REFERENCES = frozenset({"ULN", "LLN"})
_FAR = 9  # tokens behind "outside" that may name the range
_PASSED = frozenset({"FILL", "GLUE"})
_CALLED = _PASSED | {"WORD", "MOD"}
_THINGS = frozenset(table("measures")["things"]["variables"])
_LINKS = frozenset({"COLON", *COMPARING})
_ONE = ONE = frozenset({"1", "one"})
_DESCRIBED = 4  # words between the number and the lesion ("one bidimensionally measurable nodal lesion")
_FAR = 9  # words from a lesion to its size


def one_lesion(tokens: list[Token]) -> list[Token]:
    """ "At least one measurable lesion ≥ 10 mm": the largest is so long exactly if one is; the count adds nothing."""
    for at, token in enumerate(tokens):
        if token.type != "VAR" or variables.catalogue()[token.value].aggregate is None or not _sized(tokens, at):
            continue
        counted = [here for here in range(max(0, at - _DESCRIBED), at) if tokens[here].text.lower() in _ONE]
        if not counted or any(one.type in (*COMPARING, "COMMA", "SEMI") for one in tokens[counted[-1] + 1 : at]):
            continue
        first = counted[-1]
        tokens[first].type = "FILL"
        if first and tokens[first - 1].type in ("GE", "POSTGE"):
            tokens[first - 1].type = "FILL"
    return tokens


def _sized(tokens: Sequence[Token], at: int) -> bool:
    """Whether a least size follows before anything else is named."""
    for token, number in pairwise(tokens[at + 1 : at + 1 + _FAR]):
        if token.type in ("GE", "GT"):
            return number.type == "NUM"
        if token.type in ("VAR", "SCALE", "SEMI", "DOT", "LT", "LE"):
            return False
    return False


def timed_lesions(tokens: list[Token]) -> list[Token]:
    """ "Radiotherapy for bone lesions: 14 days", "lesions ≤ 2 weeks before": a length of time is no size of one."""
    for token, *behind in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        if token.type != "VAR" or token.value not in _THINGS or behind[0].type not in _LINKS:
            continue
        if (behind[1].type, behind[2].type) == ("NUM", "TIME"):
            token.type, token.senses = "GLUE", {}
    return tokens


def other_specimens(tokens: list[Token]) -> list[Token]:
    """ "paraprotein in serum (≥ 5 g/L) or urine (≥ 200 mg/24 h)": the specimen stands for the same protein in it."""
    named: str | None = None
    for at, token in enumerate(tokens):
        if token.type == "VAR":
            named = str(token.value)
        elif named in _SPECIMENS and token.text.lower() in _SPECIMENS[named] and _limited(tokens, at):
            token.type, token.value = "VAR", _SPECIMENS[named][token.text.lower()]
    return tokens


def _limited(tokens: Sequence[Token], at: int) -> bool:
    """Whether a limit stands right behind, in a parenthesis or not."""
    kinds = [token.type for token in tokens[at + 1 : at + 4] if token.type not in ("FILL", "LPAR")]
    return bool(kinds) and kinds[0] in COMPARING


def unnormed(tokens: list[Token]) -> list[Token]:
    """ "hepatic involvement by tumour < 5 × ULN": no lesion has a normal range: the limit is another's."""
    for at, token in enumerate(tokens):
        if token.type != "VAR" or token.value not in _UNNORMED:
            continue
        near = [one for one in tokens[at + 1 : at + 6] if one.type != "FILL"][:4]
        kinds = [one.type for one in near]
        if kinds[:1] and kinds[0] in COMPARING and not _REFERENCES.isdisjoint(kinds) and "UNIT" not in kinds:
            before = tokens[at - 1] if at else token
            token.type = "FILL" if before.text.lower() in _BY else "WORD"
    return tokens


def beside_normal(tokens: list[Token]) -> list[Token]:
    """ "no more than 2 g/dL below the lower limit of normal": how far from the limit of normal is no level; that limit
    is the laboratory's own, so that a person must say."""
    for at, token in enumerate(tokens):
        if token.type not in _REFERENCES:
            continue
        before = [here for here in range(max(0, at - 5), at) if tokens[here].type not in ("FILL", "GLUE")]
        kinds = [tokens[here].type for here in before]
        if kinds[-3:-1] == ["NUM", "UNIT"] and kinds[-1] in ("LT", "GT") and tokens[before[-1]].text.isalpha():
            first = before[-4] if len(before) > 3 and kinds[-4] in COMPARING else before[-3]
            for one in tokens[first : at + 1]:
                one.type, one.senses = "GLUE", {}
            tokens[first].type = "JUDGE"
    return tokens


def beyond_normal(tokens: list[Token]) -> list[Token]:
    """ "outside the laboratory's normal range" is a limit of its own, beside "outside 18-75" and "outside the normal
    range (0.4-4.0)", "outside the normal range of 0.4-4.0"; what a range is called is left out."""
    for at, token in enumerate(tokens):
        if token.type != "OUTSIDE":
            continue
        behind = tokens[at + 1 : at + _FAR]
        called = len(list(takewhile(lambda one: not _CALLED.isdisjoint((one.type, *one.senses)), behind)))
        range_, *rest = [one.type for one in behind[called:] if _PASSED.isdisjoint((one.type, *one.senses))] or [""]
        if range_ not in ("NORMAL", *_REFERENCES) or rest[:2] == ["LPAR", "NUM"]:
            continue
        numbered = rest[:1] == ["NUM"]
        token.type = token.type if numbered else "BEYOND"
        for one in behind[: called + numbered]:
            one.type = "FILL"
    return tokens


def per_day(tokens: list[Token]) -> list[Token]:
    """ "steroids > 10 mg prednisone or equivalent daily": the drug said again, and "daily", add nothing."""
    named = None
    for at, token in enumerate(tokens):
        if token.type == "VAR" and token.value in _DAILY["variables"]:
            named = token
        if token.type != "UNIT" or (named is None and not _dose_behind(tokens, at)):
            continue
        for one in tokens[at + 1 : at + 7]:
            again = one.senses.get("VAR", one.value) in _DAILY["variables"] and named is not None
            if again or one.text.lower() in PER_DAY:
                one.type = "FILL"
            elif one.type not in ("FILL", "VAR", "LPAR", "RPAR") and one.text.lower() not in _DAILY["small"]:
                break
    return tokens


def _dose_behind(tokens: Sequence[Token], at: int) -> bool:
    return any(one.type == "VAR" and one.value in _DAILY["variables"] for one in tokens[at + 1 : at + 3])


def at_least_one(tokens: list[Token]) -> list[Token]:
    """ "refractory to ≥ 1 proteasome inhibitor": one at least is what naming it asks for."""
    for sign, number, named in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if sign.type == "GE" and number.text.lower() in _ONE and _is_done(named):
            sign.type = number.type = "FILL"
    return tokens


def _is_done(token: Token) -> bool:
    return token.type == "CONCEPT" and concepts.catalogue()[str(token.value)].kind in ("drug", "procedure")
