"""Treatments that must have ended so long ago: "must have been stopped for at least 4 weeks".

They say what "at least 4 weeks ago" says, so the length of time is given that word; the verb adds nothing to it.
"""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import COMPARING, Token
from screening.resources import table

_ENDED = table("reading")["ended"]
ENDING = frozenset(_ENDED["words"])
_FAR = 8  # tokens from the verb to the length of time
_RELATIONS = frozenset({"BEFORE", "AFTER", "AGO"})
_PASSED = frozenset({"FILL", "GLUE", "MOD", "CONCEPT", "VAR", "OR", "AND", "COMMA", "BEFORE"})


def stopped(tokens: list[Token]) -> list[Token]:
    """The tokens with each such length of time as one that counts back; its verb and "for" as small words."""
    out = list(tokens)
    for verb in tokens:
        if verb.text.lower() not in ENDING:
            continue
        at = out.index(verb)
        lasting = _length(out, at)
        if lasting is None:
            continue
        first, last = lasting
        verb.type = "FILL"
        _demanded(out, at)
        for one in out[at + 1 : first]:
            if one.text.lower() in _ENDED["links"]:
                one.type = "FILL"
        if not any(one.type in _RELATIONS for one in out[last + 1 : last + 3]):
            end = out[last].end
            out.insert(last + 1, Token("AGO", "ago", end, end, ""))
        if out[first].type == "EQ":
            _restored(out[first:])
        if out[first].type == "NUM":
            out.insert(first, Token("GE", "≥", out[first].start, out[first].start, "≥"))
    return out


def _restored(behind: Sequence[Token]) -> None:
    """ "Discontinued A = 4 weeks, or B = 6 weeks before": the signs lost a stroke; nothing ended on that very day."""
    for sign, _, unit in zip(behind, behind[1:], behind[2:], strict=False):
        if sign.type == "EQ" and unit.type == "TIME":
            sign.type = "GE"


def _length(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """The places of the sign or number and of the unit of the length of time behind a verb."""
    for here in range(at + 1, min(at + _FAR, len(tokens) - 1)):
        token = tokens[here]
        if token.type in COMPARING or token.type == "NUM":
            number = here if token.type == "NUM" else here + 1
            timed = token.type in ("GE", "GT", "EQ", "NUM") and number + 1 < len(tokens)
            return (here, number + 1) if timed and tokens[number + 1].type == "TIME" else None
        if token.type not in _PASSED and token.text.lower() not in _ENDED["links"]:
            return None
    return None


def _demanded(tokens: Sequence[Token], at: int) -> None:
    """ "must have been" before the verb parts no group of people from a demand on them."""
    for token in reversed(tokens[max(0, at - 3) : at]):
        if token.type == "THEN":
            token.type = "FILL"


__all__ = ["ENDING", "stopped"]
