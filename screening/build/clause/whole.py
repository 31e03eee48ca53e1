"""Clauses that only a person can weigh as a whole: read word by word they would demand what they do not.

"Neoadjuvant chemotherapy, if given, …" asks nobody for chemotherapy, "no more than one taxane regimen" nobody for a
taxane, and "2 to < 6 years 0.8" is a row of a table, not an age.
"""

from __future__ import annotations

from collections.abc import Sequence

from screening.parse.tokens import COMPARING, Token
from screening.resources import table

_WHOLE = table("reading")["weighed_whole"]
_GIVEN = frozenset(_WHOLE["given"])
_ONE_ONLY = frozenset(_WHOLE["one_only"])
_SINCE = frozenset(_WHOLE["since"])
_SMALL = frozenset({"FILL", "GLUE", "MOD", "DASH"})
_ENDS = frozenset({"COMMA", "DOT", "SEMI", "RPAR", "AND"})
_UPPER = frozenset({"LE", "LT"})
_MEASURED = frozenset({"VAR", "SCALE"})
_BOUNDS = frozenset({"NUM", "TIME", "TO", "LT", "LE", "GT", "GE", "POSTGE"})
_ROW = _BOUNDS | {"SEX", "LPAR", "RPAR", "SEMI", "DOT", "FILL", "GLUE", "COMMA", "UNIT", "DASH"}


def weigh_whole(tokens: Sequence[Token]) -> None:
    """Makes the first word of such a clause one for a person, or the words of the count."""
    if not tokens:
        return
    kinds = {token.type for token in tokens}
    compared = bool(kinds & set(COMPARING))
    if (
        is_row(tokens)
        or ("COLON" in kinds and _since_half_lives(tokens))
        or (not compared and (_if_given(tokens) or _not_both(tokens)))
    ):
        tokens[0].become("JUDGE")
    elif kinds & _UPPER and "CONCEPT" in kinds:
        _counts(tokens)


def is_row(tokens: Sequence[Token]) -> bool:
    """Whether a clause is an age in years and then a bare number: a row of a table that lost its lines."""
    kinds = [token.type for token in tokens]
    tokens = tokens[kinds.index("COLON") + 1 :] if "COLON" in kinds[:-1] else tokens
    if tokens[0].type not in ("NUM", "GE", "GT", "LT", "LE") or any(token.type not in _ROW for token in tokens):
        return False
    year = next((at for at, token in enumerate(tokens) if token.type == "TIME"), None)
    if year is None or tokens[year].value != "a":
        return False
    behind = [token for token in tokens[year + 1 :] if token.type not in ("FILL", "GLUE")]
    return bool(behind) and behind[0].type == "NUM" and all(token.type != "TIME" for token in behind)


def _since_half_lives(tokens: Sequence[Token]) -> bool:
    """ "Checkpoint inhibitors: at least 3 half-lives since the last dose": a washout, behind what is washed out."""
    at = next((here for here, token in enumerate(tokens) if token.type == "COLON"), len(tokens))
    behind = tokens[at + 1 :]
    lasting = any("HALFLIFE" in token.senses for token in behind)
    return lasting and any(word in _SINCE for token in behind for word in token.text.lower().split())


def _if_given(tokens: Sequence[Token]) -> bool:
    """ "…, if given, …": behind the name of a treatment."""
    for at in range(1, len(tokens) - 1):
        if tokens[at].text.lower() == "if" and tokens[at + 1].text.lower() in _GIVEN:
            ends = at + 2 == len(tokens) or tokens[at + 2].type in _ENDS
            return ends and any(token.type == "CONCEPT" for token in tokens[:at])
    return False


def _not_both(tokens: Sequence[Token]) -> bool:
    """ "A or B, but not both"."""
    said = " ".join(token.text.lower() for token in tokens[-4:] if token.type not in _ENDS)
    return any(said.endswith(words) for words in _ONE_ONLY)


def _counts(tokens: Sequence[Token]) -> None:
    """ "no more than one prior transplantation": how many are allowed asks for none."""
    for at in range(len(tokens) - 2):
        if tokens[at].type not in _UPPER or tokens[at + 1].type != "NUM":
            continue
        if any(token.type in _MEASURED for token in tokens[:at]):
            continue  # "albumin < 30 without liver disease": the number is the value's
        named = next((token for token in tokens[at + 2 :] if token.type not in _SMALL), None)
        if named is not None and named.type == "CONCEPT":
            tokens[at].become("JUDGE")


__all__ = ["is_row", "weigh_whole"]
