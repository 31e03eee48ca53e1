"""Parentheses that say nothing of their own: part of a word ("(neo)adjuvant"), or the short form of the words before
("carcinoma in situ (CIS)"). They become small words, so that what stands around them is one phrase.
"""

from __future__ import annotations

from collections.abc import Sequence

from screening import concepts
from screening.parse.tokens import COMPARING, Token

_MODIFYING = frozenset({"MOD", "QUAL", "FILL", "DASH"})
_OPENING, _CLOSING = ("(", "["), (")", "]")
_SHORTEST, _LONGEST = 2, 8  # letters of a short form


def glued_parentheses(tokens: list[Token]) -> list[Token]:
    """ "(neo)adjuvant", "child(ren)", "carcinoma in situ (CIS)": what stands in parentheses is no aside."""
    for at in range(len(tokens) - 2):
        left, inner, right = tokens[at : at + 3]
        if left.text == "(" and at and _of_relatives(tokens[at - 1]):
            _open_up(tokens, at)
        if left.text not in _OPENING or right.text not in _CLOSING or inner.type != "WORD":
            continue
        if _inside_a_word(tokens, at) or _short_form(tokens[:at], inner.text):
            for token in (left, inner, right):
                token.type = "FILL"
    return tokens


def shut_out_asides(tokens: list[Token]) -> list[Token]:
    """ "Anticancer treatment (radiotherapy is excluded)": behind a treatment, what is left out of it."""
    for at in range(1, len(tokens) - 3):
        left, inner, barred, right = tokens[at : at + 4]
        if [one.type for one in (left, inner, barred, right)] != ["LPAR", "CONCEPT", "INELIGIBLE", "RPAR"]:
            continue
        if tokens[at - 1].type == "CONCEPT" and _treats(tokens[at - 1]) and _treats(inner):
            barred.type, barred.value = "FILL", ""
            return [*tokens[: at + 1], Token("EXCEPT", "", inner.start, inner.start, ""), *tokens[at + 1 :]]
    return tokens


def _treats(token: Token) -> bool:
    return concepts.catalogue()[str(token.value)].kind in ("drug", "procedure")


def _of_relatives(token: Token) -> bool:
    """Whether a word speaks of the patient's family ("family history")."""
    return any(role == "family" for role, _ in token.senses.get("MOD", ()))


def _open_up(tokens: Sequence[Token], at: int) -> None:
    """ "No family history (first-degree relatives) of glaucoma": the aside parts nothing from what it is of."""
    end = next((here for here in range(at + 1, min(len(tokens), at + _LONGEST)) if tokens[here].type == "RPAR"), None)
    if end is not None and end + 1 < len(tokens) and tokens[end + 1].text.lower() == "of":
        tokens[at].type = tokens[end].type = "FILL"


def bracketed_modifiers(tokens: list[Token]) -> list[Token]:
    """ "active (untreated) brain metastases": words in a parenthesis right before a finding narrow it as those without
    do."""
    for at, token in enumerate(tokens[:-3]):
        if token.type != "LPAR" or "MOD" not in {tokens[at + 1].type, *tokens[at + 1].senses}:
            continue
        end = next((here for here in range(at + 1, len(tokens) - 1) if tokens[here].type not in _MODIFYING), at)
        said = [one for one in tokens[at:end] if "MOD" in {one.type, *one.senses}]
        roles = {role for one in said for role, _ in one.senses.get("MOD", one.value)}
        if tokens[end].type == "RPAR" and tokens[end + 1].type == "CONCEPT" and "negation" not in roles:
            token.type = tokens[end].type = "FILL"
            for one in said:
                if one.type != "MOD":
                    one.become("MOD")
    return tokens


def _inside_a_word(tokens: Sequence[Token], at: int) -> bool:
    """Whether letters touch the parenthesis on either side, and nothing but letters stands in it."""
    left, inner, right = tokens[at : at + 3]
    if not inner.text.isalpha() or (left.end, inner.end) != (inner.start, right.start):
        return False
    behind = tokens[at + 3] if at + 3 < len(tokens) else None
    before = tokens[at - 1] if at else None
    follows = behind is not None and behind.start == right.end and behind.text[:1].islower()
    precedes = before is not None and before.end == left.start and before.text[-1:].islower()
    return follows or (precedes and inner.text.islower())


def _short_form(before: Sequence[Token], short: str) -> bool:
    """Whether capitals stand for the words before them, each letter for the beginning or the middle of one."""
    letters = [sign.casefold() for sign in short if sign.isalpha()]
    if not (_SHORTEST <= len(letters) <= _LONGEST) or sum(map(str.isupper, short)) < _SHORTEST:
        return False
    said = " ".join(token.text for token in before[-2 * len(letters) :])
    words = said.casefold().replace("-", " ").split()
    return any(words[at][0] == letters[0] and _spells(letters, words[at:]) for at in range(len(words)))


def _spells(letters: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the letters occur in the words in this order, one of the later ones at the beginning of a word."""
    if len(words) > len(letters) + 2:
        return False
    rest = iter(" ".join(words))
    begins = len(words) == 1 or any(word[0] in letters[1:] for word in words[1:])
    return begins and all(letter in rest for letter in letters)


def empty_parentheses(tokens: list[Token]) -> list[Token]:
    """ "(inclusive)": parentheses around fillers say nothing."""
    for at in range(len(tokens) - 2):
        if tokens[at].type == "LPAR":
            end = next((i for i in range(at + 1, min(at + 5, len(tokens))) if tokens[i].type != "FILL"), at)
            if end > at + 1 and tokens[end].type == "RPAR":
                tokens[at].type = tokens[end].type = "FILL"
    return tokens


def lone_signs(tokens: list[Token]) -> list[Token]:
    """ "AST and ALT (≤) 5 × ULN": a comparison alone in parentheses before its number."""
    for at in range(len(tokens) - 3):
        left, sign, right, number = tokens[at : at + 4]
        before = tokens[at - 1].type if at else ""
        aside = (left.type, right.type, number.type) == ("LPAR", "RPAR", "NUM") and sign.type in COMPARING
        if aside and before not in ("NUM", "UNIT", "TIME"):
            left.type = right.type = "FILL"
    return tokens


__all__ = ["bracketed_modifiers", "empty_parentheses", "glued_parentheses", "lone_signs", "shut_out_asides"]
