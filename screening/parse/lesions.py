"""What texts count and measure of tumours and their products: one lesion so long, a protein in another specimen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from screening import variables
from screening.parse.tokens import COMPARING, Token
from screening.resources import table

_SPECIMENS = table("measures")["specimens"]
SPECIMENS = frozenset(name for family in _SPECIMENS.values() for name in family)
_ONE = frozenset({"1", "one"})
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
